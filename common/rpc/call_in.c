/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request bytes of a call: frames, inflating, decoding, and delivery one message at a time.
 *
 * A stream's window is opened again (RPC-30) when its bytes have become part of a message under
 * assembly, which the receive limit bounds; bytes behind a message that the handler has not taken
 * yet wait in `held`, and their window with them.
 */
#include "rpc/call_impl.h"
#include "rpc/framing.h"
#include "rpc/server_impl.h"

enum { INFLATE_FREELY = 1 << 20 }; /* whatever the ratio */

static bool
refuse(struct rpc_call *call, enum rpc_code code, enum rpc_counter counter, const char *text)
{
	server_count(call->server, counter);
	call_abort(call, code, text);
	return false;
}

bool
call_refuse_bad(struct rpc_call *call, const char *text)
{
	return refuse(call, call->framing->spelling->bad_message, RPC_COUNT_message_bad, text);
}

static bool
refuse_memory(struct rpc_call *call, const char *text)
{
	return refuse(call, RPC_RESOURCE_EXHAUSTED, RPC_COUNT_memory_refused, text);
}

bool
call_refuse_size(struct rpc_call *call)
{
	return refuse(call, RPC_RESOURCE_EXHAUSTED, RPC_COUNT_message_too_large,
		      arena_printf(call->arena, "the message is larger than %lld bytes",
				   (long long)call->server->limits.max_receive_bytes));
}

static void
account(struct rpc_call *call)
{
	size_t now = call->reader.body.length + call->body.length;

	call->conn->partial_bytes += now - call->accounted;
	call->accounted = now;
}

/* Bytes of unfinished messages, as the connection's limit sees them. */
static void
check_partial_bytes(struct rpc_call *call)
{
	account(call);
	if ((int64_t)call->conn->partial_bytes > call->server->limits.max_connection_bytes)
		refuse_memory(
		    call, "too many unfinished messages on one connection (max_connection_bytes)");
}

/* The calls of a connection share max_connection_bytes, decoded messages included. */
static void
bound_decoding(struct rpc_call *call)
{
	const struct rpc_limits *limits = &call->server->limits;
	const struct server_conn *conn = call->conn;
	size_t taken = conn->partial_bytes - call->accounted + conn->decoded_bytes;
	size_t most = (size_t)limits->max_connection_bytes;
	size_t budget = arena_used(call->message_arena) + (most > taken ? most - taken : 0);

	if (budget > (size_t)limits->call_memory_bytes)
		budget = (size_t)limits->call_memory_bytes;
	arena_set_budget(call->message_arena, budget);
}

void
call_forget_message(struct rpc_call *call)
{
	if (call->conn)
		call->conn->decoded_bytes -= call->decoded;
	call->decoded = 0;
}

void
call_forget_request(struct rpc_call *call)
{
	size_t held = call->held.length;

	buf_free(&call->held);
	buf_free(&call->body);
	if (!call->conn)
		return;
	call->conn->held_bytes -= held;
	account(call);
}

static void
open_window(struct rpc_call *call)
{
	size_t length = call->unconsumed;

	if (call->held.length > 0 || length == 0 || call->stream_closed || call->last_frame)
		return;
	call->unconsumed = 0;
	nghttp2_session_consume_stream(call->conn->h2->session, call->stream_id, length);
	server_conn_consume(call->conn);
}

/* What a compressed message of that length may become. */
static size_t
inflated_max(const struct rpc_limits *limits, size_t length)
{
	size_t most = (size_t)limits->max_receive_bytes;
	size_t ratio = (size_t)limits->max_inflate_ratio;

	if (ratio == 0 || most <= INFLATE_FREELY || length > most / ratio)
		return most;
	return length * ratio > INFLATE_FREELY ? length * ratio : INFLATE_FREELY;
}

