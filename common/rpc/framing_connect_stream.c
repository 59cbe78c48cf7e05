/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connect, streams (RPC-18): always HTTP 200, messages with 5-byte prefixes, and a last frame with
 * flag 2 whose JSON says how it went.
 */
#include <string.h>

#include "rpc/connect_json.h"
#include "rpc/framing.h"
#include "rpc/framing_connect.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

static bool
begin(struct rpc_call *call)
{
	return framing_connect_begin(call, true);
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
finish(struct rpc_call *call)
{
	struct buf *frame = &call->server->scratch[0];
	const Status *status = call_status(call);
	uint8_t prefix[RPC_FRAME_PREFIX];

	call_submit_headers(call);
	buf_clear(frame);
	frame->limit = SIZE_MAX;
	buf_extend(frame, RPC_FRAME_PREFIX);
	if (status)
		rpc_connect_end_write(status, &call->trailers, frame);
	if (!status || frame->failed) {
		call_reset(call, NGHTTP2_INTERNAL_ERROR, call->code);
		return;
	}
	rpc_frame_write_prefix(prefix, RPC_FRAME_CONNECT_END,
			       (uint32_t)(frame->length - RPC_FRAME_PREFIX));
	memcpy(frame->data, prefix, sizeof prefix);
	if (rpc_queue_put(&call->out, frame->data, frame->length) != 0)
		call_reset(call, NGHTTP2_INTERNAL_ERROR, call->code);
}

const struct rpc_framing rpc_framing_connect_stream = {
    .name = "connect",
    .bad_message = RPC_INVALID_ARGUMENT,
    .encoding = RPC_KNOWN_CONNECT_ENCODING,
    .accept = RPC_KNOWN_CONNECT_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_CONNECT_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_connect,
    .begin = begin,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = headers,
    .send = call_send_frame,
    .finish = finish,
};
