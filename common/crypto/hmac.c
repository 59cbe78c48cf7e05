/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hmac.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypto/digest.h"

enum { BLOCK_SIZE = 64, INNER_PAD = 0x36, OUTER_PAD = 0x5c };

/*
 * RFC 2104 over one digest context that is used again and again. OpenSSL's own HMAC makes and frees
 * a context for each message, which takes longer than hashing a short one.
 */
struct hmac {
	struct digest *digest;
	uint8_t inner[BLOCK_SIZE], outer[BLOCK_SIZE];
};

struct hmac *
hmac_new(const void *key, size_t length)
{
	uint8_t block[BLOCK_SIZE] = {0};
	struct hmac *hmac = calloc(1, sizeof *hmac);

	if (!hmac)
		return NULL;
	hmac->digest = digest_new(DIGEST_SM3);
	if (!hmac->digest || (length > BLOCK_SIZE && digest_sm3(key, length, block) < 0)) {
		hmac_free(hmac);
		return NULL;
	}
	if (length > 0 && length <= BLOCK_SIZE)
		memcpy(block, key, length);
	for (int i = 0; i < BLOCK_SIZE; i++) {
		hmac->inner[i] = block[i] ^ INNER_PAD;
		hmac->outer[i] = block[i] ^ OUTER_PAD;
	}
	sodium_memzero(block, sizeof block);
	return hmac;
}

void
hmac_free(struct hmac *hmac)
{
	if (!hmac)
		return;
	digest_free(hmac->digest);
	sodium_memzero(hmac, sizeof *hmac);
	free(hmac);
}

/* A failure in the middle would leave the context half full: it is emptied. */
static int
start_anew(struct hmac *hmac)
{
	uint8_t ignored[DIGEST_SIZE];

	digest_end(hmac->digest, ignored);
	return -EIO;
}

int
hmac_compute(struct hmac *hmac, const struct hmac_part *parts, size_t n_parts,
	     uint8_t ret_mac[static HMAC_SIZE])
{
	uint8_t inner[HMAC_SIZE];

	if (digest_add(hmac->digest, hmac->inner, BLOCK_SIZE) < 0)
		return start_anew(hmac);
	for (size_t i = 0; i < n_parts; i++)
		if (digest_add(hmac->digest, parts[i].data, parts[i].length) < 0)
			return start_anew(hmac);
	if (digest_end(hmac->digest, inner) < 0 ||
	    digest_add(hmac->digest, hmac->outer, BLOCK_SIZE) < 0 ||
	    digest_add(hmac->digest, inner, sizeof inner) < 0)
		return start_anew(hmac);
	return digest_end(hmac->digest, ret_mac);
}

bool
hmac_equal(const void *a, const void *b, size_t length)
{
	return sodium_memcmp(a, b, length) == 0;
}
