/* Makes listening sockets that only those may reach who should. It never leaves a socket
 * file open wider than its mode, not for a moment, never takes a living daemon's file
 * away, and never binds an address beyond this machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "door/listener.h"

#define WHY 256
#define PASSED_FIRST 3 /* sd_listen_fds(3) */

/* ---- passed by systemd ---- */

static bool passed_to_us(void)
{
	const char *pid = getenv("LISTEN_PID");
	return pid && strtol(pid, NULL, 10) == (long)getpid();
}

int listener_passed(const char *name)
{
	static unsigned given;
	const char *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	if (!count || !names || !passed_to_us())
		return -1;
	long n = strtol(count, NULL, 10);
	for (int i = 0; i < n && i < 32 && names; i++) {
		const char *colon = strchr(names, ':');
		size_t len = colon ? (size_t)(colon - names) : strlen(names);
		if (len == strlen(name) && !memcmp(names, name, len) &&
		        !(given & 1u << i)) {
			given |= 1u << i;
			return PASSED_FIRST + i;
		}
		names = colon ? colon + 1 : NULL;
	}
	return -1;
}

static bool loopback(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	return address->ss_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 == 127;
}

bool listener_take(
        struct listener *listener, int fd, const char *name, bool tcp, char why[256])
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof address;
	int type = 0;
	socklen_t type_len = sizeof type;
	bool good = !getsockname(fd, (struct sockaddr *)&address, &len) &&
	            !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) &&
	            type == SOCK_STREAM;
	good = good && (tcp ? loopback(&address) : address.ss_family == AF_UNIX);
	listener->fd = fd;
	if (good && !fcntl(fd, F_SETFD, FD_CLOEXEC) &&
	        !fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK))
		return true;
	snprintf(why, WHY,
	        tcp ? TR("the socket \"%s\" that systemd passed is no TCP socket on a "
	                 "loopback address: mend ListenStream= in its .socket unit",
	                      "systemd가 넘긴 \"%s\" 소켓이 루프백 TCP 소켓이 "
	                      "아닙니다. .socket 유닛의 ListenStream=을 고치세요")
	            : TR("the socket \"%s\" that systemd passed is no Unix stream "
	                 "socket: mend ListenStream= in its .socket unit",
	                      "systemd가 넘긴 \"%s\"이 유닉스 스트림 소켓이 아닙니다. "
	                      ".socket 유닛의 ListenStream=을 고치세요"),
	        name);
	return false;
}

/* ---- the Unix socket ---- */

static int open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool cannot(char why[256], const char *path)
{
	snprintf(why, WHY, TR("cannot open %s: %s", "%s을(를) 열 수 없습니다: %s"), path,
	        strerror(errno));
	return false;
}

static bool living(int fd, const char *path, char why[256])
{
	struct ucred peer = {.pid = 0};
	socklen_t len = sizeof peer;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	snprintf(why, WHY,
	        TR("%s is served already, by process %ld: stop that one first",
	                "%s은(는) 이미 다른 프로세스(%ld)가 쓰고 있습니다. 그 프로세스를 "
	                "먼저 멈추세요"),
	        path, (long)peer.pid);
	return false;
}

/* A file at the path is taken away only when it is a socket that nobody listens on. */
static bool make_room(const char *path, const struct sockaddr_un *address, char why[256])
{
	struct stat st;
	if (lstat(path, &st))
		return errno == ENOENT || cannot(why, path);
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, WHY,
		        TR("%s is a file, not a socket: remove it, or name another path",
		                "%s은(는) 소켓이 아니라 파일입니다. 지우거나 다른 경로를 "
		                "쓰세요"),
		        path);
		return false;
	}
	int fd = open_socket(AF_UNIX);
	if (fd < 0)
		return cannot(why, path);
	/* EAGAIN: somebody listens, and has no room for us at the moment. */
	int error = connect(fd, (const struct sockaddr *)address, sizeof *address) ? errno
	                                                                           : 0;
	bool free_now = error == ECONNREFUSED;
	if (!error || error == EAGAIN)
		living(fd, path, why);
	else if (!free_now && (errno = error))
		cannot(why, path);
	close(fd);
	if (free_now && unlink(path) && errno != ENOENT)
		return cannot(why, path);
	return free_now;
}

static bool find_group(const char *name, gid_t *gid, char why[256])
{
	*gid = (gid_t)-1;
	const struct group *group = name ? getgrnam(name) : NULL;
	if (group)
		*gid = group->gr_gid;
	if (group || !name)
		return true;
	snprintf(why, WHY,
	        TR("there is no group %s: make it (groupadd %s), or leave group out of "
	           "listen",
	                "%s 그룹이 없습니다. 만들거나(groupadd %s) listen에서 group을 "
	                "빼세요"),
	        name, name);
	return false;
}

