/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server under test of connectconformance (https://github.com/connectrpc/conformance).
 *
 * Reads one ServerCompatRequest from stdin, listens, says where on stdout, and serves
 * ConformanceService until SIGTERM. Every method follows a plan that the first request brings:
 * which headers, which messages with which delay, which error.
 */
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "connectrpc/conformance/v1/server_compat.pb-c.h"
#include "connectrpc/conformance/v1/service.pb-c.h"
#include "proto/schema.h"
#include "proto/wire.h"
#include "rpc/server.h"
#include "rpc/tls.h"

enum { SETUP_MEMORY = 1 << 20 };

extern const unsigned char conformance_set[];
extern const size_t conformance_set_size;

struct job {
	struct rpc_call *call;
	/* The plan. */
	bool has_plan;
	const ProtobufCBinaryData *data;
	size_t n_data;
	const Error *error;
	uint32_t delay_ms;
	/* Where it is. */
	size_t n_sent;
	Google__Protobuf__Any **requests; /* since the last response */
	size_t n_requests, requests_capacity;
	bool full_duplex, half_closed, info_sent;
	struct event *timer;
};

static struct event_base *base;

static void job_go(struct job *job);

static void
stop_timer(void *data)
{
	event_free(((struct job *)data)->timer);
}

static void
on_delay(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	job_go(data);
}

static struct job *
job_of(struct rpc_call *call)
{
	struct job *job = rpc_call_state(call);

	if (job)
		return job;
	job = ARENA_NEW(rpc_call_arena(call), struct job);
	job->call = call;
	job->timer = evtimer_new(base, on_delay, job);
	arena_on_reset(rpc_call_arena(call), stop_timer, job);
	rpc_call_set_state(call, job);
	return job;
}

typedef int (*metadata_add)(struct rpc_call *, const char *, const void *, size_t);

/* The suite gives -bin values as they stand on the wire. */
static void
add_decoded(struct rpc_call *call, const char *name, const char *text, metadata_add add)
{
	size_t length = strlen(text);
	void *value = arena_alloc(rpc_call_arena(call), base64_decoded_max(length));

	if (base64_decode(text, length, value, &length))
		add(call, name, value, length);
}

static bool
is_binary(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, "-bin") == 0;
}

static char *
wire_text(struct arena *arena, const char *name, const void *value, size_t length)
{
	char *text;

	if (!is_binary(name))
		return arena_strndup(arena, value, length);
	text = arena_alloc(arena, base64_encoded_max(length) + 1);
	text[base64_encode(value, length, BASE64_UNPADDED, text)] = '\0';
	return text;
}

