/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hmac.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>

/* The context keeps the state behind the two padded keys; starting anew copies it, so a short
 * message costs half of what hashing the keys each time would. */
struct hmac {
	EVP_MAC_CTX *context;
};

static bool
set_key(struct hmac *hmac, const void *key, size_t length)
{
	char digest[] = "SM3";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};

	return hmac->context && EVP_MAC_init(hmac->context, key, length, params) == 1;
}

struct hmac *
hmac_new(const void *key, size_t length)
{
	struct hmac *hmac = calloc(1, sizeof *hmac);
	EVP_MAC *algorithm;

	if (!hmac)
		return NULL;
	algorithm = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	hmac->context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
	EVP_MAC_free(algorithm); /* the context holds it */
	if (set_key(hmac, key, length))
		return hmac;
	hmac_free(hmac);
	return NULL;
}

void
hmac_free(struct hmac *hmac)
{
	if (!hmac)
		return;
	EVP_MAC_CTX_free(hmac->context);
	free(hmac);
}

int
hmac_compute(struct hmac *hmac, const struct hmac_part *parts, size_t n_parts,
	     uint8_t ret_mac[static HMAC_SIZE])
{
	uint8_t mac[HMAC_SIZE];
	size_t length;

	if (EVP_MAC_init(hmac->context, NULL, 0, NULL) != 1)
		return -EIO;
	for (size_t i = 0; i < n_parts; i++)
		if (EVP_MAC_update(hmac->context, parts[i].data, parts[i].length) != 1)
			return -EIO;
	if (EVP_MAC_final(hmac->context, mac, &length, sizeof mac) != 1 || length != sizeof mac)
		return -EIO;
	memcpy(ret_mac, mac, sizeof mac);
	return 0;
}

bool
hmac_equal(const void *a, const void *b, size_t length)
{
	return sodium_memcmp(a, b, length) == 0;
}
