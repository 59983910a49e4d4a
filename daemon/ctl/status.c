/* The verbs about the daemon itself: status, backup. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static void show_counts(const char *title, json_t *counts)
{
	const char *key;
	json_t *value;
	char number[32];
	bool any = false;
	printf("%s", title);
	json_object_foreach(counts, key, value)
	{
		if (json_integer_value(value) == 0)
			continue;
		printf("%s%s %s", any ? ", " : " ", key,
		        text_number(json_integer_value(value), number));
		any = true;
	}
	puts(any ? "" : TR(" nothing", " 없음"));
}

static void show_channels(json_t *channels)
{
	struct table table;
	const char *name;
	json_t *channel;
	char waiting[32];
	if (json_object_size(channels) == 0)
		return;
	table_init(&table, TR("channel", "채널"), TR("provider", "제공자"),
	        TR("state", "상태"), TR("waiting", "대기"), TR("reason", "까닭"), NULL);
	json_object_foreach(channels, name, channel) table_add(&table, name,
	        ctl_text(channel, "provider"), ctl_text(channel, "state"),
	        ctl_number(channel, "waiting", waiting), ctl_text(channel, "reason"));
	table_print(&table, stdout);
}

/* What the provider told of the number that text messages leave by; nothing where it told
 * nothing. */
static void show_sender(const char *name, json_t *channel)
{
	json_t *sender = json_object_get(channel, "sender");
	bool good = json_is_true(json_object_get(sender, "registered"));
	char asked[32];
	if (!json_is_boolean(json_object_get(sender, "registered")))
		return;
	printf(good ? TR("%s: the sender %s is registered at %s (asked %s)\n",
	                      "%s: 발신번호 %s은(는) %s에 등록되어 있습니다 (%s에 "
	                      "물음)\n")
	            : TR("%s: the sender %s may not send at %s (asked %s)\n",
	                      "%s: 발신번호 %s은(는) %s에서 쓸 수 없습니다 (%s에 "
	                      "물음)\n"),
	        name, ctl_text(sender, "number"), ctl_text(channel, "provider"),
	        ctl_time(sender, "asked", asked));
}

static void show_senders(json_t *channels)
{
	json_t *channel, *spare;
	const char *name;
	json_object_foreach(channels, name, channel)
	{
		show_sender(name, channel);
		spare = json_object_get(channel, "fallback");
		show_sender(name, spare);
	}
}

/* Receiving domains that e-mail waits for. */
static void show_domains(json_t *channels)
{
	json_t *channel, *one;
	const char *name;
	char until[32];
	size_t i;
	json_object_foreach(channels, name, channel)
	        json_array_foreach(json_object_get(channel, "domains"), i, one)
	                printf(TR("%s: letters to %s wait until %s (%s)\n",
	                               "%s: %s(으)로 가는 메일이 %s까지 기다립니다 "
	                               "(%s)\n"),
	                        name, ctl_text(one, "domain"),
	                        ctl_time(one, "until", until), ctl_text(one, "reason"));
}

static const char *per_text(const char *per)
{
	if (!strcmp(per, "day"))
		return TR("a day", "하루에");
	return strcmp(per, "week") ? TR("a month", "한 달에") : TR("a week", "한 주에");
}

/* Nothing where nothing was spent and no budget bounds it. */
static void show_spent(json_t *spent)
{
	json_t *channels = json_object_get(spent, "by_channel"), *one;
	char today[32], month[32], left[32], budget[32];
	const char *name;
	bool said = json_integer_value(json_object_get(spent, "month")) != 0;
	if (said)
		printf(TR("spent: today %s won, this month %s won\n",
		               "쓴 돈: 오늘 %s원, 이달 %s원\n"),
		        ctl_number(spent, "today", today),
		        ctl_number(spent, "month", month));
	json_object_foreach(channels, name, one)
	{
		bool bounded = json_is_integer(json_object_get(one, "budget"));
		if (!bounded && !json_integer_value(json_object_get(one, "month")))
			continue;
		printf(TR("    %s: today %s, this month %s", "    %s: 오늘 %s, 이달 %s"),
		        name, ctl_number(one, "today", today),
		        ctl_number(one, "month", month));
		if (bounded)
			printf(TR("; %1$s left of %3$s %2$s",
			               "; %2$s %3$s원 가운데 %1$s원 "
			               "남음"),
			        ctl_number(one, "left", left),
			        per_text(ctl_text(one, "per")),
			        ctl_number(one, "budget", budget));
		putchar('\n');
	}
}

