/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connect, unary calls (https://connectrpc.com/docs/protocol; RPC-17, RPC-19, RPC-20): a bare body
 * each way, by POST, or by GET with the message in the query. Nothing is sent before the end,
 * because the HTTP status says how the call went.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "rpc/connect_json.h"
#include "rpc/framing.h"
#include "rpc/framing_connect.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

bool
framing_connect_begin(struct rpc_call *call, bool stream)
{
	const struct rpc_text *version = &call->request.known[RPC_KNOWN_CONNECT_VERSION];
	const struct rpc_method *method = call->method;

	if (!method) {
		call_refuse(call, 404, NULL);
		return false;
	}
	if ((method->client_streaming || method->server_streaming) != stream) {
		call_refuse(call, 415, NULL);
		return false;
	}
	if (version->data ? strcmp(version->data, "1") != 0
			  : call->server->options.require_connect_version) {
		call_abort(call, RPC_INVALID_ARGUMENT, "connect-protocol-version must be 1");
		return false;
	}
	return true;
}

static bool
begin(struct rpc_call *call)
{
	return framing_connect_begin(call, false);
}

static void
data(struct rpc_call *call, const uint8_t *bytes, size_t length)
{
	int64_t most = call->server->limits.max_receive_bytes;

	buf_put(&call->body, bytes, length);
	if (!call->body.failed && (int64_t)call->body.length <= most)
		return;
	server_count(call->server, RPC_COUNT_message_too_large);
	call_abort(
	    call, RPC_RESOURCE_EXHAUSTED,
	    arena_printf(call->arena, "the message is larger than %lld bytes", (long long)most));
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
	struct rpc_encoded encoded;
	int error = call_encode(call, message, 0, &encoded);

	if (error)
		return error;
	rpc_queue_commit(&call->out, encoded.length);
	call->body_compressed = encoded.compressed;
	return 0;
}

static void
add_rest(struct rpc_call *call, struct rpc_fields *fields)
{
	rpc_fields_add_text(fields, "accept-encoding", RPC_ACCEPT_ENCODING);
	if (call->framing == &rpc_framing_connect_get)
		rpc_fields_add_text(fields, "vary", "accept-encoding");
	framing_add_cors(call, fields);
	rpc_fields_add_metadata(fields, &call->headers, "");
	rpc_fields_add_metadata(fields, &call->trailers, "trailer-");
	call_submit_fields(call, fields, true);
}

static void
finish_ok(struct rpc_call *call)
{
	struct rpc_fields fields;

	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_number(&fields, ":status", 200);
	rpc_fields_add_text(&fields, "content-type", rpc_content_type_text(&call->type));
	if (call->body_compressed)
		rpc_fields_add_text(&fields, "content-encoding",
				    rpc_encoding_name(call->response_encoding));
	add_rest(call, &fields);
}

static void
finish(struct rpc_call *call)
{
	struct buf *json = &call->server->scratch[0];
	struct rpc_fields fields;
	const Status *status;

	if (call->code == RPC_OK) {
		finish_ok(call);
		return;
	}
	rpc_queue_clear(&call->out);
	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_number(&fields, ":status", rpc_code_http(call->code));
	rpc_fields_add_text(&fields, "content-type", "application/json");
	buf_clear(json);
	json->limit = SIZE_MAX;
	status = call_status(call);
	if (status)
		rpc_connect_error_write(status, json);
	if (!json->failed)
		rpc_queue_put(&call->out, json->data, json->length);
	add_rest(call, &fields);
}

/* --- GET --- */

/* "%41+b" of a query, in place; the length. */
static size_t
unescape(char *text)
{
	char *out = text;

	for (const char *c = text; *c; c++) {
		char hex[3] = {0};

		if (*c == '%' && strspn(c + 1, "0123456789abcdefABCDEF") >= 2) {
			memcpy(hex, c + 1, 2);
			*out++ = (char)strtol(hex, NULL, 16);
			c += 2;
		} else {
			*out++ = *c == '+' ? ' ' : *c;
		}
	}
	*out = '\0';
	return (size_t)(out - text);
}

struct query {
	struct rpc_text message, encoding, base64, compression, connect;
};

static struct rpc_text *
parameter(struct query *query, const char *name, size_t length)
{
	const struct {
		const char *name;
		struct rpc_text *text;
	} parameters[] = {
	    {"message", &query->message},         {"encoding", &query->encoding},
	    {"base64", &query->base64},           {"connect", &query->connect},
	    {"compression", &query->compression},
	};

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (strlen(parameters[i].name) == length &&
		    memcmp(parameters[i].name, name, length) == 0)
			return parameters[i].text;
	}
	return NULL;
}

