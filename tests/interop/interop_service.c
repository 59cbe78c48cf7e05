/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of grpc.testing.TestService (interop_service.h). */
#include "interop_service.h"

#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/embed.h"
#include "grpc/testing/test.pb-c.h"
#include "proto/schema.h"
#include "rpc/health.h"
#include "rpc/reflection.h"
#include "rpc/server.h"

enum { MAX_PAYLOAD = 8 << 20 };

EMBEDDED(interop_set);

static struct event_base *base;

/* One answer that a stream still owes. */
struct reply {
	int32_t size, interval_us;
	bool compressed;
};

struct job {
	struct rpc_call *call;
	struct event *timer;
	struct reply *replies; /* [at, n) are owed */
	size_t at, n, capacity;
	/* Something will call job_go: the timer, or room in the send queue. */
	bool waiting, rested;
	bool half_closed;
	int64_t n_bytes_in;
};

static void job_go(struct job *job);

static void
stop_timer(void *data)
{
	event_free(data);
}

static void
on_rested(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;

	(void)fd;
	(void)what;
	job->waiting = false;
	job->rested = true;
	job_go(job);
}

/* Metadata that the client wants back. */
static void
echo_metadata(struct rpc_call *call)
{
	static const char initial[] = "x-grpc-test-echo-initial";
	static const char trailing[] = "x-grpc-test-echo-trailing-bin";
	const struct rpc_metadata *metadata = rpc_call_metadata(call);

	for (size_t i = 0; i < metadata->n; i++) {
		const struct rpc_pair *pair = &metadata->pairs[i];

		if (!strcmp(pair->name, initial))
			rpc_call_add_header(call, pair->name, pair->value, pair->length);
		else if (!strcmp(pair->name, trailing))
			rpc_call_add_trailer(call, pair->name, pair->value, pair->length);
	}
}

static void
on_open(struct rpc_call *call)
{
	struct job *job = ARENA_NEW(rpc_call_arena(call), struct job);
	struct event *timer = job ? evtimer_new(base, on_rested, job) : NULL;

	if (!timer || arena_on_reset(rpc_call_arena(call), stop_timer, timer) != 0) {
		if (timer)
			event_free(timer);
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	job->call = call;
	job->timer = timer;
	rpc_call_set_state(call, job);
	echo_metadata(call);
}

static void
on_cancel(struct rpc_call *call, enum rpc_code why)
{
	struct job *job = rpc_call_state(call);

	event_del(job->timer);
	rpc_call_finish(call, why, NULL);
}

/* Ends the call where the request asks for it, or says falsely how it came. */
static bool
has_ended(struct rpc_call *call, const EchoStatus *status, const BoolValue *expect_compressed)
{
	if (expect_compressed &&
	    expect_compressed->value != rpc_call_info(call)->message_compressed) {
		rpc_call_finish(call, RPC_INVALID_ARGUMENT, "the frame's flag is not as expected");
		return true;
	}
	if (status && status->code != 0) {
		rpc_call_finish(call, (enum rpc_code)status->code, status->message);
		return true;
	}
	return false;
}

/* size zero bytes, or NULL with the call ended. */
static Payload *
zeros(struct rpc_call *call, int32_t size)
{
	struct arena *arena = rpc_call_message_arena(call);
	Payload *payload = ARENA_NEW(arena, Payload);
	uint8_t *body = NULL;

	if (size >= 0 && size <= MAX_PAYLOAD)
		body = arena_zalloc(arena, (size_t)size + 1, 1);
	if (!payload || !body) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "a payload of that size is refused");
		return NULL;
	}
	payload__init(payload);
	payload->body.data = body;
	payload->body.len = (size_t)size;
	return payload;
}

