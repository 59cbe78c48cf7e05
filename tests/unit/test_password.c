/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void
test_hash_and_verify(void **state)
{
	char text[PASSWORD_TEXT_SIZE], again[PASSWORD_TEXT_SIZE];

	(void)state;
	assert_int_equal(password_hash(&password_cost_for_tests, "口令 Pa55!", 13, text), 0);
	assert_memory_equal(text, "$argon2id$v=19$", 15);
	assert_int_equal(password_verify(text, "口令 Pa55!", 13), PASSWORD_RIGHT);
	assert_int_equal(password_verify(text, "口令 Pa55?", 13), PASSWORD_WRONG);
	assert_int_equal(password_verify(text, "口令 Pa55", 12), PASSWORD_WRONG);
	assert_int_equal(password_verify(text, "", 0), PASSWORD_WRONG);
	/* Another salt each time. */
	assert_int_equal(password_hash(&password_cost_for_tests, "口令 Pa55!", 13, again), 0);
	assert_string_not_equal(text, again);
}

static void
test_texts_that_are_none(void **state)
{
	static const char *const bad[] = {"", "plain", "$argon2id$",
					  "$argon2i$v=19$m=8,t=3,p=1$AAAA$AAAA", "$2b$12$abc"};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		assert_int_equal(password_verify(bad[i], "plain", 5), PASSWORD_WRONG);
		assert_true(password_is_outdated(&password_cost_for_tests, bad[i]));
	}
}

static void
test_cost_can_be_raised(void **state)
{
	const struct password_cost dearer = {.passes = 2, .memory_bytes = 16 << 10};
	char text[PASSWORD_TEXT_SIZE];

	(void)state;
	assert_int_equal(password_hash(&password_cost_for_tests, "x", 1, text), 0);
	assert_false(password_is_outdated(&password_cost_for_tests, text));
	assert_true(password_is_outdated(&dearer, text));
	assert_true(password_is_outdated(&password_cost_default, text));
	assert_int_equal(password_verify(text, "x", 1), PASSWORD_RIGHT);
}

static void
test_length_is_bounded(void **state)
{
	static char huge[PASSWORD_MAX_BYTES + 1];
	char text[PASSWORD_TEXT_SIZE] = "untouched";

	(void)state;
	assert_int_equal(password_hash(&password_cost_for_tests, huge, sizeof huge, text), -EINVAL);
	assert_string_equal(text, "untouched");
	assert_int_equal(password_hash(&password_cost_for_tests, huge, PASSWORD_MAX_BYTES, text),
			 0);
	assert_int_equal(password_verify(text, huge, sizeof huge), PASSWORD_WRONG);
	assert_int_equal(password_verify(text, huge, PASSWORD_MAX_BYTES), PASSWORD_RIGHT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hash_and_verify),
	    cmocka_unit_test(test_texts_that_are_none),
	    cmocka_unit_test(test_cost_can_be_raised),
	    cmocka_unit_test(test_length_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
