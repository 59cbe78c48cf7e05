/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer-client TARGET [keepalive_ms]: our client as a puppet, for scripts that do things to its peer
 * (tests/conformance/suites/peers). A line in, a line out:
 *
 *     call [code=N] [attempts=N] [timeout=MS] [wait]     UnaryCall; the server shall answer with
 * code stream [n=N] [every=MS]                            StreamingOutputCall; n messages rest MS
 * only the event loop runs
 *
 * Answer: "CODE attempts=N messages=N text".
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/testing/test.pb-c.h"
#include "rpc/client.h"

enum { MAX_MESSAGES = 1000, MAX_LINE = 256 };

struct puppet {
	struct event_base *base;
	struct rpc_channel *channel;
};

struct order {
	long code, attempts, timeout_ms, n, every_ms;
	bool wait;
};

static const struct rpc_method unary_call = {.path = "/grpc.testing.TestService/UnaryCall",
					     .request = &simple_request__descriptor,
					     .response = &simple_response__descriptor};
static const struct rpc_method output_call = {
    .path = "/grpc.testing.TestService/StreamingOutputCall",
    .request = &streaming_output_call_request__descriptor,
    .response = &streaming_output_call_response__descriptor,
    .server_streaming = true};

struct stream {
	unsigned n_messages;
	bool ended;
};

static void
on_message(struct rpc_client_call *call, ProtobufCMessage *message)
{
	struct stream *stream = rpc_client_data(call);

	(void)message;
	stream->n_messages++;
	rpc_client_next(call);
}

static void
on_ended(struct rpc_client_call *call)
{
	((struct stream *)rpc_client_data(call))->ended = true;
}

static const struct rpc_client_hooks stream_hooks = {.message = on_message, .ended = on_ended};

static struct order
read_order(char *words)
{
	struct order order = {.attempts = 1};
	char *rest = words;

	for (char *word; (word = strtok_r(rest, " \n", &rest));) {
		const char *value = strchr(word, '=');
		long number = value ? strtol(value + 1, NULL, 10) : 0;

		if (!strncmp(word, "code=", 5))
			order.code = number;
		else if (!strncmp(word, "attempts=", 9))
			order.attempts = number;
		else if (!strncmp(word, "timeout=", 8))
			order.timeout_ms = number;
		else if (!strncmp(word, "n=", 2))
			order.n = number;
		else if (!strncmp(word, "every=", 6))
			order.every_ms = number;
		else if (!strcmp(word, "wait"))
			order.wait = true;
	}
	return order;
}

static void
answer(struct rpc_client_call *call, unsigned n_messages)
{
	printf("%s attempts=%u messages=%u %s\n", rpc_code_name(rpc_client_result(call)->code),
	       rpc_client_result(call)->n_attempts, n_messages,
	       rpc_client_result(call)->status->message);
	fflush(stdout);
	rpc_client_free(call);
}

static void
prepare(struct rpc_client_call *call, const struct order *order)
{
	if (order->timeout_ms > 0)
		rpc_client_options(call)->timeout_us = order->timeout_ms * 1000;
	rpc_client_options(call)->wait_for_ready = order->wait;
}

static void
play_call(struct puppet *puppet, const struct order *order)
{
	const struct rpc_retry_policy retry = {.max_attempts = (uint32_t)order->attempts,
					       .initial_backoff_us = 10000,
					       .max_backoff_us = 100000,
					       .multiplier_percent = 200,
					       .codes = 1U << RPC_UNAVAILABLE};
	struct rpc_client_call *call = rpc_client_new(puppet->channel, &unary_call, NULL, NULL);
	SimpleRequest request = SIMPLE_REQUEST__INIT;
	EchoStatus status = ECHO_STATUS__INIT;

	prepare(call, order);
	rpc_client_options(call)->retry = &retry;
	status.code = (int32_t)order->code;
	if (order->code)
		request.response_status = &status;
	request.response_size = 1;
	rpc_client_unary(call, &request.base);
	answer(call, rpc_client_run(call) == RPC_OK);
}

static void
play_stream(struct puppet *puppet, const struct order *order)
{
	static ResponseParameters parameters[MAX_MESSAGES], *all[MAX_MESSAGES];
	StreamingOutputCallRequest request = STREAMING_OUTPUT_CALL_REQUEST__INIT;
	struct stream stream = {0};
	struct rpc_client_call *call =
	    rpc_client_new(puppet->channel, &output_call, &stream_hooks, &stream);

	prepare(call, order);
	for (long i = 0; i < order->n && i < MAX_MESSAGES; i++) {
		response_parameters__init(&parameters[i]);
		parameters[i].size = 1;
		parameters[i].interval_us = (int32_t)order->every_ms * 1000;
		all[i] = &parameters[i];
		request.n_response_parameters++;
	}
	request.response_parameters = all;
	rpc_client_unary(call, &request.base);
	while (!stream.ended)
		event_base_loop(puppet->base, EVLOOP_ONCE);
	answer(call, stream.n_messages);
}

static void
play(struct puppet *puppet, char *line)
{
	char *words = line, *verb = strtok_r(words, " \n", &words);
	struct timeval rest = {0};
	struct order order;

	if (!verb)
		return;
	if (!strcmp(verb, "rest")) {
		long ms = strtol(words, NULL, 10);

		rest = (struct timeval){ms / 1000, ms % 1000 * 1000};
		event_base_loopexit(puppet->base, &rest);
		event_base_loop(puppet->base, EVLOOP_NO_EXIT_ON_EMPTY);
		puts("rested");
		fflush(stdout);
		return;
	}
	order = read_order(words);
	if (!strcmp(verb, "call"))
		play_call(puppet, &order);
	else
		play_stream(puppet, &order);
}

int
main(int argc, char **argv)
{
	struct puppet puppet = {.base = event_base_new()};
	struct rpc_channel_options options = {.backoff_initial_us = 100000,
					      .backoff_max_us = 200000};
	char line[MAX_LINE];

	if (argc > 2) {
		options.keepalive_us = strtol(argv[2], NULL, 10) * 1000;
		options.keepalive_without_calls = true;
	}
	if (argc < 2 || rpc_channel_new(puppet.base, argv[1], &options, &puppet.channel) != 0) {
		fprintf(stderr, "usage: peer-client TARGET [KEEPALIVE_MS]\n");
		return 2;
	}
	while (fgets(line, sizeof line, stdin))
		play(&puppet, line);
	rpc_channel_close(puppet.channel);
	event_base_loop(puppet.base, EVLOOP_NONBLOCK);
	event_base_free(puppet.base);
	return 0;
}
