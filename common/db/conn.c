/* SPDX-License-Identifier: Apache-2.0 */
#include "db/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	CONNECT_TIMEOUT_MS = 10000,
	FIRST_DELAY_MS = 50,
	LAST_DELAY_MS = 5000,
	NOT_PREPARING = -1,
	WORD_BITS = 64,
};

static void pg_readable(evutil_socket_t fd, short what, void *data);
static void pg_writable(evutil_socket_t fd, short what, void *data);
static void connecting(evutil_socket_t fd, short what, void *data);
static void recover(evutil_socket_t fd, short what, void *data);

int
conn_init(struct conn *conn, struct event_base *base, const struct conn_hooks *hooks, void *owner,
	  unsigned capacity)
{
	*conn = (struct conn){.base = base, .hooks = hooks, .owner = owner};
	list_init(&conn->link);
	conn->ring = calloc(capacity, sizeof *conn->ring);
	conn->capacity = capacity;
	return conn->ring ? 0 : -ENOMEM;
}

static void
drop_events(struct conn *conn)
{
	struct event **events[] = {&conn->readable, &conn->writable, &conn->timer};

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		if (*events[i])
			event_free(*events[i]);
		*events[i] = NULL;
	}
}

void
conn_close(struct conn *conn)
{
	drop_events(conn);
	if (conn->pg)
		PQfinish(conn->pg);
	conn->pg = NULL;
	conn->state = CONN_DOWN;
	conn->retiring = false;
	memset(conn->prepared, 0, sizeof(conn->prepared));
}

void
conn_destroy(struct conn *conn)
{
	conn->n_commands = 0;
	conn_close(conn);
	free(conn->ring);
}

/* -- breaking -------------------------------------------------------------------------------------
 */

static void
set_timer(struct conn *conn, event_callback_fn fn, int64_t ms)
{
	struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	if (conn->timer)
		event_free(conn->timer);
	conn->timer = event_new(conn->base, -1, 0, fn, conn);
	if (conn->timer)
		event_add(conn->timer, &delay);
}

void
conn_delay(struct conn *conn, void (*then)(evutil_socket_t fd, short what, void *conn))
{
	int64_t ms = FIRST_DELAY_MS;

	for (unsigned i = 1; i < conn->failures && ms < LAST_DELAY_MS; i++)
		ms *= 2;
	/* A part of the delay is chance, so that processes do not knock all at once. */
	ms = ms / 2 + arc4random_uniform((uint32_t)ms / 2);
	set_timer(conn, then, conn->failures ? ms : 0);
}

void
conn_hurry(struct conn *conn, void (*then)(evutil_socket_t fd, short what, void *conn))
{
	if (conn->state != CONN_DOWN)
		return;
	conn->failures = 0;
	conn_delay(conn, then);
}

/* The loop cleans up later, so that no answer is given inside a function that sends. */
static void
break_down(struct conn *conn)
{
	if (conn->state == CONN_BROKEN)
		return;
	conn->state = CONN_BROKEN;
	set_timer(conn, recover, 0);
}

static struct conn_command
take_command(struct conn *conn)
{
	struct conn_command command = conn->ring[conn->head];

	conn->head = (conn->head + 1) % conn->capacity;
	conn->n_commands--;
	return command;
}

static void
give_up(struct conn *conn, bool was_up)
{
	char text[256];

	snprintf(text, sizeof text, "%s", conn->pg ? PQerrorMessage(conn->pg) : "内存不足");
	text[strcspn(text, "\n")] = '\0';
	conn->failures++;
	while (conn->n_commands) {
		struct conn_command command = take_command(conn);

		if (command.answered)
			command.answered(command.owner, command.tag, NULL);
	}
	conn_close(conn);
	conn->hooks->down(conn, text, was_up);
}

static void
recover(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	give_up(data, true);
}

/* -- connecting -----------------------------------------------------------------------------------
 */

static void
connect_timed_out(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	give_up(data, false);
}

/* Waits for the socket as PQconnectPoll asks; it may be another socket each time. */
static bool
wait_for(struct conn *conn, short what)
{
	if (conn->readable)
		event_free(conn->readable);
	conn->readable = event_new(conn->base, PQsocket(conn->pg), what, connecting, conn);
	return conn->readable && event_add(conn->readable, NULL) == 0;
}

