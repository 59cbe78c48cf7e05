/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include <stdint.h>
#include <stdlib.h>

#include <sodium.h>

enum { TOKEN_BYTES = 32 };

/* sodium_init opens the source of randomness, once; every later call is a comparison. */
void
random_bytes(void *data, size_t size)
{
	if (sodium_init() < 0)
		abort();
	randombytes_buf(data, size);
}

char *
random_token(char text[static RANDOM_TOKEN_SIZE])
{
	uint8_t bytes[TOKEN_BYTES];

	random_bytes(bytes, sizeof bytes);
	sodium_bin2base64(text, RANDOM_TOKEN_SIZE, bytes, sizeof bytes,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	random_erase(bytes, sizeof bytes);
	return text;
}

void
random_erase(void *data, size_t size)
{
	sodium_memzero(data, size);
}
