/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "crypto/blind.h"
#include "unit.h"

#define ID_NUMBER "50019919241015004X"

static const struct seal_place here = {"registry.person.id_number",
				       "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36};
static struct keyfile *keys;
static struct sealer *sealer;

static int
set_up(void **state)
{
	(void)state;
	keys = keyfile_generate((struct date){20000});
	sealer = keys ? sealer_new(keys) : NULL;
	return sealer ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sealer_free(sealer);
	keyfile_free(keys);
	return 0;
}

static void
test_there_and_back(void **state)
{
	char plain[300], opened[300];
	uint8_t sealed[300 + SEAL_OVERHEAD], again[300 + SEAL_OVERHEAD];

	(void)state;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (char)i;
	for (size_t length = 0; length <= sizeof plain; length++) {
		assert_int_equal(seal_close(sealer, here, plain, length, sealed), SEAL_OK);
		assert_true(seal_is_current(sealer, sealed, length + SEAL_OVERHEAD));
		memset(opened, 0, sizeof opened);
		assert_int_equal(seal_open(sealer, here, sealed, length + SEAL_OVERHEAD, opened),
				 SEAL_OK);
		assert_memory_equal(opened, plain, length);
	}
	/* Equal values do not look equal. */
	assert_int_equal(seal_close(sealer, here, plain, 18, sealed), SEAL_OK);
	assert_int_equal(seal_close(sealer, here, plain, 18, again), SEAL_OK);
	assert_memory_not_equal(sealed + SEAL_HEADER_SIZE, again + SEAL_HEADER_SIZE, 18);
}

static void
hmac_sm3(const void *key, size_t key_length, const void *data, size_t length, uint8_t mac[32])
{
	char digest[] = "SM3";
	size_t size = 0;

	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, key, key_length, data, length,
				  mac, 32, &size));
	assert_int_equal(size, 32);
}

static void
run_sm4(const char *mode, const uint8_t key[16], const uint8_t *iv, const void *in, int length,
	uint8_t *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, mode, NULL);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;

	assert_int_equal(EVP_EncryptInit_ex2(context, cipher, key, iv, NULL), 1);
	assert_int_equal(EVP_EncryptUpdate(context, out, &n, in, length), 1);
	assert_int_equal(n, length);
	EVP_CIPHER_CTX_free(context);
	EVP_CIPHER_free(cipher);
}

/* GB/T 32907, appendix A.1. */
static void
test_the_cipher_is_sm4(void **state)
{
	static const uint8_t key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
	static const uint8_t expected[16] = {0x68, 0x1e, 0xdf, 0x34, 0xd2, 0x06, 0x96, 0x5e,
					     0x86, 0xb3, 0xe9, 0x4f, 0x53, 0x6e, 0x42, 0x46};
	uint8_t out[32];

	(void)state;
	run_sm4("SM4-ECB", key, NULL, key, 16, out);
	assert_memory_equal(out, expected, 16);
}

/* The format, opened by hand with OpenSSL's own HMAC: what seal.h says is what lies in the table.
 */
static void
test_format_opened_by_hand(void **state)
{
	const struct key *key = keyfile_newest(keys, KEY_SEAL);
	uint8_t sealed[18 + SEAL_OVERHEAD], cipher_key[32], tag_key[32], tag[32], plain[18];
	uint8_t covered[4 + 25 + 36 + SEAL_HEADER_SIZE + 18] = {0, 0, 0, 25};

	(void)state;
	assert_int_equal(strlen(here.column), 25);
	assert_int_equal(seal_close(sealer, here, ID_NUMBER, 18, sealed), SEAL_OK);
	assert_memory_equal(sealed, "\1\0\0\0\1", 5);
	hmac_sm3(key->bytes, key->length, "minzheng seal cipher", 20, cipher_key);
	hmac_sm3(key->bytes, key->length, "minzheng seal tag", 17, tag_key);
	run_sm4("SM4-CTR", cipher_key, sealed + 5, sealed + SEAL_HEADER_SIZE, 18, plain);
	assert_memory_equal(plain, ID_NUMBER, 18);
	memcpy(covered + 4, here.column, 25);
	memcpy(covered + 29, here.row, 36);
	memcpy(covered + 65, sealed, SEAL_HEADER_SIZE + 18);
	hmac_sm3(tag_key, 32, covered, sizeof covered, tag);
	assert_memory_equal(sealed + SEAL_HEADER_SIZE + 18, tag, SEAL_TAG_SIZE);
}

static void
test_every_changed_bit_is_seen(void **state)
{
	uint8_t sealed[18 + SEAL_OVERHEAD];
	char opened[18] = "untouched";

	(void)state;
	assert_int_equal(seal_close(sealer, here, ID_NUMBER, 18, sealed), SEAL_OK);
	for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
		enum seal_result expected = bit < 8    ? SEAL_MALFORMED
					    : bit < 40 ? SEAL_UNKNOWN_KEY
						       : SEAL_FORGED;

		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(seal_open(sealer, here, sealed, sizeof sealed, opened), expected);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t length = 0; length < sizeof sealed; length++)
		assert_int_equal(seal_open(sealer, here, sealed, length, opened),
				 length < SEAL_OVERHEAD ? SEAL_MALFORMED : SEAL_FORGED);
	assert_string_equal(opened, "untouched");
}

