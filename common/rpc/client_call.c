/* SPDX-License-Identifier: Apache-2.0 */
/* The call itself: set-up, deadline, retries, its one end, and what runs from the loop. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/client_impl.h"
#include "rpc/codec.h"
#include "rpc/connect_json.h"

enum { MAX_REPLAYS = 10 };

static const Status status_before_end = {PROTOBUF_C_MESSAGE_INIT(&status__descriptor), RPC_UNKNOWN,
					 (char[]){""}, 0, NULL};
const Status client_no_memory = {PROTOBUF_C_MESSAGE_INIT(&status__descriptor),
				 RPC_RESOURCE_EXHAUSTED, (char[]){"out of memory for the call"}, 0,
				 NULL};

static void
count(struct rpc_client_call *call, enum rpc_channel_counter counter)
{
	call->channel->counts[counter]++;
}

/* --- the end --- */

const Status *
client_status(struct rpc_client_call *call, enum rpc_code code, const char *text)
{
	const Status *status = rpc_status_new(call->arena, (int)code, text);

	return status ? status : &client_no_memory;
}

static bool
is_under_way(const struct rpc_client_call *call)
{
	return call->state != CLIENT_NEW && call->state < CLIENT_ENDING;
}

static void
end(struct rpc_client_call *call, const Status *status)
{
	struct rpc_client_result *result = &call->result;

	if (call->attempt.conn)
		client_attempt_drop(call);
	result->status = status;
	if (status->code >= 0 && status->code < RPC_N_CODES)
		result->code = (enum rpc_code)status->code;
	if (result->code != RPC_OK) {
		result->response = NULL;
		result->raw = NULL;
		result->raw_length = 0;
	}
	call->state = CLIENT_ENDING;
	count(call, result->code == RPC_OK ? RPC_CHANNEL_CALLS_OK : RPC_CHANNEL_CALLS_FAILED);
	event_del(&call->timer);
	event_del(&call->backoff_timer);
	buf_free(&call->out);
	list_move(&call->channel->calls, &call->link);
	client_call_schedule(call);
}

void
client_call_fail(struct rpc_client_call *call, enum rpc_code code, const char *format, ...)
{
	va_list args;
	char *text;

	if (!is_under_way(call))
		return;
	va_start(args, format);
	text = arena_vprintf(call->arena, format, args);
	va_end(args);
	end(call, text ? client_status(call, code, text) : &client_no_memory);
}

static void
on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rpc_client_call *call = data;
	long long waited_ms = (clock_monotonic_us() - call->began_us) / 1000;

	(void)fd;
	(void)what;
	count(call, RPC_CHANNEL_CALLS_LATE);
	if (call->attempt.conn)
		client_attempt_fail(call, RPC_DEADLINE_EXCEEDED, "deadline exceeded");
	else
		client_call_fail(
		    call, RPC_DEADLINE_EXCEEDED,
		    "%s: waiting for a connection: deadline exceeded (after %lld ms)%s%s",
		    call->channel->target_text, waited_ms,
		    call->channel->failure[0] ? "; last failure: " : "", call->channel->failure);
}

void
rpc_client_cancel(struct rpc_client_call *call)
{
	if (is_under_way(call))
		count(call, RPC_CHANNEL_CALLS_CANCELLED);
	client_call_fail(call, RPC_CANCELLED, "cancelled by the caller");
}

/* --- tries --- */

static void
submit(struct rpc_client_call *call)
{
	call->state = CLIENT_WAITING;
	call->result.headers.n = 0;
	call->result.trailers.n = 0;
	call->n_messages = 0;
	channel_submit(call->channel, call);
}

static void
on_backoff(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	submit(data);
}

/* Transparent retries (RPC-41) do not count as tries. A peer that is broken from its first frame on
 * would make them endless. */
static bool
replayed(struct rpc_client_call *call, enum client_replay replay)
{
	if (replay == CLIENT_REPLAY_NO || call->committed || call->n_replays == MAX_REPLAYS ||
	    (replay == CLIENT_REPLAY_REFUSED && call->was_refused))
		return false;
	call->n_replays++;
	call->was_refused |= replay == CLIENT_REPLAY_REFUSED;
	call->result.n_attempts--;
	count(call, RPC_CHANNEL_REPLAYS);
	submit(call);
	return true;
}

