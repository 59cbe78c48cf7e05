/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): messages with
 * 5-byte prefixes, the status in a second header block, or in the only one when there is nothing
 * else to say (Trailers-Only, RPC-09).
 */
#include <string.h>

#include "base/base64.h"
#include "proto/wire.h"
#include "rpc/framing_grpc.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

static bool
begin(struct rpc_call *call)
{
	if (!call->request.te_trailers)
		server_count(call->server, RPC_COUNT_no_te_trailers);
	return true;
}

void
framing_grpc_headers(struct rpc_call *call, struct rpc_fields *fields)
{
	rpc_fields_add_number(fields, ":status", 200);
	rpc_fields_add_text(fields, "content-type", rpc_content_type_text(&call->type));
	if (call->response_encoding != RPC_ENCODING_IDENTITY)
		rpc_fields_add_text(fields, "grpc-encoding",
				    rpc_encoding_name(call->response_encoding));
	/* For peers that compress, or tried to. */
	if (call->request_encoding != RPC_ENCODING_IDENTITY)
		rpc_fields_add_text(fields, "grpc-accept-encoding", RPC_ACCEPT_ENCODING);
}

static const char *
encoded_text(struct rpc_call *call)
{
	struct buf out;

	buf_init(&out, call->arena, SIZE_MAX);
	rpc_percent_encode(&out, call->text, strlen(call->text));
	return buf_text(&out);
}

/* grpc-status-details-bin: unpadded base64 of google.rpc.Status. */
static const char *
encoded_details(struct rpc_call *call, size_t *ret_length)
{
	const Status *status = call_status(call);
	size_t length;
	void *bytes = status ? wire_pack(&status->base, call->arena, &length) : NULL;
	char *text = bytes ? arena_alloc(call->arena, base64_encoded_max(length)) : NULL;

	if (text)
		*ret_length = base64_encode(bytes, length, BASE64_UNPADDED, text);
	return text;
}

void
framing_grpc_trailers(struct rpc_call *call, struct rpc_fields *fields)
{
	rpc_fields_add_number(fields, "grpc-status", (int)call->code);
	if (call->code != RPC_OK && call->text)
		rpc_fields_add_text(fields, "grpc-message", encoded_text(call));
	if (call->code != RPC_OK && call->status) {
		size_t length = 0;
		const char *details = encoded_details(call, &length);

		rpc_fields_add(fields, "grpc-status-details-bin", details, length);
	}
	rpc_fields_add_metadata(fields, &call->trailers, "");
}

static void
finish(struct rpc_call *call)
{
	struct rpc_fields fields;

	if (call->headers_sent)
		return;
	if (call->code == RPC_OK || call->headers.n > 0) {
		call_submit_headers(call);
		return;
	}
	rpc_fields_init(&fields, call->arena);
	framing_grpc_headers(call, &fields);
	framing_grpc_trailers(call, &fields);
	call_submit_fields(call, &fields, false);
}

const struct rpc_framing rpc_framing_grpc = {
    .name = "grpc",
    .bad_message = RPC_INTERNAL,
    .encoding = RPC_KNOWN_GRPC_ENCODING,
    .accept = RPC_KNOWN_GRPC_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_GRPC_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_grpc,
    .begin = begin,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = framing_grpc_headers,
    .send = call_send_frame,
    .finish = finish,
    .trailers = framing_grpc_trailers,
};
