/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor is a transaction whose statements are DECLARE and FETCH. Both are sent as text: a
 * prepared FETCH would keep the first cursor's columns. The rows have the columns of the statement
 * itself.
 */
#include "db/cursor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/state.h"

enum { FETCH_TEXT = 64, PARAMETERS_OF_FETCH = 0 };

struct db_cursor {
	struct db_pool *pool;
	struct db_txn *txn;
	struct event *deadline;
	const struct db_cursor_hooks *hooks;
	void *data;
	unsigned batch_rows;
	char *declare_text, fetch_text[FETCH_TEXT];
	struct db_stmt declare, fetch;
	struct db_query queries[2];
};

static void
cursor_free(struct db_cursor *cursor)
{
	cursor->pool->n_cursors--;
	if (cursor->deadline)
		event_free(cursor->deadline);
	free(cursor->declare_text);
	free(cursor);
}

static void
end(struct db_cursor *cursor, const struct db_error *error)
{
	const struct db_cursor_hooks *hooks = cursor->hooks;
	void *data = cursor->data;

	cursor_free(cursor);
	hooks->done(data, error);
}

static void
fetched(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct db_cursor *cursor = data;

	if (error || !n_results) {
		end(cursor, error);
		return;
	}
	results += n_results - 1;
	if (results->n_rows == 0) {
		db_txn_abandon(cursor->txn);
		end(cursor, NULL);
		return;
	}
	cursor->hooks->rows(cursor->data, results);
}

void
db_cursor_next(struct db_cursor *cursor)
{
	db_txn_query(cursor->txn, &cursor->queries[1], 1, fetched, cursor);
}

void
db_cursor_abandon(struct db_cursor *cursor)
{
	db_txn_abandon(cursor->txn);
	cursor_free(cursor);
}

static void
grown_old(evutil_socket_t fd, short what, void *data)
{
	struct db_cursor *cursor = data;
	const struct db_error error = {.outcome = DB_TIMEOUT, .text = db_outcome_text(DB_TIMEOUT)};

	(void)fd;
	(void)what;
	db_txn_abandon(cursor->txn);
	end(cursor, &error);
}

static bool
set_deadline(struct db_cursor *cursor, int64_t deadline_us)
{
	int64_t left_us = deadline_us - clock_monotonic_us();
	struct timeval delay = {left_us / 1000000, left_us % 1000000};

	if (deadline_us == INT64_MAX)
		return true;
	if (left_us < 0)
		delay = (struct timeval){0};
	cursor->deadline = event_new(cursor->pool->base, -1, 0, grown_old, cursor);
	return cursor->deadline && event_add(cursor->deadline, &delay) == 0;
}

/* The two statements, which have no name: so they are not prepared. */
static bool
write_statements(struct db_cursor *cursor, const struct db_query *query)
{
	cursor->declare = cursor->fetch = *query->stmt;
	if (asprintf(&cursor->declare_text, "DECLARE mz_cursor NO SCROLL CURSOR FOR %s",
		     query->stmt->sql) < 0) {
		cursor->declare_text = NULL;
		return false;
	}
	snprintf(cursor->fetch_text, sizeof cursor->fetch_text, "FETCH FORWARD %u FROM mz_cursor",
		 cursor->batch_rows);
	cursor->declare.sql = cursor->declare_text;
	cursor->fetch.sql = cursor->fetch_text;
	cursor->declare.name = cursor->fetch.name = NULL;
	cursor->fetch.n_params = PARAMETERS_OF_FETCH;
	cursor->queries[0] = (struct db_query){&cursor->declare, query->values, query->lengths};
	cursor->queries[1] = (struct db_query){.stmt = &cursor->fetch};
	return true;
}

/* Cursors may take half of the leased connections: writes go on. */
static bool
is_room(const struct db_pool *pool)
{
	return pool->n_cursors < (pool->options.leased_connections + 1) / 2;
}

struct db_cursor *
db_cursor_open(struct db_pool *pool, const struct db_query *query, unsigned batch_rows,
	       int64_t deadline_us, const struct db_cursor_hooks *hooks, void *data,
	       enum db_outcome *ret_outcome)
{
	struct db_cursor *cursor = NULL;

	if (!pool_accepts(pool, query, 1, ret_outcome))
		return NULL;
	*ret_outcome = DB_BUSY;
	if (is_room(pool))
		cursor = calloc(1, sizeof *cursor);
	if (!cursor) {
		pool->counters->transactions_refused++;
		return NULL;
	}
	pool->n_cursors++;
	cursor->pool = pool;
	cursor->hooks = hooks;
	cursor->data = data;
	cursor->batch_rows = batch_rows ? batch_rows : 1;
	if (write_statements(cursor, query) && set_deadline(cursor, deadline_us))
		cursor->txn = db_txn_begin(pool, cursor->queries, 2, deadline_us, fetched, cursor,
					   ret_outcome);
	if (!cursor->txn) {
		cursor_free(cursor);
		return NULL;
	}
	return cursor;
}