/* The inflated message, in the server's scratch until the next; false: refused. */
static bool
inflate(struct rpc_call *call, const void **data, size_t *length)
{
	struct buf *out = &call->server->scratch[0];
	size_t most = inflated_max(&call->server->limits, *length);
	enum rpc_inflate_result result;

	if (call->request_encoding == RPC_ENCODING_IDENTITY)
		return refuse(call, RPC_INTERNAL, RPC_COUNT_message_bad,
			      "a compressed message without an encoding");
	/* Connect: zero bytes are not inflated (RPC-20). */
	if (*length == 0)
		return true;
	buf_clear(out);
	out->limit = most;
	result = rpc_inflate(call->request_encoding, *data, *length, out);
	out->limit = SIZE_MAX;
	server_watch_work(call->conn, *length, out->length);
	if (result != RPC_INFLATE_OK)
		server_watch_waste(call->conn, out->length);
	*data = out->data;
	*length = out->length;
	switch (result) {
	case RPC_INFLATE_OK:
		return true;
	case RPC_INFLATE_TOO_LARGE:
		return most == (size_t)call->server->limits.max_receive_bytes
			   ? call_refuse_size(call)
			   : refuse(call, RPC_RESOURCE_EXHAUSTED, RPC_COUNT_message_too_large,
				    "the message inflates too far: max_inflate_ratio");
	case RPC_INFLATE_NO_MEMORY:
		return refuse_memory(call, "no memory to inflate the message");
	default:
		return call_refuse_bad(call, "the compressed message is corrupt");
	}
}

/*
 * INTERNAL is gRPC's word for protobuf that a program got wrong (RPC-11); JSON is written by
 * people, and its fault lies in what they wrote.
 */
static enum rpc_code
misread_code(const struct rpc_call *call)
{
	return call->type.codec == RPC_JSON ? RPC_INVALID_ARGUMENT
					    : call->framing->spelling->bad_message;
}

static bool
refuse_misread(struct rpc_call *call, const struct proto_fault *fault)
{
	const struct rpc_server_options *options = &call->server->options;
	const char *text =
	    options->on_misread ? options->on_misread(call, fault, options->data) : NULL;

	if (!text)
		text = arena_printf(call->arena, "%s%s%s", fault->path, *fault->path ? ": " : "",
				    fault->reason);
	return refuse(call, misread_code(call), RPC_COUNT_message_bad, text);
}

/* Onto the message's arena; NULL: refused. */
static ProtobufCMessage *
decode(struct rpc_call *call, const void *data, size_t length)
{
	struct arena *arena = call->message_arena;
	size_t before = arena_used(arena), grown;
	ProtobufCMessage *message = NULL;
	struct proto_fault fault;
	enum proto_result result;

	fault.path = "";
	fault.reason[0] = '\0';
	bound_decoding(call);
	result = rpc_codec_read(call->type.codec, &call->server->options.json,
				call->method->request, data, length, arena, &message, &fault);
	arena_set_budget(arena, (size_t)call->server->limits.call_memory_bytes);
	grown = arena_used(arena) - before;
	call->decoded += grown;
	call->conn->decoded_bytes += grown;
	server_watch_work(call->conn, length, grown);
	if (result == PROTO_OK)
		return message;
	server_watch_waste(call->conn, length);
	if (result == PROTO_EXHAUSTED)
		refuse_memory(call, "the message needs more memory than call_memory_bytes, or what "
				    "is left of max_connection_bytes");
	else
		refuse_misread(call, &fault);
	return NULL;
}

bool
call_take_message(struct rpc_call *call, const void *data, size_t length, bool compressed)
{
	ProtobufCMessage *message;

	/* RPC-08. */
	if (call->single)
		return refuse(call, RPC_UNIMPLEMENTED, RPC_COUNT_message_bad,
			      "this method takes one message");
	if (compressed && !inflate(call, &data, &length))
		return false;
	message = decode(call, data, length);
	if (!message)
		return false;
	call->message_began_us = 0;
	call->info.message_compressed = compressed;
	call->info.messages_in++;
	server_count(call->server, RPC_COUNT_messages_in);
	if (!call->method->client_streaming) {
		call->single = message;
		return true;
	}
	call->busy = true;
	call->method->handler->message(call, message);
	return true;
}

void
call_half_close(struct rpc_call *call)
{
	const struct rpc_handler *handler = call->method->handler;

	if (call->answered || call->half_closed)
		return;
	call->half_closed = true;
	if (!call->method->client_streaming) {
		if (!call->single) {
			refuse(call, RPC_UNIMPLEMENTED, RPC_COUNT_message_bad,
			       "this method takes one message, and none came");
			return;
		}
		handler->message(call, call->single);
	}
	if (handler->half_close && !call->work_ended)
		handler->half_close(call);
}

