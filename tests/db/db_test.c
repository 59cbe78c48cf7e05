/* SPDX-License-Identifier: Apache-2.0 */
#include "db_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { WAIT_MS = 20000, ARENA_BUDGET = 16 << 20, SKIPPED = 77 };

struct db_test t;

static const struct db_source sources[] = {
    {NULL, &db_row__descriptor},
    {"caller", &db_caller__descriptor},
};

int
db_test_start(void **state)
{
	(void)state;
	t.conninfo = pg_run();
	if (!t.conninfo)
		exit(SKIPPED);
	return 0;
}

int
db_test_end(void **state)
{
	(void)state;
	pg_run_drop();
	return 0;
}

int
db_test_new(void **state)
{
	(void)state;
	t.base = event_base_new();
	t.stmts = db_stmts_new();
	t.arena = arena_new(ARENA_BUDGET);
	assert_true(t.base && t.stmts && t.arena);
	return 0;
}

static void
print_log(void *data, bool is_error, const char *text)
{
	(void)data;
	if (getenv("DB_TEST_LOG"))
		fprintf(stderr, "%s %s\n", is_error ? "error" : "info", text);
}

static bool
pool_is_ready(void)
{
	return db_pool_is_ready(t.pool);
}

void
db_test_open(const struct db_pool_options *options)
{
	struct db_pool_options o = options ? *options : (struct db_pool_options){0};

	o.conninfo = t.conninfo;
	if (!o.log)
		o.log = print_log;
	t.pool = db_pool_new(t.base, t.stmts, &o);
	assert_non_null(t.pool);
	db_test_until(pool_is_ready);
}

int
db_test_close(void **state)
{
	(void)state;
	db_pool_free(t.pool);
	db_stmts_free(t.stmts);
	arena_free(t.arena);
	event_base_free(t.base);
	t.pool = NULL;
	return 0;
}

const struct db_stmt *
db_test_stmt_expect(const char *sql, const char *expect)
{
	struct db_fault fault;
	struct db_stmt_def def = {
	    .label = sql,
	    .sql = sql,
	    .sources = sources,
	    .n_sources = UNIT_COUNT(sources),
	    .row = &db_row__descriptor,
	    .expect = expect,
	};
	const struct db_stmt *stmt = db_stmts_add(t.stmts, &def, &fault);

	if (!stmt)
		fail_msg("%s: %s", sql, fault.text);
	return stmt;
}

const struct db_stmt *
db_test_stmt(const char *sql)
{
	return db_test_stmt_expect(sql, NULL);
}

struct db_query
db_test_bind(const struct db_stmt *stmt, const DbRow *row)
{
	static const DbCaller nobody = DB_CALLER__INIT;
	const ProtobufCMessage *messages[] = {&row->base, &nobody.base};
	struct db_query query;
	struct db_error error;

	if (db_bind(stmt, messages, NULL, t.arena, &query, &error) != DB_OK)
		fail_msg("%s: %s", stmt->label, error.text);
	return query;
}

void
db_test_answer(void *data, const struct db_result *results, size_t n_results,
	       const struct db_error *error)
{
	struct answer *answer = data;
	struct db_error fill_error;

	answer->is_there = true;
	answer->n_calls++;
	answer->n_results = n_results;
	answer->outcome = error ? error->outcome : DB_OK;
	answer->ambiguous = error && error->ambiguous;
	if (error) {
		snprintf(answer->text, sizeof answer->text, "%s", error->text);
		snprintf(answer->constraint, sizeof answer->constraint, "%s",
			 error->constraint ? error->constraint : "");
		return;
	}
	answer->row = arena_alloc(t.arena, sizeof *answer->row);
	assert_non_null(answer->row);
	db_row__init(answer->row);
	if (n_results && results[n_results - 1].n_rows) {
		assert_int_equal(db_fill_row(&results[n_results - 1], 0, NULL, t.arena,
					     &answer->row->base, &fill_error),
				 DB_OK);
		answer->number = answer->row->big;
	}
}

void
db_test_wait(struct answer *answer)
{
	int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;

	while (!answer->is_there && clock_monotonic_us() < end_us)
		event_base_loop(t.base, EVLOOP_ONCE);
	if (!answer->is_there)
		fail_msg("no answer in %d ms", WAIT_MS);
}

void
db_test_run_ms(int ms)
{
	struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	event_base_loopexit(t.base, &delay);
	event_base_dispatch(t.base);
}

void
db_test_until(bool (*is_true)(void))
{
	for (int i = 0; i < WAIT_MS / 10 && !is_true(); i++)
		db_test_run_ms(10);
	assert_true(is_true());
}

void
db_test_until_sql(const char *sql)
{
	long number = 0;

	for (int i = 0; i < WAIT_MS / 10 && (number = pg_run_number(sql)) == 0; i++)
		db_test_run_ms(10);
	if (number <= 0)
		fail_msg("%s: %ld", sql, number);
}
