/* SPDX-License-Identifier: Apache-2.0 */
/* The request's header block, and Connect's GET, which has its message in the path (RPC-19). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/fields.h"
#include "rpc/timeout.h"

/* Longer messages go by POST: servers and proxies bound the path (ours: max_query_bytes). */
enum { MAX_GET_MESSAGE = 4096 };

static bool
uses_get(const struct rpc_client_call *call)
{
	return call->options.use_get && call->method->no_side_effects &&
	       client_call_is_unary(call) && call->channel->options.protocol == RPC_CONNECT &&
	       call->out.length <= MAX_GET_MESSAGE;
}

/* A stream may mix; a bare body is what its header says. */
static bool
compresses(const struct rpc_client_call *call)
{
	return call->options.encoding != RPC_ENCODING_IDENTITY &&
	       !(call->options.plain && client_call_is_unary(call));
}

/* "/pkg.Service/Method?connect=v1&base64=1&encoding=proto&message=…", on the call's arena. */
static const char *
get_path(struct rpc_client_call *call)
{
	const size_t length = call->out.length;
	char *message = arena_alloc(call->arena, base64_encoded_max(length) + 1);
	const char *compression = "";

	if (!message)
		return NULL;
	message[length ? base64_encode(call->out.data, length, BASE64_URL, message) : 0] = '\0';
	if (length && compresses(call))
		compression = arena_printf(call->arena, "&compression=%s",
					   rpc_encoding_name(call->options.encoding));
	if (!compression)
		return NULL;
	return arena_printf(call->arena, "%s?connect=v1&base64=1%s&encoding=%s&message=%s",
			    call->method->path, compression,
			    rpc_codec_name(call->channel->options.codec), message);
}

static const char *
content_type(const struct rpc_client_call *call)
{
	const struct rpc_channel_options *options = &call->channel->options;
	const struct rpc_content_type type = {
	    .protocol = options->protocol,
	    .codec = options->codec,
	    .unary = options->protocol == RPC_CONNECT && client_call_is_unary(call),
	};

	return rpc_content_type_text(&type);
}

static void
add_protocol(struct rpc_fields *fields, const struct client_attempt *attempt, bool get)
{
	const struct rpc_client_call *call = attempt->call;
	const struct rpc_channel *channel = call->channel;

	if (!get)
		rpc_fields_add_text(fields, "content-type", content_type(call));
	switch (channel->options.protocol) {
	case RPC_GRPC:
		rpc_fields_add_text(fields, "te", "trailers");
		break;
	case RPC_GRPC_WEB:
		rpc_fields_add_text(fields, "x-grpc-web", "1");
		rpc_fields_add_text(fields, "x-user-agent", channel->user_agent);
		break;
	default:
		if (!get)
			rpc_fields_add_text(fields, "connect-protocol-version", "1");
		break;
	}
	rpc_fields_add_text(fields, "user-agent", channel->user_agent);
	rpc_fields_add_text(fields, attempt->framing->accept_header, RPC_ACCEPT_ENCODING);
	if (compresses(call) && !get)
		rpc_fields_add_text(fields, attempt->framing->encoding_header,
				    rpc_encoding_name(call->options.encoding));
}

static void
add_timeout(struct rpc_fields *fields, const struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;
	char text[RPC_TIMEOUT_TEXT_SIZE];
	int64_t left_us = call->deadline_us - clock_monotonic_us();

	if (call->deadline_us == INT64_MAX)
		return;
	if (call->channel->options.protocol == RPC_CONNECT)
		rpc_timeout_format_connect(left_us, text);
	else
		rpc_timeout_format_grpc(left_us, text);
	rpc_fields_add_text(fields, attempt->framing->timeout_header,
			    arena_strdup(call->arena, text));
}

int
client_request_submit(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;
	const struct rpc_channel *channel = call->channel;
	const bool get = uses_get(call);
	const nghttp2_data_provider body = {.read_callback = client_send_read};
	struct rpc_fields fields;

	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_text(&fields, ":method", get ? "GET" : "POST");
	rpc_fields_add_text(&fields, ":scheme", channel->options.tls ? "https" : "http");
	rpc_fields_add_text(&fields, ":path", get ? get_path(call) : call->method->path);
	rpc_fields_add_text(&fields, ":authority", channel->authority);
	add_protocol(&fields, attempt, get);
	add_timeout(&fields, attempt);
	rpc_fields_add_metadata(&fields, &call->options.metadata, "");
	if (call->result.n_attempts > 1)
		rpc_fields_add_number(&fields, "grpc-previous-rpc-attempts",
				      (int)call->result.n_attempts - 1);
	if (fields.failed)
		return -ENOMEM;
	attempt->half_closed = get;
	attempt->stream_id = nghttp2_submit_request(h2_session(attempt->conn->h2), NULL, fields.nv,
						    fields.n, get ? NULL : &body, attempt);
	h2_wake(attempt->conn->h2);
	if (attempt->stream_id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)
		return -ENOSR;
	return attempt->stream_id < 0 ? -ENOMEM : 0;
}
