/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of h2.h: shared by h2.c (life of a connection) and h2_io.c (its bytes). */
#ifndef MZ_RPC_H2_IMPL_H
#define MZ_RPC_H2_IMPL_H

#include <event2/event.h>
#include <sys/uio.h>

#include "rpc/h2.h"

enum {
	H2_IN_SIZE = 128 << 10,  /* one read */
	H2_OUT_SIZE = 128 << 10, /* what one write collects … */
	H2_OUT_SLACK = 32 << 10, /* … and the frame that crosses that mark */
	H2_CIPHER_SIZE = H2_OUT_SIZE + H2_OUT_SLACK + (16 << 10),
	H2_TLS_READ = 32 << 10,
	H2_OUT_IOV = 64,
	H2_REF_MIN = 1 << 10, /* payloads below this are cheaper to copy */
	H2_CAUSE_SIZE = 96,
	H2_SNIFF_SIZE = 4 << 10, /* a request line of HTTP/1 ends here, or stays unseen */

	H2_NO_PAUSE = -1,

	/* Of reads and writes. */
	H2_WOULD_BLOCK = -1,
	H2_GONE = -2, /* the connection has been closed for it */
};

/* One write under collection: bytes of our own and payloads by reference, in order. */
struct h2_out {
	uint8_t *bytes; /* H2_OUT_SIZE + H2_OUT_SLACK */
	size_t n_bytes;
	struct iovec iov[H2_OUT_IOV];
	int n_iov;
	size_t total;
};

struct h2_loop {
	struct event_base *base;
	struct event turn_end;
	struct list dirty;     /* to flush at the end of this turn, first come first served */
	int64_t now_us;        /* 0: not read in this turn */
	int64_t pause_us;      /* asked for in this read; H2_NO_PAUSE: not */
	unsigned n_users;      /* h2_loop_get, and connections with an owner */
	struct list lingering; /* connections without one: they go with the loop */
	struct h2_loop *next;
	struct h2_out out;
	uint8_t *in;     /* H2_IN_SIZE */
	uint8_t *cipher; /* H2_CIPHER_SIZE, with the first TLS connection */
	size_t n_cipher;
	bool socket_empty; /* when TLS last read it */
};

/* The session pauses: what it has not taken yet. */
struct h2_pause {
	struct event end;
	size_t length;
	uint8_t bytes[];
};

/* What the socket is asked for from now on. */
void h2_watch(struct h2_conn *conn, int what);

/* The end of the turn is asked for; now_us is good until then. */
void h2_loop_schedule(struct h2_loop *loop);

void h2_io_readable(struct h2_conn *conn);
/* epoll says nothing about records that TLS has read already. */
void h2_io_read_pending(struct h2_conn *conn);
/* What has waited for the end of the pause goes nowhere. */
void h2_io_forget_pause(struct h2_conn *conn);
/* Collects, writes, and says `flushed`; as often as the socket takes all, within reason. */
void h2_io_flush(struct h2_conn *conn);
/* Sends bytes that are no frames (TLS's own); what the socket does not take waits. */
void h2_io_send(struct h2_conn *conn, const void *data, size_t length);

/* A TLS session, which writes to loop->cipher and reads from the socket. 0 or -ENOMEM. */
int h2_tls_attach(struct h2_conn *conn);
/* Goes on with the handshake; false: it waits for the peer, or the connection has been closed. */
bool h2_tls_is_up(struct h2_conn *conn);
ssize_t h2_tls_read(struct h2_conn *conn, uint8_t *data, size_t size);
/* Turns what was collected into records; false: the connection has been closed. */
bool h2_tls_encrypt(struct h2_conn *conn, struct h2_out *out);
/* RFC 8446 6.1: without close_notify the peer could not tell our end from a cut. */
void h2_tls_goodbye(struct h2_conn *conn);

#endif
