/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

enum { N_KEYS = 2000 };

static char keys[N_KEYS][8];

/* Adds and removes in an order in which gaps and wrap-around occur, against a plain array. */
static void
check_against_an_array(struct arena *arena)
{
	MAP_CLEANUP struct map map;
	bool there[N_KEYS] = {false};
	size_t count = 0;
	unsigned next = 12345;

	map_init(&map, arena, N_KEYS);
	for (int i = 0; i < 40000; i++) {
		size_t k;

		next = next * 1103515245U + 12345U;
		k = (next >> 16) % N_KEYS;
		if (next >> 31) {
			assert_ptr_equal(map_remove(&map, keys[k], MAP_TEXT),
					 there[k] ? keys[k] : NULL);
			count -= there[k];
			there[k] = false;
		} else {
			assert_int_equal(map_add(&map, keys[k], MAP_TEXT, keys[k]),
					 there[k] ? -EEXIST : 0);
			count += !there[k];
			there[k] = true;
		}
		assert_int_equal(map.count, count);
	}
	for (size_t k = 0; k < N_KEYS; k++)
		assert_ptr_equal(map_get(&map, keys[k], MAP_TEXT), there[k] ? keys[k] : NULL);
}

static void
test_behaves_like_an_array(void **state)
{
	struct arena *arena = arena_new(1 << 22);

	(void)state;
	for (int k = 0; k < N_KEYS; k++)
		snprintf(keys[k], sizeof keys[k], "%d", k);
	check_against_an_array(NULL);
	check_against_an_array(arena);
	arena_free(arena);
}

static void
test_kinds_of_keys(void **state)
{
	MAP_CLEANUP struct map map;
	int a = 7, b = 7;
	char copy[] = "method";

	(void)state;
	map_init(&map, NULL, 10);
	assert_null(map_get(&map, "method", MAP_TEXT));
	assert_null(map_remove(&map, "method", MAP_TEXT));

	assert_int_equal(map_add(&map, "method", MAP_TEXT, &a), 0);
	assert_ptr_equal(map_get(&map, copy, MAP_TEXT), &a);
	assert_ptr_equal(map_get(&map, "methodical", 6), &a);
	assert_int_equal(map_put(&map, copy, MAP_TEXT, &b), 0);
	assert_ptr_equal(map_get(&map, "method", MAP_TEXT), &b);
	assert_int_equal(map.count, 1);

	assert_int_equal(map_add(&map, "a\0b", 3, &a), 0);
	assert_null(map_get(&map, "a\0c", 3));
	assert_int_equal(map_add(&map, "", 0, &b), 0);
	assert_ptr_equal(map_get(&map, "", MAP_TEXT), &b);

	/* Equal contents at two addresses are two keys. */
	assert_int_equal(map_add(&map, &a, MAP_ADDRESS, &a), 0);
	assert_int_equal(map_add(&map, &b, MAP_ADDRESS, &b), 0);
	assert_ptr_equal(map_get(&map, &a, MAP_ADDRESS), &a);
	assert_ptr_equal(map_remove(&map, &b, MAP_ADDRESS), &b);
	assert_null(map_get(&map, &b, MAP_ADDRESS));
}

static void
test_limit(void **state)
{
	MAP_CLEANUP struct map map;

	(void)state;
	map_init(&map, NULL, 2);
	assert_int_equal(map_add(&map, "a", MAP_TEXT, &map), 0);
	assert_int_equal(map_add(&map, "b", MAP_TEXT, &map), 0);
	assert_int_equal(map_add(&map, "c", MAP_TEXT, &map), -ENOSPC);
	assert_int_equal(map_put(&map, "c", MAP_TEXT, &map), -ENOSPC);
	assert_int_equal(map_put(&map, "b", MAP_TEXT, keys), 0);
	assert_int_equal(map_add(&map, "b", MAP_TEXT, &map), -EEXIST);
}

static bool
fill(void *context)
{
	MAP_CLEANUP struct map map;
	size_t k;

	(void)context;
	map_init(&map, NULL, N_KEYS);
	for (k = 0; k < 100; k++)
		if (map_add(&map, keys[k], MAP_TEXT, keys[k]) < 0)
			break;
	/* What was there before the failure still is. */
	for (size_t i = 0; i < k; i++)
		assert_ptr_equal(map_get(&map, keys[i], MAP_TEXT), keys[i]);
	return k == 100;
}

static void
test_no_memory_loses_nothing(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(fill, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_behaves_like_an_array),
	    cmocka_unit_test(test_kinds_of_keys),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_no_memory_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
