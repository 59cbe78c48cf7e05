/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <string.h>

#include "unit.h"

static void
test_budget_is_never_exceeded(void **state)
{
	struct arena *arena = arena_new(1000);

	(void)state;
	assert_non_null(arena_alloc(arena, 900));
	assert_false(arena_exhausted(arena));
	assert_null(arena_alloc(arena, 200));
	assert_true(arena_exhausted(arena));
	assert_true(arena_used(arena) <= arena_budget(arena));
	assert_null(arena_alloc(arena, PTRDIFF_MAX));
	assert_null(arena_zalloc(arena, SIZE_MAX / 2, 3));

	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_false(arena_exhausted(arena));
	assert_non_null(arena_alloc(arena, 900));
	arena_free(arena);
}

static void
test_allocations_are_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	unsigned char *data[300];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(data); i++) {
		data[i] = arena_alloc(arena, i);
		assert_non_null(data[i]);
		assert_int_equal((uintptr_t)data[i] % 16, 0);
		memset(data[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < UNIT_COUNT(data); i++)
		for (size_t j = 0; j < i; j++)
			assert_int_equal(data[i][j], i & 0xff);
	arena_free(arena);
}

static void
test_large_blocks_are_kept_for_the_next_call(void **state)
{
	struct arena *arena = arena_new(64 << 20);

	(void)state;
	for (int i = 0; i < 10; i++) {
		unsigned char *zero;

		assert_non_null(memset(arena_alloc(arena, 1 << 20), 0xff, 1 << 20));
		assert_non_null(arena_alloc(arena, 100));
		zero = arena_zalloc(arena, 1 << 10, 1 << 10);
		for (size_t j = 0; j < 1 << 20; j += 4095)
			assert_int_equal(zero[j], 0);
		arena_reset(arena);
	}
	arena_free(arena);
}

static void
note_order(void *data)
{
	static int next;

	if (!data)
		next = 0;
	else
		*(int *)data = ++next;
}

static void
test_clean_ups_run_last_one_first(void **state)
{
	struct arena *arena = arena_new(4096);
	int first = 0, second = 0;

	(void)state;
	note_order(NULL);
	assert_int_equal(arena_on_reset(arena, note_order, &first), 0);
	assert_int_equal(arena_on_reset(arena, note_order, &second), 0);
	arena_reset(arena);
	assert_int_equal(second, 1);
	assert_int_equal(first, 2);
	first = 0;
	arena_free(arena);
	assert_int_equal(first, 0);
}

static void
test_text_copies(void **state)
{
	struct arena *arena = arena_new(4096);

	(void)state;
	assert_string_equal(arena_strdup(arena, "黔江"), "黔江");
	assert_string_equal(arena_strndup(arena, "黔江区", 6), "黔江");
	assert_string_equal(arena_strndup(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%d %s", 42, "户"), "42 户");
	assert_memory_equal(arena_memdup(arena, "a\0b", 3), "a\0b", 3);
	assert_null(arena_strndup(arena, "", SIZE_MAX));
	arena_free(arena);
	arena_free(NULL);
}

/* Blocks go to the next arena of this thread, which must not see what the last one held. (Under
 * AddressSanitizer there are no kept blocks, and the test only shows that nothing breaks.) */
static void
test_residual_memory_is_erased(void **state)
{
	struct arena *arena = arena_new(1 << 22);
	const unsigned char *small, *large;

	(void)state;
	arena_erase_on_reset(arena);
	memset(arena_alloc(arena, 100), 'x', 100);
	memset(arena_alloc(arena, 1 << 20), 'x', 1 << 20);
	arena_free(arena);
#ifndef MZ_SANITIZE
	arena = arena_new(1 << 22);
	small = arena_alloc(arena, 100);
	large = arena_alloc(arena, 1 << 20);
	for (size_t i = 0; i < 100; i++)
		assert_int_not_equal(small[i], 'x');
	for (size_t i = 0; i < 1 << 20; i++)
		assert_int_not_equal(large[i], 'x');
	arena_free(arena);
#else
	(void)small;
	(void)large;
#endif
}

static bool
use_an_arena(void *context)
{
	struct arena *arena = arena_new(1 << 20);
	bool all;

	(void)context;
	if (!arena)
		return false;
	/* Larger than the cache keeps: malloc is really asked. */
	all = arena_alloc(arena, 100) && arena_alloc(arena, 900000) &&
	      arena_on_reset(arena, note_order, NULL) == 0;
	arena_free(arena);
	return all;
}

static void
test_no_memory_is_reported(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(use_an_arena, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_memory_is_reported),
	    cmocka_unit_test(test_budget_is_never_exceeded),
	    cmocka_unit_test(test_allocations_are_aligned_and_apart),
	    cmocka_unit_test(test_large_blocks_are_kept_for_the_next_call),
	    cmocka_unit_test(test_clean_ups_run_last_one_first),
	    cmocka_unit_test(test_text_copies),
	    cmocka_unit_test(test_residual_memory_is_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
