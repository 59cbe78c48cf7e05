/* SPDX-License-Identifier: Apache-2.0 */
#include "db/batch.h"

#include <stdlib.h>

bool
batch_start(struct batch *batch, const struct db_query *queries, size_t n_queries)
{
	*batch = (struct batch){.queries = queries, .n_queries = (unsigned)n_queries};
	batch->results = batch->few;
	if (n_queries > BATCH_FEW)
		batch->results = calloc(n_queries, sizeof(PGresult *));
	if (!batch->results)
		batch->n_queries = 0;
	return batch->results != NULL;
}

static void
clear_answers(struct batch *batch)
{
	for (unsigned i = 0; i < batch->n_queries; i++) {
		PQclear(batch->results[i]);
		batch->results[i] = NULL;
	}
	PQclear(batch->error);
	batch->error = NULL;
}

void
batch_restart(struct batch *batch)
{
	clear_answers(batch);
	batch->n_answered = 0;
	batch->skipped = batch->lost = false;
}

void
batch_abandon(struct batch *batch)
{
	batch->queries = NULL;
}

void
batch_clear(struct batch *batch)
{
	clear_answers(batch);
	if (batch->results != batch->few)
		free(batch->results);
	batch_start(batch, NULL, 0);
}

void
batch_move(struct batch *to, struct batch *from)
{
	*to = *from;
	if (from->results == from->few)
		to->results = to->few;
	batch_start(from, NULL, 0);
}

static void
take_error(struct batch *batch, PGresult *result, const struct db_stmt *stmt)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	/* Without a code it is libpq's own message: the connection is gone. */
	if (!code || db_outcome_of(code, NULL) == DB_UNAVAILABLE)
		batch->lost = true;
	if (batch->error) {
		PQclear(result);
		return;
	}
	batch->error = result;
	batch->error_stmt = stmt;
}

static bool
is_success(ExecStatusType status)
{
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	       status == PGRES_EMPTY_QUERY;
}

void
batch_take(struct batch *batch, struct conn *conn, unsigned i, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	const struct db_stmt *stmt = batch->queries ? batch->queries[i].stmt : NULL;

	batch->n_answered++;
	if (!result) {
		batch->lost = true;
	} else if (is_success(status)) {
		batch->results[i] = result;
	} else if (status == PGRES_PIPELINE_ABORTED) {
		batch->skipped = true;
		PQclear(result);
	} else {
		conn_check_session(conn, result, stmt);
		take_error(batch, result, stmt);
	}
}

void
batch_take_other(struct batch *batch, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (!result)
		batch->lost = true;
	else if (is_success(status) || status == PGRES_PIPELINE_ABORTED ||
		 status == PGRES_PIPELINE_SYNC)
		PQclear(result);
	else
		take_error(batch, result, NULL);
}

bool
batch_failed(const struct batch *batch)
{
	return batch->error || batch->lost || batch->skipped || batch->refused != DB_OK;
}

static void
deliver_results(struct batch *taken, db_done_fn *done, void *data)
{
	struct db_result results[DB_MAX_QUERIES];

	for (unsigned i = 0; i < taken->n_queries; i++) {
		PGresult *pg = taken->results[i];
		size_t n_rows = (size_t)PQntuples(pg);
		bool has_rows = PQresultStatus(pg) == PGRES_TUPLES_OK;

		results[i] = (struct db_result){
		    .stmt = taken->queries[i].stmt,
		    .pg = pg,
		    .n_rows = n_rows,
		    .n_affected = has_rows ? n_rows : strtoul(PQcmdTuples(pg), NULL, 10),
		};
	}
	done(data, results, taken->n_queries, NULL);
}

void
batch_deliver(struct batch *batch, db_done_fn *done, void *data, bool ambiguous)
{
	struct batch taken;
	struct db_error error;

	batch_move(&taken, batch);
	if (!batch_failed(&taken)) {
		deliver_results(&taken, done, data);
	} else {
		error = conn_error(taken.error, taken.error_stmt);
		if (taken.refused != DB_OK)
			error = (struct db_error){.outcome = taken.refused,
						  .text = db_outcome_text(taken.refused)};
		error.ambiguous = ambiguous;
		done(data, NULL, 0, &error);
	}
	batch_clear(&taken);
}
