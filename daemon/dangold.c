/* dangold: reads what it was asked on the command line and becomes the daemon, a check or
 * a simulation. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/keyfile.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "config.h"
#include "language/ruleset.h"
#include "language/survey.h"
#include "online.h"
#include "service.h"
#include "simulate.h"

#define CHECK_PATIENCE_MS 10000

struct options {
	const char *config, *clock;
	bool check, json, online, simulate;
	struct simulation simulation;
};

static void usage(FILE *out)
{
	fputs(TR("usage: dangold [-c FILE] [--check [--online] [--json]] "
	         "[--clock TIME[,RATE]] [--version]\n"
	         "       dangold --simulate [-c FILE] [--clock TIME] [--from DATE] [--to "
	         "DATE] [--rules "
	         "DIR] [--events FILE] [--summary | --diff DIR]\n",
	              "사용법: dangold [-c 파일] [--check [--online] [--json]] [--clock "
	              "시각[,배속]] [--version]\n"
	              "        dangold --simulate [-c 파일] [--clock 시각] [--from 날짜] "
	              "[--to 날짜] "
	              "[--rules 폴더] [--events 파일] [--summary | --diff 폴더]\n"),
	        out);
}

/* Where an option's word goes; NULL: it has none. */
static const char **word_of(int option, struct options *o)
{
	switch (option) {
	case 'c':
		return &o->config;
	case 't':
		return &o->clock;
	case 'f':
		return &o->simulation.from;
	case 'u':
		return &o->simulation.to;
	case 'r':
		return &o->simulation.rules;
	case 'e':
		return &o->simulation.events;
	case 'd':
		return &o->simulation.diff;
	}
	return NULL;
}

static void take(int option, struct options *o)
{
	const char **word = word_of(option, o);

	if (word)
		*word = optarg;
	else if (option == 'k')
		o->check = true;
	else if (option == 'j')
		o->json = true;
	else if (option == 'o')
		o->online = true;
	else if (option == 's')
		o->simulate = true;
	else if (option == 'm')
		o->simulation.summary = true;
	else if (option == 'v' || option == 'h') {
		if (option == 'v')
			puts("dangold " DANGOL_VERSION);
		else
			usage(stdout);
		exit(0);
	} else {
		usage(stderr);
		exit(2);
	}
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	        {"config", required_argument, NULL, 'c'},
	        {"check", no_argument, NULL, 'k'},
	        {"json", no_argument, NULL, 'j'},
	        {"online", no_argument, NULL, 'o'},
	        {"clock", required_argument, NULL, 't'},
	        {"version", no_argument, NULL, 'v'},
	        {"help", no_argument, NULL, 'h'},
	        {"simulate", no_argument, NULL, 's'},
	        {"from", required_argument, NULL, 'f'},
	        {"to", required_argument, NULL, 'u'},
	        {"rules", required_argument, NULL, 'r'},
	        {"events", required_argument, NULL, 'e'},
	        {"summary", no_argument, NULL, 'm'},
	        {"diff", required_argument, NULL, 'd'},
	        {0},
	};

	for (int c; (c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;)
		take(c, o);
	if (optind < argc) {
		usage(stderr);
		exit(2);
	}
}

/* Mistakes alone are an array; with what providers said an object. Takes online. */
static void show_json(
        const struct diag *diag, const struct diag *findings, json_t *online)
{
	json_t *list = diag_json(diag),
	       *more = findings ? diag_json(findings) : json_array();

	json_array_extend(list, more);
	if (online)
		list = json_pack("{s:o, s:o}", "mistakes", list, "online", online);
	json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(more);
	json_decref(list);
}

/* findings may be NULL. */
static void show(const struct diag *diag, const struct diag *findings)
{
	struct buf out = {0};

	diag_print(diag, &out);
	if (findings)
		diag_print(findings, &out);
	if (out.len)
		fwrite(out.data, 1, out.len, stderr);
	buf_free(&out);
}

