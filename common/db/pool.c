/* SPDX-License-Identifier: Apache-2.0 */
#include "db/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "db/state.h"

enum {
	TICK_WAITING_MS = 50,
	TICK_BROKEN_MS = 1000, /* statements are waited for */
	TICK_IDLE_MS = 10000,
	LEASED_IDLE_US = 60000000, /* a leased connection that nobody needed so long is closed */
	/* BEGIN, timeout, COMMIT, Sync and all queries, all to be prepared with a Sync each;
	   ROLLBACK. */
	LEASED_RING = 3 * DB_MAX_QUERIES + 16,
	OPTIONS_MAX = 4096,
	LOG_MAX = 512,
};

void
pool_log(struct db_pool *pool, bool is_error, const char *format, ...)
{
	char text[LOG_MAX];
	va_list args;

	if (!pool->options.log)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	pool->options.log(pool->options.data, is_error, text);
}

/* -- turns and ticks ------------------------------------------------------------------------------
 */

void
pool_wake(struct db_pool *pool)
{
	if (pool->turn_is_due)
		return;
	/* An active event goes to the end of the loop's queue: behind all that this turn still has.
	 */
	pool->turn_is_due = true;
	event_active(pool->turn, EV_TIMEOUT, 0);
}

static void
turn(evutil_socket_t fd, short what, void *data)
{
	struct db_pool *pool = data;

	(void)fd;
	(void)what;
	pool->turn_is_due = false;
	txn_deliver_lost(pool);
	read_send(pool);
	txn_serve(pool);
}

static void
set_tick(struct db_pool *pool, bool fast)
{
	int ms = fast ? TICK_WAITING_MS : pool->n_broken ? TICK_BROKEN_MS : TICK_IDLE_MS;
	struct timeval delay = {ms / 1000, ms % 1000 * 1000L};

	pool->tick_is_fast = fast;
	event_add(pool->tick, &delay);
}

void
pool_watch_deadlines(struct db_pool *pool)
{
	if (!pool->tick_is_fast)
		set_tick(pool, true);
}

bool
pool_is_out(const struct db_pool *pool)
{
	return pool->outage_since_us &&
	       clock_monotonic_us() - pool->outage_since_us > OUTAGE_GRACE_US;
}

/* The one used last stays; it stands at the end. */
static void
close_old_connections(struct db_pool *pool, int64_t now_us)
{
	LIST_FOREACH (member, &pool->leased_idle) {
		struct conn *conn = LIST_ENTRY(member, struct conn, link);

		if (member == pool->leased_idle.prev || now_us - conn->used_at_us < LEASED_IDLE_US)
			return;
		conn_close(conn);
		list_move(&pool->leased_down, member);
	}
}

static void describe_broken_again(struct db_pool *pool);

static void
tick(evutil_socket_t fd, short what, void *data)
{
	struct db_pool *pool = data;
	int64_t now_us = clock_monotonic_us();

	(void)fd;
	(void)what;
	pool->tick_is_fast = false;
	read_expire(pool, now_us);
	txn_expire(pool, now_us);
	if (pool_is_out(pool)) {
		read_give_up(pool);
		txn_give_up(pool);
	}
	close_old_connections(pool, now_us);
	describe_broken_again(pool);
	set_tick(pool, pool->n_reads || pool->n_solo || pool->n_waiting);
}

/* -- connections ----------------------------------------------------------------------------------
 */

static bool
any_shared_up(const struct db_pool *pool)
{
	for (unsigned i = 0; i < pool->options.shared_connections; i++) {
		if (pool->shared[i].state == CONN_UP)
			return true;
	}
	return false;
}

void
pool_update_ready(struct db_pool *pool)
{
	bool is_ready = describe_is_done(pool) && any_shared_up(pool);

	if (is_ready)
		pool_wake(pool);
	if (is_ready && pool->n_broken && !pool->tick_is_fast)
		set_tick(pool, false);
	if (is_ready == pool->is_ready)
		return;
	pool->is_ready = is_ready;
	if (pool->options.state_changed)
		pool->options.state_changed(pool->options.data, is_ready);
}

static void start_shared(evutil_socket_t fd, short what, void *data);
static void start_leased(evutil_socket_t fd, short what, void *data);

/* The database is back: whoever waits out a delay of the outage need not. */
static void
note_up(struct db_pool *pool)
{
	pool->counters->connects++;
	if (!pool->outage_since_us)
		return;
	pool->outage_since_us = 0;
	pool_log(pool, false, "数据库已重新连接");
	for (unsigned i = 0; i < pool->options.shared_connections; i++)
		conn_hurry(&pool->shared[i], start_shared);
	LIST_FOREACH (member, &pool->leased_connecting)
		conn_hurry(LIST_ENTRY(member, struct conn, link), start_leased);
}

