/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/trail.h"

#include <endian.h>
#include <string.h>

/* What comes first in a seal's digest; no gaps between the members. */
struct head {
	uint8_t before[TRAIL_DIGEST_SIZE];
	uint64_t tenant, number, n_rows;
};

bool
trail_add_row(struct trail_seal *seal, const char *line)
{
	if (seal->n_rows == TRAIL_MAX_ROWS)
		return false;
	keys_digest(line, strlen(line), seal->rows[seal->n_rows++]);
	return true;
}

void
trail_digest(const struct trail_seal *seal, uint8_t ret_digest[static TRAIL_DIGEST_SIZE])
{
	struct {
		struct head head;
		uint8_t rows[TRAIL_DIGEST_SIZE];
	} whole = {.head = {.tenant = htobe64((uint64_t)seal->tenant),
			    .number = htobe64((uint64_t)seal->number),
			    .n_rows = htobe64(seal->n_rows)}};

	memcpy(whole.head.before, seal->before, TRAIL_DIGEST_SIZE);
	keys_digest(seal->rows, seal->n_rows * TRAIL_DIGEST_SIZE, whole.rows);
	keys_digest(&whole, sizeof whole, ret_digest);
}
