/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-db CONNINFO reads|transactions IN_FLIGHT SECONDS CONNECTIONS: operations a second through
 * common/db alone, on one thread, against pgbench's tables.
 *
 * An operation binds its parameters from a message and fills a message on an arena of its own, as a
 * call does. A transaction loads a row FOR UPDATE, then updates it and inserts one: two round
 * trips.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/pool.h"
#include "db_test.pb-c.h"

enum { ROWS = 1000000, CALL_BUDGET = 64 << 10, MAX_IN_FLIGHT = 4096 };

struct bench {
	struct event_base *base;
	struct db_pool *pool;
	const struct db_stmt *read, *lock, *update, *insert;
	bool transactions;
	int in_flight, n_running;
	uint64_t n_done, n_failed, seed;
	int64_t end_us;
};

struct operation {
	struct bench *bench;
	struct arena *arena;
	struct db_txn *txn;
	DbRow key, row;
	struct db_query queries[2];
};

static void start(struct operation *op);

static const struct db_stmt *
add(struct db_stmts *stmts, const char *sql)
{
	static const struct db_source source = {NULL, &db_row__descriptor};
	struct db_stmt_def def = {
	    .label = sql, .sql = sql, .sources = &source, .n_sources = 1, .row = source.type};
	struct db_fault fault;
	const struct db_stmt *stmt = db_stmts_add(stmts, &def, &fault);

	if (!stmt) {
		fprintf(stderr, "%s: %s\n", sql, fault.text);
		exit(1);
	}
	return stmt;
}

static struct db_query
bind_key(struct operation *op, const struct db_stmt *stmt)
{
	const ProtobufCMessage *messages[] = {&op->key.base};
	struct db_query query;
	struct db_error error;

	if (db_bind(stmt, messages, NULL, op->arena, &query, &error) != DB_OK) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return query;
}

static void
ended(struct operation *op, bool ok)
{
	struct bench *b = op->bench;

	arena_reset(op->arena);
	b->n_done += ok;
	b->n_failed += !ok;
	b->n_running--;
	if (clock_monotonic_us() < b->end_us)
		start(op);
	else if (b->n_running == 0)
		event_base_loopbreak(b->base);
}

static bool
fill(struct operation *op, const struct db_result *results, const struct db_error *error)
{
	struct db_error why;

	db_row__init(&op->row);
	return !error && results[0].n_rows == 1 &&
	       db_fill_row(&results[0], 0, NULL, op->arena, &op->row.base, &why) == DB_OK;
}

static void
was_read(void *data, const struct db_result *results, size_t n, const struct db_error *error)
{
	struct operation *op = data;

	(void)n;
	ended(op, fill(op, results, error));
}

static void
was_committed(void *data, const struct db_result *results, size_t n, const struct db_error *error)
{
	(void)results;
	(void)n;
	ended(data, !error);
}

static void
was_loaded(void *data, const struct db_result *results, size_t n, const struct db_error *error)
{
	struct operation *op = data;

	(void)n;
	if (error) {
		ended(op, false);
		return;
	}
	fill(op, results, error);
	op->queries[0] = bind_key(op, op->bench->update);
	op->queries[1] = bind_key(op, op->bench->insert);
	db_txn_commit(op->txn, op->queries, 2, was_committed, op);
}

static void
start(struct operation *op)
{
	struct bench *b = op->bench;
	enum db_outcome outcome;
	bool ok;

	b->seed = b->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	op->key.big = 1 + (int64_t)((b->seed >> 33) % ROWS);
	op->key.small = (int32_t)(b->seed >> 50);
	b->n_running++;
	op->queries[0] = bind_key(op, b->transactions ? b->lock : b->read);
	if (b->transactions) {
		op->txn =
		    db_txn_begin(b->pool, op->queries, 1, INT64_MAX, was_loaded, op, &outcome);
		ok = op->txn != NULL;
	} else {
		ok = db_read_start(b->pool, op->queries, 1, INT64_MAX, was_read, op, &outcome);
	}
	if (!ok) {
		fprintf(stderr, "refused: %s\n", db_outcome_name(outcome));
		exit(1);
	}
}

static void
print_log(void *data, bool is_error, const char *text)
{
	(void)data;
	if (is_error)
		fprintf(stderr, "%s\n", text);
}

static void
start_all(struct bench *b, int64_t seconds)
{
	b->end_us = clock_monotonic_us() + seconds * CLOCK_US_PER_SECOND;
	for (int i = 0; i < b->in_flight; i++) {
		struct operation *op = calloc(1, sizeof *op);

		op->bench = b;
		op->arena = arena_new(CALL_BUDGET);
		db_row__init(&op->key);
		start(op);
	}
}

int
main(int argc, char **argv)
{
	struct bench b = {.seed = 42};
	struct db_stmts *stmts = db_stmts_new();
	struct db_pool_options options = {.log = print_log};
	long seconds;

	if (argc != 6) {
		fprintf(stderr,
			"bench-db CONNINFO reads|transactions IN_FLIGHT SECONDS CONNECTIONS\n");
		return 2;
	}
	options.conninfo = argv[1];
	b.transactions = strcmp(argv[2], "transactions") == 0;
	b.in_flight = (int)strtol(argv[3], NULL, 10);
	seconds = strtol(argv[4], NULL, 10);
	if (b.in_flight < 1 || b.in_flight > MAX_IN_FLIGHT || seconds < 1)
		return 2;
	options.max_waiting = MAX_IN_FLIGHT;
	*(b.transactions ? &options.leased_connections : &options.shared_connections) =
	    (unsigned)strtol(argv[5], NULL, 10);
	b.read = add(stmts, "SELECT aid AS big, abalance AS small, filler AS name"
			    " FROM pgbench_accounts WHERE aid = :big::int4");
	b.lock = add(stmts, "SELECT aid AS big, abalance AS small FROM pgbench_accounts"
			    " WHERE aid = :big::int4 FOR UPDATE");
	b.update = add(stmts, "UPDATE pgbench_accounts SET abalance = abalance + :small::int4"
			      " WHERE aid = :big::int4");
	b.insert = add(stmts, "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)"
			      " VALUES (1, 1, :big::int4, :small::int4, now())");
	b.base = event_base_new();
	b.pool = db_pool_new(b.base, stmts, &options);
	while (!db_pool_is_ready(b.pool))
		event_base_loop(b.base, EVLOOP_ONCE);
	start_all(&b, seconds);
	event_base_dispatch(b.base);
	printf("%lu\n", (unsigned long)(b.n_done / (uint64_t)seconds));
	return b.n_failed != 0;
}
