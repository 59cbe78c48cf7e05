/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connect as a client reads it: a unary call is a plain HTTP exchange (RPC-17), a stream has its
 * end as the last frame of the body (RPC-18).
 */
#include <string.h>

#include "rpc/client_impl.h"
#include "rpc/connect_json.h"

enum { STREAM_FLAGS = RPC_FRAME_COMPRESSED | RPC_FRAME_CONNECT_END };

static const char trailer_prefix[] = "trailer-";

/* True when a 200 has the codec that was asked for; the attempt has failed otherwise. */
static bool
check_content_type(struct client_attempt *attempt, bool unary)
{
	const struct rpc_channel_options *options = &attempt->call->channel->options;
	const char *text = rpc_metadata_get(&attempt->block, "content-type");
	struct rpc_content_type type = {0};
	enum rpc_content_type_result r = RPC_CONTENT_TYPE_UNKNOWN;

	if (text)
		r = rpc_content_type_parse(text, strlen(text), &type);
	if (r == RPC_CONTENT_TYPE_OK && type.protocol == RPC_CONNECT && type.unary == unary &&
	    type.codec == options->codec)
		return true;
	client_attempt_fail(
	    attempt,
	    r != RPC_CONTENT_TYPE_UNKNOWN && type.protocol == RPC_CONNECT && type.unary == unary
		? RPC_INTERNAL
		: RPC_UNKNOWN,
	    "content type '%s' in answer to %s", text ? text : "", rpc_codec_name(options->codec));
	return false;
}

static void
announce_headers(struct rpc_client_call *call)
{
	client_send_commit(call);
	if (call->hooks && call->hooks->headers)
		call->hooks->headers(call);
}

/* --- unary --- */

/* Trailers come as headers with a prefix. */
static void
split_metadata(struct client_attempt *attempt)
{
	const size_t n = sizeof trailer_prefix - 1;
	struct rpc_client_call *call = attempt->call;

	for (size_t i = 0; i < attempt->block.n; i++) {
		const struct rpc_pair *pair = &attempt->block.pairs[i];
		size_t length = strlen(pair->name);

		if (!strncmp(pair->name, trailer_prefix, n))
			rpc_metadata_add_wire(&call->result.trailers, pair->name + n, length - n,
					      pair->value, pair->length);
		else if (!rpc_metadata_name_reserved(pair->name, length))
			rpc_metadata_add_wire(&call->result.headers, pair->name, length,
					      pair->value, pair->length);
	}
}

static void
unary_headers(struct client_attempt *attempt)
{
	if (attempt->http_status == 200 && !check_content_type(attempt, true))
		return;
	if (!client_attempt_read_encoding(attempt))
		return;
	split_metadata(attempt);
	if (attempt->http_status == 200)
		announce_headers(attempt->call);
}

/* The body is gathered in the frame reader's buffer. */
static size_t
unary_data(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	struct buf *body = &attempt->reader.body;

	if (length > body->limit - body->length) {
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED,
				    "response is larger than %zu bytes", body->limit);
		return length;
	}
	buf_put(body, data, length);
	if (body->failed)
		client_attempt_fail(attempt, RPC_RESOURCE_EXHAUSTED, "no memory for the response");
	return length;
}

static void
unary_error(struct client_attempt *attempt)
{
	struct arena *arena = attempt->call->arena;
	const struct buf *body = &attempt->reader.body;
	const char *text = body->data;
	size_t length = body->length;
	struct buf inflated BUF_CLEANUP;
	enum rpc_code code = rpc_code_of_http(attempt->http_status);
	Status *status;

	buf_init(&inflated, NULL, body->limit);
	if (length && attempt->encoding != RPC_ENCODING_IDENTITY &&
	    rpc_inflate(attempt->encoding, text, length, &inflated) == RPC_INFLATE_OK) {
		text = inflated.data;
		length = inflated.length;
	}
	if (length && rpc_connect_error_read(arena, text, length, code, &status))
		client_attempt_finish(attempt, status);
	else
		client_attempt_fail(attempt, code, "HTTP status %d", attempt->http_status);
}

