/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "unit.h"

static struct sign_key *key;

static int
set_up(void **state)
{
	(void)state;
	key = sign_key_new();
	return key ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sign_key_free(key);
	return 0;
}

static void
test_sign_and_verify(void **state)
{
	uint8_t signature[SIGN_MAX_BYTES];
	struct sign_key *other = sign_key_new();
	size_t length = 0;

	(void)state;
	assert_int_equal(sign_make(key, "seal 1..9", 9, signature, &length), SIGN_OK);
	assert_true(length > 0 && length <= SIGN_MAX_BYTES);
	assert_int_equal(sign_verify(key, "seal 1..9", 9, signature, length), SIGN_OK);
	assert_int_equal(sign_verify(key, "seal 1..8", 9, signature, length), SIGN_FORGED);
	assert_int_equal(sign_verify(other, "seal 1..9", 9, signature, length), SIGN_FORGED);
	assert_int_equal(sign_verify(key, "seal 1..9", 9, signature, length - 1), SIGN_FORGED);
	assert_int_equal(sign_verify(key, "seal 1..9", 9, signature, 0), SIGN_FORGED);
	signature[length / 2] ^= 1;
	assert_int_equal(sign_verify(key, "seal 1..9", 9, signature, length), SIGN_FORGED);
	sign_key_free(other);
}

static void
test_halves_of_a_key(void **state)
{
	uint8_t der[SIGN_KEY_MAX_BYTES], signature[SIGN_MAX_BYTES];
	struct sign_key *private, *public;
	size_t length = sign_key_private(key, der), signature_length = 0;

	(void)state;
	assert_true(length > 0);
	private = sign_key_from_private(der, length);
	assert_non_null(private);
	assert_null(sign_key_from_private(der, length / 2));
	assert_null(sign_key_from_public(der, length));
	length = sign_key_public(private, der);
	assert_true(length > 0);
	public = sign_key_from_public(der, length);
	assert_non_null(public);

	assert_int_equal(sign_make(private, "x", 1, signature, &signature_length), SIGN_OK);
	assert_int_equal(sign_verify(public, "x", 1, signature, signature_length), SIGN_OK);
	assert_int_equal(sign_make(public, "x", 1, signature, &signature_length), SIGN_FAILED);
	sign_key_free(private);
	sign_key_free(public);
	sign_key_free(NULL);
}

/* The signature of GB/T 32918.5, appendix A: message, key and numbers as printed there. */
static void
test_published_vector(void **state)
{
	static const char public_hex[] =
	    "3059301306072a8648ce3d020106082a811ccf5501822d034200"
	    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff3"
	    "56f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a66"
	    "32f6072da9ad13";
	static const char signature_hex[] =
	    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
	    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
	uint8_t der[SIGN_KEY_MAX_BYTES], signature[SIGN_MAX_BYTES];
	size_t der_length, length;
	struct sign_key *published;

	(void)state;
	assert_int_equal(OPENSSL_hexstr2buf_ex(der, sizeof der, &der_length, public_hex, '\0'), 1);
	assert_int_equal(
	    OPENSSL_hexstr2buf_ex(signature, sizeof signature, &length, signature_hex, '\0'), 1);
	published = sign_key_from_public(der, der_length);
	assert_non_null(published);
	assert_int_equal(sign_verify(published, "message digest", 14, signature, length), SIGN_OK);
	assert_int_equal(sign_verify(published, "message digesT", 14, signature, length),
			 SIGN_FORGED);
	sign_key_free(published);
}

/* A key on another curve is refused, whatever it could sign. */
static void
test_only_sm2(void **state)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(pair, &der);

	(void)state;
	assert_true(length > 0);
	assert_null(sign_key_from_public(der, (size_t)length));
	OPENSSL_free(der);
	EVP_PKEY_free(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_sign_and_verify, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_halves_of_a_key, set_up, tear_down),
	    cmocka_unit_test(test_published_vector),
	    cmocka_unit_test(test_only_sm2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
