/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trail: what a seal of the audit trail is made of. Pure.
 *
 * A row is digested as its text (view audit_line): SM3. A seal's digest is SM3 over the digest of
 * the seal before (32 zero bytes for the first), tenant, seal number and row count as 8 big-endian
 * bytes each, and SM3 of the digests of its rows in order of their numbers. The signature is over
 * that digest.
 */
#ifndef MZ_SVC_TRAIL_H
#define MZ_SVC_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "svc/keys.h"

enum {
	TRAIL_DIGEST_SIZE = KEYS_DIGEST_SIZE,
	TRAIL_MARK_SIZE = 8, /* of a row's digest, kept to name the row */
	TRAIL_MAX_ROWS = 1000,
};

struct trail_seal {
	int64_t tenant, number;
	uint8_t before[TRAIL_DIGEST_SIZE]; /* digest of the seal before */
	/* Digests of the rows, n_rows of them. */
	uint8_t rows[TRAIL_MAX_ROWS][TRAIL_DIGEST_SIZE];
	size_t n_rows;
};

/* Adds the next row; false past TRAIL_MAX_ROWS. */
bool trail_add_row(struct trail_seal *seal, const char *line);
/* The seal's digest. */
void trail_digest(const struct trail_seal *seal, uint8_t ret_digest[static TRAIL_DIGEST_SIZE]);

#endif
