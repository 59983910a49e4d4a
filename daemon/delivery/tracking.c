/* Addresses of counted links, made while a message is written. Counting is not done
 * here. */
#include "delivery/tracking.h"

#include <string.h>
#include "delivery/dispatch_inner.h"
#include "delivery/token.h"
#include "store/link.h"

bool tracking_begin(struct tracking *tracking, const struct dispatch *dispatch,
        const struct message *message, struct arena *arena)
{
	const char *channel = message->channel;

	bool test = message->flags & MESSAGE_TEST;

	/* What is opened of a test says nothing of a customer. */
	*tracking = (struct tracking){
	        .dispatch = dispatch, .arena = arena, .message = test ? 0 : message->id};
	return dispatch->engine->shop->public_url && dispatch->has_link_key &&
	       (test || message->customer != CUSTOMER_OWNER) &&
	       strcmp(channel, "alimtalk") != 0 && strcmp(channel, DISPATCH_OWNER) != 0 &&
	       strcmp(channel, DISPATCH_POST) != 0;
}

/* Each once, so that it is known when all were opened. */
static bool note(struct tracking *tracking, int64_t link)
{
	for (int i = 0; i < tracking->n; i++)
		if (tracking->links[i] == link)
			return true;
	if (tracking->n == TRACKING_MAX)
		return false;
	tracking->links[tracking->n++] = link;
	return true;
}

const char *tracking_link(void *arg, const char *url)
{
	struct tracking *tracking = arg;
	const struct dispatch *d = tracking->dispatch;
	int64_t link = link_id(d->engine->db, url);
	char token[TOKEN_CLICK_SIZE];

	if (!link || link > TOKEN_LINKS || !note(tracking, link))
		return url;
	token_make_click(d->link_key, tracking->message, link, token);
	return arena_printf(
	        tracking->arena, "%s/c/%s", d->engine->shop->public_url, token);
}
