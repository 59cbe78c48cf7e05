/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blind index: equality search over a sealed column.
 *
 * HMAC-SM3 of the normalised value under the index key, which is no encryption key and is changed
 * by an offline rebuild only. The index's name is part of what is hashed: equal values in two
 * indexes are not seen to be equal. One thread at a time.
 */
#ifndef MZ_CRYPTO_BLIND_H
#define MZ_CRYPTO_BLIND_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/keyfile.h"

enum { BLIND_SIZE = 32 };

struct blinder;

/* Uses the newest index key of keys, which may be freed afterwards. NULL without memory or key. */
struct blinder *blinder_new(const struct keyfile *keys);
void blinder_free(struct blinder *blinder);

/* index names the search, "registry.person.id_number". 0 or -EIO. */
int blind_compute(struct blinder *blinder, const char *index, const void *value, size_t length,
		  uint8_t ret_blind[static BLIND_SIZE]);

#endif
