/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/server_impl.h"
#include "rpc/target.h"

enum { MAX_ADDRESSES = 1 << 20, ACCEPTS_PER_TURN = 64, BACKLOG = 4096 };

static void
on_reap(evutil_socket_t fd, short what, void *data)
{
	struct rpc_server *server = data;
	void (*done)(void *data) = server->drain_done;

	(void)fd;
	(void)what;
	server_reap(server);
	if (!server->drained || !done)
		return;
	server->drain_done = NULL;
	done(server->drain_data);
}

struct rpc_server *
rpc_server_new(struct event_base *base, const struct rpc_server_options *options)
{
	const struct timeval second = {.tv_sec = 1};
	struct rpc_server *server = calloc(1, sizeof *server);

	if (!server)
		return NULL;
	server->options = *options;
	server->limits = options->limits ? *options->limits : rpc_limits_default;
	map_init(&server->addresses, NULL, MAX_ADDRESSES);
	list_init(&server->listeners);
	list_init(&server->conns);
	list_init(&server->over);
	list_init(&server->orphans);
	buf_init(&server->scratch[0], NULL, SIZE_MAX);
	buf_init(&server->scratch[1], NULL, SIZE_MAX);
	event_assign(&server->tick, base, -1, EV_PERSIST, server_on_tick, server);
	event_assign(&server->reap, base, -1, 0, on_reap, server);
	server->loop = h2_loop_get(base);
	server->arena = arena_new(SIZE_MAX);
	if (!server->loop || !server->arena || server_conn_setup(server) != 0 ||
	    event_add(&server->tick, &second) != 0) {
		rpc_server_free(server);
		return NULL;
	}
	return server;
}

/* Sorted by path: found without a hash of the peer's text. */
static int
add_method(struct rpc_server *server, const struct rpc_method *method)
{
	size_t at = server->n_methods, size = (at + 1) * sizeof(void *);
	const struct rpc_method **methods = realloc(server->methods, size);

	if (!methods)
		return -ENOMEM;
	server->methods = methods;
	if (server_find(server, method->path))
		return -EEXIST;
	for (; at > 0 && strcmp(methods[at - 1]->path, method->path) > 0; at--)
		methods[at] = methods[at - 1];
	methods[at] = method;
	server->n_methods++;
	return 0;
}

int
rpc_server_add(struct rpc_server *server, const struct rpc_method *methods, size_t n_methods)
{
	for (size_t i = 0; i < n_methods; i++) {
		int error = methods[i].handler && methods[i].handler->message ? 0 : -EINVAL;

		if (!error)
			error = add_method(server, &methods[i]);
		if (error)
			return error;
	}
	return 0;
}

static int
compare_path(const void *path, const void *member)
{
	return strcmp(path, (*(const struct rpc_method *const *)member)->path);
}

const struct rpc_method *
server_find(const struct rpc_server *server, const char *path)
{
	const struct rpc_method *const *found =
	    path && server->methods
		? bsearch(path, server->methods, server->n_methods, sizeof(void *), compare_path)
		: NULL;

	return found ? *found : NULL;
}

