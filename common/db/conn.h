/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conn: one pipelined connection on the event loop. Inside of db only.
 *
 * Everything that is sent is a command in a ring, oldest first; PostgreSQL answers in that order,
 * and each command's `answered` runs exactly once: with its result, or with NULL when the
 * connection broke. A Sync is a command like the others, but an error that shows only at its commit
 * (a deferred constraint) is answered before it. After an error PostgreSQL skips to the next Sync;
 * skipped commands are answered with PGRES_PIPELINE_ABORTED.
 *
 * Sending never fails for the sender: on a broken connection a command is only noted and answered
 * NULL by the loop, so the callers have one path for errors. The ring has a fixed size: ask
 * conn_room before a batch.
 */
#ifndef MZ_DB_CONN_H
#define MZ_DB_CONN_H

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "db/bind.h"

struct conn;

/* Statements of the set, and behind them those of the pool itself. */
enum { CONN_STATEMENTS = DB_MAX_STATEMENTS + 64 };

enum conn_state {
	CONN_DOWN, /* closed; waits for its delay when wanted */
	CONN_CONNECTING,
	CONN_UP,
	CONN_BROKEN, /* noticed, not yet cleaned up */
};

/* Owns the result. */
typedef void conn_answered_fn(void *owner, unsigned tag, PGresult *result);

struct conn_command {
	conn_answered_fn *answered;
	void *owner;
	unsigned tag;
	int16_t prepares; /* index of the statement this command prepares, or -1 */
	bool is_sync;
};

struct conn_hooks {
	void (*up)(struct conn *conn);
	/* All commands have been answered; it is CONN_DOWN. text: why; was_up: it had been in use.
	 */
	void (*down)(struct conn *conn, const char *text, bool was_up);
	/* Results have been worked off. */
	void (*idle)(struct conn *conn);
};

struct conn {
	struct list link; /* the list is the owner's business */
	enum conn_state state;
	bool retiring; /* takes nothing new, and is closed when nothing is under way */
	bool reading;  /* results are being handed out */
	PGconn *pg;
	struct event *readable, *writable, *timer;
	struct event_base *base;
	const struct conn_hooks *hooks;
	void *owner;  /* of the hooks */
	void *lessee; /* who has leased it */
	struct conn_command *ring;
	unsigned head, n_commands, capacity;
	uint64_t prepared[CONN_STATEMENTS / 64]; /* bits by statement index */
	unsigned failures;                       /* in a row, for the delay */
	int64_t used_at_us;
};

/* capacity: of the ring. 0 or -ENOMEM. */
int conn_init(struct conn *conn, struct event_base *base, const struct conn_hooks *hooks,
	      void *owner, unsigned capacity);
/* Closes without any hook or answer, and frees what conn_init made. */
void conn_destroy(struct conn *conn);

/* Starts connecting, now or after the delay that its failures ask for. Only when CONN_DOWN. */
void conn_start(struct conn *conn, const char *conninfo, const char *options,
		const char *application_name);
void conn_delay(struct conn *conn, void (*then)(evutil_socket_t fd, short what, void *conn));
/* Ends such a delay; nothing when the connection is not down. */
void conn_hurry(struct conn *conn, void (*then)(evutil_socket_t fd, short what, void *conn));
/* Closes an idle connection; no hook. */
void conn_close(struct conn *conn);

/* How many commands may still be sent before an answer comes. */
unsigned conn_room(const struct conn *conn);

/* Prepares a statement that this connection has not prepared yet, before a Sync of its own: so call
 * it outside of a batch. */
void conn_prepare(struct conn *conn, const struct db_stmt *stmt);
bool conn_has_prepared(const struct conn *conn, const struct db_stmt *stmt);
/* Executes a statement; one without a name is sent as text. */
void conn_execute(struct conn *conn, const struct db_query *query, conn_answered_fn *answered,
		  void *owner, unsigned tag);
void conn_sync(struct conn *conn, conn_answered_fn *answered, void *owner, unsigned tag);
/* For commands that were sent by the caller itself; ok tells whether that worked. */
void conn_sent(struct conn *conn, bool ok, conn_answered_fn *answered, void *owner, unsigned tag);

/* Takes note of errors that say that a plan or the whole session can be used no more. stmt is NULL
 * when whoever asked has gone. */
void conn_check_session(struct conn *conn, const PGresult *result, const struct db_stmt *stmt);

/* Fills an error from a result; texts point into it. NULL: the connection was lost. */
struct db_error conn_error(const PGresult *result, const struct db_stmt *stmt);

#endif
