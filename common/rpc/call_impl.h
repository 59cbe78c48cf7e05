/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a call (call.h), for the connection that carries it and the framings that spell it.
 *
 * Two things end apart: the *answer*, what the peer is told, and the *work*, what the handler does.
 * Usually rpc_call_finish ends both. When the runtime has to answer first (deadline, bad message)
 * the handler is asked to end by `cancel`, and what it then says only ends the work. When the peer
 * resets, there is no answer any more. A call is over when its work has ended and its stream is
 * closed; it keeps its place among max_calls_per_connection until then (CVE-2023-44487).
 */
#ifndef MZ_RPC_CALL_IMPL_H
#define MZ_RPC_CALL_IMPL_H

#include <event2/event_struct.h>

#include "base/list.h"
#include "google/rpc/status.pb-c.h"
#include "rpc/call.h"
#include "rpc/codec.h"
#include "rpc/compression.h"
#include "rpc/frame.h"
#include "rpc/metadata.h"
#include "rpc/protocol.h"
#include "rpc/queue.h"
#include "rpc/server.h"

struct rpc_framing;
struct server_conn;

/* Header fields the runtime itself reads; everything else is the application's. */
#define RPC_KNOWN_HEADERS(X)                                  \
	X(CONTENT_TYPE, "content-type")                       \
	X(GRPC_TIMEOUT, "grpc-timeout")                       \
	X(GRPC_ENCODING, "grpc-encoding")                     \
	X(GRPC_ACCEPT_ENCODING, "grpc-accept-encoding")       \
	X(CONTENT_ENCODING, "content-encoding")               \
	X(ACCEPT_ENCODING, "accept-encoding")                 \
	X(CONNECT_VERSION, "connect-protocol-version")        \
	X(CONNECT_TIMEOUT, "connect-timeout-ms")              \
	X(CONNECT_ENCODING, "connect-content-encoding")       \
	X(CONNECT_ACCEPT_ENCODING, "connect-accept-encoding") \
	X(ORIGIN, "origin")                                   \
	X(PREFLIGHT, "access-control-request-method")         \
	X(PREFLIGHT_HEADERS, "access-control-request-headers")

enum rpc_known_header {
#define RPC_KNOWN_MEMBER(id, name) RPC_KNOWN_##id,
	RPC_KNOWN_HEADERS(RPC_KNOWN_MEMBER)
#undef RPC_KNOWN_MEMBER
	    RPC_N_KNOWN
};

struct rpc_text {
	const char *data; /* NULL: absent; else NUL-terminated, on the call's arena */
	size_t length;
};

enum rpc_http_method { RPC_HTTP_OTHER, RPC_HTTP_POST, RPC_HTTP_GET, RPC_HTTP_OPTIONS };

/* What the header block says. */
struct rpc_request {
	enum rpc_http_method http_method;
	struct rpc_text path; /* without the query */
	const char *query;    /* behind the '?', NULL without one */
	struct rpc_text known[RPC_N_KNOWN];
	struct rpc_metadata metadata;
	size_t n_fields, n_bytes;
	int64_t content_length; /* -1: not said */
	uint8_t pseudo;         /* a bit for each one seen */
	bool has_regular;       /* fields: no pseudo-header field may follow */
	bool te_trailers;
	bool malformed;    /* against RFC 9113 8.1: the stream is reset */
	bool too_large;    /* over a limit: what is here is incomplete (RPC-29) */
	bool bad_metadata; /* a -bin value that is not base64 (RPC-05) */
	bool no_memory;
};

struct rpc_call {
	struct list link;         /* in its connection's `calls` */
	struct list next;         /* in `writable` or `over` of its server */
	struct server_conn *conn; /* NULL: the connection is gone */
	struct rpc_server *server;
	const struct rpc_method *method;
	const struct rpc_framing *framing;
	struct rpc_content_type type;
	struct arena *arena, *message_arena; /* the same but for client-streaming methods */
	void *state;
	int32_t stream_id;
	struct rpc_request request;

	/* The peer's side. */
	struct rpc_frame_reader reader;
	struct buf held;   /* frames that wait until the handler takes the next message */
	struct buf body;   /* a bare body, or text to decode */
	size_t unconsumed; /* of the stream's window */
	size_t accounted;  /* our part of the connection's `partial_bytes` */
	size_t decoded;    /* the same of `decoded_bytes` */
	enum rpc_encoding request_encoding, response_encoding;
	ProtobufCMessage *single; /* of a unary or server-streaming method, until END_STREAM */
	bool headers_done, has_open, half_closed, busy, pumping;
	bool last_frame; /* is arriving: the window is of no use any more */
	bool request_ended;

	/* Our side. */
	int refusal; /* HTTP status to answer with when the request has ended; 0: none */
	struct rpc_queue out;
	struct rpc_metadata headers, trailers;
	Status *status;       /* with details, once there are any */
	bool headers_sent;    /* submitted */
	bool answered;        /* nothing is added to `out` any more */
	bool deferred;        /* nghttp2 waits for call_resume */
	bool compress;        /* what is large enough */
	bool body_compressed; /* the last message put; Connect unary says so in its headers */
	bool told_wait;

	/* The end. */
	bool cancel_asked, work_ended, stream_closed;
	struct event timer;       /* when there is a deadline */
	int64_t message_began_us; /* the message arriving now, or the first awaited; 0: none */
	int64_t progress_us;      /* the wire took reply bytes, or none were waiting */
	struct rpc_call_info info;
};

/* --- call.c --- */

/* A call for a new stream, in the connection's list; NULL without memory. */
struct rpc_call *call_new(struct server_conn *conn, int32_t stream_id);
/* The header block is complete: opens the call or refuses it. */
void call_begin(struct rpc_call *call);
/* The runtime ends the call: answers, then asks the handler to end. text is static or on the arena;
 * NULL says that there was no memory for it. */
void call_abort(struct rpc_call *call, enum rpc_code code, const char *text);
/* RST_STREAM in place of an answer; the handler is asked to end. */
void call_reset(struct rpc_call *call, uint32_t h2_error, enum rpc_code why);
/* No stream any more. */
void call_stream_closed(struct rpc_call *call);
/* Tells the handler `closed` and gives everything back. */
void call_end(struct rpc_call *call);
/* The wire has taken bytes: `writable` may be due. */
void call_drained(struct rpc_call *call);

/* --- call_in.c: request bytes --- */

/* Bytes of the body, and its end. */
void call_receive(struct rpc_call *call, const uint8_t *data, size_t length);
void call_receive_end(struct rpc_call *call);
/* What has come of the request is no longer needed: gives back what is not on the arena. */
void call_forget_request(struct rpc_call *call);
/* The message is about to be freed. */
void call_forget_message(struct rpc_call *call);
/* For framings: bytes with 5-byte prefixes, and their end. */
void call_read_frames(struct rpc_call *call, const uint8_t *data, size_t length);
void call_read_frames_end(struct rpc_call *call);
/* For framings: one whole message; false when the call has been aborted. */
bool call_take_message(struct rpc_call *call, const void *data, size_t length, bool compressed);
/* For framings: the message is over max_receive_bytes, or cannot be read; false, always. */
bool call_refuse_size(struct rpc_call *call);
bool call_refuse_bad(struct rpc_call *call, const char *text);
/* For framings: the request is complete: delivers a single message, says half_close. */
void call_half_close(struct rpc_call *call);

#endif
