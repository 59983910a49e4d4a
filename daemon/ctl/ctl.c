/* dangolctl: the owner's tool. One table of verbs, each a phrase; who stops in the middle
 * of one is told what could come next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "language/syntax.h"

struct verb {
	const char *words;   /* "rule on" */
	const char *args;    /* as shown */
	int least, most;     /* how many words follow; most -1: any number */
	const char *options; /* "from= dry-run ": a value follows where '=' stands */
	int (*run)(const struct ask *ask);
	const char *english, *korean;
};

static const struct verb verbs[] = {
        {"status", "", 0, 0, "", verb_status,
                "how the daemon is, and what keeps it from sending",
                "데몬의 상태와, 보내지 못하는 까닭"},
        {"check", "[--online] [FILE...]", 0, -1, "online ", verb_check,
                "looks for mistakes in dangol.conf, rules and templates",
                "dangol.conf, 규칙, 템플릿의 잘못을 찾습니다"},
        {"fmt", "[--check] FILE...", 1, -1, "check ", verb_fmt,
                "puts rule files into the house style; - for standard input",
                "규칙 파일을 가지런히 합니다. -는 표준 입력"},
        {"reload", "", 0, 0, "", verb_reload, "reads rules and templates anew",
                "규칙과 템플릿을 다시 읽습니다"},
        {"rules", "", 0, 0, "", verb_rules, "the rules in force", "쓰이고 있는 규칙"},
        {"rule on", "NAME", 1, 1, "", verb_rule_on, "turns a rule on, from now",
                "규칙을 지금부터 켭니다"},
        {"rule off", "NAME", 1, 1, "", verb_rule_off, "turns it off and drops what waits",
                "끄고, 기다리던 것을 버립니다"},
        {"rule pause", "NAME", 1, 1, "", verb_rule_pause, "pauses it, losing nothing",
                "아무것도 잃지 않고 멈춥니다"},
        {"rule resume", "NAME", 1, 1, "", verb_rule_resume, "goes on with it",
                "다시 이어 갑니다"},
        {"rule plan", "NAME", 1, 1, "", verb_rule_plan,
                "whom it would reach, why not the others, what it costs",
                "누구에게 닿고, 왜 나머지는 빠지며, 얼마가 드는지"},
        {"rule approve", "NAME [--up-to N]", 1, 1, "up-to= ", verb_rule_approve,
                "lets go what the blast guard holds",
                "대량 발송 방지가 붙든 것을 보냅니다"},
        {"rule drop", "NAME", 1, 1, "", verb_rule_drop,
                "drops what the blast guard holds",
                "대량 발송 방지가 붙든 것을 버립니다"},
        {"rule skip", "NAME", 1, 1, "", verb_rule_skip,
                "drops it, and what follows today",
                "붙든 것과 오늘 더 오는 것을 버립니다"},
        {"explain", "RULE CUSTOMER", 2, 2, "", verb_explain,
                "why the customer gets it, or why not", "왜 받는지, 왜 받지 않는지"},
        {"report", "[RULE] [--from DATE] [--to DATE]", 0, 1, "from= to= ", verb_report,
                "what rules came to: messages, goals, orders, revenue",
                "규칙의 성과: 메시지, 목표, 주문, 매출"},
        {"preview", "RULE|TEMPLATE CUSTOMER", 2, 2, "channel= ", verb_preview,
                "how it would read for a customer", "그 고객에게 어떻게 보일지"},
        {"test-send", "CHANNEL TEMPLATE CUSTOMER --to ADDRESS", 3, 3,
                "to= ", verb_test_send,
                "sends it, as that customer would read it, to an address of yours",
                "그 고객이 볼 그대로 내 주소로 보냅니다"},
        {"simulate",
                "[--from DATE] [--to DATE] [--rules DIR] [--events FILE] [--diff DIR]", 0,
                0, "from= to= rules= events= diff= ", verb_simulate,
                "what would be sent, day by day; sends nothing",
                "날마다 무엇이 나갈지; 보내지는 않습니다"},
        {"event", "TYPE CUSTOMER [KEY=VALUE...]", 2, -1, "id= time= ", verb_event,
                "tells the daemon of an event", "이벤트 하나를 알립니다"},
        {"import",
                "customers|orders|products|consents FILE.csv [--map FILE] [--dry-run] "
                "[--refused FILE]",
                2, 2, "map= dry-run refused= ", verb_import, "takes a spreadsheet over",
                "표를 가져옵니다"},
        {"import list", "", 0, 0, "", verb_import_list,
                "what was imported, and until when "
                "it can be undone",
                "가져온 것과, 언제까지 되돌릴 수 있는지"},
        {"import undo", "BATCH", 1, 1, "", verb_import_undo,
                "takes back what an import did", "가져오기 하나를 되돌립니다"},
        {"export",
                "customers|orders|products|consents|messages|coupons [FILE.csv] "
                "[--encoding utf-8|cp949]",
                1, 2, "encoding= ", verb_export, "all of them as a spreadsheet",
                "모두를 표로 내보냅니다"},
        {"customer show", "ID", 1, 1, "", verb_customer_show,
                "what is known of a customer", "고객에 대해 아는 것"},
        {"customer export", "ID|PHONE|EMAIL [FILE]", 1, 2, "", verb_customer_export,
                "all that is held about a customer, for the person who asks",
                "고객에 대해 가진 모든 것. 본인이 열람을 요구할 때"},
        {"customer merge", "FROM INTO [--dry-run]", 2, 2, "dry-run ", verb_customer_merge,
                "makes two customers one: what FROM has becomes INTO's",
                "두 고객을 한 사람으로 합칩니다. FROM의 것이 INTO의 것이 됩니다"},
        {"customer unmerge", "FROM", 1, 1, "", verb_customer_unmerge,
                "takes two apart who were merged, for 30 days",
                "합친 두 고객을 다시 나눕니다 (30일 안)"},
        {"customer conflicts", "[--dismiss A B]", 0, 2, "dismiss ",
                verb_customer_conflicts, "customers who may be one person",
                "같은 사람일 수 있는 고객"},
        {"customer forget", "ID|PHONE|EMAIL [--dry-run] [--all]", 1, 1, "dry-run all ",
                verb_customer_forget, "erases a customer for good",
                "고객을 완전히 지웁니다"},
        {"consent show", "CUSTOMER", 1, 1, "", verb_consent_show,
                "the history of a customer's consents", "고객의 동의 이력"},
        {"consent give", "CUSTOMER sms|kakao|email|push|data|guardian [ad|night]", 2, 3,
                "how= source= wording= version= operator= time= told ", verb_consent_give,
                "records a consent", "동의를 적습니다"},
        {"consent withdraw", "CUSTOMER sms|kakao|email|push|data|guardian [ad|night]", 2,
                3, "how= source= operator= time= told ", verb_consent_withdraw,
                "records that a consent was taken back", "동의 철회를 적습니다"},
        {"consent notices", "[--late]", 0, 0, "late ", verb_consent_notices,
                "what the law asks to tell of consents, and what was told",
                "법에 따라 알릴 수신동의 안내와 알린 것"},
        {"suppression list", "", 0, 0, "", verb_suppression_list,
                "addresses that get no advertisement", "광고를 보내지 않는 주소"},
        {"suppression add", "ADDRESS [sms|kakao|email|push|all]", 1, 2,
                "reason= ", verb_suppression_add, "no more advertisements to an address",
                "이 주소에는 광고를 보내지 않습니다"},
        {"suppression remove", "ADDRESS [sms|kakao|email|push|all]", 1, 2, "",
                verb_suppression_remove, "takes an address off the list",
                "주소를 목록에서 뺍니다"},
        {"join link", "[--days N]", 0, 0, "days= ", verb_join_link,
                "a link to the page where customers join", "손님이 가입하는 화면의 링크"},
        {"join qr", "[FILE.svg] [--days N]", 0, 1, "days= ", verb_join_qr,
                "the same as a QR code for the counter", "계산대에 둘 QR 코드"},
        {"join revoke", "", 0, 0, "", verb_join_revoke,
                "ends every link to that page made until now",
                "지금까지 만든 그 링크를 모두 끝냅니다"},
        {"queue list", "[--state STATE]", 0, 0, "state= ", verb_queue_list,
                "what waits or is not known to have arrived",
                "기다리거나 결과를 모르는 메시지"},
        {"queue hold", "[ID]", 0, 1, "", verb_queue_hold, "holds one message, or all",
                "하나 또는 모두 붙듭니다"},
        {"queue release", "[ID]", 0, 1, "", verb_queue_release,
                "releases one message, or all", "하나 또는 모두 풉니다"},
        {"queue retry", "ID [--may-duplicate]", 1, 1, "may-duplicate ", verb_queue_retry,
                "tries a failed message again", "실패한 메시지를 다시 보냅니다"},
        {"queue drop", "ID", 1, 1, "", verb_queue_drop, "drops a waiting message",
                "기다리는 메시지를 버립니다"},
        {"queue", "", 0, 0, "state= ", verb_queue_list, "the same as queue list",
                "queue list와 같습니다"},
        {"forward list", "", 0, 0, "", verb_forward_list,
                "servers that are told of events, and what waits for them",
                "이벤트를 전달받는 서버와 기다리는 것"},
        {"forward retry", "NAME", 1, 1, "", verb_forward_retry,
                "tries what waits at once", "기다리는 이벤트를 지금 다시 보냅니다"},
        {"forward skip", "NAME", 1, 1, "", verb_forward_skip,
                "gives up the events that do not get through",
                "보내지 못하는 이벤트를 포기합니다"},
        {"message show", "ID", 1, 1, "", verb_message_show,
                "a message, its cause and its attempts", "메시지 하나와 까닭, 시도"},
        {"coupon show", "CODE", 1, 1, "", verb_coupon_show, "what a code is worth",
                "쿠폰 하나"},
        {"coupon redeem",
                "CODE [--customer ID] [--order ORDER] [--amount WON] [--time TIME]", 1, 1,
                "customer= order= amount= time= ", verb_coupon_redeem,
                "redeems it at the counter", "쿠폰을 사용합니다"},
        {"coupon restore", "CODE", 1, 1, "", verb_coupon_restore,
                "takes a redemption back", "쿠폰 사용을 되돌립니다"},
        {"coupon offline", "FILE", 1, 1, "", verb_coupon_offline,
                "the signed list for a till that is off line",
                "오프라인 계산대용 서명된 쿠폰 목록"},
        {"coupon void", "CODE", 1, 1, "", verb_coupon_void, "makes it void",
                "쿠폰을 무효로 합니다"},
        {"backup", "FILE [--rehearsal]", 1, 1, "rehearsal ", verb_backup,
                "copies the store into a new file", "저장소를 새 파일로 복사합니다"},
        {"key status", "", 0, 0, "", verb_key_status, "how the store is sealed",
                "저장소가 어떻게 봉인되어 있는지"},
        {"key backup", "FILE", 1, 1, "", verb_key_backup,
                "copies the key of the store into a new file",
                "저장소의 열쇠를 새 파일로 복사합니다"},
        {"key rotate", "", 0, 0, "", verb_key_rotate,
                "seals the store with a new key, while it runs",
                "저장소를 도는 동안 새 열쇠로 봉인합니다"},
        {"audit", "[--month MONTH] [--customer ID] [--who WHO] [--verify | --reviewed]",
                0, 0, "month= customer= who= verify reviewed limit= ", verb_audit,
                "who read or changed whose data", "누가 누구의 정보를 보고 고쳤는지"},
        {"audit reason", "ROW TEXT", 2, 2, "", verb_audit_reason,
                "why a download was made", "내려받은 까닭을 적습니다"},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* ---- help ---- */

static void show_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "  dangolctl %s%s%s\n        %s\n", verb->words,
	        verb->args[0] ? " " : "", verb->args, TR(verb->english, verb->korean));
}

