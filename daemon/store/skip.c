/* What would have begun and did not: its rows and its words. It decides nothing. */
#include "store/skip.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"

const char *skip_text(const char *word)
{
	if (!strcmp(word, SKIP_LIMIT))
		return TR("The rule's limit was used up.",
		        "규칙의 제한을 이미 다 썼습니다.");
	if (!strcmp(word, SKIP_CONDITION))
		return TR("The rule's condition was not true then.",
		        "그때는 규칙의 조건에 맞지 않았습니다.");
	if (!strcmp(word, SKIP_NOT_DRAWN))
		return TR("Others were drawn for the places that there were.",
		        "정해진 수만큼 뽑을 때 뽑히지 않았습니다.");
	if (!strcmp(word, SKIP_HISTORY))
		return TR("The event was told as history, which begins nothing.",
		        "지난 기록으로 들어온 이벤트라 시작하지 않았습니다.");
	if (!strcmp(word, SKIP_BULK))
		return TR("Over 500 events came for the customer that day.",
		        "그날 이 고객의 이벤트가 500건을 넘었습니다.");
	if (!strcmp(word, SKIP_WHERE))
		return TR("The event was not one that the rule's `where` lets through.",
		        "규칙의 where에 맞지 않는 이벤트입니다.");
	if (!strcmp(word, SKIP_NTH))
		return TR("Only every so many of these events counts.",
		        "몇 번째마다만 세는 이벤트인데 그 번째가 아니었습니다.");
	return NULL;
}

void skip_note(struct db *db, int64_t customer, int64_t rule, const char *reason,
        const char *occasion, int64_t at)
{
	struct stmt *st;

	if (customer <= 0)
		return;
	st = db_stmt(db,
	        "INSERT INTO skip(customer, rule, reason, at, occasion) SELECT id, ?2, "
	        "?3,"
	        " ?4, ?5 FROM customer WHERE id = ?1 ON CONFLICT(customer, rule, reason)"
	        " DO UPDATE SET n = n + (occasion IS NOT excluded.occasion),"
	        " at = excluded.at, occasion = excluded.occasion");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, rule);
	stmt_text(st, 3, reason);
	stmt_int(st, 4, at);
	stmt_text(st, 5, occasion);
	stmt_exec(st);
}

int skip_of(struct db *db, int64_t customer, int64_t rule, struct skip out[SKIP_REASONS])
{
	struct stmt *st = db_stmt(db, "SELECT reason, occasion, at, n FROM skip WHERE"
	                              " customer = ?1 AND rule = ?2 ORDER BY reason");
	int found = 0;

	stmt_int(st, 1, customer);
	stmt_int(st, 2, rule);
	while (found < SKIP_REASONS && stmt_row(st)) {
		struct skip *skip = &out[found++];
		snprintf(skip->reason, sizeof skip->reason, "%s", stmt_get_text(st, 0));
		snprintf(skip->occasion, sizeof skip->occasion, "%s",
		        stmt_get_text(st, 1));
		skip->at = stmt_get(st, 2);
		skip->n = stmt_get(st, 3);
	}
	stmt_done(st);
	return found;
}
