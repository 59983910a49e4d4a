/* A message's states: each step of the table goes or dies, and every message ever planned
 * is in exactly one. */
#include "store.h"
#include <sys/wait.h>
#include "store/audit.h"
#include "store/audit_list.h"
#include "store/message.h"
#include "store/bundle.h"
#include "store/receipt.h"
#include "store/run.h"

static int64_t plan(int64_t run, const char *rule, const char *channel, int64_t due)
{
	return message_plan(db, &(struct message){.run = run,
	                                .rule = rule,
	                                .customer = 1,
	                                .channel = channel,
	                                .template = "t",
	                                .purpose = "ad",
	                                .planned_at = T0,
	                                .due_at = due});
}

/* Puts a new message into a state by the shortest legal way. */
static int64_t reach(enum message_state state)
{
	static const enum message_state ways[MESSAGE_STATES][5] = {
	        [MESSAGE_HELD] = {MESSAGE_HELD},
	        [MESSAGE_CLAIMED] = {MESSAGE_CLAIMED},
	        [MESSAGE_HANDED] = {MESSAGE_CLAIMED, MESSAGE_HANDED},
	        [MESSAGE_ACCEPTED] = {MESSAGE_CLAIMED, MESSAGE_HANDED, MESSAGE_ACCEPTED},
	        [MESSAGE_DELIVERED] = {MESSAGE_CLAIMED, MESSAGE_HANDED, MESSAGE_ACCEPTED,
	                MESSAGE_DELIVERED},
	        [MESSAGE_FAILED] = {MESSAGE_FAILED},
	        [MESSAGE_EXPIRED] = {MESSAGE_EXPIRED},
	        [MESSAGE_DROPPED] = {MESSAGE_DROPPED},
	        [MESSAGE_UNKNOWN] = {MESSAGE_CLAIMED, MESSAGE_HANDED, MESSAGE_UNKNOWN},
	};
	static int64_t run;
	int64_t id = plan(++run, "r", "sms", T0);
	for (int i = 0; ways[state][i]; i++)
		message_set_state(db, id, ways[state][i], REASON_NONE, T0, T0);
	return id;
}

static void test_steps(void **state)
{
	/* Rows: from; columns: to; in the order of the enum. */
	static const char *const table[MESSAGE_STATES] = {
	        [MESSAGE_PLANNED] = "yyy---yyy-",
	        [MESSAGE_HELD] = "yyy---yyy-",
	        [MESSAGE_CLAIMED] = "y--y------",
	        [MESSAGE_HANDED] = "y---y-y--y",
	        [MESSAGE_ACCEPTED] = "-----yy---",
	        [MESSAGE_DELIVERED] = "----------",
	        [MESSAGE_FAILED] = "y---------",
	        [MESSAGE_EXPIRED] = "y---------",
	        [MESSAGE_DROPPED] = "y---------",
	        [MESSAGE_UNKNOWN] = "y---yyy-yy",
	};
	(void)state;
	for (int from = 0; from < MESSAGE_STATES; from++)
		for (int to = 0; to < MESSAGE_STATES; to++) {
			int64_t id = reach((enum message_state)from);
			if (table[from][to] == 'y') {
				message_set_state(db, id, (enum message_state)to,
				        REASON_CAP, T0 + 5, T0 + 1);
				continue;
			}
			int status;
			pid_t child = fork();
			if (child == 0) {
				if (!freopen("/dev/null", "w", stderr))
					_exit(1);
				message_set_state(db, id, (enum message_state)to,
				        REASON_NONE, 0, T0);
				_exit(0);
			}
			waitpid(child, &status, 0);
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 70)
				fail_msg("%s to %s is possible",
				        message_state_name((enum message_state)from),
				        message_state_name((enum message_state)to));
		}
	assert_int_equal(ask("SELECT count(*) FROM message"), 100);
	assert_int_equal(ask("SELECT sum(n) FROM tally"), 100);
	assert_int_equal(ask("SELECT count(*) FROM (SELECT state, count(*) AS n FROM "
	                     "message GROUP BY state) m"
	                     " JOIN tally t ON t.state = m.state WHERE t.n <> m.n"),
	        0);
	assert_int_equal(message_waiting(db, "sms"),
	        ask("SELECT count(*) FROM message WHERE state IN ('planned', 'held')"));
	/* What waits has its instant, what does not has none. */
	assert_int_equal(ask("SELECT count(*) FROM message"
	                     " WHERE (due_at IS NULL) = (state IN ('planned', 'held', "
	                     "'unknown'))"),
	        0);
	assert_int_equal(ask("SELECT count(*) FROM message WHERE (ended_at IS NULL) ="
	                     " (state IN ('delivered', 'failed', 'expired', 'dropped'))"),
	        0);
}

