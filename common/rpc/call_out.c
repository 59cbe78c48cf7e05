/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response bytes of a call: encoded once, into the queue from which the wire takes them; what is
 * large and lies on the call's arena is not even copied there.
 *
 * nghttp2 asks on_read how much there is when it is about to send, and on_send puts the bytes by
 * reference (NGHTTP2_DATA_FLAG_NO_COPY). When there is nothing the stream is deferred, and
 * call_resume wakes it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "rpc/connect_json.h"
#include "rpc/framing.h"
#include "rpc/server_impl.h"

enum {
	FRAME_HEADER_SIZE = 9,        /* RFC 9113 4.1 */
	FLAGS_AT = 4,                 /* in it */
	SMALLEST_REFERRED = 16 << 10, /* smaller pieces of a reply are copied */
};

static bool
submit_trailers(struct rpc_call *call)
{
	struct rpc_fields fields;

	rpc_fields_init(&fields, call->arena);
	call->framing->trailers(call, &fields);
	return !fields.failed && nghttp2_submit_trailer(call->conn->h2->session, call->stream_id,
							fields.nv, fields.n) == 0;
}

/*
 * OK and nothing else: a frame that is the same for all calls leaves behind the last bytes, and
 * nghttp2 is only told that they end the stream, which saves a tenth of an echo. After SETTINGS the
 * next block must be nghttp2's: it may have to begin with the size of its table (RFC 7541 4.2).
 */
static bool
ends_plainly(const struct rpc_call *call)
{
	return call->framing->plain_trailers && call->info.code == RPC_OK && !call->trailers.n &&
	       !call->conn->new_settings;
}

static int
put_plain_trailers(struct h2_conn *h2, const struct rpc_call *call)
{
	uint8_t frame[FRAMING_PLAIN_SIZE];
	uint32_t stream_id = htonl((uint32_t)call->stream_id);

	memcpy(frame, call->framing->plain_trailers, sizeof frame);
	memcpy(frame + FRAME_HEADER_SIZE - sizeof stream_id, &stream_id, sizeof stream_id);
	return h2_put_ref(h2, frame, sizeof frame);
}

/* NOLINTBEGIN(readability-non-const-parameter): the type is nghttp2's */
static ssize_t
on_read(nghttp2_session *session, int32_t stream_id, uint8_t *bytes, size_t length, uint32_t *flags,
	nghttp2_data_source *source, void *user_data)
{
	struct rpc_call *call = source->ptr;

	(void)session;
	(void)stream_id;
	(void)bytes;
	(void)user_data;
	if (call->out.length == 0 && !call->answered) {
		call->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (call->out.length > length)
		return (ssize_t)length;
	if (call->answered) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (call->framing->trailers && !ends_plainly(call)) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			if (!submit_trailers(call))
				return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
		}
	}
	return (ssize_t)call->out.length;
}
/* NOLINTEND(readability-non-const-parameter) */

int
call_on_send(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header, size_t length,
	     nghttp2_data_source *source, void *user_data)
{
	struct h2_conn *h2 = user_data;
	struct rpc_call *call = source->ptr;
	bool plain_end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM && call->framing->trailers;
	uint8_t own[FRAME_HEADER_SIZE];
	int error;

	(void)session;
	memcpy(own, header, sizeof own);
	if (plain_end)
		own[FLAGS_AT] &= (uint8_t)~NGHTTP2_FLAG_END_STREAM;
	error = h2_put(h2, own, sizeof own);
	while (!error && length > 0) {
		size_t n;
		const uint8_t *data = rpc_queue_take(&call->out, length, &n, &call->conn->spent);

		error = h2_put_ref(h2, data, n);
		call->info.bytes_out += n;
		length -= n;
	}
	if (!error && plain_end)
		error = put_plain_trailers(h2, call);
	call->progress_us = server_now_us(call->server);
	if (call->told_wait && list_is_empty(&call->next))
		list_append(&call->conn->writable, &call->next);
	return error;
}

void
call_submit_fields(struct rpc_call *call, struct rpc_fields *fields, bool with_body)
{
	struct h2_conn *h2 = call->conn->h2;
	int r = NGHTTP2_ERR_NOMEM;
	nghttp2_data_provider body = {.source = {.ptr = call}, .read_callback = on_read};

	call->headers_sent = true;
	if (!fields->failed)
		r = nghttp2_submit_response(h2->session, call->stream_id, fields->nv, fields->n,
					    with_body ? &body : NULL);
	if (r)
		r = nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, call->stream_id,
					      NGHTTP2_INTERNAL_ERROR);
	h2_submitted(h2, r);
}

void
call_submit_headers(struct rpc_call *call)
{
	struct rpc_fields fields;

	if (call->headers_sent || !call->framing->headers)
		return;
	rpc_fields_init(&fields, call->arena);
	call->framing->headers(call, &fields);
	rpc_fields_add_metadata(&fields, &call->headers, "");
	call_submit_fields(call, &fields, true);
}

void
call_resume(struct rpc_call *call)
{
	struct h2_conn *h2 = call->conn->h2;

	h2_submitted(h2, call->deferred ? nghttp2_session_resume_data(h2->session, call->stream_id)
					: 0);
	call->deferred = false;
}

/* For people with a browser or curl. */
static const char refusal_text[] =
    "This port speaks gRPC, gRPC-Web and Connect: POST /package.Service/Method with content-type "
    "application/json, application/proto, application/grpc or application/grpc-web.\n";
