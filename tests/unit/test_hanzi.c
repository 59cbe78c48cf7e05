/* SPDX-License-Identifier: Apache-2.0 */
/* Readings, variants and spellings of names (common/domain/hanzi.h; domain rule 3.9). */
#include "domain/hanzi.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static bool
contains(char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

static void
a_name_is_spelled_in_every_way_it_is_read(void **state)
{
	static const struct {
		const char *key, *full, *initials;
	} cases[] = {
	    {"张三", "zhangsan", "zs"},       {"单雄信", "shanxiongxin", "sxx"},
	    {"单雄信", "danxiongxin", "dxx"}, {"仇英", "qiuying", "qy"},
	    {"曾国藩", "zengguofan", "zgf"},  {"吕布", "lvbu", "lb"},
	    {"张a三", "zhangasan", "zas"},    {"阿依·买买提", "ayimaimaiti", "aymmt"},
	    {"龍王", "longwang", "lw"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *arena = arena_new(1 << 16);
		char **full, **initials;
		size_t n_full, n_initials;

		assert_int_equal(
		    hanzi_spellings(arena, cases[i].key, &full, &n_full, &initials, &n_initials),
		    0);
		if (!contains(full, n_full, cases[i].full))
			fail_msg("%s is not read %s", cases[i].key, cases[i].full);
		assert_true(contains(initials, n_initials, cases[i].initials));
		arena_free(arena);
	}
}

static void
spellings_are_few_and_each_is_there_once(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	char **full, **initials;
	size_t n_full, n_initials;

	(void)state;
	assert_int_equal(
	    hanzi_spellings(arena, "单单单单单单单单", &full, &n_full, &initials, &n_initials), 0);
	assert_int_equal(n_full, HANZI_MAX_SPELLINGS);
	for (size_t i = 0; i < n_full; i++)
		assert_false(contains(full, i, full[i]));
	for (size_t i = 0; i < n_initials; i++)
		assert_false(contains(initials, i, initials[i]));
	arena_free(arena);
}

static void
what_cannot_be_read_has_no_spelling(void **state)
{
	static const char *const keys[] = {"", "·", "张\xee\x80\x80", "张é"};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct arena *arena = arena_new(1 << 16);
		char **full, **initials;
		size_t n_full = 9, n_initials = 9;

		assert_int_equal(
		    hanzi_spellings(arena, keys[i], &full, &n_full, &initials, &n_initials), 0);
		assert_int_equal(n_full, 0);
		assert_int_equal(n_initials, 0);
		arena_free(arena);
	}
}

static void
variants_are_searched_as_their_common_form(void **state)
{
	static const char *const pairs[][2] = {
	    {"王堃", "王坤"}, {"龍飛", "龙飞"}, {"张喆", "张哲"}, {"张三·a", "张三·a"}, {"", ""}};
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(hanzi_fold(arena, pairs[i][0]), pairs[i][1]);
	assert_int_equal(hanzi_common_form('a'), 'a');
	assert_int_equal(hanzi_common_form(0x10ffff), 0x10ffff);
	arena_free(arena);
}

static void
no_memory_is_said(void **state)
{
	(void)state;
	for (size_t budget = 0; budget < 2048; budget += 16) {
		struct arena *arena = arena_new(budget);
		char **full, **initials;
		size_t n_full, n_initials;
		int r = hanzi_spellings(arena, "单雄信", &full, &n_full, &initials, &n_initials);

		assert_true(r == 0 || r == -ENOMEM);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_is_spelled_in_every_way_it_is_read),
	    cmocka_unit_test(spellings_are_few_and_each_is_there_once),
	    cmocka_unit_test(what_cannot_be_read_has_no_spelling),
	    cmocka_unit_test(variants_are_searched_as_their_common_form),
	    cmocka_unit_test(no_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
