/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared reads: one Sync for a turn, innocents sent again, limits, broken connections.
 */
#include "db_test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

enum { MANY = 300 };

static struct answer answers[MANY];

static struct db_read *
read_one(const struct db_query *query, struct answer *answer)
{
	enum db_outcome outcome = DB_OK;
	struct db_read *read =
	    db_read_start(t.pool, query, 1, INT64_MAX, db_test_answer, answer, &outcome);

	if (!read) {
		answer->is_there = true;
		answer->outcome = outcome;
	}
	return read;
}

static struct db_query
bind_number(const struct db_stmt *stmt, int64_t big)
{
	DbRow row = DB_ROW__INIT;

	row.big = big;
	return db_test_bind(stmt, &row);
}

static int
set_up(void **state)
{
	memset(answers, 0, sizeof answers);
	return db_test_new(state);
}

static void
a_turn_shares_one_sync(void **state)
{
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 + 1 AS big");
	static struct db_query queries[MANY];

	(void)state;
	db_test_open(&(struct db_pool_options){.shared_connections = 1, .max_in_flight = 1000});
	for (int i = 0; i < MANY; i++) {
		queries[i] = bind_number(echo, i);
		assert_non_null(read_one(&queries[i], &answers[i]));
		assert_false(answers[i].is_there);
	}
	for (int i = 0; i < MANY; i++) {
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].outcome, DB_OK);
		assert_int_equal(answers[i].number, i + 1);
		assert_int_equal(answers[i].n_calls, 1);
	}
	assert_int_equal(db_pool_counters(t.pool)->read_batches, 1);
	assert_int_equal(db_pool_counters(t.pool)->reads, MANY);
}

/* The one in the middle divides by zero; what PostgreSQL skipped behind it is asked again. */
static void
a_bad_read_harms_no_other(void **state)
{
	const struct db_stmt *divide = db_test_stmt("SELECT 100 / :big::int8 AS big");
	static struct db_query queries[9];

	(void)state;
	db_test_open(&(struct db_pool_options){.shared_connections = 1});
	for (int i = 0; i < 9; i++) {
		queries[i] = bind_number(divide, i - 4);
		read_one(&queries[i], &answers[i]);
	}
	for (int i = 0; i < 9; i++) {
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].outcome, i == 4 ? DB_BAD_VALUE : DB_OK);
		if (i != 4)
			assert_int_equal(answers[i].number, 100 / (i - 4));
	}
	assert_non_null(strstr(answers[4].text, "zero"));
	assert_int_equal(db_pool_counters(t.pool)->reads_resent, 4);
	assert_int_equal(db_pool_counters(t.pool)->read_batches, 5);
	assert_int_equal(db_pool_counters(t.pool)->errors, 1);
}

static void
many_queries_make_one_read(void **state)
{
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");
	const struct db_stmt *fails = db_test_stmt("SELECT 1 / (:big::int8 - 2) AS big");
	struct db_query queries[3];
	enum db_outcome outcome;

	(void)state;
	db_test_open(NULL);
	for (int i = 0; i < 3; i++)
		queries[i] = bind_number(echo, i);
	db_read_start(t.pool, queries, 3, INT64_MAX, db_test_answer, &answers[0], &outcome);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].n_results, 3);
	assert_int_equal(answers[0].number, 2);
	queries[1] = bind_number(fails, 2);
	db_read_start(t.pool, queries, 3, INT64_MAX, db_test_answer, &answers[1], &outcome);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_BAD_VALUE);
}

static void
as_many_queries_as_allowed(void **state)
{
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");
	static struct db_query queries[DB_MAX_QUERIES + 1];
	enum db_outcome outcome;

	(void)state;
	db_test_open(NULL);
	for (int i = 0; i <= DB_MAX_QUERIES; i++)
		queries[i] = bind_number(echo, i);
	db_read_start(t.pool, queries, DB_MAX_QUERIES, INT64_MAX, db_test_answer, &answers[0],
		      &outcome);
	db_txn_run(t.pool, queries, DB_MAX_QUERIES, INT64_MAX, db_test_answer, &answers[1],
		   &outcome);
	for (int i = 0; i < 2; i++) {
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].n_results, DB_MAX_QUERIES);
		assert_int_equal(answers[i].number, DB_MAX_QUERIES - 1);
	}
	assert_null(db_read_start(t.pool, queries, DB_MAX_QUERIES + 1, INT64_MAX, db_test_answer,
				  &answers[2], &outcome));
	assert_int_equal(outcome, DB_BROKEN);
}

static void
shared_connections_cannot_write(void **state)
{
	const struct db_stmt *write = db_test_stmt("CREATE TABLE written (a int)");
	struct db_query query;

	(void)state;
	db_test_open(NULL);
	query = bind_number(write, 0);
	read_one(&query, &answers[0]);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_DENIED);
}

