/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client under test of connectconformance: it proves common/rpc's client in all three
 * protocols. Requests come on stdin and results go to stdout, each behind its length in 4
 * big-endian bytes; calls run side by side on one event loop and answer in any order.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "connectrpc/conformance/v1/client_compat.pb-c.h"
#include "proto/schema.h"
#include "proto/wire.h"
#include "rpc/client.h"
#include "rpc/tls.h"

enum { MEMORY = 64 << 20, MAX_REQUEST = 16 << 20, CHANNEL_MEMORY = 16 << 20 };

EMBEDDED(conformance_set);

/* A channel that cases of one server, protocol and codec share, so that few need to connect. */
struct way {
	struct way *next;
	char *key;
	SSL_CTX *tls;
	struct rpc_channel *channel;
};

struct tester {
	struct way *ways;
	struct event_base *base;
	struct bufferevent *in;
	struct schema *schema;
	size_t n_running;
	bool at_eof;
};

struct job {
	struct tester *tester;
	struct arena *arena;
	const ClientCompatRequest *request;
	const struct schema_method *declared;
	struct rpc_method method;
	struct way *way;
	struct rpc_client_call *call;
	struct event *timer;
	bool half_closed;
	size_t n_sent, n_responses;
	ProtobufCMessage **messages;
	ClientResponseResult result;
	ConformancePayload **payloads;
};

static ProtobufCMessage *
must_read(struct arena *arena, const ProtobufCMessageDescriptor *type, const void *bytes,
	  size_t size)
{
	ProtobufCMessage *message;
	struct proto_fault fault;

	if (wire_read(type, bytes, size, arena, &message, &fault) == PROTO_OK)
		return message;
	fprintf(stderr, "%s: %s: %s\n", type->name, fault.path, fault.reason);
	exit(1);
}

static void
answer(struct job *job, ClientCompatResponse *response)
{
	size_t size;
	uint8_t prefix[4];
	const void *bytes;

	response->test_name = job->request->test_name;
	bytes = wire_pack(&response->base, job->arena, &size);
	if (!bytes)
		exit(1);
	for (int i = 0; i < 4; i++)
		prefix[i] = (uint8_t)(size >> (24 - 8 * i));
	if (fwrite(prefix, 4, 1, stdout) != 1 || fwrite(bytes, 1, size, stdout) != size ||
	    fflush(stdout) != 0)
		exit(1);
}

static void
job_free(struct job *job)
{
	struct tester *tester = job->tester;

	if (job->call)
		rpc_client_free(job->call);
	event_free(job->timer);
	arena_free(job->arena);
	if (--tester->n_running == 0 && tester->at_eof)
		event_base_loopexit(tester->base, NULL);
}

static void
refuse(struct job *job, const char *why)
{
	ClientErrorResult error;
	ClientCompatResponse response;

	client_error_result__init(&error);
	client_compat_response__init(&response);
	error.message = arena_strdup(job->arena, why);
	response.result_case = CLIENT_COMPAT_RESPONSE__RESULT_ERROR;
	response.error = &error;
	answer(job, &response);
	job_free(job);
}

/* --- results --- */

/* Metadata as the suite writes it: a name with all its values, -bin ones in base64. */
static Header **
headers_of(struct arena *arena, const struct rpc_metadata *metadata, size_t *ret_n)
{
	Header **headers = ARENA_ARRAY(arena, Header *, metadata->n + 1);
	size_t n = 0, i, k;

	for (i = 0; i < metadata->n; i++) {
		const struct rpc_pair *pair = &metadata->pairs[i];
		size_t length = 0;
		const char *value = rpc_metadata_wire_value(pair, arena, &length);

		for (k = 0; k < n && strcmp(headers[k]->name, pair->name) != 0; k++)
			;
		if (k == n) {
			headers[n] = (Header *)wire_new(&header__descriptor, arena);
			headers[n]->name = arena_strdup(arena, pair->name);
			headers[n++]->value = ARENA_ARRAY(arena, char *, metadata->n);
		}
		headers[k]->value[headers[k]->n_value++] = arena_strndup(arena, value, length);
	}
	*ret_n = n;
	return headers;
}

