/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key file: all secrets of the bureau's data, apart from the data.
 *
 *	minzheng-keys 1
 *	seal 1 2026-11-24 6f…
 *	blind-index 1 2026-11-24 a0…
 *
 * A line is purpose, id, day of making, key in hexadecimal. Several keys of one purpose are its
 * history: the one with the highest id is used for new values, all are used to read old ones. The
 * file must be a regular file, belong to the user of the process, and be closed to everybody else
 * (0600 or 0400); anything else is refused. It is written whole beside its place, synced, and then
 * renamed, so it is never half there. Losing it loses every sealed value: back it up apart.
 *
 * In memory the keys are locked if the system allows it, and erased when freed.
 */
#ifndef MZ_CRYPTO_KEYFILE_H
#define MZ_CRYPTO_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

enum { KEYFILE_KEYS_MAX = 64, KEY_MAX_BYTES = 256 };

enum key_purpose {
	KEY_SEAL,         /* encrypted columns: 32 random bytes */
	KEY_BLIND_INDEX,  /* equality search: 32 random bytes; changed by an offline rebuild only */
	KEY_AUDIT_SIGN,   /* seals of the audit trail: an SM2 private key, PKCS #8 DER */
	KEY_SYSTEM_TOKEN, /* tokens of services: 32 random bytes */
	KEY_PURPOSES,
};

enum keyfile_result {
	KEYFILE_OK,
	KEYFILE_MISSING,
	KEYFILE_EXISTS,
	KEYFILE_TOO_OPEN, /* mode, owner or kind of file */
	KEYFILE_MALFORMED,
	KEYFILE_FULL,
	KEYFILE_FAILED, /* the system refused: errno says why */
};

struct key {
	enum key_purpose purpose;
	uint32_t id; /* 1 and up within its purpose */
	struct date made_on;
	size_t length;
	uint8_t bytes[KEY_MAX_BYTES];
};

struct keyfile;

/* Makes the file with one key of every purpose. KEYFILE_EXISTS when something is there. */
enum keyfile_result keyfile_create(const char *path, struct date today);

/* Reads the file. *ret_keys is freed by keyfile_free. */
enum keyfile_result keyfile_read(const char *path, struct keyfile **ret_keys);

/* Adds a new key of the purpose, which is used for new values from the next start on. */
enum keyfile_result keyfile_rotate(const char *path, enum key_purpose purpose, struct date today);

/* Erases and frees; NULL is allowed. */
void keyfile_free(struct keyfile *keys);

/* The key in use, or that of an id; NULL when there is none. Belongs to keys. */
const struct key *keyfile_newest(const struct keyfile *keys, enum key_purpose purpose);
const struct key *keyfile_find(const struct keyfile *keys, enum key_purpose purpose, uint32_t id);

/* All keys of all purposes, in the file's order. Belongs to keys. */
const struct key *keyfile_all(const struct keyfile *keys, size_t *ret_count);

/* Fresh keys that are in no file, one of every purpose. Freed by keyfile_free; NULL on failure. */
struct keyfile *keyfile_generate(struct date today);

/* "seal", "blind-index", …: as in the file. */
const char *keyfile_purpose_name(enum key_purpose purpose);

/* What is wrong and what to do, in a sentence for people; for KEYFILE_OK "". */
const char *keyfile_explain(enum keyfile_result result);

#endif