static void
note_down(struct db_pool *pool, const char *text, bool was_up)
{
	if (was_up)
		pool->counters->connections_lost++;
	else
		pool->counters->connect_failures++;
	if (was_up || !pool->outage_since_us)
		pool_log(pool, true, "%s：%s", was_up ? "数据库连接断开" : "不能连接数据库", text);
	if (!any_shared_up(pool) && !pool->outage_since_us) {
		pool->outage_since_us = clock_monotonic_us();
		pool_watch_deadlines(pool);
	}
}

static void
start_shared(evutil_socket_t fd, short what, void *data)
{
	struct conn *conn = data;
	struct db_pool *pool = conn->owner;

	(void)fd;
	(void)what;
	conn_start(conn, pool->conninfo, pool->shared_options, pool->application_name);
}

static void
describe_with(struct db_pool *pool, struct conn *conn)
{
	if (pool->describer || describe_is_done(pool))
		return;
	pool->describer = conn;
	describe_go_on(pool, conn);
}

static void
describe_with_any(struct db_pool *pool)
{
	for (unsigned i = 0; i < pool->options.shared_connections; i++) {
		if (pool->shared[i].state == CONN_UP)
			describe_with(pool, &pool->shared[i]);
	}
}

/* What was refused before may be there by now. */
static void
describe_broken_again(struct db_pool *pool)
{
	if (!pool->n_broken || !describe_is_done(pool))
		return;
	pool->n_broken = 0;
	pool->n_described = 0;
	describe_with_any(pool);
}

static void
shared_up(struct conn *conn)
{
	struct db_pool *pool = conn->owner;

	note_up(pool);
	describe_with(pool, conn);
	pool_update_ready(pool);
}

static void
shared_down(struct conn *conn, const char *text, bool was_up)
{
	struct db_pool *pool = conn->owner;

	note_down(pool, text, was_up);
	if (pool->describer == conn)
		pool->describer = NULL;
	describe_with_any(pool);
	pool_update_ready(pool);
	conn_delay(conn, start_shared);
}

static void
shared_idle(struct conn *conn)
{
	struct db_pool *pool = conn->owner;

	if (conn->retiring && !conn->n_commands) {
		conn_close(conn);
		conn_delay(conn, start_shared);
	}
	if (pool->n_reads || pool->n_solo)
		pool_wake(pool);
}

static void
start_leased(evutil_socket_t fd, short what, void *data)
{
	struct conn *conn = data;
	struct db_pool *pool = conn->owner;

	(void)fd;
	(void)what;
	conn_start(conn, pool->conninfo, pool->leased_options, pool->application_name);
}

void
pool_connect_leased(struct db_pool *pool)
{
	while (pool->n_connecting < pool->n_waiting && !list_is_empty(&pool->leased_down)) {
		struct conn *conn = LIST_FIRST(&pool->leased_down, struct conn, link);

		list_move(&pool->leased_connecting, &conn->link);
		pool->n_connecting++;
		conn_delay(conn, start_leased);
	}
}

static void
leased_up(struct conn *conn)
{
	struct db_pool *pool = conn->owner;

	note_up(pool);
	pool->n_connecting--;
	list_move(&pool->leased_idle, &conn->link);
	pool_wake(pool);
}

static void
leased_down(struct conn *conn, const char *text, bool was_up)
{
	struct db_pool *pool = conn->owner;

	note_down(pool, text, was_up);
	if (!was_up)
		pool->n_connecting--;
	txn_connection_lost(conn);
	list_move(&pool->leased_down, &conn->link);
	pool_wake(pool);
}

static void
leased_worked(struct conn *conn)
{
	(void)conn;
}

static const struct conn_hooks shared_hooks = {shared_up, shared_down, shared_idle};
static const struct conn_hooks leased_hooks = {leased_up, leased_down, leased_worked};

/* -- making and ending ----------------------------------------------------------------------------
 */

static unsigned
or_default(unsigned value, unsigned otherwise)
{
	return value ? value : otherwise;
}

static void
set_defaults(struct db_pool_options *o)
{
	if (!o->application_name)
		o->application_name = "minzheng";
	o->shared_connections = or_default(o->shared_connections, 2);
	o->leased_connections = or_default(o->leased_connections, 4);
	o->max_in_flight = or_default(o->max_in_flight, 256);
	o->max_queued_reads = or_default(o->max_queued_reads, 4096);
	o->max_waiting = or_default(o->max_waiting, 1024);
	o->read_timeout_ms = or_default(o->read_timeout_ms, 5000);
	o->write_timeout_ms = or_default(o->write_timeout_ms, 30000);
	o->idle_txn_timeout_ms = or_default(o->idle_txn_timeout_ms, 30000);
}

