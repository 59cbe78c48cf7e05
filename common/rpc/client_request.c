/* SPDX-License-Identifier: Apache-2.0 */
/* The request's header block, and Connect's GET, which has its message in the path (RPC-19). */
#include <errno.h>

#include "base/base64.h"
#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/fields.h"

/* Longer messages go by POST: servers and proxies bound the path (ours: max_query_bytes). */
enum { MAX_GET_MESSAGE = 4096 };

static bool
uses_get(const struct rpc_client_call *call)
{
	return call->options.use_get && call->method->no_side_effects &&
	       !call->framing->enveloped && call->out.length <= MAX_GET_MESSAGE;
}

/* Enveloped messages may mix; a bare body is what its header says. */
static bool
compresses(const struct rpc_client_call *call)
{
	return call->options.encoding != RPC_ENCODING_IDENTITY &&
	       (call->framing->enveloped || !call->options.plain);
}

/* "/pkg.Service/Method?connect=v1&base64=1&encoding=proto&message=…", on the call's arena. */
static const char *
get_path(struct rpc_client_call *call)
{
	const size_t length = call->out.length;
	const bool compressed = length && compresses(call);
	char *message = arena_alloc(call->arena, base64_encoded_max(length) + 1);

	if (!message)
		return NULL;
	message[length ? base64_encode(call->out.data, length, BASE64_URL, message) : 0] = '\0';
	return arena_printf(call->arena, "%s?connect=v1&base64=1%s%s&encoding=%s&message=%s",
			    call->method->path, compressed ? "&compression=" : "",
			    compressed ? rpc_encoding_name(call->options.encoding) : "",
			    rpc_codec_name(call->channel->options.codec), message);
}

/* What a GET has in its path. */
static void
add_post(struct rpc_fields *fields, const struct rpc_client_call *call)
{
	const struct rpc_content_type type = {
	    .protocol = call->channel->options.protocol,
	    .codec = call->channel->options.codec,
	    .unary = !call->framing->enveloped,
	};

	rpc_fields_add_text(fields, "content-type", rpc_content_type_text(&type));
	rpc_fields_add_text(fields, call->framing->mark, call->framing->mark_value);
	if (compresses(call))
		rpc_fields_add_text(fields, call->framing->encoding,
				    rpc_encoding_name(call->options.encoding));
}

static void
add_timeout(struct rpc_fields *fields, const struct rpc_client_call *call)
{
	char *text;

	if (call->deadline_us == INT64_MAX)
		return;
	text = arena_alloc(call->arena, RPC_TIMEOUT_TEXT_SIZE);
	if (text)
		call->framing->format_timeout(call->deadline_us - clock_monotonic_us(), text);
	rpc_fields_add_text(fields, call->framing->timeout, text);
}

int
client_request_submit(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	const struct rpc_channel *channel = call->channel;
	const bool get = uses_get(call);
	const nghttp2_data_provider body = {.read_callback = client_send_read};
	struct rpc_fields fields;

	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_text(&fields, ":method", get ? "GET" : "POST");
	rpc_fields_add_text(&fields, ":scheme", channel->options.tls ? "https" : "http");
	rpc_fields_add_text(&fields, ":path", get ? get_path(call) : call->method->path);
	rpc_fields_add_text(&fields, ":authority", channel->options.authority);
	if (!get)
		add_post(&fields, call);
	rpc_fields_add_text(&fields, call->framing->agent, channel->options.user_agent);
	rpc_fields_add_text(&fields, call->framing->accept, RPC_ACCEPT_ENCODING);
	add_timeout(&fields, call);
	rpc_fields_add_metadata(&fields, &call->options.metadata, "");
	if (call->result.n_attempts > 1)
		rpc_fields_add_number(&fields, "grpc-previous-rpc-attempts",
				      (int)call->result.n_attempts - 1);
	/* Also where the caller's own metadata found no room: such a request must not leave. */
	if (fields.failed || arena_exhausted(call->arena))
		return -ENOMEM;
	attempt->half_closed = get;
	attempt->stream_id = nghttp2_submit_request(attempt->conn->h2->session, NULL, fields.nv,
						    fields.n, get ? NULL : &body, call);
	h2_wake(attempt->conn->h2);
	if (attempt->stream_id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)
		return -ENOSR;
	return attempt->stream_id < 0 ? -ENOMEM : 0;
}
