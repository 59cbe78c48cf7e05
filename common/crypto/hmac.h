/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC-SM3 (RFC 2104 with SM3; GB/T 15852.2).
 *
 * A `struct hmac` holds its key, prepared, and is used again and again; one thread at a time. The
 * key is erased when it is freed.
 */
#ifndef MZ_CRYPTO_HMAC_H
#define MZ_CRYPTO_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HMAC_SIZE = 32 };

struct hmac;

struct hmac_part {
	const void *data;
	size_t length;
};

/* NULL without memory or when OpenSSL lacks SM3. The key is copied. */
struct hmac *hmac_new(const void *key, size_t length);
void hmac_free(struct hmac *hmac);

/* Of the parts, one behind the other; what separates them is the caller's. 0 or -EIO. */
int hmac_compute(struct hmac *hmac, const struct hmac_part *parts, size_t n_parts,
		 uint8_t ret_mac[static HMAC_SIZE]);

/* Compares in a time that does not depend on the contents. */
bool hmac_equal(const void *a, const void *b, size_t length);

#endif