/* Session settings as a startup option; spaces inside a value need a backslash. */
static char *
session_options(const struct db_pool_options *o, bool shared)
{
	struct buf buf;

	buf_init(&buf, NULL, OPTIONS_MAX);
	buf_printf(&buf, "-c jit=off -c TimeZone=Asia/Shanghai -c DateStyle=ISO");
	buf_printf(&buf, " -c statement_timeout=%u",
		   shared ? o->read_timeout_ms : o->write_timeout_ms);
	buf_printf(&buf, " -c idle_in_transaction_session_timeout=%u", o->idle_txn_timeout_ms);
	buf_puts(&buf, shared ? " -c default_transaction_read_only=on" : "");
	if (o->search_path) {
		buf_puts(&buf, " -c search_path=");
		for (const char *c = o->search_path; *c; c++)
			buf_printf(&buf, *c == ' ' || *c == '\\' ? "\\%c" : "%c", *c);
	}
	if (!buf_text(&buf))
		buf_free(&buf);
	return buf.data;
}

static bool
make_connections(struct db_pool *pool)
{
	struct db_pool_options *o = &pool->options;
	/* One read more than the limit may be under way, and one piece of descriptions. */
	unsigned shared_ring = o->max_in_flight + 4 * DB_MAX_QUERIES + 1;

	pool->shared = calloc(o->shared_connections, sizeof *pool->shared);
	pool->leased = calloc(o->leased_connections, sizeof *pool->leased);
	if (!pool->shared || !pool->leased)
		return false;
	for (unsigned i = 0; i < o->shared_connections; i++) {
		struct conn *conn = &pool->shared[i];

		if (conn_init(conn, pool->base, &shared_hooks, pool, shared_ring) != 0)
			return false;
		conn_delay(conn, start_shared);
	}
	for (unsigned i = 0; i < o->leased_connections; i++) {
		struct conn *conn = &pool->leased[i];

		if (conn_init(conn, pool->base, &leased_hooks, pool, LEASED_RING) != 0)
			return false;
		list_append(&pool->leased_down, &conn->link);
	}
	return true;
}

static void
init_lists(struct db_pool *pool)
{
	struct list *lists[] = {
	    &pool->leased_idle, &pool->leased_busy, &pool->leased_connecting, &pool->leased_down,
	    &pool->reads,       &pool->solo_reads,  &pool->sent_reads,        &pool->waiting,
	    &pool->running,     &pool->lost,        &pool->free_reads,        &pool->free_txns,
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		list_init(lists[i]);
}

struct db_pool *
db_pool_new(struct event_base *base, struct db_stmts *stmts, const struct db_pool_options *options)
{
	struct db_pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		return NULL;
	init_lists(pool);
	pool->base = base;
	pool->stmts = stmts;
	pool->options = *options;
	set_defaults(&pool->options);
	pool->counters = options->counters ? options->counters : &pool->own_counters;
	pool->conninfo = strdup(options->conninfo);
	pool->application_name = strdup(pool->options.application_name);
	pool->shared_options = session_options(&pool->options, true);
	pool->leased_options = session_options(&pool->options, false);
	pool->turn = event_new(base, -1, 0, turn, pool);
	pool->tick = event_new(base, -1, 0, tick, pool);
	if (!pool->conninfo || !pool->application_name || !pool->shared_options ||
	    !pool->leased_options || !pool->turn || !pool->tick || !make_connections(pool)) {
		db_pool_free(pool);
		return NULL;
	}
	set_tick(pool, false);
	return pool;
}

void
db_pool_free(struct db_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; pool->shared && i < pool->options.shared_connections; i++)
		conn_destroy(&pool->shared[i]);
	for (unsigned i = 0; pool->leased && i < pool->options.leased_connections; i++)
		conn_destroy(&pool->leased[i]);
	read_free_all(pool);
	txn_free_all(pool);
	if (pool->turn)
		event_free(pool->turn);
	if (pool->tick)
		event_free(pool->tick);
	free(pool->shared);
	free(pool->leased);
	free(pool->conninfo);
	free(pool->application_name);
	free(pool->shared_options);
	free(pool->leased_options);
	free(pool);
}

bool
db_pool_is_ready(const struct db_pool *pool)
{
	return pool->is_ready;
}

const struct db_counters *
db_pool_counters(const struct db_pool *pool)
{
	return pool->counters;
}

bool
pool_accepts(const struct db_pool *pool, const struct db_query *queries, size_t n_queries,
	     enum db_outcome *ret_outcome)
{
	*ret_outcome = DB_UNAVAILABLE;
	if (pool_is_out(pool))
		return false;
	*ret_outcome = DB_BROKEN;
	if (n_queries > DB_MAX_QUERIES)
		return false;
	for (size_t i = 0; i < n_queries; i++) {
		const struct db_stmt *stmt = queries[i].stmt;

		if (stmt->name && !stmt->described) {
			*ret_outcome = stmt->broken ? DB_BROKEN : DB_UNAVAILABLE;
			return false;
		}
	}
	return true;
}
