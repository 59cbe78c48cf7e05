/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gRPC and gRPC-Web as a client reads them: status in trailers, which gRPC-Web carries as the last
 * frame of the body (RPC-09, RPC-12, RPC-14).
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "rpc/client_impl.h"
#include "rpc/connect_json.h"

enum { WEB_FLAGS = RPC_FRAME_COMPRESSED | RPC_FRAME_WEB_TRAILERS };

/* --- status --- */

/* One or two digits without a leading zero; UNKNOWN for anything else. */
static int
status_code(const char *text)
{
	size_t length = strlen(text);

	if (!length || length > 2 || strspn(text, "0123456789") != length ||
	    (length == 2 && text[0] == '0'))
		return RPC_UNKNOWN;
	return length == 1 ? text[0] - '0' : (text[0] - '0') * 10 + text[1] - '0';
}

/* Details are an extra: what cannot be read is left out. */
static void
read_details(struct arena *arena, const struct rpc_metadata *block, Status *status)
{
	const struct rpc_pair *pair = rpc_metadata_find(block, "grpc-status-details-bin");
	struct rpc_metadata decoded;
	ProtobufCMessage *message;

	rpc_metadata_init(&decoded, arena);
	if (!pair ||
	    rpc_metadata_add_wire(&decoded, pair->name, strlen(pair->name), pair->value,
				  pair->length) != RPC_METADATA_OK ||
	    wire_read(&status__descriptor, decoded.pairs[0].value, decoded.pairs[0].length, arena,
		      &message, NULL) != PROTO_OK)
		return;
	status->details = ((Status *)message)->details;
	status->n_details = ((Status *)message)->n_details;
}

/* What grpc-status and its kin in the block say; false when there is no grpc-status. */
static bool
read_status(struct client_attempt *attempt)
{
	struct arena *arena = attempt->call->arena;
	const char *code = rpc_metadata_get(&attempt->block, "grpc-status");
	const struct rpc_pair *message = rpc_metadata_find(&attempt->block, "grpc-message");
	const char *text = "";

	if (!code)
		return false;
	if (message)
		text = rpc_percent_decode(arena, message->value, message->length);
	attempt->status = rpc_status_new(arena, status_code(code), text);
	if (attempt->status)
		read_details(arena, &attempt->block, attempt->status);
	attempt->has_status = true;
	attempt->pushback = rpc_metadata_get(&attempt->block, "grpc-retry-pushback-ms");
	return true;
}

/* --- headers --- */

/* True when the response speaks our protocol and codec; the attempt has failed otherwise. */
static bool
check_content_type(struct client_attempt *attempt)
{
	const struct rpc_channel_options *options = &attempt->call->channel->options;
	const char *text = rpc_metadata_get(&attempt->block, "content-type");
	struct rpc_content_type type = {0};
	enum rpc_content_type_result r = RPC_CONTENT_TYPE_UNKNOWN;

	if (text)
		r = rpc_content_type_parse(text, strlen(text), &type);
	if (r == RPC_CONTENT_TYPE_UNKNOWN || type.protocol != options->protocol) {
		client_attempt_fail(attempt, RPC_UNKNOWN, "content type '%s' is not %s",
				    text ? text : "", rpc_protocol_name(options->protocol));
		return false;
	}
	if (r == RPC_CONTENT_TYPE_OK && type.codec == options->codec)
		return true;
	client_attempt_fail(attempt, RPC_INTERNAL, "content type '%s' in answer to %s", text,
			    rpc_codec_name(options->codec));
	return false;
}

static void
grpc_headers(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;

	if (attempt->http_status != 200) {
		client_attempt_fail(attempt, rpc_code_of_http(attempt->http_status),
				    "HTTP status %d", attempt->http_status);
		return;
	}
	if (!check_content_type(attempt) || !client_attempt_read_encoding(attempt))
		return;
	client_attempt_take_metadata(attempt, &call->result.headers);
	/* A status here counts only if nothing follows; then these were trailers (RPC-12). */
	if (read_status(attempt))
		return;
	client_send_commit(call);
	if (call->hooks && call->hooks->headers)
		call->hooks->headers(call);
}

