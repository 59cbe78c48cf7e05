/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions on leased connections.
 *
 *     WAITING → LOADING ⇄ OPEN → COMMITTING → over
 *                                RUNNING    → over       (all in one round trip)
 *
 * Each state but WAITING and OPEN is one batch on the wire, concluded by its Sync. A connection
 * goes back only when it is outside of a transaction: after an error ROLLBACK is sent first.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/state.h"

enum txn_state { TXN_WAITING, TXN_LOADING, TXN_OPEN, TXN_COMMITTING, TXN_RUNNING, TXN_LOST };

struct db_txn {
	struct list link;
	struct db_pool *pool;
	struct conn *conn;
	enum txn_state state;
	bool abandoned, one_round_trip;
	bool commit_is_uncertain; /* it was sent; it has not been answered, and nothing before it
				     failed */
	bool is_committed;
	int64_t deadline_us;
	char timeout[16]; /* milliseconds, for statement_timeout */
	db_done_fn *done;
	void *data;
	struct batch batch;
};

/* The pool's own statements; their numbers lie behind those of the set. */
static const struct db_param timeout_param = {.name = "timeout", .oid = OID_TEXT};
static const struct db_stmt sql_begin = {
    .label = "BEGIN", .sql = "BEGIN", .name = "mz_begin", .index = DB_MAX_STATEMENTS};
static const struct db_stmt sql_commit = {
    .label = "COMMIT", .sql = "COMMIT", .name = "mz_commit", .index = DB_MAX_STATEMENTS + 1};
static const struct db_stmt sql_rollback = {
    .label = "ROLLBACK", .sql = "ROLLBACK", .name = "mz_rollback", .index = DB_MAX_STATEMENTS + 2};
static const struct db_stmt sql_timeout = {
    .label = "SET LOCAL statement_timeout",
    .sql = "SELECT set_config('statement_timeout', $1::text, true)",
    .name = "mz_timeout",
    .params = &timeout_param,
    .n_params = 1,
    .index = DB_MAX_STATEMENTS + 3,
};

static struct db_txn *
txn_new(struct db_pool *pool)
{
	struct db_txn *txn = LIST_FIRST(&pool->free_txns, struct db_txn, link);

	if (txn) {
		list_remove(&txn->link);
		return txn;
	}
	txn = calloc(1, sizeof *txn);
	if (txn)
		list_init(&txn->link);
	return txn;
}

static void
txn_free(struct db_txn *txn)
{
	batch_clear(&txn->batch);
	if (txn->conn)
		txn->conn->lessee = NULL;
	txn->conn = NULL;
	list_move(&txn->pool->free_txns, &txn->link);
}

/* -- giving connections back ----------------------------------------------------------------------
 */

static void
give_back(struct conn *conn)
{
	struct db_pool *pool = conn->owner;

	conn->lessee = NULL;
	if (conn->state != CONN_UP)
		return; /* the pool takes care of it when it has gone down */
	conn->used_at_us = clock_monotonic_us();
	if (conn->retiring) {
		conn_close(conn);
		list_move(&pool->leased_down, &conn->link);
	} else {
		list_move(&pool->leased_idle, &conn->link);
	}
	pool_wake(pool);
}

static void
rolled_back(void *owner, unsigned tag, PGresult *result)
{
	struct conn *conn = owner;
	bool at_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

	(void)tag;
	PQclear(result);
	if (!at_sync)
		return;
	conn->retiring |= PQtransactionStatus(conn->pg) != PQTRANS_IDLE;
	give_back(conn);
}

/* Ends what the server has open and gives the connection back. */
static void
roll_back(struct conn *conn)
{
	struct db_pool *pool = conn->owner;

	if (conn->state != CONN_UP || PQtransactionStatus(conn->pg) == PQTRANS_IDLE) {
		give_back(conn);
		return;
	}
	pool->counters->rollbacks++;
	conn_execute(conn, &(struct db_query){.stmt = &sql_rollback}, NULL, NULL, 0);
	conn_sync(conn, rolled_back, conn, 0);
}

