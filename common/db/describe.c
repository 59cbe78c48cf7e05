/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describing: the first connection asks the server for the types of every statement's parameters
 * and columns. It uses the unnamed statement, so that the session keeps no plan that it may never
 * need; pieces keep the ring small.
 */
#include <string.h>

#include "db/state.h"

int
describe_result(struct db_stmts *stmts, size_t index, const PGresult *result)
{
	uint32_t params[DB_MAX_PARAMS], columns[DB_MAX_COLUMNS];
	const char *names[DB_MAX_COLUMNS];
	struct db_description d = {.param_oids = params,
				   .column_names = names,
				   .column_oids = columns,
				   .n_params = (size_t)PQnparams(result),
				   .n_columns = (size_t)PQnfields(result)};

	if (d.n_params > DB_MAX_PARAMS || d.n_columns > DB_MAX_COLUMNS)
		return db_stmts_mark_broken(stmts, index, "参数或列太多");
	for (size_t i = 0; i < d.n_params; i++)
		params[i] = PQparamtype(result, (int)i);
	for (size_t i = 0; i < d.n_columns; i++) {
		names[i] = PQfname(result, (int)i);
		columns[i] = PQftype(result, (int)i);
	}
	return db_stmts_describe(stmts, index, &d);
}

bool
describe_is_done(const struct db_pool *pool)
{
	return pool->n_described == db_stmts_count(pool->stmts);
}

static void
prepared(void *owner, unsigned index, PGresult *result)
{
	struct db_pool *pool = owner;
	const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (PQresultStatus(result) == PGRES_FATAL_ERROR && why) {
		const struct db_stmt *stmt = db_stmts_at(pool->stmts, index);

		pool->n_broken++;
		if (!stmt->broken || strcmp(stmt->broken, why) != 0) {
			db_stmts_mark_broken(pool->stmts, index, why);
			pool_log(pool, true, "语句不能准备：%s：%s", stmt->label, why);
		}
	}
	PQclear(result);
}

static void
described(void *owner, unsigned index, PGresult *result)
{
	struct db_pool *pool = owner;

	if (PQresultStatus(result) == PGRES_COMMAND_OK &&
	    describe_result(pool->stmts, index, result) != 0)
		db_stmts_mark_broken(pool->stmts, index, "内存不足");
	PQclear(result);
}

/* The Sync behind a piece; all before `next` have been looked at. */
static void
piece_done(void *owner, unsigned next, PGresult *result)
{
	struct conn *conn = owner;
	struct db_pool *pool = conn->owner;

	if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
		pool->n_described = next;
		describe_go_on(pool, conn);
	}
	PQclear(result);
}

static void
send_describe(struct db_pool *pool, struct conn *conn, unsigned index)
{
	const char *sql = db_stmts_at(pool->stmts, index)->sql;
	bool ok = conn->state == CONN_UP && PQsendPrepare(conn->pg, "", sql, 0, NULL);

	conn_sent(conn, ok, prepared, pool, index);
	ok = conn->state == CONN_UP && PQsendDescribePrepared(conn->pg, "");
	conn_sent(conn, ok, described, pool, index);
	conn_sync(conn, NULL, NULL, 0);
}

void
describe_go_on(struct db_pool *pool, struct conn *conn)
{
	size_t next = pool->n_described, n = db_stmts_count(pool->stmts);
	unsigned n_sent = 0;

	for (; next < n && n_sent < DESCRIBE_PIECE; next++) {
		if (!db_stmts_at(pool->stmts, next)->described) {
			send_describe(pool, conn, (unsigned)next);
			n_sent++;
		}
	}
	if (n_sent) {
		conn_sync(conn, piece_done, conn, (unsigned)next);
	} else {
		pool->n_described = n;
		pool->describer = NULL;
		pool_update_ready(pool);
	}
}
