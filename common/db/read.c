/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared reads: many calls' queries on a few pipelined connections.
 *
 * What is asked for in one turn of the loop is sent at its end. PostgreSQL skips what stands behind
 * a failed query up to the next Sync; those reads are innocent and go again, each with its own
 * Sync, so that one bad query costs the others one round trip and no more.
 */
#include <limits.h>
#include <stdlib.h>

#include "db/state.h"

enum {
	/* Fewer reads than this are not spread over several connections: a batch shares one flush.
	 */
	MIN_BATCH = 16,
};

enum read_state { READ_FREE, READ_QUEUED, READ_SENT };

struct db_read {
	struct list link;
	struct db_pool *pool;
	struct conn *conn;
	enum read_state state;
	bool solo, abandoned, sent_before;
	int64_t deadline_us;
	db_done_fn *done;
	void *data;
	struct batch batch;
};

static struct db_read *
read_new(struct db_pool *pool)
{
	struct db_read *read = LIST_FIRST(&pool->free_reads, struct db_read, link);

	if (read) {
		list_remove(&read->link);
		return read;
	}
	read = calloc(1, sizeof *read);
	if (read)
		list_init(&read->link);
	return read;
}

static void
read_free(struct db_read *read)
{
	batch_clear(&read->batch);
	read->state = READ_FREE;
	list_move(&read->pool->free_reads, &read->link);
}

static void
unqueue(struct db_read *read)
{
	struct db_pool *pool = read->pool;

	list_remove(&read->link);
	if (read->solo)
		pool->n_solo--;
	else
		pool->n_reads--;
}

static void
queue(struct db_read *read)
{
	struct db_pool *pool = read->pool;

	read->state = READ_QUEUED;
	if (read->solo)
		pool->n_solo++;
	else
		pool->n_reads++;
	list_move(read->solo ? &pool->solo_reads : &pool->reads, &read->link);
	pool_wake(pool);
}

struct db_read *
db_read_start(struct db_pool *pool, const struct db_query *queries, size_t n_queries,
	      int64_t deadline_us, db_done_fn *done, void *data, enum db_outcome *ret_outcome)
{
	struct db_read *read;

	if (!pool_accepts(pool, queries, n_queries, ret_outcome))
		return NULL;
	read = pool->n_reads < pool->options.max_queued_reads ? read_new(pool) : NULL;
	if (!read) {
		pool->counters->reads_refused++;
		*ret_outcome = DB_BUSY;
		return NULL;
	}
	read->pool = pool;
	read->solo = read->abandoned = read->sent_before = false;
	read->deadline_us = deadline_us;
	read->done = done;
	read->data = data;
	if (!batch_start(&read->batch, queries, n_queries)) {
		read_free(read);
		*ret_outcome = DB_BUSY;
		return NULL;
	}
	pool->counters->reads++;
	queue(read);
	if (deadline_us != INT64_MAX)
		pool_watch_deadlines(pool);
	return read;
}

void
db_read_abandon(struct db_read *read)
{
	read->pool->counters->abandoned++;
	if (read->state == READ_QUEUED) {
		unqueue(read);
		read_free(read);
	} else {
		read->abandoned = true;
		batch_abandon(&read->batch);
	}
}

/* -- answers --------------------------------------------------------------------------------------
 */

static void
deliver(struct db_read *read)
{
	db_done_fn *done = read->done;
	void *data = read->data;

	if (batch_failed(&read->batch))
		read->pool->counters->errors++;
	/* The read stays out of the free list until done has run: done may start others. */
	batch_deliver(&read->batch, done, data, false);
	read_free(read);
}

/* Its own error is final; to have been skipped or lost is not. */
static bool
deserves_another_try(const struct db_read *read)
{
	if (read->batch.lost)
		return !read->sent_before;
	return read->batch.skipped && !read->batch.error;
}

static void
answered(void *owner, unsigned i, PGresult *result)
{
	struct db_read *read = owner;
	struct batch *batch = &read->batch;

	batch_take(batch, read->conn, i, result);
	if (batch->n_answered < batch->n_queries)
		return;
	if (read->abandoned) {
		read_free(read);
	} else if (batch_failed(batch) && deserves_another_try(read)) {
		read->sent_before |= batch->lost;
		read->solo = true;
		batch_restart(batch);
		read->pool->counters->reads_resent++;
		queue(read);
	} else {
		deliver(read);
	}
}

/* -- sending --------------------------------------------------------------------------------------
 */

/* Commands that a read puts on this connection: its queries, for each one that is new there Prepare
 * and Sync before, and a Sync behind. */
static unsigned
commands_of(const struct db_read *read, const struct conn *conn)
{
	unsigned n = read->batch.n_queries + 1;

	for (unsigned i = 0; i < read->batch.n_queries; i++)
		n += conn_has_prepared(conn, read->batch.queries[i].stmt) ? 0 : 2;
	return n;
}

