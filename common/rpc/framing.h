/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Framing: one protocol's spelling of a call.
 *
 * A call knows no protocol; it asks its framing at five points. gRPC, gRPC-Web, gRPC-Web-text,
 * Connect's unary calls and its streams are tables of this type. Which one serves a request is
 * decided by method and content type alone (RPC-02).
 */
#ifndef MZ_RPC_FRAMING_H
#define MZ_RPC_FRAMING_H

#include "rpc/call_impl.h"
#include "rpc/fields.h"

enum { FRAMING_PLAIN_SIZE = 24 };

struct rpc_spelling {
	/* The answer to bytes that are no message, and to a bad timeout (RPC-03, RPC-11). */
	enum rpc_code bad_message;
	/* Where encoding, accepted encodings and timeout stand. */
	enum rpc_known_header encoding, accept, timeout;
	bool (*parse_timeout)(const char *text, size_t length, int64_t *ret_us);
};

struct rpc_framing {
	const char *name; /* for the access log: "grpc" */
	const struct rpc_spelling *spelling;

	/* Checks what is the protocol's own; false: refused (call_abort or call_refuse). NULL:
	 * nothing. */
	bool (*begin)(struct rpc_call *call);
	/* Request bytes, and their end. */
	void (*data)(struct rpc_call *call, const uint8_t *data, size_t length);
	void (*end)(struct rpc_call *call);
	/* Adds the fields before the application's to the response header block. NULL: headers wait
	 * for the end (Connect unary). */
	void (*headers)(struct rpc_call *call, struct rpc_fields *fields);
	/* Queues one response message. 0 or -ENOMEM, -EINVAL (cannot be written in this codec). */
	int (*send)(struct rpc_call *call, const ProtobufCMessage *message);
	/* The call is answered (code, text, status, trailers): spells what the body or a lone
	 * header block says of it. */
	void (*finish)(struct rpc_call *call);
	/* Adds the fields of the block behind the body; NULL where the body's end is the end. */
	void (*trailers)(struct rpc_call *call, struct rpc_fields *fields);
	/* The block for OK and no metadata: a whole HEADERS frame, but for its stream's number. */
	const uint8_t *plain_trailers;
};

extern const struct rpc_framing rpc_framing_grpc, rpc_framing_web, rpc_framing_web_text,
    rpc_framing_connect, rpc_framing_connect_stream;

/*
 * Sets call->framing and call->codec from method and content type. 0, or the HTTP status of the
 * refusal: 405, 415; 204 for a CORS preflight.
 */
int framing_choose(struct rpc_call *call);

/* A bare HTTP answer, once the request has ended: what is wrong in the rest of it is to be found
 * first. */
void call_refuse(struct rpc_call *call, int http_status);

void call_send_refusal(struct rpc_call *call);

/* --- for the tables, in call_out.c --- */

/* Submits the response headers (framing's, then the application's) unless they are sent. */
void call_submit_headers(struct rpc_call *call);
/* Submits a block of the framing's own making, as a whole answer or with the queue behind it. */
void call_submit_fields(struct rpc_call *call, struct rpc_fields *fields, bool with_body);
/* Puts a framed message into the call's queue and on its way; the usual `send`. */
int call_send_frame(struct rpc_call *call, const ProtobufCMessage *message);

/* Appends an encoded message to `out`, behind a 5-byte prefix when framed, compressed
 * (body_compressed) when that is wanted and pays. 0, -ENOMEM, -EINVAL when it has no form in this
 * codec. */
int call_put(struct rpc_call *call, const ProtobufCMessage *message, bool framed,
	     struct rpc_queue *out);
/* The wire goes on: something was queued, or the answer is complete. */
void call_resume(struct rpc_call *call);
/* call->code, text and details, on the arena; NULL without memory. */
Status *call_status(struct rpc_call *call);
/* nghttp2's send_data callback for the queue. */
int call_on_send(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
		 size_t length, nghttp2_data_source *source, void *user_data);

/* --- for the tables, in framing.c --- */

/* The fields that let a browser's script read the answer (RPC-16). */
void framing_add_cors(struct rpc_call *call, struct rpc_fields *fields);
/* A last frame of the framing's own, in the server's scratch: to be written, then queued by `put`
 * behind its prefix; without memory the stream is reset. */
struct buf *framing_open_frame(struct rpc_call *call);
void framing_close_frame(struct rpc_call *call, struct buf *frame, uint8_t flags,
			 int (*put)(struct rpc_queue *queue, const void *data, size_t length));

#endif
