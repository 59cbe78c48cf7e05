/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions: round trips, errors, expected counts, waiting, lost connections.
 */
#include "db_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

enum { MANY = 40 };

static struct answer answers[MANY];
static const struct db_stmt *insert, *load, *bump, *echo, *slow, *held;

static int
set_up(void **state)
{
	memset(answers, 0, sizeof answers);
	assert_int_equal(pg_run_sql("DROP TABLE IF EXISTS thing;"
				    "CREATE TABLE thing (id uuid PRIMARY KEY, big bigint NOT NULL"
				    " CONSTRAINT big_is_positive CHECK (big > 0));"
				    "INSERT INTO thing VALUES"
				    " ('00000000-0000-0000-0000-000000000001', 10)"),
			 0);
	db_test_new(state);
	insert = db_test_stmt("INSERT INTO thing (id, big) VALUES (:id, :big)");
	load = db_test_stmt("SELECT id, big FROM thing WHERE id = :id FOR UPDATE");
	bump = db_test_stmt_expect("UPDATE thing SET big = big + :big WHERE id = :id", "1");
	echo = db_test_stmt("SELECT :big::int8 AS big");
	slow = db_test_stmt("SELECT pg_sleep(:ratio) IS NULL AS yes");
	held = db_test_stmt("SELECT pg_advisory_xact_lock(:big) IS NULL AS yes");
	return 0;
}

static int
tear_down(void **state)
{
	db_test_close(state);
	pg_run_release();
	return 0;
}

static struct db_query
query(const struct db_stmt *stmt, int id, int64_t big)
{
	DbRow row = DB_ROW__INIT;
	char text[40];

	snprintf(text, sizeof text, "00000000-0000-0000-0000-%012d", id);
	row.id = text;
	row.big = big;
	row.ratio = (double)big / 1000;
	return db_test_bind(stmt, &row);
}

/* Until pg_run_release; goes on when PostgreSQL has begun it. */
static void
until_held(void)
{
	db_test_until_sql("SELECT count(*) FROM pg_locks WHERE NOT granted");
}

static struct db_txn *
begin(const struct db_query *queries, size_t n, struct answer *answer)
{
	enum db_outcome outcome = DB_OK;
	struct db_txn *txn =
	    db_txn_begin(t.pool, queries, n, INT64_MAX, db_test_answer, answer, &outcome);

	if (!txn) {
		answer->is_there = true;
		answer->outcome = outcome;
	}
	return txn;
}

static void
run_one(const struct db_query *queries, size_t n, struct answer *answer)
{
	enum db_outcome outcome = DB_OK;

	if (!db_txn_run(t.pool, queries, n, INT64_MAX, db_test_answer, answer, &outcome))
		fail_msg("refused: %s", db_outcome_name(outcome));
	db_test_wait(answer);
}

static void
load_decide_store(void **state)
{
	struct db_query loads[1], stores[2];
	struct db_txn *txn;

	(void)state;
	db_test_open(NULL);
	loads[0] = query(load, 1, 0);
	txn = begin(loads, 1, &answers[0]);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].number, 10);
	assert_string_equal(answers[0].row->id, "00000000-0000-0000-0000-000000000001");
	stores[0] = query(bump, 1, 5);
	stores[1] = query(insert, 2, 20);
	assert_false(db_txn_is_committing(txn));
	db_txn_commit(txn, stores, 2, db_test_answer, &answers[1]);
	assert_true(db_txn_is_committing(txn));
	assert_false(answers[1].is_there);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
	assert_int_equal(pg_run_number("SELECT sum(big) FROM thing"), 35);
}

static void
one_round_trip(void **state)
{
	struct db_query stores[2];

	(void)state;
	db_test_open(NULL);
	stores[0] = query(insert, 2, 20);
	run_one(stores, 1, &answers[0]);
	assert_int_equal(answers[0].outcome, DB_OK);
	stores[0] = query(insert, 3, 30);
	stores[1] = query(insert, 2, 20);
	run_one(stores, 2, &answers[1]);
	assert_int_equal(answers[1].outcome, DB_UNIQUE);
	assert_string_equal(answers[1].constraint, "thing_pkey");
	assert_int_equal(pg_run_number("SELECT count(*) FROM thing"), 2); /* 3 was undone */
	stores[0] = query(insert, 4, -1);
	run_one(stores, 1, &answers[2]);
	assert_int_equal(answers[2].outcome, DB_CHECK);
	assert_string_equal(answers[2].constraint, "big_is_positive");
	/* The connection is as good as before. */
	stores[0] = query(insert, 5, 1);
	run_one(stores, 1, &answers[3]);
	assert_int_equal(answers[3].outcome, DB_OK);
	assert_int_equal(db_pool_counters(t.pool)->connections_lost, 0);
	assert_int_equal(db_pool_counters(t.pool)->rollbacks, 1);
}

