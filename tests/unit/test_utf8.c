/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *bytes;
	bool valid;
} cases[] = {
    {"", true},
    {"plain", true},
    {"exactly8", true},
    {"黔江区民政局", true},
    {"\xc2\x80", true},
    {"\xdf\xbf", true},
    {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},
    {"\xee\x80\x80", true},
    {"\xef\xbf\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"\xf0\xa0\xae\xb7野家", true},
    {"\x80", false},
    {"\xbf", false},
    {"\xc0\x80", false}, /* overlong NUL */
    {"\xc1\xbf", false},
    {"\xe0\x9f\xbf", false},
    {"\xf0\x8f\xbf\xbf", false},
    {"\xed\xa0\x80", false}, /* surrogates */
    {"\xed\xbf\xbf", false},
    {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
    {"\xf5\x80\x80\x80", false},
    {"\xf8\x88\x80\x80\x80", false},
    {"\xff", false},
    {"\xc2", false},
    {"\xe9\xbb", false},
    {"\xf0\x90\x80", false},
    {"\xe9\xbb\x41", false},
    {"\xc2\xc2", false},
};

static void
test_validity(void **state)
{
	char padded[64];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		size_t length = strlen(cases[i].bytes);

		/* At every distance from a word boundary, with text behind it. */
		for (size_t before = 0; before < 18; before++) {
			memset(padded, 'a', sizeof padded);
			memcpy(padded + before, cases[i].bytes, length);
			if (utf8_valid(padded, before + length + 20) != cases[i].valid ||
			    utf8_valid(padded, before + length) != cases[i].valid)
				fail_msg("case %zu behind %zu bytes", i, before);
		}
	}
	assert_true(utf8_valid("a\0b", 3));
	assert_true(utf8_valid(NULL, 0));
}

static void
test_every_character_there_and_back(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110010; c++) {
		bool exists = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		char bytes[UTF8_MAX_BYTES];
		size_t n = utf8_encode(c, bytes);
		uint32_t back = 0;

		if (!exists) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(utf8_decode(bytes, n, &back), n);
		assert_int_equal(back, c);
		assert_int_equal(utf8_decode(bytes, n - 1, &back), 0);
		assert_true(utf8_valid(bytes, n));
	}
}

static void
test_counting_and_cutting(void **state)
{
	const char *name = "阿依\xc2\xb7\xf0\xa0\xae\xb7x";
	size_t length = strlen(name);

	(void)state;
	assert_int_equal(utf8_count(name, length), 5);
	assert_int_equal(utf8_prefix(name, length, 0), 0);
	assert_int_equal(utf8_prefix(name, length, 2), 6);
	assert_int_equal(utf8_prefix(name, length, 4), 12);
	assert_int_equal(utf8_prefix(name, length, 9), length);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_validity),
	    cmocka_unit_test(test_every_character_there_and_back),
	    cmocka_unit_test(test_counting_and_cutting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