static void show_misnomers(json_t *misnomers)
{
	json_t *one;
	size_t i;
	char number[32];
	json_array_foreach(misnomers, i, one)
	        printf(TR("event type %s is not known (%s taken as the shop's own); did "
	                  "you mean %s?\n",
	                       "이벤트 %s은(는) 모르는 이름입니다 (가게의 것으로 %s건 "
	                       "받음). %s을(를) 뜻하셨나요?\n"),
	                ctl_text(one, "type"), ctl_number(one, "count", number),
	                ctl_text(one, "meant"));
}

static void show_bulk(json_t *bulk)
{
	char number[32];
	if (json_integer_value(json_object_get(bulk, "customers")))
		printf(TR("customers with over 500 events in a day, at whom no rule "
		          "looks any more: %s, %s the newest\n"
		          "    a till that books everybody on one customer should send "
		          "those sales without a customer\n",
		               "하루에 이벤트가 500건을 넘어 규칙에서 빠진 고객: %s명, "
		               "마지막은 %s\n"
		               "    계산대가 모든 손님을 한 고객으로 보낸다면 고객 없이 "
		               "보내게 하십시오\n"),
		        ctl_number(bulk, "customers", number), ctl_text(bulk, "newest"));
}

/* Nothing where the law asks for none. */
static void show_notices(json_t *notices)
{
	char due[32], late[32], told[32];
	if (!json_integer_value(json_object_get(notices, "due")) &&
	        !json_integer_value(json_object_get(notices, "told")))
		return;
	printf(TR("notices of consent: %s to tell, %s of them late, %s told in 30 days\n",
	               "수신동의 안내: 알릴 것 %s건, 그 가운데 늦어지는 것 %s건, 30일 "
	               "동안 알린 것 %s건\n"),
	        ctl_number(notices, "due", due), ctl_number(notices, "late", late),
	        ctl_number(notices, "told", told));
}

/* Nothing where no provider ever reported. */
static void show_receipts(json_t *receipts)
{
	json_t *value;
	const char *key;
	json_int_t all = 0;
	json_object_foreach(receipts, key, value) all += json_integer_value(value);
	if (all)
		show_counts(TR("delivery reports:", "도착 보고:"), receipts);
}

/* A line for each hook of dangol.conf: has its system told anything? */
static void show_hooks(json_t *hooks)
{
	const char *name;
	json_t *counts;
	char title[128];
	json_object_foreach(hooks, name, counts)
	{
		if (!json_is_object(counts))
			continue;
		snprintf(title, sizeof title, TR("hook %s:", "훅 %s:"), name);
		show_counts(title, counts);
	}
}

/* Nothing where no mailbox is named. */
static void show_bounces(json_t *bounces)
{
	char read[32], ours[32], ignored[32];
	const char *error = json_string_value(json_object_get(bounces, "error"));
	if (!json_is_object(bounces))
		return;
	printf(TR("bounces: %s of ours, %s of nobody's, in %s mails read\n",
	               "반송: 우리 메일 %s건, 남의 것 %s건, 읽은 메일 %s건\n"),
	        ctl_number(bounces, "ours", ours),
	        ctl_number(bounces, "ignored", ignored),
	        ctl_number(bounces, "read", read));
	if (error)
		printf("    %s\n", error);
}

static void show_kept(json_t *store, const char *name, const char *what)
{
	json_t *one = json_object_get(json_object_get(store, "retention"), name);
	char deleted[32];
	long long months = json_integer_value(json_object_get(one, "keep_months"));
	if (months)
		printf(TR("  %s: kept %lld months, %s let go so far\n",
		               "  %s: %lld개월 보관, 지금까지 %s건 삭제\n"),
		        what, months, ctl_number(one, "deleted", deleted));
}

/* Those that still hold somebody who was erased. */
static void show_backups(json_t *backups)
{
	json_t *one;
	size_t i;
	json_array_foreach(backups, i, one)
	{
		long long n = json_integer_value(json_object_get(one, "erased_since"));
		if (n)
			printf(TR("  backup %s: %lld erased since; put back, they are "
			          "erased again\n",
			               "  백업 %s: 그 뒤로 지운 고객 %lld명. 되돌리면 "
			               "다시 "
			               "지웁니다\n"),
			        ctl_text(one, "file"), n);
	}
}