static void
a_slow_read_times_out_alone(void **state)
{
	const struct db_stmt *slow = db_test_stmt("SELECT pg_sleep(:ratio) IS NULL AS yes");
	DbRow quick = DB_ROW__INIT, late = DB_ROW__INIT;
	struct db_query queries[2];

	(void)state;
	late.ratio = 5;
	db_test_open(&(struct db_pool_options){.shared_connections = 1, .read_timeout_ms = 100});
	queries[0] = db_test_bind(slow, &late);
	queries[1] = db_test_bind(slow, &quick);
	read_one(&queries[0], &answers[0]);
	read_one(&queries[1], &answers[1]);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_TIMEOUT);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
}

static void
queues_are_bounded(void **state)
{
	const struct db_stmt *slow = db_test_stmt("SELECT pg_sleep(:ratio) IS NULL AS yes");
	DbRow row = DB_ROW__INIT;
	struct db_query query;
	int64_t soon_us;
	enum db_outcome outcome;

	(void)state;
	row.ratio = 0.3;
	db_test_open(&(struct db_pool_options){
	    .shared_connections = 1, .max_in_flight = 1, .max_queued_reads = 3});
	query = db_test_bind(slow, &row);
	read_one(&query, &answers[0]);
	db_test_run_ms(20); /* it is under way; the others have to queue */
	soon_us = clock_monotonic_us() + 100000;
	for (int i = 1; i <= 3; i++)
		db_read_start(t.pool, &query, 1, i == 2 ? soon_us : INT64_MAX, db_test_answer,
			      &answers[i], &outcome);
	assert_null(read_one(&query, &answers[4]));
	assert_int_equal(answers[4].outcome, DB_BUSY);
	assert_int_equal(db_pool_counters(t.pool)->reads_refused, 1);
	db_test_wait(&answers[2]);
	assert_int_equal(answers[2].outcome, DB_TIMEOUT); /* while it waited */
	assert_false(answers[0].is_there);
	db_test_wait(&answers[3]);
	assert_int_equal(answers[0].outcome, DB_OK);
	assert_int_equal(answers[1].outcome, DB_OK);
	assert_int_equal(answers[3].outcome, DB_OK);
}

static void
abandoned_reads_are_drained(void **state)
{
	const struct db_stmt *slow = db_test_stmt("SELECT pg_sleep(:ratio) IS NULL AS yes");
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");
	DbRow row = DB_ROW__INIT;
	struct db_query query, number;
	struct db_read *read, *queued;

	(void)state;
	row.ratio = 0.2;
	db_test_open(&(struct db_pool_options){.shared_connections = 1, .max_in_flight = 1});
	query = db_test_bind(slow, &row);
	number = bind_number(echo, 7);
	read = read_one(&query, &answers[0]);
	db_test_run_ms(20);
	queued = read_one(&number, &answers[1]);
	read_one(&number, &answers[2]);
	db_read_abandon(read);
	db_read_abandon(queued);
	/* Its result still counts: the next one goes only when it has come. */
	db_test_run_ms(50);
	assert_false(answers[2].is_there);
	db_test_wait(&answers[2]);
	assert_int_equal(answers[2].number, 7);
	assert_false(answers[0].is_there);
	assert_false(answers[1].is_there);
}

/* The query goes with the call's arena; PostgreSQL's error for it comes only then. */
static void
an_abandoned_query_is_gone_when_its_error_comes(void **state)
{
	const struct db_stmt *slow = db_test_stmt("SELECT pg_sleep(:ratio) IS NULL AS yes");
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");
	struct db_query *gone =
	    mmap(NULL, sizeof *gone, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct db_query number;
	struct db_read *read;
	DbRow row = DB_ROW__INIT;

	(void)state;
	assert_true(gone != MAP_FAILED);
	row.ratio = 5;
	db_test_open(&(struct db_pool_options){
	    .shared_connections = 1, .max_in_flight = 1, .read_timeout_ms = 100});
	*gone = db_test_bind(slow, &row);
	number = bind_number(echo, 7);
	read = read_one(gone, &answers[0]);
	db_test_run_ms(50);
	db_read_abandon(read);
	assert_int_equal(munmap(gone, sizeof *gone), 0);
	read_one(&number, &answers[1]);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].number, 7);
	assert_false(answers[0].is_there);
}

/* A backend dies with a batch under way: reads change nothing, so they go again. */
static void
a_killed_backend_costs_no_read(void **state)
{
	const struct db_stmt *slow =
	    db_test_stmt("SELECT :big::int8 AS big, pg_sleep(0.02) IS NULL AS yes");
	static struct db_query queries[20];

	(void)state;
	db_test_open(&(struct db_pool_options){.shared_connections = 1});
	for (int i = 0; i < 20; i++) {
		queries[i] = bind_number(slow, i);
		read_one(&queries[i], &answers[i]);
	}
	db_test_run_ms(100);
	assert_int_equal(pg_run_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
				    " WHERE application_name = 'minzheng'"),
			 0);
	for (int i = 0; i < 20; i++) {
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].outcome, DB_OK);
		assert_int_equal(answers[i].number, i);
	}
	assert_int_equal(db_pool_counters(t.pool)->connections_lost, 1);
	assert_true(db_pool_counters(t.pool)->reads_resent >= 10);
}

