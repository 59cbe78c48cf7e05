/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

_Static_assert(PASSWORD_TEXT_SIZE == crypto_pwhash_STRBYTES, "the text libsodium writes");

const struct password_cost password_cost_default = {.passes = 3, .memory_bytes = 19 << 20};
const struct password_cost password_cost_for_tests = {.passes = crypto_pwhash_argon2id_OPSLIMIT_MIN,
						      .memory_bytes =
							  crypto_pwhash_argon2id_MEMLIMIT_MIN};

static void
need_sodium(void)
{
	if (sodium_init() < 0)
		abort();
}

int
password_hash(const struct password_cost *cost, const char *password, size_t length,
	      char ret_text[static PASSWORD_TEXT_SIZE])
{
	char text[PASSWORD_TEXT_SIZE];

	need_sodium();
	if (length > PASSWORD_MAX_BYTES)
		return -EINVAL;
	if (crypto_pwhash_str_alg(text, password, length, cost->passes, cost->memory_bytes,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return -ENOMEM;
	memcpy(ret_text, text, sizeof text);
	return 0;
}

enum password_result
password_verify(const char *text, const char *password, size_t length)
{
	need_sodium();
	if (length > PASSWORD_MAX_BYTES || strncmp(text, crypto_pwhash_argon2id_STRPREFIX,
						   strlen(crypto_pwhash_argon2id_STRPREFIX)) != 0)
		return PASSWORD_WRONG;
	return crypto_pwhash_str_verify(text, password, length) == 0 ? PASSWORD_RIGHT
								     : PASSWORD_WRONG;
}

bool
password_is_outdated(const struct password_cost *cost, const char *text)
{
	need_sodium();
	return crypto_pwhash_str_needs_rehash(text, cost->passes, cost->memory_bytes) != 0;
}