static void test_plan(void **state)
{
	struct arena *arena = arena_new();
	struct message m;
	char key[32], other[32];
	(void)state;
	int64_t id = plan(1, "r", "sms", 0);
	assert_true(id > 0);
	assert_int_equal(plan(1, "r", "sms", 0), 0);
	assert_int_equal(ask("SELECT n FROM tally"), 1);
	assert_true(message_get(db, id, arena, &m));
	assert_true(m.due_at == T0 && m.state == MESSAGE_PLANNED && !m.text &&
	            m.customer == 1);
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .text = "글",
	                .provider = "solapi",
	                .coupon = "BD-1"},
	        T0);
	message_set_state(db, id, MESSAGE_PLANNED, REASON_NONE, T0, T0);
	message_hand(db, &m,
	        &(struct message_leaving){
	                .address = "+821012345678", .text = "글", .provider = "aligo"},
	        T0);
	message_set_provider_id(db, id, "G1");
	message_set_flags(db, id, MESSAGE_OWNER_HELD);
	message_extend(db, id, T0 + 9);
	message_attempt(db, id, T0, "failed", "1061", NULL);
	assert_true(message_get(db, id, arena, &m));
	message_accept(db, &m, NULL, T0 + 90, T0 + 1);
	assert_true(message_get(db, id, arena, &m));
	assert_true(m.due_at == T0 + 90);
	assert_true(message_next_overdue(db) == T0 + 90);
	assert_int_equal(message_overdue(db, T0 + 89, &id, 1), 0);
	assert_int_equal(message_overdue(db, T0 + 90, &id, 1), 1);
	assert_true(message_get(db, id, arena, &m));
	assert_true(m.state == MESSAGE_ACCEPTED && m.sent_at == T0 + 1);
	assert_string_equal(m.coupon, "BD-1");
	assert_string_equal(m.provider, "aligo");
	assert_true(
	        m.tries == 2 && m.flags == MESSAGE_OWNER_HELD && m.expires_at == T0 + 9);
	assert_int_equal(message_parse_key(db, message_key(db, id, key)), id);
	snprintf(other, sizeof other, "%lld", (long long)id);
	assert_int_equal(message_parse_key(db, other), id);
	static const char *const bad[] = {
	        "", "0", "-1", "x", "00000000-1", "1x", "99999999999999999999", "1 "};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (message_parse_key(db, bad[i]) != 0)
			fail_msg("%s", bad[i]);
	assert_false(message_get(db, 4711, arena, &m));
	arena_free(arena);
}