/* Zero updated rows is no SQL error: without `expect` the insert would be committed. */
static void
an_unexpected_count_undoes_all(void **state)
{
	struct db_query loads[1], stores[2];
	struct db_txn *txn;

	(void)state;
	db_test_open(NULL);
	loads[0] = query(load, 1, 0);
	txn = begin(loads, 1, &answers[0]);
	db_test_wait(&answers[0]);
	stores[0] = query(insert, 2, 20);
	stores[1] = query(bump, 9, 5); /* no such row */
	db_txn_commit(txn, stores, 2, db_test_answer, &answers[1]);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_EXPECTATION);
	assert_int_equal(pg_run_number("SELECT count(*) FROM thing"), 1);
	/* The same connection, in order. */
	run_one(stores, 1, &answers[2]);
	assert_int_equal(answers[2].outcome, DB_OK);
}

static void
a_failed_load_ends_it(void **state)
{
	const struct db_stmt *divide = db_test_stmt("SELECT 1 / :big::int8 AS big");
	struct db_query loads[3];

	(void)state;
	db_test_open(NULL);
	loads[0] = query(load, 1, 0);
	loads[1] = query(divide, 1, 0);
	loads[2] = query(echo, 1, 7);
	begin(loads, 3, &answers[0]);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_BAD_VALUE);
	db_test_until_sql(DB_TEST_NONE_IS_IDLE);
}

static void
several_steps_and_an_abandoned_end(void **state)
{
	struct db_query queries[1];
	struct db_txn *txn;

	(void)state;
	db_test_open(NULL);
	queries[0] = query(insert, 2, 20);
	txn = begin(queries, 1, &answers[0]);
	db_test_wait(&answers[0]);
	queries[0] = query(load, 2, 0);
	db_txn_query(txn, queries, 1, db_test_answer, &answers[1]);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].number, 20);
	db_txn_abandon(txn);
	db_test_run_ms(50);
	assert_int_equal(pg_run_number("SELECT count(*) FROM thing"), 1);
	assert_int_equal(db_pool_counters(t.pool)->abandoned, 1);
}

static void
abandoned_while_under_way(void **state)
{
	struct db_query waits[1], stores[1];
	enum db_outcome outcome;
	struct db_txn *txn;

	(void)state;
	db_test_open(&(struct db_pool_options){.leased_connections = 1});
	waits[0] = query(held, 1, 1);
	assert_int_equal(pg_run_hold(), 0);
	txn = begin(waits, 1, &answers[0]);
	until_held();
	db_txn_abandon(txn);
	stores[0] = query(insert, 2, 20); /* has to wait until the other is drained */
	db_txn_run(t.pool, stores, 1, INT64_MAX, db_test_answer, &answers[1], &outcome);
	pg_run_release();
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
	assert_false(answers[0].is_there);

	/* Once COMMIT is on its way, the outcome is PostgreSQL's. */
	txn = begin(NULL, 0, &answers[2]);
	db_test_wait(&answers[2]);
	stores[0] = query(insert, 3, 30);
	db_txn_commit(txn, stores, 1, db_test_answer, &answers[3]);
	db_txn_abandon(txn);
	stores[0] = query(insert, 4, 40);
	run_one(stores, 1, &answers[4]);
	assert_false(answers[3].is_there);
	assert_int_equal(pg_run_number("SELECT count(*) FROM thing"), 4);
}

