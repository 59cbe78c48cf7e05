/* SPDX-License-Identifier: Apache-2.0 */
/* One try of a call: a stream on one connection, from its headers to its end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/connect_json.h"

static const struct client_framing *
framing_of(const struct rpc_client_call *call)
{
	switch (call->channel->options.protocol) {
	case RPC_GRPC:
		return &client_framing_grpc;
	case RPC_GRPC_WEB:
		return &client_framing_grpc_web;
	default:
		return client_call_is_unary(call) ? &client_framing_connect_unary
						  : &client_framing_connect;
	}
}

/* What is under way, for the text of an error (RPC-44). */
static const char *
phase_of(const struct client_attempt *attempt)
{
	if (attempt->got_headers)
		return "reading the response";
	if (attempt->half_closed)
		return "waiting for the response";
	return attempt->has_left ? "sending the request" : "waiting to send the request";
}

/* --- the end --- */

/* Takes the attempt from its connection and its call, and frees it. */
static void
release(struct client_attempt *attempt, uint32_t h2_error)
{
	struct client_conn *conn = attempt->conn;
	nghttp2_session *session = h2_session(conn->h2);

	if (!attempt->stream_closed && !conn->closed && attempt->stream_id > 0) {
		nghttp2_session_set_stream_user_data(session, attempt->stream_id, NULL);
		if (!attempt->half_closed || !attempt->remote_closed) {
			nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, attempt->stream_id,
						  h2_error);
			h2_wake(conn->h2);
		}
	}
	attempt->call->attempt = NULL;
	list_remove(&attempt->link);
	rpc_frame_reader_free(&attempt->reader);
	buf_free(&attempt->inbox);
	free(attempt);
	client_conn_attempt_gone(conn);
}

void
client_attempt_drop(struct client_attempt *attempt)
{
	release(attempt, NGHTTP2_CANCEL);
}

static void
finish(struct client_attempt *attempt, const struct client_outcome *outcome)
{
	struct rpc_client_call *call = attempt->call;
	bool complete = attempt->remote_closed;

	release(attempt, complete ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
	client_call_attempt_ended(call, outcome);
}

/* The text of an error that we found: peer, phase, cause, time (RPC-44). */
static Status *
explain(struct client_attempt *attempt, enum rpc_code code, const char *cause)
{
	struct rpc_client_call *call = attempt->call;
	long long ms = (clock_monotonic_us() - call->began_us) / 1000;
	const char *goaway = attempt->conn->goaway;
	char *text =
	    arena_printf(call->arena, "%s: %s: %s%s%s (after %lld ms)", attempt->conn->peer,
			 phase_of(attempt), cause, *goaway ? "; " : "", goaway, ms);

	return text ? rpc_status_new(call->arena, code, text) : NULL;
}

void
client_attempt_fail(struct client_attempt *attempt, enum rpc_code code, const char *format, ...)
{
	struct client_outcome outcome = {.pushback = attempt->pushback};
	char cause[256];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof cause, format, args);
	va_end(args);
	if (code == RPC_RESOURCE_EXHAUSTED)
		attempt->call->channel->counts[RPC_CHANNEL_refused]++;
	outcome.status = explain(attempt, code, cause);
	finish(attempt, &outcome);
}

/* Exactly one message must have come with OK where one is due (RPC-08). */
static bool
lacks_message(const struct rpc_client_call *call, const Status *status)
{
	return status && status->code == RPC_OK && !call->method->server_streaming &&
	       call->n_messages != 1;
}

void
client_attempt_finish(struct client_attempt *attempt, Status *status)
{
	const struct client_outcome outcome = {.status = status, .pushback = attempt->pushback};

	if (lacks_message(attempt->call, status))
		client_attempt_fail(attempt, RPC_UNIMPLEMENTED,
				    "%u messages with status OK where one is due",
				    attempt->call->n_messages);
	else
		finish(attempt, &outcome);
}

void
client_attempt_lost(struct client_attempt *attempt, const char *cause)
{
	const struct client_outcome outcome = {
	    .status = explain(attempt, RPC_UNAVAILABLE, cause),
	    .replay = attempt->has_left ? CLIENT_REPLAY_NO : CLIENT_REPLAY_NEVER_LEFT,
	};

	finish(attempt, &outcome);
}

/* Refused by nghttp2 itself means that the session takes no streams any more: nor must the channel
 * give it any. */
static enum client_replay
replay_of(struct client_attempt *attempt)
{
	if (attempt->has_left)
		return CLIENT_REPLAY_REFUSED;
	client_conn_drain(attempt->conn);
	return CLIENT_REPLAY_NEVER_LEFT;
}

