/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What watches over a server's peers: floods as they happen, times once a second (rpc.md's section
 * on hostile peers; RPC-29 … RPC-32).
 *
 * A flood ends with GOAWAY ENHANCE_YOUR_CALM that names the limit, and every refusal is counted.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/block.h"
#include "base/clock.h"
#include "rpc/server_impl.h"

enum {
	JITTER_PERCENT = 10,
	/*
	 * A few kB of a peer's may be a MB for us, and some ms of work: its connection rests about
	 * as long, and ten times that when it was for nothing.
	 */
	HONEST_GROWTH = 8,
	LARGE_MESSAGE = 1 << 20,
	WORK_PER_US = 128,
	WASTE_PER_US = 16,
	WASTE_PER_RESET = 64 << 10,
	SHORTEST_REST_US = 1000,
};

void
server_conn_fail(struct server_conn *conn, uint32_t h2_error, enum rpc_counter counter,
		 const char *limit)
{
	if (!h2_is_open(conn->h2))
		return;
	conn->failed = true;
	server_count(conn->server, counter);
	h2_fail(conn->h2, h2_error, limit);
}

/* More drops into a bucket that leaks `rate` drops a second; false when it runs over `burst`. */
static bool
pour(int64_t *until_us, int64_t n_drops, int64_t now_us, int64_t rate, int64_t burst)
{
	int64_t drop_us;

	if (rate <= 0)
		return true;
	drop_us = CLOCK_US_PER_SECOND / rate;
	if (*until_us < now_us)
		*until_us = now_us;
	*until_us += n_drops * drop_us;
	return *until_us - now_us <= burst * drop_us;
}

static void
pour_resets(struct server_conn *conn, int64_t n_drops)
{
	const struct rpc_limits *limits = &conn->server->limits;

	if (!pour(&conn->resets_until_us, n_drops, server_now_us(conn->server), limits->reset_rate,
		  limits->reset_burst))
		server_conn_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, RPC_COUNT_reset_floods,
				 "too many streams reset: reset_burst, reset_rate");
}

void
server_watch_reset(struct server_conn *conn)
{
	pour_resets(conn, 1);
}

void
server_watch_work(struct server_conn *conn, size_t n_bytes, size_t became)
{
	if (became / HONEST_GROWTH > n_bytes)
		conn->worked_bytes += became - n_bytes;
	if (became >= LARGE_MESSAGE)
		conn->server->trims_due = TRIMS;
}

void
server_watch_waste(struct server_conn *conn, size_t n_bytes)
{
	conn->wasted_bytes += n_bytes;
	pour_resets(conn, (int64_t)n_bytes / WASTE_PER_RESET);
}

int
server_watch_share(struct server_conn *conn)
{
	int64_t rest_us =
	    (int64_t)conn->worked_bytes / WORK_PER_US + (int64_t)conn->wasted_bytes / WASTE_PER_US;

	if (rest_us < SHORTEST_REST_US)
		return 0;
	conn->worked_bytes = conn->wasted_bytes = 0;
	return h2_pause(conn->h2, rest_us);
}

void
server_watch_idle_frame(struct server_conn *conn)
{
	int64_t rate = conn->server->limits.idle_frames_rate;

	if (!pour(&conn->idle_frames_until_us, 1, server_now_us(conn->server), rate, rate))
		server_conn_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, RPC_COUNT_idle_frame_floods,
				 "too many frames without progress: idle_frames_rate");
}

/* Honest peers open windows and acknowledge as often as data flows. */
void
server_watch_progress(struct server_conn *conn)
{
	int64_t rate = conn->server->limits.idle_frames_rate;

	if (rate > 0 && conn->idle_frames_until_us > server_now_us(conn->server))
		conn->idle_frames_until_us -= 2 * (CLOCK_US_PER_SECOND / rate);
}

void
server_watch_ping(struct server_conn *conn)
{
	const struct rpc_limits *limits = &conn->server->limits;
	int64_t now_us = server_now_us(conn->server);
	int64_t least_us = limits->ping_interval_ms * CLOCK_US_PER_MS;

	server_watch_idle_frame(conn);
	if (least_us == 0)
		return;
	if (conn->last_ping_us && (conn->n_calls == 0 || now_us - conn->last_ping_us < least_us))
		conn->ping_strikes++;
	conn->last_ping_us = now_us;
	/* The text is what gRPC clients look for (A8). */
	if (conn->ping_strikes > limits->ping_strikes)
		server_conn_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, RPC_COUNT_ping_floods,
				 "too_many_pings");
}

void
server_watch_pong(struct server_conn *conn)
{
	server_watch_idle_frame(conn);
	conn->ping_sent_us = 0;
	if (conn->close_at_us)
		server_conn_retire_step(conn);
}

void
server_watch_begin(struct server_conn *conn)
{
	int64_t age_us = conn->server->limits.max_age_ms * CLOCK_US_PER_MS;
	int64_t jitter_us = age_us / 100 * JITTER_PERCENT;

	if (age_us)
		conn->retire_at_us = server_now_us(conn->server) + age_us - jitter_us +
				     (int64_t)(drand48() * 2 * (double)jitter_us);
}

