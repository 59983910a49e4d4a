/* Any bytes through the lexer: tokens lie in order inside of the text, and asking for
 * comments changes no other token. */
#include "fuzz.h"
#include "language/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_file file = fuzz_file(data, size);
	struct lexer lexer, with;
	struct token token, other;
	struct diag diag;
	size_t last = 0;

	diag_init(&diag);
	lexer_init(&lexer, file.name, file.text, size, diag.arena, &diag);
	lexer_init(&with, file.name, file.text, size, diag.arena, &diag);
	with.comments = true;
	do {
		lexer_next(&lexer, &token);
		do {
			lexer_next(&with, &other);
		} while (other.kind == TOKEN_COMMENT);
		assert(token.from >= last && token.to >= token.from);
		assert(token.to <= lexer.len && token.width > 0);
		assert(token.kind == TOKEN_END || token.to > token.from);
		assert(token.kind == other.kind && token.from == other.from &&
		        token.to == other.to && token.line == other.line);
		/* The end's column is that of a comment before it. */
		assert(token.kind == TOKEN_END || token.column == other.column);
		last = token.to;
	} while (token.kind != TOKEN_END);
	diag_fini(&diag);
	free((char *)file.text);
	return 0;
}