void
client_attempt_closed(struct client_attempt *attempt, uint32_t h2_error)
{
	struct rpc_client_call *call = attempt->call;
	enum rpc_code code = rpc_code_of_h2_error(h2_error);
	struct client_outcome outcome = {.pushback = attempt->pushback};
	char cause[64];

	attempt->stream_closed = true;
	/* Data may still wait for the call to take it. */
	if (attempt->remote_closed && h2_error == NGHTTP2_NO_ERROR)
		return;
	if (code == RPC_CANCELLED && clock_monotonic_us() >= call->deadline_us)
		code = RPC_DEADLINE_EXCEEDED;
	if (h2_error == NGHTTP2_REFUSED_STREAM)
		outcome.replay = replay_of(attempt);
	snprintf(cause, sizeof cause, "stream reset: %s", nghttp2_http2_strerror(h2_error));
	outcome.status = explain(attempt, code, cause);
	finish(attempt, &outcome);
}

/* --- the beginning --- */

static struct client_attempt *
attempt_new(struct rpc_client_call *call, struct client_conn *conn)
{
	struct client_attempt *attempt = calloc(1, sizeof *attempt);

	if (!attempt)
		return NULL;
	attempt->call = call;
	attempt->conn = conn;
	attempt->framing = framing_of(call);
	list_init(&attempt->link);
	list_append(&conn->attempts, &attempt->link);
	rpc_metadata_init(&attempt->block, call->arena);
	rpc_frame_reader_init(&attempt->reader, RPC_FRAME_COMPRESSED,
			      call->channel->options.max_receive_bytes, NULL);
	buf_init(&attempt->inbox, NULL, SIZE_MAX / 2);
	call->attempt = attempt;
	call->state = CLIENT_ACTIVE;
	call->result.n_attempts++;
	call->n_sent = 0;
	return attempt;
}

void
client_attempt_start(struct rpc_client_call *call, struct client_conn *conn)
{
	struct client_attempt *attempt = attempt_new(call, conn);
	int r;

	if (!attempt) {
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the call");
		return;
	}
	r = client_request_submit(attempt);
	client_conn_watch(conn);
	if (!r)
		return;
	/* Two thousand million calls later: stream numbers are used up. */
	if (r == -ENOSR) {
		client_conn_drain(conn);
		client_attempt_lost(attempt, "stream numbers used up");
	} else {
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
	}
}

void
client_attempt_left(struct client_attempt *attempt)
{
	attempt->has_left = true;
}

/* --- headers and trailers --- */

void
client_attempt_header(struct client_attempt *attempt, const char *name, size_t name_length,
		      const char *value, size_t value_length)
{
	if (name_length == 7 && !memcmp(name, ":status", 7)) {
		attempt->http_status = atoi(value); /* NOLINT(cert-err34-c): nghttp2 checked it */
		attempt->block.n = 0;
		attempt->block_bytes = 0;
		return;
	}
	attempt->block_bytes += name_length + value_length + 32;
	if (attempt->block_bytes > CLIENT_HEADER_BYTES ||
	    attempt->block.n >= CLIENT_HEADER_FIELDS) {
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "too many headers");
		return;
	}
	/* nghttp2's texts end with NUL. -bin values stay as the wire has them for now. */
	if (rpc_metadata_add(&attempt->block, name, value, value_length) != 0)
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for headers");
}

void
client_attempt_take_metadata(struct client_attempt *attempt, struct rpc_metadata *to)
{
	for (size_t i = 0; i < attempt->block.n; i++) {
		const struct rpc_pair *pair = &attempt->block.pairs[i];
		size_t length = strlen(pair->name);

		/* Undecodable -bin values are dropped (RPC-05); no memory shows later. */
		if (!rpc_metadata_name_reserved(pair->name, length))
			rpc_metadata_add_wire(to, pair->name, length, pair->value, pair->length);
	}
}

static void
on_headers(struct client_attempt *attempt)
{
	if (attempt->got_headers) {
		attempt->got_trailers = true;
		return;
	}
	/* 1xx: the real ones follow (RFC 9110 15.2). */
	if (attempt->http_status < 200)
		return;
	attempt->got_headers = true;
	attempt->pushback = rpc_metadata_get(&attempt->block, "grpc-retry-pushback-ms");
	attempt->framing->headers(attempt);
}

void
client_attempt_frame(struct client_attempt *attempt, const nghttp2_frame *frame)
{
	struct rpc_client_call *call = attempt->call;
	const bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (end)
		attempt->remote_closed = true;
	if (frame->hd.type == NGHTTP2_HEADERS) {
		on_headers(attempt);
		if (call->attempt != attempt)
			return;
		if (!end) {
			attempt->block.n = 0;
			attempt->block_bytes = 0;
		}
	}
	if (end)
		client_attempt_pump(attempt);
}

