/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of common/db share: a loop, a pool, and a wait for one answer at a time.
 */
#ifndef MZ_DB_TEST_H
#define MZ_DB_TEST_H

#include "unit.h"

#include "db/pool.h"
#include "db_test.pb-c.h"
#include "pg.h"

struct db_test {
	struct event_base *base;
	struct db_stmts *stmts;
	struct db_pool *pool;
	struct arena *arena;
	const char *conninfo;
};

extern struct db_test t;

/* cmocka's group set-up and tear-down: PostgreSQL runs. Exits with 77 where there is none. */
int db_test_start(void **state);
int db_test_end(void **state);

/* Of one test: a new loop, set and arena, the statements are added then; and all of it away. */
int db_test_new(void **state);
int db_test_close(void **state);
/* Makes the pool and waits until it is ready. */
void db_test_open(const struct db_pool_options *options);

/* Adds a statement on DbRow and `caller`, filling DbRow. */
const struct db_stmt *db_test_stmt(const char *sql);
const struct db_stmt *db_test_stmt_expect(const char *sql, const char *expect);
/* Binds it with this row. */
struct db_query db_test_bind(const struct db_stmt *stmt, const DbRow *row);

/* An answer, as the callback below notes it. */
struct answer {
	bool is_there;
	int n_calls;
	enum db_outcome outcome;
	bool ambiguous;
	char text[256], constraint[64];
	size_t n_results;
	int64_t number; /* field `big` of the first row of the last result */
	DbRow *row;
};
void db_test_answer(void *answer, const struct db_result *results, size_t n_results,
		    const struct db_error *error);
/* Runs the loop until it is there, at most 20 seconds. */
void db_test_wait(struct answer *answer);
/* Runs the loop for so long. */
void db_test_run_ms(int ms);
/* Waits until it is true; until the query's number is not 0. */
void db_test_until(bool (*is_true)(void));
void db_test_until_sql(const char *sql);
#define DB_TEST_NONE_IS_IDLE                                                 \
	"SELECT (count(*) = 0)::int FROM pg_stat_activity WHERE state LIKE " \
	"'idle in transaction%'"

#endif
