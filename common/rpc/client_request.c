/* SPDX-License-Identifier: Apache-2.0 */
/* The request's header block, and Connect's GET, which has its message in the path (RPC-19). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/timeout.h"

enum { OWN_HEADERS = 20 };

struct header_block {
	struct rpc_client_call *call;
	nghttp2_nv *nv;
	size_t n;
	bool failed;
};

static void
put(struct header_block *block, const char *name, const char *value, size_t length)
{
	if (!value) {
		block->failed = true;
		return;
	}
	block->nv[block->n++] =
	    (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
			 length, NGHTTP2_NV_FLAG_NONE};
}

static void
put_text(struct header_block *block, const char *name, const char *value)
{
	put(block, name, value, value ? strlen(value) : 0);
}

static bool
uses_get(const struct rpc_client_call *call)
{
	return call->use_get && call->method->no_side_effects && client_call_is_unary(call) &&
	       call->channel->options.protocol == RPC_CONNECT;
}

/* "/pkg.Service/Method?connect=v1&base64=1&encoding=proto&message=…", on the call's arena. */
static const char *
get_path(struct rpc_client_call *call)
{
	const struct client_chunk *chunk = call->queue.first;
	const size_t length = chunk ? chunk->length : 0;
	char *message = arena_alloc(call->arena, base64_encoded_max(length) + 1);
	const char *compression = "";

	if (!message)
		return NULL;
	message[chunk ? base64_encode(chunk->bytes, length, BASE64_URL, message) : 0] = '\0';
	if (length && call->encoding != RPC_ENCODING_IDENTITY)
		compression =
		    arena_printf(call->arena, "&compression=%s", rpc_encoding_name(call->encoding));
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
put_protocol(struct header_block *block, const struct client_framing *framing, bool get)
{
	struct rpc_client_call *call = block->call;
	const struct rpc_channel *channel = call->channel;

	if (!get)
		put_text(block, "content-type", content_type(call));
	switch (channel->options.protocol) {
	case RPC_GRPC:
		put_text(block, "te", "trailers");
		break;
	case RPC_GRPC_WEB:
		put_text(block, "x-grpc-web", "1");
		put_text(block, "x-user-agent", channel->user_agent);
		break;
	default:
		if (!get)
			put_text(block, "connect-protocol-version", "1");
		break;
	}
	put_text(block, "user-agent", channel->user_agent);
	put_text(block, framing->accept_header, RPC_ACCEPT_ENCODING);
	if (call->encoding != RPC_ENCODING_IDENTITY && !get)
		put_text(block, framing->encoding_header, rpc_encoding_name(call->encoding));
}

static void
put_timeout(struct header_block *block, const struct client_framing *framing)
{
	struct rpc_client_call *call = block->call;
	char text[RPC_TIMEOUT_TEXT_SIZE];
	int64_t left_us = call->deadline_us - clock_monotonic_us();

	if (call->deadline_us == INT64_MAX)
		return;
	if (call->channel->options.protocol == RPC_CONNECT)
		rpc_timeout_format_connect(left_us, text);
	else
		rpc_timeout_format_grpc(left_us, text);
	put_text(block, framing->timeout_header, arena_strdup(call->arena, text));
}

static void
put_metadata(struct header_block *block)
{
	struct rpc_client_call *call = block->call;

	for (size_t i = 0; i < call->request_metadata.n; i++) {
		const struct rpc_pair *pair = &call->request_metadata.pairs[i];
		size_t length = 0;
		const char *value = rpc_metadata_wire_value(pair, call->arena, &length);

		put(block, pair->name, value, length);
	}
	if (call->n_attempts > 1)
		put_text(block, "grpc-previous-rpc-attempts",
			 arena_printf(call->arena, "%u", call->n_attempts - 1));
}

int
client_request_submit(struct client_attempt *attempt)
{
	struct rpc_client_call *call = attempt->call;
	const struct rpc_channel *channel = call->channel;
	const bool get = uses_get(call);
	const nghttp2_data_provider body = {.read_callback = client_send_read};
	struct header_block block = {
	    .call = call,
	    .nv = ARENA_ARRAY(call->arena, nghttp2_nv, OWN_HEADERS + call->request_metadata.n)};

	if (!block.nv)
		return -ENOMEM;
	put_text(&block, ":method", get ? "GET" : "POST");
	put_text(&block, ":scheme", channel->options.tls ? "https" : "http");
	put_text(&block, ":path", get ? get_path(call) : call->method->path);
	put_text(&block, ":authority", channel->authority);
	put_protocol(&block, attempt->framing, get);
	put_timeout(&block, attempt->framing);
	put_metadata(&block);
	if (block.failed)
		return -ENOMEM;
	attempt->half_closed = get;
	attempt->stream_id = nghttp2_submit_request(h2_session(attempt->conn->h2), NULL, block.nv,
						    block.n, get ? NULL : &body, attempt);
	h2_wake(attempt->conn->h2);
	if (attempt->stream_id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)
		return -ENOSR;
	return attempt->stream_id < 0 ? -ENOMEM : 0;
}
