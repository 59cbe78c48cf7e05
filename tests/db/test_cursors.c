/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors: rows batch by batch, a taker who takes his time or goes, errors in the midst. */
#include "db_test.h"

#include <string.h>

#include "base/clock.h"
#include "db/cursor.h"

static struct db_query
query(const struct db_stmt *stmt, int64_t big)
{
	DbRow row = DB_ROW__INIT;

	row.big = big;
	return db_test_bind(stmt, &row);
}

static struct {
	struct db_cursor *cursor;
	int64_t n_rows, sum;
	int n_batches, n_ends, stop_after;
	enum db_outcome outcome;
	struct answer end;
} taken;

static void
take_rows(void *data, const struct db_result *result)
{
	struct db_error error;

	(void)data;
	taken.n_batches++;
	for (size_t i = 0; i < result->n_rows; i++) {
		DbRow row = DB_ROW__INIT;

		assert_int_equal(db_fill_row(result, i, NULL, t.arena, &row.base, &error), DB_OK);
		taken.n_rows++;
		taken.sum += row.big;
	}
	if (taken.n_batches != taken.stop_after)
		db_cursor_next(taken.cursor);
}

static void
take_end(void *data, const struct db_error *error)
{
	(void)data;
	taken.n_ends++;
	taken.outcome = error ? error->outcome : DB_OK;
	taken.end.is_there = true;
}

static const struct db_cursor_hooks taking = {take_rows, take_end};

/* What is taken is forgotten. */
static void
open_cursor(struct db_query rows, unsigned batch, int stop_after, int64_t deadline_us)
{
	enum db_outcome outcome;

	memset(&taken, 0, sizeof taken);
	taken.stop_after = stop_after;
	taken.cursor = db_cursor_open(t.pool, &rows, batch, deadline_us, &taking, NULL, &outcome);
	assert_non_null(taken.cursor);
}

static void
a_cursor_gives_all_rows(void **state)
{
	const struct db_stmt *series =
	    db_test_stmt("SELECT i AS big FROM generate_series(1, :big::int8) AS i");
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");

	(void)state;
	db_test_open(NULL);
	open_cursor(query(series, 1050), 100, 0, INT64_MAX);
	db_test_wait(&taken.end);
	assert_int_equal(taken.outcome, DB_OK);
	assert_int_equal(taken.n_rows, 1050);
	assert_int_equal(taken.sum, 1050 * 1051 / 2);
	assert_int_equal(taken.n_batches, 11);
	/* Another one on the same connection has other columns. */
	open_cursor(query(echo, 3), 10, 0, INT64_MAX);
	db_test_wait(&taken.end);
	assert_int_equal(taken.sum, 3);
}

static bool
two_batches_are_taken(void)
{
	return taken.n_batches == 2;
}

static void
a_cursor_waits_for_its_taker(void **state)
{
	const struct db_stmt *series =
	    db_test_stmt("SELECT i AS big FROM generate_series(1, :big::int8) AS i");
	struct db_query rows;
	enum db_outcome outcome;

	(void)state;
	db_test_open(&(struct db_pool_options){.leased_connections = 2});
	rows = query(series, 1000);
	open_cursor(rows, 100, 2, clock_monotonic_us() + 2000000);
	db_test_until(two_batches_are_taken);
	/* Half of the connections at most. */
	assert_null(db_cursor_open(t.pool, &rows, 100, INT64_MAX, &taking, NULL, &outcome));
	assert_int_equal(outcome, DB_BUSY);
	/* It is not allowed to grow old. */
	db_test_wait(&taken.end);
	assert_int_equal(taken.outcome, DB_TIMEOUT);
	assert_int_equal(taken.n_batches, 2);
	assert_int_equal(taken.n_ends, 1);

	open_cursor(rows, 100, 1, INT64_MAX);
	db_test_run_ms(50);
	db_cursor_abandon(taken.cursor);
	db_test_until_sql(DB_TEST_NONE_IS_IDLE);
	assert_int_equal(taken.n_ends, 0);
}

static void
a_cursor_reports_errors(void **state)
{
	const struct db_stmt *fails =
	    db_test_stmt("SELECT 1 / (5 - i) AS big FROM generate_series(1, :big::int8) AS i");

	(void)state;
	db_test_open(NULL);
	open_cursor(query(fails, 10), 2, 0, INT64_MAX);
	db_test_wait(&taken.end);
	assert_int_equal(taken.outcome, DB_BAD_VALUE);
	assert_int_equal(taken.n_rows, 4);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, db_test_new, db_test_close)
	const struct CMUnitTest tests[] = {
	    TEST(a_cursor_gives_all_rows),
	    TEST(a_cursor_waits_for_its_taker),
	    TEST(a_cursor_reports_errors),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
