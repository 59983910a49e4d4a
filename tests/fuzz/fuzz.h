/* What the fuzz targets share: the text as a file that ends with a NUL. A target never
 * looks at what comes out but for what must hold of it. */
#ifndef DANGOL_FUZZ_H
#define DANGOL_FUZZ_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "language/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Borrows nothing: text is new. */
static inline struct program_file fuzz_file(const uint8_t *data, size_t size)
{
	return (struct program_file){.name = "f.rule",
	        .text = mem_strndup((const char *)data, size),
	        .len = size};
}

/* A store of its own that is gone with the process; ends it when there is none. */
static inline struct db *fuzz_store(char folder[64])
{
	char path[128], why[512];
	struct db *db;

	snprintf(folder, 64, "/tmp/dangol-fuzz-XXXXXX");
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/shop.db", folder);
	if (db_open(&db, path, false, why) != DB_OPENED)
		abort();
	return db;
}

#endif
