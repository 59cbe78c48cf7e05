/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC's interoperability cases, as a client plays them.
 * https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md */
#include <stdio.h>
#include <string.h>

#include "interop_steps.h"

static bool
empty_unary(struct suite *suite)
{
	const Empty request = EMPTY__INIT;
	struct step step;

	begin(suite, &empty_call, &step);
	rpc_client_unary(step.call, &request.base);
	return ends(suite, &step, RPC_OK);
}

static bool
large_unary(struct suite *suite)
{
	SimpleRequest request = SIMPLE_REQUEST__INIT;
	const SimpleResponse *response;
	struct step step;
	bool ok;

	begin(suite, &unary_call, &step);
	request.response_size = 314159;
	request.payload = zeros(&step, 271828);
	rpc_client_unary(step.call, &request.base);
	next(suite, &step);
	response = (const SimpleResponse *)rpc_client_result(step.call)->response;
	ok = !response || size_is(suite, response->payload, 314159);
	return ends(suite, &step, RPC_OK) && ok;
}

static bool
client_streaming(struct suite *suite)
{
	static const size_t sizes[] = {27182, 8, 1828, 45904};
	const StreamingInputCallResponse *response;
	struct step step;
	int sum = 0;

	begin(suite, &input_call, &step);
	rpc_client_start(step.call);
	for (size_t i = 0; i < 4; i++) {
		StreamingInputCallRequest request = STREAMING_INPUT_CALL_REQUEST__INIT;

		request.payload = zeros(&step, sizes[i]);
		rpc_client_send(step.call, &request.base);
	}
	rpc_client_half_close(step.call);
	next(suite, &step);
	response = (const StreamingInputCallResponse *)rpc_client_result(step.call)->response;
	if (response)
		sum = response->aggregated_payload_size;
	return ends(suite, &step, RPC_OK) && (sum == 74922 || fail(suite, "sum", 74922, sum));
}

static const int answers[] = {31415, 9, 2653, 58979};
static const size_t questions[] = {27182, 8, 1828, 45904};

static bool
server_streaming(struct suite *suite)
{
	StreamingOutputCallRequest request = STREAMING_OUTPUT_CALL_REQUEST__INIT;
	ResponseParameters parameters[4], *all[4];
	struct step step;
	bool ok = true;
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		response_parameters__init(&parameters[i]);
		parameters[i].size = answers[i];
		all[i] = &parameters[i];
	}
	request.n_response_parameters = 4;
	request.response_parameters = all;
	begin(suite, &output_call, &step);
	rpc_client_unary(step.call, &request.base);
	for (; n < 4 && next(suite, &step); n++)
		ok = ok && size_is(suite, step.message->payload, (size_t)answers[n]);
	ok = ends(suite, &step, RPC_OK) && ok;
	return ok && (step.n_messages == 4 || fail(suite, "messages", 4, step.n_messages));
}

static void
ask(struct step *step, size_t size, int answer)
{
	StreamingOutputCallRequest request = STREAMING_OUTPUT_CALL_REQUEST__INIT;
	ResponseParameters parameters = RESPONSE_PARAMETERS__INIT, *all = &parameters;

	parameters.size = answer;
	request.n_response_parameters = 1;
	request.response_parameters = &all;
	request.payload = zeros(step, size);
	rpc_client_send(step->call, &request.base);
}

static bool
ping_pong(struct suite *suite)
{
	struct step step;
	bool ok = true;

	begin(suite, &duplex_call, &step);
	rpc_client_start(step.call);
	for (int i = 0; i < 4 && !step.ended; i++) {
		ask(&step, questions[i], answers[i]);
		if (next(suite, &step))
			ok = ok && size_is(suite, step.message->payload, (size_t)answers[i]);
	}
	rpc_client_half_close(step.call);
	ok = ends(suite, &step, RPC_OK) && ok;
	return ok && (step.n_messages == 4 || fail(suite, "messages", 4, step.n_messages));
}

static bool
empty_stream(struct suite *suite)
{
	struct step step;

	begin(suite, &duplex_call, &step);
	rpc_client_start(step.call);
	rpc_client_half_close(step.call);
	return ends(suite, &step, RPC_OK) &&
	       (step.n_messages == 0 || fail(suite, "messages", 0, step.n_messages));
}

static bool
timeout_on_sleeping_server(struct suite *suite)
{
	struct step step;

	begin(suite, &duplex_call, &step);
	rpc_client_options(step.call)->timeout_us = 1000;
	rpc_client_start(step.call);
	ask(&step, 27182, 31415);
	return ends(suite, &step, RPC_DEADLINE_EXCEEDED);
}

static bool
cancel_after_begin(struct suite *suite)
{
	struct step step;

	begin(suite, &input_call, &step);
	rpc_client_start(step.call);
	rpc_client_cancel(step.call);
	return ends(suite, &step, RPC_CANCELLED);
}

static bool
cancel_after_first_response(struct suite *suite)
{
	struct step step;

	begin(suite, &duplex_call, &step);
	rpc_client_start(step.call);
	ask(&step, 27182, 31415);
	next(suite, &step);
	rpc_client_cancel(step.call);
	return ends(suite, &step, RPC_CANCELLED);
}

