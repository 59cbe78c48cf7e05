/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of channel.h: the channel, its endpoints and their connections.
 *
 *     channel ── endpoint (one a resolved address) ── client_conn (one HTTP/2 connection)
 *        └─ calls, each in the list of its state
 *
 * An endpoint has at most one connection. A connection that drains (GOAWAY) leaves its endpoint at
 * once and lives on until its last stream has ended; then only the channel's list knows it.
 */
#ifndef MZ_RPC_CHANNEL_IMPL_H
#define MZ_RPC_CHANNEL_IMPL_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/list.h"
#include "rpc/channel.h"
#include "rpc/h2.h"
#include "rpc/keepalive.h"
#include "rpc/retry.h"
#include "rpc/target.h"

enum { CHANNEL_CAUSE_SIZE = 640, CLIENT_HEADER_BYTES = 32 << 10, CLIENT_HEADER_FIELDS = 256 };

struct rpc_client_call;
struct client_conn;

struct client_endpoint {
	struct list link; /* channel->endpoints: as resolved, those that had a call behind */
	struct rpc_channel *channel;
	struct rpc_address address;
	struct client_conn *conn; /* connecting or ready */
	unsigned n_failures;
	int64_t ready_at_us; /* of the last connection */
	struct event timer;  /* round_robin: its backoff */
};

enum channel_state {
	CHANNEL_IDLE,
	CHANNEL_CONNECTING, /* resolving, too */
	CHANNEL_READY,
	CHANNEL_FAILED, /* calls fail fast until a connection is ready or the backoff is over */
};

struct rpc_channel {
	struct arena *arena; /* the channel itself and its strings */
	struct event_base *base;
	struct h2_loop *loop;
	struct rpc_channel_options options; /* defaults filled in, strings copied */
	char *target_text;
	char tls_name[RPC_HOST_SIZE];
	struct rpc_target target;
	struct rpc_resolver *resolver;
	struct h2_setup setup;

	enum channel_state state;
	struct list endpoints, conns;
	struct client_endpoint *next_endpoint; /* pick_first: to try next */
	unsigned n_failures;                   /* whole passes, pick_first and names */
	struct event timer; /* CONNECTING: for the next endpoint; FAILED: to begin again */
	char failure[CHANNEL_CAUSE_SIZE]; /* "127.0.0.1:1: connecting: Connection refused …" */
	int64_t keepalive_us;             /* grows by too_many_pings */
	struct rpc_throttle throttle;

	struct list calls, waiting; /* not waiting; for a connection */
	bool closing;
	uint64_t counts[RPC_N_CHANNEL_COUNTERS];
};

/* channel.c */
/* Arms a timer for the next try after n failures, and counts one more (RPC-38). */
void channel_back_off(const struct rpc_channel *channel, struct event *timer, unsigned *n_failures);
/* A call wants a connection: now, later, or it fails. */
void channel_submit(struct rpc_channel *channel, struct rpc_client_call *call);
/* Nothing is connected, nor will be without calls. */
void channel_set_idle(struct rpc_channel *channel);
/* An endpoint is ready: calls that wait go there. */
void channel_set_ready(struct rpc_channel *channel);
/* Every way has failed: channel->failure says why. Unless endpoints have timers of their own, the
 * channel begins again after its backoff. */
void channel_set_failed(struct rpc_channel *channel);
/* Frees a closing channel that has nothing left. */
void channel_maybe_free(struct rpc_channel *channel);

/* balancing.c */
int endpoint_new(struct rpc_channel *channel, const struct rpc_address *address);
void endpoint_free(struct client_endpoint *endpoint);
/* There are endpoints: connect to some or all; the first takes long: to the next. */
void balancing_start(struct rpc_channel *channel);
void balancing_go_on(struct rpc_channel *channel);
/* SETTINGS are in; a try failed (cause is in the channel); a ready connection is gone. */
void endpoint_ready(struct client_endpoint *endpoint);
void endpoint_failed(struct client_endpoint *endpoint);
void endpoint_lost(struct client_endpoint *endpoint);
/* The connection for the next call, or NULL. */
struct client_conn *channel_pick(struct rpc_channel *channel);

/* client_conn.c */
struct client_conn {
	struct list link; /* channel->conns */
	struct rpc_channel *channel;
	struct client_endpoint *endpoint; /* NULL: drains */
	struct h2_conn *h2;
	struct list attempts; /* calls, by attempt.link */
	struct event timer;   /* to connect; then keepalive */
	struct rpc_keepalive keepalive;
	int64_t began_us;
	bool ready, closed;
	char peer[RPC_ADDRESS_TEXT_SIZE];
	char goaway[160]; /* what the peer's GOAWAY said, for RPC-44 */
};

/* Fills channel->setup. 0 or -ENOMEM. */
int client_conn_setup(struct rpc_channel *channel);
/* Begins to connect; 0, or -errno at once. */
int client_conn_open(struct client_endpoint *endpoint);
/* Leaves its endpoint; closes when no attempt is left. */
void client_conn_drain(struct client_conn *conn);
/* An attempt has gone. */
void client_conn_close_if_done(struct client_conn *conn);
/* One has begun, and with it perhaps keepalive. */
void client_conn_watch(struct client_conn *conn);
/* "127.0.0.1:50061: connecting: Connection refused (after 3 ms)" (RPC-44). */
void client_conn_explain(const struct client_conn *conn, const char *phase, const char *cause,
			 int64_t since_us, char text[static CHANNEL_CAUSE_SIZE]);

#endif
