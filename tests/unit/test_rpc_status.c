/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/status.h, rpc/timeout.h, rpc/protocol.h: the tables of the wire (RPC-02, RPC-03, RPC-12,
 * RPC-17). */
#include "unit.h"

#include <string.h>

#include "rpc/protocol.h"
#include "rpc/status.h"
#include "rpc/timeout.h"

static void
names_go_both_ways(void **state)
{
	(void)state;
	for (int code = 0; code < RPC_N_CODES; code++) {
		assert_int_equal(rpc_code_of_name(rpc_code_name((enum rpc_code)code)), code);
		assert_int_equal(rpc_code_of_name(rpc_code_connect_name((enum rpc_code)code)),
				 code);
	}
	assert_string_equal(rpc_code_connect_name(RPC_CANCELLED), "canceled");
	assert_string_equal(rpc_code_name((enum rpc_code)17), "UNKNOWN");
	assert_string_equal(rpc_code_name((enum rpc_code) - 1), "UNKNOWN");
	assert_int_equal(rpc_code_of_name("cancelled"), RPC_UNKNOWN);
	assert_int_equal(rpc_code_of_name(""), RPC_UNKNOWN);
}

static void
connect_codes_have_http_status(void **state)
{
	static const int http[RPC_N_CODES] = {200, 499, 500, 400, 504, 404, 409, 403, 429,
					      400, 409, 400, 501, 500, 503, 500, 401};

	(void)state;
	for (int code = 0; code < RPC_N_CODES; code++)
		assert_int_equal(rpc_code_http((enum rpc_code)code), http[code]);
}

