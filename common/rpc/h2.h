/* SPDX-License-Identifier: Apache-2.0 */
/*
 * H2: one HTTP/2 connection, of a server or of a client.
 *
 * A connection is a socket, TLS or not, and an nghttp2 session, on one thread's event loop. Its
 * owner (server_conn.c, client_conn.c) gives nghttp2's own callbacks and submits frames with
 * nghttp2's own functions; h2 moves the bytes. One invariant: whatever is submitted during one turn
 * of the event loop leaves in one write, at the end of the turn.
 *
 *  - Inside an nghttp2 callback, or inside a hook below, submitted frames go by themselves. From
 * anywhere else (a timer, a database answer) call h2_wake after submitting.
 *  - The `user_data` of every nghttp2 callback is the struct h2_conn, which knows its owner.
 *  - Flow control is by consumption (RPC-30): the session is made with no_auto_window_update, and
 * the owner calls nghttp2_session_consume_* when the bytes have gone somewhere.
 *  - Large DATA need not be copied: a data source that sets NGHTTP2_DATA_FLAG_NO_COPY has its
 * send_data callback put the frame with h2_put (frame header) and h2_put_ref (payload). A payload
 * put by reference must stay until the hook `flushed`.
 *  - Reading stops while more than `out_high` bytes wait for a slow peer (CVE-2019-9512, 9515).
 *  - The end: h2_close ends a connection at once, h2_fail tells the peer why (GOAWAY with debug
 * text) first. Both may be called anywhere, also inside callbacks; `closed` runs exactly once, from
 * the event loop, never from inside h2_close; after it returns the connection is freed.
 */
#ifndef MZ_RPC_H2_H
#define MZ_RPC_H2_H

#include <event2/event_struct.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct ssl_st;
struct h2_conn;

/* What all connections of one event loop share: buffers for one turn, and the flush at its end. */
struct h2_loop;

/* The loop of base, made when this is its first user; NULL without memory. Each get needs a put. */
struct h2_loop *h2_loop_get(struct event_base *base);
void h2_loop_put(struct h2_loop *loop);
struct event_base *h2_loop_base(const struct h2_loop *loop);
/* CLOCK_MONOTONIC in microseconds, read once a turn. */
int64_t h2_loop_now_us(struct h2_loop *loop);
/* Adds a timer; what is past is due in the next turn. So is, with -ENOMEM, one that libevent has no
 * memory for: early does less harm than never. */
int h2_timer_add(struct event *timer, int64_t wait_us);

struct h2_hooks {
	/* Connected, TLS done with ALPN "h2", our SETTINGS submitted. May be NULL. */
	void (*ready)(struct h2_conn *conn);
	/* A write has ended: what was put by reference may go. May be NULL. */
	void (*flushed)(struct h2_conn *conn);
	/* Over. cause is text for logs and for the peer's caller (RPC-44), never NULL. */
	void (*closed)(struct h2_conn *conn, const char *cause);
};

enum { H2_N_SETTINGS = 3 };

/* What all connections of one owner have in common. */
struct h2_setup {
	bool server;
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	const struct h2_hooks *hooks;
	struct ssl_ctx_st *tls; /* NULL: h2c */
	const char *tls_name;   /* of the server, for a client with TLS (tls.h) */
	nghttp2_settings_entry settings[H2_N_SETTINGS];
	int32_t window;           /* of a connection */
	size_t out_high;          /* bytes waiting for the peer above which reading stops */
	unsigned user_timeout_ms; /* TCP_USER_TIMEOUT; 0: the system's */
};

/* Callbacks, still empty, and the nghttp2 options every connection has (no_auto_window_update); the
 * owner adds its own. 0 or -ENOMEM; ended by h2_setup_free, which takes a half-made one too. */
int h2_setup_init(struct h2_setup *setup);
void h2_setup_free(struct h2_setup *setup);

enum h2_state {
	H2_CONNECTING, /* the socket */
	H2_HANDSHAKE,  /* TLS */
	H2_OPEN,
	H2_FAILING, /* GOAWAY waits for its one write */
	H2_CLOSED,  /* `closed` is due */
	H2_LINGER,  /* the owner is gone; the peer may still read our GOAWAY */
};

/* Read by its owner, written by h2 alone. */
struct h2_conn {
	nghttp2_session *session; /* NULL before `ready` */
	void *owner;
	struct ssl_st *tls; /* NULL: h2c */
	enum h2_state state;
	int fd;
	int64_t opened_at_us;
	int64_t last_read_us;     /* bytes from the peer */
	int64_t last_progress_us; /* a write took bytes, or nothing was waiting */
	struct buf waiting;       /* bytes that a slow peer has not taken */

	/* From here on for h2 only. */
	struct h2_loop *loop;
	const struct h2_setup *setup;
	bool linger;
	short watched;          /* EV_READ, EV_WRITE */
	struct list link;       /* in `dirty` or `lingering` */
	struct event event;     /* one for both: 10,000 idle connections are mostly this struct */
	struct h2_pause *pause; /* NULL: none */
	const char *cause;      /* of its end; NULL before */
	char *tls_cause;        /* where no constant says it */
};

/* False once the end has begun: what nghttp2 still says in this read no longer matters. */
static inline bool
h2_is_open(const struct h2_conn *conn)
{
	return conn->state == H2_OPEN;
}

/*
 * A connection over fd, which is connected or connecting, non-blocking, and now belongs to the
 * connection. setup must outlive it. NULL without memory, and fd is then closed.
 */
struct h2_conn *h2_open(struct h2_loop *loop, int fd, const struct h2_setup *setup, void *owner);

/* Something was submitted: flush at the end of this turn. Cheap, may be called often. */
void h2_wake(struct h2_conn *conn);
/* The same for what nghttp2 answered. A connection that had no memory for a frame ends: its peer,
 * or a stream of ours, would wait for that frame for ever. */
void h2_submitted(struct h2_conn *conn, int result);

/*
 * For send_data callbacks only: the frame's header first, by h2_put, then its payload. Not 0:
 * return it at once (NGHTTP2_ERR_WOULDBLOCK from the first: this write is full, the frame will be
 * asked for again).
 */
int h2_put(struct h2_conn *conn, const void *data, size_t length);
int h2_put_ref(struct h2_conn *conn, const void *data, size_t length);

/*
 * For on_data_chunk_recv only, which returns what this returns: what else the peer has sent waits
 * so many microseconds, 0 until the other connections have had their turn. For after dear work.
 */
int h2_pause(struct h2_conn *conn, int64_t us);

/* Ends the connection now; cause is a constant, here and below. nghttp2 does not close its streams:
 * the owner ends them in `closed`. */
void h2_close(struct h2_conn *conn, const char *cause);
/* GOAWAY with that error and text, one attempt to write it, then as h2_close. */
void h2_fail(struct h2_conn *conn, uint32_t h2_error, const char *text);
/* As h2_close, but `closed` runs now and the connection is freed: not from inside its hooks and
 * callbacks. */
void h2_drop(struct h2_conn *conn, const char *cause);
/* A connection also ends by itself when GOAWAY was sent or received and its last stream is closed.
 */

#endif
