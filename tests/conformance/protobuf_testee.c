/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program under test of Google's protobuf conformance runner: it proves common/proto and
 * common/json. Requests come on stdin and responses go to stdout, each behind its length in 4
 * little-endian bytes. proto2, the text format and jspb are not ours: "skipped".
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/embed.h"
#include "conformance/conformance.pb-c.h"
#include "google/protobuf/test_messages_proto3.pb-c.h"
#include "proto/schema.h"
#include "proto/wire.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { BUDGET = 64 << 20, MAX_REQUEST = 16 << 20 };

EMBEDDED(conformance_set);

static const ProtobufCMessageDescriptor *const test_type =
    &protobuf_test_messages__proto3__test_all_types_proto3__descriptor;

struct testee {
	struct schema *schema;
	struct arena *arena;
};

static char *
describe(struct testee *t, const struct proto_fault *fault)
{
	return arena_printf(t->arena, "%s: %s", fault->path, fault->reason);
}

/* NULL, or why the request is none of ours. */
static const char *
why_skip(const ConformanceRequest *request)
{
	if (strcmp(request->message_type, test_type->name) != 0)
		return "only proto3";
	if (request->payload_case != CONFORMANCE_REQUEST__PAYLOAD_PROTOBUF_PAYLOAD &&
	    request->payload_case != CONFORMANCE_REQUEST__PAYLOAD_JSON_PAYLOAD)
		return "only binary and JSON";
	if (request->requested_output_format != WIRE_FORMAT__PROTOBUF &&
	    request->requested_output_format != WIRE_FORMAT__JSON)
		return "only binary and JSON";
	return NULL;
}

/* The message that the request carries; false when the answer is set already. */
static bool
read_payload(struct testee *t, const ConformanceRequest *request, ConformanceResponse *response,
	     ProtobufCMessage **ret_message)
{
	struct json_read_options options = {
	    .ignore_unknown =
		request->test_category == TEST_CATEGORY__JSON_IGNORE_UNKNOWN_PARSING_TEST,
	    .keep_nul = true, /* StringFieldEmbeddedNull; the services refuse it */
	};
	struct proto_fault fault;
	enum proto_result result;

	if (request->payload_case == CONFORMANCE_REQUEST__PAYLOAD_PROTOBUF_PAYLOAD) {
		result = wire_read(test_type, request->protobuf_payload.data,
				   request->protobuf_payload.len, t->arena, ret_message, &fault);
	} else {
		result = json_read(t->schema, schema_message_of(t->schema, test_type),
				   request->json_payload, strlen(request->json_payload), &options,
				   t->arena, ret_message, &fault);
	}
	if (result == PROTO_OK)
		return true;
	response->result_case = CONFORMANCE_RESPONSE__RESULT_PARSE_ERROR;
	response->parse_error = describe(t, &fault);
	return false;
}

static void
write_answer(struct testee *t, const ConformanceRequest *request, const ProtobufCMessage *message,
	     ConformanceResponse *response)
{
	struct proto_fault fault;
	struct buf json;

	if (request->requested_output_format == WIRE_FORMAT__PROTOBUF) {
		response->result_case = CONFORMANCE_RESPONSE__RESULT_PROTOBUF_PAYLOAD;
		response->protobuf_payload.data =
		    wire_pack(message, t->arena, &response->protobuf_payload.len);
		return;
	}
	buf_init(&json, t->arena, BUDGET);
	if (json_write(t->schema, message, NULL, t->arena, &json, &fault) == PROTO_OK) {
		response->result_case = CONFORMANCE_RESPONSE__RESULT_JSON_PAYLOAD;
		response->json_payload = json.data;
	} else {
		response->result_case = CONFORMANCE_RESPONSE__RESULT_SERIALIZE_ERROR;
		response->serialize_error = describe(t, &fault);
	}
}

static void
answer(struct testee *t, const void *bytes, size_t size, ConformanceResponse *response)
{
	ProtobufCMessage *message = NULL;
	const ConformanceRequest *request;
	struct proto_fault fault;
	const char *skip;

	if (wire_read(&conformance_request__descriptor, bytes, size, t->arena, &message, &fault) !=
	    PROTO_OK) {
		/* Some cases put bad text into the request itself. */
		response->result_case = CONFORMANCE_RESPONSE__RESULT_PARSE_ERROR;
		response->parse_error = describe(t, &fault);
		return;
	}
	request = (const ConformanceRequest *)message;
	skip = why_skip(request);
	if (skip) {
		response->result_case = CONFORMANCE_RESPONSE__RESULT_SKIPPED;
		response->skipped = arena_strdup(t->arena, skip);
		return;
	}
	if (read_payload(t, request, response, &message))
		write_answer(t, request, message, response);
}

/* False at the end of input. */
static bool
serve_one(struct testee *t)
{
	ConformanceResponse response = CONFORMANCE_RESPONSE__INIT;
	uint32_t length;
	size_t size;
	void *bytes;

	if (fread(&length, sizeof length, 1, stdin) != 1 || length > MAX_REQUEST)
		return false;
	bytes = arena_alloc(t->arena, length);
	if (!bytes || (length && fread(bytes, length, 1, stdin) != 1))
		return false;
	answer(t, bytes, length, &response);
	bytes = wire_pack(&response.base, t->arena, &size);
	if (!bytes)
		return false;
	length = (uint32_t)size;
	fwrite(&length, sizeof length, 1, stdout);
	fwrite(bytes, 1, size, stdout);
	fflush(stdout);
	arena_reset(t->arena);
	return true;
}

int
main(void)
{
	const struct schema_set set = {conformance_set, conformance_set_size};
	const struct schema_source source = {
	    .sets = &set, .n_sets = 1, .messages = &test_type, .n_messages = 1};
	struct testee t = {.arena = arena_new(BUDGET)};

	if (!t.arena || schema_new(&source, &t.schema) < 0)
		return 1;
	while (serve_one(&t))
		;
	schema_free(t.schema);
	arena_free(t.arena);
	return 0;
}
