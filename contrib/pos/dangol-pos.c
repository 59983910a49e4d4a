/* Hands an event on standard input to dangold, and loses none: README.md says how. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64 * 1024 };
static char event[MOST + 1], request[MOST + 2048], answer[MOST], token[512];

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value && *value ? value : otherwise;
}

static size_t slurp(int fd, char *to, size_t most)
{
	size_t n = 0;
	ssize_t got;
	while (n < most && (got = read(fd, to + n, most - n)) > 0)
		n += (size_t)got;
	to[n] = '\0';
	return n;
}

static size_t slurp_file(const char *path, char *to, size_t most)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = fd < 0 ? (to[0] = '\0', 0) : slurp(fd, to, most);
	return fd < 0 || close(fd) ? 0 : n;
}

/* Written whole, on disk, and only then under its name; the folder is the working one. */
static int keep(size_t n)
{
	struct timespec now;
	char fresh[64], name[64];
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, sizeof name, "%lld%09ld-%d.json", (long long)now.tv_sec, now.tv_nsec, (int)getpid());
	snprintf(fresh, sizeof fresh, "%.*s.new", (int)strlen(name) - 5, name);
	int fd = open(fresh, O_CREAT | O_EXCL | O_WRONLY, 0600), folder = open(".", O_RDONLY);
	return fd >= 0 && write(fd, event, n) == (ssize_t)n && fsync(fd) == 0 && close(fd) == 0 &&
	       rename(fresh, name) == 0 && fsync(folder) == 0 && close(folder) == 0;
}

static int reach(const char *dangol)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET};
	char host[64] = "";
	int port = 80, is_un = dangol[0] == '/';
	if (is_un)
		snprintf(un.sun_path, sizeof un.sun_path, "%s", dangol);
	else if (sscanf(dangol, "http://%63[0-9.]:%d", host, &port) < 1 || inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return -1;
	in.sin_port = htons((unsigned short)port);
	int fd = socket(is_un ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = 10};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return connect(fd, is_un ? (void *)&un : (void *)&in, is_un ? sizeof un : sizeof in) ? (close(fd), -1) : fd;
}

/* The status; 0: nobody answered. */
static int ask(size_t n)
{
	char line[600] = "";
	int fd = reach(setting("DANGOL", "/run/dangol/dangol.sock"));
	answer[0] = '\0';
	if (fd < 0)
		return 0;
	if (token[0])
		snprintf(line, sizeof line, "Authorization: Bearer %.*s\r\n", (int)strcspn(token, "\r\n"), token);
	int len = snprintf(request, sizeof request, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
	        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", line, n, event);
	int whole = send(fd, request, (size_t)len, MSG_NOSIGNAL) == len;
	size_t got = whole ? slurp(fd, answer, sizeof answer - 1) : 0;
	close(fd);
	return got > 12 ? atoi(answer + 9) : 0;
}

/* 0: stop here, dangold is away. */
static int hand_over(const char *name)
{
	char aside[300];
	size_t n = slurp_file(name, event, MOST);
	for (unsigned wait = 1; n; wait++) {
		int status = ask(n);
		if (status == 202 && strstr(answer, "\"rejected\":[]"))
			return unlink(name), 1;
		if (status == 202 || status == 400 || status == 413) {
			fprintf(stderr, "refused: %s\n", answer);
			snprintf(aside, sizeof aside, "%.*srefused", (int)strlen(name) - 4, name);
			return rename(name, aside) == 0;
		}
		if (wait == 3)
			return fprintf(stderr, "kept until dangold answers: %d %s\n", status, answer), 0;
		sleep(wait);
	}
	return 1;
}

static int is_event(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);
	return n > 5 && n < 256 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

int main(void)
{
	const char *spool = setting("DANGOL_SPOOL", "dangol-spool");
	struct dirent **names;
	size_t n = slurp(0, event, MOST);
	int there = n > strspn(event, " \r\n\t"), goes_on = 1;
	if (there && (!strstr(event, "\"id\"") || n == MOST))
		return fprintf(stderr, "the event has no id (give it the receipt's number), or is too long\n"), 1;
	slurp_file(setting("DANGOL_TOKEN", ""), token, sizeof token - 1);
	mkdir(spool, 0700);
	if (chdir(spool) || (there && !keep(n)))
		return perror(spool), 1;
	int count = scandir(".", &names, is_event, alphasort);
	for (int i = 0; i < count && goes_on; i++)
		goes_on = hand_over(names[i]->d_name);
	return 0;
}
