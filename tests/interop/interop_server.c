/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server of gRPC's interoperability tests: interop-server ADDRESS [limit=value…]. Also serves
 * health and reflection, and any limit of rpc/limits.h can be set, so that tools and attacks have
 * something to talk to.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/embed.h"
#include "grpc/testing/test.pb-c.h"
#include "rpc/health.h"
#include "rpc/reflection.h"
#include "rpc/server.h"

EMBEDDED(interop_set);

enum { LARGEST_PAYLOAD = 16 << 20 };

/* Replies of one request of a stream, one after another. */
struct job {
	struct rpc_call *call;
	const StreamingOutputCallRequest *request;
	size_t n_sent;
	int64_t n_received; /* StreamingInputCall: bytes */
	struct event *timer;
};

static struct event_base *base;
static uint8_t zeros[LARGEST_PAYLOAD];

static void
echo_metadata(struct rpc_call *call)
{
	static const char initial[] = "x-grpc-test-echo-initial";
	static const char trailing[] = "x-grpc-test-echo-trailing-bin";
	const char *name;
	const void *value;
	size_t length;

	for (size_t i = 0; rpc_call_metadata_at(call, i, &name, &value, &length); i++) {
		if (strcmp(name, initial) == 0)
			rpc_call_add_header(call, name, value, length);
		else if (strcmp(name, trailing) == 0)
			rpc_call_add_trailer(call, name, value, length);
	}
}

static bool
make_payload(struct rpc_call *call, int32_t size, Payload *payload)
{
	if (size < 0 || size > LARGEST_PAYLOAD) {
		rpc_call_finish(call, RPC_INVALID_ARGUMENT, "response_size");
		return false;
	}
	payload->body = (ProtobufCBinaryData){(size_t)size, zeros};
	return true;
}

static bool
compression_as_expected(struct rpc_call *call, const BoolValue *expected)
{
	if (!expected || (expected->value != 0) == rpc_call_message_compressed(call))
		return true;
	rpc_call_finish(call, RPC_INVALID_ARGUMENT, "expect_compressed is not what came");
	return false;
}

static void
set_compression(struct rpc_call *call, const BoolValue *compressed)
{
	rpc_call_set_compression(call, compressed && compressed->value);
}

static bool
status_asked_for(struct rpc_call *call, const EchoStatus *status)
{
	if (!status || status->code == 0)
		return false;
	rpc_call_finish(call, (enum rpc_code)status->code, status->message);
	return true;
}

static void
on_empty(struct rpc_call *call, ProtobufCMessage *message)
{
	rpc_call_send(call, message);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_unary(struct rpc_call *call, ProtobufCMessage *message)
{
	const SimpleRequest *request = (const SimpleRequest *)message;
	SimpleResponse response = SIMPLE_RESPONSE__INIT;
	Payload payload = PAYLOAD__INIT;

	echo_metadata(call);
	if (!compression_as_expected(call, request->expect_compressed) ||
	    status_asked_for(call, request->response_status) ||
	    !make_payload(call, request->response_size, &payload))
		return;
	response.payload = &payload;
	set_compression(call, request->response_compressed);
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
free_timer(void *data)
{
	event_free(((struct job *)data)->timer);
}

static void job_go(struct job *job);

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	job_go(data);
}

static void
on_open(struct rpc_call *call)
{
	struct job *job = ARENA_NEW(rpc_call_arena(call), struct job);

	job->call = call;
	job->timer = evtimer_new(base, on_timer, job);
	arena_on_reset(rpc_call_arena(call), free_timer, job);
	rpc_call_set_state(call, job);
	echo_metadata(call);
}

/* The request's last reply has been sent. */
static void
job_done(struct job *job)
{
	job->request = NULL;
	if (rpc_call_method(job->call)->client_streaming)
		rpc_call_next(job->call);
	else
		rpc_call_finish(job->call, RPC_OK, NULL);
}

static void
job_wait(struct job *job)
{
	const StreamingOutputCallRequest *request = job->request;
	struct timeval wait;
	int32_t us;

	if (job->n_sent == request->n_response_parameters) {
		job_done(job);
		return;
	}
	us = request->response_parameters[job->n_sent]->interval_us;
	wait = (struct timeval){us / 1000000, us % 1000000};
	event_add(job->timer, &wait);
}

static void
job_go(struct job *job)
{
	const ResponseParameters *parameters = job->request->response_parameters[job->n_sent++];
	StreamingOutputCallResponse response = STREAMING_OUTPUT_CALL_RESPONSE__INIT;
	Payload payload = PAYLOAD__INIT;

	if (!make_payload(job->call, parameters->size, &payload))
		return;
	response.payload = &payload;
	set_compression(job->call, parameters->compressed);
	/* `writable` goes on when the queue is full. */
	if (rpc_call_send(job->call, &response.base) == RPC_SEND_OK)
		job_wait(job);
}

static void
on_writable(struct rpc_call *call)
{
	struct job *job = rpc_call_state(call);

	if (job->request)
		job_wait(job);
}

static void
on_output(struct rpc_call *call, ProtobufCMessage *message)
{
	struct job *job = rpc_call_state(call);

	job->request = (const StreamingOutputCallRequest *)message;
	job->n_sent = 0;
	if (!status_asked_for(call, job->request->response_status))
		job_wait(job);
}

static void
on_input(struct rpc_call *call, ProtobufCMessage *message)
{
	const StreamingInputCallRequest *request = (const StreamingInputCallRequest *)message;
	struct job *job = rpc_call_state(call);

	if (!compression_as_expected(call, request->expect_compressed))
		return;
	if (request->payload)
		job->n_received += (int64_t)request->payload->body.len;
	rpc_call_next(call);
}

static void
on_input_end(struct rpc_call *call)
{
	struct job *job = rpc_call_state(call);
	StreamingInputCallResponse response = STREAMING_INPUT_CALL_RESPONSE__INIT;

	response.aggregated_payload_size = (int32_t)job->n_received;
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_end(struct rpc_call *call)
{
	if (rpc_call_method(call)->client_streaming)
		rpc_call_finish(call, RPC_OK, NULL);
}

static const struct rpc_handler empty = {.message = on_empty}, unary = {.message = on_unary};
static const struct rpc_handler input = {
    .open = on_open, .message = on_input, .half_close = on_input_end};
static const struct rpc_handler output = {
    .open = on_open, .message = on_output, .half_close = on_end, .writable = on_writable};

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
     .handler = &output},
    {.path = PATH("HalfDuplexCall"),
     .request = &streaming_output_call_request__descriptor,
     .response = &streaming_output_call_response__descriptor,
     .client_streaming = true,
     .server_streaming = true,
     .handler = &output},
};

