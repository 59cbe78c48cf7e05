/* SPDX-License-Identifier: Apache-2.0 */
#include "base/block.h"

#include <string.h>

#include "unit.h"

/* Sizes around every border between two classes of block.c, and past the largest. */
static void
test_sizes(void **state)
{
	static const size_t sizes[] = {0,       1,       16,      17,       4096,
				       4097,    8320,    8321,    16512,    1 << 20,
				       1048704, 1048705, 4 << 20, 32 << 20, 33 << 20};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		unsigned char *block = block_take(sizes[i]);

		assert_non_null(block);
		assert_true(block_size(block) >= sizes[i]);
		assert_true(block_size(block) <= 2 * sizes[i] + 128);
		assert_int_equal((uintptr_t)block % 16, BLOCK_HEAD);
		memset(block, 0xA5, block_size(block));
		block_give(block);
	}
	block_give(NULL);
	block_trim();
}

/* The thread's last one of that size comes back; a trim gives half away, and at last all. */
static void
test_reuse(void **state)
{
	void *blocks[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		blocks[i] = block_take(9000);
	for (int i = 0; i < 3; i++)
		block_give(blocks[i]);
#ifndef MZ_SANITIZE
	assert_ptr_equal(block_take(10000), blocks[2]);
	block_give(blocks[2]);
#endif
	for (int i = 0; i < 3; i++)
		block_trim();
	blocks[0] = block_take(9000);
	assert_non_null(blocks[0]);
	block_give(blocks[0]);
}

static void
test_resize(void **state)
{
	char *text = block_resize(NULL, 6);

	(void)state;
	memcpy(text, "hello", 6);
	text = block_resize(text, 5000);
	assert_string_equal(text, "hello");
	assert_ptr_equal(block_resize(text, 100), text);
	block_give(text);
}

static void
test_no_memory(void **state)
{
	(void)state;
	assert_null(block_take(SIZE_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_reuse),
	    cmocka_unit_test(test_resize),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