/* Nobody can connect before listen, and nobody but us may while the mode is not the final
 * one. */
static bool bind_unix(struct listener *listener, const struct sockaddr_un *address,
        int mode, gid_t gid, char why[256])
{
	const char *path = address->sun_path;
	mode_t old = umask(0177);
	int failed =
	        bind(listener->fd, (const struct sockaddr *)address, sizeof *address);
	umask(old);
	if (failed)
		return cannot(why, path);
	struct stat st;
	if (lstat(path, &st))
		return cannot(why, path);
	listener->path = mem_strdup(path);
	listener->dev = st.st_dev;
	listener->ino = st.st_ino;
	if (gid != (gid_t)-1 && gid != st.st_gid && lchown(path, (uid_t)-1, gid)) {
		snprintf(why, WHY,
		        TR("cannot give %s to its group: run as a member of that group",
		                "%s의 그룹을 바꿀 수 없습니다. 그 그룹에 속한 사용자로 "
		                "실행하세요"),
		        path);
		return false;
	}
	return !chmod(path, (mode_t)mode) || cannot(why, path);
}

bool listener_unix(struct listener *listener, const char *path, int mode,
        const char *group, char why[256])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	if (!len || len >= sizeof address.sun_path) {
		snprintf(why, WHY,
		        TR("the socket's path must be shorter than %zu bytes",
		                "소켓 경로는 %zu바이트보다 짧아야 합니다"),
		        sizeof address.sun_path);
		return false;
	}
	memcpy(address.sun_path, path, len);
	gid_t gid;
	if (!find_group(group, &gid, why) || !make_room(path, &address, why))
		return false;
	listener->fd = open_socket(AF_UNIX);
	if (listener->fd < 0)
		return cannot(why, path);
	return bind_unix(listener, &address, mode, gid, why);
}

/* ---- TCP ---- */

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n > 65535)
		return false;
	*port = htons((uint16_t)n);
	return true;
}

/* "127.0.0.1:8484" or "[::1]:8484"; no names, for a resolver could answer anything. */
static bool parse_address(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof host)
		return false;
	bool six = text[0] == '[' && colon[-1] == ']';
	size_t n = (size_t)(colon - text) - (six ? 2 : 0);
	memcpy(host, text + six, n);
	host[n] = '\0';
	memset(out, 0, sizeof *out);
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	out->ss_family = six ? AF_INET6 : AF_INET;
	*len = six ? sizeof *in6 : sizeof *in;
	if (!parse_port(colon + 1, six ? &in6->sin6_port : &in->sin_port))
		return false;
	void *address = six ? (void *)&in6->sin6_addr : (void *)&in->sin_addr;
	return inet_pton(out->ss_family, host, address) == 1 && loopback(out);
}

bool listener_tcp(struct listener *listener, const char *address, char why[256])
{
	struct sockaddr_storage where;
	socklen_t len;
	if (!parse_address(address, &where, &len)) {
		snprintf(why, WHY,
		        TR("%s is no loopback address with a port: write 127.0.0.1:8484 "
		           "or "
		           "[::1]:8484, and put a proxy with TLS before it for others",
		                "%s은(는) 포트가 있는 루프백 주소가 아닙니다. "
		                "127.0.0.1:8484나 "
		                "[::1]:8484로 쓰고, 밖에서 쓰려면 TLS 프록시를 앞에 "
		                "두세요"),
		        address);
		return false;
	}
	listener->fd = open_socket(where.ss_family);
	if (listener->fd < 0)
		return cannot(why, address);
	int on = 1;
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (where.ss_family == AF_INET6)
		setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (!bind(listener->fd, (struct sockaddr *)&where, len))
		return true;
	if (errno != EADDRINUSE)
		return cannot(why, address);
	snprintf(why, WHY,
	        TR("another program listens on %s: stop it, or name another port",
	                "다른 프로그램이 %s을(를) 쓰고 있습니다. 멈추거나 다른 포트를 "
	                "쓰세요"),
	        address);
	return false;
}

int listener_port(int fd)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &len))
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return address.ss_family == AF_INET
	               ? ntohs(((struct sockaddr_in *)&address)->sin_port)
	               : 0;
}

void listener_unlink(struct listener *listener)
{
	struct stat st;
	if (listener->path && !lstat(listener->path, &st) && st.st_dev == listener->dev &&
	        st.st_ino == listener->ino)
		unlink(listener->path);
	free(listener->path);
	listener->path = NULL;
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
	listener_unlink(listener);
}
