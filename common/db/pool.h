/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pool: the connections of one process to one database, on its event loop.
 *
 * Two kinds of use, two kinds of connections:
 *
 *  - Shared reads. Many calls' reads share a few pipelined connections; those asked for in one turn
 *    of the event loop leave with one Sync and one flush. When one of such a batch fails, the
 * others behind it, which PostgreSQL has skipped, are sent again, each with a Sync of its own.
 *  - Transactions. One call leases a connection; waiting for it is bounded in number and time.
 *
 *        db_txn_begin    BEGIN; timeout; loads; Sync         → loaded
 *        db_txn_query    statements; Sync                    → loaded    (any number of times)
 *        db_txn_commit   stores; COMMIT; Sync                → committed
 *
 *    db_txn_run does it all in one round trip. After an error the pool sends ROLLBACK by itself;
 * the transaction is over when its callback was given an error.
 *
 * One invariant: for each accepted operation its callback runs exactly once, never inside the
 * function that started it, unless it was abandoned; then never. Abandoning asks for nothing from
 * the server: what is under way is drained and counts against the limits until then. (libpq 15 has
 * only a blocking PQcancel; statement_timeout bounds how long that takes.)
 *
 * Connections are made without blocking (give hostaddr or a socket directory, not a name), again
 * after a loss, with a growing delay. Reads that were under way when one broke are sent once more;
 * a transaction ends with DB_UNAVAILABLE, and `ambiguous` when its COMMIT may have been made.
 *
 * One thread, that of the event base.
 */
#ifndef MZ_DB_POOL_H
#define MZ_DB_POOL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/bind.h"
#include "db/sqlstate.h"
#include "db/stmt.h"

struct db_pool;
struct db_read;
struct db_txn;

enum { DB_MAX_QUERIES = 128 }; /* of one operation */

/* X(name, meaning): counters, each only grows. */
#define DB_COUNTERS(X)                                                                             \
	X(reads, "reads accepted")                                                                 \
	X(read_batches, "pipeline batches of shared reads: one Sync and one flush each")           \
	X(reads_resent, "reads sent again because another of their batch failed, or a connection") \
	X(reads_refused, "reads refused because the queue was full")                               \
	X(transactions, "transactions accepted")                                                   \
	X(transactions_refused, "transactions refused because too many waited")                    \
	X(waits_timed_out, "reads and transactions whose deadline passed while they waited")       \
	X(rollbacks, "transactions rolled back")                                                   \
	X(abandoned, "operations whose call ended before the answer came")                         \
	X(errors, "statements that failed")                                                        \
	X(connects, "connections made")                                                            \
	X(connect_failures, "attempts to connect that failed")                                     \
	X(connections_lost, "connections that broke while in use")

struct db_counters {
#define DB_COUNTER_FIELD(name, text) uint64_t name;
	DB_COUNTERS(DB_COUNTER_FIELD)
#undef DB_COUNTER_FIELD
};

/* Zero means the default in brackets. */
struct db_pool_options {
	const char *conninfo;         /* "host=/run/pg port=5432 dbname=mz user=relief" */
	const char *application_name; /* ["minzheng"] */
	const char *search_path;      /* [the role's] */
	unsigned shared_connections;  /* [2] */
	unsigned leased_connections;  /* most at once; made when needed [4] */
	unsigned max_in_flight;    /* reads sent and not answered, each shared connection [256] */
	unsigned max_queued_reads; /* [4096] */
	unsigned max_waiting;      /* transactions that wait for a connection [1024] */
	unsigned read_timeout_ms;  /* statement_timeout of shared reads [5000] */
	unsigned write_timeout_ms; /* statement_timeout of transactions without deadline [30000] */
	unsigned idle_txn_timeout_ms; /* idle_in_transaction_session_timeout [30000] */
	struct db_counters *counters; /* where to count, e.g. in shared memory [inside the pool] */
	/* What happened to connections, one line, for the log. May be NULL. */
	void (*log)(void *data, bool is_error, const char *text);
	/* The pool became ready or unready (db_pool_is_ready). May be NULL. */
	void (*state_changed)(void *data, bool is_ready);
	void *data; /* for both */
};

/*
 * Starts connecting. Statements must all have been added; the first connection describes those that
 * db_describe (migrate.h) has not, and nothing is executed before. One that the server refuses is
 * asked for again every second, and its use refused until then. Texts of options are copied. NULL
 * when there is no memory.
 */
struct db_pool *db_pool_new(struct event_base *base, struct db_stmts *stmts,
			    const struct db_pool_options *options);

/* Closes all at once; callbacks that are due will not run. Not inside a callback. */
void db_pool_free(struct db_pool *pool);

/* Statements are described and a shared connection is up. */
bool db_pool_is_ready(const struct db_pool *pool);
const struct db_counters *db_pool_counters(const struct db_pool *pool);

/* results: one for each query, NULL on error. error: NULL on success. Valid inside the callback. */
typedef void db_done_fn(void *data, const struct db_result *results, size_t n_results,
			const struct db_error *error);

/*
 * Reads: the queries are sent together, in order, on a read-only connection, and done gets all
 * results. Queries and arena must live until done, or until abandoned. deadline_us is
 * CLOCK_MONOTONIC and bounds the waiting in the queue (INT64_MAX: none). NULL: refused,
 * *ret_outcome is DB_BUSY, or DB_UNAVAILABLE while nothing is described yet, or DB_BROKEN for a
 * broken statement.
 */
struct db_read *db_read_start(struct db_pool *pool, const struct db_query *queries,
			      size_t n_queries, int64_t deadline_us, db_done_fn *done, void *data,
			      enum db_outcome *ret_outcome);
void db_read_abandon(struct db_read *read);

/*
 * A transaction. The time left until deadline_us becomes its statement_timeout. Refused as above.
 * loaded may call db_txn_query, db_txn_commit or db_txn_abandon at once or later; a transaction
 * that is neither committed nor abandoned keeps its connection until idle_txn_timeout_ms.
 */
struct db_txn *db_txn_begin(struct db_pool *pool, const struct db_query *loads, size_t n_loads,
			    int64_t deadline_us, db_done_fn *loaded, void *data,
			    enum db_outcome *ret_outcome);

/* More statements in the same transaction, after loaded and before commit. */
void db_txn_query(struct db_txn *txn, const struct db_query *queries, size_t n_queries,
		  db_done_fn *loaded, void *data);

/* The last statements and COMMIT. When committed runs without an error, it is durable. */
void db_txn_commit(struct db_txn *txn, const struct db_query *stores, size_t n_stores,
		   db_done_fn *committed, void *data);

/* All in one round trip: a single statement, or BEGIN; …; COMMIT for several. */
struct db_txn *db_txn_run(struct db_pool *pool, const struct db_query *stores, size_t n_stores,
			  int64_t deadline_us, db_done_fn *committed, void *data,
			  enum db_outcome *ret_outcome);

/*
 * The caller wants no more of it: no callback runs any more, the arena may go. What has not been
 * sent will not be; an open transaction is rolled back, unless its COMMIT is already on its way:
 * then the outcome is PostgreSQL's.
 */
void db_txn_abandon(struct db_txn *txn);
/* True once COMMIT has been sent. */
bool db_txn_is_committing(const struct db_txn *txn);

#endif
