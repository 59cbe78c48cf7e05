/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of client.h.
 *
 *     client_call.c      the call: set-up, ends, retries, what runs from the loop
 *     client_send.c      request messages: codec, compression, the queue that retries replay
 *     client_attempt.c   one try: an HTTP/2 stream on one connection
 *     client_grpc.c      framing of gRPC and gRPC-Web
 *     client_connect.c   framing of Connect, unary and streams
 *
 * A call has at most one attempt. Functions that can end the attempt return nothing; whoever calls
 * them looks at `call->attempt` before touching it again. The call itself stays until its owner
 * frees it, which is never inside them.
 */
#ifndef MZ_RPC_CLIENT_IMPL_H
#define MZ_RPC_CLIENT_IMPL_H

#include "rpc/channel_impl.h"
#include "rpc/client.h"
#include "rpc/frame.h"

enum client_call_state {
	CLIENT_NEW,
	CLIENT_PREPARING, /* started; a method with one request waits for it */
	CLIENT_WAITING,   /* for a connection */
	CLIENT_ACTIVE,    /* has an attempt */
	CLIENT_BACKOFF,   /* until the next try */
	CLIENT_ENDING,    /* `ended` is due */
	CLIENT_ENDED,
};

struct rpc_client_call {
	struct list link;      /* channel->calls or channel->waiting */
	struct list work_link; /* channel->work */
	struct rpc_channel *channel;
	const struct rpc_method *method;
	const struct rpc_client_hooks *hooks;
	void *data;
	struct arena *arena, *message_arena;

	enum client_call_state state;
	bool committed;     /* no try after this one */
	bool was_refused;   /* the one transparent retry of REFUSED_STREAM is used (RPC-41) */
	bool told_to_wait;  /* `writable` is owed */
	bool pump_due;      /* rpc_client_next was called */
	unsigned n_replays; /* transparent tries */
	int64_t began_us, deadline_us;
	struct event timer, backoff_timer;
	struct rpc_client_options options;

	struct buf out; /* framed request messages: all, once committed those not yet sent */
	size_t n_sent;  /* of them taken by the attempt */
	bool complete;  /* half-closed */
	struct client_attempt *attempt;

	bool wants_message; /* rpc_client_next */
	unsigned n_messages;
	struct rpc_client_result result;
};

/* How an attempt has ended. */
enum client_replay { CLIENT_REPLAY_NO, CLIENT_REPLAY_REFUSED, CLIENT_REPLAY_NEVER_LEFT };

struct client_outcome {
	Status *status; /* on the call's arena; NULL: no memory */
	enum client_replay replay;
	const char *pushback; /* NULL: none */
};

struct client_framing {
	const char *timeout_header, *encoding_header, *accept_header;
	bool enveloped; /* messages have the 5-byte prefix */
	/* The final response headers are in attempt->block. */
	void (*headers)(struct client_attempt *attempt);
	/* Takes bytes of the body, up to one message; returns how many. */
	size_t (*data)(struct client_attempt *attempt, const uint8_t *data, size_t length);
	/* The peer has ended the stream, all data is taken; trailers, if any, are in
	 * attempt->block. */
	void (*end)(struct client_attempt *attempt);
};

struct client_attempt {
	struct rpc_client_call *call;
	struct client_conn *conn;
	struct list link; /* conn->attempts */
	const struct client_framing *framing;
	int32_t stream_id;
	bool has_left;      /* its HEADERS were written */
	bool half_closed;   /* our END_STREAM was given to nghttp2 */
	bool stalled;       /* the data source waits for more */
	bool stream_closed; /* nghttp2 has forgotten the stream */
	bool remote_closed; /* the peer's END_STREAM is in */
	bool got_headers, got_trailers, got_data;

	int http_status;
	struct rpc_metadata block; /* the header block being read, as the wire has it */
	size_t block_bytes;
	enum rpc_encoding encoding;
	struct rpc_frame_reader reader;
	struct buf inbox; /* body the call has not asked for yet, from inbox_at */
	size_t inbox_at;
	/* The protocol's verdict so far: from headers, trailers or the end frame. */
	bool has_status;
	Status *status;
	const char *pushback;
};

extern const struct client_framing client_framing_grpc, client_framing_grpc_web,
    client_framing_connect, client_framing_connect_unary;

/* client_call.c */
/* Ends the call, now or after its `ended` is due already: then nothing. Text as printf. */
void client_call_fail(struct rpc_client_call *call, enum rpc_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void client_call_attempt_ended(struct rpc_client_call *call, const struct client_outcome *outcome);
/* What is due from the loop: `writable`, messages, `ended`. */
void client_call_work(struct rpc_client_call *call);
void client_call_schedule(struct rpc_client_call *call);
/* One message from the peer, inflated. False: the call has failed. */
void client_call_message(struct rpc_client_call *call, const void *data, size_t length);
bool client_call_is_unary(const struct rpc_client_call *call);

/* client_send.c */
/* For nghttp2: request bytes from the call's queue. */
ssize_t client_send_read(nghttp2_session *session, int32_t stream_id, uint8_t *out, size_t length,
			 uint32_t *flags, nghttp2_data_source *source, void *user_data);
/* No try will follow: bytes go as they are sent. */
void client_send_commit(struct rpc_client_call *call);
/* So little waits to be sent that more may come. */
bool client_send_is_low(const struct rpc_client_call *call);
/* Something was queued: the attempt's data source goes on. */
void client_send_resume(struct rpc_client_call *call);

/* client_request.c: the request's header block. */
int client_request_submit(struct client_attempt *attempt);

/* client_attempt.c */
void client_attempt_start(struct rpc_client_call *call, struct client_conn *conn);
/* Ends the attempt with what the protocol said, or with an error that we found; the peer is told by
 * RST_STREAM when it still listens. */
void client_attempt_finish(struct client_attempt *attempt, Status *status);
void client_attempt_fail(struct client_attempt *attempt, enum rpc_code code, const char *format,
			 ...) __attribute__((format(printf, 3, 4)));
/* Drops it without a word to the call: cancelled, too late. */
void client_attempt_drop(struct client_attempt *attempt);
/* Lets the call read on. */
void client_attempt_pump(struct client_attempt *attempt);
/* Splits attempt->block: the protocol's own stay, the rest goes to `to` (call's headers or
 * trailers). */
void client_attempt_take_metadata(struct client_attempt *attempt, struct rpc_metadata *to);
/* A message as framed: inflates when flagged, delivers. */
void client_attempt_message(struct client_attempt *attempt, bool compressed, const uint8_t *data,
			    size_t length);
/* Reads frames and gives each to `message`; returns the bytes taken, up to one message. */
size_t client_attempt_frames(struct client_attempt *attempt, const uint8_t *data, size_t length,
			     void (*message)(struct client_attempt *attempt));
/* The encoding that the header block names; false when it is unknown (the attempt has failed). */
bool client_attempt_read_encoding(struct client_attempt *attempt);
/* From nghttp2, by client_conn.c. */
void client_attempt_left(struct client_attempt *attempt);
void client_attempt_header(struct client_attempt *attempt, const char *name, size_t name_length,
			   const char *value, size_t value_length);
void client_attempt_data(struct client_attempt *attempt, const uint8_t *data, size_t length);
void client_attempt_frame(struct client_attempt *attempt, const nghttp2_frame *frame);
void client_attempt_closed(struct client_attempt *attempt, uint32_t h2_error);
void client_attempt_lost(struct client_attempt *attempt, const char *cause);

#endif
