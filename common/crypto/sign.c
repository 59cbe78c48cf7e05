/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* GB/T 35276: the identity of a signer who has none of its own. */
static const char default_identity[] = "1234567812345678";

struct sign_key {
	EVP_PKEY *pair;
};

/* Takes the pair over; NULL when it is no SM2 key. */
static struct sign_key *
wrap(EVP_PKEY *pair)
{
	struct sign_key *key = NULL;

	if (pair && EVP_PKEY_is_a(pair, "SM2"))
		key = calloc(1, sizeof *key);
	if (!key) {
		EVP_PKEY_free(pair);
		return NULL;
	}
	key->pair = pair;
	return key;
}

struct sign_key *
sign_key_new(void)
{
	return wrap(EVP_PKEY_Q_keygen(NULL, NULL, "SM2"));
}

void
sign_key_free(struct sign_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pair);
	free(key);
}

struct sign_key *
sign_key_from_private(const void *der, size_t length)
{
	const unsigned char *at = der;

	return wrap(d2i_AutoPrivateKey(NULL, &at, (long)length));
}

struct sign_key *
sign_key_from_public(const void *der, size_t length)
{
	const unsigned char *at = der;

	return wrap(d2i_PUBKEY(NULL, &at, (long)length));
}

/* Copies what OpenSSL wrote, erases and frees it. */
static size_t
take_der(unsigned char *der, int length, uint8_t ret_der[static SIGN_KEY_MAX_BYTES])
{
	size_t written = 0;

	if (length > 0 && length <= SIGN_KEY_MAX_BYTES) {
		memcpy(ret_der, der, (size_t)length);
		written = (size_t)length;
	}
	if (length > 0)
		OPENSSL_clear_free(der, (size_t)length);
	return written;
}

/* i2d_PrivateKey would write the older SEC 1 form. */
size_t
sign_key_private(const struct sign_key *key, uint8_t ret_der[static SIGN_KEY_MAX_BYTES])
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pair);
	unsigned char *der = NULL;
	int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;

	PKCS8_PRIV_KEY_INFO_free(info);
	return take_der(der, length, ret_der);
}

size_t
sign_key_public(const struct sign_key *key, uint8_t ret_der[static SIGN_KEY_MAX_BYTES])
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(key->pair, &der);

	return take_der(der, length, ret_der);
}

/* A context for SM3 with the identity set, ready for one signature or verification. */
static EVP_MD_CTX *
context_new(const struct sign_key *key, bool verify)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner = EVP_PKEY_CTX_new(key->pair, NULL);
	int r = 0;

	if (context && inner &&
	    EVP_PKEY_CTX_set1_id(inner, default_identity, sizeof default_identity - 1) == 1) {
		EVP_MD_CTX_set_pkey_ctx(context, inner);
		r = verify
			? EVP_DigestVerifyInit_ex(context, NULL, "SM3", NULL, NULL, key->pair, NULL)
			: EVP_DigestSignInit_ex(context, NULL, "SM3", NULL, NULL, key->pair, NULL);
	}
	if (r == 1)
		return context;
	EVP_MD_CTX_free(context);
	EVP_PKEY_CTX_free(inner);
	return NULL;
}

static void
context_free(EVP_MD_CTX *context)
{
	EVP_PKEY_CTX *inner = EVP_MD_CTX_get_pkey_ctx(context);

	EVP_MD_CTX_free(context);
	EVP_PKEY_CTX_free(inner);
}

enum sign_result
sign_make(const struct sign_key *key, const void *data, size_t length,
	  uint8_t ret_signature[static SIGN_MAX_BYTES], size_t *ret_length)
{
	EVP_MD_CTX *context = context_new(key, false);
	uint8_t signature[SIGN_MAX_BYTES];
	size_t size = sizeof signature;
	int r = 0;

	if (!context)
		return SIGN_FAILED;
	r = EVP_DigestSign(context, signature, &size, data, length);
	context_free(context);
	if (r != 1)
		return SIGN_FAILED;
	memcpy(ret_signature, signature, size);
	*ret_length = size;
	return SIGN_OK;
}

enum sign_result
sign_verify(const struct sign_key *key, const void *data, size_t length, const uint8_t *signature,
	    size_t signature_length)
{
	EVP_MD_CTX *context = context_new(key, true);
	int r;

	if (!context)
		return SIGN_FAILED;
	r = EVP_DigestVerify(context, signature, signature_length, data, length);
	context_free(context);
	return r == 1 ? SIGN_OK : SIGN_FORGED;
}
