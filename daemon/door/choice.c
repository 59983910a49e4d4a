/* Boxes of public pages. It shows and reads them; who keeps what was ticked is the page.
 */
#include <string.h>
#include "door/api.h"
#include "door/choice.h"

bool choice_offered(const struct call *call, const char *medium)
{
	const struct api *api = call->api;
	const char *channel = !strcmp(medium, "kakao") ? "brandmessage" : medium;
	for (size_t i = 0; i < api->n_channels; i++)
		if (!strcmp(api->channels[i].name, channel))
			return true;
	return false;
}

static const char *names_of(const struct page *page, const char *const *media, size_t n)
{
	const char *names = "";
	for (size_t i = 0; i < n; i++)
		names = arena_printf(page->call->arena, "%s%s%s", names, i ? ", " : "",
		        page_medium(page->tongue, media[i]));
	return names;
}

struct choice choice_make(const struct page *page, const char *name,
        enum wording_kind kind, const char *const *media, size_t n)
{
	struct choice choice = {.name = name, .kind = kind, .n = n};
	for (size_t i = 0; i < n && i < CHOICE_CHANNELS; i++)
		choice.channels[i] = media[i];
	if (kind == WORDING_DATA) {
		choice.channels[0] = "data";
		choice.n = 1;
	}
	choice.text = wording_text(kind, page->tongue, page_shop(page),
	        names_of(page, media, n), page->call->arena);
	return choice;
}

const char *choice_purpose(const struct choice *choice)
{
	return choice->kind == WORDING_NIGHT ? "night" : "ad";
}

/* Up to the colon of the wording. */
static const char *heading_of(const struct page *page, const struct choice *choice)
{
	return arena_strndup(page->call->arena, choice->text, strcspn(choice->text, ":"));
}

void choice_box(
        struct page *page, const struct choice *choice, bool ticked, const char *note)
{
	const char *heading = heading_of(page, choice);
	buf_printf(&page->html,
	        "<div class=\"box\"><input type=\"checkbox\" id=\"%s\" name=\"%s\" "
	        "value=\"yes\"%s>\n<label for=\"%s\"><strong>",
	        choice->name, choice->name, ticked ? " checked" : "", choice->name);
	page_text(page, heading);
	page_put(page, "</strong><span class=\"small\">");
	page_text(page, choice->text + strlen(heading) + 1 +
	                        (choice->text[strlen(heading) + 1] == ' '));
	page_put(page, "</span>");
	if (note) {
		page_put(page, "<span class=\"small\">");
		page_text(page, note);
		page_put(page, "</span>");
	}
	page_put(page, "</label></div>\n");
}

bool choice_ticked(const struct form *form, const struct choice *choice)
{
	return form_get(form, choice->name) != NULL;
}

static void list(struct page *page, enum page_word name, const struct choice *choices,
        const bool *ticked, bool wanted, size_t n)
{
	size_t shown = 0;
	page_say(page, "dt", name);
	page_put(page, "<dd>");
	for (size_t i = 0; i < n; i++) {
		if (ticked[i] != wanted)
			continue;
		page_put(page, shown++ ? "</li>\n<li>" : "<ul><li>");
		page_text(page, heading_of(page, &choices[i]));
	}
	page_put(page, shown ? "</li></ul>" : page_word(page->tongue, PAGE_NOTHING));
	page_put(page, "</dd>\n");
}

void choice_tell(
        struct page *page, const struct choice *choices, const bool *ticked, size_t n)
{
	list(page, PAGE_GIVEN, choices, ticked, true, n);
	list(page, PAGE_NOT_GIVEN, choices, ticked, false, n);
}