/* The queries go with the call's arena; PostgreSQL's error for one of them comes only then. */
static void
abandoned_queries_are_gone_when_their_error_comes(void **state)
{
	struct db_query *gone =
	    mmap(NULL, sizeof *gone, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct db_query stores[1];
	struct db_txn *txn;

	(void)state;
	assert_true(gone != MAP_FAILED);
	db_test_open(&(struct db_pool_options){.leased_connections = 1, .write_timeout_ms = 100});
	*gone = query(slow, 1, 5000);
	txn = begin(gone, 1, &answers[0]);
	db_test_run_ms(50);
	db_txn_abandon(txn);
	assert_int_equal(munmap(gone, sizeof *gone), 0);
	stores[0] = query(insert, 2, 20); /* has to wait for that error */
	run_one(stores, 1, &answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
	assert_false(answers[0].is_there);
}

static void
waiting_is_bounded(void **state)
{
	struct db_query waits[1];
	enum db_outcome outcome;

	(void)state;
	db_test_open(&(struct db_pool_options){.leased_connections = 1, .max_waiting = 2});
	waits[0] = query(held, 1, 1);
	assert_int_equal(pg_run_hold(), 0);
	begin(waits, 1, &answers[0]);
	until_held();
	assert_non_null(db_txn_begin(t.pool, waits, 1, clock_monotonic_us() + 100000,
				     db_test_answer, &answers[1], &outcome));
	begin(waits, 1, &answers[2]);
	assert_null(begin(waits, 1, &answers[3]));
	assert_int_equal(answers[3].outcome, DB_BUSY);
	assert_int_equal(db_pool_counters(t.pool)->transactions_refused, 1);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_TIMEOUT);
	assert_false(answers[0].is_there);
}

static void
the_deadline_is_statement_timeout(void **state)
{
	struct db_query waits[1];
	enum db_outcome outcome;

	(void)state;
	db_test_open(NULL);
	waits[0] = query(slow, 1, 5000);
	for (int i = 0; i < 2; i++) {
		int64_t soon_us = clock_monotonic_us() + 200000;

		if (i == 0)
			db_txn_begin(t.pool, waits, 1, soon_us, db_test_answer, &answers[i],
				     &outcome);
		else
			db_txn_run(t.pool, waits, 1, soon_us, db_test_answer, &answers[i],
				   &outcome);
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].outcome, DB_TIMEOUT);
	}
	/* The setting was local. */
	waits[0] = query(slow, 1, 300);
	begin(waits, 1, &answers[2]);
	db_test_wait(&answers[2]);
	assert_int_equal(answers[2].outcome, DB_OK);
}

static void
many_share_few_connections(void **state)
{
	static struct db_query stores[MANY];
	enum db_outcome outcome;

	(void)state;
	db_test_open(&(struct db_pool_options){.leased_connections = 3});
	for (int i = 0; i < MANY; i++) {
		stores[i] = query(bump, 1, 1);
		db_txn_run(t.pool, &stores[i], 1, INT64_MAX, db_test_answer, &answers[i], &outcome);
	}
	for (int i = 0; i < MANY; i++) {
		db_test_wait(&answers[i]);
		assert_int_equal(answers[i].outcome, DB_OK);
		assert_int_equal(answers[i].n_calls, 1);
	}
	assert_int_equal(pg_run_number("SELECT big FROM thing"), 10 + MANY);
	assert_true(db_pool_counters(t.pool)->connects <= 2 + 3);
}

static uint64_t lost_soon;

static bool
all_are_lost(void)
{
	return db_pool_counters(t.pool)->connections_lost >= lost_soon;
}

/* Until the pool knows of it. */
static void
kill_others(void)
{
	lost_soon = db_pool_counters(t.pool)->connections_lost;
	lost_soon += (uint64_t)pg_run_number("SELECT count(pg_terminate_backend(pid))"
					     " FROM pg_stat_activity"
					     " WHERE application_name = 'minzheng'");
	db_test_until(all_are_lost);
}

static void
a_lost_connection(void **state)
{
	struct db_query waits[1], stores[1];
	struct db_txn *txn;
	enum db_outcome outcome;

	(void)state;
	db_test_open(NULL);
	waits[0] = query(held, 1, 1);
	stores[0] = query(insert, 2, 20);
	assert_int_equal(pg_run_hold(), 0);

	/* While it loads: nothing can have happened. */
	begin(waits, 1, &answers[0]);
	until_held();
	kill_others();
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_UNAVAILABLE);
	assert_false(answers[0].ambiguous);

	/* While its caller thinks. */
	txn = begin(NULL, 0, &answers[1]);
	db_test_wait(&answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
	kill_others();
	db_txn_commit(txn, stores, 1, db_test_answer, &answers[2]);
	assert_false(answers[2].is_there);
	db_test_wait(&answers[2]);
	assert_int_equal(answers[2].outcome, DB_UNAVAILABLE);
	assert_false(answers[2].ambiguous);

	/* While it stores: the server says that it ended the statement, so nothing was committed.
	 */
	db_txn_run(t.pool, waits, 1, INT64_MAX, db_test_answer, &answers[3], &outcome);
	until_held();
	kill_others();
	db_test_wait(&answers[3]);
	assert_int_equal(answers[3].outcome, DB_UNAVAILABLE);
	assert_false(answers[3].ambiguous);

	/* And the pool works on. */
	run_one(stores, 1, &answers[4]);
	assert_int_equal(answers[4].outcome, DB_OK);
}

