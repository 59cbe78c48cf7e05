/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/server_impl.h"

enum { MAX_ADDRESSES = 1 << 20, ACCEPTS_PER_TURN = 64 };

static void
on_tick(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	server_watch(data);
}

static void
on_reap(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	server_reap(data);
}

static int
start(struct rpc_server *server, struct event_base *base)
{
	struct timeval second = {.tv_sec = 1};

	server->loop = h2_loop_get(base);
	if (!server->loop || server_conn_setup(&server->setup) != 0 ||
	    event_assign(&server->tick, base, -1, EV_PERSIST, on_tick, server) != 0 ||
	    event_assign(&server->reap, base, -1, 0, on_reap, server) != 0 ||
	    event_add(&server->tick, &second) != 0)
		return -ENOMEM;
	return 0;
}

struct rpc_server *
rpc_server_new(struct event_base *base, const struct rpc_server_options *options)
{
	struct rpc_server *server = calloc(1, sizeof *server);

	if (!server)
		return NULL;
	server->options = *options;
	server->limits = options->limits ? *options->limits : rpc_limits_default;
	server->codec_options = (struct rpc_codec_options){
	    .schema = options->schema,
	    .ignore_unknown = options->json_ignore_unknown,
	    .emit_defaults = options->json_emit_defaults,
	};
	map_init(&server->addresses, NULL, MAX_ADDRESSES);
	list_init(&server->listeners);
	list_init(&server->conns);
	list_init(&server->attached);
	list_init(&server->over);
	list_init(&server->orphans);
	buf_init(&server->scratch[0], NULL, SIZE_MAX);
	buf_init(&server->scratch[1], NULL, SIZE_MAX);
	if (start(server, base) != 0) {
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

/* Out of descriptors or memory: the socket would stay readable and the loop spin. The watch resumes
 * within a second; until then peers wait in the backlog. */
static void
pause_listener(struct server_listener *listener)
{
	server_count(listener->server, RPC_COUNT_accept_pauses);
	event_del(&listener->acceptable);
}

static void
on_acceptable(evutil_socket_t fd, short what, void *data)
{
	struct server_listener *listener = data;

	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (conn < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_listener(listener);
			return;
		}
		rpc_server_serve(listener->server, conn);
	}
}

void
server_resume_listeners(struct rpc_server *server)
{
	LIST_FOREACH (member, &server->listeners)
		event_add(&LIST_ENTRY(member, struct server_listener, link)->acceptable, NULL);
}

int
rpc_server_adopt(struct rpc_server *server, int fd)
{
	struct server_listener *listener;

	if (server->draining) {
		close(fd);
		return -ESHUTDOWN;
	}
	listener = calloc(1, sizeof *listener);
	if (!listener) {
		close(fd);
		return -ENOMEM;
	}
	listener->server = server;
	listener->fd = fd;
	event_assign(&listener->acceptable, h2_loop_base(server->loop), fd, EV_READ | EV_PERSIST,
		     on_acceptable, listener);
	event_add(&listener->acceptable, NULL);
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
server_call_over(struct rpc_call *call)
{
	struct rpc_server *server = call->server;

	if (list_is_empty(&server->over))
		event_active(&server->reap, EV_TIMEOUT, 0);
	list_move(&server->over, &call->next);
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

int
server_attach(struct rpc_server *server, void *thing, void (*drain)(void *thing),
	      void (*release)(void *thing))
{
	struct server_attached *attached = calloc(1, sizeof *attached);

	if (!attached)
		return -ENOMEM;
	*attached = (struct server_attached){.thing = thing, .drain = drain, .release = release};
	list_append(&server->attached, &attached->link);
	return 0;
}

static void
release_attached(struct rpc_server *server)
{
	struct list *member;

	while ((member = list_pop(&server->attached))) {
		struct server_attached *attached = LIST_ENTRY(member, struct server_attached, link);

		attached->release(attached->thing);
		free(attached);
	}
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
	release_attached(server);
	free(server->methods);
	map_free(&server->addresses);
	buf_free(&server->scratch[0]);
	buf_free(&server->scratch[1]);
	if (event_initialized(&server->tick))
		event_del(&server->tick);
	if (event_initialized(&server->reap))
		event_del(&server->reap);
	if (server->drained)
		event_del(&server->drain_end);
	h2_setup_free(&server->setup);
	h2_loop_put(server->loop);
	free(server);
}

struct rpc_limits *
rpc_server_limits(struct rpc_server *server)
{
	return &server->limits;
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
