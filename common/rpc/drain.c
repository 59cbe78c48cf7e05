/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of connections and servers without harm to calls (RPC-32).
 *
 * A connection retires in two steps, so that no call is lost which the peer had sent before it
 * could know: GOAWAY with the largest stream id and a PING; when the PING is answered (or a second
 * later) GOAWAY with the true last id. Running calls then have until grace_ms; after that they are
 * asked to end, and a second later the connection is closed whatever they do.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/server_impl.h"

static const int64_t STEP_US = CLOCK_US_PER_SECOND;

void
server_conn_retire(struct server_conn *conn, const char *why)
{
	int64_t now_us = server_now_us(conn->server);

	if (conn->close_at_us)
		return;
	conn->close_at_us = now_us + conn->server->limits.grace_ms * CLOCK_US_PER_MS + 1;
	conn->retire_why = why;
	conn->ping_sent_us = now_us;
	if (!h2_is_open(conn->h2)) {
		h2_close(conn->h2, why);
		return;
	}
	nghttp2_submit_shutdown_notice(conn->h2->session);
	nghttp2_submit_ping(conn->h2->session, NGHTTP2_FLAG_NONE, NULL);
	h2_wake(conn->h2);
}

void
server_conn_retire_step(struct server_conn *conn)
{
	nghttp2_session *session = conn->h2->session;

	if (conn->last_goaway_sent || !h2_is_open(conn->h2))
		return;
	conn->last_goaway_sent = true;
	nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
			      (const uint8_t *)conn->retire_why, strlen(conn->retire_why));
	h2_wake(conn->h2);
}

/* When grace is over: first asks, a second later ends. */
void
server_conn_retire_watch(struct server_conn *conn, int64_t now_us)
{
	if (!conn->last_goaway_sent && now_us > conn->ping_sent_us + STEP_US)
		server_conn_retire_step(conn);
	if (now_us > conn->close_at_us && !conn->told_to_end) {
		conn->told_to_end = true;
		server_count(conn->server, RPC_COUNT_grace_over);
		LIST_FOREACH (member, &conn->calls)
			call_abort(LIST_ENTRY(member, struct rpc_call, link), RPC_UNAVAILABLE,
				   "the server is shutting down: grace_ms");
		h2_wake(conn->h2);
	} else if (now_us > conn->close_at_us + STEP_US) {
		h2_fail(conn->h2, NGHTTP2_NO_ERROR, "grace_ms is over");
	}
}

void
server_drain_check(struct rpc_server *server)
{
	if (!server->draining || server->drained || server->n_conns > 0)
		return;
	/* Work without a connection does not keep a process alive for ever. */
	if (server->n_calls > 0 && server_now_us(server) <= server->drain_until_us)
		return;
	server->drained = true;
	event_active(&server->reap, EV_TIMEOUT, 0);
}

void
rpc_server_drain(struct rpc_server *server, void (*done)(void *data), void *data)
{
	if (server->draining)
		return;
	server->draining = true;
	server->drain_done = done;
	server->drain_data = data;
	server->drain_until_us =
	    server_now_us(server) + server->limits.grace_ms * CLOCK_US_PER_MS + 2 * STEP_US;
	if (server->health)
		server_health_drain(server->health);
	server_close_listeners(server);
	LIST_FOREACH (member, &server->conns)
		server_conn_retire(LIST_ENTRY(member, struct server_conn, link),
				   "the server is shutting down");
	server_drain_check(server);
}

bool
rpc_server_draining(const struct rpc_server *server)
{
	return server->draining;
}
