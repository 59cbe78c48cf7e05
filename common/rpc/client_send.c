/* SPDX-License-Identifier: Apache-2.0 */
/* Request messages: encoded, compressed and framed once, kept until sent or safe (RPC-40). */
#include <string.h>

#include "rpc/client_impl.h"
#include "rpc/codec.h"

enum { SEND_HIGH = 64 << 10, SEND_LOW = 32 << 10 };

static size_t
unsent(const struct rpc_client_call *call)
{
	return call->out.length - call->n_sent;
}

/* Bytes that no try will need again go once they are most of all, so that each is moved once. */
static void
forget_sent(struct rpc_client_call *call)
{
	if (!call->committed || call->n_sent <= call->out.length / 2)
		return;
	buf_consume(&call->out, call->n_sent);
	call->n_sent = 0;
}

void
client_send_commit(struct rpc_client_call *call)
{
	call->committed = true;
	forget_sent(call);
}

void
client_send_resume(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	struct h2_conn *h2;

	if (!attempt->conn || !attempt->stalled || attempt->stream_closed)
		return;
	attempt->stalled = false;
	h2 = attempt->conn->h2;
	h2_submitted(h2, nghttp2_session_resume_data(h2->session, attempt->stream_id));
}

bool
client_send_is_low(const struct rpc_client_call *call)
{
	return unsent(call) < SEND_LOW;
}

/* Appends one message, compressed when the call says so; false without memory. */
static bool
append(struct rpc_client_call *call, const void *data, size_t length)
{
	const bool framed = call->framing->enveloped;
	const bool compress =
	    call->options.encoding != RPC_ENCODING_IDENTITY && !call->options.plain && length;
	struct buf *out = &call->out;
	const size_t prefix = out->length, at = prefix + (framed ? RPC_FRAME_PREFIX : 0);

	buf_extend(out, at - prefix);
	if (!compress)
		buf_put(out, data, length);
	else if (rpc_deflate(call->options.encoding, data, length, out) != 0)
		return false;
	if (out->failed || out->length - at > UINT32_MAX)
		return false;
	if (framed)
		rpc_frame_write_prefix((uint8_t *)out->data + prefix,
				       compress ? RPC_FRAME_COMPRESSED : 0,
				       (uint32_t)(out->length - at));
	return true;
}

static bool
is_open(const struct rpc_client_call *call)
{
	return !call->complete && call->state < CLIENT_ENDING;
}

enum rpc_send_result
rpc_client_send_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	const struct rpc_channel_options *options = &call->channel->options;
	const size_t waiting = unsent(call);

	if (!is_open(call))
		return RPC_SEND_OK;
	if (!append(call, data, length)) {
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
		return RPC_SEND_OK;
	}
	if (call->out.length > options->retry_buffer_bytes)
		client_send_commit(call);
	/* A single message may be as large as it likes. */
	if (waiting && unsent(call) > options->max_send_queue_bytes) {
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED,
				 "more than %u bytes of requests wait to be sent",
				 options->max_send_queue_bytes);
		return RPC_SEND_OK;
	}
	client_send_resume(call);
	call->told_to_wait |= unsent(call) > SEND_HIGH;
	return unsent(call) > SEND_HIGH ? RPC_SEND_WAIT : RPC_SEND_OK;
}

enum rpc_send_result
rpc_client_send(struct rpc_client_call *call, const ProtobufCMessage *message)
{
	const struct rpc_channel_options *options = &call->channel->options;
	struct buf bytes BUF_CLEANUP;
	struct proto_fault fault;
	enum proto_result r;

	buf_init(&bytes, NULL, UINT32_MAX);
	if (!is_open(call))
		return RPC_SEND_OK;
	r = rpc_codec_write(options->codec, &options->json, message, call->arena, &bytes, &fault);
	if (bytes.failed || r == PROTO_EXHAUSTED)
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
	else if (r != PROTO_OK)
		client_call_fail(call, RPC_INTERNAL, "request cannot be written: %s: %s",
				 fault.path, fault.reason);
	else
		return rpc_client_send_raw(call, bytes.data, bytes.length);
	return RPC_SEND_OK;
}

ssize_t
client_send_read(nghttp2_session *session, int32_t stream_id, uint8_t *out, size_t length,
		 uint32_t *flags, nghttp2_data_source *source, void *user_data)
{
	struct rpc_client_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
	size_t n;

	(void)source;
	(void)user_data;
	if (!call)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	n = unsent(call) < length ? unsent(call) : length;
	if (n)
		memcpy(out, call->out.data + call->n_sent, n);
	call->n_sent += n;
	forget_sent(call);
	if (call->told_to_wait && client_send_is_low(call))
		client_call_schedule(call);
	if (call->complete && !unsent(call)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		call->attempt.half_closed = true;
	} else if (!n) {
		call->attempt.stalled = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t)n;
}