static Error *
error_of(struct job *job)
{
	const Status *status = rpc_client_result(job->call)->status;
	Error *error;

	if (rpc_client_result(job->call)->code == RPC_OK)
		return NULL;
	error = (Error *)wire_new(&error__descriptor, job->arena);
	error->code = (Code)rpc_client_result(job->call)->code;
	error->_message_case = ERROR___MESSAGE_MESSAGE;
	error->message = status->message;
	error->n_details = status->n_details;
	error->details = status->details;
	return error;
}

/* Every response type of the suite has its payload as its one field. */
static void
add_payload(struct job *job, const ProtobufCMessage *response)
{
	size_t size;
	const void *bytes = wire_pack(response, job->arena, &size);
	const UnaryResponse *copy =
	    (UnaryResponse *)must_read(job->arena, &unary_response__descriptor, bytes, size);
	ConformancePayload **more =
	    ARENA_ARRAY(job->arena, ConformancePayload *, job->result.n_payloads + 1);

	for (size_t i = 0; i < job->result.n_payloads; i++)
		more[i] = job->result.payloads[i];
	more[job->result.n_payloads++] =
	    copy->payload
		? copy->payload
		: (ConformancePayload *)wire_new(&conformance_payload__descriptor, job->arena);
	job->result.payloads = more;
}

static void
on_ended(struct rpc_client_call *call)
{
	struct job *job = rpc_client_data(call);
	ClientCompatResponse response;
	ClientResponseResult *result = &job->result;

	client_compat_response__init(&response);
	if (rpc_client_result(call)->response)
		add_payload(job, rpc_client_result(call)->response);
	result->response_headers =
	    headers_of(job->arena, &rpc_client_result(call)->headers, &result->n_response_headers);
	result->response_trailers = headers_of(job->arena, &rpc_client_result(call)->trailers,
					       &result->n_response_trailers);
	result->error = error_of(job);
	if (!job->half_closed)
		result->num_unsent_requests =
		    (int32_t)(job->request->n_request_messages - job->n_sent);
	response.result_case = CLIENT_COMPAT_RESPONSE__RESULT_RESPONSE;
	response.response = result;
	answer(job, &response);
	job_free(job);
}

/* --- the script of a call --- */

static bool
cancels(const struct job *job, ClientCompatRequest__Cancel__CancelTimingCase when)
{
	const ClientCompatRequest__Cancel *cancel = job->request->cancel;

	return cancel && cancel->cancel_timing_case == when;
}

static void
wait_ms(struct job *job, uint32_t ms)
{
	struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	event_add(job->timer, &wait);
}

static void
close_send(struct job *job)
{
	const ClientCompatRequest__Cancel *cancel = job->request->cancel;

	if (cancels(job, CLIENT_COMPAT_REQUEST__CANCEL__CANCEL_TIMING_BEFORE_CLOSE_SEND)) {
		rpc_client_cancel(job->call);
		return;
	}
	job->half_closed = true;
	rpc_client_half_close(job->call);
	if (cancels(job, CLIENT_COMPAT_REQUEST__CANCEL__CANCEL_TIMING_AFTER_CLOSE_SEND_MS))
		wait_ms(job, cancel->after_close_send_ms);
	else if (cancels(job, CLIENT_COMPAT_REQUEST__CANCEL__CANCEL_TIMING__NOT_SET))
		rpc_client_cancel(job->call);
}

static bool
is_full_duplex(const struct job *job)
{
	return job->request->stream_type == STREAM_TYPE__STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM;
}

static void send_next(struct job *job);

static void
send_one(struct job *job)
{
	rpc_client_send(job->call, job->messages[job->n_sent++]);
	/* Full duplex: the next only after the answer. */
	if (!is_full_duplex(job))
		send_next(job);
}

static void
send_next(struct job *job)
{
	if (job->n_sent == job->request->n_request_messages)
		close_send(job);
	else if (job->request->request_delay_ms)
		wait_ms(job, job->request->request_delay_ms);
	else
		send_one(job);
}

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;

	(void)fd;
	(void)what;
	if (job->half_closed)
		rpc_client_cancel(job->call);
	else
		send_one(job);
}

static void
on_message(struct rpc_client_call *call, ProtobufCMessage *message)
{
	struct job *job = rpc_client_data(call);

	add_payload(job, message);
	job->n_responses++;
	if (cancels(job, CLIENT_COMPAT_REQUEST__CANCEL__CANCEL_TIMING_AFTER_NUM_RESPONSES) &&
	    job->n_responses == job->request->cancel->after_num_responses) {
		rpc_client_cancel(call);
		return;
	}
	rpc_client_next(call);
	if (is_full_duplex(job) && !job->half_closed && job->n_responses == job->n_sent)
		send_next(job);
}