static bool
text_is(struct suite *suite, struct step *step, const char *text)
{
	while (next(suite, step))
		;
	if (!strcmp(rpc_client_result(step->call)->status->message, text))
		return true;
	snprintf(suite->why, sizeof suite->why, "text: '%s'",
		 rpc_client_result(step->call)->status->message);
	return false;
}

static bool
echo_status(struct suite *suite, const struct rpc_method *method, const char *text)
{
	SimpleRequest simple = SIMPLE_REQUEST__INIT;
	StreamingOutputCallRequest stream = STREAMING_OUTPUT_CALL_REQUEST__INIT;
	EchoStatus status;
	struct step step;
	bool ok;

	echo_status__init(&status);
	status.code = RPC_UNKNOWN;
	simple.response_status = stream.response_status = &status;
	begin(suite, method, &step);
	status.message = (char *)(uintptr_t)text;
	rpc_client_start(step.call);
	rpc_client_send(step.call, method == &unary_call ? &simple.base : &stream.base);
	rpc_client_half_close(step.call);
	ok = text_is(suite, &step, text);
	return ends(suite, &step, RPC_UNKNOWN) && ok;
}

static bool
status_code_and_message(struct suite *suite)
{
	return echo_status(suite, &unary_call, "test status message") &&
	       echo_status(suite, &duplex_call, "test status message");
}

static bool
special_status_message(struct suite *suite)
{
	return echo_status(
	    suite, &unary_call,
	    "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001F608\t\n");
}

static bool
echoes_metadata(struct suite *suite, const struct rpc_method *method)
{
	static const char initial[] = "x-grpc-test-echo-initial";
	static const char trailing[] = "x-grpc-test-echo-trailing-bin";
	SimpleRequest request = SIMPLE_REQUEST__INIT;
	const struct rpc_pair *trailer;
	const char *header;
	struct step step;
	bool ok;

	begin(suite, method, &step);
	rpc_metadata_add_text(&rpc_client_options(step.call)->metadata, initial,
			      "test_initial_metadata_value");
	rpc_metadata_add(&rpc_client_options(step.call)->metadata, trailing, "\xab\xab\xab", 3);
	rpc_client_start(step.call);
	if (method == &unary_call) {
		request.response_size = 314159;
		request.payload = zeros(&step, 271828);
		rpc_client_send(step.call, &request.base);
	} else {
		ask(&step, 271828, 314159);
	}
	rpc_client_half_close(step.call);
	while (next(suite, &step))
		;
	header = rpc_metadata_get(&rpc_client_result(step.call)->headers, initial);
	trailer = rpc_metadata_find(&rpc_client_result(step.call)->trailers, trailing);
	ok = header && !strcmp(header, "test_initial_metadata_value") && trailer &&
	     trailer->length == 3 && !memcmp(trailer->value, "\xab\xab\xab", 3);
	if (!ok)
		snprintf(suite->why, sizeof suite->why, "metadata did not come back");
	return ends(suite, &step, RPC_OK) && ok;
}

static bool
custom_metadata(struct suite *suite)
{
	return echoes_metadata(suite, &unary_call) && echoes_metadata(suite, &duplex_call);
}

static bool
is_unimplemented(struct suite *suite, const struct rpc_method *method)
{
	const Empty request = EMPTY__INIT;
	struct step step;

	begin(suite, method, &step);
	rpc_client_unary(step.call, &request.base);
	return ends(suite, &step, RPC_UNIMPLEMENTED);
}

static bool
unimplemented_method(struct suite *suite)
{
	return is_unimplemented(suite, &no_method);
}

static bool
unimplemented_service(struct suite *suite)
{
	return is_unimplemented(suite, &no_service);
}

enum { SOAK = 10 };

static bool
rpc_soak(struct suite *suite)
{
	bool ok = true;

	for (int i = 0; ok && i < SOAK; i++)
		ok = large_unary(suite);
	return ok;
}

static bool
channel_soak(struct suite *suite)
{
	bool ok = true;

	for (int i = 0; ok && i < SOAK; i++) {
		rpc_channel_close(suite->channel);
		open_channel(suite);
		ok = large_unary(suite);
	}
	return ok;
}

#define CASE(name)                 \
	{                          \
#name, name, false \
	}
#define BY_NAME(name)             \
	{                         \
#name, name, true \
	}
const struct interop_case interop_cases[] = {
    CASE(empty_unary),
    CASE(large_unary),
    CASE(client_streaming),
    CASE(server_streaming),
    CASE(ping_pong),
    CASE(empty_stream),
    CASE(timeout_on_sleeping_server),
    CASE(cancel_after_begin),
    CASE(cancel_after_first_response),
    CASE(status_code_and_message),
    CASE(special_status_message),
    CASE(custom_metadata),
    CASE(unimplemented_method),
    CASE(unimplemented_service),
    CASE(rpc_soak),
    CASE(channel_soak),
    BY_NAME(client_compressed_unary),
    BY_NAME(client_compressed_streaming),
    BY_NAME(server_compressed_unary),
    BY_NAME(server_compressed_streaming),
    {NULL, NULL, false},
};
