/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests: SM3 (GB/T 32905) for everything of our own, SHA-256 for protocols that ask for it.
 *
 * A `struct digest` keeps its OpenSSL context and is used again and again; one thread at a time.
 */
#ifndef MZ_CRYPTO_DIGEST_H
#define MZ_CRYPTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32 };
#define DIGEST_HEX_SIZE 65

enum digest_kind { DIGEST_SM3, DIGEST_SHA256 };

struct digest;

/* NULL without memory or when OpenSSL lacks the algorithm. Freed by digest_free; ready for
 * digest_add. */
struct digest *digest_new(enum digest_kind kind);
void digest_free(struct digest *digest);

/* Adds bytes. 0 or -EIO. */
int digest_add(struct digest *digest, const void *data, size_t length);

/* Writes the digest of all that was added and starts anew. 0 or -EIO. */
int digest_end(struct digest *digest, uint8_t ret_digest[static DIGEST_SIZE]);

/* Of one piece, with a context that the thread keeps. 0 or -EIO. */
int digest_sm3(const void *data, size_t length, uint8_t ret_digest[static DIGEST_SIZE]);
int digest_sha256(const void *data, size_t length, uint8_t ret_digest[static DIGEST_SIZE]);

/* Lower-case hexadecimal with a NUL; returns text. */
char *digest_hex(const uint8_t digest[static DIGEST_SIZE], char text[static DIGEST_HEX_SIZE]);

#endif
