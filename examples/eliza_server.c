/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eliza-server ADDRESS: serves eliza.proto in three protocols and two codecs; no handler can tell
 * which. Prints its port. (rpc_server_drain would let calls end before it goes.)
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "eliza.pb-c.h"
#include "proto/schema.h"
#include "rpc/reflection.h"
#include "rpc/server.h"

EMBEDDED(eliza); /* the descriptors of eliza.proto, for JSON and reflection */

static char *
answer_to(struct rpc_call *call, const ProtobufCMessage *message)
{
	const char *sentence = ((const Eliza__V1__SayRequest *)message)->sentence;
	struct arena *arena = rpc_call_message_arena(call);

	if (!strncmp(sentence, "I am ", 5))
		return arena_printf(arena, "How long have you been %s?", sentence + 5);
	return arena_strdup(arena, "Please go on.");
}

static enum rpc_send_result
say(struct rpc_call *call, char *sentence)
{
	Eliza__V1__SayResponse response;
	eliza__v1__say_response__init(&response);
	response.sentence = sentence;
	return rpc_call_send(call, &response.base);
}

static void
on_say(struct rpc_call *call, ProtobufCMessage *message)
{
	say(call, answer_to(call, message));
	rpc_call_finish(call, RPC_OK, NULL);
}

/* A stream in both directions: the next sentence is asked for when there is room for its answer. */
static void
on_sentence(struct rpc_call *call, ProtobufCMessage *message)
{
	if (say(call, answer_to(call, message)) == RPC_SEND_OK)
		rpc_call_next(call);
}

static void
on_goodbye(struct rpc_call *call)
{
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_introduce(struct rpc_call *call, ProtobufCMessage *message)
{
	const char *name = ((const Eliza__V1__IntroduceRequest *)message)->name;

	if (!*name) {
		rpc_call_finish(call, RPC_INVALID_ARGUMENT, "name: who are you?");
		return;
	}
	say(call, arena_printf(rpc_call_arena(call), "Hello, %s.", name));
	say(call, arena_strdup(rpc_call_arena(call), "I am Eliza. How do you feel today?"));
	rpc_call_finish(call, RPC_OK, NULL);
}

static const struct rpc_handler say_handler = {.message = on_say};
static const struct rpc_handler converse_handler = {
    .message = on_sentence, .half_close = on_goodbye, .writable = rpc_call_next};
static const struct rpc_handler introduce_handler = {.message = on_introduce};

static const struct rpc_method methods[] = {
    {.path = "/eliza.v1.ElizaService/Say",
     .request = &eliza__v1__say_request__descriptor,
     .response = &eliza__v1__say_response__descriptor,
     .no_side_effects = true,
     .handler = &say_handler},
    {.path = "/eliza.v1.ElizaService/Converse",
     .request = &eliza__v1__say_request__descriptor,
     .response = &eliza__v1__say_response__descriptor,
     .client_streaming = true,
     .server_streaming = true,
     .handler = &converse_handler},
    {.path = "/eliza.v1.ElizaService/Introduce",
     .request = &eliza__v1__introduce_request__descriptor,
     .response = &eliza__v1__say_response__descriptor,
     .server_streaming = true,
     .handler = &introduce_handler},
};

int
main(int argc, char **argv)
{
	const ProtobufCServiceDescriptor *service = &eliza__v1__eliza_service__descriptor;
	const struct schema_set set = {eliza, eliza_size};
	const struct schema_source source = {
	    .sets = &set, .n_sets = 1, .services = &service, .n_services = 1};
	struct event_base *base = event_base_new();
	struct schema *schema = NULL;
	struct rpc_server *server;

	if (argc != 2 || schema_new(&source, &schema) != 0)
		return 2;
	server = rpc_server_new(base, &(struct rpc_server_options){.json.schema = schema});
	if (!server || rpc_server_add(server, methods, 3) != 0 || rpc_reflection_add(server) != 0 ||
	    rpc_server_listen(server, argv[1]) != 0) {
		fprintf(stderr, "cannot listen on %s\n", argv[1]);
		return 1;
	}
	printf("%d\n", rpc_server_port(server));
	fflush(stdout);
	return event_base_dispatch(base);
}