/* Takes frames until one makes the handler busy. */
static void
feed(struct rpc_call *call, const uint8_t **data, size_t *length)
{
	while (*length > 0 && !call->busy && !call->answered) {
		switch (rpc_frame_read(&call->reader, data, length)) {
		case RPC_FRAME_MORE:
			if (!call->message_began_us)
				call->message_began_us = server_now_us(call->server);
			break;
		case RPC_FRAME_MESSAGE:
			call_take_message(call, call->reader.data, call->reader.length,
					  call->reader.flags & RPC_FRAME_COMPRESSED);
			break;
		case RPC_FRAME_TOO_LARGE:
			call_refuse_size(call);
			break;
		case RPC_FRAME_NO_MEMORY:
			refuse_memory(call, "no memory for the message");
			break;
		case RPC_FRAME_BAD_FLAGS:
			call_refuse_bad(call, "unknown flags before a message");
			break;
		}
	}
}

void
call_read_frames_end(struct rpc_call *call)
{
	if (call->busy || call->held.length > 0 || call->answered)
		return;
	if (rpc_frame_reader_inside(&call->reader))
		call_refuse_bad(call, "the request ends inside a message");
	else
		call_half_close(call);
}

static void
hold(struct rpc_call *call, const uint8_t *data, size_t length)
{
	if (length == 0 || call->answered)
		return;
	buf_put(&call->held, data, length);
	call->conn->held_bytes += length;
	if (call->held.failed)
		refuse_memory(call, "no memory");
}

void
call_read_frames(struct rpc_call *call, const uint8_t *data, size_t length)
{
	if (!call->busy && call->held.length == 0) {
		call->pumping = true;
		feed(call, &data, &length);
		call->pumping = false;
	}
	hold(call, data, length);
}

/* Goes on with what has waited for the handler. */
static void
pump(struct rpc_call *call)
{
	call->pumping = true;
	while (!call->busy && !call->answered && call->held.length > 0) {
		const uint8_t *data = (const uint8_t *)call->held.data;
		size_t length = call->held.length, before = length;

		feed(call, &data, &length);
		call->conn->held_bytes -= before - length;
		buf_consume(&call->held, before - length);
	}
	if (call->request_ended)
		call_read_frames_end(call);
	call->pumping = false;
}

void
rpc_call_next(struct rpc_call *call)
{
	if (!call->busy || call->work_ended || call->answered)
		return;
	call->busy = false;
	rpc_frame_forget(&call->reader);
	call_forget_message(call);
	arena_reset(call->message_arena);
	if (call->pumping)
		return;
	pump(call);
	if (!call->stream_closed) {
		if (!call->answered)
			check_partial_bytes(call);
		open_window(call);
		h2_wake(call->conn->h2);
	}
}

/* RFC 9113 8.1.1. */
static bool
is_length_wrong(const struct rpc_call *call)
{
	uint64_t expected = (uint64_t)call->request.content_length; /* -1: any */

	return call->info.bytes_in > expected ||
	       (call->request_ended && call->request.content_length >= 0 &&
		call->info.bytes_in < expected);
}

void
call_receive(struct rpc_call *call, const uint8_t *data, size_t length)
{
	call->unconsumed += length;
	call->info.bytes_in += length;
	if (is_length_wrong(call))
		call_reset(call, NGHTTP2_PROTOCOL_ERROR, RPC_CANCELLED);
	if (!call->answered && !call->refusal) {
		call->framing->data(call, data, length);
		if (!call->answered)
			check_partial_bytes(call);
	}
	if (call->answered)
		call_forget_request(call);
	open_window(call);
}

void
call_receive_end(struct rpc_call *call)
{
	call->request_ended = true;
	if (is_length_wrong(call))
		call_reset(call, NGHTTP2_PROTOCOL_ERROR, RPC_CANCELLED);
	else if (call->refusal)
		call_send_refusal(call);
	else if (!call->answered)
		call->framing->end(call);
}