static void
add_metadata(struct rpc_call *call, Header **headers, size_t n, metadata_add add)
{
	for (size_t i = 0; i < n; i++) {
		char *name = arena_strdup(rpc_call_arena(call), headers[i]->name);

		for (char *c = name; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		for (size_t j = 0; j < headers[i]->n_value; j++) {
			const char *value = headers[i]->value[j];

			if (is_binary(name))
				add_decoded(call, name, value, add);
			else
				add(call, name, value, strlen(value));
		}
	}
}

static void
plan_single(struct job *job, const UnaryResponseDefinition *plan)
{
	if (!plan || job->has_plan)
		return;
	job->has_plan = true;
	add_metadata(job->call, plan->response_headers, plan->n_response_headers,
		     rpc_call_add_header);
	add_metadata(job->call, plan->response_trailers, plan->n_response_trailers,
		     rpc_call_add_trailer);
	job->delay_ms = plan->response_delay_ms;
	if (plan->response_case == UNARY_RESPONSE_DEFINITION__RESPONSE_RESPONSE_DATA) {
		job->data = &plan->response_data;
		job->n_data = 1;
	} else if (plan->response_case == UNARY_RESPONSE_DEFINITION__RESPONSE_ERROR) {
		job->error = plan->error;
	}
}

static void
plan_stream(struct job *job, const StreamResponseDefinition *plan)
{
	if (!plan || job->has_plan)
		return;
	job->has_plan = true;
	add_metadata(job->call, plan->response_headers, plan->n_response_headers,
		     rpc_call_add_header);
	add_metadata(job->call, plan->response_trailers, plan->n_response_trailers,
		     rpc_call_add_trailer);
	job->delay_ms = plan->response_delay_ms;
	job->data = plan->response_data;
	job->n_data = plan->n_response_data;
	job->error = plan->error;
	/* Before any delay. */
	if (job->n_data > 0)
		rpc_call_send_headers(job->call);
}

/* A copy of the message that lives as long as the call, for the plan in it. */
static const ProtobufCMessage *
keep_request(struct job *job, const ProtobufCMessage *message)
{
	ProtobufCMessage *copy = NULL;
	struct arena *arena = rpc_call_arena(job->call);
	Google__Protobuf__Any *any = ARENA_NEW(arena, Google__Protobuf__Any);

	google__protobuf__any__init(any);
	any->type_url = arena_printf(arena, "type.googleapis.com/%s", message->descriptor->name);
	any->value.data = wire_pack(message, arena, &any->value.len);
	if (job->n_requests == job->requests_capacity) {
		size_t capacity = job->requests_capacity ? 2 * job->requests_capacity : 4;
		Google__Protobuf__Any **grown =
		    ARENA_ARRAY(arena, Google__Protobuf__Any *, capacity);

		for (size_t i = 0; i < job->n_requests; i++)
			grown[i] = job->requests[i];
		job->requests = grown;
		job->requests_capacity = capacity;
	}
	job->requests[job->n_requests++] = any;
	wire_read(message->descriptor, any->value.data, any->value.len, arena, &copy, NULL);
	return copy;
}

static Header *
header_named(ConformancePayload__RequestInfo *info, struct arena *arena, const char *name,
	     size_t most)
{
	Header *header;

	for (size_t i = 0; i < info->n_request_headers; i++) {
		if (strcmp(info->request_headers[i]->name, name) == 0)
			return info->request_headers[i];
	}
	header = ARENA_NEW(arena, Header);
	header__init(header);
	header->name = arena_strdup(arena, name);
	header->value = ARENA_ARRAY(arena, char *, most);
	info->request_headers[info->n_request_headers++] = header;
	return header;
}

static void
describe_headers(struct rpc_call *call, ConformancePayload__RequestInfo *info)
{
	struct arena *arena = rpc_call_arena(call);
	const struct rpc_metadata *metadata = rpc_call_metadata(call);

	info->request_headers = ARENA_ARRAY(arena, Header *, metadata->n);
	for (size_t i = 0; i < metadata->n; i++) {
		const struct rpc_pair *pair = &metadata->pairs[i];
		Header *header = header_named(info, arena, pair->name, metadata->n);

		header->value[header->n_value++] =
		    wire_text(arena, pair->name, pair->value, pair->length);
	}
}

/* What the server has seen of the call; all of it in the first answer, then the last requests. */
static ConformancePayload__RequestInfo *
describe(struct job *job)
{
	struct rpc_call *call = job->call;
	ConformancePayload__RequestInfo *info =
	    ARENA_NEW(rpc_call_arena(call), ConformancePayload__RequestInfo);
	const struct rpc_call_info *about = rpc_call_info(call);

	conformance_payload__request_info__init(info);
	info->requests = job->requests;
	info->n_requests = job->n_requests;
	job->n_requests = job->requests_capacity = 0;
	if (job->info_sent)
		return info;
	job->info_sent = true;
	describe_headers(call, info);
	if (about->deadline_us != INT64_MAX) {
		info->_timeout_ms_case = CONFORMANCE_PAYLOAD__REQUEST_INFO___TIMEOUT_MS_TIMEOUT_MS;
		info->timeout_ms = (about->deadline_us - about->began_us) / 1000;
	}
	return info;
}

/* The five responses are one payload each. */
static void
send_payload(struct job *job, const ProtobufCBinaryData *data)
{
	struct rpc_call *call = job->call;
	const ProtobufCMessageDescriptor *type = rpc_call_method(call)->response;
	UnaryResponse *response = arena_zalloc(rpc_call_arena(call), 1, type->sizeof_message);
	ConformancePayload payload = CONFORMANCE_PAYLOAD__INIT;

	protobuf_c_message_init(type, &response->base);
	if (data)
		payload.data = *data;
	payload.request_info = describe(job);
	response->payload = &payload;
	rpc_call_send(call, &response->base);
	job->n_sent++;
}

static void
finish(struct job *job)
{
	const Error *error = job->error;

	if (!error) {
		rpc_call_finish(job->call, RPC_OK, NULL);
		return;
	}
	for (size_t i = 0; i < error->n_details; i++)
		rpc_call_add_detail(job->call, &error->details[i]->base);
	if (job->n_sent == 0)
		rpc_call_add_detail(job->call, &describe(job)->base);
	rpc_call_finish(job->call, (enum rpc_code)error->code,
			error->_message_case == ERROR___MESSAGE_MESSAGE ? error->message : NULL);
}

/* After `delay_ms` the next response is due. */
static void
job_wait(struct job *job)
{
	struct timeval wait = {job->delay_ms / 1000, (suseconds_t)(job->delay_ms % 1000) * 1000};

	if (job->delay_ms)
		event_add(job->timer, &wait);
	else
		job_go(job);
}

static void
job_go(struct job *job)
{
	const struct rpc_method *method = rpc_call_method(job->call);

	if (!method->server_streaming) {
		if (!job->error)
			send_payload(job, job->n_data ? job->data : NULL);
		finish(job);
		return;
	}
	if (job->n_sent < job->n_data)
		send_payload(job, &job->data[job->n_sent]);
	else {
		finish(job);
		return;
	}
	if (job->full_duplex && !job->half_closed)
		rpc_call_next(job->call);
	else if (job->n_sent == job->n_data)
		finish(job);
	else
		job_wait(job);
}

static void
on_single(struct rpc_call *call, ProtobufCMessage *message)
{
	struct job *job = job_of(call);

	plan_single(job, ((const UnaryRequest *)keep_request(job, message))->response_definition);
	if (!rpc_call_method(call)->client_streaming)
		job_wait(job);
	else
		rpc_call_next(call);
}

static void
on_server_stream(struct rpc_call *call, ProtobufCMessage *message)
{
	struct job *job = job_of(call);

	plan_stream(job,
		    ((const ServerStreamRequest *)keep_request(job, message))->response_definition);
	if (job->n_data)
		job_wait(job);
	else
		finish(job);
}

static void
on_bidi(struct rpc_call *call, ProtobufCMessage *message)
{
	struct job *job = job_of(call);
	const BidiStreamRequest *request = (const BidiStreamRequest *)keep_request(job, message);

	if (!job->has_plan) {
		job->full_duplex = request->full_duplex;
		plan_stream(job, request->response_definition);
	}
	if (!job->full_duplex)
		rpc_call_next(call);
	else if (job->n_sent < job->n_data)
		job_wait(job);
	else
		finish(job);
}

static void
on_half_close(struct rpc_call *call)
{
	struct job *job = job_of(call);

	job->half_closed = true;
	if (!rpc_call_method(call)->client_streaming)
		return;
	if (!rpc_call_method(call)->server_streaming || job->n_sent < job->n_data)
		job_wait(job);
	else
		finish(job);
}

static const struct rpc_handler single = {.message = on_single};
static const struct rpc_handler client_stream = {.message = on_single, .half_close = on_half_close};
static const struct rpc_handler server_stream = {.message = on_server_stream};
static const struct rpc_handler bidi = {.message = on_bidi, .half_close = on_half_close};

#define PATH(method) "/connectrpc.conformance.v1.ConformanceService/" method

static const struct rpc_method methods[] = {
    {.path = PATH("Unary"),
     .request = &unary_request__descriptor,
     .response = &unary_response__descriptor,
     .handler = &single},
    {.path = PATH("IdempotentUnary"),
     .request = &idempotent_unary_request__descriptor,
     .response = &idempotent_unary_response__descriptor,
     .no_side_effects = true,
     .handler = &single},
    {.path = PATH("ClientStream"),
     .request = &client_stream_request__descriptor,
     .response = &client_stream_response__descriptor,
     .client_streaming = true,
     .handler = &client_stream},
    {.path = PATH("ServerStream"),
     .request = &server_stream_request__descriptor,
     .response = &server_stream_response__descriptor,
     .server_streaming = true,
     .handler = &server_stream},
    {.path = PATH("BidiStream"),
     .request = &bidi_stream_request__descriptor,
     .response = &bidi_stream_response__descriptor,
     .client_streaming = true,
     .server_streaming = true,
     .handler = &bidi},
};

static void
die(const char *what)
{
	fprintf(stderr, "conformance-server: %s\n", what);
	exit(1);
}

static ServerCompatRequest *
read_setup(struct arena *arena)
{
	uint8_t prefix[4];
	ProtobufCMessage *request = NULL;
	size_t length;
	void *bytes;

	if (fread(prefix, 1, sizeof prefix, stdin) != sizeof prefix)
		die("no request on stdin");
	length =
	    (size_t)prefix[0] << 24 | (size_t)prefix[1] << 16 | (size_t)prefix[2] << 8 | prefix[3];
	bytes = arena_alloc(arena, length);
	if (!bytes || fread(bytes, 1, length, stdin) != length ||
	    wire_read(&server_compat_request__descriptor, bytes, length, arena, &request, NULL) !=
		PROTO_OK)
		die("the request on stdin cannot be read");
	return (ServerCompatRequest *)request;
}

static void
write_answer(struct arena *arena, uint16_t port, const ServerCompatRequest *request)
{
	ServerCompatResponse response = SERVER_COMPAT_RESPONSE__INIT;
	size_t length;
	uint8_t *bytes, prefix[4];

	response.host = arena_strdup(arena, "127.0.0.1");
	response.port = port;
	if (request->use_tls)
		response.pem_cert = request->server_creds->cert;
	bytes = wire_pack(&response.base, arena, &length);
	prefix[0] = (uint8_t)(length >> 24);
	prefix[1] = (uint8_t)(length >> 16);
	prefix[2] = (uint8_t)(length >> 8);
	prefix[3] = (uint8_t)length;
	fwrite(prefix, 1, sizeof prefix, stdout);
	fwrite(bytes, 1, length, stdout);
	fflush(stdout);
}

static const char *
text_of(struct arena *arena, const ProtobufCBinaryData *data)
{
	return data->len ? arena_strndup(arena, (const char *)data->data, data->len) : NULL;
}

static struct ssl_ctx_st *
make_tls(struct arena *arena, const ServerCompatRequest *request)
{
	char error[256];
	struct ssl_ctx_st *tls;
	struct rpc_tls_setup setup = {0};

	if (!request->use_tls)
		return NULL;
	setup.certificate_pem = text_of(arena, &request->server_creds->cert);
	setup.key_pem = text_of(arena, &request->server_creds->key);
	setup.trusted_pem = text_of(arena, &request->client_tls_cert);
	tls = rpc_tls_server_new(&setup, error, sizeof error);
	if (!tls)
		die(error);
	return tls;
}

static struct schema *
make_schema(void)
{
	static const ProtobufCServiceDescriptor *const services[] = {
	    &conformance_service__descriptor,
	};
	static const ProtobufCMessageDescriptor *const messages[] = {
	    &conformance_payload__request_info__descriptor,
	};
	const struct schema_set set = {conformance_set, conformance_set_size};
	struct schema *schema;

	if (schema_new(&(struct schema_source){.sets = &set,
					       .n_sets = 1,
					       .services = services,
					       .n_services = 1,
					       .messages = messages,
					       .n_messages = 1},
		       &schema) != 0)
		die("no schema");
	return schema;
}

static void
on_term(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(data);
}

int
main(void)
{
	struct arena *arena = arena_new(SETUP_MEMORY);
	const ServerCompatRequest *request = read_setup(arena);
	struct rpc_limits limits = rpc_limits_default;
	struct schema *schema = make_schema();
	struct ssl_ctx_st *tls = make_tls(arena, request);
	struct rpc_server *server;
	struct event *term;

	if (request->message_receive_limit)
		limits.max_receive_bytes = request->message_receive_limit;
	base = event_base_new();
	server = rpc_server_new(base, &(struct rpc_server_options){
					  .limits = &limits, .tls = tls, .json.schema = schema});
	if (!server || rpc_server_add(server, methods, sizeof methods / sizeof *methods) != 0 ||
	    rpc_server_listen(server, "127.0.0.1:0") != 0)
		die("cannot listen");
	term = evsignal_new(base, SIGTERM, on_term, base);
	event_add(term, NULL);
	write_answer(arena, (uint16_t)rpc_server_port(server), request);
	event_base_dispatch(base);
	rpc_server_free(server);
	event_free(term);
	event_base_free(base);
	SSL_CTX_free(tls);
	schema_free(schema);
	arena_free(arena);
	return 0;
}
