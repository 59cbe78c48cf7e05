/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a call: begin, the two ends, and what handlers ask of it (call.h, call_impl.h). */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/block.h"
#include "base/clock.h"
#include "rpc/connect_json.h"
#include "rpc/framing.h"
#include "rpc/server_impl.h"
#include "rpc/tls.h"

struct rpc_call *
call_new(struct server_conn *conn, int32_t stream_id)
{
	struct rpc_server *server = conn->server;
	struct arena *arena = arena_new((size_t)server->limits.call_memory_bytes);
	struct rpc_call *call = arena ? block_take(sizeof *call) : NULL;

	if (!call) {
		arena_free(arena);
		return NULL;
	}
	*call = (struct rpc_call){
	    .conn = conn,
	    .server = server,
	    .arena = arena,
	    .message_arena = arena,
	    .stream_id = stream_id,
	    .request = {.content_length = -1},
	    .info = {.path = "",
		     .protocol = "",
		     .codec = "",
		     .peer = conn->peer,
		     .deadline_us = INT64_MAX},
	};
	list_init(&call->next);
	list_append(&conn->calls, &call->link);
	conn->n_calls++;
	conn->idle_since_us = 0;
	server->n_calls++;
	rpc_metadata_init(&call->request.metadata, arena);
	rpc_metadata_init(&call->headers, arena);
	rpc_metadata_init(&call->trailers, arena);
	rpc_frame_reader_init(&call->reader, RPC_FRAME_COMPRESSED,
			      (uint32_t)server->limits.max_receive_bytes, arena);
	buf_init(&call->held, NULL, SIZE_MAX);
	buf_init(&call->body, NULL, SIZE_MAX);
	call->message_began_us = call->progress_us = call->info.began_us = server_now_us(server);
	server_count(server, RPC_COUNT_calls);
	return call;
}

static void
on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rpc_call *call = data;

	(void)fd;
	(void)what;
	server_count(call->server, RPC_COUNT_calls_late);
	/* What waits for a slow reader would only delay the news. */
	if (call->out.length > 0)
		call_reset(call, NGHTTP2_CANCEL, RPC_DEADLINE_EXCEEDED);
	else
		call_abort(call, RPC_DEADLINE_EXCEEDED, "the deadline has passed");
}

/* False: the call has been answered. */
static bool
read_timeout(struct rpc_call *call)
{
	const struct rpc_text *text = &call->request.known[call->framing->spelling->timeout];
	int64_t timeout_us;

	if (!text->data)
		return true;
	if (!call->framing->spelling->parse_timeout(text->data, text->length, &timeout_us)) {
		call_abort(call, call->framing->spelling->bad_message,
			   "the timeout cannot be read");
		return false;
	}
	call->info.deadline_us = call->info.began_us + timeout_us;
	event_assign(&call->timer, h2_loop_base(call->server->loop), -1, 0, on_deadline, call);
	if (timeout_us == 0)
		on_deadline(-1, 0, call);
	else if (h2_timer_add(&call->timer, timeout_us) == 0)
		return true;
	else
		call_abort(call, RPC_RESOURCE_EXHAUSTED, "no memory for the deadline");
	return false;
}

static bool
read_encodings(struct rpc_call *call)
{
	const struct rpc_text *encoding = &call->request.known[call->framing->spelling->encoding];
	const char *accept = call->request.known[call->framing->spelling->accept].data;

	if (encoding->data)
		call->request_encoding = rpc_encoding_of_name(encoding->data, encoding->length);
	if (call->request_encoding == RPC_ENCODING_UNKNOWN) {
		call_abort(call, RPC_UNIMPLEMENTED,
			   arena_printf(call->arena, "encoding %s is not supported; use %s",
					encoding->data, RPC_ACCEPT_ENCODING));
		return false;
	}
	/* The peer's own choice when it accepts that too, else gzip. */
	if (call->request_encoding != RPC_ENCODING_IDENTITY && accept &&
	    rpc_encoding_accepted(call->request_encoding, accept))
		call->response_encoding = call->request_encoding;
	else if (accept && rpc_encoding_accepted(RPC_ENCODING_GZIP, accept))
		call->response_encoding = RPC_ENCODING_GZIP;
	call->compress = call->request_encoding != RPC_ENCODING_IDENTITY &&
			 call->response_encoding != RPC_ENCODING_IDENTITY;
	return true;
}

static void
open_call(struct rpc_call *call)
{
	const struct rpc_method *method = call->method;

	if (method->client_streaming) {
		call->message_arena = arena_new((size_t)call->server->limits.call_memory_bytes);
		if (!call->message_arena) {
			call->message_arena = call->arena;
			call_abort(call, RPC_RESOURCE_EXHAUSTED, "no memory");
			return;
		}
		call->reader.body.arena = call->message_arena;
		call->message_began_us = 0;
	}
	call->has_open = true;
	if (method->handler->open)
		method->handler->open(call);
}

