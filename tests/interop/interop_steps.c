/* SPDX-License-Identifier: Apache-2.0 */
#include "interop_steps.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVICE "/grpc.testing.TestService/"

const struct rpc_method empty_call = {
    .path = SERVICE "EmptyCall", .request = &empty__descriptor, .response = &empty__descriptor};
const struct rpc_method unary_call = {.path = SERVICE "UnaryCall",
				      .request = &simple_request__descriptor,
				      .response = &simple_response__descriptor};
const struct rpc_method output_call = {.path = SERVICE "StreamingOutputCall",
				       .request = &streaming_output_call_request__descriptor,
				       .response = &streaming_output_call_response__descriptor,
				       .server_streaming = true};
const struct rpc_method input_call = {.path = SERVICE "StreamingInputCall",
				      .request = &streaming_input_call_request__descriptor,
				      .response = &streaming_input_call_response__descriptor,
				      .client_streaming = true};
const struct rpc_method duplex_call = {.path = SERVICE "FullDuplexCall",
				       .request = &streaming_output_call_request__descriptor,
				       .response = &streaming_output_call_response__descriptor,
				       .client_streaming = true,
				       .server_streaming = true};
const struct rpc_method no_method = {.path = SERVICE "UnimplementedCall",
				     .request = &empty__descriptor,
				     .response = &empty__descriptor};
const struct rpc_method no_service = {.path =
					  "/grpc.testing.UnimplementedService/UnimplementedCall",
				      .request = &empty__descriptor,
				      .response = &empty__descriptor};

static void
on_message(struct rpc_client_call *call, ProtobufCMessage *message)
{
	struct step *step = rpc_client_data(call);

	step->message = (const StreamingOutputCallResponse *)message;
	step->n_messages++;
}

static void
on_ended(struct rpc_client_call *call)
{
	struct step *step = rpc_client_data(call);

	if (step->ended)
		abort();
	step->ended = true;
}

static const struct rpc_client_hooks hooks = {.message = on_message, .ended = on_ended};

void
open_channel(struct suite *suite)
{
	if (rpc_channel_new(suite->base, suite->target, NULL, &suite->channel) == 0)
		return;
	fprintf(stderr, "cannot read target '%s'\n", suite->target);
	exit(2);
}

/* Where one allocation fails on purpose the next does not. */
void
begin(struct suite *suite, const struct rpc_method *method, struct step *step)
{
	*step = (struct step){0};
	for (int tries = 0; !step->call && tries < 2; tries++)
		step->call = rpc_client_new(suite->channel, method, &hooks, step);
	if (!step->call)
		exit(2);
}

/* Runs the loop until the next message (true) or the end (false). */
bool
next(struct suite *suite, struct step *step)
{
	unsigned before = step->n_messages;

	if (step->message)
		rpc_client_next(step->call);
	step->message = NULL;
	while (!step->ended && step->n_messages == before)
		event_base_loop(suite->base, EVLOOP_ONCE);
	return !step->ended;
}

bool
fail(struct suite *suite, const char *what, long expected, long actual)
{
	snprintf(suite->why, sizeof suite->why, "%s: %ld expected, %ld", what, expected, actual);
	return false;
}

/* Waits for the end, which must have this code; frees the call. */
bool
ends(struct suite *suite, struct step *step, enum rpc_code code)
{
	enum rpc_code actual;
	bool ok;

	while (next(suite, step))
		;
	actual = rpc_client_result(step->call)->code;
	ok = actual == code;
	if (!ok) {
		suite->code = actual;
		snprintf(suite->why, sizeof suite->why, "%s expected, %s: %s", rpc_code_name(code),
			 rpc_code_name(actual), rpc_client_result(step->call)->status->message);
	}
	rpc_client_free(step->call);
	return ok;
}

Payload *
zeros(struct step *step, size_t size)
{
	static uint8_t bytes[MAX_ZEROS];

	payload__init(&step->payload);
	step->payload.body = (ProtobufCBinaryData){size, bytes};
	return &step->payload;
}

bool
size_is(struct suite *suite, const Payload *payload, size_t size)
{
	size_t actual = payload ? payload->body.len : 0;

	return actual == size || fail(suite, "payload", (long)size, (long)actual);
}