static void
die(const char *what)
{
	fprintf(stderr, "interop-server: %s\n", what);
	exit(1);
}

static struct schema *
make_schema(void)
{
	const struct schema_set sets[] = {{interop_set, interop_set_size}, rpc_builtin_schema()};
	const ProtobufCServiceDescriptor *const services[] = {
	    &test_service__descriptor, rpc_builtin_services[0], rpc_builtin_services[1]};
	struct schema *schema;

	if (schema_new(&(struct schema_source){.sets = sets,
					       .n_sets = 2,
					       .services = services,
					       .n_services = 1 + RPC_N_BUILTIN_SERVICES},
		       &schema) != 0)
		die("no schema");
	return schema;
}

static void
set_limits(struct rpc_limits *limits, char **words)
{
	for (; *words; words++) {
		char *value = strchr(*words, '=');

		if (!value)
			die("limit=value");
		*value++ = '\0';
		if (rpc_limits_set(limits, *words, strtoll(value, NULL, 10)) != 0)
			die(*words);
	}
}

static void
on_drained(void *data)
{
	event_base_loopbreak(data);
}

static void
on_term(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	rpc_server_drain(data, on_drained, base);
}

static void
print_counters(const struct rpc_server *server)
{
	for (enum rpc_counter i = 0; i < RPC_N_COUNTERS; i++) {
		if (rpc_server_count(server, i))
			fprintf(stderr, "%s %llu\n", rpc_counter_name(i),
				(unsigned long long)rpc_server_count(server, i));
	}
}

int
main(int argc, char **argv)
{
	struct rpc_limits limits = rpc_limits_default;
	struct schema *schema = make_schema();
	struct rpc_server *server;
	struct event *term;

	if (argc < 2)
		die("interop-server ADDRESS [limit=value…]");
	set_limits(&limits, argv + 2);
	base = event_base_new();
	server = rpc_server_new(base, &(struct rpc_server_options){
					  .limits = &limits, .schema = schema, .cors_origin = "*"});
	if (!server || rpc_server_add(server, methods, sizeof methods / sizeof *methods) != 0 ||
	    !rpc_health_new(server) || rpc_reflection_add(server) != 0 ||
	    rpc_server_listen(server, argv[1]) != 0)
		die("cannot listen");
	term = evsignal_new(base, SIGTERM, on_term, server);
	event_add(term, NULL);
	printf("%d\n", rpc_server_port(server));
	fflush(stdout);
	event_base_dispatch(base);
	print_counters(server);
	event_free(term);
	rpc_server_free(server);
	event_base_free(base);
	schema_free(schema);
	return 0;
}