static void test_due(void **state)
{
	int64_t ids[8];
	(void)state;
	int64_t a = plan(1, "r", "sms", T0 + 2), b = plan(2, "r", "sms", T0 + 1),
	        c = plan(3, "r", "email", T0);
	plan(4, "r", "sms", T0 + 50);
	assert_int_equal(message_due(db, "sms", T0 + 10, ids, 8), 2);
	assert_true(ids[0] == b && ids[1] == a);
	assert_int_equal(message_due(db, "sms", T0 + 10, ids, 1), 1);
	assert_true(message_next_due(db, "sms") == T0 + 1);
	assert_int_equal(message_next_due(db, "push"), 0);
	/* Held without an instant: it waits for the owner. */
	message_set_state(db, b, MESSAGE_HELD, REASON_BLAST_GUARD, 0, T0);
	assert_true(message_next_due(db, "sms") == T0 + 2);
	assert_int_equal(message_waiting(db, "sms"), 3);
	message_set_state(db, a, MESSAGE_CLAIMED, REASON_NONE, 0, T0 + 3);
	assert_int_equal(message_waiting(db, "sms"), 2);
	message_set_state(db, a, MESSAGE_HANDED, REASON_NONE, 0, T0 + 3);
	assert_int_equal(message_ads(db, 1, T0, T0 + 4), 1);
	assert_int_equal(message_ads(db, 1, T0 + 4, T0 + 9), 0);
	assert_true(message_ad_first(db, 1, T0, T0 + 4) == T0 + 3);
	message_set_state(db, c, MESSAGE_CLAIMED, REASON_NONE, 0, T0);
	int64_t back, unknown;
	message_recover(db, T0 + 100, &back, &unknown);
	assert_true(back == 1 && unknown == 1);
	assert_int_equal(message_due(db, "email", T0 + 100, ids, 8), 1);
	assert_int_equal(message_due(db, "sms", T0 + 30099, ids, 8), 1);
	assert_int_equal(message_due(db, "sms", T0 + 30100, ids, 8), 2);
	/* Proven never to have left: it counts for no cap. */
	message_set_state(db, a, MESSAGE_PLANNED, REASON_NONE, T0, T0);
	assert_int_equal(message_ads(db, 1, T0, T0 + 4), 0);
	assert_int_equal(message_drop_run(db, 1, REASON_GOAL_MET, T0), 1);
	assert_int_equal(message_drop_run(db, 1, REASON_GOAL_MET, T0), 0);
}

static void test_words(void **state)
{
	(void)state;
	for (int i = 0; i < MESSAGE_STATES; i++)
		assert_int_equal(
		        message_state_parse(message_state_name((enum message_state)i)),
		        i);
	for (int i = 1; i < REASONS; i++) {
		assert_int_equal(reason_parse(reason_name((enum reason)i)), i);
		log_set_korean(i % 2);
		assert_true(strlen(reason_text((enum reason)i)) > 5);
	}
	assert_string_equal(
	        reason_name(REASON_SENDER_UNREGISTERED), "sender_unregistered");
	assert_int_equal(message_state_parse("sent"), -1);
	assert_int_equal(reason_parse("nonsense"), REASON_NONE);
	assert_int_equal(reason_parse(NULL), REASON_NONE);
}

static int64_t count_list(
        const struct message_filter *filter, struct zone *zone, int64_t *next)
{
	json_t *list = message_list(db, filter, zone);
	int64_t n = (int64_t)json_array_size(json_object_get(list, "messages"));
	*next = json_integer_value(json_object_get(list, "next"));
	json_decref(list);
	return n;
}

static void test_lists(void **state)
{
	static const struct {
		int64_t customer;
		const char *rule;
		int state;
		int64_t n;
	} cases[] = {{-1, NULL, -1, 20}, {1, NULL, -1, 20}, {2, NULL, -1, 0},
	        {-1, "a", -1, 10}, {1, "a", MESSAGE_HELD, 2}, {-1, NULL, MESSAGE_HELD, 4},
	        {-1, "b", MESSAGE_HELD, 2}, {-1, NULL, MESSAGE_PLANNED, 16},
	        {-1, NULL, MESSAGE_ACCEPTED, 0}, {-1, "none", -1, 0}};
	struct zone *zone = zone_open("Asia/Seoul");
	int64_t next;
	(void)state;
	for (int i = 0; i < 20; i++) {
		int64_t id = plan(i + 1, i % 2 ? "a" : "b", "sms", T0);
		if (i < 4)
			message_set_state(db, id, MESSAGE_HELD, REASON_CAP, T0, T0);
	}
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct message_filter filter = {
		        cases[i].customer, cases[i].rule, cases[i].state, 0, 3};
		int64_t seen = 0;
		do {
			seen += count_list(&filter, zone, &next);
			filter.before = next;
		} while (next);
		if (seen != cases[i].n)
			fail_msg("case %zu: %lld", i, (long long)seen);
	}
	json_t *totals = message_totals(db);
	assert_int_equal(json_integer_value(json_object_get(totals, "planned")), 16);
	assert_int_equal(json_integer_value(json_object_get(totals, "held")), 4);
	assert_int_equal(json_object_size(totals), MESSAGE_STATES);
	json_decref(totals);
	zone_close(zone);
}

