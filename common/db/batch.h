/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batch: the queries of one operation that travel together, and their answers. Inside of db only.
 */
#ifndef MZ_DB_BATCH_H
#define MZ_DB_BATCH_H

#include "db/conn.h"
#include "db/pool.h"

enum { BATCH_FEW = 6 };

struct batch {
	const struct db_query *queries; /* NULL: abandoned */
	unsigned n_queries, n_answered;
	bool skipped;            /* by PostgreSQL, because of an error before it */
	bool lost;               /* the connection broke, or the server ended it */
	enum db_outcome refused; /* not sent at all */
	PGresult *error;         /* the first one */
	const struct db_stmt *error_stmt;
	PGresult **results; /* few, or on the heap */
	PGresult *few[BATCH_FEW];
};

/* An empty batch for these queries; whatever it held is forgotten, not freed. False without memory:
 * then it has no queries. */
bool batch_start(struct batch *batch, const struct db_query *queries, size_t n_queries);
/* The same queries once more. */
void batch_restart(struct batch *batch);
/* The queries may go; their answers are still taken. */
void batch_abandon(struct batch *batch);
/* The answer to query i; it is owned now. */
void batch_take(struct batch *batch, struct conn *conn, unsigned i, PGresult *result);
/* An answer to a command beside the queries: only its error is kept. */
void batch_take_other(struct batch *batch, PGresult *result);
bool batch_failed(const struct batch *batch);
/* Moves all to another place and leaves from empty. */
void batch_move(struct batch *to, struct batch *from);
/* Calls done with the results or the error; the batch is empty before, so done may start another.
 */
void batch_deliver(struct batch *batch, db_done_fn *done, void *data, bool ambiguous);
void batch_clear(struct batch *batch);

#endif
