/* Lists of deadlines, one a span. It reads no clock and owns nothing that it links. */
#include "door/deadline.h"

static const uint64_t spans_ms[DEADLINE_KINDS] = {
        [DEADLINE_HEADER] = 30000,
        [DEADLINE_BODY] = 60000,
        [DEADLINE_IDLE] = 75000,
        [DEADLINE_ANSWER] = 60000,
        [DEADLINE_LINGER] = 5000,
};

void deadline_init(struct deadlines *all)
{
	for (int i = 0; i < DEADLINE_KINDS; i++)
		all->heads[i].prev = all->heads[i].next = &all->heads[i];
}

void deadline_set(struct deadlines *all, struct deadline *one, enum deadline_kind kind,
        uint64_t now_ms)
{
	if (one->kind == kind)
		return;
	if (one->kind != DEADLINE_NONE) {
		one->prev->next = one->next;
		one->next->prev = one->prev;
	}
	one->kind = kind;
	if (kind == DEADLINE_NONE)
		return;
	struct deadline *head = &all->heads[kind];
	one->due_ms = now_ms + spans_ms[kind];
	one->prev = head->prev;
	one->next = head;
	head->prev->next = one;
	head->prev = one;
}

struct deadline *deadline_first(struct deadlines *all, enum deadline_kind kind)
{
	struct deadline *head = &all->heads[kind];
	return head->next == head ? NULL : head->next;
}

struct deadline *deadline_due(struct deadlines *all, uint64_t now_ms)
{
	for (int kind = DEADLINE_HEADER; kind <= DEADLINE_LINGER; kind++) {
		struct deadline *first = deadline_first(all, (enum deadline_kind)kind);
		if (first && first->due_ms <= now_ms)
			return first;
	}
	return NULL;
}

size_t deadline_count(struct deadlines *all, enum deadline_kind kind)
{
	size_t n = 0;
	const struct deadline *head = &all->heads[kind];
	for (const struct deadline *one = head->next; one != head; one = one->next)
		n++;
	return n;
}
