/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of a live server session: header blocks, frames, messages in every framing, cut anywhere.
 *
 * The input is a list of steps: raw bytes, a frame with a right header, a request of one of our
 * protocols, a DATA frame that holds a message. Whatever comes, when the connection is gone no call
 * is left, and memory is as before (AddressSanitizer looks).
 */
#include <event2/event.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "google/protobuf/wrappers.pb-c.h"
#include "rpc/server.h"

enum { ROUNDS = 8, REPLIES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static struct event_base *base;
static struct rpc_server *server;
static int peer;

static void
on_message(struct rpc_call *call, ProtobufCMessage *message)
{
	const struct rpc_method *method = rpc_call_method(call);

	rpc_call_add_header(call, "x-fuzz", "1", 1);
	for (int i = 0; i < (method->server_streaming ? REPLIES : 1); i++)
		rpc_call_send(call, message);
	if (method->client_streaming)
		rpc_call_next(call);
	else
		rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_half_close(struct rpc_call *call)
{
	rpc_call_finish(call, RPC_ABORTED, "done");
}

static void
on_held(struct rpc_call *call, ProtobufCMessage *message)
{
	(void)call;
	(void)message;
}

static const struct rpc_handler echo = {.message = on_message};
static const struct rpc_handler stream = {.message = on_message, .half_close = on_half_close};
static const struct rpc_handler held = {.message = on_held};

#define TYPES                                                   \
	.request = &google__protobuf__string_value__descriptor, \
	.response = &google__protobuf__string_value__descriptor

static const struct rpc_method methods[] = {
    {.path = "/f/U", TYPES, .no_side_effects = true, .handler = &echo},
    {.path = "/f/S", TYPES, .server_streaming = true, .handler = &echo},
    {.path = "/f/C", TYPES, .client_streaming = true, .handler = &stream},
    {.path = "/f/B", TYPES, .client_streaming = true, .server_streaming = true, .handler = &stream},
    {.path = "/f/H", TYPES, .client_streaming = true, .handler = &held},
};

static const char *const paths[] = {
    "/f/U", "/f/S", "/f/C", "/f/B",
    "/f/H", "/f/?", "",     "/f/U?message=CgJoaQ&base64=1&encoding=proto&connect=v1"};
static const char *const types[] = {
    "application/grpc",  "application/grpc-web+proto", "application/grpc-web-text",
    "application/proto", "application/connect+proto",  "application/grpc+json",
    "text/html"};
static const char *const names[] = {
    "grpc-timeout", "grpc-encoding",      "content-encoding", "connect-content-encoding",
    "x-data-bin",   "connect-timeout-ms", "accept-encoding",  "grpc-accept-encoding"};

static uint8_t
take(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

static const uint8_t *
take_bytes(struct input *in, size_t *length)
{
	const uint8_t *bytes = in->data;

	if (*length > in->size)
		*length = in->size;
	in->data += *length;
	in->size -= *length;
	return bytes;
}

static void
run(void)
{
	uint8_t sink[4096];

	event_base_loop(base, EVLOOP_NONBLOCK);
	while (recv(peer, sink, sizeof sink, MSG_DONTWAIT) > 0)
		;
}

static void
put(const void *bytes, size_t length)
{
	if (length)
		(void)!send(peer, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
put_frame(uint8_t type, uint8_t flags, uint8_t stream_id, const void *payload, size_t length)
{
	const uint8_t header[] = {
	    0, (uint8_t)(length >> 8), (uint8_t)length, type, flags, 0, 0, 0, stream_id};

	put(header, sizeof header);
	put(payload, length);
}

/* A literal field without indexing. */
static size_t
field(uint8_t *out, const char *name, const void *value, size_t length)
{
	size_t n = strlen(name);

	out[0] = 0;
	out[1] = (uint8_t)n;
	memcpy(out + 2, name, n);
	out[2 + n] = (uint8_t)length;
	memcpy(out + 3 + n, value, length);
	return 3 + n + length;
}

static size_t
text_field(uint8_t *out, const char *name, const char *value)
{
	return field(out, name, value, strlen(value));
}

static void
put_request(struct input *in)
{
	const char *path = paths[take(in) % (sizeof paths / sizeof *paths)];
	const char *type = types[take(in) % (sizeof types / sizeof *types)];
	uint8_t flags = take(in), id = take(in);
	size_t length = take(in) & 0x1f, n = 0;
	const uint8_t *value;
	uint8_t block[512];

	n += text_field(block + n, ":method", flags & 0x40 ? "GET" : "POST");
	n += text_field(block + n, ":scheme", "http");
	n += text_field(block + n, ":authority", "f");
	n += text_field(block + n, ":path", path);
	n += text_field(block + n, "content-type", type);
	if (length) {
		const char *name = names[take(in) % (sizeof names / sizeof *names)];

		value = take_bytes(in, &length);
		n += field(block + n, name, value, length);
	}
	put_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | (flags & NGHTTP2_FLAG_END_STREAM), id,
		  block, n);
}

static void
put_message(struct input *in)
{
	uint8_t flags = take(in), id = take(in);
	size_t length = take(in);
	const uint8_t *bytes = take_bytes(in, &length);
	uint8_t frame[5 + UINT8_MAX] = {flags >> 7, 0, 0, 0, (uint8_t)length};

	if (length)
		memcpy(frame + 5, bytes, length);
	put_frame(NGHTTP2_DATA, flags & NGHTTP2_FLAG_END_STREAM, id, frame, 5 + length);
}

static void
step(struct input *in)
{
	uint8_t kind = take(in), type, flags, id;
	size_t length;
	const uint8_t *bytes;

	switch (kind & 3) {
	case 0:
		length = kind >> 2;
		bytes = take_bytes(in, &length);
		put(bytes, length);
		break;
	case 1:
		type = take(in);
		flags = take(in);
		id = take(in);
		length = take(in);
		bytes = take_bytes(in, &length);
		put_frame(type, flags, id, bytes, length);
		break;
	case 2:
		put_request(in);
		break;
	default:
		put_message(in);
	}
	/* Some steps arrive together. */
	if (!(kind & 4))
		run();
}

static void
start(void)
{
	struct rpc_limits limits = rpc_limits_default;

	limits.max_receive_bytes = 1 << 16;
	limits.max_calls_per_connection = 20;
	base = event_base_new();
	server = rpc_server_new(
	    base, &(struct rpc_server_options){.limits = &limits, .cors_origin = "*"});
	if (!server || rpc_server_add(server, methods, sizeof methods / sizeof *methods) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
	struct input in = {data, size};
	int fds[2];

	if (!server)
		start();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0 ||
	    rpc_server_serve(server, fds[0]) != 0)
		abort();
	peer = fds[1];
	put(hello, sizeof hello - 1);
	while (in.size > 0)
		step(&in);
	for (int i = 0; i < ROUNDS; i++)
		run();
	close(peer);
	for (int i = 0; i < ROUNDS; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	if (rpc_server_n_connections(server) != 0 || rpc_server_n_calls(server) != 0)
		abort();
	return 0;
}
