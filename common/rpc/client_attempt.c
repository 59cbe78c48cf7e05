/* SPDX-License-Identifier: Apache-2.0 */
/* One try of a call: a stream on one connection, from its request's headers to its end. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/fields.h"

/* Longer messages go by POST: servers and proxies bound the path (ours: max_query_bytes). */
enum { MAX_GET_MESSAGE = 4096 };

/* What is under way, for the text of an error (RPC-44). */
static const char *
phase_of(const struct client_attempt *attempt)
{
	if (attempt->got_headers)
		return "reading the response";
	if (attempt->half_closed)
		return "waiting for the response";
	return attempt->has_left ? "sending the request" : "waiting to send the request";
}

/* --- the end --- */

void
client_attempt_drop(struct rpc_client_call *call)
{
	struct client_attempt *attempt = &call->attempt;
	struct client_conn *conn = attempt->conn;
	nghttp2_session *session = conn->h2->session;

	if (!attempt->stream_closed && !conn->closed && attempt->stream_id > 0) {
		nghttp2_session_set_stream_user_data(session, attempt->stream_id, NULL);
		if (!attempt->half_closed || !attempt->remote_closed)
			h2_submitted(conn->h2, nghttp2_submit_rst_stream(
						   session, NGHTTP2_FLAG_NONE, attempt->stream_id,
						   attempt->remote_closed ? NGHTTP2_NO_ERROR
									  : NGHTTP2_CANCEL));
	}
	attempt->conn = NULL;
	list_remove(&attempt->link);
	rpc_frame_reader_free(&attempt->reader);
	buf_free(&attempt->inbox);
	client_conn_close_if_done(conn);
}

void
client_attempt_end(struct rpc_client_call *call, const Status *status, enum client_replay replay)
{
	client_attempt_drop(call);
	/* What found no room may be metadata, a detail, or what the status hangs on. */
	if (arena_exhausted(call->arena) && status->code != RPC_RESOURCE_EXHAUSTED)
		status = &client_no_memory;
	client_call_attempt_ended(call, status, replay);
}

/* The status of an error that we found: peer, phase, cause, time (RPC-44). */
static const Status *
explain(struct rpc_client_call *call, enum rpc_code code, const char *cause)
{
	char text[CHANNEL_CAUSE_SIZE];

	client_conn_explain(call->attempt.conn, phase_of(&call->attempt), cause, call->began_us,
			    text);
	return client_status(call, code, text);
}

void
client_attempt_fail(struct rpc_client_call *call, enum rpc_code code, const char *format, ...)
{
	char cause[256];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof cause, format, args);
	va_end(args);
	if (code == RPC_RESOURCE_EXHAUSTED)
		call->channel->counts[RPC_CHANNEL_REFUSED]++;
	client_attempt_end(call, explain(call, code, cause), CLIENT_REPLAY_NO);
}

void
client_attempt_lost(struct rpc_client_call *call, const char *cause)
{
	client_attempt_end(call, explain(call, RPC_UNAVAILABLE, cause),
			   call->attempt.has_left ? CLIENT_REPLAY_NO : CLIENT_REPLAY_NEVER_LEFT);
}

/* --- the request's header block; a GET has its message in the path (RPC-19) --- */

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
	rpc_fields_add_text(fields, "content-type", rpc_content_type_text(&call->type));
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

/* 0, -ENOSR when stream numbers are used up, -ENOMEM. */
static int
submit_request(struct rpc_client_call *call)
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

/* --- the beginning --- */

void
client_attempt_start(struct rpc_client_call *call, struct client_conn *conn)
{
	struct client_attempt *attempt = &call->attempt;
	int r;

	*attempt = (struct client_attempt){.conn = conn};
	list_append(&conn->attempts, &attempt->link);
	rpc_metadata_init(&attempt->block, call->arena);
	rpc_frame_reader_init(&attempt->reader, RPC_FRAME_COMPRESSED | call->framing->last_flag,
			      call->channel->options.max_receive_bytes, NULL);
	buf_init(&attempt->inbox, NULL, SIZE_MAX / 2);
	call->state = CLIENT_ACTIVE;
	call->result.n_attempts++;
	call->n_sent = 0;
	r = submit_request(call);
	client_conn_watch(conn);
	/* Two thousand million calls later: stream numbers are used up. */
	if (r == -ENOSR) {
		client_conn_drain(conn);
		client_attempt_lost(call, "stream numbers used up");
	} else if (r) {
		client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the request");
	}
}

/* --- from nghttp2 --- */

static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct rpc_client_call *call =
	    nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

	(void)user_data;
	if (call && frame->hd.type == NGHTTP2_HEADERS)
		call->attempt.has_left = true;
	return 0;
}

static void
add_header(struct rpc_client_call *call, const char *name, const char *value, size_t length)
{
	struct client_attempt *attempt = &call->attempt;

	if (!strcmp(name, ":status")) {
		attempt->http_status = atoi(value); /* NOLINT(cert-err34-c): nghttp2 checked it */
		attempt->block.n = 0;
		attempt->block_bytes = 0;
		return;
	}
	attempt->block_bytes += strlen(name) + length + 32;
	if (attempt->block_bytes > CLIENT_HEADER_BYTES || attempt->block.n >= CLIENT_HEADER_FIELDS)
		client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED, "too many headers");
	else if (rpc_metadata_add(&attempt->block, name, value, length) != 0)
		client_attempt_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for headers");
}

/* nghttp2's texts end with NUL. -bin values stay as the wire has them for now. */
static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	  size_t name_length, const uint8_t *value, size_t length, uint8_t flags, void *user_data)
{
	struct rpc_client_call *call =
	    nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

	(void)name_length;
	(void)flags;
	(void)user_data;
	if (call)
		add_header(call, (const char *)name, (const char *)value, length);
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *data,
	size_t length, void *user_data)
{
	struct rpc_client_call *call = nghttp2_session_get_stream_user_data(session, stream_id);

	(void)flags;
	(void)user_data;
	/* What the call has not taken yet is bounded by its stream's window alone. */
	nghttp2_session_consume_connection(session, length);
	if (call)
		client_response_data(call, data, length);
	return 0;
}

/* Refused by nghttp2 itself means that the session takes no streams any more: nor must the channel
 * give it any. */
static enum client_replay
replay_of(struct rpc_client_call *call, uint32_t h2_error)
{
	if (h2_error != NGHTTP2_REFUSED_STREAM)
		return CLIENT_REPLAY_NO;
	if (call->attempt.has_left)
		return CLIENT_REPLAY_REFUSED;
	client_conn_drain(call->attempt.conn);
	return CLIENT_REPLAY_NEVER_LEFT;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t h2_error, void *user_data)
{
	struct rpc_client_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
	enum rpc_code code = rpc_code_of_h2_error(h2_error);
	enum client_replay replay;
	char cause[64];

	(void)user_data;
	if (!call)
		return 0;
	call->attempt.stream_closed = true;
	/* Data may still wait for the call to take it. */
	if (call->attempt.remote_closed && h2_error == NGHTTP2_NO_ERROR)
		return 0;
	if (code == RPC_CANCELLED && clock_monotonic_us() >= call->deadline_us)
		code = RPC_DEADLINE_EXCEEDED;
	replay = replay_of(call, h2_error);
	snprintf(cause, sizeof cause, "stream reset: %s", nghttp2_http2_strerror(h2_error));
	client_attempt_end(call, explain(call, code, cause), replay);
	return 0;
}

void
client_attempt_setup(nghttp2_session_callbacks *callbacks)
{
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
}