void
call_begin(struct rpc_call *call)
{
	struct rpc_request *request = &call->request;
	int http_status;

	call->headers_done = true;
	call->info.path = request->path.data ? request->path.data : "";
	http_status = request->too_large ? 431 : framing_choose(call);
	if (http_status) {
		/* A field for which there was no memory looks as if it were missing. */
		if (request->no_memory)
			call_reset(call, NGHTTP2_INTERNAL_ERROR, RPC_RESOURCE_EXHAUSTED);
		else
			call_refuse(call, http_status);
		return;
	}
	call->info.protocol = call->framing->name;
	call->info.codec = rpc_codec_name(call->type.codec);
	if (request->no_memory) {
		call_abort(call, RPC_RESOURCE_EXHAUSTED, "no memory for the metadata");
		return;
	}
	call->method = server_find(call->server, request->path.data);
	if ((call->framing->begin && !call->framing->begin(call)) || !read_encodings(call) ||
	    !read_timeout(call))
		return;
	if (request->bad_metadata)
		call_abort(call, call->framing->spelling->bad_message,
			   "a -bin value is not base64");
	else if (!call->method)
		call_abort(call, RPC_UNIMPLEMENTED,
			   arena_printf(call->arena, "no method %s here", request->path.data));
	else
		open_call(call);
}

/* Both ends are reached. */
static void
check_over(struct rpc_call *call)
{
	struct rpc_server *server = call->server;

	if (!call->work_ended || !call->stream_closed)
		return;
	/* call_end will run from the loop, not from here. */
	if (list_is_empty(&server->over))
		event_active(&server->reap, EV_TIMEOUT, 0);
	list_move(&server->over, &call->next);
}

static void
ask_to_end(struct rpc_call *call, enum rpc_code why)
{
	if (call->work_ended || call->cancel_asked)
		return;
	call->cancel_asked = true;
	if (call->method && call->has_open && call->method->handler->cancel)
		call->method->handler->cancel(call, why);
	else
		call->work_ended = true;
	check_over(call);
}

/* The answer is what the first who knows says. */
static bool
settle(struct rpc_call *call, enum rpc_code code, const char *text)
{
	if (call->answered)
		return false;
	call->answered = true;
	call->info.code = code;
	call->info.text = text;
	if (call->info.deadline_us != INT64_MAX)
		event_del(&call->timer);
	return true;
}

static void
answer(struct rpc_call *call, enum rpc_code code, const char *text)
{
	if (!settle(call, code, text) || call->stream_closed)
		return;
	call->framing->finish(call);
	call_resume(call);
}

void
call_abort(struct rpc_call *call, enum rpc_code code, const char *text)
{
	if (call->refusal)
		call_send_refusal(call);
	answer(call, code, text ? text : "no memory");
	ask_to_end(call, code);
}

void
call_reset(struct rpc_call *call, uint32_t h2_error, enum rpc_code why)
{
	if (!call->stream_closed) {
		struct h2_conn *h2 = call->conn->h2;

		h2_submitted(h2, nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE,
							   call->stream_id, h2_error));
	}
	settle(call, why, NULL);
	ask_to_end(call, why);
}

void
call_stream_closed(struct rpc_call *call)
{
	if (call->stream_closed)
		return;
	call->stream_closed = true;
	if (settle(call, RPC_CANCELLED, NULL))
		server_count(call->server, RPC_COUNT_calls_cancelled);
	ask_to_end(call, RPC_CANCELLED);
	check_over(call);
}

static void
report_end(struct rpc_call *call)
{
	const struct rpc_server_options *options = &call->server->options;

	if (call->info.code == RPC_OK)
		server_count(call->server, RPC_COUNT_calls_ok);
	else if (call->has_open && !call->cancel_asked)
		server_count(call->server, RPC_COUNT_calls_failed);
	if (options->on_call_end) {
		call->info.ended_us = server_now_us(call->server);
		options->on_call_end(call, options->data);
	}
	if (call->has_open && call->method->handler->closed)
		call->method->handler->closed(call);
}

void
call_end(struct rpc_call *call)
{
	struct rpc_server *server = call->server;

	report_end(call);
	call_forget_request(call);
	call_forget_message(call);
	if (call->conn) {
		call->conn->partial_bytes -= call->accounted;
		call->conn->n_calls--;
		if (call->conn->n_calls == 0)
			call->conn->idle_since_us = server_now_us(server);
	}
	list_remove(&call->link);
	list_remove(&call->next);
	server->n_calls--;
	rpc_queue_clear(&call->out);
	if (call->message_arena != call->arena)
		arena_free(call->message_arena);
	arena_free(call->arena);
	block_give(call);
}

