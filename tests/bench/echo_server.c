/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo-server [CERTIFICATE KEY]: peers/echo.proto by our runtime, for ./minzheng bench rpc; prints
 * its port. One thread, like a worker of a service.
 */
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "echo.pb-c.h"
#include "rpc/server.h"
#include "rpc/tls.h"

enum { MAX_PEM = 64 << 10, STREAMED = 100 };

static void
on_unary(struct rpc_call *call, ProtobufCMessage *message)
{
	rpc_call_send(call, message);
	rpc_call_finish(call, RPC_OK, NULL);
}

/* Until the queue says that it has enough. */
static void
stream_on(struct rpc_call *call)
{
	uint32_t *left = rpc_call_state(call);
	static uint8_t zeros[STREAMED];
	Payload payload = PAYLOAD__INIT;

	payload.body = (ProtobufCBinaryData){sizeof zeros, zeros};
	while (*left > 0) {
		--*left;
		if (rpc_call_send(call, &payload.base) == RPC_SEND_WAIT)
			return;
	}
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_stream(struct rpc_call *call, ProtobufCMessage *message)
{
	uint32_t *left = ARENA_NEW(rpc_call_arena(call), uint32_t);

	*left = ((const Count *)message)->n;
	rpc_call_set_state(call, left);
	stream_on(call);
}

static const struct rpc_handler unary = {.message = on_unary};
static const struct rpc_handler stream = {.message = on_stream, .writable = stream_on};
static const struct rpc_method methods[] = {
    {.path = "/bench.Echo/Unary",
     .request = &payload__descriptor,
     .response = &payload__descriptor,
     .handler = &unary},
    {.path = "/bench.Echo/Stream",
     .request = &count__descriptor,
     .response = &payload__descriptor,
     .server_streaming = true,
     .handler = &stream},
};

static void
die(const char *what)
{
	fprintf(stderr, "echo-server: %s\n", what);
	exit(1);
}

static char *
read_pem(const char *path)
{
	char *text = calloc(1, MAX_PEM);
	FILE *file = fopen(path, "r");

	if (!text || !file || fread(text, 1, MAX_PEM - 1, file) == 0)
		die(path);
	fclose(file);
	return text;
}

int
main(int argc, char **argv)
{
	struct rpc_limits limits = rpc_limits_default;
	struct rpc_server_options options = {.limits = &limits};
	struct event_base *base = event_base_new();
	struct rpc_server *server;
	char error[256];

	/* The 10,000 idle ones all come from one address. */
	limits.max_connections = limits.max_connections_per_address = 20000;
	if (argc == 3) {
		options.tls =
		    rpc_tls_server_new(&(struct rpc_tls_setup){.certificate_pem = read_pem(argv[1]),
							       .key_pem = read_pem(argv[2])},
				       error, sizeof error);
		if (!options.tls)
			die(error);
	}
	server = rpc_server_new(base, &options);
	if (!server || rpc_server_add(server, methods, 2) != 0 ||
	    rpc_server_listen(server, "127.0.0.1:0") != 0)
		die("cannot listen");
	printf("%d\n", rpc_server_port(server));
	fflush(stdout);
	return event_base_dispatch(base);
}
