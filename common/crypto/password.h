/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords: Argon2id (RFC 9106), through libsodium.
 *
 * The text that is stored carries its salt and cost, so the cost can be raised later: verify first,
 * then hash again when password_is_outdated says so. Hashing takes tens of milliseconds by intent;
 * the caller bounds how many run at once.
 */
#ifndef MZ_CRYPTO_PASSWORD_H
#define MZ_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_TEXT_SIZE = 128, PASSWORD_MAX_BYTES = 1024 };

struct password_cost {
	unsigned long long passes;
	size_t memory_bytes;
};

/* 3 passes over 19 MiB is about 25 ms (between the two variants OWASP names for Argon2id). */
extern const struct password_cost password_cost_default;
/* As cheap as libsodium allows: for tests only. */
extern const struct password_cost password_cost_for_tests;

enum password_result { PASSWORD_RIGHT, PASSWORD_WRONG };

/* Writes the text to store. 0; -EINVAL over PASSWORD_MAX_BYTES; -ENOMEM. */
int password_hash(const struct password_cost *cost, const char *password, size_t length,
		  char ret_text[static PASSWORD_TEXT_SIZE]);

/* A text that is no Argon2id text is never right. Takes as long for either result. */
enum password_result password_verify(const char *text, const char *password, size_t length);

/* True when the text was made at another cost. */
bool password_is_outdated(const struct password_cost *cost, const char *text);

#endif
