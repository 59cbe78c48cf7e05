/* SPDX-License-Identifier: Apache-2.0 */
/* The response of a try, as far as the protocols agree: headers, body, end. */
#include <string.h>

#include "rpc/client_impl.h"

void
client_response_no_memory(struct rpc_client_call *call)
{
	client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the response");
}

static void
too_large(struct rpc_client_call *call)
{
	client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED, "response of more than %u bytes",
			    call->channel->options.max_receive_bytes);
}

/* --- headers --- */

/* True when the response speaks our protocol and codec; the attempt has failed otherwise. */
static bool
check_content_type(struct rpc_client_call *call)
{
	const char *text = rpc_metadata_get(&call->attempt.block, "content-type");
	struct rpc_content_type type = {0};
	enum rpc_content_type_result r = RPC_CONTENT_TYPE_UNKNOWN;
	bool is_ours;

	if (text)
		r = rpc_content_type_parse(text, strlen(text), &type);
	is_ours = r != RPC_CONTENT_TYPE_UNKNOWN && type.protocol == call->type.protocol &&
		  type.unary == call->type.unary;
	if (is_ours && r == RPC_CONTENT_TYPE_OK && type.codec == call->type.codec)
		return true;
	client_attempt_fail(call, is_ours ? RPC_INTERNAL : RPC_UNKNOWN,
			    "content type '%s' in answer to %s", text ? text : "",
			    rpc_content_type_text(&call->type));
	return false;
}

/* The encoding that the block names; false when it is unknown (the attempt has failed). */
static bool
read_encoding(struct rpc_client_call *call)
{
	const char *name = rpc_metadata_get(&call->attempt.block, call->framing->encoding);

	if (!name)
		return true;
	call->attempt.encoding = rpc_encoding_of_name(name, strlen(name));
	if (call->attempt.encoding != RPC_ENCODING_UNKNOWN)
		return true;
	client_attempt_fail(call, RPC_INTERNAL, "response in unknown encoding '%s'", name);
	return false;
}

/* Connect's unary calls have their trailers among the headers, with a prefix (RPC-17). Undecodable
 * -bin values are dropped (RPC-05); no memory shows at the end. */
void
client_response_take_metadata(struct rpc_client_call *call, struct rpc_metadata *to)
{
	static const char prefix[] = "trailer-";
	const size_t n = sizeof prefix - 1;
	const struct rpc_metadata *block = &call->attempt.block;

	for (size_t i = 0; i < block->n; i++) {
		const struct rpc_pair *pair = &block->pairs[i];
		size_t length = strlen(pair->name);

		if (!call->framing->enveloped && !strncmp(pair->name, prefix, n))
			rpc_metadata_add_wire(&call->result.trailers, pair->name + n, length - n,
					      pair->value, pair->length);
		else if (!rpc_metadata_name_reserved(pair->name, length))
			rpc_metadata_add_wire(to, pair->name, length, pair->value, pair->length);
	}
}

static void
read_headers(struct rpc_client_call *call)
{
	const struct client_framing *framing = call->framing;
	struct client_attempt *attempt = &call->attempt;
	const bool ok = attempt->http_status == 200;

	attempt->got_headers = true;
	attempt->pushback = rpc_metadata_get(&attempt->block, "grpc-retry-pushback-ms");
	if (!ok && framing->enveloped) {
		client_attempt_fail(call, rpc_code_of_http(attempt->http_status), "HTTP status %d",
				    attempt->http_status);
		return;
	}
	if ((ok && !check_content_type(call)) || !read_encoding(call))
		return;
	client_response_take_metadata(call, &call->result.headers);
	/* A status here counts only if nothing follows; then these were trailers (RPC-12). */
	if (!ok || (framing->status && framing->status(call)))
		return;
	client_send_commit(call);
	if (call->hooks && call->hooks->headers)
		call->hooks->headers(call);
}

/* --- body --- */

/* False: the attempt has failed. */
static bool
inflate(struct rpc_client_call *call, const void **data, size_t *length, struct buf *out)
{
	const enum rpc_encoding encoding = call->attempt.encoding;
	const bool is_known = encoding != RPC_ENCODING_IDENTITY;
	enum rpc_inflate_result r = RPC_INFLATE_CORRUPT;

	/* Connect: zero bytes are not inflated (RPC-20). */
	if (!*length && is_known)
		return true;
	buf_init(out, NULL, call->channel->options.max_receive_bytes);
	if (is_known)
		r = rpc_inflate(encoding, *data, *length, out);
	*data = out->data;
	*length = out->length;
	if (r == RPC_INFLATE_TOO_LARGE)
		too_large(call);
	else if (r == RPC_INFLATE_NO_MEMORY)
		client_response_no_memory(call);
	else if (r == RPC_INFLATE_CORRUPT)
		client_attempt_fail(call, RPC_INTERNAL, "%s",
				    is_known ? "corrupt compressed response"
					     : "compressed response without an encoding");
	return r == RPC_INFLATE_OK;
}

void
client_response_message(struct rpc_client_call *call, bool compressed, const void *data,
			size_t length)
{
	struct buf inflated BUF_CLEANUP = {0};

	call->result.is_compressed = compressed;
	if (!compressed || inflate(call, &data, &length, &inflated))
		client_call_message(call, data, length);
}