bool
client_attempt_read_encoding(struct client_attempt *attempt)
{
	const char *name = rpc_metadata_get(&attempt->block, attempt->framing->encoding_header);

	if (!name)
		return true;
	attempt->encoding = rpc_encoding_of_name(name, strlen(name));
	if (attempt->encoding != RPC_ENCODING_UNKNOWN)
		return true;
	client_attempt_fail(attempt, RPC_INTERNAL, "response in unknown encoding '%s'", name);
	return false;
}

/* --- the body --- */

/* Lets the stream's window follow what was taken (RPC-30). */
static void
consume(struct client_attempt *attempt, size_t length)
{
	if (attempt->stream_closed || attempt->conn->closed || !length)
		return;
	nghttp2_session_consume_stream(h2_session(attempt->conn->h2), attempt->stream_id, length);
	h2_wake(attempt->conn->h2);
}

/* Gives bytes to the framing as long as the call wants them; returns how many were taken. The
 * attempt may be gone after. */
static size_t
feed(struct rpc_client_call *call, struct client_attempt *attempt, const uint8_t *data,
     size_t length)
{
	size_t taken = 0;

	while (taken < length && call->wants_message) {
		size_t n = attempt->framing->data(attempt, data + taken, length - taken);

		if (call->attempt != attempt)
			return taken;
		consume(attempt, n);
		taken += n;
	}
	return taken;
}

void
client_attempt_pump(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;
	size_t waiting = attempt->inbox.length - attempt->inbox_at;

	if (waiting) {
		size_t taken = feed(call, attempt,
				    (uint8_t *)attempt->inbox.data + attempt->inbox_at, waiting);

		if (call->attempt != attempt)
			return;
		attempt->inbox_at += taken;
		if (taken < waiting)
			return;
		buf_clear(&attempt->inbox);
		attempt->inbox_at = 0;
	}
	if (attempt->remote_closed)
		attempt->framing->end(attempt);
}

void
client_attempt_data(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	struct rpc_client_call *call = attempt->call;
	size_t taken = 0;

	attempt->got_data |= length > 0;
	if (!call->committed)
		client_send_commit(call);
	if (attempt->inbox_at == attempt->inbox.length) {
		taken = feed(call, attempt, data, length);
		if (call->attempt != attempt)
			return;
	}
	if (taken < length)
		buf_put(&attempt->inbox, data + taken, length - taken);
	if (attempt->inbox.failed)
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for the response");
}

static void
inflate_message(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	struct rpc_client_call *call = attempt->call;
	struct buf message BUF_CLEANUP;

	buf_init(&message, NULL, call->channel->options.max_receive_bytes);
	switch (rpc_inflate(attempt->encoding, data, length, &message)) {
	case RPC_INFLATE_OK:
		client_call_message(call, message.data, message.length);
		break;
	case RPC_INFLATE_CORRUPT:
		client_attempt_fail(attempt, RPC_INTERNAL, "corrupt compressed response");
		break;
	case RPC_INFLATE_TOO_LARGE:
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED,
				    "response inflates to more than %u bytes",
				    call->channel->options.max_receive_bytes);
		break;
	case RPC_INFLATE_NO_MEMORY:
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for the response");
		break;
	}
}

void
client_attempt_message(struct client_attempt *attempt, bool compressed, const uint8_t *data,
		       size_t length)
{
	attempt->call->result.is_compressed = compressed;
	if (!compressed)
		client_call_message(attempt->call, data, length);
	else if (attempt->encoding == RPC_ENCODING_IDENTITY)
		client_attempt_fail(attempt, RPC_INTERNAL,
				    "compressed response without an encoding");
	else if (!length)
		client_call_message(attempt->call, data, 0);
	else
		inflate_message(attempt, data, length);
}

size_t
client_attempt_frames(struct client_attempt *attempt, const uint8_t *data, size_t length,
		      void (*message)(struct client_attempt *attempt))
{
	const uint32_t limit = attempt->reader.limit;
	size_t left = length;

	switch (rpc_frame_read(&attempt->reader, &data, &left)) {
	case RPC_FRAME_MESSAGE:
		message(attempt);
		break;
	case RPC_FRAME_MORE:
		break;
	case RPC_FRAME_BAD_FLAGS:
		client_attempt_fail(attempt, RPC_INTERNAL, "frame with unknown flags %#x",
				    attempt->reader.flags);
		break;
	case RPC_FRAME_TOO_LARGE:
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED,
				    "response of %u bytes is larger than %u",
				    attempt->reader.length, limit);
		break;
	case RPC_FRAME_NO_MEMORY:
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for the response");
		break;
	}
	return length - left;
}
