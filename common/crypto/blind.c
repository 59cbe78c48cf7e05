/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/blind.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hmac.h"

struct blinder {
	struct hmac *hmac;
};

struct blinder *
blinder_new(const struct keyfile *keys)
{
	const struct key *key = keyfile_newest(keys, KEY_BLIND_INDEX);
	struct blinder *blinder = key ? calloc(1, sizeof *blinder) : NULL;

	if (!blinder)
		return NULL;
	blinder->hmac = hmac_new(key->bytes, key->length);
	if (blinder->hmac)
		return blinder;
	blinder_free(blinder);
	return NULL;
}

void
blinder_free(struct blinder *blinder)
{
	if (!blinder)
		return;
	hmac_free(blinder->hmac);
	free(blinder);
}

/* The NUL of the index's name separates it from the value. */
int
blind_compute(struct blinder *blinder, const char *index, const void *value, size_t length,
	      uint8_t ret_blind[static BLIND_SIZE])
{
	const struct hmac_part parts[] = {{index, strlen(index) + 1}, {value, length}};

	return hmac_compute(blinder->hmac, parts, 2, ret_blind);
}
