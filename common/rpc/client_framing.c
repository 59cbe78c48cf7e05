/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is each protocol's own in a response: gRPC has its status in trailers, which gRPC-Web
 * carries as the body's last frame (RPC-09, RPC-12, RPC-14); a Connect stream ends with a frame of
 * JSON (RPC-18), a Connect unary call is a plain HTTP exchange (RPC-17).
 */
#include <ctype.h>
#include <string.h>

#include "proto/wire.h"
#include "rpc/client_impl.h"
#include "rpc/connect_json.h"

/* --- gRPC --- */

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
grpc_status(struct rpc_client_call *call)
{
	const struct rpc_metadata *block = &call->attempt.block;
	const char *code = rpc_metadata_get(block, "grpc-status");
	const char *message = rpc_metadata_get(block, "grpc-message"), *text = "";
	Status *status;

	if (!code)
		return false;
	if (message)
		text = rpc_percent_decode(call->arena, message);
	status = rpc_status_new(call->arena, status_code(code), text);
	if (status)
		read_details(call->arena, block, status);
	call->attempt.status = status ? status : &client_no_memory;
	call->attempt.pushback = rpc_metadata_get(block, "grpc-retry-pushback-ms");
	return true;
}

/* The lines "name: value" of gRPC-Web's last frame; names may come in any case. */
static void
web_trailers(struct rpc_client_call *call, const char *text, size_t length)
{
	char *rest = arena_strndup(call->arena, text, length), *line;

	call->attempt.block.n = 0;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ':');

		if (!value)
			continue;
		*value++ = '\0';
		for (char *c = line; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		value += strspn(value, " ");
		value[strcspn(value, "\r")] = '\0';
		rpc_metadata_add_text(&call->attempt.block, line, value);
	}
}

static void
grpc_end(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;

	if (!attempt->got_trailers && !attempt->got_data) {
		/* A gRPC-Web server whose HTTP library cannot tell them apart has put both there.
		 */
		call->result.trailers = call->result.headers;
		if (!call->framing->last_flag)
			rpc_metadata_init(&call->result.headers, call->arena);
		return;
	}
	attempt->status = NULL;
	if (!attempt->got_trailers)
		return;
	grpc_status(call);
	client_response_take_metadata(call, &call->result.trailers);
}

/* --- Connect --- */

static void
stream_last(struct rpc_client_call *call, const char *text, size_t length)
{
	Status *status;

	if (!rpc_connect_end_read(call->arena, text, length, &status, &call->result.trailers))
		client_attempt_fail(call, RPC_INTERNAL, "unreadable end of the stream");
	else
		call->attempt.status = status ? status : client_status(call, RPC_OK, "");
}

static void
unary_error(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	const struct buf *body = &attempt->reader.body;
	enum rpc_code code = rpc_code_of_http(attempt->http_status);
	enum rpc_inflate_result inflate = RPC_INFLATE_CORRUPT;
	struct buf inflated BUF_CLEANUP;
	Status *status;

	buf_init(&inflated, NULL, body->limit);
	if (body->length && attempt->encoding != RPC_ENCODING_IDENTITY)
		inflate = rpc_inflate(attempt->encoding, body->data, body->length, &inflated);
	if (inflate == RPC_INFLATE_OK)
		body = &inflated;
	if (inflate == RPC_INFLATE_NO_MEMORY)
		client_response_no_memory(call);
	else if (body->length &&
		 rpc_connect_error_read(call->arena, body->data, body->length, code, &status))
		attempt->status = status;
	else
		client_attempt_fail(call, code, "HTTP status %d", attempt->http_status);
}

/* The body was gathered in the frame reader's buffer. */
static void
unary_end(struct rpc_client_call *call)
{
	const struct client_attempt *attempt = &call->attempt;

	if (attempt->http_status != 200) {
		unary_error(call);
		return;
	}
	call->attempt.status = client_status(call, RPC_OK, "");
	client_response_message(call, attempt->encoding != RPC_ENCODING_IDENTITY,
				attempt->reader.body.data, attempt->reader.body.length);
}

/* --- the tables --- */

static const struct client_framing grpc = {
    .encoding = "grpc-encoding",
    .accept = "grpc-accept-encoding",
    .agent = "user-agent",
    .timeout = "grpc-timeout",
    .mark = "te",
    .mark_value = "trailers",
    .format_timeout = rpc_timeout_format_grpc,
    .enveloped = true,
    .status = grpc_status,
    .end = grpc_end,
};

static const struct client_framing grpc_web = {
    .encoding = "grpc-encoding",
    .accept = "grpc-accept-encoding",
    .agent = "x-user-agent",
    .timeout = "grpc-timeout",
    .mark = "x-grpc-web",
    .mark_value = "1",
    .format_timeout = rpc_timeout_format_grpc,
    .enveloped = true,
    .last_flag = RPC_FRAME_WEB_TRAILERS,
    .status = grpc_status,
    .last = web_trailers,
    .end = grpc_end,
};

static const struct client_framing connect_stream = {
    .encoding = "connect-content-encoding",
    .accept = "connect-accept-encoding",
    .agent = "user-agent",
    .timeout = "connect-timeout-ms",
    .mark = "connect-protocol-version",
    .mark_value = "1",
    .format_timeout = rpc_timeout_format_connect,
    .enveloped = true,
    .last_flag = RPC_FRAME_CONNECT_END,
    .last = stream_last,
};

static const struct client_framing connect_unary = {
    .encoding = "content-encoding",
    .accept = "accept-encoding",
    .agent = "user-agent",
    .timeout = "connect-timeout-ms",
    .mark = "connect-protocol-version",
    .mark_value = "1",
    .format_timeout = rpc_timeout_format_connect,
    .end = unary_end,
};

const struct client_framing *
client_framing_of(enum rpc_protocol protocol, const struct rpc_method *method)
{
	bool streams = method->client_streaming || method->server_streaming;

	switch (protocol) {
	case RPC_GRPC:
		return &grpc;
	case RPC_GRPC_WEB:
		return &grpc_web;
	default:
		return streams ? &connect_stream : &connect_unary;
	}
}