static void
take_frame(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	const struct rpc_frame_reader *reader = &attempt->reader;
	const bool compressed = reader->flags & RPC_FRAME_COMPRESSED;
	const void *data = reader->data;
	size_t length = reader->length;
	struct buf inflated BUF_CLEANUP = {0};

	if (attempt->got_last) {
		client_attempt_fail(call, RPC_INTERNAL, "data behind the end of the response");
	} else if (!(reader->flags & call->framing->last_flag)) {
		client_response_message(call, compressed, data, length);
	} else if (!compressed || inflate(call, &data, &length, &inflated)) {
		attempt->got_last = attempt->got_trailers = true;
		call->framing->last(call, data, length);
	}
}

/* Takes bytes up to the end of one frame; returns how many. */
static size_t
read_frame(struct rpc_client_call *call, const uint8_t *data, size_t length)
{
	size_t left = length;

	switch (rpc_frame_read(&call->attempt.reader, &data, &left)) {
	case RPC_FRAME_MESSAGE:
		take_frame(call);
		break;
	case RPC_FRAME_MORE:
		break;
	case RPC_FRAME_BAD_FLAGS:
		client_attempt_fail(call, RPC_INTERNAL, "frame with unknown flags %#x",
				    call->attempt.reader.flags);
		break;
	case RPC_FRAME_TOO_LARGE:
		client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED,
				    "response of %u bytes is larger than %u",
				    call->attempt.reader.length, call->attempt.reader.limit);
		break;
	case RPC_FRAME_NO_MEMORY:
		client_response_no_memory(call);
		break;
	}
	return length - left;
}

/* A bare body is gathered in the frame reader's buffer. */
static size_t
gather(struct rpc_client_call *call, const uint8_t *data, size_t length)
{
	struct buf *body = &call->attempt.reader.body;

	if (length > body->limit - body->length) {
		too_large(call);
		return length;
	}
	buf_put(body, data, length);
	if (body->failed)
		client_response_no_memory(call);
	return length;
}

/* Lets the stream's window follow what was taken (RPC-30). */
static void
consume(struct client_attempt *attempt, size_t length)
{
	struct h2_conn *h2 = attempt->conn->h2;

	if (!attempt->stream_closed && !attempt->conn->closed && length)
		h2_submitted(
		    h2, nghttp2_session_consume_stream(h2->session, attempt->stream_id, length));
}

/* Reads as long as the call wants messages; returns how many bytes were taken. */
static size_t
feed(struct rpc_client_call *call, const uint8_t *data, size_t length)
{
	size_t taken = 0;

	while (taken < length && call->wants_message) {
		size_t n = call->framing->enveloped ? read_frame(call, data + taken, length - taken)
						    : gather(call, data + taken, length - taken);

		if (!call->attempt.conn)
			break;
		consume(&call->attempt, n);
		taken += n;
	}
	return taken;
}

void
client_response_data(struct rpc_client_call *call, const uint8_t *data, size_t length)
{
	struct client_attempt *attempt = &call->attempt;
	size_t taken = 0;

	attempt->got_data |= length > 0;
	if (!call->committed)
		client_send_commit(call);
	if (attempt->inbox_at == attempt->inbox.length)
		taken = feed(call, data, length);
	if (!attempt->conn || taken == length)
		return;
	buf_put(&attempt->inbox, data + taken, length - taken);
	if (attempt->inbox.failed)
		client_response_no_memory(call);
}

/* --- end --- */

static void
read_end(struct rpc_client_call *call)
{
	const struct client_attempt *attempt = &call->attempt;

	if (rpc_frame_reader_inside(&attempt->reader)) {
		client_attempt_fail(call, RPC_INTERNAL, "the response ends inside a message");
		return;
	}
	if (call->framing->end)
		call->framing->end(call);
	if (!attempt->conn)
		return;
	/* Exactly one message must have come with OK where one is due (RPC-08). */
	if (!attempt->status)
		client_attempt_fail(call, RPC_INTERNAL, "the response ends without a status");
	else if (attempt->status->code == RPC_OK && !call->method->server_streaming &&
		 call->n_messages != 1)
		client_attempt_fail(call, RPC_UNIMPLEMENTED,
				    "%u messages with status OK where one is due",
				    call->n_messages);
	else
		client_attempt_end(call, attempt->status, CLIENT_REPLAY_NO);
}

void
client_response_pump(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	struct buf *inbox = &attempt->inbox;

	if (attempt->inbox_at < inbox->length)
		attempt->inbox_at += feed(call, (uint8_t *)inbox->data + attempt->inbox_at,
					  inbox->length - attempt->inbox_at);
	if (!attempt->conn || attempt->inbox_at < inbox->length)
		return;
	buf_clear(inbox);
	attempt->inbox_at = 0;
	if (attempt->remote_closed)
		read_end(call);
}

void
client_response_frame(struct rpc_client_call *call, const nghttp2_frame *frame)
{
	struct client_attempt *attempt = &call->attempt;
	const bool headers = frame->hd.type == NGHTTP2_HEADERS;

	attempt->remote_closed |= (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
	if (headers && attempt->got_headers)
		attempt->got_trailers = true;
	else if (headers && attempt->http_status >= 200) /* 1xx: the real ones follow */
		read_headers(call);
	if (!attempt->conn)
		return;
	if (attempt->remote_closed) {
		client_response_pump(call);
	} else if (headers) {
		attempt->block.n = 0;
		attempt->block_bytes = 0;
	}
}