static void
on_acceptable(evutil_socket_t fd, short what, void *data)
{
	struct server_listener *listener = data;

	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (conn >= 0) {
			rpc_server_serve(listener->server, conn);
			continue;
		}
		/* Without descriptors or memory the socket would stay readable and the loop spin.
		 * The watch resumes within a second; until then peers wait in the backlog. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			server_count(listener->server, RPC_COUNT_accept_pauses);
			event_del(&listener->acceptable);
		}
		return;
	}
}

void
server_resume_listeners(struct rpc_server *server)
{
	LIST_FOREACH (member, &server->listeners)
		event_add(&LIST_ENTRY(member, struct server_listener, link)->acceptable, NULL);
}

static int
bind_and_listen(int fd, const struct rpc_address *address)
{
	const struct sockaddr *sockaddr = (const struct sockaddr *)&address->storage;
	int on = 1;

	if (sockaddr->sa_family == AF_UNIX)
		unlink(((const struct sockaddr_un *)sockaddr)->sun_path);
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
		 setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
		return -errno;
	return bind(fd, sockaddr, address->length) != 0 || listen(fd, BACKLOG) != 0 ? -errno : 0;
}

int
rpc_listen(const char *text)
{
	struct rpc_target target;
	char any[sizeof "[::]:65535"];
	int fd, error;

	/* "*" is every address, of both families. */
	if (strncmp(text, "*:", 2) == 0) {
		snprintf(any, sizeof any, "[::]%s", text + 1);
		text = any;
	}
	if (rpc_target_parse(text, &target) != 0 || target.addresses.n != 1)
		return -EINVAL;
	fd = socket(target.addresses.at[0].storage.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	error = bind_and_listen(fd, &target.addresses.at[0]);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int
rpc_server_adopt(struct rpc_server *server, int fd)
{
	struct server_listener *listener = server->draining ? NULL : calloc(1, sizeof *listener);

	if (!listener) {
		close(fd);
		return server->draining ? -ESHUTDOWN : -ENOMEM;
	}
	listener->server = server;
	listener->fd = fd;
	event_assign(&listener->acceptable, h2_loop_base(server->loop), fd, EV_READ | EV_PERSIST,
		     on_acceptable, listener);
	if (event_add(&listener->acceptable, NULL) != 0) {
		close(fd);
		free(listener);
		return -ENOMEM;
	}
	list_append(&server->listeners, &listener->link);
	return 0;
}

int
rpc_server_listen(struct rpc_server *server, const char *address)
{
	int fd = rpc_listen(address);

	return fd < 0 ? fd : rpc_server_adopt(server, fd);
}

void
server_close_listeners(struct rpc_server *server)
{
	struct list *member;

	while ((member = list_pop(&server->listeners))) {
		struct server_listener *listener = LIST_ENTRY(member, struct server_listener, link);

		event_del(&listener->acceptable);
		close(listener->fd);
		free(listener);
	}
}

void
server_reap(struct rpc_server *server)
{
	struct rpc_call *call;

	while ((call = LIST_FIRST(&server->over, struct rpc_call, next)))
		call_end(call);
	server_drain_check(server);
}

/* A handler that does not end its call by itself has no other chance. */
static void
end_orphans(struct rpc_server *server)
{
	LIST_FOREACH (member, &server->orphans) {
		struct rpc_call *call = LIST_ENTRY(member, struct rpc_call, link);

		rpc_call_finish(call, RPC_UNAVAILABLE, "the server has ended");
	}
	server_reap(server);
}

void
rpc_server_free(struct rpc_server *server)
{
	if (!server)
		return;
	server->draining = true;
	server->drain_done = NULL;
	server_close_listeners(server);
	LIST_FOREACH (member, &server->conns)
		h2_drop(LIST_ENTRY(member, struct server_conn, link)->h2, "the server has ended");
	end_orphans(server);
	arena_free(server->arena);
	free(server->methods);
	map_free(&server->addresses);
	buf_free(&server->scratch[0]);
	buf_free(&server->scratch[1]);
	event_del(&server->tick);
	event_del(&server->reap);
	h2_setup_free(&server->setup);
	h2_loop_put(server->loop);
	free(server);
}

int
rpc_server_port(const struct rpc_server *server)
{
	LIST_FOREACH (member, &server->listeners) {
		struct sockaddr_in6 address = {0};
		socklen_t size = sizeof address;
		int fd = LIST_ENTRY(member, struct server_listener, link)->fd;

		/* IPv4 has its port in the same place. */
		if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
		    address.sin6_family != AF_UNIX)
			return ntohs(address.sin6_port);
	}
	return 0;
}

uint64_t
rpc_server_count(const struct rpc_server *server, enum rpc_counter counter)
{
	return server->counters[counter];
}

size_t
rpc_server_n_connections(const struct rpc_server *server)
{
	return server->n_conns;
}

size_t
rpc_server_n_calls(const struct rpc_server *server)
{
	return server->n_calls;
}
