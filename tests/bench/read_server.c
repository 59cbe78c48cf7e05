/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read-server CONNINFO: peers/read.proto by common/rpc and common/db, without sessions, audit and
 * masking, for ./minzheng bench db; prints its port. One thread, like a worker of a service.
 */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>

#include "db/pool.h"
#include "read.pb-c.h"
#include "rpc/server.h"

enum { MAX_WAITING = 10000 };

static struct db_pool *pool;
static const struct db_stmt *by_key;

static void
on_row(void *data, const struct db_result *results, size_t n, const struct db_error *error)
{
	struct rpc_call *call = data;
	struct db_error why;
	Account account = ACCOUNT__INIT;

	(void)n;
	if (error || db_fill_row(&results[0], 0, NULL, rpc_call_arena(call), &account.base, &why)) {
		rpc_call_finish(call, RPC_UNAVAILABLE, "the database does not answer");
	} else if (account.aid == 0) {
		rpc_call_finish(call, RPC_NOT_FOUND, NULL);
	} else {
		rpc_call_send(call, &account.base);
		rpc_call_finish(call, RPC_OK, NULL);
	}
}

static void
on_get(struct rpc_call *call, ProtobufCMessage *message)
{
	const ProtobufCMessage *messages[] = {message};
	struct db_query *query = ARENA_NEW(rpc_call_arena(call), struct db_query);
	struct db_error error;

	if (!query ||
	    db_bind(by_key, messages, NULL, rpc_call_arena(call), query, &error) != DB_OK ||
	    !db_read_start(pool, query, 1, INT64_MAX, on_row, call, &error.outcome))
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no room");
}

static const struct rpc_handler get = {.message = on_get};
static const struct rpc_method methods[] = {{
    .path = "/bench.Read/Get",
    .request = &key__descriptor,
    .response = &account__descriptor,
    .handler = &get,
}};

int
main(int argc, char **argv)
{
	static const struct db_source source = {NULL, &key__descriptor};
	const struct db_stmt_def def = {
	    .label = "by key",
	    .sql = "SELECT aid, abalance, filler FROM pgbench_accounts WHERE aid = :aid",
	    .sources = &source,
	    .n_sources = 1,
	    .row = &account__descriptor,
	};
	struct db_stmts *stmts = db_stmts_new();
	struct db_pool_options options = {.conninfo = argv[1], .max_waiting = MAX_WAITING};
	struct event_base *base = event_base_new();
	struct rpc_server *server = rpc_server_new(base, &(struct rpc_server_options){0});
	struct db_fault fault;

	if (argc != 2)
		errx(2, "read-server CONNINFO");
	by_key = db_stmts_add(stmts, &def, &fault);
	pool = by_key ? db_pool_new(base, stmts, &options) : NULL;
	while (pool && !db_pool_is_ready(pool))
		event_base_loop(base, EVLOOP_ONCE);
	if (!pool || !server || rpc_server_add(server, methods, 1) != 0 ||
	    rpc_server_listen(server, "127.0.0.1:0") != 0)
		errx(1, "cannot start");
	printf("%d\n", rpc_server_port(server));
	fflush(stdout);
	return event_base_dispatch(base);
}
