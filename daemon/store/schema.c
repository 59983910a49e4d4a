/* The schema, as the append-only list of steps that lead to it. A step that was released
 * is never edited; it may not be reordered or removed. Instants are ms since the epoch,
 * money is whole won, 0 and 1 are no and yes. */
#include "store/schema.h"

/* clang-format off */
static const char first[] =
	/* The daemon's own small settings: store_id, store_key, rehearsal, clock_high, cursors. */
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"

	/* A customer and what rules ask of him most. ref is the shop's id, "~N" where the shop gave none. */
	"CREATE TABLE customer("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"			/* erased ones leave -id behind: never used again */
	" ref TEXT NOT NULL,"
	" visitor TEXT,"
	" named INTEGER,"						/* bytes of its name, which stands in person with phone and e-mail */
	" phone_key BLOB, email_key BLOB,"				/* the indexes of these, by which they are compared */
	" birth_year INTEGER, birth_md INTEGER,"			/* md = month * 100 + day */
	" birth_lunar INTEGER NOT NULL DEFAULT 0, birth_leap INTEGER NOT NULL DEFAULT 0,"
	" gender TEXT, city TEXT, grade TEXT, language TEXT,"
	" friend INTEGER,"						/* NULL: not known */
	" joined_at INTEGER,"
	" attributes TEXT,"						/* a JSON object, persons' values in it sealed, or NULL */
	" created_at INTEGER NOT NULL,"
	" seen_at INTEGER NOT NULL,"
	" left_at INTEGER,"						/* customer.left */
	" orders_count INTEGER NOT NULL DEFAULT 0,"
	" orders_total INTEGER NOT NULL DEFAULT 0,"			/* paid minus refunded */
	" orders_first_at INTEGER, orders_last_at INTEGER,"
	" visits_count INTEGER NOT NULL DEFAULT 0, visits_first_at INTEGER, visits_last_at INTEGER,"
	" cart_count INTEGER NOT NULL DEFAULT 0,"			/* lines left in the cart */
	" cart_total INTEGER NOT NULL DEFAULT 0,"
	" busy_day INTEGER, busy_count INTEGER NOT NULL DEFAULT 0,"	/* events of that shop day: over 500, bulk */
	" bulk INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX customer_ref ON customer(ref);"
	"CREATE INDEX customer_visitor ON customer(visitor) WHERE visitor IS NOT NULL;"
	"CREATE INDEX customer_phone ON customer(phone_key) WHERE phone_key IS NOT NULL;"
	"CREATE INDEX customer_email ON customer(email_key) WHERE email_key IS NOT NULL;"
	"CREATE INDEX customer_birth ON customer(birth_lunar, birth_md) WHERE birth_md IS NOT NULL;"
	"CREATE INDEX customer_joined ON customer(joined_at) WHERE joined_at IS NOT NULL;"
	"CREATE INDEX customer_first_order ON customer(orders_first_at) WHERE orders_first_at IS NOT NULL;"
	"CREATE INDEX customer_last_order ON customer(orders_last_at) WHERE orders_last_at IS NOT NULL;"
	"CREATE INDEX customer_bulk ON customer(id) WHERE bulk = 1;"

	/* Who it is: name, phone (E.164) and e-mail address, sealed. Apart, so that a look at everybody passes by, and
	 * together, so that there is one seal to open. */
	"CREATE TABLE person("
	" customer INTEGER PRIMARY KEY REFERENCES customer(id) ON DELETE CASCADE,"
	" value NOT NULL);"
	"CREATE TABLE customer_tag("
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" tag TEXT NOT NULL,"
	" PRIMARY KEY(customer, tag)) WITHOUT ROWID;"
	"CREATE INDEX customer_tag_tag ON customer_tag(tag, customer);"

	/* Two who were one: FROM's number (id), whose row is gone, and who he is now. What he was stays, so that it could be
	 * taken apart again: was (sealed), and which rows came over (merged_row: enum merge_part). consent_log keeps his number.
	 * moving: rows still bear it. */
	"CREATE TABLE merged("
	" id INTEGER PRIMARY KEY,"
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" time INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" ref TEXT NOT NULL, visitor TEXT, phone_key BLOB, email_key BLOB,"	/* by which he is still found */
	" was NOT NULL,"
	" moving INTEGER NOT NULL DEFAULT 1,"
	" joined INTEGER NOT NULL DEFAULT 0);"				/* by itself: a browser that told who it is */
	"CREATE INDEX merged_customer ON merged(customer);"
	"CREATE INDEX merged_moving ON merged(id) WHERE moving = 1;"
	"CREATE INDEX merged_visitor ON merged(visitor) WHERE visitor IS NOT NULL;"
	"CREATE INDEX merged_phone ON merged(phone_key) WHERE phone_key IS NOT NULL;"
	"CREATE INDEX merged_email ON merged(email_key) WHERE email_key IS NOT NULL;"
	"CREATE TABLE merged_row("
	" merged INTEGER NOT NULL, part INTEGER NOT NULL, row INTEGER NOT NULL,"
	" PRIMARY KEY(merged, part, row)) WITHOUT ROWID;"
	/* Who was taken out of another again, and of whom. moving: rows that are his (merged_row) still bear the other's number. */
	"CREATE TABLE parted("
	" id INTEGER PRIMARY KEY REFERENCES customer(id) ON DELETE CASCADE,"
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" time INTEGER NOT NULL,"
	" moving INTEGER NOT NULL DEFAULT 1);"
	"CREATE INDEX parted_customer ON parted(customer);"
	"CREATE INDEX parted_moving ON parted(id) WHERE moving = 1;"
	/* Ids that customers had before they were merged, and that shop systems know them by. */
	"CREATE TABLE alias("
	" ref TEXT PRIMARY KEY,"
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE) WITHOUT ROWID;"
	"CREATE INDEX alias_customer ON alias(customer);"
	/* Told of one customer while it is another's. */
	"CREATE TABLE alias_claim("
	" id INTEGER PRIMARY KEY, ref TEXT NOT NULL,"
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" seen_at INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX alias_claim_of ON alias_claim(customer, ref);"
	/* Who are two, whatever they share: the owner says so. */
	"CREATE TABLE apart("
	" a INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" b INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" PRIMARY KEY(a, b)) WITHOUT ROWID;"
	"CREATE INDEX apart_b ON apart(b);"

	/* What holds now, and the append-only history that it comes from. */
	"CREATE TABLE consent("
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" channel TEXT NOT NULL,"					/* sms kakao email push data */
	" purpose TEXT NOT NULL,"					/* ad night */
	" given INTEGER NOT NULL, time INTEGER NOT NULL,"
	" confirm_from INTEGER, confirm_by INTEGER,"			/* an advertisement's: its next two-year notice; NULL: none is owed */
	" PRIMARY KEY(customer, channel, purpose)) WITHOUT ROWID;"
	"CREATE INDEX consent_confirm ON consent(confirm_from) WHERE confirm_from IS NOT NULL;"
	"CREATE TABLE consent_log("
	" id INTEGER PRIMARY KEY, customer INTEGER NOT NULL,"
	" channel TEXT NOT NULL, purpose TEXT NOT NULL, given INTEGER NOT NULL,"
	" time INTEGER NOT NULL, recorded_at INTEGER NOT NULL,"
	" how TEXT, source TEXT, wording TEXT, version TEXT, operator TEXT,"
	" event TEXT);"							/* the event's own id, which outlives its row */
	"CREATE TRIGGER consent_log_stands BEFORE UPDATE ON consent_log"
	" BEGIN SELECT RAISE(ABORT, 'the ledger of consents is only added to'); END;"
	"CREATE INDEX consent_log_customer ON consent_log(customer, id);"
	/* The statutory notices: what is owed to whom by when, and what was told. */
	"CREATE TABLE duty("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL, customer INTEGER NOT NULL,"		/* result confirm */
	" channel TEXT NOT NULL, purpose TEXT NOT NULL, given INTEGER NOT NULL,"
	" said_at INTEGER NOT NULL, log INTEGER,"			/* of a result: its row in consent_log */
	" since INTEGER NOT NULL, by_at INTEGER NOT NULL, alarm_at INTEGER NOT NULL,"
	" event INTEGER,"						/* what starts the rule that tells it; NULL: not begun */
	" message INTEGER, told_at INTEGER, ended_at INTEGER, reason TEXT,"
	" closed INTEGER NOT NULL DEFAULT 0);"				/* nothing is owed any more */
	"CREATE INDEX duty_waits ON duty(since) WHERE event IS NULL AND closed = 0;"
	"CREATE INDEX duty_event ON duty(event) WHERE event IS NOT NULL;"
	"CREATE INDEX duty_late ON duty(alarm_at, by_at) WHERE told_at IS NULL AND closed = 0;"
	"CREATE INDEX duty_told ON duty(told_at) WHERE told_at IS NOT NULL;"
	"CREATE INDEX duty_customer ON duty(customer, channel);"

	/* Addresses that are never written to: channel is sms kakao email push or 'all'. address is the index's
	 * hex, shown what the owner sees, sealed: NULL of who was erased. newcomers: speaks for whoever is known of
	 * since then, not for those who had the same address before. */
	"CREATE TABLE suppression("
	" address TEXT NOT NULL, channel TEXT NOT NULL, shown,"
	" reason TEXT NOT NULL, since INTEGER NOT NULL, source TEXT,"
	" newcomers INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY(address, channel, newcomers)) WITHOUT ROWID;"

	/* Events, unique by (source, eid), also when their customer is gone. Columns hold what rules ask. */
	"CREATE TABLE event("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"			/* runs, notices and consents name it: never used again */
	" source TEXT NOT NULL, eid TEXT NOT NULL, type TEXT NOT NULL,"
	" customer INTEGER, time INTEGER NOT NULL, arrived INTEGER NOT NULL,"
	" flags INTEGER NOT NULL DEFAULT 0,"				/* enum event_flag */
	" total INTEGER, sku TEXT, category TEXT, order_ref TEXT,"
	" data TEXT);"							/* the data object, persons' values sealed; NULL when empty or erased */
	"CREATE UNIQUE INDEX event_key ON event(source, eid);"
	"CREATE INDEX event_customer ON event(customer, type, time) WHERE customer IS NOT NULL;"
	"CREATE INDEX event_type ON event(type, time);"
	/* What goes back out: how far each `forward` of dangol.conf has come among the events, and whose next one did not
	 * get through (customer 0: those of nobody). */
	"CREATE TABLE forward("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"			/* receivers know it: never used again */
	" name TEXT NOT NULL UNIQUE,"
	" cursor INTEGER NOT NULL,"					/* events up to this one were looked at, … */
	" open TEXT NOT NULL DEFAULT '',"				/* … and these of them, with spaces between, are on their way */
	" place TEXT NOT NULL,"						/* a digest of its address */
	" sent INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,"
	" failing_since INTEGER, gone_at INTEGER, error TEXT);"		/* gone: the receiver said 410 */
	"CREATE TABLE forward_held("
	" forward INTEGER NOT NULL REFERENCES forward(id) ON DELETE CASCADE,"
	" customer INTEGER NOT NULL,"
	" event INTEGER NOT NULL,"					/* this one and all of his behind it, up to the cursor */
	" arrived INTEGER NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL,"
	" PRIMARY KEY(forward, customer)) WITHOUT ROWID;"

	/* Orders outlive the events that told of them. counted: paid, and not wholly cancelled or refunded. */
	"CREATE TABLE orders("
	" id INTEGER PRIMARY KEY, source TEXT NOT NULL, ref TEXT NOT NULL,"
	" customer INTEGER,"
	" placed_at INTEGER, paid_at INTEGER, cancelled_at INTEGER, shipped_at INTEGER, delivered_at INTEGER,"
	" total INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,"
	" counted INTEGER NOT NULL DEFAULT 0,"
	" batch TEXT);"							/* the import it came with */
	"CREATE UNIQUE INDEX orders_key ON orders(ref, source);"
	"CREATE INDEX orders_customer ON orders(customer, paid_at) WHERE counted = 1;"
	"CREATE INDEX orders_uncounted ON orders(customer) WHERE counted = 0 AND customer IS NOT NULL;"
	"CREATE INDEX orders_paid ON orders(paid_at) WHERE counted = 1;"
	"CREATE TABLE order_item("
	" order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE, line INTEGER NOT NULL,"
	" sku TEXT, name TEXT, category TEXT, quantity INTEGER NOT NULL DEFAULT 1, price INTEGER,"
	" PRIMARY KEY(order_id, line)) WITHOUT ROWID;"

	"CREATE TABLE cart_item("
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE, sku TEXT NOT NULL,"
	" quantity INTEGER NOT NULL, price INTEGER, added_at INTEGER NOT NULL,"
	" PRIMARY KEY(customer, sku)) WITHOUT ROWID;"

	"CREATE TABLE product("
	" sku TEXT PRIMARY KEY, name TEXT, category TEXT, price INTEGER, stock INTEGER, url TEXT, image TEXT,"
	" changed_at INTEGER NOT NULL) WITHOUT ROWID;"

	/* One code for one run. code is kept as printed; bare is it without case, spaces and hyphens. */
	"CREATE TABLE coupon("
	" id INTEGER PRIMARY KEY, bare TEXT NOT NULL UNIQUE, code TEXT NOT NULL,"
	" coupon TEXT NOT NULL,"					/* the declaration's name */
	" customer INTEGER, run INTEGER,"
	" pooled INTEGER NOT NULL DEFAULT 0,"				/* made elsewhere: goes back to free */
	" state TEXT NOT NULL,"						/* free reserved issued redeemed expired void */
	" discount TEXT NOT NULL DEFAULT '',"				/* in words: '10%', '3,000원', the gift's text */
	" minimum INTEGER NOT NULL DEFAULT 0,"
	" uses INTEGER NOT NULL DEFAULT 1, used INTEGER NOT NULL DEFAULT 0,"
	" reserved_at INTEGER, issued_at INTEGER, expires_at INTEGER, redeemed_at INTEGER, order_ref TEXT);"
	"CREATE INDEX coupon_customer ON coupon(customer, coupon);"
	"CREATE INDEX coupon_run ON coupon(run) WHERE run IS NOT NULL;"
	"CREATE INDEX coupon_free ON coupon(coupon, state, id);"
	"CREATE INDEX coupon_expires ON coupon(coupon, expires_at) WHERE state = 'issued';"
	"CREATE INDEX coupon_issued ON coupon(id) WHERE state = 'issued';"	/* the list for tills off line */
	"CREATE TABLE redemption("
	" id INTEGER PRIMARY KEY, coupon INTEGER NOT NULL, customer INTEGER, order_ref TEXT, amount INTEGER,"
	" time INTEGER NOT NULL, undone_at INTEGER);"
	"CREATE INDEX redemption_coupon ON redemption(coupon);"

	/* A rule as the store knows it, and the texts of its versions. Cursors say how far its time has been looked at. */
	"CREATE TABLE rule("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER,"
	" seed TEXT NOT NULL,"						/* its first name: what draws are made by */
	" since INTEGER NOT NULL,"					/* counts from this instant */
	" active INTEGER NOT NULL DEFAULT 0,"				/* as of the last ruleset: file and owner both say on */
	" owner_off INTEGER NOT NULL DEFAULT 0, paused INTEGER NOT NULL DEFAULT 0,"
	" cursor INTEGER NOT NULL DEFAULT 0,"				/* time triggers are done up to here */
	" sweep_now INTEGER, sweep_id INTEGER, sweep_version INTEGER,"	/* a sweep under way: its frozen now, last key */
	" removed_at INTEGER,"
	" ending_at INTEGER,"						/* what waits of it is being ended, since then; NULL: is not */
	" ended_runs INTEGER NOT NULL DEFAULT 0, ended_messages INTEGER NOT NULL DEFAULT 0,"
	" ended_coupons INTEGER NOT NULL DEFAULT 0,"			/* what the last ending cancelled */
	" approved_at INTEGER, up_to INTEGER, skip_until INTEGER,"	/* the owner's word to the blast guard */
	" drawn_at INTEGER, drawn_lot INTEGER);"			/* `N in all`: the last draw's hour, the highest lot that it took */
	/* How many runs of an advertising rule began in an hour since the epoch; those that the blast guard holds. */
	"CREATE TABLE rule_hour("
	" rule INTEGER NOT NULL REFERENCES rule(id), hour INTEGER NOT NULL, n INTEGER NOT NULL,"
	" PRIMARY KEY(rule, hour)) WITHOUT ROWID;"
	"CREATE TABLE guarded("
	" run INTEGER PRIMARY KEY, rule INTEGER NOT NULL, until INTEGER NOT NULL);"
	"CREATE INDEX guarded_rule ON guarded(rule, run);"
	"CREATE INDEX guarded_until ON guarded(until);"
	"CREATE TABLE rule_version("
	" id INTEGER PRIMARY KEY, rule INTEGER NOT NULL REFERENCES rule(id), hash TEXT NOT NULL,"
	" source TEXT NOT NULL, created_at INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX rule_version_hash ON rule_version(rule, hash);"

	/* Who is in a rule, once per occasion, and where. */
	"CREATE TABLE run("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" rule INTEGER NOT NULL, customer INTEGER NOT NULL, occasion TEXT NOT NULL,"
	" version INTEGER NOT NULL, event INTEGER,"
	" pc INTEGER NOT NULL DEFAULT 0,"				/* the next operation of that version's program; -1: only spent */
	" started_at INTEGER NOT NULL,"
	" due_at INTEGER,"						/* wakes then; NULL: ended, or waits for its message */
	" step_at INTEGER,"						/* when the wait under way began */
	" held_out INTEGER NOT NULL DEFAULT 0,"
	" planned INTEGER NOT NULL DEFAULT 0,"				/* messages planned: what limits count */
	" goal_until INTEGER, goal_at INTEGER,"			/* when it ends, and when it was met first, also if that was taken back */
	" depth INTEGER NOT NULL DEFAULT 0,"				/* causes in a chain before it */
	" ended_at INTEGER, reason TEXT);"				/* why it ended: enum reason, or 'done' */
	"CREATE UNIQUE INDEX run_key ON run(rule, customer, occasion);"
	"CREATE INDEX run_due ON run(due_at) WHERE due_at IS NOT NULL;"
	"CREATE INDEX run_open ON run(customer, rule) WHERE ended_at IS NULL;"
	"CREATE INDEX run_goal ON run(customer, goal_until) WHERE goal_until IS NOT NULL;"
	"CREATE INDEX run_rule ON run(rule, started_at);"
	/* What met the goal of a run: each order once; at is the event's time. */
	"CREATE TABLE goal("
	" run INTEGER NOT NULL, order_id INTEGER REFERENCES orders(id) ON DELETE CASCADE, at INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX goal_run ON goal(run, order_id);"
	"CREATE INDEX goal_order ON goal(order_id);"

	/* What a date or a crossing of a customer would have begun and what held it back: the last of each kind, and how many. */
	"CREATE TABLE skip("
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" rule INTEGER NOT NULL, reason TEXT NOT NULL,"			/* limit condition not_drawn missed bulk */
	" at INTEGER NOT NULL, n INTEGER NOT NULL DEFAULT 1, occasion TEXT NOT NULL,"
	" PRIMARY KEY(customer, rule, reason)) WITHOUT ROWID;"

	/* A segment that rules wait at the border of. Who was inside once has a row; time was looked at up to cursor. */
	"CREATE TABLE segment("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" hash TEXT NOT NULL,"						/* of its condition; '': nobody waits there now */
	" cursor INTEGER NOT NULL,"
	" seed INTEGER);"						/* customers up to here are known; NULL: all are */
	"CREATE TABLE segment_member("
	" customer INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,"
	" segment INTEGER NOT NULL, inside INTEGER NOT NULL,"
	" entries INTEGER NOT NULL DEFAULT 0, exits INTEGER NOT NULL DEFAULT 0,"
	" since INTEGER NOT NULL,"
	" by_time INTEGER NOT NULL DEFAULT 0,"				/* nothing but time moved him, at that hour */
	" PRIMARY KEY(customer, segment)) WITHOUT ROWID;"
	"CREATE INDEX segment_member_since ON segment_member(segment, since) WHERE by_time = 1;"
	/* Whom a change touched, until the segments that ask for such a thing were asked. */
	"CREATE TABLE segment_touched("
	" id INTEGER PRIMARY KEY, customer INTEGER,"			/* 0: it may move anybody */
	" what INTEGER NOT NULL, at INTEGER NOT NULL,"			/* not before */
	" depth INTEGER NOT NULL DEFAULT 0);"

	/* Dates that stand in JSON and that a rule's clock is anchored on, in order. ref: the customer or the event. */
	"CREATE TABLE dated(name TEXT NOT NULL, ref INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(name, ref)) WITHOUT ROWID;"
	"CREATE INDEX dated_at ON dated(name, at, ref);"
	"CREATE TABLE dated_pending(name TEXT NOT NULL, ref INTEGER NOT NULL, PRIMARY KEY(name, ref)) WITHOUT ROWID;"
	"CREATE TABLE dated_set("
	" name TEXT PRIMARY KEY,"
	" seed INTEGER,"						/* filled up to this id; NULL: wholly */
	" gone INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"		/* no rule needs it: is being emptied */

	/* A message: run, step and leg make it unique. rule is the name: it outlives the file. */
	"CREATE TABLE message("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"			/* providers know it: never used again */
	" run INTEGER NOT NULL, step INTEGER NOT NULL, leg INTEGER NOT NULL,"
	" rule TEXT NOT NULL, customer INTEGER NOT NULL,"
	" channel TEXT NOT NULL, template TEXT NOT NULL, purpose TEXT NOT NULL,"	/* ad info notice */
	" state TEXT NOT NULL, reason TEXT,"
	" flags INTEGER NOT NULL DEFAULT 0,"				/* enum message_flag */
	" planned_at INTEGER NOT NULL, due_at INTEGER, expires_at INTEGER,"
	" held_at INTEGER, handed_at INTEGER, sent_at INTEGER, ended_at INTEGER,"
	" tries INTEGER NOT NULL DEFAULT 0,"
	" provider TEXT, provider_id TEXT, address, address_key BLOB, coupon TEXT, data TEXT,"	/* address: sealed */
	" bundle INTEGER,"						/* the request that carried it last */
	" links INTEGER NOT NULL DEFAULT 0,"				/* different ones in it that lead through /c/ */
	" price INTEGER, spent INTEGER,"				/* won of the last handing, and where they are counted; NULL: none said, or taken back */
	" sunk INTEGER);"						/* won of handings before it that may have arrived */
	/* A duty is told when its message is accepted, and not told when that fails after all; the next leg may tell it yet. */
	"CREATE TRIGGER duty_planned AFTER INSERT ON message"
	" WHEN new.purpose = 'notice' AND new.customer > 0 BEGIN"
	" UPDATE duty SET message = new.id, ended_at = NULL, reason = NULL"
	" WHERE event = (SELECT event FROM run WHERE id = new.run) AND closed = 0; END;"
	"CREATE TRIGGER duty_follows AFTER UPDATE OF state ON message"
	" WHEN new.purpose = 'notice' AND new.customer > 0 BEGIN"
	" UPDATE duty SET message = new.id,"
	" told_at = CASE WHEN new.state IN ('accepted', 'delivered') THEN new.sent_at END,"
	" ended_at = CASE WHEN new.state IN ('failed', 'expired', 'dropped') THEN new.ended_at END,"
	" reason = CASE WHEN new.state IN ('failed', 'expired', 'dropped') THEN coalesce(new.reason, new.state) END"
	" WHERE event = (SELECT event FROM run WHERE id = new.run) AND closed = 0; END;"
	/* What messages cost, by the shop's day of handing: the sum of price and sunk of all messages. */
	"CREATE TABLE spent("
	" id INTEGER PRIMARY KEY, day INTEGER NOT NULL,"
	" channel TEXT NOT NULL, provider TEXT NOT NULL, purpose TEXT NOT NULL,"
	" n INTEGER NOT NULL DEFAULT 0, won INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX spent_key ON spent(day, channel, provider, purpose);"
	/* What was read, apart: a message changes its state more often than its words. */
	"CREATE TABLE letter("
	" message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE, text NOT NULL);"	/* sealed */
	/* Where links of messages lead: each address once, for as long as the store. */
	"CREATE TABLE link(id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);"
	/* Links that somebody opened, until it is known whether that was a machine. client: a digest. */
	"CREATE TABLE click("
	" message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE, client BLOB NOT NULL, link INTEGER NOT NULL,"
	" at INTEGER NOT NULL, PRIMARY KEY(message, client, link)) WITHOUT ROWID;"
	"CREATE INDEX click_at ON click(at);"
	"CREATE UNIQUE INDEX message_key ON message(run, step, leg);"
	"CREATE INDEX message_due ON message(channel, due_at) WHERE due_at IS NOT NULL;"
	"CREATE INDEX message_overdue ON message(due_at) WHERE due_at IS NOT NULL AND state = 'accepted';"
	"CREATE INDEX message_open ON message(state, id) WHERE state NOT IN ('accepted', 'delivered');"
	"CREATE INDEX message_customer ON message(customer, id);"
	"CREATE INDEX message_rule ON message(rule, id);"
	"CREATE INDEX message_provider ON message(provider_id) WHERE provider_id IS NOT NULL;"
	"CREATE INDEX message_ad ON message(customer, handed_at) WHERE purpose = 'ad' AND handed_at IS NOT NULL;"
	"CREATE INDEX message_bundle ON message(bundle, address_key) WHERE bundle IS NOT NULL;"
	/* A request that carried messages to a provider, and when it is asked about next; NULL: never again. */
	"CREATE TABLE bundle("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"			/* providers know it: never used again */
	" store TEXT NOT NULL,"						/* the id that names it and its messages: a copy has another */
	" channel TEXT NOT NULL, provider TEXT NOT NULL, kind TEXT,"
	" account TEXT NOT NULL,"					/* a digest of whose it is there */
	" ref TEXT,"							/* the provider's name for it */
	" handed_at INTEGER NOT NULL, machine_at INTEGER NOT NULL,"
	" polls INTEGER NOT NULL DEFAULT 0, poll_at INTEGER);"
	"CREATE INDEX bundle_due ON bundle(poll_at) WHERE poll_at IS NOT NULL;"
	"CREATE INDEX bundle_ref ON bundle(ref) WHERE ref IS NOT NULL;"
	/* What a provider taught and may be asked for again: ids of uploaded pictures. */
	"CREATE TABLE kept("
	" channel TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,"
	" value TEXT NOT NULL, until INTEGER,"
	" PRIMARY KEY(channel, account, name)) WITHOUT ROWID;"
	"CREATE TABLE attempt("
	" message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE, n INTEGER NOT NULL,"
	" time INTEGER NOT NULL, result TEXT NOT NULL, code TEXT, detail,"	/* detail: sealed */
	" PRIMARY KEY(message, n)) WITHOUT ROWID;"

	/* How many messages of each rule ended how: totals without counting. */
	"CREATE TABLE tally("
	" rule TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY(rule, state)) WITHOUT ROWID;"

	/* A provider's report, kept also when it comes before its message is known (message NULL). */
	"CREATE TABLE receipt("
	" id INTEGER PRIMARY KEY, provider TEXT NOT NULL,"
	" name TEXT,"							/* an early one's: our key, the provider's id, or request and the number's index */
	" state TEXT NOT NULL,"						/* delivered failed opted_out delayed */
	" code TEXT, detail, time INTEGER NOT NULL, received_at INTEGER NOT NULL,"	/* detail: sealed */
	" message INTEGER, try INTEGER);"
	"CREATE UNIQUE INDEX receipt_key ON receipt(message, try, state) WHERE message IS NOT NULL;"
	"CREATE UNIQUE INDEX receipt_early ON receipt(name, provider, state) WHERE message IS NULL;"
	"CREATE INDEX receipt_received ON receipt(received_at) WHERE message IS NULL;"

	"CREATE TABLE idempotency("
	" key TEXT PRIMARY KEY, hash TEXT NOT NULL, status INTEGER NOT NULL, body NOT NULL,"	/* body: sealed */
	" time INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX idempotency_time ON idempotency(time);"

	/* The access log. Its rows are a chain of hashes (store/audit.h) and stay as they are; only what the
	   checkpoint audit_base has left behind may go. */
	"CREATE TABLE audit("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" who TEXT NOT NULL, account TEXT, address TEXT,"		/* the door, who it was there, and from where */
	" what TEXT NOT NULL, target TEXT, n INTEGER, detail TEXT,"	/* n: how many people or rows it was about */
	" hash BLOB NOT NULL);"
	"CREATE INDEX audit_target ON audit(target, what) WHERE target IS NOT NULL;"
	"CREATE INDEX audit_time ON audit(time);"
	"CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN"
	" SELECT RAISE(ABORT, 'the access log is never changed'); END;"
	"CREATE TRIGGER audit_kept BEFORE DELETE ON audit"
	" WHEN OLD.id > COALESCE((SELECT value FROM meta WHERE key = 'audit_base'), 0) BEGIN"
	" SELECT RAISE(ABORT, 'the access log is kept until its time is over'); END;"

	/* Who was erased, and no person: also in the file beside the store. refusals: "HASH/CHANNEL/REASON …" of the
	 * addresses that had opted out, "…/newcomers" where somebody else has it too. */
	"CREATE TABLE erased("
	" customer INTEGER NOT NULL, created_at INTEGER NOT NULL, time INTEGER NOT NULL, refusals TEXT NOT NULL,"
	" told INTEGER NOT NULL DEFAULT 0,"				/* it stands in the file */
	" PRIMARY KEY(customer, created_at)) WITHOUT ROWID;"
	/* What rules look back at: events of a type, or messages ("received RULE"); of which the store keeps more than it
	 * is told to. */
	"CREATE TABLE needed("
	" type TEXT NOT NULL, whole INTEGER NOT NULL, last INTEGER NOT NULL, days INTEGER NOT NULL,"
	" seen_at INTEGER NOT NULL, PRIMARY KEY(type, whole, last, days)) WITHOUT ROWID;"
	/* Copies that were made of this store. */
	"CREATE TABLE backup_made(file TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;"

	/* Imports, and what each changed: a row for each customer, order or product, until it is undone or too old to be. */
	"CREATE TABLE import_batch("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
	" kind TEXT NOT NULL,"						/* customers orders products consents mixed */
	" began_at INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0,"	/* rows that went in */
	" undoing_at INTEGER, undone_at INTEGER,"
	" cut_at INTEGER,"						/* its changes are gone by age */
	" counts TEXT);"						/* what undoing came to, a JSON object of numbers */
	"CREATE INDEX import_batch_began ON import_batch(began_at) WHERE cut_at IS NULL;"
	"CREATE TABLE import_change("
	" id INTEGER PRIMARY KEY, batch INTEGER NOT NULL,"
	" what INTEGER NOT NULL,"					/* enum journal_thing */
	" ref NOT NULL,"						/* its id; a product's sku */
	" value NOT NULL);"						/* old values and the marks of new ones, sealed (store/journal.h) */
	"CREATE UNIQUE INDEX import_change_of ON import_change(what, ref, batch);"
	"CREATE INDEX import_change_batch ON import_change(batch, what);"

	/* Why a template that promotes went as information: each text and reason once, for ever. */
	"CREATE TABLE overrule("
	" id INTEGER PRIMARY KEY, template TEXT NOT NULL, hash TEXT NOT NULL, reason TEXT NOT NULL,"
	" sentence TEXT NOT NULL, time INTEGER NOT NULL, UNIQUE(template, hash, reason));"
	"CREATE TRIGGER overrule_stays BEFORE UPDATE ON overrule BEGIN SELECT RAISE(ABORT, 'evidence'); END;"
	"CREATE TRIGGER overrule_kept BEFORE DELETE ON overrule BEGIN SELECT RAISE(ABORT, 'evidence'); END;"

	/* Event types seen, with their counts by outcome, for status. */
	"CREATE TABLE counter(name TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;";
/* clang-format on */

const struct migration schema_migrations[] = {
        {"the first schema", first},
};
const int schema_version = sizeof schema_migrations / sizeof schema_migrations[0];
