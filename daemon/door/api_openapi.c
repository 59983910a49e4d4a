/* GET /v1/openapi.json: the description of the API, contrib/openapi.json, as it was when
 * the program was built. It holds no data of the shop's. */
#include "door/api.h"
#include "door/routes.h"

/* The file's bytes, then a NUL. The assembler reads it from the top of the sources, where
 * make runs. */
__asm__(".pushsection .rodata\n"
        ".global api_description\n"
        "api_description:\n"
        ".incbin \"contrib/openapi.json\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char api_description[];

void api_openapi_get(struct call *call)
{
	call_static(call, 200, api_description);
}