static void help(FILE *out)
{
	fputs(TR("usage: dangolctl [-s SOCKET] [--json] VERB ...\n",
	              "사용법: dangolctl [-s 소켓] [--json] 동사 ...\n"),
	        out);
	for (size_t i = 0; i < VERBS; i++)
		show_verb(out, &verbs[i]);
}

/* For completion and the manual's check: phrase, words, options and what it does, a tab
 * between. */
static void list_verbs(void)
{
	for (size_t i = 0; i < VERBS; i++) {
		const struct verb *verb = &verbs[i];
		const char *option = verb->options;
		printf("%s\t%s\t", verb->words, verb->args);
		while (*option) {
			size_t len = strcspn(option, " ");
			printf("%s--%.*s", option == verb->options ? "" : " ", (int)len,
			        option);
			option += len + (option[len] == ' ');
		}
		printf("\t%s\n", TR(verb->english, verb->korean));
	}
}

/* The rule language for an editor. */
static int show_syntax(const char *editor)
{
	struct buf out = {0};
	if (editor && strcmp(editor, "vim") == 0) {
		syntax_vim(&out);
	} else if (editor && strcmp(editor, "vscode") == 0) {
		syntax_textmate(&out);
	} else {
		ctl_say(TR("--syntax takes vim or vscode",
		        "--syntax에는 vim이나 vscode를 씁니다"));
		return CTL_USAGE;
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	return fflush(stdout) ? CTL_FAILED : CTL_DONE;
}

static bool begins_with(const struct verb *verb, const char *word)
{
	size_t len = strlen(word);
	return strncmp(verb->words, word, len) == 0 &&
	       (verb->words[len] == ' ' || verb->words[len] == '\0');
}

/* What may stand where the owner stopped or went astray. */
static int next_words(const char *first)
{
	bool known = false;
	for (size_t i = 0; first && i < VERBS; i++)
		known = known || begins_with(&verbs[i], first);
	if (known) {
		fputs(TR("what can come here:\n", "여기에 올 수 있는 것:\n"), stderr);
		for (size_t i = 0; i < VERBS; i++)
			if (begins_with(&verbs[i], first))
				show_verb(stderr, &verbs[i]);
		return CTL_USAGE;
	}
	if (first)
		ctl_say(TR("there is no verb '%s'", "'%s'라는 동사는 없습니다"), first);
	help(stderr);
	return CTL_USAGE;
}

/* ---- reading the command line ---- */

static int words_of(const char *phrase)
{
	int n = 1;
	for (; *phrase; phrase++)
		n += *phrase == ' ';
	return n;
}

static bool says(const struct verb *verb, int argc, char **argv)
{
	const char *words = verb->words;
	for (int i = 0; i < words_of(verb->words); i++) {
		size_t len = strcspn(words, " ");
		if (i >= argc || strlen(argv[i]) != len ||
		        memcmp(argv[i], words, len) != 0)
			return false;
		words += len + (words[len] == ' ');
	}
	return true;
}

static const struct verb *find(int argc, char **argv)
{
	const struct verb *best = NULL;
	for (size_t i = 0; i < VERBS; i++)
		if (says(&verbs[i], argc, argv) &&
		        (!best || words_of(verbs[i].words) > words_of(best->words)))
			best = &verbs[i];
	return best;
}

const char *ask_option(const struct ask *ask, const char *name)
{
	for (int i = ask->n_options - 1; i >= 0; i--)
		if (strcmp(ask->options[i].name, name) == 0)
			return ask->options[i].value;
	return NULL;
}

/* 1: takes a value, 0: a flag, -1: not this verb's. */
static int option_kind(const struct verb *verb, const char *name, size_t len)
{
	for (const char *p = verb->options; *p;
	        p += strcspn(p, " ") + (p[strcspn(p, " ")] == ' ')) {
		if (strncmp(p, name, len) != 0)
			continue;
		if (p[len] == '=' || p[len] == ' ')
			return p[len] == '=';
	}
	return -1;
}

/* One option at argv[i]; returns the index of its last word, or -1 after saying what is
 * wrong. */
static int take_option(
        const struct verb *verb, struct ask *ask, int argc, char **argv, int i)
{
	char *name = argv[i] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	int kind = option_kind(verb, name, len);
	if (kind < 0 || (kind == 0 && equals) || ask->n_options == ASK_OPTIONS_MAX) {
		ctl_say(TR("'%s' has no option %s", "'%s'에는 %s 옵션이 없습니다"),
		        verb->words, argv[i]);
		return -1;
	}
	if (kind == 1 && !equals && i + 1 == argc) {
		ctl_say(TR("a value is missing behind %s", "%s 뒤에 값이 없습니다"),
		        argv[i]);
		return -1;
	}
	const char *value = kind == 0 ? "" : equals ? equals + 1 : argv[++i];
	ask->options[ask->n_options].name = mem_strndup(name, len);
	ask->options[ask->n_options++].value = value;
	return i;
}

/* Words and options behind the verb; false after saying what is wrong. */
static bool read_rest(const struct verb *verb, struct ask *ask, int argc, char **argv)
{
	bool plain = false;
	ask->args = mem_alloc(((size_t)argc + 1) * sizeof *ask->args);
	for (int i = 0; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0) {
			plain = true;
		} else if (!plain && strncmp(argv[i], "--", 2) == 0) {
			i = take_option(verb, ask, argc, argv, i);
			if (i < 0)
				return false;
		} else {
			ask->args[ask->n++] = argv[i];
		}
	}
	return true;
}

