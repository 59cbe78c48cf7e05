/* SPDX-License-Identifier: Apache-2.0 */
/* Request messages: encoded, compressed and framed once, queued until sent or safe (RPC-40). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/client_impl.h"
#include "rpc/codec.h"

enum { SEND_HIGH = 64 << 10, SEND_LOW = 32 << 10 };

void
client_queue_free(struct client_queue *queue)
{
	struct client_chunk *chunk;

	while ((chunk = queue->first)) {
		queue->first = chunk->next;
		free(chunk);
	}
	queue->last = NULL;
	queue->held = queue->unsent = 0;
}

static void
drop_first(struct client_queue *queue)
{
	struct client_chunk *chunk = queue->first;

	queue->first = chunk->next;
	if (!queue->first)
		queue->last = NULL;
	queue->held -= chunk->length;
	free(chunk);
}

/* Frees the chunks that the attempt has sent. */
static void
drop_sent(struct rpc_client_call *call)
{
	struct client_attempt *attempt = call->attempt;

	if (!attempt || !attempt->at)
		return;
	while (call->queue.first != attempt->at)
		drop_first(&call->queue);
	if (attempt->offset == attempt->at->length) {
		attempt->at = NULL;
		attempt->offset = 0;
		drop_first(&call->queue);
	}
}

void
client_send_commit(struct rpc_client_call *call)
{
	call->committed = true;
	drop_sent(call);
}

void
client_send_resume(struct rpc_client_call *call)
{
	struct client_attempt *attempt = call->attempt;

	if (!attempt || !attempt->stalled || attempt->stream_closed)
		return;
	attempt->stalled = false;
	nghttp2_session_resume_data(h2_session(attempt->conn->h2), attempt->stream_id);
	h2_wake(attempt->conn->h2);
}

/* Queues one message, compressed when the call says so. 0 or -ENOMEM. */
static int
enqueue(struct rpc_client_call *call, const void *data, size_t length)
{
	const size_t prefix =
	    call->channel->options.protocol == RPC_CONNECT && client_call_is_unary(call)
		? 0
		: RPC_FRAME_PREFIX;
	struct buf deflated BUF_CLEANUP;
	struct client_chunk *chunk;
	bool compress = call->encoding != RPC_ENCODING_IDENTITY && !call->plain && length;

	buf_init(&deflated, NULL, SIZE_MAX);
	if (compress) {
		if (rpc_deflate(call->encoding, data, length, &deflated) != 0)
			return -ENOMEM;
		data = deflated.data;
		length = deflated.length;
	}
	if (length > UINT32_MAX)
		return -ENOMEM;
	chunk = malloc(sizeof *chunk + prefix + length);
	if (!chunk)
		return -ENOMEM;
	chunk->next = NULL;
	chunk->length = prefix + length;
	if (prefix)
		rpc_frame_write_prefix(chunk->bytes, compress ? RPC_FRAME_COMPRESSED : 0,
				       (uint32_t)length);
	if (length)
		memcpy(chunk->bytes + prefix, data, length);
	if (call->queue.last)
		call->queue.last->next = chunk;
	else
		call->queue.first = chunk;
	call->queue.last = chunk;
	call->queue.held += chunk->length;
	call->queue.unsent += chunk->length;
	return 0;
}

static bool
is_open(const struct rpc_client_call *call)
{
	return !call->queue.complete && call->state != CLIENT_ENDING && call->state != CLIENT_ENDED;
}

enum rpc_send_result
rpc_client_send_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	const struct rpc_channel_options *options = &call->channel->options;

	if (!is_open(call))
		return RPC_SEND_OK;
	if (enqueue(call, data, length) != 0) {
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
		return RPC_SEND_OK;
	}
	if (call->queue.held > options->retry_buffer_bytes)
		client_send_commit(call);
	/* A single message may be as large as it likes. */
	if (call->queue.unsent > options->max_send_queue_bytes &&
	    call->queue.first != call->queue.last) {
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED,
				 "more than %u bytes of requests wait to be sent",
				 options->max_send_queue_bytes);
		return RPC_SEND_OK;
	}
	client_send_resume(call);
	if (call->queue.unsent <= SEND_HIGH)
		return RPC_SEND_OK;
	call->told_to_wait = true;
	return RPC_SEND_WAIT;
}

enum rpc_send_result
rpc_client_send(struct rpc_client_call *call, const ProtobufCMessage *message)
{
	const struct rpc_channel_options *options = &call->channel->options;
	const struct rpc_codec_options how = {.schema = options->schema};
	struct buf bytes BUF_CLEANUP;
	struct proto_fault fault;
	enum proto_result r;

	buf_init(&bytes, NULL, UINT32_MAX);
	if (!is_open(call))
		return RPC_SEND_OK;
	r = rpc_message_codecs[options->codec].write(&how, message, call->arena, &bytes, &fault);
	if (bytes.failed || r == PROTO_EXHAUSTED)
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
	else if (r != PROTO_OK)
		client_call_fail(call, RPC_INTERNAL, "request cannot be written: %s: %s",
				 fault.path, fault.reason);
	else
		return rpc_client_send_raw(call, bytes.data, bytes.length);
	return RPC_SEND_OK;
}

/* The chunk with the next byte to send, or NULL. */
static struct client_chunk *
next_chunk(struct client_attempt *attempt)
{
	struct client_chunk *chunk = attempt->at;

	if (!chunk)
		chunk = attempt->call->queue.first;
	else if (attempt->offset == chunk->length)
		chunk = chunk->next;
	if (chunk && chunk != attempt->at) {
		attempt->at = chunk;
		attempt->offset = 0;
	}
	return chunk;
}

static size_t
take(struct client_attempt *attempt, uint8_t *out, size_t length)
{
	struct rpc_client_call *call = attempt->call;
	size_t n, taken = 0;

	while (taken < length && next_chunk(attempt)) {
		n = attempt->at->length - attempt->offset;
		if (n > length - taken)
			n = length - taken;
		memcpy(out + taken, attempt->at->bytes + attempt->offset, n);
		attempt->offset += n;
		taken += n;
	}
	call->queue.unsent -= taken;
	if (call->committed)
		drop_sent(call);
	return taken;
}

ssize_t
client_send_read(nghttp2_session *session, int32_t stream_id, uint8_t *out, size_t length,
		 uint32_t *flags, nghttp2_data_source *source, void *user_data)
{
	struct client_attempt *attempt = nghttp2_session_get_stream_user_data(session, stream_id);
	struct rpc_client_call *call;
	size_t taken;

	(void)source;
	(void)user_data;
	if (!attempt)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	call = attempt->call;
	taken = take(attempt, out, length);
	if (call->told_to_wait && call->queue.unsent < SEND_LOW)
		client_call_schedule(call);
	if (call->queue.complete && !call->queue.unsent) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		attempt->half_closed = true;
	} else if (!taken) {
		attempt->stalled = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t)taken;
}