static void test_json(void **state)
{
	static const char *const keys[] = {"id", "rule", "customer", "occasion", "leg",
	        "channel", "template", "purpose", "step", "state", "reason", "planned",
	        "due", "sent", "provider", "provider_id", "attempts", "coupon", "text",
	        "price"};
	struct zone *zone = zone_open("Asia/Seoul");
	char key[32];
	(void)state;
	add_customer("C123", NULL);
	int64_t id = plan(1, "r", "sms", T0);
	message_attempt(db, id, T0, "failed", "550", "no such user");
	json_t *json = message_json(db, id, zone);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (!json_object_get(json, keys[i]))
			fail_msg("%s", keys[i]);
	assert_int_equal(json_object_size(json), sizeof keys / sizeof keys[0]);
	assert_string_equal(
	        json_string_value(json_object_get(json, "id")), message_key(db, id, key));
	assert_string_equal(json_string_value(json_object_get(json, "customer")), "C123");
	json_t *attempt = json_array_get(json_object_get(json, "attempts"), 0);
	assert_string_equal(json_string_value(json_object_get(attempt, "code")), "550");
	json_decref(json);
	assert_null(message_json(db, 4711, zone));
	zone_close(zone);
}

static void test_receipts(void **state)
{
	struct receipt_early early;
	struct receipt_totals totals;
	int64_t id, found;
	char key[40];
	(void)state;
	struct receipt r = {.provider = "solapi",
	        .provider_id = "M1",
	        .state = "failed",
	        .code = "3104",
	        .time = T0};
	/* The report comes first, twice; its message is known later. */
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_REPEATED);
	id = plan(1, "r", "sms", T0);
	struct message m = {
	        .id = id, .rule = "r", .channel = "sms", .state = MESSAGE_PLANNED};
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .text = "글",
	                .provider = "solapi",
	                .bundle = 0},
	        T0);
	r.key = message_key(db, id, key);
	r.state = "delivered";
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	m.state = MESSAGE_HANDED;
	message_accept(db, &m, "M1", 0, T0);
	assert_true(receipt_match(db, id, "M1", &early));
	assert_string_equal(early.state, "failed");
	assert_string_equal(early.code, "3104");
	assert_true(receipt_match(db, id, "M1", &early));
	assert_string_equal(early.state, "delivered");
	assert_false(receipt_match(db, id, "M1", &early));
	/* Again by another of its names; then what is new. */
	r.key = NULL;
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_REPEATED);
	r.state = "opted_out";
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_NEW);
	assert_int_equal(found, id);
	/* Another provider's number is another message. */
	r.provider = "aligo";
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	assert_false(receipt_match(db, id, "M1", &early));
	receipt_count(db);
	receipt_totals(db, &totals);
	assert_int_equal(totals.taken, 1);
	assert_int_equal(totals.early, 1);
	assert_int_equal(ask("SELECT count(*) FROM receipt"), 4);
	receipt_forget(db, T0 + 1);
	receipt_totals(db, &totals);
	assert_int_equal(totals.early, 0);
	assert_int_equal(totals.unmatched, 1);
	assert_int_equal(ask("SELECT count(*) FROM receipt"), 3);
}

/* A bare number may be any provider's; a second try is reported of anew. */
static void test_receipts_of_tries(void **state)
{
	int64_t id = plan(1, "r", "sms", T0), found;
	char number[24], key[40];
	(void)state;
	struct message m = {
	        .id = id, .rule = "r", .channel = "sms", .state = MESSAGE_PLANNED};
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .text = "글",
	                .provider = "webhook",
	                .bundle = 0},
	        T0);
	m.state = MESSAGE_HANDED;
	message_accept(db, &m, NULL, 0, T0);
	snprintf(number, sizeof number, "%lld", (long long)id);
	struct receipt r = {.provider = "webhook", .key = number, .state = "failed"};
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	r.key = message_key(db, id, key);
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_NEW);
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_REPEATED);
	message_set_state(db, id, MESSAGE_FAILED, REASON_REFUSED_BY_PROVIDER, 0, T0);
	message_set_state(db, id, MESSAGE_PLANNED, REASON_NONE, T0, T0);
	m.state = MESSAGE_PLANNED;
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .text = "글",
	                .provider = "webhook",
	                .bundle = 0},
	        T0);
	m.state = MESSAGE_HANDED;
	m.tries = 1;
	message_accept(db, &m, NULL, 0, T0);
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_NEW);
}