void
rpc_call_finish(struct rpc_call *call, enum rpc_code code, const char *text)
{
	if (call->work_ended)
		return;
	call->work_ended = true;
	if (code == RPC_OK && !call->method->server_streaming && call->info.messages_out == 0)
		answer(call, RPC_INTERNAL, "the handler has sent no reply");
	else
		answer(call, code, text ? arena_strdup(call->arena, text) : NULL);
	check_over(call);
}

enum rpc_send_result
rpc_call_send(struct rpc_call *call, const ProtobufCMessage *message)
{
	const struct rpc_limits *limits = &call->server->limits;
	int error;

	if (call->answered || call->work_ended)
		return RPC_SEND_OK;
	if (!call->method->server_streaming && call->info.messages_out > 0) {
		call_abort(call, RPC_INTERNAL, "the handler has sent two replies");
		return RPC_SEND_OK;
	}
	error = call->framing->send(call, message);
	if (error) {
		call_abort(call, error == -ENOMEM ? RPC_RESOURCE_EXHAUSTED : RPC_INTERNAL,
			   error == -ENOMEM ? "no memory for the reply"
					    : "the reply has no form in this codec");
		return RPC_SEND_OK;
	}
	call->info.messages_out++;
	server_count(call->server, RPC_COUNT_messages_out);
	if ((int64_t)call->out.length > limits->max_send_queue_bytes && call->told_wait) {
		server_count(call->server, RPC_COUNT_send_queue_refused);
		call_reset(call, NGHTTP2_ENHANCE_YOUR_CALM, RPC_RESOURCE_EXHAUSTED);
		return RPC_SEND_OK;
	}
	if ((int64_t)call->out.length <= limits->send_high_bytes)
		return RPC_SEND_OK;
	call->told_wait = true;
	return RPC_SEND_WAIT;
}

void
call_drained(struct rpc_call *call)
{
	if ((int64_t)call->out.length > call->server->limits.send_high_bytes / 2)
		return;
	call->told_wait = false;
	if (!call->answered && call->method->handler->writable)
		call->method->handler->writable(call);
}

void
rpc_call_send_headers(struct rpc_call *call)
{
	if (!call->answered && !call->stream_closed)
		call_submit_headers(call);
}

int
rpc_call_add_detail(struct rpc_call *call, const ProtobufCMessage *detail)
{
	if (!call->status)
		call->status = rpc_status_new(call->arena, 0, NULL);
	return call->status ? rpc_status_add_detail(call->arena, call->status, detail) : -ENOMEM;
}

/* --- what a handler may know, and the metadata it adds --- */

const struct rpc_method *
rpc_call_method(const struct rpc_call *call)
{
	return call->method;
}

const struct rpc_call_info *
rpc_call_info(const struct rpc_call *call)
{
	return &call->info;
}

struct arena *
rpc_call_arena(struct rpc_call *call)
{
	return call->arena;
}

struct arena *
rpc_call_message_arena(struct rpc_call *call)
{
	return call->message_arena;
}

void *
rpc_call_state(const struct rpc_call *call)
{
	return call->state;
}

void
rpc_call_set_state(struct rpc_call *call, void *state)
{
	call->state = state;
}

const char *
rpc_call_peer_subject(struct rpc_call *call)
{
	const struct ssl_st *tls = call->conn ? call->conn->h2->tls : NULL;

	return tls ? rpc_tls_peer_subject(tls, call->arena) : NULL;
}

const struct rpc_metadata *
rpc_call_metadata(const struct rpc_call *call)
{
	return &call->request.metadata;
}

/* For assertions, which a release build leaves out. */
__attribute__((unused)) static bool
is_applications(const char *name)
{
	size_t length = strlen(name);

	return rpc_metadata_name_valid(name, length) && !rpc_metadata_name_reserved(name, length);
}

int
rpc_call_add_header(struct rpc_call *call, const char *name, const void *value, size_t length)
{
	assert(is_applications(name));
	if (call->headers_sent)
		return -EALREADY;
	return rpc_metadata_add(&call->headers, name, value, length);
}

int
rpc_call_add_trailer(struct rpc_call *call, const char *name, const void *value, size_t length)
{
	assert(is_applications(name));
	return rpc_metadata_add(&call->trailers, name, value, length);
}

void
rpc_call_set_compression(struct rpc_call *call, bool on)
{
	call->compress = on && call->response_encoding != RPC_ENCODING_IDENTITY;
}
