/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors (CMP-06): GB/T 32905 appendix A and FIPS 180-2. */
#include "crypto/digest.h"

#include <string.h>

#include "crypto/hmac.h"
#include "crypto/random.h"
#include "unit.h"

static const char sm3_abc[] = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

static void
assert_hex(const uint8_t digest[static DIGEST_SIZE], const char *hex)
{
	char text[DIGEST_HEX_SIZE];

	assert_string_equal(digest_hex(digest, text), hex);
}

static void
test_published_vectors(void **state)
{
	uint8_t out[DIGEST_SIZE];

	(void)state;
	assert_int_equal(digest_sm3("abc", 3, out), 0);
	assert_hex(out, sm3_abc);
	/* The second example of GB/T 32905: sixteen times abcd. */
	assert_int_equal(
	    digest_sm3("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd", 64, out),
	    0);
	assert_hex(out, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
	assert_int_equal(digest_sm3(NULL, 0, out), 0);
	assert_hex(out, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
	assert_int_equal(digest_sha256("abc", 3, out), 0);
	assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_pieces_and_use_again(void **state)
{
	struct digest *digest = digest_new(DIGEST_SM3);
	uint8_t out[DIGEST_SIZE];

	(void)state;
	assert_non_null(digest);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(digest_add(digest, "a", 1), 0);
		assert_int_equal(digest_add(digest, "", 0), 0);
		assert_int_equal(digest_add(digest, "bc", 2), 0);
		assert_int_equal(digest_end(digest, out), 0);
		assert_hex(out, sm3_abc);
	}
	digest_free(digest);
	digest_free(NULL);
}

/* The macs were computed with `openssl dgst -sm3 -mac HMAC -macopt key:…`. */
static const struct {
	const char *key, *data, *mac;
} macs[] = {
    {"key", "The quick brown fox",
     "8d54716c0553990422ad09e63a7237386696a8952f64e546a4dee3b89a931a35"},
    {"k", "The quick brown fox",
     "7a0a82a67a2f11c4b696716b4e5e24410933ba98fd5ad767aa688d5cb9a71919"},
    {"0123456789012345678901234567890123456789012345678901234567890123", "The quick brown fox",
     "ab5b49ddad18ad49b1c668b9a956a2faa984b51e762aace104e24817cbcfd97b"},
    /* Longer than a block: the key is hashed first. */
    {"01234567890123456789012345678901234567890123456789012345678901234", "The quick brown fox",
     "3955a0110fced4c2df435938f875e5a1080c66eb38abb480b1543da4c0902ae5"},
    {"key", "a b", "638c6f42ac3e43a2f0648aa7dab74d8f1e9e43504a67e9bfa986c1dc2219e3eb"},
};

static void
test_hmac(void **state)
{
	uint8_t mac[HMAC_SIZE];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(macs); i++) {
		struct hmac *hmac = hmac_new(macs[i].key, strlen(macs[i].key));
		const char *data = macs[i].data;

		assert_non_null(hmac);
		/* However the message is cut, and again and again. */
		for (size_t cut = 0; cut <= strlen(data); cut++) {
			const struct hmac_part parts[] = {{data, cut},
							  {data + cut, strlen(data) - cut}};

			assert_int_equal(hmac_compute(hmac, parts, 2, mac), 0);
			assert_hex(mac, macs[i].mac);
		}
		hmac_free(hmac);
	}
	hmac_free(NULL);
	assert_true(hmac_equal("abc", "abc", 3));
	assert_false(hmac_equal("abc", "abd", 3));
}

static void
test_random(void **state)
{
	char a[RANDOM_TOKEN_SIZE], b[RANDOM_TOKEN_SIZE];
	uint8_t bytes[16] = {0}, zero[16] = {0};

	(void)state;
	assert_int_equal(strlen(random_token(a)), RANDOM_TOKEN_SIZE - 1);
	random_token(b);
	assert_string_not_equal(a, b);
	assert_int_equal(
	    strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	    RANDOM_TOKEN_SIZE - 1);
	random_bytes(bytes, sizeof bytes);
	assert_memory_not_equal(bytes, zero, sizeof zero);
	random_erase(bytes, sizeof bytes);
	assert_memory_equal(bytes, zero, sizeof zero);
}

static bool
make_contexts(void *context)
{
	struct digest *digest = digest_new(DIGEST_SM3);
	struct hmac *hmac = hmac_new("key", 3);
	bool ok = digest && hmac;

	(void)context;
	digest_free(digest);
	hmac_free(hmac);
	return ok;
}

static void
test_no_memory(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(make_contexts, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_published_vectors),
	    cmocka_unit_test(test_pieces_and_use_again),
	    cmocka_unit_test(test_hmac),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