/* Who names but the request and the number. */
static void test_receipts_by_number(void **state)
{
	struct receipt_early early;
	int64_t id = plan(1, "r", "sms", T0), bundle, found;
	(void)state;
	bundle = bundle_add(db, "sms", "nhn", "", NULL, T0, T0, T0);
	struct message m = {
	        .id = id, .rule = "r", .channel = "sms", .state = MESSAGE_PLANNED};
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .text = "글",
	                .provider = "nhn",
	                .bundle = bundle},
	        T0);
	bundle_set_ref(db, bundle, "REQ-1");
	struct receipt r = {.provider = "nhn",
	        .ref = "REQ-1",
	        .number = "+821012345678",
	        .state = "delivered"};
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	m.state = MESSAGE_HANDED;
	message_accept(db, &m, NULL, 0, T0);
	assert_true(receipt_match(db, id, NULL, &early));
	assert_string_equal(early.state, "delivered");
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_REPEATED);
	r.state = "failed";
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_NEW);
	assert_int_equal(found, id);
	assert_int_equal(ask("SELECT count(*) FROM receipt WHERE name IS NOT NULL"), 0);
	r.number = "+821000000000";
	assert_int_equal(receipt_add(db, &r, T0, &found), RECEIPT_EARLY);
	r.ref = NULL;
	assert_false(receipt_names(&r));
}

static void test_answers(void **state)
{
	struct arena *arena = arena_new();
	const char *body;
	int status;
	(void)state;
	assert_int_equal(answer_find(db, "k", "h", arena, &status, &body), KEPT_NEW);
	answer_keep(db, "k", "h", 200, "{}", T0);
	answer_keep(db, "k", "x", 500, "other", T0);
	assert_int_equal(answer_find(db, "k", "h", arena, &status, &body), KEPT_SAME);
	assert_int_equal(status, 200);
	assert_string_equal(body, "{}");
	assert_int_equal(
	        answer_find(db, "k", "other", arena, &status, &body), KEPT_OTHER_BODY);
	answer_forget(db, T0);
	assert_int_equal(answer_find(db, "k", "h", arena, &status, &body), KEPT_SAME);
	answer_forget(db, T0 + 1);
	assert_int_equal(answer_find(db, "k", "h", arena, &status, &body), KEPT_NEW);
	for (int i = 0; i < 3; i++)
		audit_add(db, T0, "socket", "rule.on", "r", NULL);
	struct zone *zone = zone_open("Asia/Seoul");
	const struct audit_filter newest = {.to = INT64_MAX, .limit = 2};
	json_t *list = audit_list(db, &newest, zone);
	assert_int_equal(json_array_size(json_object_get(list, "audit")), 2);
	assert_int_equal(json_integer_value(json_object_get(list, "next")), 2);
	json_decref(list);
	zone_close(zone);
	arena_free(arena);
}

static void note_state(void *arg, const char *rule, enum message_state state,
        enum reason reason, int64_t time)
{
	char line[80];
	snprintf(line, sizeof line, "%s %s %s %d\n", rule, message_state_name(state),
	        reason_name(reason), (int)(time - T0));
	strcat(arg, line);
}

static void note_run(void *arg, const char *rule, const char *reason, int64_t n)
{
	char line[80];
	snprintf(line, sizeof line, "%s %s %d\n", rule, reason, (int)n);
	strcat(arg, line);
}