void
client_call_attempt_ended(struct rpc_client_call *call, const Status *status,
			  enum client_replay replay)
{
	const struct rpc_try failed = {.code = (enum rpc_code)status->code,
				       .n = call->result.n_attempts,
				       .committed = call->committed,
				       .pushback = call->attempt.pushback};
	int64_t delay_us;

	if (call->state != CLIENT_ACTIVE || replayed(call, replay))
		return;
	if (status->code == RPC_OK) {
		rpc_throttle_success(&call->channel->throttle);
	} else if (status->code >= 0 && status->code < RPC_N_CODES &&
		   rpc_retry_wanted(call->options.retry, &call->channel->throttle, &failed,
				    arc4random(), &delay_us)) {
		count(call, RPC_CHANNEL_RETRIES);
		call->state = CLIENT_BACKOFF;
		h2_timer_add(&call->backoff_timer, delay_us);
		return;
	}
	end(call, status);
}

/* --- messages in --- */

/* The message decoded, or in raw mode copied; false: the attempt has failed. */
static bool
read_message(struct rpc_client_call *call, struct arena *arena, const void *data, size_t length,
	     ProtobufCMessage **ret_message, const void **ret_raw)
{
	const struct rpc_channel_options *options = &call->channel->options;
	struct proto_fault fault = {.path = "", .reason = "no memory"};
	enum proto_result r = PROTO_OK;

	if (call->method->response)
		r = rpc_codec_read(options->codec, &options->json, call->method->response, data,
				   length, arena, ret_message, &fault);
	else if (!(*ret_raw = arena_memdup(arena, data, length)))
		r = PROTO_EXHAUSTED;
	if (r == PROTO_OK)
		return true;
	client_attempt_fail(call, r == PROTO_EXHAUSTED ? RPC_RESOURCE_EXHAUSTED : RPC_INTERNAL,
			    "unreadable response: %s%s%s", fault.path, *fault.path ? ": " : "",
			    fault.reason);
	return false;
}

void
client_call_message(struct rpc_client_call *call, const void *data, size_t length)
{
	struct rpc_client_result *result = &call->result;
	ProtobufCMessage *message;
	const void *raw;

	call->n_messages++;
	if (!call->method->server_streaming) {
		result->raw_length = length;
		if (call->n_messages == 1)
			read_message(call, call->arena, data, length, &result->response,
				     &result->raw);
		return;
	}
	call->wants_message = false;
	arena_reset(call->message_arena);
	if (!read_message(call, call->message_arena, data, length, &message, &raw))
		return;
	if (call->method->response)
		call->hooks->message(call, message);
	else
		call->hooks->raw(call, raw, length);
}

void
rpc_client_next(struct rpc_client_call *call)
{
	call->wants_message = true;
	if (call->attempt.conn && !call->pump_due) {
		call->pump_due = true;
		client_call_schedule(call);
	}
}

/* --- from the loop --- */

void
client_call_schedule(struct rpc_client_call *call)
{
	event_active(&call->work, EV_TIMEOUT, 0);
}

static void
on_work(evutil_socket_t fd, short what, void *data)
{
	struct rpc_client_call *call = data;

	(void)fd;
	(void)what;
	if (call->state == CLIENT_ENDING) {
		call->state = CLIENT_ENDED;
		if (call->hooks)
			call->hooks->ended(call);
		return;
	}
	if (call->told_to_wait && client_send_is_low(call)) {
		call->told_to_wait = false;
		if (call->hooks && call->hooks->writable)
			call->hooks->writable(call);
	}
	if (call->pump_due && call->attempt.conn) {
		call->pump_due = false;
		client_response_pump(call);
	}
}

/* --- life --- */

