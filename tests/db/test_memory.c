/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of common/db fails once: nothing crashes, leaks or hangs, and nobody is told of
 * a success that was none.
 */
#include "db_test.h"

#include <string.h>

#include "base/clock.h"

enum { PATIENCE_US = 3000000, N_QUERIES = 9 };

/* What one life of a pool has done. */
struct life {
	struct event_base *base;
	struct db_stmts *stmts;
	struct db_pool *pool;
	struct arena *arena;
	const struct db_stmt *stmt;
	struct db_query queries[N_QUERIES];
	int n_answers, n_good;
};

static void
note(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct life *life = data;

	life->n_answers++;
	if (error)
		return;
	assert_int_equal(n_results, N_QUERIES);
	assert_int_equal(results[N_QUERIES - 1].n_rows, 1);
	life->n_good++;
}

static void
turn_until(struct life *life, bool (*is_true)(const struct life *life))
{
	int64_t end_us = clock_monotonic_us() + PATIENCE_US;

	while (!is_true(life) && clock_monotonic_us() < end_us) {
		const struct timeval soon = {.tv_usec = 20000};

		event_base_loopexit(life->base, &soon);
		event_base_dispatch(life->base);
	}
}

static bool
is_ready(const struct life *life)
{
	return db_pool_is_ready(life->pool);
}

static bool
is_answered(const struct life *life)
{
	return life->n_answers == 2;
}

static bool
ask(struct life *life)
{
	static const DbRow row = DB_ROW__INIT;
	const ProtobufCMessage *messages[] = {&row.base};
	struct db_error error;
	enum db_outcome outcome;

	for (int i = 0; i < N_QUERIES; i++)
		if (db_bind(life->stmt, messages, NULL, life->arena, &life->queries[i], &error) !=
		    DB_OK)
			return false;
	if (!db_read_start(life->pool, life->queries, N_QUERIES, INT64_MAX, note, life, &outcome))
		return false;
	if (!db_txn_run(life->pool, life->queries, N_QUERIES, INT64_MAX, note, life, &outcome))
		return false;
	turn_until(life, is_answered);
	assert_int_equal(life->n_answers, 2); /* once each, never lost */
	return life->n_good == 2;
}

static bool
begin(struct life *life)
{
	static const struct db_source source = {NULL, &db_row__descriptor};
	const struct db_stmt_def def = {.sql = "SELECT :big::int8 AS big",
					.sources = &source,
					.n_sources = 1,
					.row = &db_row__descriptor};
	const struct db_pool_options options = {
	    .conninfo = t.conninfo, .shared_connections = 1, .leased_connections = 1};
	struct db_fault fault;

	life->stmts = db_stmts_new();
	life->arena = arena_new(1 << 20);
	if (!life->stmts || !life->arena)
		return false;
	life->stmt = db_stmts_add(life->stmts, &def, &fault);
	if (!life->stmt)
		return false;
	life->pool = db_pool_new(life->base, life->stmts, &options);
	if (!life->pool)
		return false;
	turn_until(life, is_ready);
	return is_ready(life);
}

static bool
live(void *context)
{
	struct life life = {.base = context};
	bool ok = begin(&life) && ask(&life);

	db_pool_free(life.pool);
	db_stmts_free(life.stmts);
	arena_free(life.arena);
	return ok;
}

static void
each_allocation_may_fail(void **state)
{
	struct event_base *base = event_base_new();

	(void)state;
	assert_true(live(base));
	assert_int_equal(alloc_fail_each(live, base), 0);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