static const struct rpc_client_hooks hooks = {.message = on_message, .ended = on_ended};

/* --- set-up --- */

static bool
read_messages(struct job *job)
{
	const ClientCompatRequest *request = job->request;

	job->messages =
	    ARENA_ARRAY(job->arena, ProtobufCMessage *, request->n_request_messages + 1);
	for (size_t i = 0; i < request->n_request_messages; i++) {
		const Google__Protobuf__Any *any = request->request_messages[i];

		if (schema_message_by_url(job->tester->schema, any->type_url) !=
		    job->declared->request)
			return false;
		job->messages[i] =
		    must_read(job->arena, job->method.request, any->value.data, any->value.len);
	}
	return true;
}

static bool
read_method(struct job *job)
{
	const ClientCompatRequest *request = job->request;
	const char *path = arena_printf(job->arena, "/%s/%s", request->service, request->method);

	job->declared = schema_method_by_path(job->tester->schema, path);
	if (!job->declared)
		return false;
	job->method = (struct rpc_method){
	    .path = path,
	    .request = job->declared->request->c,
	    .response = job->declared->response->c,
	    .client_streaming = job->declared->client_streaming,
	    .server_streaming = job->declared->server_streaming,
	    .no_side_effects = job->declared->no_side_effects,
	};
	return true;
}

/* PEM text on the job's arena, "" for none. */
static const char *
pem(struct job *job, const ProtobufCBinaryData *bytes)
{
	return bytes ? arena_strndup(job->arena, (const char *)bytes->data, bytes->len) : "";
}

static bool
make_tls(struct job *job, char *error, size_t size)
{
	const ClientCompatRequest *request = job->request;
	struct rpc_tls_setup setup = {.trusted_pem = pem(job, &request->server_tls_cert)};

	if (!*setup.trusted_pem)
		return true;
	if (request->client_tls_creds) {
		setup.certificate_pem = pem(job, &request->client_tls_creds->cert);
		setup.key_pem = pem(job, &request->client_tls_creds->key);
	}
	job->way->tls = rpc_tls_client_new(&setup, error, size);
	return job->way->tls != NULL;
}

static bool
make_channel(struct job *job)
{
	static const enum rpc_protocol protocols[] = {
	    [PROTOCOL__PROTOCOL_CONNECT] = RPC_CONNECT,
	    [PROTOCOL__PROTOCOL_GRPC] = RPC_GRPC,
	    [PROTOCOL__PROTOCOL_GRPC_WEB] = RPC_GRPC_WEB,
	};
	const ClientCompatRequest *request = job->request;
	struct rpc_channel_options options = {
	    .protocol = protocols[request->protocol],
	    .codec = request->codec == CODEC__CODEC_JSON ? RPC_JSON : RPC_PROTO,
	    .json.schema = job->tester->schema,
	    .tls = job->way->tls,
	    .max_receive_bytes = request->message_receive_limit,
	    .call_memory_bytes = CHANNEL_MEMORY,
	};
	char target[300];

	snprintf(target, sizeof target, strchr(request->host, ':') ? "[%s]:%u" : "%s:%u",
		 request->host, request->port);
	return rpc_channel_new(job->tester->base, target, &options, &job->way->channel) == 0;
}

static bool
find_way(struct job *job, char *error, size_t size)
{
	const ClientCompatRequest *request = job->request;
	const TLSCreds *creds = request->client_tls_creds;
	const char *key = arena_printf(
	    job->arena, "%s %u %d %d %u %s %s", request->host, request->port,
	    (int)request->protocol, (int)request->codec, request->message_receive_limit,
	    pem(job, &request->server_tls_cert), pem(job, creds ? &creds->cert : NULL));
	struct way *way = job->tester->ways;

	while (way && strcmp(way->key, key) != 0)
		way = way->next;
	job->way = way;
	if (way)
		return true;
	way = calloc(1, sizeof *way);
	if (!way)
		exit(1);
	way->key = strdup(key);
	way->next = job->tester->ways;
	job->tester->ways = job->way = way;
	return make_tls(job, error, size) && make_channel(job);
}

static void
close_ways(struct tester *tester)
{
	struct way *way;

	while ((way = tester->ways)) {
		tester->ways = way->next;
		rpc_channel_close(way->channel);
		event_base_loop(tester->base, EVLOOP_NONBLOCK);
		SSL_CTX_free(way->tls);
		free(way->key);
		free(way);
	}
}

