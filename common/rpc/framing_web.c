/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gRPC-Web (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): gRPC whose trailers are
 * the body's last frame (RPC-14), and the same in base64 for old browsers (RPC-15).
 */
#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "rpc/framing.h"
#include "rpc/framing_grpc.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

static bool
begin(struct rpc_call *call)
{
	(void)call;
	return true;
}

static void
headers(struct rpc_call *call, struct rpc_fields *fields)
{
	framing_grpc_headers(call, fields);
	framing_add_cors(call, fields);
}

/* The trailers as text, behind `prefix` bytes of room, in the server's scratch. */
static struct buf *
write_trailers(struct rpc_call *call)
{
	struct buf *out = &call->server->scratch[0];
	struct rpc_fields fields;
	uint8_t prefix[RPC_FRAME_PREFIX];

	buf_clear(out);
	out->limit = SIZE_MAX;
	buf_extend(out, RPC_FRAME_PREFIX);
	rpc_fields_init(&fields, call->arena);
	framing_grpc_trailers(call, &fields);
	for (size_t i = 0; i < fields.n; i++) {
		buf_put(out, fields.nv[i].name, fields.nv[i].namelen);
		buf_puts(out, ": ");
		buf_put(out, fields.nv[i].value, fields.nv[i].valuelen);
		buf_puts(out, "\r\n");
	}
	if (out->failed || fields.failed)
		return NULL;
	rpc_frame_write_prefix(prefix, RPC_FRAME_WEB_TRAILERS,
			       (uint32_t)(out->length - RPC_FRAME_PREFIX));
	memcpy(out->data, prefix, sizeof prefix);
	return out;
}

static void
finish(struct rpc_call *call)
{
	const struct buf *frame = write_trailers(call);

	call_submit_headers(call);
	if (!frame || rpc_queue_put(&call->out, frame->data, frame->length) != 0)
		call_reset(call, NGHTTP2_INTERNAL_ERROR, call->code);
}

/* Appends bytes as base64, padded, so that the pieces of a body can be decoded each by itself. */
static int
put_text(struct rpc_call *call, const void *data, size_t length)
{
	char *room = rpc_queue_reserve(&call->out, base64_encoded_max(length));

	if (!room)
		return -ENOMEM;
	rpc_queue_commit(&call->out, base64_encode(data, length, BASE64_PADDED, room));
	return 0;
}

static void
finish_text(struct rpc_call *call)
{
	const struct buf *frame = write_trailers(call);

	call_submit_headers(call);
	if (!frame || put_text(call, frame->data, frame->length) != 0)
		call_reset(call, NGHTTP2_INTERNAL_ERROR, call->code);
}

static int
send_text(struct rpc_call *call, const ProtobufCMessage *message)
{
	struct buf *frame = &call->server->scratch[1];
	struct rpc_encoded encoded;
	int error = call_encode(call, message, RPC_FRAME_PREFIX, &encoded);

	if (error)
		return error;
	rpc_frame_write_prefix(encoded.data, encoded.compressed ? RPC_FRAME_COMPRESSED : 0,
			       (uint32_t)(encoded.length - RPC_FRAME_PREFIX));
	buf_clear(frame);
	frame->limit = SIZE_MAX;
	buf_put(frame, encoded.data, encoded.length);
	if (frame->failed || put_text(call, frame->data, frame->length) != 0)
		return -ENOMEM;
	call_submit_headers(call);
	call_resume(call);
	return 0;
}

static void
refuse_text(struct rpc_call *call)
{
	server_count(call->server, RPC_COUNT_message_bad);
	call_abort(call, RPC_INTERNAL, "the body is not base64");
}

/* Whole groups of four characters, up to the end of one with padding: it may stand mid-body. */
static size_t
decodable(const struct buf *text)
{
	size_t whole = text->length / 4 * 4;
	const char *padding = whole ? memchr(text->data, '=', whole) : NULL;

	return padding ? ((size_t)(padding - text->data) / 4 + 1) * 4 : whole;
}

static void
data_text(struct rpc_call *call, const uint8_t *data, size_t length)
{
	struct buf *text = &call->body;
	size_t n;

	buf_put(text, data, length);
	while (!call->answered && (n = decodable(text)) > 0) {
		struct buf *bytes = &call->server->scratch[1];
		uint8_t *room;
		size_t n_bytes = 0;

		buf_clear(bytes);
		bytes->limit = SIZE_MAX;
		room = buf_extend(bytes, base64_decoded_max(n));
		if (!room || !base64_decode(text->data, n, room, &n_bytes)) {
			refuse_text(call);
			return;
		}
		buf_consume(text, n);
		call_read_frames(call, room, n_bytes);
	}
}

static void
end_text(struct rpc_call *call)
{
	if (call->body.length > 0)
		refuse_text(call);
	else
		call_read_frames_end(call);
}

const struct rpc_framing rpc_framing_web = {
    .name = "grpc-web",
    .bad_message = RPC_INTERNAL,
    .encoding = RPC_KNOWN_GRPC_ENCODING,
    .accept = RPC_KNOWN_GRPC_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_GRPC_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_grpc,
    .begin = begin,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = headers,
    .send = call_send_frame,
    .finish = finish,
};

const struct rpc_framing rpc_framing_web_text = {
    .name = "grpc-web-text",
    .bad_message = RPC_INTERNAL,
    .encoding = RPC_KNOWN_GRPC_ENCODING,
    .accept = RPC_KNOWN_GRPC_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_GRPC_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_grpc,
    .begin = begin,
    .data = data_text,
    .end = end_text,
    .headers = headers,
    .send = send_text,
    .finish = finish_text,
};
