/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-calls ADDRESS METHOD REQUESTS IN_FLIGHT CONNECTIONS SECONDS once|again [NAME=VALUE…]
 *
 * Makes unary calls as fast as they are answered, IN_FLIGHT at a time, with the metadata NAME:
 * VALUE; each caller stays on its connection, as pgbench's clients do. Prints calls a second, the
 * answered and the failed ones, and the median, 95th and 99th percentile of their time in
 * microseconds. REQUESTS is a file of packed messages, each after its length as 4 little-endian
 * bytes; they are sent in turn, `again` and again or `once`.
 */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/client.h"

enum { MAX_CONNECTIONS = 64, MAX_IN_FLIGHT = 10000, MAX_TIMES = 8 << 20 };

struct bench {
	struct event_base *base;
	struct rpc_channel *channels[MAX_CONNECTIONS];
	struct rpc_method method;
	char **metadata; /* NAME=VALUE, up to NULL */
	char *requests;
	size_t size, at;
	bool once;
	unsigned n_channels, n_running;
	uint64_t n_ok, n_failed;
	uint32_t *times_us;
	size_t n_times;
	int64_t begun_us, end_us;
};

struct call {
	struct bench *bench;
	struct rpc_channel *channel;
	int64_t begun_us;
};

static void start(struct bench *b, struct rpc_channel *channel);

static void
ended(struct rpc_client_call *rpc)
{
	struct call *call = rpc_client_data(rpc);
	struct bench *b = call->bench;

	if (rpc_client_result(rpc)->code == RPC_OK)
		b->n_ok++;
	else if (b->n_failed++ == 0)
		warnx("%s", rpc_client_result(rpc)->status->message);
	if (b->n_times < MAX_TIMES)
		b->times_us[b->n_times++] = (uint32_t)(clock_monotonic_us() - call->begun_us);
	rpc_client_free(rpc);
	b->n_running--;
	if (clock_monotonic_us() < b->end_us)
		start(b, call->channel);
	free(call);
	if (b->n_running == 0)
		event_base_loopbreak(b->base);
}

static const struct rpc_client_hooks hooks = {.ended = ended};

/* The next request; NULL past the last. */
static const char *
next_request(struct bench *b, size_t *ret_length)
{
	uint32_t length;
	const char *request;

	if (b->at + sizeof length > b->size) {
		if (b->once)
			return NULL;
		b->at = 0;
	}
	memcpy(&length, b->requests + b->at, sizeof length);
	request = b->requests + b->at + sizeof length;
	b->at += sizeof length + length;
	*ret_length = length;
	return request;
}

static void
add_metadata(struct rpc_client_call *rpc, char *const *pairs)
{
	struct rpc_metadata *metadata = &rpc_client_options(rpc)->metadata;

	for (; *pairs; pairs++) {
		const char *value = strchr(*pairs, '=');
		char name[64];

		if (!value)
			errx(2, "%s: not NAME=VALUE", *pairs);
		snprintf(name, sizeof name, "%.*s", (int)(value - *pairs), *pairs);
		if (rpc_metadata_add(metadata, name, value + 1, strlen(value + 1)) < 0)
			errx(1, "no memory");
	}
}

static void
start(struct bench *b, struct rpc_channel *channel)
{
	size_t length;
	const char *request = next_request(b, &length);
	struct call *call = request ? malloc(sizeof *call) : NULL;
	struct rpc_client_call *rpc;

	if (!call)
		return;
	*call = (struct call){b, channel, clock_monotonic_us()};
	rpc = rpc_client_new(channel, &b->method, &hooks, call);
	if (!rpc)
		errx(1, "no memory");
	add_metadata(rpc, b->metadata);
	b->n_running++;
	rpc_client_unary_raw(rpc, request, length);
}

static void
read_requests(struct bench *b, const char *path)
{
	FILE *file = fopen(path, "re");
	long size;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) <= 0)
		err(1, "%s", path);
	rewind(file);
	b->requests = malloc((size_t)size);
	b->size = (size_t)size;
	if (!b->requests || fread(b->requests, 1, b->size, file) != b->size)
		errx(1, "%s: cannot be read", path);
	fclose(file);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned
percentile(const struct bench *b, unsigned percent)
{
	return b->n_times ? b->times_us[b->n_times * percent / 100] : 0;
}

static void
print(struct bench *b)
{
	double seconds = (double)(clock_monotonic_us() - b->begun_us) / CLOCK_US_PER_SECOND;

	qsort(b->times_us, b->n_times, sizeof *b->times_us, compare);
	printf("%.1f %lu %lu %u %u %u\n", (double)b->n_ok / seconds, (unsigned long)b->n_ok,
	       (unsigned long)b->n_failed, percentile(b, 50), percentile(b, 95), percentile(b, 99));
}

int
main(int argc, char **argv)
{
	static struct bench b;
	int in_flight;

	if (argc < 8)
		errx(2, "bench-calls ADDRESS METHOD REQUESTS IN_FLIGHT CONNECTIONS SECONDS "
			"once|again [NAME=VALUE…]");
	in_flight = atoi(argv[4]);
	b.n_channels = (unsigned)atoi(argv[5]);
	b.once = strcmp(argv[7], "once") == 0;
	if (in_flight < 1 || in_flight > MAX_IN_FLIGHT || b.n_channels < 1 ||
	    b.n_channels > MAX_CONNECTIONS)
		errx(2, "out of bounds");
	b.method.path = argv[2];
	b.metadata = argv + 8;
	read_requests(&b, argv[3]);
	b.times_us = malloc(MAX_TIMES * sizeof *b.times_us);
	b.base = event_base_new();
	for (unsigned i = 0; i < b.n_channels; i++)
		if (rpc_channel_new(b.base, argv[1], &(struct rpc_channel_options){0},
				    &b.channels[i]) < 0)
			errx(2, "%s", argv[1]);
	b.begun_us = clock_monotonic_us();
	b.end_us = b.begun_us + atoi(argv[6]) * (int64_t)CLOCK_US_PER_SECOND;
	for (int i = 0; i < in_flight; i++)
		start(&b, b.channels[(unsigned)i % b.n_channels]);
	event_base_dispatch(b.base);
	print(&b);
	return b.n_failed != 0;
}
