/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed values: encrypted columns (CMP-06; design: data conventions).
 *
 *	version 1 | key id 4, big endian | IV 16 | SM4-CTR ciphertext | HMAC-SM3 tag 16
 *
 * The tag covers everything before it and the place the value is stored in, column and row id, so a
 * value moved to another row or column does not open. It is checked, in constant time, before
 * anything is decrypted. New values use the newest key, old ones open with the key they name; a row
 * is re-sealed when seal_is_current says no. Two keys, for cipher and tag, are derived from each
 *key of the file.
 *
 * A sealer keeps prepared contexts; one thread at a time.
 */
#ifndef MZ_CRYPTO_SEAL_H
#define MZ_CRYPTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/keyfile.h"

enum {
	SEAL_HEADER_SIZE = 1 + 4 + 16,
	SEAL_TAG_SIZE = 16,
	SEAL_OVERHEAD = SEAL_HEADER_SIZE + SEAL_TAG_SIZE,
	SEAL_MAX_PLAIN = 1 << 20,
};

enum seal_result {
	SEAL_OK,
	SEAL_MALFORMED,   /* too short or long, or of an unknown version */
	SEAL_UNKNOWN_KEY, /* the key file lacks the key that the value names */
	SEAL_FORGED,      /* changed, or moved from another column or row */
	SEAL_FAILED,      /* OpenSSL refused */
};

/* The place a value is stored in. */
struct seal_place {
	const char *column; /* "registry.person.id_number" */
	const void *row;    /* id of the row, usually 36 bytes of UUID text */
	size_t row_length;
};

struct sealer;

/* Knows all seal keys of keys, which may be freed afterwards. NULL without memory, without a seal
 * key, or when OpenSSL lacks SM4. */
struct sealer *sealer_new(const struct keyfile *keys);

/* Erases the keys; NULL is allowed. */
void sealer_free(struct sealer *sealer);

/* Seals length bytes into ret_sealed, which has room for length + SEAL_OVERHEAD. SEAL_OK,
 * SEAL_MALFORMED when length is over SEAL_MAX_PLAIN, SEAL_FAILED. */
enum seal_result seal_close(struct sealer *sealer, struct seal_place place, const void *plain,
			    size_t length, uint8_t *ret_sealed);

/* Opens a sealed value of length bytes into ret_plain, which has room for length - SEAL_OVERHEAD
 * bytes; that is also how many it gets. Nothing is written but on SEAL_OK. */
enum seal_result seal_open(struct sealer *sealer, struct seal_place place, const void *sealed,
			   size_t length, void *ret_plain);

/* True when the value was sealed with the newest key. */
bool seal_is_current(const struct sealer *sealer, const void *sealed, size_t length);

/* The result as a code for logs and traces, "forged". */
const char *seal_name(enum seal_result result);

#endif
