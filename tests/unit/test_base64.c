/* SPDX-License-Identifier: Apache-2.0 */
/* base/base64.h: RFC 4648's vectors, every dialect peers send, and what is refused (RPC-05,
 * RPC-24). */
#include "unit.h"

#include <string.h>

#include "base/base64.h"

static const struct {
	const char *data;
	const char *padded, *unpadded;
} vectors[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+", "+//+"},
};

static void
writes_every_form(void **state)
{
	char text[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(vectors); i++) {
		size_t length = strlen(vectors[i].data);

		n = base64_encode(vectors[i].data, length, BASE64_PADDED, text);
		assert_int_equal(n, strlen(vectors[i].padded));
		assert_memory_equal(text, vectors[i].padded, n);
		n = base64_encode(vectors[i].data, length, BASE64_UNPADDED, text);
		assert_int_equal(n, strlen(vectors[i].unpadded));
		assert_memory_equal(text, vectors[i].unpadded, n);
		assert_true(n <= base64_encoded_max(length));
	}
	n = base64_encode("\xfb\xff\xfe", 3, BASE64_URL, text);
	assert_int_equal(n, 4);
	assert_memory_equal(text, "-__-", 4);
}

static void
reads_what_it_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(vectors); i++) {
		const char *texts[] = {vectors[i].padded, vectors[i].unpadded};

		for (int k = 0; k < 2; k++) {
			char data[16];
			size_t n;

			assert_true(base64_decode(texts[k], strlen(texts[k]), data, &n));
			assert_int_equal(n, strlen(vectors[i].data));
			assert_memory_equal(data, vectors[i].data, n);
		}
	}
}

static void
reads_either_alphabet_in_place(void **state)
{
	char text[] = "-_+/";
	size_t n;

	(void)state;
	assert_true(base64_decode(text, 4, text, &n));
	assert_int_equal(n, 3);
	assert_memory_equal(text, "\xfb\xff\xbf", 3);
}

static void
refuses(void **state)
{
	static const char *const bad[] = {"A",    "AAAAA", "A===", "AA=",   "AAA==", "====",
					  "A*AA", "AA A",  "=AAA", "AAAA=", "AA==A", "AAAA\n"};
	char data[16];
	size_t n = 77;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		assert_false(base64_decode(bad[i], strlen(bad[i]), data, &n));
		assert_int_equal(n, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_every_form),
	    cmocka_unit_test(reads_what_it_writes),
	    cmocka_unit_test(reads_either_alphabet_in_place),
	    cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
