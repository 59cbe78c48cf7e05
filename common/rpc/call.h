/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call: one rpc on the server's side, whichever protocol carries it.
 *
 * gRPC, gRPC-Web and Connect are three framings of this one object (framing.h); no handler can tell
 * which it serves. The runtime drives a call through the hooks of its `rpc_handler`, all on the
 * thread of the event loop:
 *
 *     open → message* → half_close        the peer's side
 *     cancel                              at most once, at any time after open
 *     closed                              exactly once, last
 *
 * The contract:
 *  - A call ends exactly once, by rpc_call_finish from its handler. Peer reset, deadline, drain and
 * a failed connection only *ask* for the end, through `cancel`; the handler then stops what it has
 * under way and finishes the call (the code it gives is used unless the runtime has already told
 * the peer another). rpc_call_finish may be called inside any hook.
 *  - After rpc_call_finish the handler must not touch the call, except in `closed`, which runs when
 * nothing of it is left on the wire; then the arena is reset.
 *  - Everything the call owns lives on rpc_call_arena: request messages, metadata, replies,
 * clean-ups.
 *  - Back-pressure: rpc_call_send never blocks and never refuses for fullness. When it returns
 * RPC_SEND_WAIT, stop producing until `writable`; a handler that goes on regardless ends with
 * RESOURCE_EXHAUSTED at the queue limit. Request messages are delivered one at a time: after
 * `message` the next comes only when the handler calls rpc_call_next (flow control follows it,
 * RPC-30). A message of a client-streaming method lives until that rpc_call_next, or to the end of
 * the call: it has an arena of its own (rpc_call_message_arena), so a stream may be endless. Every
 * other message lives on the call's arena.
 *  - A unary or server-streaming method gets exactly one message; 0 or 2+ were answered
 * UNIMPLEMENTED by the runtime (RPC-08), and `message` then runs together with half_close, so such
 * a handler needs only `message`.
 */
#ifndef MZ_RPC_CALL_H
#define MZ_RPC_CALL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "rpc/metadata.h"
#include "rpc/status.h"

struct rpc_call;

struct rpc_handler {
	/* Headers are in. May be NULL. */
	void (*open)(struct rpc_call *call);
	/* One request message. */
	void (*message)(struct rpc_call *call, ProtobufCMessage *message);
	/* The peer sends no more. May be NULL where only `message` matters (unary, server
	 * streaming). */
	void (*half_close)(struct rpc_call *call);
	/* The send queue is below its low mark again. May be NULL for single replies. */
	void (*writable)(struct rpc_call *call);
	/* Please end: see the contract. NULL means: the runtime finishes the call itself. */
	void (*cancel)(struct rpc_call *call, enum rpc_code why);
	/* The call is over and its arena is about to be reset. May be NULL. */
	void (*closed)(struct rpc_call *call);
};

struct rpc_method {
	const char *path; /* "/pkg.Service/Method" */
	const ProtobufCMessageDescriptor *request, *response;
	bool client_streaming, server_streaming;
	bool no_side_effects; /* idempotency_level = NO_SIDE_EFFECTS: Connect GET is allowed
				 (RPC-19) */
	const struct rpc_handler *handler;
	void *data; /* the handler's own */
};

/* What is known of a call, for its handler and for logs; times by CLOCK_MONOTONIC. */
struct rpc_call_info {
	const char *path;     /* as asked for, also when unknown */
	const char *protocol; /* "grpc", "grpc-web", "grpc-web-text", "connect" */
	const char *codec;    /* "proto", "json" */
	const char *peer;     /* "127.0.0.1:40312" */
	int64_t began_us, ended_us;
	int64_t deadline_us;     /* INT64_MAX: the peer did not say how long it would wait */
	bool message_compressed; /* the one under work, when it came */
	uint64_t messages_in, messages_out, bytes_in, bytes_out;
	enum rpc_code code; /* how it was answered */
	const char *text;   /* NULL for none */
};

enum rpc_send_result { RPC_SEND_OK, RPC_SEND_WAIT };

/* What the call is. */
const struct rpc_method *rpc_call_method(const struct rpc_call *call);
const struct rpc_call_info *rpc_call_info(const struct rpc_call *call);
struct arena *rpc_call_arena(struct rpc_call *call);
/* Where the message under work lives; reset by rpc_call_next of a client-streaming method. */
struct arena *rpc_call_message_arena(struct rpc_call *call);
/* The handler's state of this call; NULL at first. Put it on the arena. */
void *rpc_call_state(const struct rpc_call *call);
void rpc_call_set_state(struct rpc_call *call, void *state);
/* Subject of the verified client certificate; NULL without one, or when its connection has ended.
 */
const char *rpc_call_peer_subject(struct rpc_call *call);

/* Request metadata, in order of arrival. */
const struct rpc_metadata *rpc_call_metadata(const struct rpc_call *call);

/*
 * Response metadata: headers until the first send, trailers until the end. `-bin` values are given
 * raw. Names outside [0-9a-z_.-] or reserved ones (grpc-*, connect-*, :…) are a programming error.
 * 0, or -ENOMEM, or -EALREADY when headers are sent.
 */
int rpc_call_add_header(struct rpc_call *call, const char *name, const void *value, size_t length);
int rpc_call_add_trailer(struct rpc_call *call, const char *name, const void *value, size_t length);

/* Whether messages from here on are compressed, when they are large enough and the peer accepts it.
 * At first: as the peer compresses its own. */
void rpc_call_set_compression(struct rpc_call *call, bool on);

/* Sends the headers now; otherwise they go with the first message. */
void rpc_call_send_headers(struct rpc_call *call);

/*
 * Encodes and queues one response message. It may be freed or changed on return, but for bytes and
 * texts of 16 KiB and more on the call's arena: those may go out from where they are. A method
 * without server streaming sends exactly one before it finishes with OK; otherwise the peer gets
 * INTERNAL.
 */
enum rpc_send_result rpc_call_send(struct rpc_call *call, const ProtobufCMessage *message);

/* Ready for the next request message; for handlers of client streams. */
void rpc_call_next(struct rpc_call *call);

/* One detail of an error: packed into google.rpc.Status (grpc-status-details-bin, or Connect's
 * "details"). 0 or -ENOMEM. */
int rpc_call_add_detail(struct rpc_call *call, const ProtobufCMessage *detail);

/*
 * Ends the call: code, and text for people (UTF-8, NULL for none; any bytes are safe). With RPC_OK
 * every queued message is delivered first; with an error queued messages still go before the
 * trailers.
 */
void rpc_call_finish(struct rpc_call *call, enum rpc_code code, const char *text);

#endif
