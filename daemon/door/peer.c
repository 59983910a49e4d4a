/* Asks the kernel who a peer is, and the file of users for his name: never a directory
 * service, which may answer late. It lets nobody in. */
#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "door/peer.h"

static void look_local(struct peer *peer, const uv_stream_t *stream)
{
	struct ucred cred;
	socklen_t len = sizeof cred;
	uv_os_fd_t fd;
	if (uv_fileno((const uv_handle_t *)stream, &fd) ||
	        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return;
	peer->has_uid = true;
	peer->uid = cred.uid;
}

static void look_far(struct peer *peer, const uv_stream_t *stream)
{
	struct sockaddr_storage from;
	int len = sizeof from;
	if (uv_tcp_getpeername((const uv_tcp_t *)stream, (struct sockaddr *)&from, &len))
		return;
	if (from.ss_family == AF_INET)
		uv_ip4_name((struct sockaddr_in *)&from, peer->address, PEER_ADDRESS);
	else if (from.ss_family == AF_INET6)
		uv_ip6_name((struct sockaddr_in6 *)&from, peer->address, PEER_ADDRESS);
	peer->local = !strncmp(peer->address, "127.", 4) || !strcmp(peer->address, "::1");
}

/* Of several lines the last one: the proxy next to us wrote it. */
static const char *last_hop(const struct http_request *request)
{
	const char *value = NULL, *comma;
	for (size_t i = 0; i < request->n_headers; i++)
		if (!strcmp(request->headers[i].name, "x-forwarded-for"))
			value = request->headers[i].value;
	comma = value ? strrchr(value, ',') : NULL;
	value = comma ? comma + 1 : value;
	return value ? value + strspn(value, " \t") : "";
}

void peer_behind(struct peer *peer, const struct http_request *request)
{
	struct in6_addr address;
	if (!peer->local)
		return;
	snprintf(peer->address, PEER_ADDRESS, "%.*s",
	        (int)strcspn(last_hop(request), " \t"), last_hop(request));
	if (inet_pton(AF_INET, peer->address, &address) != 1 &&
	        inet_pton(AF_INET6, peer->address, &address) != 1)
		peer->address[0] = '\0';
}

void peer_look(struct peer *peer, enum origin origin, const uv_stream_t *stream)
{
	*peer = (struct peer){.origin = origin};
	if (origin == ORIGIN_SOCKET)
		look_local(peer, stream);
	else
		look_far(peer, stream);
}

const char *peer_door(const struct peer *peer)
{
	static const char *const doors[ORIGINS] = {[ORIGIN_SOCKET] = "socket",
	        [ORIGIN_HTTP] = "http",
	        [ORIGIN_PUBLIC] = "public"};
	return doors[peer->origin];
}

/* The last one asked for is remembered: it is nearly always the same. */
static const char *user_name(uid_t uid)
{
	static char name[33];
	static uid_t of = (uid_t)-1;
	if (of == uid)
		return name;
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;
	while (file && (user = fgetpwent(file)) && user->pw_uid != uid)
		;
	snprintf(name, sizeof name, "%s", user ? user->pw_name : "");
	if (file)
		fclose(file);
	of = uid;
	return name;
}

const char *peer_account(const struct peer *peer, char out[PEER_ACCOUNT])
{
	static const char *const roles[] = {
	        [ROLE_NONE] = "", [ROLE_ALL] = "token", [ROLE_POST] = "post-token"};
	const char *name;
	if (!peer->has_uid) {
		snprintf(out, PEER_ACCOUNT, "%s", roles[peer->role]);
		return out;
	}
	name = user_name(peer->uid);
	snprintf(out, PEER_ACCOUNT, *name ? "uid %u (%s)" : "uid %u", peer->uid, name);
	return out;
}
