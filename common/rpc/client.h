/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client call: one rpc on the caller's side; the mirror of call.h.
 *
 * A call is one asynchronous operation, on the thread of its channel's event loop:
 *
 *     new → set up → start → (send* → half_close) │ headers? → message* → ended → free
 *
 * The contract:
 *  - After rpc_client_start the call ends exactly once, by the hook `ended`, which runs from the
 * event loop and never inside a function below. Then its status, metadata and response can be read
 * until rpc_client_free, which may be called inside `ended` and only from then on (or before
 * start).
 *  - rpc_client_cancel only *asks*: the call then ends with CANCELLED, or with what had already
 * been decided. The deadline is inside the call. Reset, GOAWAY, a lost connection: all come as
 * `ended`, after retries where the policy allows them.
 *  - A method that answers once leaves its message in rpc_client_result; the `message` hook is
 * for server streams. 0 or 2+ messages with status OK ended UNIMPLEMENTED (RPC-08).
 *  - Back-pressure: rpc_client_send never blocks; after RPC_SEND_WAIT stop until `writable`, or the
 * call ends RESOURCE_EXHAUSTED at the queue limit. Messages of a server stream come one at a time:
 * the next only after rpc_client_next, and the message lives until that call. The first comes by
 * itself.
 *  - Raw mode: a method without descriptors (request and response NULL) carries bytes that are
 * already in the channel's codec; its messages come by `raw`.
 *  - Sending after the end, or after half_close, is harmless and does nothing.
 *
 * The text of an error that this side found names the peer, what was under way, the cause and the
 * time it took (RPC-44); a text from the peer is left as it is.
 */
#ifndef MZ_RPC_CLIENT_H
#define MZ_RPC_CLIENT_H

#include "google/rpc/status.pb-c.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/compression.h"
#include "rpc/metadata.h"

struct rpc_client_call;

struct rpc_client_hooks {
	/* Response headers are in. Not called when only trailers come. May be NULL. */
	void (*headers)(struct rpc_client_call *call);
	/* One message of a server stream; `raw` in raw mode. */
	void (*message)(struct rpc_client_call *call, ProtobufCMessage *message);
	void (*raw)(struct rpc_client_call *call, const void *data, size_t length);
	/* The send queue is below its low mark again. May be NULL. */
	void (*writable)(struct rpc_client_call *call);
	/* Exactly once, last. */
	void (*ended)(struct rpc_client_call *call);
};

/* What a call is told before its start. */
struct rpc_client_options {
	/* Memory until rpc_client_free: for the request, for what is made of the response. */
	struct arena *arena;
	/* Names must be valid and not reserved (the call ends INTERNAL otherwise); -bin values are
	 * given raw. */
	struct rpc_metadata metadata;
	/* From the start on; and CLOCK_MONOTONIC, for calls on behalf of a call (RPC-13:
	 * rpc_call_deadline_us). The earlier counts. [INT64_MAX: none] */
	int64_t timeout_us, deadline_us;
	bool wait_for_ready;
	bool use_get; /* Connect: where the method has no side effects and the message is small
			 (RPC-19) */
	/* Compresses request messages, but for those sent while `plain` is set. */
	enum rpc_encoding encoding;
	bool plain;
	const struct rpc_retry_policy *retry; /* by reference [the channel's] */
};

/* What has come, and how the call ended. All of it is on the call's arena. */
struct rpc_client_result {
	enum rpc_code code;   /* UNKNOWN before the end */
	const Status *status; /* as the peer gave it, with text ("" for none) and details */
	/* What the server sent before and after its messages, without the protocol's own. */
	struct rpc_metadata headers, trailers;
	/* The one response of a call that ended OK, in raw mode its bytes; otherwise NULL. */
	ProtobufCMessage *response;
	const void *raw;
	size_t raw_length;
	bool is_compressed;  /* the last message came so */
	unsigned n_attempts; /* transparent ones not counted */
};

/*
 * A call of method (handler and data of it are not looked at), not started. method and hooks must
 * outlive it; hooks may be NULL for rpc_client_run. NULL without memory.
 */
struct rpc_client_call *rpc_client_new(struct rpc_channel *channel, const struct rpc_method *method,
				       const struct rpc_client_hooks *hooks, void *data);
void rpc_client_free(struct rpc_client_call *call);

void *rpc_client_data(const struct rpc_client_call *call);
struct rpc_client_options *rpc_client_options(struct rpc_client_call *call);
const struct rpc_client_result *rpc_client_result(const struct rpc_client_call *call);

void rpc_client_start(struct rpc_client_call *call);

/* Encodes and queues one request message, which may be freed on return. */
enum rpc_send_result rpc_client_send(struct rpc_client_call *call, const ProtobufCMessage *message);
enum rpc_send_result rpc_client_send_raw(struct rpc_client_call *call, const void *data,
					 size_t length);
void rpc_client_half_close(struct rpc_client_call *call);
/* start, send, half_close: all that a method with one request needs. */
void rpc_client_unary(struct rpc_client_call *call, const ProtobufCMessage *request);
void rpc_client_unary_raw(struct rpc_client_call *call, const void *data, size_t length);

/* Ready for the next message of a server stream. */
void rpc_client_next(struct rpc_client_call *call);

void rpc_client_cancel(struct rpc_client_call *call);

/* For tools and tests, never inside a hook: runs the event loop until a call without hooks has
 * ended, and returns its code. */
enum rpc_code rpc_client_run(struct rpc_client_call *call);

#endif