static void
http_status_gives_a_code(void **state)
{
	static const struct {
		int http;
		enum rpc_code code;
	} table[] = {
	    {400, RPC_INTERNAL},      {401, RPC_UNAUTHENTICATED}, {403, RPC_PERMISSION_DENIED},
	    {404, RPC_UNIMPLEMENTED}, {429, RPC_UNAVAILABLE},     {502, RPC_UNAVAILABLE},
	    {503, RPC_UNAVAILABLE},   {504, RPC_UNAVAILABLE},     {200, RPC_UNKNOWN},
	    {302, RPC_UNKNOWN},       {418, RPC_UNKNOWN},         {500, RPC_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++)
		assert_int_equal(rpc_code_of_http(table[i].http), table[i].code);
}

static void
h2_errors_give_a_code(void **state)
{
	static const enum rpc_code codes[] = {
	    RPC_INTERNAL,          RPC_INTERNAL, RPC_INTERNAL, RPC_INTERNAL,
	    RPC_INTERNAL,          RPC_UNKNOWN,  RPC_INTERNAL, RPC_UNAVAILABLE,
	    RPC_CANCELLED,         RPC_INTERNAL, RPC_INTERNAL, RPC_RESOURCE_EXHAUSTED,
	    RPC_PERMISSION_DENIED, RPC_UNKNOWN};

	(void)state;
	for (uint32_t i = 0; i < UNIT_COUNT(codes); i++)
		assert_int_equal(rpc_code_of_h2_error(i), codes[i]);
	assert_int_equal(rpc_code_of_h2_error(UINT32_MAX), RPC_UNKNOWN);
}

struct timeout {
	const char *text;
	int64_t us; /* -1: refused */
};

static void
check_timeouts(const struct timeout *table, size_t n,
	       bool (*parse)(const char *text, size_t length, int64_t *ret_us))
{
	for (size_t i = 0; i < n; i++) {
		int64_t us = -1;

		assert_int_equal(parse(table[i].text, strlen(table[i].text), &us),
				 table[i].us >= 0);
		assert_int_equal(us, table[i].us);
	}
}

static const struct timeout grpc_timeouts[] = {{"1H", INT64_C(3600000000)},
					       {"2M", 120000000},
					       {"3S", 3000000},
					       {"4m", 4000},
					       {"5u", 5},
					       {"6n", 1},
					       {"1000n", 1},
					       {"1001n", 2},
					       {"0S", 0},
					       {"0n", 0},
					       {"99999999H", INT64_C(359999996400000000)},
					       {"00000001S", 1000000},
					       {"", -1},
					       {"S", -1},
					       {"1", -1},
					       {"123456789S", -1},
					       {"1s", -1},
					       {"-1S", -1},
					       {"+1S", -1},
					       {"1.5S", -1},
					       {" 1S", -1},
					       {"1S ", -1},
					       {"1 S", -1},
					       {"1SS", -1},
					       {"0x1S", -1}};

static const struct timeout connect_timeouts[] = {{"0", 0},
						  {"1", 1000},
						  {"9999999999", INT64_C(9999999999000)},
						  {"10000000000", -1},
						  {"", -1},
						  {"-1", -1},
						  {"1.5", -1},
						  {"1m", -1},
						  {" 1", -1}};

static void
reads_timeouts(void **state)
{
	(void)state;
	check_timeouts(grpc_timeouts, UNIT_COUNT(grpc_timeouts), rpc_timeout_parse_grpc);
	check_timeouts(connect_timeouts, UNIT_COUNT(connect_timeouts), rpc_timeout_parse_connect);
}

static void
writes_timeouts_rounded_up(void **state)
{
	static const struct {
		int64_t us;
		const char *grpc, *connect;
	} table[] = {
	    {-5, "0u", "0"},
	    {0, "0u", "0"},
	    {1, "1u", "1"},
	    {1500, "1500u", "2"},
	    {99999999, "99999999u", "100000"},
	    {100000000, "100000m", "100000"},
	    {100000001, "100001m", "100001"},
	    {INT64_C(99999999001), "100000S", "100000000"},
	    {INT64_MAX, "99999999H", "9999999999"},
	};
	char text[RPC_TIMEOUT_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		assert_string_equal(rpc_timeout_format_grpc(table[i].us, text), table[i].grpc);
		assert_string_equal(rpc_timeout_format_connect(table[i].us, text),
				    table[i].connect);
	}
}

static void
reads_content_types(void **state)
{
	static const struct {
		const char *text;
		enum rpc_content_type_result result;
		struct rpc_content_type type;
	} table[] = {
	    {"application/grpc", RPC_CONTENT_TYPE_OK, {RPC_GRPC, RPC_PROTO, false, false}},
	    {"application/grpc+proto", RPC_CONTENT_TYPE_OK, {RPC_GRPC, RPC_PROTO, false, false}},
	    {"Application/GRPC+JSON", RPC_CONTENT_TYPE_OK, {RPC_GRPC, RPC_JSON, false, false}},
	    {"application/grpc-web-text+proto",
	     RPC_CONTENT_TYPE_OK,
	     {RPC_GRPC_WEB, RPC_PROTO, true, false}},
	    {"application/grpc-web+json; charset=utf-8",
	     RPC_CONTENT_TYPE_OK,
	     {RPC_GRPC_WEB, RPC_JSON, false, false}},
	    {"application/connect+json",
	     RPC_CONTENT_TYPE_OK,
	     {RPC_CONNECT, RPC_JSON, false, false}},
	    {"application/json;charset=utf-8",
	     RPC_CONTENT_TYPE_OK,
	     {RPC_CONNECT, RPC_JSON, false, true}},
	    {"application/proto", RPC_CONTENT_TYPE_OK, {RPC_CONNECT, RPC_PROTO, false, true}},
	    {"application/grpc+xml", RPC_CONTENT_TYPE_UNKNOWN_CODEC, {RPC_GRPC}},
	    {"application/grpc-web+xml", RPC_CONTENT_TYPE_UNKNOWN_CODEC, {RPC_GRPC_WEB}},
	    {"application/connect+xml", RPC_CONTENT_TYPE_UNKNOWN_CODEC, {RPC_CONNECT}},
	    {"application/grpcx", RPC_CONTENT_TYPE_UNKNOWN, {0}},
	    {"text/html", RPC_CONTENT_TYPE_UNKNOWN, {0}},
	    {"", RPC_CONTENT_TYPE_UNKNOWN, {0}},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct rpc_content_type type = {0};

		assert_int_equal(
		    rpc_content_type_parse(table[i].text, strlen(table[i].text), &type),
		    table[i].result);
		assert_int_equal(type.protocol, table[i].type.protocol);
		assert_int_equal(type.codec, table[i].type.codec);
		assert_int_equal(type.text, table[i].type.text);
		assert_int_equal(type.unary, table[i].type.unary);
	}
}

static void
writes_the_content_type_it_reads(void **state)
{
	(void)state;
	for (int i = 0; i < RPC_N_PROTOCOLS * RPC_N_CODECS * 2; i++) {
		struct rpc_content_type type = {.protocol = (enum rpc_protocol)(i / 4),
						.codec = (enum rpc_codec)(i / 2 % 2),
						.unary = i % 2 && i / 4 == RPC_CONNECT},
					back;
		const char *text = rpc_content_type_text(&type);

		assert_int_equal(rpc_content_type_parse(text, strlen(text), &back),
				 RPC_CONTENT_TYPE_OK);
		assert_int_equal(back.protocol, type.protocol);
		assert_int_equal(back.codec, type.codec);
		assert_int_equal(back.unary, type.unary);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_go_both_ways),
	    cmocka_unit_test(connect_codes_have_http_status),
	    cmocka_unit_test(http_status_gives_a_code),
	    cmocka_unit_test(h2_errors_give_a_code),
	    cmocka_unit_test(reads_timeouts),
	    cmocka_unit_test(writes_timeouts_rounded_up),
	    cmocka_unit_test(reads_content_types),
	    cmocka_unit_test(writes_the_content_type_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