/* -- concluding a batch ---------------------------------------------------------------------------
 */

/* The transaction is over; done is told last, when nothing of it is left. */
static void
finish(struct db_txn *txn)
{
	db_done_fn *done = txn->abandoned ? NULL : txn->done;
	bool ambiguous = txn->commit_is_uncertain && txn->batch.lost;
	struct conn *conn = txn->conn;
	void *data = txn->data;
	struct batch batch;

	if (batch_failed(&txn->batch))
		txn->pool->counters->errors++;
	batch_move(&batch, &txn->batch);
	txn_free(txn);
	if (conn)
		roll_back(conn);
	if (done)
		batch_deliver(&batch, done, data, ambiguous);
	else
		batch_clear(&batch);
}

static void
conclude(struct db_txn *txn)
{
	bool committing = txn->state == TXN_COMMITTING || txn->state == TXN_RUNNING;

	if (batch_failed(&txn->batch) || committing || txn->abandoned) {
		finish(txn);
		return;
	}
	txn->state = TXN_OPEN;
	batch_deliver(&txn->batch, txn->done, txn->data, false);
}

static void
answered_query(void *owner, unsigned i, PGresult *result)
{
	struct db_txn *txn = owner;

	if (result && PQresultStatus(result) == PGRES_FATAL_ERROR &&
	    PQresultErrorField(result, PG_DIAG_SQLSTATE))
		txn->commit_is_uncertain = false;
	batch_take(&txn->batch, txn->conn, i, result);
}

static void
answered_other(void *owner, unsigned tag, PGresult *result)
{
	struct db_txn *txn = owner;

	(void)tag;
	batch_take_other(&txn->batch, result);
}

/* COMMIT of a failed transaction answers ROLLBACK without an error. */
static void
answered_commit(void *owner, unsigned tag, PGresult *result)
{
	struct db_txn *txn = owner;

	(void)tag;
	if (PQresultStatus(result) == PGRES_COMMAND_OK) {
		txn->commit_is_uncertain = false;
		txn->is_committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
		txn->batch.skipped |= !txn->is_committed;
	}
	batch_take_other(&txn->batch, result);
}

static void
answered_sync(void *owner, unsigned tag, PGresult *result)
{
	struct db_txn *txn = owner;
	bool over = !result || PQresultStatus(result) == PGRES_PIPELINE_SYNC;

	(void)tag;
	if (result || !txn->is_committed)
		batch_take_other(&txn->batch, result);
	if (over)
		conclude(txn);
}

/* -- sending a batch ------------------------------------------------------------------------------
 */

static void
send_begin(struct db_txn *txn)
{
	const char *values[] = {txn->timeout};
	int lengths[] = {(int)strlen(txn->timeout)};

	conn_execute(txn->conn, &(struct db_query){.stmt = &sql_begin}, answered_other, txn, 0);
	if (*txn->timeout)
		conn_execute(txn->conn, &(struct db_query){&sql_timeout, values, lengths},
			     answered_other, txn, 0);
}

/* What a batch needs is prepared before BEGIN, so a failed Prepare spoils no transaction's state.
 */
static void
prepare_all(struct db_txn *txn, bool begins, bool ends)
{
	if (begins) {
		conn_prepare(txn->conn, &sql_begin);
		conn_prepare(txn->conn, &sql_rollback);
		if (*txn->timeout)
			conn_prepare(txn->conn, &sql_timeout);
	}
	if (ends)
		conn_prepare(txn->conn, &sql_commit);
	for (unsigned i = 0; i < txn->batch.n_queries; i++)
		conn_prepare(txn->conn, txn->batch.queries[i].stmt);
}

static void
send_batch(struct db_txn *txn, bool begins, bool ends)
{
	prepare_all(txn, begins, ends);
	if (begins)
		send_begin(txn);
	for (unsigned i = 0; i < txn->batch.n_queries; i++)
		conn_execute(txn->conn, &txn->batch.queries[i], answered_query, txn, i);
	if (ends)
		conn_execute(txn->conn, &(struct db_query){.stmt = &sql_commit}, answered_commit,
			     txn, 0);
	conn_sync(txn->conn, answered_sync, txn, 0);
}

