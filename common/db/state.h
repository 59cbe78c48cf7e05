/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State: what pool.c, describe.c, read.c and txn.c share. Inside of db only.
 */
#ifndef MZ_DB_STATE_H
#define MZ_DB_STATE_H

#include "db/batch.h"
#include "db/conn.h"
#include "db/pool.h"

enum {
	/* After this long without any connection what waits is given up, and new is refused. */
	OUTAGE_GRACE_US = 3000000,
	MAX_CONNECTIONS = 64,
	/* Statements described at once; each takes Prepare, Describe and Sync, and all one Sync
	   more. */
	DESCRIBE_PIECE = 32,
	DESCRIBE_ROOM = 3 * DESCRIBE_PIECE + 1,
};

struct db_pool {
	struct event_base *base;
	struct db_stmts *stmts;
	struct db_pool_options options; /* with defaults */
	char *conninfo, *application_name, *shared_options, *leased_options;
	struct db_counters own_counters, *counters;

	/* Shared: an array, all wanted all the time. Leased: the list is the state. */
	struct conn *shared, *leased;
	struct list leased_idle, leased_busy, leased_connecting, leased_down;
	unsigned n_connecting;

	struct list reads;      /* wait to be sent, oldest first */
	struct list solo_reads; /* the same, each with a Sync of its own */
	struct list sent_reads;
	unsigned n_reads, n_solo;
	struct list waiting; /* transactions without a connection, oldest first */
	unsigned n_waiting;
	struct list running; /* transactions that have one */
	struct list
	    lost; /* those that lost it while they were idle, and have been asked for more */
	struct list free_reads, free_txns;
	unsigned n_cursors;

	struct event *turn; /* runs at the end of this turn of the loop */
	struct event *tick; /* while something waits */
	bool turn_is_due, tick_is_fast, is_ready;
	struct conn *describer; /* the connection that describes the statements */
	size_t n_described, n_broken;
	int64_t outage_since_us;
};

/* Runs read_send and txn_serve once at the end of this turn. */
void pool_wake(struct db_pool *pool);
/* Watches deadlines of what waits. */
void pool_watch_deadlines(struct db_pool *pool);
/* Makes leased connections for those who wait. */
void pool_connect_leased(struct db_pool *pool);
bool pool_is_out(const struct db_pool *pool);
void pool_update_ready(struct db_pool *pool);
void pool_log(struct db_pool *pool, bool is_error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Are all queries fit to be sent? Sets the outcome of a refusal. */
bool pool_accepts(const struct db_pool *pool, const struct db_query *queries, size_t n_queries,
		  enum db_outcome *ret_outcome);

/* describe.c: the next piece of the set, or done; and what the server said of one statement. */
int describe_result(struct db_stmts *stmts, size_t index, const PGresult *result);
void describe_go_on(struct db_pool *pool, struct conn *conn);
bool describe_is_done(const struct db_pool *pool);

/* read.c */
void read_send(struct db_pool *pool);
void read_expire(struct db_pool *pool, int64_t now_us);
void read_give_up(struct db_pool *pool);
void read_free_all(struct db_pool *pool);

/* txn.c */
void txn_serve(struct db_pool *pool);
void txn_deliver_lost(struct db_pool *pool);
void txn_expire(struct db_pool *pool, int64_t now_us);
void txn_give_up(struct db_pool *pool);
void txn_connection_lost(struct conn *conn);
void txn_free_all(struct db_pool *pool);

#endif
