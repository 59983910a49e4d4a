/* A state machine over a chunked body's framing. It never reads a size that is longer
 * than eight digits. */
#include <string.h>
#include "door/chunk.h"

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, END_CR, END_LF };

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void chunk_init(struct chunk *chunk)
{
	memset(chunk, 0, sizeof *chunk);
}

static enum chunk_state on_size(struct chunk *chunk, char c, uint64_t most)
{
	int digit = hex(c);
	if (digit >= 0) {
		if (++chunk->digits > 8)
			return CHUNK_BAD;
		chunk->left = chunk->left * 16 + (uint64_t)digit;
		return CHUNK_MORE;
	}
	if (!chunk->digits || (c != '\r' && c != ';'))
		return CHUNK_BAD;
	if (chunk->total + chunk->left > most)
		return CHUNK_LARGE;
	chunk->total += chunk->left;
	chunk->at = c == ';' ? EXTENSION : SIZE_LF;
	return CHUNK_MORE;
}

static enum chunk_state on_extension(struct chunk *chunk, char c)
{
	if (c == '\r')
		chunk->at = SIZE_LF;
	else if ((unsigned char)c < 0x20 || (unsigned char)c > 0x7e ||
	         ++chunk->extensions > CHUNK_EXTENSIONS_MAX)
		return CHUNK_BAD;
	return CHUNK_MORE;
}

static enum chunk_state expect(struct chunk *chunk, char c, char expected, int then)
{
	chunk->at = then;
	return c == expected ? CHUNK_MORE : CHUNK_BAD;
}

static enum chunk_state one_byte(struct chunk *chunk, char c, uint64_t most)
{
	switch (chunk->at) {
	case SIZE:
		return on_size(chunk, c, most);
	case EXTENSION:
		return on_extension(chunk, c);
	case SIZE_LF:
		return expect(chunk, c, '\n', chunk->left ? DATA : END_CR);
	case DATA_CR:
		return expect(chunk, c, '\r', DATA_LF);
	case DATA_LF:
		chunk->digits = 0;
		return expect(chunk, c, '\n', SIZE);
	case END_CR:
		return expect(chunk, c, '\r', END_LF);
	default:
		return c == '\n' ? CHUNK_DONE : CHUNK_BAD;
	}
}

enum chunk_state chunk_scan(
        struct chunk *chunk, const char *data, size_t len, uint64_t most, size_t *used)
{
	enum chunk_state state = CHUNK_MORE;
	size_t i = 0;
	while (i < len && state == CHUNK_MORE) {
		if (chunk->at != DATA) {
			state = one_byte(chunk, data[i++], most);
			continue;
		}
		size_t take = chunk->left < len - i ? (size_t)chunk->left : len - i;
		i += take;
		chunk->left -= take;
		if (!chunk->left)
			chunk->at = DATA_CR;
	}
	*used = i;
	return state;
}
