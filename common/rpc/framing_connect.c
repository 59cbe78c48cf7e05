/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connect (https://connectrpc.com/docs/protocol; RPC-17 … RPC-20). Unary calls: a bare body each
 * way, by POST, or by GET with the message in the query; nothing is sent before the end, because
 * the HTTP status says how the call went. Streams: always HTTP 200, messages with 5-byte prefixes,
 * and a last frame whose JSON says how it went.
 */
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "rpc/connect_json.h"
#include "rpc/framing.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

static void
take_body(struct rpc_call *call, const void *bytes, size_t length)
{
	buf_put(&call->body, bytes, length);
	if (call->body.failed ||
	    (int64_t)call->body.length > call->server->limits.max_receive_bytes)
		call_refuse_size(call);
}

/* The body of a GET says nothing. */
static void
data(struct rpc_call *call, const uint8_t *bytes, size_t length)
{
	if (call->request.http_method == RPC_HTTP_POST)
		take_body(call, bytes, length);
}

static void
end(struct rpc_call *call)
{
	const char *bytes = call->body.length ? call->body.data : "";

	if (call_take_message(call, bytes, call->body.length,
			      call->request_encoding != RPC_ENCODING_IDENTITY))
		call_half_close(call);
}

static int
send_body(struct rpc_call *call, const ProtobufCMessage *message)
{
	return call_put(call, message, false, &call->out);
}

/* The error as JSON, in place of what was queued. */
static void
put_error(struct rpc_call *call)
{
	struct buf *json = &call->server->scratch[0];
	const Status *status = call_status(call);

	rpc_queue_clear(&call->out);
	buf_clear(json);
	if (status)
		rpc_connect_error_write(status, json);
	if (!json->failed)
		rpc_queue_put(&call->out, json->data, json->length);
}

static void
finish(struct rpc_call *call)
{
	bool ok = call->info.code == RPC_OK;
	struct rpc_fields fields;

	if (!ok)
		put_error(call);
	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_number(&fields, ":status", rpc_code_http(call->info.code));
	rpc_fields_add_text(&fields, "content-type",
			    ok ? rpc_content_type_text(&call->type) : "application/json");
	if (ok && call->body_compressed)
		rpc_fields_add_text(&fields, "content-encoding",
				    rpc_encoding_name(call->response_encoding));
	rpc_fields_add_text(&fields, "accept-encoding", RPC_ACCEPT_ENCODING);
	if (call->request.http_method == RPC_HTTP_GET)
		rpc_fields_add_text(&fields, "vary", "accept-encoding");
	framing_add_cors(call, &fields);
	rpc_fields_add_metadata(&fields, &call->headers, "");
	rpc_fields_add_metadata(&fields, &call->trailers, "trailer-");
	call_submit_fields(call, &fields, true);
}

/* --- GET --- */

enum { MESSAGE, ENCODING, BASE64, CONNECT, COMPRESSION, N_PARAMETERS };

static struct rpc_text *
parameter(struct rpc_text query[static N_PARAMETERS], const char *name, size_t length)
{
	static const char *const names[N_PARAMETERS] = {"message", "encoding", "base64", "connect",
							"compression"};

	for (size_t i = 0; i < N_PARAMETERS; i++) {
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return &query[i];
	}
	return NULL;
}

/* Whether the parameter says so; without it, as absent. */
static bool
says(const struct rpc_text *parameter, const char *text, bool absent)
{
	return parameter->data ? strcmp(parameter->data, text) == 0 : absent;
}

/* Any order; unknown parameters are ignored. */
static void
parse_query(struct arena *arena, const char *text, struct rpc_text query[static N_PARAMETERS])
{
	while (text && *text) {
		size_t length = strcspn(text, "&"), name_length = strcspn(text, "=&");
		struct rpc_text *value = parameter(query, text, name_length);
		size_t at = name_length < length ? name_length + 1 : length;
		char *coded = value ? arena_strndup(arena, text + at, length - at) : NULL;
		char *decoded = coded ? evhttp_uridecode(coded, 1, &value->length) : NULL;

		if (decoded)
			value->data = arena_strndup(arena, decoded, value->length);
		free(decoded);
		text += length + (text[length] == '&');
	}
}

/* False when there is none, or it is not base64 though base64=1 says so. */
static bool
put_message(struct rpc_call *call, const struct rpc_text query[static N_PARAMETERS])
{
	const struct rpc_text *message = &query[MESSAGE];
	size_t length = message->length;
	uint8_t *room;

	if (!message->data)
		return false;
	if (!says(&query[BASE64], "1", false)) {
		take_body(call, message->data, length);
		return true;
	}
	room = arena_alloc(call->arena, base64_decoded_max(length));
	if (!room || !base64_decode(message->data, length, room, &length))
		return false;
	take_body(call, room, length);
	return true;
}

static bool
begin_get(struct rpc_call *call)
{
	struct rpc_text query[N_PARAMETERS] = {0};
	bool json;

	parse_query(call->arena, call->request.query, query);
	json = says(&query[ENCODING], "json", false);
	if (!json && !says(&query[ENCODING], "proto", false)) {
		call_refuse(call, 415);
		return false;
	}
	call->type = (struct rpc_content_type){
	    .protocol = RPC_CONNECT, .unary = true, .codec = json ? RPC_JSON : RPC_PROTO};
	call->info.codec = rpc_codec_name(call->type.codec);
	call->request.known[RPC_KNOWN_CONTENT_ENCODING] = query[COMPRESSION];
	if (!says(&query[CONNECT], "v1", !call->server->options.require_connect_version))
		call_abort(call, RPC_INVALID_ARGUMENT, "connect must be v1");
	else if (!put_message(call, query))
		call_abort(call, RPC_INVALID_ARGUMENT, "no message in the query, or not base64");
	return !call->answered;
}

/* Version, and that the method is a stream or not; false: refused. */
static bool
begin_post(struct rpc_call *call, bool stream)
{
	const struct rpc_text *version = &call->request.known[RPC_KNOWN_CONNECT_VERSION];
	const struct rpc_method *method = call->method;

	if (!method || (method->client_streaming || method->server_streaming) != stream) {
		call_refuse(call, method ? 415 : 404);
		return false;
	}
	if (!says(version, "1", !call->server->options.require_connect_version)) {
		call_abort(call, RPC_INVALID_ARGUMENT, "connect-protocol-version must be 1");
		return false;
	}
	return true;
}

static bool
begin(struct rpc_call *call)
{
	return call->request.http_method == RPC_HTTP_GET ? begin_get(call)
							 : begin_post(call, false);
}

static const struct rpc_spelling spelling = {
    .bad_message = RPC_INVALID_ARGUMENT,
    .encoding = RPC_KNOWN_CONTENT_ENCODING,
    .accept = RPC_KNOWN_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_CONNECT_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_connect,
};

const struct rpc_framing rpc_framing_connect = {
    .name = "connect",
    .spelling = &spelling,
    .begin = begin,
    .data = data,
    .end = end,
    .send = send_body,
    .finish = finish,
};

/* --- streams --- */

static bool
begin_stream(struct rpc_call *call)
{
	return begin_post(call, true);
}

static void
headers(struct rpc_call *call, struct rpc_fields *fields)
{
	rpc_fields_add_number(fields, ":status", 200);
	rpc_fields_add_text(fields, "content-type", rpc_content_type_text(&call->type));
	if (call->response_encoding != RPC_ENCODING_IDENTITY)
		rpc_fields_add_text(fields, "connect-content-encoding",
				    rpc_encoding_name(call->response_encoding));
	rpc_fields_add_text(fields, "connect-accept-encoding", RPC_ACCEPT_ENCODING);
	framing_add_cors(call, fields);
}

static void
finish_stream(struct rpc_call *call)
{
	struct buf *frame = framing_open_frame(call);
	const Status *status = call_status(call);

	call_submit_headers(call);
	if (status)
		rpc_connect_end_write(status, &call->trailers, frame);
	frame->failed |= !status;
	framing_close_frame(call, frame, RPC_FRAME_CONNECT_END, rpc_queue_put);
}

static const struct rpc_spelling stream_spelling = {
    .bad_message = RPC_INVALID_ARGUMENT,
    .encoding = RPC_KNOWN_CONNECT_ENCODING,
    .accept = RPC_KNOWN_CONNECT_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_CONNECT_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_connect,
};

const struct rpc_framing rpc_framing_connect_stream = {
    .name = "connect",
    .spelling = &stream_spelling,
    .begin = begin_stream,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = headers,
    .send = call_send_frame,
    .finish = finish_stream,
};