static bool
pool_is_not_ready(void)
{
	return !db_pool_is_ready(t.pool);
}

static bool
pool_is_ready(void)
{
	return db_pool_is_ready(t.pool);
}

static void
the_server_may_restart(void **state)
{
	const struct db_stmt *echo = db_test_stmt("SELECT :big::int8 AS big");
	struct db_query query;

	(void)state;
	db_test_open(NULL);
	query = bind_number(echo, 5);
	assert_int_equal(pg_run_stop(), 0);
	db_test_until(pool_is_not_ready);
	read_one(&query, &answers[0]); /* waits for a new connection */
	db_test_run_ms(100);
	assert_false(answers[0].is_there);
	assert_int_equal(pg_run_again(), 0);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_OK);
	assert_int_equal(answers[0].number, 5);
	db_test_until(pool_is_ready);

	/* After a while without it, waiting makes no sense. */
	assert_int_equal(pg_run_stop(), 0);
	db_test_until(pool_is_not_ready);
	read_one(&query, &answers[1]);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_UNAVAILABLE);
	assert_null(read_one(&query, &answers[2]));
	assert_int_equal(answers[2].outcome, DB_UNAVAILABLE);
	assert_int_equal(pg_run_again(), 0);
	db_test_until(pool_is_ready);
	read_one(&query, &answers[3]);
	db_test_wait(&answers[3]);
	assert_int_equal(answers[3].outcome, DB_OK);
}

static void
a_broken_statement_is_refused(void **state)
{
	const struct db_stmt *broken = db_test_stmt("SELECT no_such_column FROM pg_class");
	struct db_query query = {.stmt = broken};

	(void)state;
	db_test_open(NULL);
	assert_non_null(strstr(broken->broken, "no_such_column"));
	assert_null(read_one(&query, &answers[0]));
	assert_int_equal(answers[0].outcome, DB_BROKEN);
}

/* What is broken is asked for again on a connection full of reads. */
static void
a_crowd_leaves_room_for_descriptions(void **state)
{
	enum { CROWD = 700 };
	static struct db_query queries[CROWD];
	static struct answer crowd[CROWD];
	const struct db_stmt *slow =
	    db_test_stmt("SELECT :big::int8 AS big, pg_sleep(CASE :big WHEN 0 THEN 1.5 ELSE 0 END)"
			 " IS NULL AS yes");

	(void)state;
	db_test_stmt("SELECT no_such_column FROM pg_class");
	db_test_open(&(struct db_pool_options){.shared_connections = 1, .max_in_flight = 1});
	for (int i = 0; i < CROWD; i++) {
		queries[i] = bind_number(slow, i);
		read_one(&queries[i], &crowd[i]);
	}
	for (int i = 0; i < CROWD; i++) {
		db_test_wait(&crowd[i]);
		assert_int_equal(crowd[i].outcome, DB_OK);
		assert_int_equal(crowd[i].number, i);
	}
}

static bool
it_is_described(void)
{
	return db_stmts_at(t.stmts, 0)->described;
}

/* Another service's schema may come after this one's start. */
static void
a_broken_statement_mends(void **state)
{
	const struct db_stmt *late = db_test_stmt("SELECT big FROM later WHERE big = :big");
	struct db_query query;

	(void)state;
	assert_int_equal(pg_run_sql("DROP TABLE IF EXISTS later"), 0);
	db_test_open(NULL);
	assert_non_null(late->broken);
	assert_int_equal(pg_run_sql("CREATE TABLE later AS SELECT 5::bigint AS big"), 0);
	db_test_until(it_is_described);
	assert_null(late->broken);
	query = bind_number(late, 5);
	read_one(&query, &answers[0]);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].number, 5);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, db_test_close)
	const struct CMUnitTest tests[] = {
	    TEST(a_turn_shares_one_sync),
	    TEST(a_bad_read_harms_no_other),
	    TEST(many_queries_make_one_read),
	    TEST(as_many_queries_as_allowed),
	    TEST(shared_connections_cannot_write),
	    TEST(a_slow_read_times_out_alone),
	    TEST(queues_are_bounded),
	    TEST(abandoned_reads_are_drained),
	    TEST(an_abandoned_query_is_gone_when_its_error_comes),
	    TEST(a_killed_backend_costs_no_read),
	    TEST(the_server_may_restart),
	    TEST(a_broken_statement_is_refused),
	    TEST(a_crowd_leaves_room_for_descriptions),
	    TEST(a_broken_statement_mends),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
