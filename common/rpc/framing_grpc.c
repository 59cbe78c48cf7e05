/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): messages with
 * 5-byte prefixes, the status in a second header block, or in the only one when there is nothing
 * else to say (Trailers-Only, RPC-09).
 *
 * gRPC-Web (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): the same, but its
 * trailers are the body's last frame (RPC-14); and all of it in base64 for old browsers (RPC-15).
 */
#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "proto/wire.h"
#include "rpc/framing.h"
#include "rpc/server_impl.h"
#include "rpc/timeout.h"

static bool
begin(struct rpc_call *call)
{
	if (!call->request.te_trailers)
		server_count(call->server, RPC_COUNT_no_te_trailers);
	return true;
}

static void
headers(struct rpc_call *call, struct rpc_fields *fields)
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
	rpc_percent_encode(&out, call->info.text, strlen(call->info.text));
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

static void
trailers(struct rpc_call *call, struct rpc_fields *fields)
{
	rpc_fields_add_number(fields, "grpc-status", (int)call->info.code);
	if (call->info.code != RPC_OK && call->info.text)
		rpc_fields_add_text(fields, "grpc-message", encoded_text(call));
	if (call->info.code != RPC_OK && call->status) {
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
	if (call->info.code == RPC_OK || call->headers.n > 0) {
		call_submit_headers(call);
		return;
	}
	rpc_fields_init(&fields, call->arena);
	headers(call, &fields);
	trailers(call, &fields);
	call_submit_fields(call, &fields, false);
}

/* "grpc-status: 0" as a literal that no HPACK table knows of (RFC 7541 6.2.2). */
static const uint8_t plain_trailers[FRAMING_PLAIN_SIZE] =
    "\0\0\17\1\5\0\0\0\0" /* length, HEADERS, END_STREAM and END_HEADERS, stream */
    "\0\13grpc-status\1"
    "0";

static const struct rpc_spelling spelling = {
    .bad_message = RPC_INTERNAL,
    .encoding = RPC_KNOWN_GRPC_ENCODING,
    .accept = RPC_KNOWN_GRPC_ACCEPT_ENCODING,
    .timeout = RPC_KNOWN_GRPC_TIMEOUT,
    .parse_timeout = rpc_timeout_parse_grpc,
};

const struct rpc_framing rpc_framing_grpc = {
    .name = "grpc",
    .spelling = &spelling,
    .begin = begin,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = headers,
    .send = call_send_frame,
    .finish = finish,
    .trailers = trailers,
    .plain_trailers = plain_trailers,
};

/* --- gRPC-Web --- */

static void
web_headers(struct rpc_call *call, struct rpc_fields *fields)
{
	headers(call, fields);
	framing_add_cors(call, fields);
}

/* Padded, so that the pieces of a body can be decoded each by itself. */
static int
put_base64(struct rpc_queue *queue, const void *data, size_t length)
{
	char *room = rpc_queue_reserve(queue, base64_encoded_max(length));

	if (!room)
		return -ENOMEM;
	rpc_queue_commit(queue, base64_encode(data, length, BASE64_PADDED, room));
	return 0;
}

static void
web_finish(struct rpc_call *call)
{
	struct buf *frame = framing_open_frame(call);
	struct rpc_fields fields;

	call_submit_headers(call);
	rpc_fields_init(&fields, call->arena);
	trailers(call, &fields);
	for (size_t i = 0; i < fields.n; i++) {
		buf_put(frame, fields.nv[i].name, fields.nv[i].namelen);
		buf_puts(frame, ": ");
		buf_put(frame, fields.nv[i].value, fields.nv[i].valuelen);
		buf_puts(frame, "\r\n");
	}
	frame->failed |= fields.failed;
	framing_close_frame(call, frame, RPC_FRAME_WEB_TRAILERS,
			    call->type.text ? put_base64 : rpc_queue_put);
}

static int
send_text(struct rpc_call *call, const ProtobufCMessage *message)
{
	struct rpc_queue frame = {0};
	struct rpc_chunk *spent = NULL;
	int error = call_put(call, message, true, &frame);

	while (!error && frame.length) {
		size_t length;
		const uint8_t *data = rpc_queue_take(&frame, SIZE_MAX, &length, &spent);

		error = put_base64(&call->out, data, length);
	}
	rpc_queue_clear(&frame);
	rpc_chunks_free(spent);
	if (error)
		return error;
	call_submit_headers(call);
	call_resume(call);
	return 0;
}

static const char not_base64[] = "the body is not base64";

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
		room = buf_extend(bytes, base64_decoded_max(n));
		if (!room || !base64_decode(text->data, n, room, &n_bytes)) {
			call_refuse_bad(call, not_base64);
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
		call_refuse_bad(call, not_base64);
	else
		call_read_frames_end(call);
}

const struct rpc_framing rpc_framing_web = {
    .name = "grpc-web",
    .spelling = &spelling,
    .data = call_read_frames,
    .end = call_read_frames_end,
    .headers = web_headers,
    .send = call_send_frame,
    .finish = web_finish,
};

const struct rpc_framing rpc_framing_web_text = {
    .name = "grpc-web-text",
    .spelling = &spelling,
    .data = data_text,
    .end = end_text,
    .headers = web_headers,
    .send = send_text,
    .finish = web_finish,
};