/* What a connection takes of reads: a piece of descriptions fits behind them at any time. */
static unsigned
room_of(const struct conn *conn)
{
	unsigned room = conn_room(conn);

	return room > DESCRIBE_ROOM ? room - DESCRIBE_ROOM : 0;
}

/* The connection with the least under way that has room for this read; NULL: none. */
static struct conn *
choose_connection(struct db_pool *pool, const struct db_read *read)
{
	struct conn *best = NULL;

	for (unsigned i = 0; i < pool->options.shared_connections; i++) {
		struct conn *conn = &pool->shared[i];

		if (conn->state == CONN_UP && !conn->retiring &&
		    conn->n_commands < pool->options.max_in_flight &&
		    room_of(conn) > commands_of(read, conn) &&
		    (!best || conn->n_commands < best->n_commands))
			best = conn;
	}
	return best;
}

/* Moves up to n reads from the queue to batch, as the connection has room, and prepares what they
 * need: before the batch, since a failed query would take a Prepare behind it along. */
static void
fill_batch(struct conn *conn, struct list *queue, struct list *ret_batch, unsigned n)
{
	struct db_read *read;
	unsigned n_queries = 0;

	for (; n && (read = LIST_FIRST(queue, struct db_read, link)); n--) {
		if (commands_of(read, conn) + n_queries >= room_of(conn))
			break;
		n_queries += read->batch.n_queries;
		unqueue(read);
		list_append(ret_batch, &read->link);
		for (unsigned i = 0; i < read->batch.n_queries; i++)
			conn_prepare(conn, read->batch.queries[i].stmt);
	}
}

static void
send_batch(struct db_pool *pool, struct conn *conn, struct list *queue, unsigned n)
{
	struct list batch;

	list_init(&batch);
	fill_batch(conn, queue, &batch, n);
	LIST_FOREACH (member, &batch) {
		struct db_read *read = LIST_ENTRY(member, struct db_read, link);

		list_move(&pool->sent_reads, &read->link);
		read->conn = conn;
		read->state = READ_SENT;
		for (unsigned i = 0; i < read->batch.n_queries; i++)
			conn_execute(conn, &read->batch.queries[i], answered, read, i);
	}
	conn_sync(conn, NULL, NULL, 0);
	pool->counters->read_batches++;
}

static unsigned
connections_up(const struct db_pool *pool)
{
	unsigned n = 0;

	for (unsigned i = 0; i < pool->options.shared_connections; i++)
		n += pool->shared[i].state == CONN_UP;
	return n;
}

/* Sends what is queued, in batches of at most n reads. */
static void
send_queue(struct db_pool *pool, struct list *queue, unsigned n)
{
	struct db_read *read;

	while ((read = LIST_FIRST(queue, struct db_read, link))) {
		struct conn *conn = choose_connection(pool, read);

		if (!conn)
			return;
		send_batch(pool, conn, queue, n);
	}
}

void
read_send(struct db_pool *pool)
{
	unsigned n_up = connections_up(pool), n;

	if (!n_up || !describe_is_done(pool))
		return;
	send_queue(pool, &pool->solo_reads, 1);
	n = (pool->n_reads + n_up - 1) / n_up;
	send_queue(pool, &pool->reads, n < MIN_BATCH ? MIN_BATCH : n);
}

/* -- giving up ------------------------------------------------------------------------------------
 */

static void
refuse(struct db_read *read, enum db_outcome outcome)
{
	struct db_error error = {.outcome = outcome, .text = db_outcome_text(outcome)};

	unqueue(read);
	read->done(read->data, NULL, 0, &error);
	read_free(read);
}

static void
refuse_older(struct db_pool *pool, struct list *queue, int64_t now_us, enum db_outcome outcome)
{
	struct db_read *read;
	struct list old;

	list_init(&old);
	LIST_FOREACH (member, queue) {
		if (LIST_ENTRY(member, struct db_read, link)->deadline_us <= now_us)
			list_move(&old, member);
	}
	while ((read = LIST_FIRST(&old, struct db_read, link))) {
		if (outcome == DB_TIMEOUT)
			pool->counters->waits_timed_out++;
		refuse(read, outcome);
	}
}

void
read_expire(struct db_pool *pool, int64_t now_us)
{
	refuse_older(pool, &pool->reads, now_us, DB_TIMEOUT);
	refuse_older(pool, &pool->solo_reads, now_us, DB_TIMEOUT);
}

void
read_give_up(struct db_pool *pool)
{
	refuse_older(pool, &pool->reads, INT64_MAX, DB_UNAVAILABLE);
	refuse_older(pool, &pool->solo_reads, INT64_MAX, DB_UNAVAILABLE);
}

static void
free_list(struct list *reads)
{
	LIST_FOREACH (member, reads) {
		struct db_read *read = LIST_ENTRY(member, struct db_read, link);

		batch_clear(&read->batch);
		free(read);
	}
	list_init(reads);
}

void
read_free_all(struct db_pool *pool)
{
	free_list(&pool->reads);
	free_list(&pool->solo_reads);
	free_list(&pool->sent_reads);
	free_list(&pool->free_reads);
}
