/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness for keys and tokens, straight from the kernel.
 */
#ifndef MZ_CRYPTO_RANDOM_H
#define MZ_CRYPTO_RANDOM_H

#include <stddef.h>

#define RANDOM_TOKEN_SIZE 44 /* 43 characters of unpadded base64url and the NUL */

/* Fills size bytes; aborts the process when the kernel has none to give. */
void random_bytes(void *data, size_t size);

/* A bearer token of 256 bits, as base64url; returns text. */
char *random_token(char text[static RANDOM_TOKEN_SIZE]);

/* Erases a secret; is never optimised away. */
void random_erase(void *data, size_t size);

#endif
