/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursor: the rows of one statement in batches, as fast as they are taken.
 *
 * For server streams: a leased connection, a read-only transaction and a server-side cursor, from
 * which the next batch is fetched only when the taker asks for it (design §4, back-pressure).
 * Cursors hold a snapshot and a connection, so they are few (a share of the leased connections) and
 * bounded in age.
 */
#ifndef MZ_DB_CURSOR_H
#define MZ_DB_CURSOR_H

#include "db/pool.h"

struct db_cursor;

struct db_cursor_hooks {
	/* One batch of at least one row; ask for the next with db_cursor_next. */
	void (*rows)(void *data, const struct db_result *result);
	/* The end, exactly once unless abandoned: error is NULL after the last row. */
	void (*done)(void *data, const struct db_error *error);
};

/*
 * Opens a cursor and fetches the first batch. The query and its arena must live until the first
 * hook runs. Refused like a transaction, and with DB_BUSY when too many cursors are open.
 * deadline_us bounds its whole life.
 */
struct db_cursor *db_cursor_open(struct db_pool *pool, const struct db_query *query,
				 unsigned batch_rows, int64_t deadline_us,
				 const struct db_cursor_hooks *hooks, void *data,
				 enum db_outcome *ret_outcome);

/* The next batch, please. Once for each call of `rows`, inside it or later. */
void db_cursor_next(struct db_cursor *cursor);

/* Closes it: no hook runs any more. */
void db_cursor_abandon(struct db_cursor *cursor);

#endif