static const struct rpc_framing refusal = {.name = ""};

void
call_refuse(struct rpc_call *call, int http_status)
{
	call->refusal = http_status;
	if (call->request_ended)
		call_send_refusal(call);
}

void
call_send_refusal(struct rpc_call *call)
{
	int http_status = call->refusal;
	struct rpc_fields fields;

	server_count(call->server, RPC_COUNT_http_refused);
	call->refusal = 0;
	call->answered = call->work_ended = true;
	call->info.code = http_status < 400 ? RPC_OK : rpc_code_of_http(http_status);
	rpc_fields_init(&fields, call->arena);
	rpc_fields_add_number(&fields, ":status", http_status);
	if (http_status == 405)
		rpc_fields_add_text(&fields, "allow", "POST");
	if (call->type.protocol != RPC_GRPC)
		framing_add_cors(call, &fields);
	if (http_status < 400) {
		call_submit_fields(call, &fields, false);
		return;
	}
	rpc_fields_add_text(&fields, "content-type", "text/plain");
	rpc_queue_put(&call->out, refusal_text, strlen(refusal_text));
	call->framing = &refusal;
	call_submit_fields(call, &fields, true);
}

/* Room at the queue's end for a message, behind its prefix when there is to be one. */
static uint8_t *
make_room(struct rpc_queue *out, bool framed, bool compressed, size_t length)
{
	const size_t prefix = framed ? RPC_FRAME_PREFIX : 0;
	uint8_t *room = rpc_queue_reserve(out, prefix + length);

	if (!room)
		return NULL;
	if (framed)
		rpc_frame_write_prefix(room, compressed ? RPC_FRAME_COMPRESSED : 0,
				       (uint32_t)length);
	rpc_queue_commit(out, prefix + length);
	return room + prefix;
}

/* By way of the server's scratch: JSON, and what is to be compressed. */
static int
put_by_copy(struct rpc_call *call, const ProtobufCMessage *message, bool framed,
	    struct rpc_queue *out)
{
	struct buf *bytes = &call->server->scratch[0], *deflated = &call->server->scratch[1];
	struct proto_fault fault;
	enum proto_result result;
	uint8_t *room;

	buf_clear(bytes);
	result = rpc_codec_write(call->type.codec, &call->server->options.json, message,
				 call->message_arena, bytes, &fault);
	if (result != PROTO_OK)
		return result == PROTO_EXHAUSTED ? -ENOMEM : -EINVAL;
	call->body_compressed =
	    call->compress && (int64_t)bytes->length >= call->server->limits.compress_min_bytes;
	if (call->body_compressed) {
		buf_clear(deflated);
		if (rpc_deflate(call->response_encoding, bytes->data, bytes->length, deflated))
			return -ENOMEM;
		bytes = deflated;
	}
	room = make_room(out, framed, call->body_compressed, bytes->length);
	if (!room)
		return -ENOMEM;
	if (bytes->length)
		memcpy(room, bytes->data, bytes->length);
	return 0;
}

/* A message's bytes on their way into the queue, piece by piece. */
struct pieces {
	ProtobufCBuffer base;
	struct arena *arena;
	struct rpc_queue *out;
	int error;
};

static void
put_piece(ProtobufCBuffer *base, size_t length, const uint8_t *data)
{
	struct pieces *pieces = (struct pieces *)base;

	if (pieces->error)
		return;
	if (length >= SMALLEST_REFERRED && arena_holds(pieces->arena, data))
		pieces->error = rpc_queue_refer(pieces->out, data, length);
	else
		pieces->error = rpc_queue_put(pieces->out, data, length);
}

/* A single large reply that may lie on the call's arena, which lives until it is sent. */
static bool
is_worth_referring(const struct rpc_call *call, size_t size)
{
	return size >= SMALLEST_REFERRED && arena_used(call->arena) >= SMALLEST_REFERRED &&
	       !call->method->server_streaming;
}

int
call_put(struct rpc_call *call, const ProtobufCMessage *message, bool framed, struct rpc_queue *out)
{
	struct pieces pieces = {{.append = put_piece}, .arena = call->arena, .out = out};
	uint8_t prefix[RPC_FRAME_PREFIX], *room;
	size_t size;

	if (call->type.codec != RPC_PROTO || call->compress)
		return put_by_copy(call, message, framed, out);
	call->body_compressed = false;
	size = protobuf_c_message_get_packed_size(message);
	if (framed && is_worth_referring(call, size)) {
		rpc_frame_write_prefix(prefix, 0, (uint32_t)size);
		put_piece(&pieces.base, sizeof prefix, prefix);
		protobuf_c_message_pack_to_buffer(message, &pieces.base);
		/* It is the only message; half of it would hide the status that tells of it. */
		if (pieces.error)
			rpc_queue_clear(out);
		return pieces.error;
	}
	room = make_room(out, framed, false, size);
	if (!room)
		return -ENOMEM;
	protobuf_c_message_pack(message, room);
	return 0;
}

int
call_send_frame(struct rpc_call *call, const ProtobufCMessage *message)
{
	int error = call_put(call, message, true, &call->out);

	if (error)
		return error;
	call_submit_headers(call);
	call_resume(call);
	return 0;
}

Status *
call_status(struct rpc_call *call)
{
	Status *status = rpc_status_new(call->arena, (int)call->info.code, call->info.text);

	if (status && call->status) {
		status->details = call->status->details;
		status->n_details = call->status->n_details;
	}
	return status;
}
