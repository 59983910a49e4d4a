/* contrib/openapi.json against the table of routes, both ways: each route is described,
 * with its words, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <strings.h>
#include "door/api.h"

static const char path[] = "contrib/openapi.json";

static json_t *read_paths(json_t **document)
{
	json_error_t error;
	*document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!*document)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return json_object_get(*document, "paths");
}

/* Of a method in capitals. */
static json_t *operation(json_t *paths, const struct api_route *route)
{
	char method[16] = "";
	for (size_t i = 0; route->method[i] && i + 1 < sizeof method; i++)
		method[i] = (char)(route->method[i] | 0x20);
	return json_object_get(json_object_get(paths, route->path), method);
}

/* Does one of the ways in that it names need that scheme? */
static bool opens(json_t *operation, const char *scheme)
{
	json_t *way;
	size_t i;
	json_array_foreach(json_object_get(operation, "security"), i, way)
	{
		if (json_object_get(way, scheme))
			return true;
	}
	return false;
}

static void each_route_is_described(void **state)
{
	json_t *document, *paths = read_paths(&document);
	const struct api_route *routes = api_routes();
	(void)state;
	for (size_t i = 0; routes[i].method; i++) {
		json_t *found = operation(paths, &routes[i]);
		const char *says = json_string_value(json_object_get(found, "summary"));
		if (!found)
			fail_msg(
			        "%s lacks %s %s", path, routes[i].method, routes[i].path);
		if (!says || strcasecmp(says, routes[i].what) != 0)
			fail_msg(
			        "%s: the summary of %s %s is \"%s\", in the table \"%s\"",
			        path, routes[i].method, routes[i].path, says,
			        routes[i].what);
	}
	json_decref(document);
}

static void nothing_else_is(void **state)
{
	json_t *document, *paths = read_paths(&document), *item, *one;
	const struct api_route *routes = api_routes();
	const char *where, *method;
	(void)state;
	json_object_foreach(paths, where, item) json_object_foreach(item, method, one)
	{
		size_t i = 0;
		while (routes[i].method && (strcmp(routes[i].path, where) != 0 ||
		                                   strcasecmp(routes[i].method, method)))
			i++;
		if (!routes[i].method)
			fail_msg("%s: the daemon has no %s %s", path, method, where);
	}
	json_decref(document);
}

static void who_may_is_told(void **state)
{
	json_t *document, *paths = read_paths(&document);
	const struct api_route *routes = api_routes();
	(void)state;
	for (size_t i = 0; routes[i].method; i++) {
		json_t *found = operation(paths, &routes[i]);
		bool public = api_route_public(i),
		     till = api_route_till(i) && !public &&
		            strcmp(routes[i].path, "/healthz") != 0;
		if (public != json_is_true(json_object_get(found, "x-public")) ||
		        public != opens(found, "signature") ||
		        till != opens(found, "post-token"))
			fail_msg("%s: who may call %s %s is not the table's", path,
			        routes[i].method, routes[i].path);
	}
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_route_is_described),
	        cmocka_unit_test(nothing_else_is),
	        cmocka_unit_test(who_may_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
