/* SPDX-License-Identifier: Apache-2.0 */
/* The four compression cases: each side says what it wants or what came, and the other looks. */
#include "interop_steps.h"

/* One large_unary whose request goes compressed or not, and says so, truthfully or not. */
static bool
tell_compression(struct suite *suite, bool compressed, bool told, enum rpc_code code)
{
	SimpleRequest request = SIMPLE_REQUEST__INIT;
	BoolValue expected = BOOL_VALUE__INIT;
	struct step step;

	begin(suite, &unary_call, &step);
	rpc_client_options(step.call)->encoding = RPC_ENCODING_GZIP;
	rpc_client_options(step.call)->plain = !compressed;
	expected.value = told;
	request.expect_compressed = &expected;
	request.response_size = 314159;
	request.payload = zeros(&step, 271828);
	rpc_client_unary(step.call, &request.base);
	return ends(suite, &step, code);
}

bool
client_compressed_unary(struct suite *suite)
{
	/* The first asks whether the server looks at all. */
	return tell_compression(suite, false, true, RPC_INVALID_ARGUMENT) &&
	       tell_compression(suite, true, true, RPC_OK) &&
	       tell_compression(suite, false, false, RPC_OK);
}

static void
send_part(struct step *step, size_t size, bool compressed, bool told)
{
	StreamingInputCallRequest request = STREAMING_INPUT_CALL_REQUEST__INIT;
	BoolValue expected = BOOL_VALUE__INIT;

	expected.value = told;
	request.expect_compressed = &expected;
	request.payload = zeros(step, size);
	rpc_client_options(step->call)->plain = !compressed;
	rpc_client_send(step->call, &request.base);
}

bool
client_compressed_streaming(struct suite *suite)
{
	const StreamingInputCallResponse *response;
	struct step step;
	int sum = 0;

	begin(suite, &input_call, &step);
	rpc_client_options(step.call)->encoding = RPC_ENCODING_GZIP;
	rpc_client_start(step.call);
	send_part(&step, 27182, false, true);
	if (!ends(suite, &step, RPC_INVALID_ARGUMENT))
		return false;
	begin(suite, &input_call, &step);
	rpc_client_options(step.call)->encoding = RPC_ENCODING_GZIP;
	rpc_client_start(step.call);
	send_part(&step, 27182, true, true);
	send_part(&step, 45904, false, false);
	rpc_client_half_close(step.call);
	next(suite, &step);
	response = (const StreamingInputCallResponse *)rpc_client_result(step.call)->response;
	if (response)
		sum = response->aggregated_payload_size;
	return ends(suite, &step, RPC_OK) && (sum == 73086 || fail(suite, "sum", 73086, sum));
}

static bool
is_compressed(struct suite *suite, const struct step *step, bool wanted)
{
	bool actual = rpc_client_result(step->call)->is_compressed;

	return actual == wanted || fail(suite, "compressed", wanted, actual);
}

bool
server_compressed_unary(struct suite *suite)
{
	bool ok = true;

	for (int compressed = 1; compressed >= 0; compressed--) {
		SimpleRequest request = SIMPLE_REQUEST__INIT;
		BoolValue wanted = BOOL_VALUE__INIT;
		struct step step;

		wanted.value = compressed;
		request.response_compressed = &wanted;
		request.response_size = 314159;
		begin(suite, &unary_call, &step);
		request.payload = zeros(&step, 271828);
		rpc_client_unary(step.call, &request.base);
		next(suite, &step);
		ok = ok && is_compressed(suite, &step, compressed);
		ok = ends(suite, &step, RPC_OK) && ok;
	}
	return ok;
}

bool
server_compressed_streaming(struct suite *suite)
{
	static const int sizes[] = {31415, 92653};
	StreamingOutputCallRequest request = STREAMING_OUTPUT_CALL_REQUEST__INIT;
	ResponseParameters parameters[2], *all[] = {&parameters[0], &parameters[1]};
	BoolValue compressed[2];
	struct step step;
	bool ok = true;

	for (int i = 0; i < 2; i++) {
		response_parameters__init(&parameters[i]);
		bool_value__init(&compressed[i]);
		parameters[i].size = sizes[i];
		compressed[i].value = i == 0;
		parameters[i].compressed = &compressed[i];
	}
	request.n_response_parameters = 2;
	request.response_parameters = all;
	begin(suite, &output_call, &step);
	rpc_client_unary(step.call, &request.base);
	for (int i = 0; i < 2 && next(suite, &step); i++)
		ok = ok && size_is(suite, step.message->payload, (size_t)sizes[i]) &&
		     is_compressed(suite, &step, i == 0);
	ok = ends(suite, &step, RPC_OK) && ok;
	return ok && (step.n_messages == 2 || fail(suite, "messages", 2, step.n_messages));
}
