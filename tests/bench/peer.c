/* Connections of the bench's own programs: blocking writes, epoll for what comes in. */
#include "peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double peer_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void peer_die(const char *what)
{
	perror(what);
	exit(1);
}

int peer_listen(int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	        .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (void *)&in, sizeof in) || listen(fd, 1024))
		peer_die("listen");
	return fd;
}

void peer_greet(int poll, int listener)
{
	struct peer *p = calloc(1, sizeof *p);
	struct epoll_event want = {.events = EPOLLIN, .data.ptr = p};
	int one = 1;

	p->fd = accept(listener, NULL, NULL);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	p->in = malloc(PEER_IN + 1);
	epoll_ctl(poll, EPOLL_CTL_ADD, p->fd, &want);
}

void peer_bye(struct peer *peer)
{
	close(peer->fd);
	free(peer->in);
	free(peer);
}

size_t peer_whole(char *data, size_t len)
{
	char *end, *field;
	size_t body = 0;

	data[len] = 0;
	end = strstr(data, "\r\n\r\n");
	if (!end)
		return 0;
	*end = 0;
	field = strcasestr(data, "\r\nContent-Length:");
	if (field)
		body = strtoul(field + 17, NULL, 10);
	*end = '\r';
	return (size_t)(end - data) + 4 + body <= len ? (size_t)(end - data) + 4 + body
	                                              : 0;
}

void peer_drop(struct peer *peer, size_t message)
{
	memmove(peer->in, peer->in + message, peer->in_len - message);
	peer->in_len -= message;
}

volatile sig_atomic_t peer_ended;

static void on_term(int number)
{
	(void)number;
	peer_ended = 1;
}

void peer_end_on_term(void)
{
	signal(SIGTERM, on_term);
}