/* Takes out what may stand anywhere: -s SOCKET and --json. Returns how many words are
 * left, or -1. */
static int global_options(struct ask *ask, int argc, char **argv)
{
	int n = 0;
	bool plain = false;
	for (int i = 1; i < argc; i++) {
		plain = plain || strcmp(argv[i], "--") == 0;
		if (plain) {
			argv[n++] = argv[i];
		} else if (strcmp(argv[i], "--json") == 0) {
			ask->json = true;
		} else if (strcmp(argv[i], "-s") == 0 ||
		           strcmp(argv[i], "--socket") == 0) {
			if (++i == argc)
				return -1;
			client_use(argv[i]);
		} else {
			argv[n++] = argv[i];
		}
	}
	return n;
}

static void release(struct ask *ask)
{
	for (int i = 0; i < ask->n_options; i++)
		free((char *)ask->options[i].name);
	free(ask->args);
}

static int run(int argc, char **argv, struct ask *ask)
{
	const struct verb *verb = find(argc, argv);
	if (!verb)
		return next_words(argv[0]);
	int words = words_of(verb->words);
	if (!read_rest(verb, ask, argc - words, argv + words))
		return next_words(argv[0]);
	if (ask->n < verb->least || (verb->most >= 0 && ask->n > verb->most))
		return next_words(argv[0]);
	int status = verb->run(ask);
	return status == CTL_USAGE ? next_words(argv[0]) : status;
}

int main(int argc, char **argv)
{
	struct ask ask = {0};
	int n = global_options(&ask, argc, argv);
	if (n > 0 && (strcmp(argv[0], "--version") == 0)) {
		puts("dangolctl " DANGOL_VERSION);
		return CTL_DONE;
	}
	if (n > 0 && strcmp(argv[0], "--verbs") == 0) {
		list_verbs();
		return CTL_DONE;
	}
	if (n > 0 && strcmp(argv[0], "--syntax") == 0)
		return show_syntax(n > 1 ? argv[1] : NULL);
	if (n > 0 && (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 ||
	                     strcmp(argv[0], "-h") == 0)) {
		help(stdout);
		return CTL_DONE;
	}
	if (n <= 0) {
		help(stderr);
		return CTL_USAGE;
	}
	int status = run(n, argv, &ask);
	release(&ask);
	if (fflush(stdout) || ferror(stdout))
		return CTL_FAILED;
	return status;
}
