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
 *  - A method that answers once leaves its message in rpc_client_response; the `message` hook is
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
	/* Response headers are in: rpc_client_headers. Not called when only trailers come. May be
	 * NULL. */
	void (*headers)(struct rpc_client_call *call);
	/* One message of a server stream; `raw` in raw mode. */
	void (*message)(struct rpc_client_call *call, ProtobufCMessage *message);
	void (*raw)(struct rpc_client_call *call, const void *data, size_t length);
	/* The send queue is below its low mark again. May be NULL. */
	void (*writable)(struct rpc_client_call *call);
	/* Exactly once, last. */
	void (*ended)(struct rpc_client_call *call);
};

/*
 * A call of method (handler and data of it are not looked at), not started. method and hooks must
 * outlive it; hooks may be NULL for rpc_client_run. NULL without memory.
 */
struct rpc_client_call *rpc_client_new(struct rpc_channel *channel, const struct rpc_method *method,
				       const struct rpc_client_hooks *hooks, void *data);
void rpc_client_free(struct rpc_client_call *call);

void *rpc_client_data(const struct rpc_client_call *call);
const struct rpc_method *rpc_client_method(const struct rpc_client_call *call);
/* Memory until rpc_client_free: for the request, for what is made of the response. */
struct arena *rpc_client_arena(struct rpc_client_call *call);

/*
 * Before start. Metadata names must be valid and not reserved (the call ends INTERNAL otherwise);
 * -bin values are given raw.
 */
struct rpc_metadata *rpc_client_request_metadata(struct rpc_client_call *call);
void rpc_client_set_timeout(struct rpc_client_call *call, int64_t timeout_us);
/* CLOCK_MONOTONIC; for calls on behalf of a call (RPC-13): rpc_call_deadline_us. */
void rpc_client_set_deadline(struct rpc_client_call *call, int64_t deadline_us);
void rpc_client_set_wait_for_ready(struct rpc_client_call *call, bool wait);
/* Compresses request messages; those sent while compress is false go as they are. */
void rpc_client_set_encoding(struct rpc_client_call *call, enum rpc_encoding encoding);
void rpc_client_set_compression(struct rpc_client_call *call, bool compress);
/* Connect: use GET where the method has no side effects and the message is small (RPC-19). */
void rpc_client_set_get(struct rpc_client_call *call, bool use_get);
/* In place of the channel's policy; kept by reference. */
void rpc_client_set_retry(struct rpc_client_call *call, const struct rpc_retry_policy *policy);

void rpc_client_start(struct rpc_client_call *call);

/* Encodes and queues one request message, which may be freed on return. */
enum rpc_send_result rpc_client_send(struct rpc_client_call *call, const ProtobufCMessage *message);
enum rpc_send_result rpc_client_send_raw(struct rpc_client_call *call, const void *data,
					 size_t length);
void rpc_client_half_close(struct rpc_client_call *call);
/* start, send, half_close: all that a method with one request needs. */
void rpc_client_unary(struct rpc_client_call *call, const ProtobufCMessage *request);

/* Ready for the next message of a server stream. */
void rpc_client_next(struct rpc_client_call *call);

void rpc_client_cancel(struct rpc_client_call *call);

/*
 * After the end: code, text ("" for none) and details. Before it: UNKNOWN. Text and details are on
 * the call's arena.
 */
enum rpc_code rpc_client_code(const struct rpc_client_call *call);
const Status *rpc_client_status(const struct rpc_client_call *call);
/* What the server sent before and after its messages, without the protocol's own. */
const struct rpc_metadata *rpc_client_headers(const struct rpc_client_call *call);
const struct rpc_metadata *rpc_client_trailers(const struct rpc_client_call *call);
/* The one response of a call that ended OK; NULL otherwise. In raw mode the second. */
ProtobufCMessage *rpc_client_response(const struct rpc_client_call *call);
const void *rpc_client_response_raw(const struct rpc_client_call *call, size_t *ret_length);
/* True when the last message came compressed. */
bool rpc_client_message_compressed(const struct rpc_client_call *call);
/* "127.0.0.1:50061"; "" before a connection was found. */
const char *rpc_client_peer(const struct rpc_client_call *call);
/* Tries made so far, transparent ones not counted. */
unsigned rpc_client_attempts(const struct rpc_client_call *call);

/*
 * For tools and tests, never inside a hook: starts the call with its one request, runs the event
 * loop until it has ended, and returns its code. The call must have been made without hooks.
 */
enum rpc_code rpc_client_run(struct rpc_client_call *call, const ProtobufCMessage *request);
enum rpc_code rpc_client_run_raw(struct rpc_client_call *call, const void *data, size_t length);

#endif
