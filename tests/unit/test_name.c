/* SPDX-License-Identifier: Apache-2.0 */
/* Domain rule 3.9 and acceptance row 67. */
#include "domain/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "unit.h"

#define TEN   "一二三四五六七八九十"
#define FIFTY TEN TEN TEN TEN TEN

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 16);
	return arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
test_check(void **state)
{
	static const struct {
		const char *text;
		enum name_result result;
	} cases[] = {
	    {"张三", NAME_OK},
	    {"阿依古丽·买买提", NAME_OK},
	    {"\xf0\xa0\xae\xb7", NAME_OK},
	    {"\xee\xa0\x80", NAME_OK},
	    {"Mary Smith", NAME_OK},
	    {FIFTY, NAME_OK},
	    {FIFTY "一", NAME_TOO_LONG},
	    {"", NAME_EMPTY},
	    {"\xe5\xbc", NAME_NOT_UTF8},
	    {"\xed\xa0\x80", NAME_NOT_UTF8},
	    {"张\n三", NAME_CONTROL},
	    {"张\x7f", NAME_CONTROL},
	    {"张\xe2\x80\x8b三", NAME_CONTROL}, /* zero width space */
	    {"张\xe2\x80\xae三", NAME_CONTROL}, /* right-to-left override */
	    {" 张三", NAME_OUTER_BLANK},
	    {"张三\xe3\x80\x80", NAME_OUTER_BLANK},
	    {" ", NAME_OUTER_BLANK},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		enum name_result r = name_check(cases[i].text, strlen(cases[i].text));

		if (r != cases[i].result)
			fail_msg("case %zu gives %d", i, r);
		assert_int_equal(strlen(name_explain(r)) > 0, r != NAME_OK);
	}
	assert_int_equal(name_check("a\0b", 3), NAME_CONTROL);
	assert_true(name_has_private_use("张\xee\xa0\x80", 6));
	assert_false(name_has_private_use("张三", 6));
}

static const char *
key(const char *text)
{
	return name_key(arena, text, strlen(text));
}

static void
test_keys(void **state)
{
	static const char *const dots[] = {"\xc2\xb7",     "\xe2\x80\xa2", "\xe2\x80\xa7",
					   "\xe3\x83\xbb", "\xef\xbc\x8e", "."};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(dots); i++) {
		char text[64];

		snprintf(text, sizeof text, "阿依古丽%s买买提", dots[i]);
		assert_string_equal(key(text), "阿依古丽·买买提");
	}
	assert_string_equal(key("Ｍary\xe3\x80\x80 SMITH"), "marysmith");
	assert_string_equal(key("张 三"), "张三");
	/* No NFKC: a compatibility character stays what it is. */
	assert_string_equal(key("\xef\xa4\x80"), "\xef\xa4\x80");
}

static void
assert_bigrams(const char *of, const char *expected)
{
	BUF_CLEANUP struct buf joined;
	char **bigrams;
	size_t count;

	assert_int_equal(name_bigrams(arena, of, &bigrams, &count), 0);
	buf_init(&joined, NULL, 1000);
	for (size_t i = 0; i < count; i++)
		buf_printf(&joined, "%s ", bigrams[i]);
	assert_string_equal(buf_text(&joined), expected);
}

static void
test_bigrams(void **state)
{
	struct arena *small = arena_new(64);
	char **bigrams;
	size_t count;

	(void)state;
	assert_bigrams("张三", "^张 张三 三$ ");
	assert_bigrams("张", "^张 张$ ");
	assert_bigrams("", "");
	assert_bigrams("\xf0\xa0\xae\xb7x", "^\xf0\xa0\xae\xb7 \xf0\xa0\xae\xb7x x$ ");
	assert_bigrams("东东东", "^东 东东 东$ ");
	assert_int_equal(name_bigrams(small, "张三丰", &bigrams, &count), -ENOMEM);
	arena_free(small);
}

static void
test_one_character(void **state)
{
	static const struct {
		const char *a, *b;
		bool near;
	} cases[] = {
	    {"张三", "张三", true},
	    {"张三", "张山", true},
	    {"章三", "张三", true},
	    {"张三丰", "张三", true},
	    {"三丰", "张三丰", true},
	    {"张丰", "张三丰", true},
	    {"张", "", true},
	    {"", "", true},
	    {"张三", "李四", false},
	    {"张三", "三张", false},
	    {"张三丰", "张", false},
	    {"张三丰", "李三峰", false},
	    /* Characters that share their first bytes. */
	    {"一丁", "丁一", false},
	    {"一", "丁", true},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		assert_int_equal(name_nearly_equal(cases[i].a, cases[i].b), cases[i].near);
		assert_int_equal(name_nearly_equal(cases[i].b, cases[i].a), cases[i].near);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	    cmocka_unit_test_setup_teardown(test_keys, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bigrams, set_up, tear_down),
	    cmocka_unit_test(test_one_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
