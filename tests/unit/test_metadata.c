/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/metadata.h: order, -bin values, names, grpc-message (RPC-04, RPC-05, RPC-09). */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rpc/metadata.h"

struct fixture {
	struct arena *arena;
	struct rpc_metadata metadata;
};

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_new(1 << 20);
	rpc_metadata_init(&fixture.metadata, fixture.arena);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	return 0;
}

static enum rpc_metadata_result
add_wire(struct fixture *f, const char *name, const char *value)
{
	return rpc_metadata_add_wire(&f->metadata, name, strlen(name), value, strlen(value));
}

static void
keeps_order_of_equal_names(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++) {
		char value[8];

		snprintf(value, sizeof value, "%d", i);
		assert_int_equal(rpc_metadata_add_text(&f->metadata, i % 2 ? "odd" : "even", value),
				 0);
	}
	assert_int_equal(f->metadata.n, 100);
	assert_string_equal(f->metadata.pairs[99].value, "99");
	assert_string_equal(f->metadata.pairs[98].name, "even");
	assert_string_equal(rpc_metadata_get(&f->metadata, "odd"), "1");
	assert_null(rpc_metadata_get(&f->metadata, "none"));
}

static void
trims_text_values(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add_wire(f, "a", " \t x, y \t"), RPC_METADATA_OK);
	assert_string_equal(rpc_metadata_get(&f->metadata, "a"), "x, y");
	assert_int_equal(add_wire(f, "b", "  "), RPC_METADATA_OK);
	assert_string_equal(rpc_metadata_get(&f->metadata, "b"), "");
}

static void
splits_and_decodes_binary_values(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add_wire(f, "k-bin", "q6ur, AAE=,, -_-_"), RPC_METADATA_OK);
	assert_int_equal(f->metadata.n, 4);
	assert_int_equal(f->metadata.pairs[0].length, 3);
	assert_memory_equal(f->metadata.pairs[0].value, "\xab\xab\xab", 3);
	assert_int_equal(f->metadata.pairs[1].length, 2);
	assert_memory_equal(f->metadata.pairs[1].value, "\0\1", 2);
	assert_int_equal(f->metadata.pairs[2].length, 0);
	assert_int_equal(f->metadata.pairs[3].length, 3);
}

static void
one_bad_binary_value_adds_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add_wire(f, "k-bin", "AAAA,A"), RPC_METADATA_BAD_BASE64);
	assert_int_equal(add_wire(f, "k-bin", "*"), RPC_METADATA_BAD_BASE64);
	assert_int_equal(f->metadata.n, 0);
}

static void
writes_binary_values_unpadded(void **state)
{
	struct fixture *f = *state;
	const char *wire;
	size_t length;

	assert_int_equal(rpc_metadata_add(&f->metadata, "k-bin", "\0\1", 2), 0);
	assert_int_equal(rpc_metadata_add_text(&f->metadata, "k", "text"), 0);
	wire = rpc_metadata_wire_value(&f->metadata.pairs[0], f->arena, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(wire, "AAE", 3);
	wire = rpc_metadata_wire_value(&f->metadata.pairs[1], f->arena, &length);
	assert_int_equal(length, 4);
	assert_memory_equal(wire, "text", 4);
}

static void
knows_names(void **state)
{
	static const struct {
		const char *name;
		bool valid, reserved, binary;
	} table[] = {
	    {"x-a_b.c1", true, false, false},    {"trace-bin", true, false, true},
	    {"-bin", true, false, true},         {"bin", true, false, false},
	    {"", false, false, false},           {"X-A", false, false, false},
	    {"a b", false, false, false},        {"a:", false, false, false},
	    {":path", false, true, false},       {"grpc-status", true, true, false},
	    {"grpc", true, false, false},        {"connect-protocol-version", true, true, false},
	    {"te", true, true, false},           {"ten", true, false, false},
	    {"content-type", true, true, false}, {"authorization", true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		size_t n = strlen(table[i].name);

		assert_int_equal(rpc_metadata_name_valid(table[i].name, n), table[i].valid);
		assert_int_equal(rpc_metadata_name_reserved(table[i].name, n), table[i].reserved);
		assert_int_equal(rpc_metadata_name_binary(table[i].name, n), table[i].binary);
	}
	assert_true(rpc_metadata_value_valid(" ~", 2));
	assert_false(rpc_metadata_value_valid("\x1f", 1));
	assert_false(rpc_metadata_value_valid("\x7f", 1));
	assert_false(rpc_metadata_value_valid("\xe4", 1));
}

static void
percent_encodes_and_back(void **state)
{
	static const char text[] = "\t\n100% \u263a \U0001F608 ~\x7f";
	struct fixture *f = *state;
	struct buf out BUF_CLEANUP;

	buf_init(&out, NULL, 1000);
	rpc_percent_encode(&out, text, sizeof text - 1);
	assert_string_equal(buf_text(&out), "%09%0A100%25 %E2%98%BA %F0%9F%98%88 ~%7F");
	assert_string_equal(rpc_percent_decode(f->arena, out.data), text);
}

static void
percent_decoding_never_fails(void **state)
{
	static const struct {
		const char *text, *decoded;
	} table[] = {{"", ""},
		     {"%", "%"},
		     {"%4", "%4"},
		     {"%zz", "%zz"},
		     {"%4z", "%4z"},
		     {"a%41b", "aAb"},
		     {"%e4%B8%ad", "\u4e2d"},
		     {"%%41", "%A"},
		     {"%2", "%2"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < UNIT_COUNT(table); i++)
		assert_string_equal(rpc_percent_decode(f->arena, table[i].text), table[i].decoded);
}

static void
says_when_memory_is_gone(void **state)
{
	struct arena *small = arena_new(200);
	struct rpc_metadata metadata;

	(void)state;
	rpc_metadata_init(&metadata, small);
	assert_int_equal(rpc_metadata_add_text(&metadata, "a", "b"), -ENOMEM);
	assert_int_equal(rpc_metadata_add_wire(&metadata, "a-bin", 5, "AAAA", 4),
			 RPC_METADATA_NO_MEMORY);
	assert_int_equal(metadata.n, 0);
	arena_free(small);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keeps_order_of_equal_names),       TEST(trims_text_values),
	    TEST(splits_and_decodes_binary_values), TEST(one_bad_binary_value_adds_nothing),
	    TEST(writes_binary_values_unpadded),    TEST(knows_names),
	    TEST(percent_encodes_and_back),         TEST(percent_decoding_never_fails),
	    TEST(says_when_memory_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
