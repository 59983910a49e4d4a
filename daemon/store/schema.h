/* The schema and its history: an append-only list of migrations. The comments beside each
 * column in schema.c are the data dictionary. */
#ifndef DANGOL_SCHEMA_H
#define DANGOL_SCHEMA_H

struct migration {
	const char *what;
	const char *sql; /* statements, separated by semicolons */
};

extern const struct migration schema_migrations[];
extern const int schema_version; /* how many there are; PRAGMA user_version of an
                                    up-to-date store */

#endif
