/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of server.h: what server.c, server_conn.c, server_watch.c and drain.c share. */
#ifndef MZ_RPC_SERVER_IMPL_H
#define MZ_RPC_SERVER_IMPL_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/list.h"
#include "base/map.h"
#include "rpc/call_impl.h"
#include "rpc/h2.h"
#include "rpc/server.h"

enum { TRIMS = 4 }; /* seconds until memory that is no longer wanted has left all caches */

struct server_listener {
	struct list link;
	struct rpc_server *server;
	struct event acceptable;
	int fd;
};

struct rpc_server {
	struct rpc_server_options options;
	struct rpc_limits limits;
	struct h2_loop *loop;
	struct arena *arena; /* what goes with the server */
	struct rpc_health *health;
	const struct rpc_method **methods; /* by path */
	size_t n_methods;
	struct map addresses; /* peer address to struct server_address */
	struct h2_setup setup;
	struct list listeners, conns;
	size_t n_conns, n_calls;
	struct event tick;     /* once a second: server_watch.c */
	struct event reap;     /* calls that are over without a connection to flush */
	struct list over;      /* calls that are over */
	struct list orphans;   /* calls whose connection is gone */
	struct buf scratch[2]; /* a message in one piece, and compressed or inflated */
	int trims_due;         /* something large, or a connection, has gone */
	uint64_t counters[RPC_N_COUNTERS];

	bool draining, drained;
	int64_t drain_until_us;
	void (*drain_done)(void *data);
	void *drain_data;
};

/* How many connections one address has. */
struct server_address {
	size_t n, length;
	char text[];
};

struct server_conn {
	struct list link; /* in its server's `conns` */
	struct rpc_server *server;
	struct h2_conn *h2;
	struct server_address *address;
	struct list calls;         /* streams open, or work not ended */
	struct list writable;      /* calls to be told so after this write */
	struct rpc_call *incoming; /* whose header block is arriving; NULL: none, or not wanted */
	size_t n_calls;
	struct rpc_chunk *spent;           /* taken by the write under way */
	size_t held_bytes;                 /* wait for handlers */
	size_t partial_bytes;              /* of messages not yet complete */
	size_t decoded_bytes;              /* memory of messages whose calls still run */
	size_t worked_bytes, wasted_bytes; /* since the last rest: server_watch_share */
	size_t unconsumed;                 /* of the connection's window */

	/* Leaky buckets: the moment at which each will be empty. */
	int64_t resets_until_us, idle_frames_until_us;
	int64_t headers_began_us; /* a header block is arriving; 0: none */
	int64_t settings_sent_us; /* 0: acknowledged */
	int64_t idle_since_us;    /* 0: has calls */
	int64_t ping_sent_us;     /* our keepalive; 0: none under way */
	int64_t last_ping_us;     /* the peer's */
	int64_t retire_at_us;     /* max_age with jitter; 0: never */
	int64_t close_at_us;      /* grace is over then; 0: not retiring */
	const char *retire_why;   /* a constant */
	int ping_strikes;
	bool last_goaway_sent, told_to_end;
	bool new_settings; /* of the peer, and no header block of ours has followed yet */
	bool failed;       /* server_conn_fail */
	char peer[];       /* "127.0.0.1:40312"; for logs */
};

static inline void
server_count(struct rpc_server *server, enum rpc_counter counter)
{
	server->counters[counter]++;
}

static inline int64_t
server_now_us(struct rpc_server *server)
{
	return h2_loop_now_us(server->loop);
}

/* NULL: none of that path. */
const struct rpc_method *server_find(const struct rpc_server *server, const char *path);

/* health.c: NOT_SERVING first, so that whoever watches goes elsewhere before the connection does.
 */
void server_health_drain(struct rpc_health *health);
/* Accepting goes on after a pause; harmless without one. */
void server_resume_listeners(struct rpc_server *server);
void server_close_listeners(struct rpc_server *server);
/* Runs call_end for all that are over. */
void server_reap(struct rpc_server *server);

/* --- server_conn.c --- */

/* Fills server->setup. 0 or -ENOMEM. */
int server_conn_setup(struct rpc_server *server);
/* The connection's window opens again, when that is worth a frame. */
void server_conn_consume(struct server_conn *conn);
/* Tells why by GOAWAY and closes; counts. */
void server_conn_fail(struct server_conn *conn, uint32_t h2_error, enum rpc_counter counter,
		      const char *limit);

/* --- server_watch.c --- */

void server_watch_begin(struct server_conn *conn);
/* Once a second, for libevent: every time limit of limits.h. */
void server_on_tick(evutil_socket_t fd, short what, void *data);
/* A stream was reset, by either side (CVE-2023-44487, CVE-2025-8671). */
void server_watch_reset(struct server_conn *conn);
/* n_bytes of a message have been inflated, or decoded, to so many. */
void server_watch_work(struct server_conn *conn, size_t n_bytes, size_t became);
/* So many bytes of a message, inflated, were work for nothing: it was refused. */
void server_watch_waste(struct server_conn *conn, size_t n_bytes);
/* What on_data returns: the other connections come first when this one has made much work. */
int server_watch_share(struct server_conn *conn);
/* A frame that brings nothing (CVE-2019-9513, 9518); and one that does. */
void server_watch_idle_frame(struct server_conn *conn);
void server_watch_progress(struct server_conn *conn);
/* The peer pings, or answers our ping (RPC-31). */
void server_watch_ping(struct server_conn *conn);
void server_watch_pong(struct server_conn *conn);

/* --- drain.c --- */

/* First GOAWAY; the last one follows when the peer has answered our PING (RPC-32). */
void server_conn_retire(struct server_conn *conn, const char *why);
void server_conn_retire_step(struct server_conn *conn);
/* Once a second, of a connection that retires. */
void server_conn_retire_watch(struct server_conn *conn, int64_t now_us);
/* A connection or a call is gone, or a second: is the drain done? */
void server_drain_check(struct rpc_server *server);

#endif
