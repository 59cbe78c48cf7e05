/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of client.h.
 *
 *     client_call.c      the call: set-up, ends, retries, what runs from the loop
 *     client_send.c      request messages: codec, compression, the bytes that retries replay
 *     client_attempt.c   one try: an HTTP/2 stream on one connection
 *     client_response.c  what the peer answers, as far as the protocols agree
 *     client_framing.c   gRPC, gRPC-Web, Connect: what is each one's own
 *
 * A call has at most one attempt. Functions that can end it return nothing; whoever calls them
 * looks at attempt.conn before going on. The call itself stays until its owner frees it, which is
 * never inside them.
 */
#ifndef MZ_RPC_CLIENT_IMPL_H
#define MZ_RPC_CLIENT_IMPL_H

#include "rpc/channel_impl.h"
#include "rpc/client.h"
#include "rpc/frame.h"
#include "rpc/timeout.h"

enum client_call_state {
	CLIENT_NEW,
	CLIENT_PREPARING, /* started; a method with one request waits for it */
	CLIENT_WAITING,   /* for a connection */
	CLIENT_ACTIVE,    /* has an attempt */
	CLIENT_BACKOFF,   /* until the next try */
	CLIENT_ENDING,    /* `ended` is due */
	CLIENT_ENDED,
};

/* Cleared for each try. */
struct client_attempt {
	struct client_conn *conn; /* NULL: none is under way */
	struct list link;         /* conn->attempts */
	int32_t stream_id;
	bool has_left;      /* its HEADERS were written */
	bool half_closed;   /* our END_STREAM was given to nghttp2 */
	bool stalled;       /* the data source waits for more */
	bool stream_closed; /* nghttp2 has forgotten the stream */
	bool remote_closed; /* the peer's END_STREAM is in */
	bool got_headers, got_trailers, got_data;
	bool got_last; /* the frame that is the body's end */

	int http_status;
	struct rpc_metadata block; /* the header block being read, as the wire has it */
	size_t block_bytes;
	enum rpc_encoding encoding;
	struct rpc_frame_reader reader;
	struct buf inbox; /* body the call has not asked for yet, from inbox_at */
	size_t inbox_at;
	/* The protocol's verdict so far: from headers, trailers or the last frame. NULL: none. */
	const Status *status;
	const char *pushback; /* of a retry (RPC-40); NULL: none */
};

struct rpc_client_call {
	struct list link; /* channel->calls or channel->waiting */
	struct rpc_channel *channel;
	const struct rpc_method *method;
	const struct client_framing *framing;
	struct rpc_content_type type; /* of the request, and due of the response */
	const struct rpc_client_hooks *hooks;
	void *data;
	struct arena *arena, *message_arena; /* the second for a server stream */

	enum client_call_state state;
	bool committed;     /* no try after this one */
	bool was_refused;   /* the one transparent retry of REFUSED_STREAM is used (RPC-41) */
	bool told_to_wait;  /* `writable` is owed */
	bool pump_due;      /* rpc_client_next was called */
	unsigned n_replays; /* transparent tries */
	int64_t began_us, deadline_us;
	struct event timer, backoff_timer, work;
	struct rpc_client_options options;

	struct buf out; /* framed request messages: all, once committed those not yet sent */
	size_t n_sent;  /* of them taken by the attempt */
	bool complete;  /* half-closed */
	struct client_attempt attempt;

	bool wants_message; /* rpc_client_next */
	unsigned n_messages;
	struct rpc_client_result result;
};

/* Which attempts may be repeated without counting (RPC-41). */
enum client_replay { CLIENT_REPLAY_NO, CLIENT_REPLAY_REFUSED, CLIENT_REPLAY_NEVER_LEFT };

/* One protocol's spelling of a call; the mirror of framing.h. */
struct client_framing {
	/* Where encoding, accepted encodings, user agent and timeout stand; a field of its own. */
	const char *encoding, *accept, *agent, *timeout, *mark, *mark_value;
	char *(*format_timeout)(int64_t timeout_us, char text[static RPC_TIMEOUT_TEXT_SIZE]);
	bool enveloped;    /* messages have the 5-byte prefix */
	uint8_t last_flag; /* of the frame that is the body's end; 0: there is none */
	/* True when the block of the response headers has the status. May be NULL. */
	bool (*status)(struct rpc_client_call *call);
	/* The last frame's content. */
	void (*last)(struct rpc_client_call *call, const char *text, size_t length);
	/* All is read: sets attempt.status unless it is set or there is none. May be NULL. */
	void (*end)(struct rpc_client_call *call);
};

const struct client_framing *client_framing_of(enum rpc_protocol protocol,
					       const struct rpc_method *method);

/* --- client_call.c --- */

/* A Status, or the one that says that there is no memory for it. */
extern const Status client_no_memory;
const Status *client_status(struct rpc_client_call *call, enum rpc_code code, const char *text);
/* Ends the call, now or after its `ended` is due already: then nothing. Text as printf. */
void client_call_fail(struct rpc_client_call *call, enum rpc_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void client_call_attempt_ended(struct rpc_client_call *call, const Status *status,
			       enum client_replay replay);
/* Something is due from the loop: `writable`, messages, `ended`. */
void client_call_schedule(struct rpc_client_call *call);
/* One message from the peer, inflated. */
void client_call_message(struct rpc_client_call *call, const void *data, size_t length);

/* --- client_send.c --- */

/* For nghttp2: request bytes of a call. */
ssize_t client_send_read(nghttp2_session *session, int32_t stream_id, uint8_t *out, size_t length,
			 uint32_t *flags, nghttp2_data_source *source, void *user_data);
/* No try will follow: bytes go as they are sent. */
void client_send_commit(struct rpc_client_call *call);
/* So little waits to be sent that more may come. */
bool client_send_is_low(const struct rpc_client_call *call);
/* Something was queued: the attempt's data source goes on. */
void client_send_resume(struct rpc_client_call *call);

/* --- client_attempt.c --- */

void client_attempt_setup(nghttp2_session_callbacks *callbacks);
void client_attempt_start(struct rpc_client_call *call, struct client_conn *conn);
/* Ends the attempt with what the protocol said, or with an error that we found; the peer is told by
 * RST_STREAM when it still listens. */
void client_attempt_end(struct rpc_client_call *call, const Status *status,
			enum client_replay replay);
void client_attempt_fail(struct rpc_client_call *call, enum rpc_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The connection is gone. */
void client_attempt_lost(struct rpc_client_call *call, const char *cause);
/* Drops it without a word to the call: cancelled, too late. */
void client_attempt_drop(struct rpc_client_call *call);

/* --- client_response.c --- */

/* Ends the try: there is no room for what came. */
void client_response_no_memory(struct rpc_client_call *call);
/* A HEADERS or DATA frame is in; bytes of DATA. */
void client_response_frame(struct rpc_client_call *call, const nghttp2_frame *frame);
void client_response_data(struct rpc_client_call *call, const uint8_t *data, size_t length);
/* Lets the call read on. */
void client_response_pump(struct rpc_client_call *call);
/* The application's fields of attempt.block go to `to`. */
void client_response_take_metadata(struct rpc_client_call *call, struct rpc_metadata *to);
/* A message: inflates when it is compressed, delivers. */
void client_response_message(struct rpc_client_call *call, bool compressed, const void *data,
			     size_t length);

#endif