struct rpc_client_call *
rpc_client_new(struct rpc_channel *channel, const struct rpc_method *method,
	       const struct rpc_client_hooks *hooks, void *data)
{
	struct arena *arena = arena_new(channel->options.call_memory_bytes), *messages = NULL;
	struct rpc_client_call *call = arena ? ARENA_NEW(arena, struct rpc_client_call) : NULL;

	if (call && method->server_streaming)
		messages = arena_new(channel->options.call_memory_bytes);
	if (!call || (method->server_streaming && !messages)) {
		arena_free(arena);
		return NULL;
	}
	call->arena = arena;
	call->message_arena = messages;
	call->channel = channel;
	call->method = method;
	call->framing = client_framing_of(channel->options.protocol, method);
	call->type = (struct rpc_content_type){.protocol = channel->options.protocol,
					       .codec = channel->options.codec,
					       .unary = !call->framing->enveloped};
	call->hooks = hooks;
	call->data = data;
	call->options.arena = arena;
	call->options.retry = &channel->options.retry;
	call->options.timeout_us = call->options.deadline_us = INT64_MAX;
	call->wants_message = true;
	call->result.code = RPC_UNKNOWN;
	call->result.status = &status_before_end;
	event_assign(&call->timer, channel->base, -1, 0, on_deadline, call);
	event_assign(&call->backoff_timer, channel->base, -1, 0, on_backoff, call);
	event_assign(&call->work, channel->base, -1, 0, on_work, call);
	rpc_metadata_init(&call->options.metadata, arena);
	rpc_metadata_init(&call->result.headers, arena);
	rpc_metadata_init(&call->result.trailers, arena);
	buf_init(&call->out, NULL, SIZE_MAX / 2);
	list_append(&channel->calls, &call->link);
	return call;
}

void
rpc_client_free(struct rpc_client_call *call)
{
	struct rpc_channel *channel = call->channel;

	if (call->attempt.conn)
		client_attempt_drop(call);
	event_del(&call->timer);
	event_del(&call->backoff_timer);
	event_del(&call->work);
	list_remove(&call->link);
	buf_free(&call->out);
	arena_free(call->message_arena);
	arena_free(call->arena);
	channel_maybe_free(channel);
}

/* A name that the application may not use is its mistake; say which. */
static bool
metadata_is_fit(struct rpc_client_call *call)
{
	for (size_t i = 0; i < call->options.metadata.n; i++) {
		const struct rpc_pair *pair = &call->options.metadata.pairs[i];
		size_t length = strlen(pair->name);

		if (rpc_metadata_name_valid(pair->name, length) &&
		    !rpc_metadata_name_reserved(pair->name, length) &&
		    (rpc_metadata_name_binary(pair->name, length) ||
		     rpc_metadata_value_valid(pair->value, pair->length)))
			continue;
		client_call_fail(call, RPC_INTERNAL, "request metadata '%s' cannot be sent",
				 pair->name);
		return false;
	}
	return true;
}

void
rpc_client_start(struct rpc_client_call *call)
{
	const struct rpc_client_options *options = &call->options;

	if (call->state != CLIENT_NEW)
		return;
	call->state = CLIENT_PREPARING;
	count(call, RPC_CHANNEL_CALLS);
	call->began_us = clock_monotonic_us();
	if (!metadata_is_fit(call))
		return;
	call->deadline_us = options->deadline_us;
	if (options->timeout_us < call->deadline_us - call->began_us)
		call->deadline_us = call->began_us + options->timeout_us;
	if (call->deadline_us != INT64_MAX &&
	    h2_timer_add(&call->timer, call->deadline_us - call->began_us) != 0)
		client_call_fail(call, RPC_RESOURCE_EXHAUSTED, "no memory for the deadline");
	else if (call->method->client_streaming || call->complete)
		submit(call);
}

void
rpc_client_half_close(struct rpc_client_call *call)
{
	if (call->complete || call->state >= CLIENT_ENDING)
		return;
	call->complete = true;
	if (call->state == CLIENT_PREPARING)
		submit(call);
	else
		client_send_resume(call);
}

void
rpc_client_unary(struct rpc_client_call *call, const ProtobufCMessage *request)
{
	rpc_client_start(call);
	rpc_client_send(call, request);
	rpc_client_half_close(call);
}

void
rpc_client_unary_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	rpc_client_start(call);
	rpc_client_send_raw(call, data, length);
	rpc_client_half_close(call);
}

enum rpc_code
rpc_client_run(struct rpc_client_call *call)
{
	while (call->state != CLIENT_ENDED &&
	       event_base_loop(call->channel->base, EVLOOP_ONCE) == 0)
		;
	return call->result.code;
}

void *
rpc_client_data(const struct rpc_client_call *call)
{
	return call->data;
}

struct rpc_client_options *
rpc_client_options(struct rpc_client_call *call)
{
	return &call->options;
}

const struct rpc_client_result *
rpc_client_result(const struct rpc_client_call *call)
{
	return &call->result;
}