static void show_store(json_t *store)
{
	json_t *retention = json_object_get(store, "retention");
	char bytes[32], last[32];
	printf(TR("store: %s bytes\n", "저장소: %s 바이트\n"),
	        ctl_number(store, "bytes", bytes));
	ctl_show_sealing(store);
	show_kept(store, "events", TR("events", "이벤트"));
	show_kept(store, "messages", TR("messages", "메시지"));
	if (json_is_string(json_object_get(retention, "last")))
		printf(TR("  looked through for what is old: %s\n",
		               "  오래된 것을 살펴본 때: %s\n"),
		        ctl_time(retention, "last", last));
	if (ctl_text(retention, "held_by_rules")[0])
		printf(TR("  kept in full because rules look back at all of it: %s\n",
		               "  규칙이 전부 돌아보므로 모두 보관: %s\n"),
		        ctl_text(retention, "held_by_rules"));
	show_backups(json_object_get(store, "backups"));
}

static void show_uptime(json_t *status)
{
	long long s = json_integer_value(json_object_get(status, "uptime_s"));
	printf(TR("dangold %s, up %lldd %02lld:%02lld:%02lld\n",
	               "dangold %s, 켜진 지 %lld일 %02lld:%02lld:%02lld\n"),
	        ctl_text(status, "version"), s / 86400, s / 3600 % 24, s / 60 % 60,
	        s % 60);
}

/* A month of the access log that nobody looked over. */
static void show_audit(json_t *audit)
{
	const char *due = ctl_text(audit, "due");
	if (*due)
		printf(TR("the access log of %s was not looked over yet: `dangolctl "
		          "audit --month %s`, then `dangolctl audit --reviewed`\n",
		               "%s의 접속기록을 아직 점검하지 않았습니다. `dangolctl "
		               "audit --month %s`로 보고 `dangolctl audit --reviewed`로 "
		               "마칩니다\n"),
		        due, due);
}

int verb_status(const struct ask *ask)
{
	json_t *status;
	char loaded[32], off[32];
	int failed = ctl_call(ask, "GET", "/v1/status", NULL, &status);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(status);
	json_t *rules = json_object_get(status, "rules");
	printf("%s\n\n", ctl_text(status, "why"));
	show_uptime(status);
	printf(TR("rules: %s in force, %s of them off\n",
	               "규칙: %s개, 그 가운데 꺼진 것 %s개\n"),
	        ctl_number(rules, "loaded", loaded), ctl_number(rules, "off", off));
	show_counts(TR("messages:", "메시지:"), json_object_get(status, "queue"));
	show_counts(TR("events:", "이벤트:"), json_object_get(status, "events"));
	show_hooks(json_object_get(status, "hooks"));
	show_receipts(json_object_get(status, "receipts"));
	show_bounces(json_object_get(status, "bounces"));
	show_notices(json_object_get(status, "notices"));
	show_store(json_object_get(status, "store"));
	show_spent(json_object_get(status, "spent"));
	show_channels(json_object_get(status, "channels"));
	show_senders(json_object_get(status, "channels"));
	show_domains(json_object_get(status, "channels"));
	ctl_show_forwards(json_object_get(status, "forwards"));
	ctl_show_places(json_object_get(rules, "errors"), stdout);
	ctl_show_places(json_object_get(rules, "warnings"), stdout);
	show_misnomers(json_object_get(status, "misnomers"));
	show_bulk(json_object_get(status, "bulk"));
	show_audit(json_object_get(status, "audit"));
	json_decref(status);
	return CTL_DONE;
}

int verb_backup(const struct ask *ask)
{
	char here[PATH_MAX], bytes[32];
	struct buf path = {0};
	json_t *answer;
	if (ask->args[0][0] != '/' && getcwd(here, sizeof here))
		buf_printf(&path, "%s/", here);
	buf_adds(&path, ask->args[0]);
	json_t *body = json_pack("{s:s, s:b}", "file", path.data, "rehearsal",
	        ask_option(ask, "rehearsal") != NULL);
	buf_free(&path);
	int failed = ctl_call(ask, "POST", "/v1/backups", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s: %s bytes\n", "%s: %s 바이트\n"), ctl_text(answer, "file"),
	        ctl_number(answer, "bytes", bytes));
	json_decref(answer);
	return CTL_DONE;
}
