/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <string.h>

#include "unit.h"

static void
check_appends(struct arena *arena)
{
	BUF_CLEANUP struct buf buf;

	buf_init(&buf, arena, 1000);
	assert_string_equal(buf_text(&buf), "");
	buf_puts(&buf, "低保");
	buf_putc(&buf, ' ');
	buf_printf(&buf, "%d户", 8911);
	buf_put(&buf, "\0x", 2);
	assert_int_equal(buf.length, 6 + 1 + 7 + 2);
	assert_memory_equal(buf.data, "低保 8911户\0x", buf.length + 1);

	buf_consume(&buf, 7);
	assert_string_equal(buf_text(&buf), "8911户");
	buf_consume(&buf, buf.length);
	assert_string_equal(buf_text(&buf), "");
	for (int i = 0; i < 100; i++)
		buf_puts(&buf, "0123456789");
	assert_false(buf.failed);
	assert_int_equal(strlen(buf_text(&buf)), 1000);
}

static void
test_appends(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	check_appends(NULL);
	check_appends(arena);
	arena_free(arena);
}

static void
test_limit_drops_this_and_every_later_append(void **state)
{
	BUF_CLEANUP struct buf buf;

	(void)state;
	buf_init(&buf, NULL, 5);
	buf_puts(&buf, "1234");
	buf_puts(&buf, "56");
	assert_true(buf.failed);
	buf_puts(&buf, "5");
	assert_null(buf_text(&buf));
	assert_int_equal(buf.length, 4);
	assert_null(buf_extend(&buf, SIZE_MAX));

	buf_clear(&buf);
	buf_puts(&buf, "12345");
	assert_string_equal(buf_text(&buf), "12345");
	buf_printf(&buf, "%s", "6");
	assert_null(buf_text(&buf));
}

static void
test_arena_budget_is_a_limit_too(void **state)
{
	struct arena *arena = arena_new(512);
	struct buf buf;

	(void)state;
	buf_init(&buf, arena, 1 << 20);
	for (int i = 0; i < 100; i++)
		buf_puts(&buf, "0123456789");
	assert_true(buf.failed);
	arena_free(arena);
}

static bool
fill(void *context)
{
	BUF_CLEANUP struct buf buf;

	(void)context;
	buf_init(&buf, NULL, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_puts(&buf, "0123456789");
	return buf_text(&buf);
}

static void
test_no_memory_is_reported(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(fill, NULL), 0);
}

/* What was reserved is filled without moving; too much fails as adding it would. */
static void
test_reserve_moves_nothing(void **state)
{
	struct buf buf;
	const char *data;

	(void)state;
	buf_init(&buf, NULL, 1000);
	buf_reserve(&buf, 900);
	data = buf.data;
	assert_int_equal(buf.length, 0);
	for (int i = 0; i < 90; i++)
		buf_put(&buf, "0123456789", 10);
	assert_ptr_equal(buf.data, data);
	assert_int_equal(buf.length, 900);
	buf_reserve(&buf, 101);
	assert_true(buf.failed);
	buf_free(&buf);
}

static void
test_any_bytes_become_a_json_string(void **state)
{
	static const char text[] = "a\"\\/\b\f\n\r\t\x01\x7f民\xff\xe6\xb0x\xc0\x80";
	BUF_CLEANUP struct buf json;

	(void)state;
	buf_init(&json, NULL, 200);
	buf_put_json(&json, text, sizeof text - 1);
	assert_string_equal(buf_text(&json),
			    "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f民\xEF\xBF\xBD\xEF\xBF\xBD\xEF"
			    "\xBF\xBDx\\u0000\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_appends),
	    cmocka_unit_test(test_limit_drops_this_and_every_later_append),
	    cmocka_unit_test(test_arena_budget_is_a_limit_too),
	    cmocka_unit_test(test_no_memory_is_reported),
	    cmocka_unit_test(test_reserve_moves_nothing),
	    cmocka_unit_test(test_any_bytes_become_a_json_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