static bool
is_past(int64_t since_us, int64_t limit_ms, int64_t now_us)
{
	return since_us && limit_ms && now_us - since_us > limit_ms * CLOCK_US_PER_MS;
}

/* Preface and SETTINGS, TLS, a header block; and writes the peer does not take. */
static void
watch_setup(struct server_conn *conn, int64_t now_us)
{
	const struct rpc_limits *limits = &conn->server->limits;
	const struct h2_conn *h2 = conn->h2;

	if (!h2->session && is_past(h2->opened_at_us, limits->setup_ms, now_us)) {
		server_count(conn->server, RPC_COUNT_setup_timeouts);
		h2_close(conn->h2, "TLS handshake: setup_ms is over");
	} else if (is_past(conn->settings_sent_us, limits->setup_ms, now_us)) {
		server_conn_fail(conn, NGHTTP2_SETTINGS_TIMEOUT, RPC_COUNT_setup_timeouts,
				 "no preface, or no SETTINGS ACK: setup_ms");
	} else if (is_past(conn->headers_began_us, limits->setup_ms, now_us)) {
		server_conn_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, RPC_COUNT_setup_timeouts,
				 "a header block that does not end: setup_ms");
	} else if (h2->waiting.length > 0 &&
		   is_past(h2->last_progress_us, limits->write_stall_ms, now_us)) {
		server_count(conn->server, RPC_COUNT_write_stalls);
		h2_close(conn->h2, "the peer takes nothing: write_stall_ms");
	}
}

static void
watch_life(struct server_conn *conn, int64_t now_us)
{
	struct rpc_server *server = conn->server;
	const struct rpc_limits *limits = &server->limits;

	if (is_past(conn->ping_sent_us, limits->keepalive_timeout_ms, now_us)) {
		server_count(server, RPC_COUNT_keepalive_failed);
		h2_close(conn->h2, "no answer to our PING: keepalive_timeout_ms");
	} else if (!conn->ping_sent_us &&
		   is_past(conn->h2->last_read_us, limits->keepalive_ms, now_us)) {
		conn->ping_sent_us = now_us;
		h2_submitted(conn->h2,
			     nghttp2_submit_ping(conn->h2->session, NGHTTP2_FLAG_NONE, NULL));
	}
	if (conn->close_at_us) {
		server_conn_retire_watch(conn, now_us);
	} else if (is_past(conn->idle_since_us, limits->max_idle_ms, now_us)) {
		server_count(server, RPC_COUNT_idle_closed);
		server_conn_retire(conn, "max_idle_ms");
	} else if (conn->retire_at_us && now_us > conn->retire_at_us) {
		server_count(server, RPC_COUNT_aged);
		server_conn_retire(conn, "max_age_ms");
	}
}

static bool
is_slow(const struct rpc_call *call, int64_t now_us)
{
	const struct rpc_limits *limits = &call->server->limits;
	int64_t received = (int64_t)(call->reader.body.length + call->body.length);

	if (!is_past(call->message_began_us, limits->slow_message_ms, now_us) || received == 0)
		return false;
	return received <
	       (now_us - call->message_began_us) / CLOCK_US_PER_SECOND * limits->min_message_rate;
}

static void
watch_call(struct rpc_call *call, int64_t now_us)
{
	struct rpc_server *server = call->server;
	const struct rpc_limits *limits = &server->limits;

	if (call->stream_closed || !call->headers_done)
		return;
	if (call->out.length > 0 && is_past(call->progress_us, limits->stream_stall_ms, now_us)) {
		server_count(server, RPC_COUNT_write_stalls);
		call_reset(call, NGHTTP2_CANCEL, RPC_CANCELLED);
	} else if (call->answered || call->busy) {
		return;
	} else if (is_slow(call, now_us)) {
		server_count(server, RPC_COUNT_slow_messages);
		call_abort(call, RPC_DEADLINE_EXCEEDED,
			   "the message comes too slowly: min_message_rate");
	} else if (call->info.bytes_in == 0 && !call->request_ended &&
		   is_past(call->message_began_us, limits->silent_stream_ms, now_us)) {
		server_count(server, RPC_COUNT_silent_streams);
		call_abort(call, RPC_DEADLINE_EXCEEDED, "no message came: silent_stream_ms");
	}
}

/* What was needed a moment ago, but is no longer. */
static void
trim(struct rpc_server *server)
{
	block_trim();
	if (server->trims_due == 0)
		return;
	server->trims_due--;
	for (size_t i = 0; i < sizeof server->scratch / sizeof *server->scratch; i++)
		buf_free(&server->scratch[i]);
	malloc_trim(0);
}

void
server_on_tick(evutil_socket_t fd, short what, void *data)
{
	struct rpc_server *server = data;
	int64_t now_us = server_now_us(server);

	(void)fd;
	(void)what;
	LIST_FOREACH (member, &server->conns) {
		struct server_conn *conn = LIST_ENTRY(member, struct server_conn, link);

		watch_setup(conn, now_us);
		if (!h2_is_open(conn->h2))
			continue;
		watch_life(conn, now_us);
		LIST_FOREACH (call, &conn->calls)
			watch_call(LIST_ENTRY(call, struct rpc_call, link), now_us);
	}
	server_resume_listeners(server);
	trim(server);
	server_drain_check(server);
}