/* A connection is there: the first batch goes. */
static void
start(struct db_txn *txn, struct conn *conn)
{
	int64_t left_ms = (txn->deadline_us - clock_monotonic_us()) / 1000;
	bool several = txn->batch.n_queries > 1;

	txn->conn = conn;
	conn->lessee = txn;
	list_move(&txn->pool->leased_busy, &conn->link);
	list_move(&txn->pool->running, &txn->link);
	txn->timeout[0] = '\0';
	if (txn->deadline_us != INT64_MAX)
		snprintf(txn->timeout, sizeof txn->timeout, "%d",
			 left_ms < 1         ? 1
			 : left_ms > INT_MAX ? INT_MAX
					     : (int)left_ms);
	txn->state = txn->one_round_trip ? TXN_RUNNING : TXN_LOADING;
	txn->commit_is_uncertain = txn->one_round_trip;
	/* A single statement is a transaction by itself, unless it needs a timeout of its own. */
	if (txn->one_round_trip && !several && left_ms > txn->pool->options.write_timeout_ms)
		send_batch(txn, false, false);
	else
		send_batch(txn, true, txn->one_round_trip);
}

/* -- waiting --------------------------------------------------------------------------------------
 */

void
txn_serve(struct db_pool *pool)
{
	struct db_txn *txn;

	while (!list_is_empty(&pool->leased_idle) &&
	       (txn = LIST_FIRST(&pool->waiting, struct db_txn, link))) {
		/* The connection used last has the warmest session; others may grow old and go. */
		struct conn *conn = LIST_ENTRY(pool->leased_idle.prev, struct conn, link);

		pool->n_waiting--;
		start(txn, conn);
	}
	pool_connect_leased(pool);
}

static struct db_txn *
txn_start(struct db_pool *pool, const struct db_query *queries, size_t n_queries,
	  int64_t deadline_us, enum db_outcome *ret_outcome)
{
	struct db_txn *txn;

	if (!pool_accepts(pool, queries, n_queries, ret_outcome))
		return NULL;
	txn = pool->n_waiting < pool->options.max_waiting ? txn_new(pool) : NULL;
	if (!txn) {
		pool->counters->transactions_refused++;
		*ret_outcome = DB_BUSY;
		return NULL;
	}
	txn->pool = pool;
	txn->conn = NULL;
	txn->state = TXN_WAITING;
	txn->abandoned = txn->one_round_trip = false;
	txn->commit_is_uncertain = txn->is_committed = false;
	txn->deadline_us = deadline_us;
	if (!batch_start(&txn->batch, queries, n_queries)) {
		txn_free(txn);
		*ret_outcome = DB_BUSY;
		return NULL;
	}
	list_append(&pool->waiting, &txn->link);
	pool->n_waiting++;
	pool->counters->transactions++;
	pool_wake(pool);
	if (deadline_us != INT64_MAX)
		pool_watch_deadlines(pool);
	return txn;
}

struct db_txn *
db_txn_begin(struct db_pool *pool, const struct db_query *loads, size_t n_loads,
	     int64_t deadline_us, db_done_fn *loaded, void *data, enum db_outcome *ret_outcome)
{
	struct db_txn *txn = txn_start(pool, loads, n_loads, deadline_us, ret_outcome);

	if (txn) {
		txn->done = loaded;
		txn->data = data;
	}
	return txn;
}

struct db_txn *
db_txn_run(struct db_pool *pool, const struct db_query *stores, size_t n_stores,
	   int64_t deadline_us, db_done_fn *committed, void *data, enum db_outcome *ret_outcome)
{
	struct db_txn *txn = txn_start(pool, stores, n_stores, deadline_us, ret_outcome);

	if (txn) {
		txn->one_round_trip = true;
		txn->done = committed;
		txn->data = data;
	}
	return txn;
}

/* -- going on -------------------------------------------------------------------------------------
 */