static void
on_empty(struct rpc_call *call, ProtobufCMessage *message)
{
	echo_metadata(call);
	rpc_call_send(call, message);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_unary(struct rpc_call *call, ProtobufCMessage *message)
{
	const SimpleRequest *request = (const SimpleRequest *)message;
	SimpleResponse response = SIMPLE_RESPONSE__INIT;

	echo_metadata(call);
	if (has_ended(call, request->response_status, request->expect_compressed))
		return;
	response.payload = zeros(call, request->response_size);
	if (!response.payload)
		return;
	if (request->response_compressed)
		rpc_call_set_compression(call, request->response_compressed->value);
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_input(struct rpc_call *call, ProtobufCMessage *message)
{
	const StreamingInputCallRequest *request = (const StreamingInputCallRequest *)message;
	struct job *job = rpc_call_state(call);

	if (has_ended(call, NULL, request->expect_compressed))
		return;
	if (request->payload)
		job->n_bytes_in += (int64_t)request->payload->body.len;
	rpc_call_next(call);
}

static void
on_input_end(struct rpc_call *call)
{
	const struct job *job = rpc_call_state(call);
	StreamingInputCallResponse response = STREAMING_INPUT_CALL_RESPONSE__INIT;

	response.aggregated_payload_size = (int32_t)job->n_bytes_in;
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

/* false without memory; the call has then ended. */
static bool
owe(struct job *job, const StreamingOutputCallRequest *request)
{
	size_t n = job->n + request->n_response_parameters;

	if (n > job->capacity) {
		struct reply *grown = ARENA_ARRAY(rpc_call_arena(job->call), struct reply, 2 * n);

		if (!grown) {
			rpc_call_finish(job->call, RPC_RESOURCE_EXHAUSTED, "too many responses");
			return false;
		}
		if (job->n)
			memcpy(grown, job->replies, job->n * sizeof *grown);
		job->replies = grown;
		job->capacity = 2 * n;
	}
	for (size_t i = 0; i < request->n_response_parameters; i++) {
		const ResponseParameters *asked = request->response_parameters[i];

		job->replies[job->n++] =
		    (struct reply){.size = asked->size,
				   .interval_us = asked->interval_us,
				   .compressed = asked->compressed && asked->compressed->value};
	}
	return true;
}

enum sent { SENT, SENT_WAIT, SENT_NOT };

static enum sent
send_reply(struct job *job, const struct reply *reply)
{
	StreamingOutputCallResponse response = STREAMING_OUTPUT_CALL_RESPONSE__INIT;

	response.payload = zeros(job->call, reply->size);
	if (!response.payload)
		return SENT_NOT;
	rpc_call_set_compression(job->call, reply->compressed);
	return rpc_call_send(job->call, &response.base) == RPC_SEND_WAIT ? SENT_WAIT : SENT;
}

/* Sends what is owed and due, then waits for the timer, for room, or for the peer. */
static void
job_go(struct job *job)
{
	while (job->at < job->n) {
		const struct reply *reply = &job->replies[job->at];

		if (reply->interval_us > 0 && !job->rested) {
			struct timeval rest = {reply->interval_us / 1000000,
					       reply->interval_us % 1000000};

			job->waiting = true;
			event_add(job->timer, &rest);
			return;
		}
		job->rested = false;
		job->at++;
		switch (send_reply(job, reply)) {
		case SENT_NOT:
			return;
		case SENT_WAIT:
			job->waiting = true;
			return;
		case SENT:
			break;
		}
	}
	job->at = job->n = 0;
	if (job->half_closed)
		rpc_call_finish(job->call, RPC_OK, NULL);
	else
		rpc_call_next(job->call);
}

static void
on_output(struct rpc_call *call, ProtobufCMessage *message)
{
	const StreamingOutputCallRequest *request = (const StreamingOutputCallRequest *)message;
	struct job *job = rpc_call_state(call);

	if (has_ended(call, request->response_status, NULL) || !owe(job, request))
		return;
	job->half_closed = !rpc_call_method(call)->client_streaming;
	job_go(job);
}

/* Half duplex: everything is answered when all has been asked. */
static void
on_asked(struct rpc_call *call, ProtobufCMessage *message)
{
	if (owe(rpc_call_state(call), (const StreamingOutputCallRequest *)message))
		rpc_call_next(call);
}

static void
on_half_close(struct rpc_call *call)
{
	struct job *job = rpc_call_state(call);

	job->half_closed = true;
	if (!job->waiting)
		job_go(job);
}

static void
on_writable(struct rpc_call *call)
{
	struct job *job = rpc_call_state(call);

	if (job->waiting && !evtimer_pending(job->timer, NULL)) {
		job->waiting = false;
		job_go(job);
	}
}

static const struct rpc_handler empty = {.message = on_empty};
static const struct rpc_handler unary = {.message = on_unary};
static const struct rpc_handler input = {
    .open = on_open, .message = on_input, .half_close = on_input_end, .cancel = on_cancel};
static const struct rpc_handler output = {
    .open = on_open, .message = on_output, .writable = on_writable, .cancel = on_cancel};
static const struct rpc_handler full_duplex = {.open = on_open,
					       .message = on_output,
					       .half_close = on_half_close,
					       .writable = on_writable,
					       .cancel = on_cancel};
static const struct rpc_handler half_duplex = {.open = on_open,
					       .message = on_asked,
					       .half_close = on_half_close,
					       .writable = on_writable,
					       .cancel = on_cancel};

#define PATH(method) "/grpc.testing.TestService/" method

static const struct rpc_method methods[] = {
    {.path = PATH("EmptyCall"),
     .request = &empty__descriptor,
     .response = &empty__descriptor,
     .handler = &empty},
    {.path = PATH("UnaryCall"),
     .request = &simple_request__descriptor,
     .response = &simple_response__descriptor,
     .handler = &unary},
    {.path = PATH("CacheableUnaryCall"),
     .request = &simple_request__descriptor,
     .response = &simple_response__descriptor,
     .no_side_effects = true,
     .handler = &unary},
    {.path = PATH("StreamingInputCall"),
     .request = &streaming_input_call_request__descriptor,
     .response = &streaming_input_call_response__descriptor,
     .client_streaming = true,
     .handler = &input},
    {.path = PATH("StreamingOutputCall"),
     .request = &streaming_output_call_request__descriptor,
     .response = &streaming_output_call_response__descriptor,
     .server_streaming = true,
     .handler = &output},
    {.path = PATH("FullDuplexCall"),
     .request = &streaming_output_call_request__descriptor,
     .response = &streaming_output_call_response__descriptor,
     .client_streaming = true,
     .server_streaming = true,
     .handler = &full_duplex},
    {.path = PATH("HalfDuplexCall"),
     .request = &streaming_output_call_request__descriptor,
     .response = &streaming_output_call_response__descriptor,
     .client_streaming = true,
     .server_streaming = true,
     .handler = &half_duplex},
};

struct schema *
interop_schema_new(void)
{
	const struct schema_set sets[] = {{interop_set, interop_set_size}, rpc_builtin_schema()};
	const ProtobufCServiceDescriptor *const services[] = {
	    &test_service__descriptor, rpc_builtin_services[0], rpc_builtin_services[1]};
	struct schema *schema = NULL;

	schema_new(&(struct schema_source){.sets = sets,
					   .n_sets = 2,
					   .services = services,
					   .n_services = 1 + RPC_N_BUILTIN_SERVICES},
		   &schema);
	return schema;
}

static void
on_drained(void *data)
{
	(void)data;
	event_base_loopbreak(base);
}

static void
on_term(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	rpc_server_drain(data, on_drained, NULL);
}

/* The server's part of interop_serve; takes fd over. */
static int
start(struct rpc_server *server, int fd)
{
	if (!server) {
		close(fd);
		return -1;
	}
	if (rpc_server_adopt(server, fd) != 0 ||
	    rpc_server_add(server, methods, sizeof methods / sizeof *methods) != 0 ||
	    !rpc_health_new(server) || rpc_reflection_add(server) != 0)
		return -1;
	return 0;
}

int
interop_serve(const struct rpc_server_options *options, int fd, interop_server_fn *up,
	      interop_server_fn *down)
{
	struct rpc_server *server;
	struct event *term;
	int r;

	base = event_base_new();
	server = base ? rpc_server_new(base, options) : NULL;
	term = server ? evsignal_new(base, SIGTERM, on_term, server) : NULL;
	r = start(server, fd);
	if (!r && (!term || event_add(term, NULL) != 0))
		r = -1;
	if (!r) {
		up(server);
		event_base_dispatch(base);
		down(server);
	}
	if (term)
		event_free(term);
	rpc_server_free(server);
	if (base)
		event_base_free(base);
	return r;
}
