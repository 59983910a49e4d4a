/* QR codes (ISO/IEC 18004) by libqrencode, with the quiet zone of four modules that the
 * standard asks for. It opens no file and prints nothing. */
#include "base/qr.h"

#include <qrencode.h>
#include <string.h>

#define QUIET 4

static QRcode *encode(const char *text)
{
	return QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
}

/* Outside of the code everything is light. */
static bool dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & 1;
}

static void add_line(const QRcode *code, int y, struct buf *out)
{
	static const char *const halves[2][2] = {{"█", "▀"}, {"▄", " "}};
	for (int x = -QUIET; x < code->width + QUIET; x++)
		buf_adds(out, halves[dark(code, x, y)][dark(code, x, y + 1)]);
}

bool qr_terminal(const char *text, bool colours, struct buf *out)
{
	QRcode *code = encode(text);
	if (!code)
		return false;
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		buf_adds(out, colours ? "\033[97;40m" : "");
		add_line(code, y, out);
		buf_adds(out, colours ? "\033[0m\n" : "\n");
	}
	QRcode_free(code);
	return true;
}

bool qr_svg(const char *text, struct buf *out)
{
	QRcode *code = encode(text);
	if (!code)
		return false;
	int size = code->width + 2 * QUIET;
	buf_printf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	        "width=\"%dmm\" height=\"%dmm\" shape-rendering=\"crispEdges\">\n"
	        "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path d=\"",
	        size, size, size, size, size, size);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			if (dark(code, x, y))
				buf_printf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	buf_adds(out, "\"/>\n</svg>\n");
	QRcode_free(code);
	return true;
}