static bool
watch(struct conn *conn)
{
	int fd = PQsocket(conn->pg);

	drop_events(conn);
	conn->readable = event_new(conn->base, fd, EV_READ | EV_PERSIST, pg_readable, conn);
	conn->writable = event_new(conn->base, fd, EV_WRITE, pg_writable, conn);
	return conn->readable && conn->writable && event_add(conn->readable, NULL) == 0;
}

static void
connected(struct conn *conn)
{
	if (PQsetnonblocking(conn->pg, 1) != 0 || PQenterPipelineMode(conn->pg) != 1 ||
	    !watch(conn)) {
		give_up(conn, false);
		return;
	}
	conn->state = CONN_UP;
	conn->failures = 0;
	conn->used_at_us = clock_monotonic_us();
	conn->hooks->up(conn);
}

static void
connecting(evutil_socket_t fd, short what, void *data)
{
	struct conn *conn = data;
	bool waits = true;

	(void)fd;
	(void)what;
	switch (PQconnectPoll(conn->pg)) {
	case PGRES_POLLING_READING:
		waits = wait_for(conn, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		waits = wait_for(conn, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		connected(conn);
		return;
	default:
		waits = false;
	}
	if (!waits)
		give_up(conn, false);
}

static void
quiet_notice(void *data, const PGresult *result)
{
	(void)data;
	(void)result;
}

void
conn_start(struct conn *conn, const char *conninfo, const char *options,
	   const char *application_name)
{
	const char *const names[] = {"dbname", "options", "application_name", "client_encoding",
				     NULL};
	const char *const values[] = {conninfo, options, application_name, "UTF8", NULL};

	drop_events(conn);
	conn->state = CONN_CONNECTING;
	conn->pg = PQconnectStartParams(names, values, 1);
	if (!conn->pg || PQstatus(conn->pg) == CONNECTION_BAD || !wait_for(conn, EV_WRITE)) {
		/* As for every other failure, the answer comes from the loop. */
		set_timer(conn, connect_timed_out, 0);
		return;
	}
	PQsetNoticeReceiver(conn->pg, quiet_notice, NULL);
	set_timer(conn, connect_timed_out, CONNECT_TIMEOUT_MS);
}

/* -- sending --------------------------------------------------------------------------------------
 */

unsigned
conn_room(const struct conn *conn)
{
	return conn->capacity - conn->n_commands;
}

static void
note_command(struct conn *conn, struct conn_command command)
{
	assert(conn_room(conn) > 0);
	conn->ring[(conn->head + conn->n_commands) % conn->capacity] = command;
	conn->n_commands++;
}

void
conn_sent(struct conn *conn, bool ok, conn_answered_fn *answered, void *owner, unsigned tag)
{
	note_command(conn, (struct conn_command){answered, owner, tag, NOT_PREPARING, false});
	if (!ok)
		break_down(conn);
}

bool
conn_has_prepared(const struct conn *conn, const struct db_stmt *stmt)
{
	return !stmt->name ||
	       (conn->prepared[stmt->index / WORD_BITS] >> (stmt->index % WORD_BITS) & 1);
}

static void
set_prepared(struct conn *conn, unsigned index, bool prepared)
{
	uint64_t bit = (uint64_t)1 << (index % WORD_BITS);

	if (prepared)
		conn->prepared[index / WORD_BITS] |= bit;
	else
		conn->prepared[index / WORD_BITS] &= ~bit;
}

void
conn_prepare(struct conn *conn, const struct db_stmt *stmt)
{
	bool ok;

	if (conn_has_prepared(conn, stmt) || conn->state != CONN_UP)
		return;
	set_prepared(conn, stmt->index, true);
	ok = PQsendPrepare(conn->pg, stmt->name, stmt->sql, 0, NULL);
	note_command(conn, (struct conn_command){NULL, NULL, 0, (int16_t)stmt->index, false});
	if (!ok)
		break_down(conn);
	conn_sync(conn, NULL, NULL, 0);
}

static int
send_query(struct conn *conn, const struct db_query *query)
{
	static const int binary[DB_MAX_PARAMS] = {[0 ... DB_MAX_PARAMS - 1] = 1};
	const struct db_stmt *stmt = query->stmt;
	Oid types[DB_MAX_PARAMS];

	if (stmt->name)
		return PQsendQueryPrepared(conn->pg, stmt->name, stmt->n_params, query->values,
					   query->lengths, binary, 1);
	for (size_t i = 0; i < stmt->n_params; i++)
		types[i] = stmt->params[i].oid;
	return PQsendQueryParams(conn->pg, stmt->sql, stmt->n_params, types, query->values,
				 query->lengths, binary, 1);
}

void
conn_execute(struct conn *conn, const struct db_query *query, conn_answered_fn *answered,
	     void *owner, unsigned tag)
{
	conn_sent(conn, conn->state == CONN_UP && send_query(conn, query), answered, owner, tag);
}

static void
flush(struct conn *conn)
{
	int r = PQflush(conn->pg);

	if (r < 0 || (r > 0 && event_add(conn->writable, NULL) != 0))
		break_down(conn);
}

void
conn_sync(struct conn *conn, conn_answered_fn *answered, void *owner, unsigned tag)
{
	/* libpq 15 flushes by itself here; what the socket does not take is flushed when it does.
	 */
	bool ok = conn->state == CONN_UP && PQpipelineSync(conn->pg);

	note_command(conn, (struct conn_command){answered, owner, tag, NOT_PREPARING, true});
	if (ok)
		flush(conn);
	else
		break_down(conn);
}

static void
pg_writable(evutil_socket_t fd, short what, void *data)
{
	struct conn *conn = data;

	(void)fd;
	(void)what;
	if (conn->state == CONN_UP)
		flush(conn);
}

/* -- receiving ------------------------------------------------------------------------------------
 */

/* Before a Sync's own answer an error may come that only its commit found. */
static void
answer_sync(struct conn *conn, PGresult *result)
{
	struct conn_command command = conn->ring[conn->head];

	if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		take_command(conn);
	if (command.answered)
		command.answered(command.owner, command.tag, result);
	else
		PQclear(result);
}

static void
answer(struct conn *conn, PGresult *result)
{
	struct conn_command command = take_command(conn);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_PIPELINE_SYNC)
		break_down(conn); /* out of step: no answer can be trusted */
	if (command.prepares != NOT_PREPARING && status != PGRES_COMMAND_OK)
		set_prepared(conn, (unsigned)command.prepares, false);
	if (command.answered)
		command.answered(command.owner, command.tag, result);
	else
		PQclear(result);
}

/*
 * Hands out what has arrived. libpq ends the result of each command but Sync with a NULL; what is
 * asked for next belongs to the next command.
 */
static void
hand_out(struct conn *conn)
{
	conn->reading = true;
	while (conn->state == CONN_UP && conn->n_commands && !PQisBusy(conn->pg)) {
		PGresult *result = PQgetResult(conn->pg);

		if (result && conn->ring[conn->head].is_sync)
			answer_sync(conn, result);
		else if (result)
			answer(conn, result);
		else if (PQstatus(conn->pg) == CONNECTION_BAD)
			break_down(conn);
	}
	conn->reading = false;
}

static void
pg_readable(evutil_socket_t fd, short what, void *data)
{
	struct conn *conn = data;

	(void)fd;
	(void)what;
	if (conn->state != CONN_UP)
		return;
	if (!PQconsumeInput(conn->pg)) {
		/* Answers that came before the end still count. */
		hand_out(conn);
		break_down(conn);
		return;
	}
	hand_out(conn);
	if (conn->state == CONN_UP)
		conn->hooks->idle(conn);
}

/* -- errors ---------------------------------------------------------------------------------------
 */

void
conn_check_session(struct conn *conn, const PGresult *result, const struct db_stmt *stmt)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (!code)
		return;
	/* invalid_sql_statement_name: its Prepare was skipped or failed. */
	if (strcmp(code, "26000") == 0 && stmt && stmt->name)
		set_prepared(conn, stmt->index, false);
	/* feature_not_supported: "cached plan must not change result type" after a migration; or
	 * the server ends the session, which the socket will only tell later. */
	if (strcmp(code, "0A000") == 0 || db_outcome_of(code, NULL) == DB_UNAVAILABLE)
		conn->retiring = true;
}

struct db_error
conn_error(const PGresult *result, const struct db_stmt *stmt)
{
	struct db_error error = {
	    .outcome = DB_UNAVAILABLE,
	    .label = stmt ? stmt->label : NULL,
	    .text = db_outcome_text(DB_UNAVAILABLE),
	};
	const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	if (text)
		error.text = text;
	if (code) {
		snprintf(error.sqlstate, sizeof error.sqlstate, "%s", code);
		error.outcome = db_outcome_of(code, text);
		error.constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	}
	return error;
}