static void
go_on(struct db_txn *txn, const struct db_query *queries, size_t n_queries, db_done_fn *done,
      void *data, bool commits)
{
	enum db_outcome outcome = DB_UNAVAILABLE;
	bool ok = txn->state != TXN_LOST && pool_accepts(txn->pool, queries, n_queries, &outcome);

	txn->done = done;
	txn->data = data;
	if (ok && !batch_start(&txn->batch, queries, n_queries)) {
		outcome = DB_BUSY;
		ok = false;
	}
	if (!ok) {
		/* Told by the loop, as every other end. */
		txn->batch.refused = outcome;
		list_move(&txn->pool->lost, &txn->link);
		pool_wake(txn->pool);
		return;
	}
	txn->state = commits ? TXN_COMMITTING : TXN_LOADING;
	txn->commit_is_uncertain = commits;
	send_batch(txn, false, commits);
}

void
db_txn_query(struct db_txn *txn, const struct db_query *queries, size_t n_queries,
	     db_done_fn *loaded, void *data)
{
	go_on(txn, queries, n_queries, loaded, data, false);
}

void
db_txn_commit(struct db_txn *txn, const struct db_query *stores, size_t n_stores,
	      db_done_fn *committed, void *data)
{
	go_on(txn, stores, n_stores, committed, data, true);
}

bool
db_txn_is_committing(const struct db_txn *txn)
{
	return txn->state == TXN_COMMITTING || txn->state == TXN_RUNNING;
}

void
db_txn_abandon(struct db_txn *txn)
{
	struct conn *conn = txn->conn;

	txn->pool->counters->abandoned++;
	switch (txn->state) {
	case TXN_WAITING:
		txn->pool->n_waiting--;
		txn_free(txn);
		break;
	case TXN_OPEN:
		txn_free(txn);
		roll_back(conn);
		break;
	case TXN_LOST:
		txn_free(txn);
		break;
	default:
		txn->abandoned = true;
		batch_abandon(&txn->batch);
	}
}

/* -- losing ---------------------------------------------------------------------------------------
 */

/* All answers have been given; only a transaction that was waiting for its caller still has it. */
void
txn_connection_lost(struct conn *conn)
{
	struct db_txn *txn = conn->lessee;

	conn->lessee = NULL;
	if (!txn)
		return;
	txn->conn = NULL;
	txn->state = TXN_LOST;
}

void
txn_deliver_lost(struct db_pool *pool)
{
	struct db_txn *txn;

	while ((txn = LIST_FIRST(&pool->lost, struct db_txn, link)))
		finish(txn);
}

static void
refuse(struct db_txn *txn, enum db_outcome outcome)
{
	struct db_error error = {.outcome = outcome, .text = db_outcome_text(outcome)};
	db_done_fn *done = txn->done;
	void *data = txn->data;

	txn->pool->n_waiting--;
	txn_free(txn);
	done(data, NULL, 0, &error);
}

void
txn_expire(struct db_pool *pool, int64_t now_us)
{
	struct db_txn *txn;
	struct list old;

	list_init(&old);
	LIST_FOREACH (member, &pool->waiting) {
		if (LIST_ENTRY(member, struct db_txn, link)->deadline_us <= now_us)
			list_move(&old, member);
	}
	while ((txn = LIST_FIRST(&old, struct db_txn, link))) {
		pool->counters->waits_timed_out++;
		refuse(txn, DB_TIMEOUT);
	}
}

void
txn_give_up(struct db_pool *pool)
{
	struct db_txn *txn;

	while ((txn = LIST_FIRST(&pool->waiting, struct db_txn, link)))
		refuse(txn, DB_UNAVAILABLE);
}

void
txn_free_all(struct db_pool *pool)
{
	struct list *lists[] = {&pool->waiting, &pool->running, &pool->lost, &pool->free_txns};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		LIST_FOREACH (member, lists[i]) {
			struct db_txn *txn = LIST_ENTRY(member, struct db_txn, link);

			batch_clear(&txn->batch);
			free(txn);
		}
		list_init(lists[i]);
	}
}