static bool
pool_is_ready(void)
{
	return db_pool_is_ready(t.pool);
}

/* The backend vanishes without a word, with the commit under way: nobody can say. */
static void
an_ambiguous_commit(void **state)
{
	struct db_query waits[1];
	enum db_outcome outcome;

	(void)state;
	db_test_open(NULL);
	waits[0] = query(held, 1, 1);
	assert_int_equal(pg_run_hold(), 0);
	db_txn_run(t.pool, waits, 1, INT64_MAX, db_test_answer, &answers[0], &outcome);
	until_held();
	assert_int_equal(pg_run_kill_backend("SELECT pg_advisory%"), 0);
	db_test_wait(&answers[0]);
	assert_int_equal(answers[0].outcome, DB_UNAVAILABLE);
	assert_true(answers[0].ambiguous);
	assert_int_equal(pg_run_wait(), 0);
	db_test_until(pool_is_ready);
}

/* Connections that were refused again and again wait long for their next try; but not on, once one
 * of them has found the database. */
static void
the_end_of_an_outage_is_the_end_for_all(void **state)
{
	struct db_query stores[1];
	int64_t ready_us, taken_us;

	(void)state;
	db_test_open(NULL);
	stores[0] = query(insert, 2, 20);
	assert_int_equal(pg_run_stop(), 0);
	for (int i = 0; i < 50; i++) {
		enum db_outcome outcome;
		struct db_txn *txn =
		    db_txn_run(t.pool, stores, 1, INT64_MAX, db_test_answer, &answers[0], &outcome);

		db_test_run_ms(100);
		if (txn && !answers[0].is_there)
			db_txn_abandon(txn);
		answers[0] = (struct answer){0};
	}
	assert_int_equal(pg_run_again(), 0);
	db_test_until(pool_is_ready);
	ready_us = clock_monotonic_us();
	run_one(stores, 1, &answers[1]);
	assert_int_equal(answers[1].outcome, DB_OK);
	taken_us = clock_monotonic_us() - ready_us;
	/* Their next try was seconds away; on a busy machine everything takes longer. */
	ready_us = clock_monotonic_us();
	assert_int_equal(pg_run_sql("SELECT 1"), 0);
	assert_true(taken_us < 1000000 + 20 * (clock_monotonic_us() - ready_us));
}

static void
a_deferred_constraint_fails_at_commit(void **state)
{
	struct db_query stores[2];

	(void)state;
	assert_int_equal(pg_run_sql("ALTER TABLE thing ADD CONSTRAINT big_once UNIQUE (big)"
				    " DEFERRABLE INITIALLY DEFERRED"),
			 0);
	db_test_open(NULL);
	stores[0] = query(insert, 2, 10);
	run_one(stores, 1, &answers[0]);
	assert_int_equal(answers[0].outcome, DB_UNIQUE);
	assert_string_equal(answers[0].constraint, "big_once");
	stores[1] = query(insert, 3, 11);
	run_one(stores, 2, &answers[1]);
	assert_int_equal(answers[1].outcome, DB_UNIQUE);
	assert_int_equal(pg_run_number("SELECT count(*) FROM thing"), 1);
	run_one(&stores[1], 1, &answers[2]);
	assert_int_equal(answers[2].outcome, DB_OK);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(load_decide_store),
	    TEST(one_round_trip),
	    TEST(an_unexpected_count_undoes_all),
	    TEST(a_failed_load_ends_it),
	    TEST(several_steps_and_an_abandoned_end),
	    TEST(abandoned_while_under_way),
	    TEST(abandoned_queries_are_gone_when_their_error_comes),
	    TEST(waiting_is_bounded),
	    TEST(the_deadline_is_statement_timeout),
	    TEST(many_share_few_connections),
	    TEST(a_lost_connection),
	    TEST(an_ambiguous_commit),
	    TEST(the_end_of_an_outage_is_the_end_for_all),
	    TEST(a_deferred_constraint_fails_at_commit),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