static int64_t run_of(const char *rule, int64_t customer, const char *occasion)
{
	struct rule_row row;
	struct run run = {.customer = customer, .started_at = T0};
	rule_row_get(db, rule, T0, &row);
	run.rule = row.id;
	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	return run_start(db, &run);
}

/* A second leg, which is what came of the send. */
static void plan_second(int64_t run)
{
	struct message m = {.run = run,
	        .leg = 1,
	        .rule = "b",
	        .customer = 1,
	        .channel = "email",
	        .template = "t",
	        .purpose = "ad",
	        .planned_at = T0 + 4};
	assert_true(message_plan(db, &m) > 0);
}

static void test_walks(void **state)
{
	static const char *const order[] = {"a 1", "a 2", "b 1", "b 1"};
	struct arena *arena = arena_new();
	struct message_place place;
	char said[512] = "";
	struct message m;
	size_t n = 0;
	(void)state;
	int64_t first = run_of("b", 1, "1"), second = run_of("a", 1, "2"),
	        third = run_of("a", 1, "1");
	int64_t refused = plan(first, "b", "sms", T0),
	        left = plan(second, "a", "sms", T0);
	plan(third, "a", "sms", T0);
	message_set_state(db, refused, MESSAGE_DROPPED, REASON_NO_CONSENT, 0, T0 + 3);
	plan_second(first);
	assert_true(message_get(db, left, arena, &m));
	message_record(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .provider = "outbox",
	                .coupon = "BD-1"},
	        0, T0 + 7);
	assert_true(message_get(db, left, arena, &m));
	assert_true(m.state == MESSAGE_ACCEPTED && m.sent_at == T0 + 7 && m.tries == 1 &&
	            m.handed_at == T0 + 7 && m.due_at == 0);
	assert_null(message_text(db, left, arena));
	message_unlist(db);
	message_each_state(db, T0, T0 + 7, note_state, said);
	assert_string_equal(said, "a accepted  7\na planned  0\nb planned  4\n");
	for (struct stmt *walk = message_walk(db, T0, T0 + 7);
	        message_walk_next(walk, &place); n++) {
		char got[32];
		snprintf(got, sizeof got, "%s %s", place.rule, place.occasion);
		assert_string_equal(got, order[n]);
		assert_true(n < 2 || place.leg == (int64_t)n - 2);
	}
	assert_int_equal(n, 4);
	run_end(db, third, "already_in", T0);
	said[0] = 0;
	run_each_reason(db, T0, T0, note_run, said);
	assert_string_equal(said, "a already_in 1\n");
	arena_free(arena);
}

static void test_plans(void **state)
{
	static const struct {
		const char *sql, *index;
	} cases[] = {
	        {"SELECT id FROM message WHERE channel = ?1 AND due_at <= ?2 ORDER BY "
	         "due_at, id LIMIT ?3",
	                "message_due"},
	        {"SELECT id FROM message WHERE state NOT IN ('accepted', 'delivered') "
	         "AND state = 'handed' LIMIT 256",
	                "message_open"},
	        {"SELECT count(*) FROM message WHERE customer = ?1 AND purpose = 'ad' "
	         "AND handed_at IS NOT NULL"
	         " AND handed_at >= ?2 AND handed_at < ?3",
	                "message_ad"},
	        {"SELECT id FROM run WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
	                "run_due"},
	        {"SELECT id FROM event WHERE customer = ?1 AND type = ?2 AND time >= ?3",
	                "event_customer"},
	        {"SELECT count(*) FROM orders WHERE customer = ?1 AND counted = 1",
	                "orders_customer"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *got = db_plan(db, cases[i].sql);
		if (!strstr(got, cases[i].index) || strstr(got, "TEMP B-TREE"))
			fail_msg("%s: %s", cases[i].sql, got);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_steps), STORE_TEST(test_plan),
	        STORE_TEST(test_due), STORE_TEST(test_words), STORE_TEST(test_lists),
	        STORE_TEST(test_json), STORE_TEST(test_receipts),
	        STORE_TEST(test_receipts_of_tries), STORE_TEST(test_receipts_by_number),
	        STORE_TEST(test_answers), STORE_TEST(test_walks), STORE_TEST(test_plans)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
