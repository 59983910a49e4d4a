/* dangol-mail: the program behind one mail connection. Started by dangold, which tells it
 * over a pipe how to send and then the letters, or, called with the word bounces, which
 * mailbox to look through; ends when the pipe does. Sees neither the store nor the rules
 * nor any secret but its own password. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/process.h"
#include "delivery/mail/desk.h"
#include "delivery/mail/mime.h"
#include "delivery/mail/returns.h"
#include "delivery/mail/session.h"
#include "delivery/mail/submit.h"
#include "delivery/outcome.h"
#include "delivery/parcel.h"

#define FILES_MOST 64 /* letters whose files share one sync of the folder */
#define KEEP_MS 5000  /* an idle connection of libcurl's */

/* ---- the outbox ---- */

static bool make_parcel(struct letter *letter, struct parcel *parcel)
{
	struct outcome outcome;

	*parcel = (struct parcel){.owner = letter};
	parcel->eml = mime_render(letter, &parcel->eml_len);
	if (!parcel->eml) {
		outcome = outcome_make(OUTCOME_REFUSED, "address", "%s",
		        TR("sender or recipient is no e-mail address",
		                "보내는 사람이나 받는 사람이 메일 주소가 아닙니다"));
		desk_answer(letter, &outcome);
		return false;
	}
	parcel->json = parcel_json(letter);
	parcel_stem(letter, parcel->stem);
	return true;
}

static void file_letters(const char *folder, struct letter *letter)
{
	static struct parcel parcels[FILES_MOST];
	size_t n = 0;

	do {
		n += make_parcel(letter, &parcels[n]);
	} while (n < FILES_MOST && (letter = desk_take(0)));
	for (size_t i = 0; i < n; i++)
		desk_leaving(parcels[i].owner);
	parcel_write(folder, parcels, n);
	for (size_t i = 0; i < n; i++) {
		desk_answer(parcels[i].owner, &parcels[i].outcome);
		parcel_fini(&parcels[i]);
	}
}

/* ---- by libcurl ---- */

static void submit_letters(const struct wire_setup *setup, struct letter *letter)
{
	do {
		submit_run(setup, letter);
	} while ((letter = desk_take(KEEP_MS)));
	submit_rest();
}

int main(int argc, char **argv)
{
	struct arena *arena;
	struct wire_setup setup;
	struct stat input;
	bool bounces = argc > 1 && !strcmp(argv[1], "bounces");

	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("dangol-mail " DANGOL_VERSION);
		return 0;
	}
	if (argc > 1 + bounces || fstat(STDIN_FILENO, &input) ||
	        !S_ISSOCK(input.st_mode)) {
		fprintf(stderr, "%s\n",
		        TR("dangol-mail is started by dangold, not by hand",
		                "dangol-mail은 dangold가 시작합니다"));
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	process_shut();
	log_open("dangol-mail", LOG_LEVEL_INFO);
	if (bounces)
		returns_run();
	arena = arena_new();
	desk_open(arena, &setup);
	for (;;) {
		struct letter *letter = desk_take(-1);

		if (setup.folder)
			file_letters(setup.folder, letter);
		else if (session_can(&setup))
			session_run(&setup, letter);
		else
			submit_letters(&setup, letter);
	}
}