static void
test_a_value_is_bound_to_its_place(void **state)
{
	static const struct seal_place elsewhere[] = {
	    {"registry.person.id_number", "017f22e2-79b0-7cc3-98c4-dc0c0c073990", 36},
	    {"registry.person.phone", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36},
	    /* The same bytes, cut elsewhere. */
	    {"registry.person.id_numbe", "r017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 37},
	    {"registry.person.id_number", "", 0}};
	uint8_t sealed[18 + SEAL_OVERHEAD];
	char opened[18];

	(void)state;
	assert_int_equal(seal_close(sealer, here, ID_NUMBER, 18, sealed), SEAL_OK);
	for (size_t i = 0; i < UNIT_COUNT(elsewhere); i++)
		assert_int_equal(seal_open(sealer, elsewhere[i], sealed, sizeof sealed, opened),
				 SEAL_FORGED);
}

static void
test_rotation(void **state)
{
	char path[] = "/tmp/mz-keys-XXXXXX", opened[18];
	uint8_t old[18 + SEAL_OVERHEAD], new[18 + SEAL_OVERHEAD];
	struct sealer *before, *after;
	struct keyfile *read = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(keyfile_create(path, (struct date){20000}), KEYFILE_OK);
	assert_int_equal(keyfile_read(path, &read), KEYFILE_OK);
	before = sealer_new(read);
	keyfile_free(read);
	assert_int_equal(keyfile_rotate(path, KEY_SEAL, (struct date){20001}), KEYFILE_OK);
	assert_int_equal(keyfile_read(path, &read), KEYFILE_OK);
	after = sealer_new(read);
	keyfile_free(read);
	unlink(path);

	assert_int_equal(seal_close(before, here, ID_NUMBER, 18, old), SEAL_OK);
	assert_int_equal(seal_close(after, here, ID_NUMBER, 18, new), SEAL_OK);
	assert_int_equal(seal_open(after, here, old, sizeof old, opened), SEAL_OK);
	assert_memory_equal(opened, ID_NUMBER, 18);
	assert_false(seal_is_current(after, old, sizeof old));
	assert_true(seal_is_current(after, new, sizeof new));
	assert_int_equal(seal_open(before, here, new, sizeof new, opened), SEAL_UNKNOWN_KEY);
	assert_string_equal(seal_name(SEAL_UNKNOWN_KEY), "unknown_key");
	sealer_free(before);
	sealer_free(after);
}

static void
test_length_is_bounded(void **state)
{
	uint8_t *sealed = malloc(SEAL_MAX_PLAIN + SEAL_OVERHEAD),
		*plain = calloc(1, SEAL_MAX_PLAIN);

	(void)state;
	assert_int_equal(seal_close(sealer, here, plain, SEAL_MAX_PLAIN + 1, sealed),
			 SEAL_MALFORMED);
	assert_int_equal(seal_close(sealer, here, plain, SEAL_MAX_PLAIN, sealed), SEAL_OK);
	assert_int_equal(seal_open(sealer, here, sealed, SEAL_MAX_PLAIN + SEAL_OVERHEAD, plain),
			 SEAL_OK);
	assert_int_equal(plain[SEAL_MAX_PLAIN - 1], 0);
	free(sealed);
	free(plain);
}

static void
test_blind_index(void **state)
{
	struct blinder *blinder = blinder_new(keys);
	uint8_t a[BLIND_SIZE], b[BLIND_SIZE];

	(void)state;
	assert_non_null(blinder);
	assert_int_equal(blind_compute(blinder, "registry.person.id_number", ID_NUMBER, 18, a), 0);
	assert_int_equal(blind_compute(blinder, "registry.person.id_number", ID_NUMBER, 18, b), 0);
	assert_memory_equal(a, b, BLIND_SIZE);
	assert_int_equal(blind_compute(blinder, "registry.person.phone", ID_NUMBER, 18, b), 0);
	assert_memory_not_equal(a, b, BLIND_SIZE);
	assert_int_equal(blind_compute(blinder, "registry.person.id_number", ID_NUMBER, 17, b), 0);
	assert_memory_not_equal(a, b, BLIND_SIZE);
	assert_int_equal(blind_compute(blinder, "a", "bc", 2, a), 0);
	assert_int_equal(blind_compute(blinder, "ab", "c", 1, b), 0);
	assert_memory_not_equal(a, b, BLIND_SIZE);
	blinder_free(blinder);
	blinder_free(NULL);
}

static bool
make_both(void *context)
{
	struct sealer *s = sealer_new(keys);
	struct blinder *b = blinder_new(keys);
	bool ok = s && b;

	(void)context;
	sealer_free(s);
	blinder_free(b);
	return ok;
}

static void
test_no_memory(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(make_both, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_there_and_back, set_up, tear_down),
	    cmocka_unit_test(test_the_cipher_is_sm4),
	    cmocka_unit_test_setup_teardown(test_format_opened_by_hand, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_every_changed_bit_is_seen, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_value_is_bound_to_its_place, set_up, tear_down),
	    cmocka_unit_test(test_rotation),
	    cmocka_unit_test_setup_teardown(test_length_is_bounded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_blind_index, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