static void
set_up_call(struct job *job)
{
	const ClientCompatRequest *request = job->request;
	struct rpc_metadata *metadata = &rpc_client_options(job->call)->metadata;

	for (size_t i = 0; i < request->n_request_headers; i++) {
		const Header *header = request->request_headers[i];
		char *name = arena_strdup(job->arena, header->name);

		for (char *c = name; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c |= 0x20;
		for (size_t k = 0; k < header->n_value; k++)
			rpc_metadata_add_wire(metadata, name, strlen(name), header->value[k],
					      strlen(header->value[k]));
	}
	if (request->_timeout_ms_case)
		rpc_client_options(job->call)->timeout_us = (int64_t)request->timeout_ms * 1000;
	rpc_client_options(job->call)->use_get = request->use_get_http_method;
	if (request->compression == COMPRESSION__COMPRESSION_GZIP)
		rpc_client_options(job->call)->encoding = RPC_ENCODING_GZIP;
	else if (request->compression == COMPRESSION__COMPRESSION_DEFLATE)
		rpc_client_options(job->call)->encoding = RPC_ENCODING_DEFLATE;
}

static void
run(struct tester *tester, const void *bytes, size_t size)
{
	struct arena *arena = arena_new(MEMORY);
	struct job *job = arena ? ARENA_NEW(arena, struct job) : NULL;
	char error[200] = "TLS";

	if (!job)
		exit(1);
	job->tester = tester;
	job->arena = arena;
	job->request = (ClientCompatRequest *)must_read(arena, &client_compat_request__descriptor,
							bytes, size);
	job->timer = event_new(tester->base, -1, 0, on_timer, job);
	client_response_result__init(&job->result);
	tester->n_running++;
	if (!read_method(job) || !read_messages(job)) {
		refuse(job, "no such method, or messages of another one");
		return;
	}
	if (!find_way(job, error, sizeof error) || !job->way->channel) {
		refuse(job, error);
		return;
	}
	job->call = rpc_client_new(job->way->channel, &job->method, &hooks, job);
	if (!job->call) {
		refuse(job, "no memory");
		return;
	}
	set_up_call(job);
	rpc_client_start(job->call);
	send_next(job);
}

/* --- stdin --- */

static void
on_input(struct bufferevent *in, void *data)
{
	struct evbuffer *input = bufferevent_get_input(in);
	uint8_t prefix[4];

	while (evbuffer_copyout(input, prefix, 4) == 4) {
		size_t size = (size_t)prefix[0] << 24 | (size_t)prefix[1] << 16 |
			      (size_t)prefix[2] << 8 | prefix[3];

		if (size > MAX_REQUEST)
			exit(1);
		if (evbuffer_get_length(input) < 4 + size)
			return;
		evbuffer_drain(input, 4);
		run(data, evbuffer_pullup(input, (ev_ssize_t)size), size);
		evbuffer_drain(input, size);
	}
}

static void
on_event(struct bufferevent *in, short what, void *data)
{
	struct tester *tester = data;

	(void)in;
	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	tester->at_eof = true;
	if (!tester->n_running)
		event_base_loopexit(tester->base, NULL);
}

int
main(void)
{
	static const ProtobufCServiceDescriptor *const services[] = {
	    &conformance_service__descriptor};
	static const ProtobufCMessageDescriptor *const messages[] = {
	    &conformance_payload__request_info__descriptor};
	const struct schema_set set = {conformance_set, conformance_set_size};
	const struct schema_source source = {.sets = &set,
					     .n_sets = 1,
					     .services = services,
					     .n_services = 1,
					     .messages = messages,
					     .n_messages = 1};
	struct tester tester = {.base = event_base_new()};

	if (!tester.base || schema_new(&source, &tester.schema) < 0)
		return 1;
	evutil_make_socket_nonblocking(STDIN_FILENO);
	tester.in = bufferevent_socket_new(tester.base, STDIN_FILENO, 0);
	bufferevent_setcb(tester.in, on_input, NULL, on_event, &tester);
	bufferevent_enable(tester.in, EV_READ);
	event_base_dispatch(tester.base);
	close_ways(&tester);
	bufferevent_free(tester.in);
	schema_free(tester.schema);
	event_base_free(tester.base);
	return 0;
}