static void
unary_end(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;
	const struct buf *body = &attempt->reader.body;

	if (attempt->http_status != 200) {
		unary_error(attempt);
		return;
	}
	client_attempt_message(attempt, attempt->encoding != RPC_ENCODING_IDENTITY,
			       (const uint8_t *)body->data, body->length);
	if (call->attempt == attempt)
		client_attempt_finish(attempt, rpc_status_new(call->arena, RPC_OK, ""));
}

/* --- streams --- */

static void
stream_headers(struct client_attempt *attempt)
{
	if (attempt->http_status != 200) {
		client_attempt_fail(attempt, rpc_code_of_http(attempt->http_status),
				    "HTTP status %d", attempt->http_status);
		return;
	}
	if (!check_content_type(attempt, false) || !client_attempt_read_encoding(attempt))
		return;
	client_attempt_take_metadata(attempt, &attempt->call->result.headers);
	announce_headers(attempt->call);
}

static void
read_end(struct client_attempt *attempt, const void *text, size_t length)
{
	struct rpc_client_call *call = attempt->call;

	if (!rpc_connect_end_read(call->arena, text, length, &attempt->status,
				  &call->result.trailers)) {
		client_attempt_fail(attempt, RPC_INTERNAL, "unreadable end of the stream");
		return;
	}
	attempt->has_status = true;
	if (!attempt->status)
		attempt->status = rpc_status_new(call->arena, RPC_OK, "");
}

static void
stream_end_frame(struct client_attempt *attempt)
{
	const struct rpc_frame_reader *reader = &attempt->reader;
	struct buf text BUF_CLEANUP;

	buf_init(&text, NULL, reader->limit);
	if (!(reader->flags & RPC_FRAME_COMPRESSED))
		read_end(attempt, reader->data, reader->length);
	else if (attempt->encoding == RPC_ENCODING_IDENTITY ||
		 rpc_inflate(attempt->encoding, reader->data, reader->length, &text) !=
		     RPC_INFLATE_OK)
		client_attempt_fail(attempt, RPC_INTERNAL, "corrupt end of the stream");
	else
		read_end(attempt, text.data, text.length);
}

static void
stream_message(struct client_attempt *attempt)
{
	const struct rpc_frame_reader *reader = &attempt->reader;

	if (attempt->has_status)
		client_attempt_fail(attempt, RPC_INTERNAL, "data behind the end of the stream");
	else if (reader->flags & RPC_FRAME_CONNECT_END)
		stream_end_frame(attempt);
	else
		client_attempt_message(attempt, reader->flags & RPC_FRAME_COMPRESSED, reader->data,
				       reader->length);
}

static size_t
stream_data(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	attempt->reader.allowed_flags = STREAM_FLAGS;
	return client_attempt_frames(attempt, data, length, stream_message);
}

static void
stream_end(struct client_attempt *attempt)
{
	if (rpc_frame_reader_inside(&attempt->reader))
		client_attempt_fail(attempt, RPC_INTERNAL, "the response ends inside a message");
	else if (!attempt->has_status)
		client_attempt_fail(attempt, RPC_INTERNAL,
				    "the stream ends without its last frame");
	else
		client_attempt_finish(attempt, attempt->status);
}

const struct client_framing client_framing_connect_unary = {
    .timeout_header = "connect-timeout-ms",
    .encoding_header = "content-encoding",
    .accept_header = "accept-encoding",
    .headers = unary_headers,
    .data = unary_data,
    .end = unary_end,
};

const struct client_framing client_framing_connect = {
    .timeout_header = "connect-timeout-ms",
    .encoding_header = "connect-content-encoding",
    .accept_header = "connect-accept-encoding",
    .enveloped = true,
    .headers = stream_headers,
    .data = stream_data,
    .end = stream_end,
};
