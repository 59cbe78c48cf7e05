/* SPDX-License-Identifier: Apache-2.0 */
/* Which framing serves a request (RPC-01, RPC-02, RPC-19), and CORS (RPC-16). */
#include "rpc/framing.h"

#include <string.h>

#include "rpc/server_impl.h"

static const struct rpc_framing *
of_type(const struct rpc_content_type *type)
{
	switch (type->protocol) {
	case RPC_GRPC:
		return &rpc_framing_grpc;
	case RPC_GRPC_WEB:
		return type->text ? &rpc_framing_web_text : &rpc_framing_web;
	default:
		return type->unary ? &rpc_framing_connect : &rpc_framing_connect_stream;
	}
}

/* A GET is a call when the method may be repeated and cached (RPC-19). */
static int
choose_get(struct rpc_call *call)
{
	const struct rpc_request *request = &call->request;
	const struct rpc_method *method = server_find(call->server, request->path.data);

	if (!method || !method->no_side_effects || method->client_streaming ||
	    method->server_streaming || !request->query)
		return 405;
	call->framing = &rpc_framing_connect;
	return 0;
}

int
framing_choose(struct rpc_call *call)
{
	const struct rpc_request *request = &call->request;
	const struct rpc_text *type = &request->known[RPC_KNOWN_CONTENT_TYPE];

	call->type.protocol = RPC_CONNECT;
	if (request->http_method == RPC_HTTP_GET)
		return choose_get(call);
	if (request->http_method == RPC_HTTP_OPTIONS && request->known[RPC_KNOWN_PREFLIGHT].data &&
	    call->server->options.cors_origin)
		return 204;
	if (request->http_method != RPC_HTTP_POST)
		return 405;
	if (!type->data ||
	    rpc_content_type_parse(type->data, type->length, &call->type) != RPC_CONTENT_TYPE_OK)
		return 415;
	call->framing = of_type(&call->type);
	return 0;
}

static bool
origin_allowed(const struct rpc_call *call)
{
	const char *origin = call->request.known[RPC_KNOWN_ORIGIN].data;
	const char *allowed = call->server->options.cors_origin;

	return origin && allowed && (strcmp(allowed, "*") == 0 || strcmp(allowed, origin) == 0);
}

void
framing_add_cors(struct rpc_call *call, struct rpc_fields *fields)
{
	const struct rpc_text *known = call->request.known;

	if (!origin_allowed(call))
		return;
	rpc_fields_add_text(fields, "access-control-allow-origin",
			    call->server->options.cors_origin);
	if (!known[RPC_KNOWN_PREFLIGHT].data) {
		rpc_fields_add_text(
		    fields, "access-control-expose-headers",
		    "grpc-status,grpc-message,grpc-status-details-bin,grpc-encoding,"
		    "connect-content-encoding,content-encoding");
		return;
	}
	rpc_fields_add_text(fields, "access-control-allow-methods", "POST,GET");
	if (known[RPC_KNOWN_PREFLIGHT_HEADERS].data)
		rpc_fields_add(fields, "access-control-allow-headers",
			       known[RPC_KNOWN_PREFLIGHT_HEADERS].data,
			       known[RPC_KNOWN_PREFLIGHT_HEADERS].length);
	rpc_fields_add_text(fields, "access-control-max-age", "7200");
}

struct buf *
framing_open_frame(struct rpc_call *call)
{
	struct buf *frame = &call->server->scratch[0];

	buf_clear(frame);
	buf_extend(frame, RPC_FRAME_PREFIX);
	return frame;
}

void
framing_close_frame(struct rpc_call *call, struct buf *frame, uint8_t flags,
		    int (*put)(struct rpc_queue *queue, const void *data, size_t length))
{
	if (!frame->failed)
		rpc_frame_write_prefix(frame->data, flags,
				       (uint32_t)(frame->length - RPC_FRAME_PREFIX));
	if (frame->failed || put(&call->out, frame->data, frame->length) != 0)
		call_reset(call, NGHTTP2_INTERNAL_ERROR, call->info.code);
}
