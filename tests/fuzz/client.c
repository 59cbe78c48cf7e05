/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of the client by its server: any bytes from the peer, frames, header blocks and bodies,
 * end a call exactly once, and take nothing with them.
 *
 * The first byte of the input chooses protocol, method and whether messages are asked for; then
 * comes what the server sends after its SETTINGS.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/client.h"

enum { TURNS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rpc_method methods[] = {
    {.path = "/f.F/Unary"},
    {.path = "/f.F/In", .client_streaming = true},
    {.path = "/f.F/Out", .server_streaming = true},
    {.path = "/f.F/Both", .client_streaming = true, .server_streaming = true},
};

/* An empty SETTINGS frame: without it the client would never send its request. */
static const uint8_t settings[9] = {0, 0, 0, 4, 0, 0, 0, 0, 0};

static struct event_base *base;
static int listener = -1;
static char directory[] = "/tmp/fuzz-client.XXXXXX";
static char target[64];
static volatile uint8_t sink; /* so that every byte is read */

struct outcome {
	bool asks;
	int n_ends;
};

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
remove_directory(void)
{
	unlink(target + strlen("unix:"));
	rmdir(directory);
}

static void
start(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (listener >= 0)
		return;
	base = event_base_new();
	check(base && mkdtemp(directory));
	snprintf(target, sizeof target, "unix:%s/s", directory);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/s", directory);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(listener >= 0);
	check(bind(listener, (const struct sockaddr *)&address, sizeof address) == 0);
	check(listen(listener, 16) == 0);
	atexit(remove_directory);
}

static void
on_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	struct outcome *outcome = rpc_client_data(call);

	check(!outcome->n_ends);
	for (size_t i = 0; i < length; i++)
		sink ^= ((const uint8_t *)data)[i];
	if (outcome->asks)
		rpc_client_next(call);
}

static void
on_ended(struct rpc_client_call *call)
{
	struct outcome *outcome = rpc_client_data(call);

	outcome->n_ends++;
}

static const struct rpc_client_hooks hooks = {.raw = on_raw, .ended = on_ended};

static void
turns(void)
{
	for (int i = 0; i < TURNS; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* What the server says, and its end. */
static void
serve(const uint8_t *data, size_t size)
{
	int fd;

	turns();
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	check(fd >= 0);
	check(send(fd, settings, sizeof settings, MSG_NOSIGNAL) == sizeof settings);
	turns();
	/* A client that has had enough may have closed. */
	(void)!send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	turns();
	close(fd);
	turns();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_channel_options options = {.max_receive_bytes = 1 << 16};
	struct outcome outcome = {0};
	struct rpc_channel *channel;
	struct rpc_client_call *call;

	if (!size)
		return 0;
	start();
	options.protocol = (enum rpc_protocol)(data[0] % RPC_N_PROTOCOLS);
	outcome.asks = data[0] & 0x40;
	check(rpc_channel_new(base, target, &options, &channel) == 0);
	call = rpc_client_new(channel, &methods[data[0] >> 4 & 3], &hooks, &outcome);
	check(call != NULL);
	rpc_client_unary_raw(call, "x", 1);
	serve(data + 1, size - 1);
	rpc_client_cancel(call);
	turns();
	check(outcome.n_ends == 1);
	rpc_client_free(call);
	rpc_channel_close(channel);
	turns();
	/* A call that never left has made the channel connect again. */
	for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
		close(fd);
	return 0;
}
