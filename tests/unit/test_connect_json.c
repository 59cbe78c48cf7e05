/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/connect_json.h: errors and ends of streams, both ways, and what peers get wrong (RPC-17,
 * RPC-18). */
#include "unit.h"

#include <string.h>

#include "google/rpc/error_details.pb-c.h"
#include "rpc/connect_json.h"
#include "rpc/status.h"

static struct arena *arena;
static struct buf out;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&out, NULL, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	arena_free(arena);
	return 0;
}

static Status *
not_found(void)
{
	Status *status = rpc_status_new(arena, RPC_NOT_FOUND, "没有 \"x\"\n");
	ErrorInfo info;

	error_info__init(&info);
	info.reason = (char[]){"NO_APPLICATION"};
	assert_int_equal(rpc_status_add_detail(arena, status, &info.base), 0);
	assert_int_equal(rpc_status_add_detail(arena, status, &info.base), 0);
	return status;
}

static void
writes_and_reads_an_error(void **state)
{
	Status *status;

	(void)state;
	rpc_connect_error_write(not_found(), &out);
	assert_string_equal(
	    buf_text(&out),
	    "{\"code\":\"not_found\",\"message\":\"没有 \\\"x\\\"\\n\",\"details\":["
	    "{\"type\":\"google.rpc.ErrorInfo\",\"value\":\"Cg5OT19BUFBMSUNBVElPTg\"},"
	    "{\"type\":\"google.rpc.ErrorInfo\",\"value\":\"Cg5OT19BUFBMSUNBVElPTg\"}]}");
	assert_true(rpc_connect_error_read(arena, out.data, out.length, RPC_INTERNAL, &status));
	assert_int_equal(status->code, RPC_NOT_FOUND);
	assert_string_equal(status->message, "没有 \"x\"\n");
	assert_int_equal(status->n_details, 2);
	assert_string_equal(status->details[1]->type_url,
			    "type.googleapis.com/google.rpc.ErrorInfo");
	assert_int_equal(status->details[1]->value.len, 16);
}

static void
leaves_out_what_is_empty(void **state)
{
	(void)state;
	rpc_connect_error_write(rpc_status_new(arena, RPC_INTERNAL, NULL), &out);
	assert_string_equal(buf_text(&out), "{\"code\":\"internal\"}");
	buf_clear(&out);
	rpc_connect_end_write(NULL, NULL, &out);
	assert_string_equal(buf_text(&out), "{}");
}

static void
reads_errors_as_peers_write_them(void **state)
{
	static const struct {
		const char *text;
		int code; /* -1: no error at all */
		const char *message;
		size_t n_details;
	} table[] = {
	    {"{\"code\":\"aborted\"}", RPC_ABORTED, "", 0},
	    {"{\"message\":\"m\"}", RPC_UNAVAILABLE, "m", 0},
	    {"{\"code\":null,\"message\":null}", RPC_UNAVAILABLE, "", 0},
	    {"{\"code\":\"ABORTED\"}", RPC_UNAVAILABLE, "", 0},
	    {"{\"code\":\"ok\"}", RPC_UNAVAILABLE, "", 0},
	    {"{\"code\":5}", RPC_UNAVAILABLE, "", 0},
	    {"{\"code\":\"aborted\",\"details\":[{\"type\":\"a.B\",\"value\":\"*\"},"
	     "{\"type\":1},7,{\"type\":\"a.B\",\"value\":\"AAAA\",\"debug\":{}}]}",
	     RPC_ABORTED, "", 1},
	    {"{\"code\":\"aborted\",\"details\":{}}", RPC_ABORTED, "", 0},
	    {"", -1, NULL, 0},
	    {"null", -1, NULL, 0},
	    {"[]", -1, NULL, 0},
	    {"{\"code\":\"aborted\"", -1, NULL, 0},
	    {"<html>502</html>", -1, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		Status *status = NULL;
		bool ok = rpc_connect_error_read(arena, table[i].text, strlen(table[i].text),
						 RPC_UNAVAILABLE, &status);

		assert_int_equal(ok, table[i].code >= 0);
		if (!ok) {
			assert_null(status);
			continue;
		}
		assert_int_equal(status->code, table[i].code);
		assert_string_equal(status->message, table[i].message);
		assert_int_equal(status->n_details, table[i].n_details);
	}
}

static void
writes_and_reads_the_end_of_a_stream(void **state)
{
	struct rpc_metadata trailers, back;
	Status *status;

	(void)state;
	rpc_metadata_init(&trailers, arena);
	rpc_metadata_init(&back, arena);
	rpc_metadata_add_text(&trailers, "a", "1");
	rpc_metadata_add(&trailers, "b-bin", "\0\1", 2);
	rpc_metadata_add_text(&trailers, "a", "2");
	rpc_connect_end_write(rpc_status_new(arena, RPC_ABORTED, "x"), &trailers, &out);
	assert_string_equal(buf_text(&out),
			    "{\"error\":{\"code\":\"aborted\",\"message\":\"x\"},"
			    "\"metadata\":{\"a\":[\"1\",\"2\"],\"b-bin\":[\"AAE\"]}}");
	assert_true(rpc_connect_end_read(arena, out.data, out.length, &status, &back));
	assert_int_equal(status->code, RPC_ABORTED);
	assert_int_equal(back.n, 3);
	assert_string_equal(back.pairs[1].value, "2");
	assert_int_equal(back.pairs[2].length, 2);
}

static void
reads_ends_as_peers_write_them(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int code; /* -1: no error */
		size_t n_trailers;
	} table[] = {
	    {"{}", true, -1, 0},
	    {"{\"error\":null,\"metadata\":null}", true, -1, 0},
	    {"{\"error\":{}}", true, RPC_UNKNOWN, 0},
	    {"{\"metadata\":{\"X-A\":[\"1\"],\"y\":[]}}", true, -1, 1},
	    {"{\"metadata\":{\"a-bin\":[\"*\"]}}", true, -1, 0},
	    {"{\"metadata\":{\"a\":\"1\"}}", false, 0, 0},
	    {"{\"metadata\":{\"a\":[1]}}", false, 0, 0},
	    {"{\"metadata\":[]}", false, 0, 0},
	    {"[]", false, 0, 0},
	    {"", false, 0, 0},
	    {"{}{}", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct rpc_metadata trailers;
		Status *status = NULL;

		rpc_metadata_init(&trailers, arena);
		assert_int_equal(rpc_connect_end_read(arena, table[i].text, strlen(table[i].text),
						      &status, &trailers),
				 table[i].ok);
		if (!table[i].ok)
			continue;
		assert_int_equal(status ? status->code : -1, table[i].code);
		assert_int_equal(trailers.n, table[i].n_trailers);
		if (trailers.n)
			assert_string_equal(trailers.pairs[0].name, "x-a");
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(writes_and_reads_an_error),        TEST(leaves_out_what_is_empty),
	    TEST(reads_errors_as_peers_write_them), TEST(writes_and_reads_the_end_of_a_stream),
	    TEST(reads_ends_as_peers_write_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
