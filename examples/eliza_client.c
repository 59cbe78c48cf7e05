/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eliza-client TARGET NAME SENTENCE…: lets Eliza introduce herself, then talks with her; prints
 * what she says. The first sentence is one call, the others go through one stream.
 */
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "eliza.pb-c.h"
#include "rpc/client.h"

static const struct rpc_method say = {.path = "/eliza.v1.ElizaService/Say",
				      .request = &eliza__v1__say_request__descriptor,
				      .response = &eliza__v1__say_response__descriptor};
static const struct rpc_method converse = {.path = "/eliza.v1.ElizaService/Converse",
					   .request = &eliza__v1__say_request__descriptor,
					   .response = &eliza__v1__say_response__descriptor,
					   .client_streaming = true,
					   .server_streaming = true};
static const struct rpc_method introduce = {.path = "/eliza.v1.ElizaService/Introduce",
					    .request = &eliza__v1__introduce_request__descriptor,
					    .response = &eliza__v1__say_response__descriptor,
					    .server_streaming = true};

struct talk {
	char **sentences; /* still to be said */
	bool ended;
};

/* One sentence at a time; the stream ends with the last. */
static void
speak(struct rpc_client_call *call, struct talk *talk)
{
	Eliza__V1__SayRequest request = ELIZA__V1__SAY_REQUEST__INIT;

	if (!*talk->sentences) {
		rpc_client_half_close(call);
		return;
	}
	request.sentence = *talk->sentences++;
	rpc_client_send(call, &request.base);
}

static void
on_message(struct rpc_client_call *call, ProtobufCMessage *message)
{
	struct talk *talk = rpc_client_data(call);

	puts(((const Eliza__V1__SayResponse *)message)->sentence);
	if (talk->sentences)
		speak(call, talk);
	rpc_client_next(call);
}

static void
on_ended(struct rpc_client_call *call)
{
	((struct talk *)rpc_client_data(call))->ended = true;
}

static const struct rpc_client_hooks hooks = {.message = on_message, .ended = on_ended};

/* The text says who failed, at what, why, and how long it took. */
static void
must_be_ok(struct rpc_client_call *call)
{
	if (rpc_client_result(call)->code != RPC_OK) {
		fprintf(stderr, "%s: %s\n", rpc_code_name(rpc_client_result(call)->code),
			rpc_client_result(call)->status->message);
		exit(1);
	}
	rpc_client_free(call);
}

static void
wait_for(struct event_base *base, struct rpc_client_call *call, const struct talk *talk)
{
	while (!talk->ended)
		event_base_loop(base, EVLOOP_ONCE);
	must_be_ok(call);
}

int
main(int argc, char **argv)
{
	Eliza__V1__IntroduceRequest me = ELIZA__V1__INTRODUCE_REQUEST__INIT;
	Eliza__V1__SayRequest first = ELIZA__V1__SAY_REQUEST__INIT;
	struct event_base *base = event_base_new();
	struct talk greeting = {0}, talk = {.sentences = argv + 4};
	struct rpc_channel *channel;
	struct rpc_client_call *call;

	if (argc < 4 || rpc_channel_new(base, argv[1], NULL, &channel) != 0) {
		fprintf(stderr, "usage: eliza-client TARGET NAME SENTENCE…\n");
		return 2;
	}
	me.name = argv[2];
	call = rpc_client_new(channel, &introduce, &hooks, &greeting);
	rpc_client_unary(call, &me.base);
	wait_for(base, call, &greeting);

	first.sentence = argv[3];
	call = rpc_client_new(channel, &say, NULL, NULL);
	rpc_client_options(call)->timeout_us = 1000000;
	rpc_client_unary(call, &first.base);
	if (rpc_client_run(call) == RPC_OK)
		puts(((const Eliza__V1__SayResponse *)rpc_client_result(call)->response)->sentence);
	must_be_ok(call);

	call = rpc_client_new(channel, &converse, &hooks, &talk);
	rpc_client_start(call);
	speak(call, &talk);
	wait_for(base, call, &talk);
	rpc_channel_close(channel);
	event_base_free(base);
	return 0;
}