/* --- body --- */

static void
grpc_message(struct client_attempt *attempt)
{
	client_attempt_message(attempt, attempt->reader.flags & RPC_FRAME_COMPRESSED,
			       attempt->reader.data, attempt->reader.length);
}

static size_t
grpc_data(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	return client_attempt_frames(attempt, data, length, grpc_message);
}

/* One "name: value" line of a gRPC-Web trailer frame; names may come in any case. */
static void
add_trailer_line(struct client_attempt *attempt, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	char *name;

	if (!colon)
		return;
	name = arena_strndup(attempt->call->arena, line, (size_t)(colon - line));
	if (!name)
		return;
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	colon++;
	while (colon < line + length && *colon == ' ')
		colon++;
	rpc_metadata_add(&attempt->block, name, colon, (size_t)(line + length - colon));
}

static void
read_trailer_text(struct client_attempt *attempt, const char *text, size_t length)
{
	const char *end = text + length;

	attempt->block.n = 0;
	attempt->got_trailers = true;
	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		size_t line_length = (size_t)((line_end ? line_end : end) - text);

		add_trailer_line(attempt, text,
				 line_length && text[line_length - 1] == '\r' ? line_length - 1
									      : line_length);
		text += line_length + (line_end ? 1 : 0);
	}
}

static void
web_trailers(struct client_attempt *attempt)
{
	const struct rpc_frame_reader *reader = &attempt->reader;
	struct buf text BUF_CLEANUP;

	buf_init(&text, NULL, CLIENT_HEADER_BYTES);
	if (!(reader->flags & RPC_FRAME_COMPRESSED)) {
		read_trailer_text(attempt, (const char *)reader->data, reader->length);
		return;
	}
	if (attempt->encoding == RPC_ENCODING_IDENTITY ||
	    rpc_inflate(attempt->encoding, reader->data, reader->length, &text) != RPC_INFLATE_OK)
		client_attempt_fail(attempt, RPC_INTERNAL, "corrupt compressed trailers");
	else
		read_trailer_text(attempt, text.data, text.length);
}

static void
web_message(struct client_attempt *attempt)
{
	if (attempt->got_trailers)
		client_attempt_fail(attempt, RPC_INTERNAL, "data behind the trailers");
	else if (attempt->reader.flags & RPC_FRAME_WEB_TRAILERS)
		web_trailers(attempt);
	else
		grpc_message(attempt);
}

static size_t
web_data(struct client_attempt *attempt, const uint8_t *data, size_t length)
{
	attempt->reader.allowed_flags = WEB_FLAGS;
	return client_attempt_frames(attempt, data, length, web_message);
}

/* --- end --- */

static void
grpc_end(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;

	if (rpc_frame_reader_inside(&attempt->reader)) {
		client_attempt_fail(attempt, RPC_INTERNAL, "the response ends inside a message");
		return;
	}
	if (attempt->got_trailers) {
		attempt->has_status = read_status(attempt);
		client_attempt_take_metadata(attempt, &call->result.trailers);
	} else if (attempt->got_data) {
		attempt->has_status = false;
	} else {
		/* A gRPC-Web server whose HTTP library cannot tell them apart has put both there.
		 */
		call->result.trailers = call->result.headers;
		if (attempt->framing == &client_framing_grpc)
			rpc_metadata_init(&call->result.headers, call->arena);
	}
	if (attempt->has_status)
		client_attempt_finish(attempt, attempt->status);
	else
		client_attempt_fail(attempt, RPC_INTERNAL, "the response ends without a status");
}

const struct client_framing client_framing_grpc = {
    .timeout_header = "grpc-timeout",
    .encoding_header = "grpc-encoding",
    .accept_header = "grpc-accept-encoding",
    .enveloped = true,
    .headers = grpc_headers,
    .data = grpc_data,
    .end = grpc_end,
};

const struct client_framing client_framing_grpc_web = {
    .timeout_header = "grpc-timeout",
    .encoding_header = "grpc-encoding",
    .accept_header = "grpc-accept-encoding",
    .enveloped = true,
    .headers = grpc_headers,
    .data = web_data,
    .end = grpc_end,
};