/* The shop's data, where there is some and it may be read: it makes the mistakes more
 * telling, and its absence is none. */
static struct survey *look_at_store(const struct config *config, struct db **db)
{
	char why[512];

	if (config)
		keyfile_load(config->folder, why);
	*db = config && db_readable(config->store) ? db_open_reader(config->store) : NULL;
	return *db ? survey_new(*db, config->shop.zone, clock_now(),
	                     clock_mono() + CHECK_PATIENCE_MS, NULL)
	           : NULL;
}

/* The key that opens the store, where there is one; without it the store stays closed. */
static bool load_key(const struct config *config)
{
	char why[512];

	if (keyfile_load(config->folder, why) != KEYFILE_WRONG)
		return true;
	log_error("%s", why);
	return false;
}

static int check(const struct options *o, struct config *config, struct diag *diag)
{
	struct db *db;
	struct survey *survey = look_at_store(config, &db);
	struct ruleset *rules = NULL;
	json_t *online = o->online && config ? online_ask(config) : NULL;
	bool good, reached = !online || online_good(online);

	if (config) {
		config->world.survey = survey;
		rules = ruleset_load(
		        config->rules, config->templates, &config->world, diag);
	}
	good = config && rules && diag->errors == 0;
	if (rules && survey)
		survey_program(survey, rules->program, NULL);
	if (o->json)
		show_json(diag, survey ? survey_findings(survey) : NULL,
		        json_incref(online));
	else
		show(diag, survey ? survey_findings(survey) : NULL);
	if (!o->json && good)
		printf(TR("good: %zu rules, %zu segments, %zu coupons, %zu templates\n",
		               "이상 없음: 규칙 %zu개, 고객군 %zu개, 쿠폰 %zu개, 템플릿 "
		               "%zu개\n"),
		        rules->program->n_rules - rules->program->n_built_in,
		        rules->program->n_segments, rules->program->n_coupons,
		        rules->templates->n - rules->templates->n_built_in);
	if (!o->json && online)
		online_show(online);
	json_decref(online);
	ruleset_free(rules);
	survey_free(survey);
	db_close(db);
	config_free(config);
	return good && reached ? 0 : 1;
}

static bool bend_clock(const char *text)
{
	int64_t start;
	double rate;

	if (clock_parse(text, &start, &rate)) {
		fprintf(stderr,
		        TR("--clock %s: write a time and a rate, such as "
		           "2026-11-23T10:00:00+09:00,60\n",
		                "--clock %s: 2026-11-23T10:00:00+09:00,60처럼 시각과 "
		                "배속을 적어 주세요\n"),
		        text);
		return false;
	}
	clock_rehearse(start, rate);
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct config *config;
	struct diag diag;
	int status;

	mem_keep();
	parse(argc, argv, &o);
	process_shut();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	log_open("dangold", LOG_LEVEL_INFO);
	if (o.clock && !bend_clock(o.clock))
		return 2;
	if (!o.config && !(o.config = config_default())) {
		fputs(TR("no dangol.conf here or in /etc/dangol: name one with -c FILE\n",
		              "dangol.conf가 여기에도 /etc/dangol에도 없습니다. -c "
		              "파일로 알려 주세요\n"),
		        stderr);
		return 1;
	}
	diag_init(&diag);
	config = config_read(o.config, (!o.check || o.online) && !o.simulate, &diag);
	if (o.check) {
		status = check(&o, config, &diag);
		diag_fini(&diag);
		return status;
	}
	if (config && o.clock && !o.simulate && !config_loopback_only(config, &diag)) {
		config_free(config);
		config = NULL;
	}
	show(&diag, NULL);
	diag_fini(&diag);
	if (!config)
		return 1;
	if (!o.simulate)
		return service_run(config, argv[0], o.clock != NULL);
	status = load_key(config) ? simulate_run(config, &o.simulation) : 1;
	config_free(config);
	return status;
}