/* Any order; unknown parameters are ignored. */
static void
parse_query(struct arena *arena, const char *text, struct query *query)
{
	while (text && *text) {
		size_t length = strcspn(text, "&"), name_length = strcspn(text, "=&");
		struct rpc_text *value = parameter(query, text, name_length);
		size_t at = name_length < length ? name_length + 1 : length;
		char *copy = value ? arena_strndup(arena, text + at, length - at) : NULL;

		if (copy) {
			value->length = unescape(copy);
			value->data = copy;
		}
		text += length + (text[length] == '&');
	}
}

/* False when it is not base64 though base64=1 says so. */
static bool
put_message(struct rpc_call *call, const struct query *query)
{
	const struct rpc_text *message = &query->message;
	size_t length;
	uint8_t *room;

	if (!query->base64.data || strcmp(query->base64.data, "1") != 0) {
		data(call, (const uint8_t *)message->data, message->length);
		return true;
	}
	room = arena_alloc(call->arena, base64_decoded_max(message->length));
	if (!room || !base64_decode(message->data, message->length, room, &length))
		return false;
	data(call, room, length);
	return true;
}

static bool
begin_get(struct rpc_call *call)
{
	struct query query = {0};

	parse_query(call->arena, call->request.query, &query);
	call->type = (struct rpc_content_type){.protocol = RPC_CONNECT, .unary = true};
	if (query.encoding.data && strcmp(query.encoding.data, "json") == 0) {
		call->type.codec = RPC_JSON;
	} else if (!query.encoding.data || strcmp(query.encoding.data, "proto") != 0) {
		call_refuse(call, 415, NULL);
		return false;
	}
	call->codec = &rpc_message_codecs[call->type.codec];
	call->record.codec = rpc_codec_name(call->type.codec);
	call->request.known[RPC_KNOWN_CONTENT_ENCODING] = query.compression;
	if (query.connect.data ? strcmp(query.connect.data, "v1") != 0
			       : call->server->options.require_connect_version) {
		call_abort(call, RPC_INVALID_ARGUMENT, "connect must be v1");
		return false;
	}
	if (!query.message.data || !put_message(call, &query)) {
		call_abort(call, RPC_INVALID_ARGUMENT, "no message in the query, or not base64");
		return false;
	}
	return !call->answered;
}

/* The body of a GET says nothing. */
static void
ignore(struct rpc_call *call, const uint8_t *bytes, size_t length)
{
	(void)call;
	(void)bytes;
	(void)length;
}

const struct rpc_framing rpc_framing_connect = {
    .name = "connect",
    .bad_message = RPC_INVALID_ARGUMENT,
    .encoding = RPC_KNOWN_CONTENT_ENCODING,
    .accept = RPC_KNOWN_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_CONNECT_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_connect,
    .begin = begin,
    .data = data,
    .end = end,
    .send = send_body,
    .finish = finish,
};

const struct rpc_framing rpc_framing_connect_get = {
    .name = "connect",
    .bad_message = RPC_INVALID_ARGUMENT,
    .encoding = RPC_KNOWN_CONTENT_ENCODING,
    .accept = RPC_KNOWN_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_CONNECT_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_connect,
    .begin = begin_get,
    .data = ignore,
    .end = end,
    .send = send_body,
    .finish = finish,
};
