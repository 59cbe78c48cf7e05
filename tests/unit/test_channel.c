/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/channel.h: connections that fail, go away and come back; tries (RPC-38, RPC-40 to RPC-42). */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_fixture.h"
#include "frozen_clock.h"
#include "rpc/channel_impl.h"

static const struct rpc_retry_policy policy = {
    .max_attempts = 3,
    .initial_backoff_us = 5000,
    .max_backoff_us = 10000,
    .multiplier_percent = 150,
    .codes = 1U << RPC_UNAVAILABLE,
};

static void
reply_at_once(struct fake_stream *stream, void *data)
{
	(void)data;
	fake_reply(stream, "m", 1);
}

static void
assert_counts(const struct fixture *f, enum rpc_channel_counter a, unsigned n_a,
	      enum rpc_channel_counter b, unsigned n_b)
{
	assert_int_equal(rpc_channel_count(f->channel, a), n_a);
	assert_int_equal(rpc_channel_count(f->channel, b), n_b);
}

/* --- GOAWAY and refusals --- */

static void
goaway_lets_running_calls_end(void **state)
{
	struct fixture *f = *state;
	struct outcome first, second;
	struct fake_stream *stream;

	send_unary(begin(f, &unary, &first), "x");
	stream = wait_request_end(f, 1);
	fake_goaway(stream->conn, stream->id, NGHTTP2_NO_ERROR, "max_age");
	settle(f);
	/* The next call goes elsewhere. */
	send_unary(begin(f, &unary, &second), "x");
	fake_reply(wait_request_end(f, 2), "2", 1);
	assert_end(f, &second, RPC_OK, "");
	assert_int_equal(f->server.n_conns, 2);
	assert_int_equal(first.n_ends, 0);
	fake_reply(stream, "1", 1);
	assert_end(f, &first, RPC_OK, "");
	assert_response(&first, "1");
	settle(f);
	assert_true(stream->conn->closed);
	end(&first);
	end(&second);
}

static void
a_call_above_goaways_last_id_is_tried_once_more(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	fake_goaway(stream->conn, 0, NGHTTP2_NO_ERROR, "restart");
	stream = wait_request_end(f, 2);
	assert_int_equal(f->server.n_conns, 2);
	assert_int_equal(stream->n_body, 6);
	assert_false(fake_has_header(stream, "grpc-previous-rpc-attempts: 1"));
	fake_reply(stream, "m", 1);
	assert_end(f, &o, RPC_OK, "");
	assert_int_equal(rpc_client_result(o.call)->n_attempts, 1);
	end(&o);

	/* Refused again: now it is told. */
	send_unary(begin(f, &unary, &o), "x");
	fake_reset(wait_request_end(f, 3), NGHTTP2_REFUSED_STREAM);
	fake_reset(wait_request_end(f, 4), NGHTTP2_REFUSED_STREAM);
	assert_end(f, &o, RPC_UNAVAILABLE, "REFUSED_STREAM");
	assert_int_equal(f->server.n_requests, 4);
	assert_counts(f, RPC_CHANNEL_REPLAYS, 2, RPC_CHANNEL_RETRIES, 0);
	end(&o);
}

static void
an_error_tells_what_goaway_said(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	fake_goaway(stream->conn, stream->id, NGHTTP2_ENHANCE_YOUR_CALM, "reset_burst");
	fake_close(stream->conn);
	assert_end(f, &o, RPC_UNAVAILABLE, "ENHANCE_YOUR_CALM: reset_burst");
	assert_end(f, &o, RPC_UNAVAILABLE, f->target + 5);
	assert_end(f, &o, RPC_UNAVAILABLE, "waiting for the response");
	end(&o);
}

static void
too_many_pings_doubles_the_interval(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.keepalive_us = 1};
	struct outcome o;
	struct fake_stream *stream;

	fixture_open(f, f->target, &options);
	/* Ours never goes below ten seconds (RPC-31). */
	assert_int_equal(f->channel->keepalive_us, 10000000);
	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	fake_goaway(stream->conn, stream->id, NGHTTP2_ENHANCE_YOUR_CALM,
		    "too_many_pings: 1 in 300 s");
	fake_reply(stream, "m", 1);
	assert_end(f, &o, RPC_OK, "");
	assert_int_equal(f->channel->keepalive_us, 20000000);
	assert_counts(f, RPC_CHANNEL_GOAWAYS, 1, RPC_CHANNEL_TOO_MANY_PINGS, 1);
	end(&o);
}

static void
a_peer_that_answers_no_ping_is_dead(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.keepalive_us = 10000000,
						    .keepalive_timeout_us = 2000000};
	struct outcome first, second;
	struct fake_conn *conn;

	f->server.ignores_pings = true;
	fixture_open(f, f->target, &options);
	send_unary(begin(f, &unary, &first), "x");
	conn = wait_request_end(f, 1)->conn;
	clock_advance(9000000);
	client_conn_watch(LIST_ENTRY(f->channel->conns.next, struct client_conn, link));
	settle(f);
	assert_int_equal(conn->n_pings, 0);
	clock_advance(2000000);
	client_conn_watch(LIST_ENTRY(f->channel->conns.next, struct client_conn, link));
	settle(f);
	assert_int_equal(conn->n_pings, 1);
	assert_int_equal(first.n_ends, 0);
	clock_advance(2000000);
	client_conn_watch(LIST_ENTRY(f->channel->conns.next, struct client_conn, link));
	assert_end(f, &first, RPC_UNAVAILABLE, "keepalive: the peer does not answer");
	assert_counts(f, RPC_CHANNEL_PINGS, 1, RPC_CHANNEL_CONNECTIONS_LOST, 1);
	clock_thaw();
	send_unary(begin(f, &unary, &second), "x");
	fake_reply(wait_request_end(f, 2), "m", 1);
	assert_end(f, &second, RPC_OK, "");
	end(&first);
	end(&second);
}

/* --- lost connections --- */

static void
a_lost_connection_ends_its_calls_and_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct outcome a, b;

	send_unary(begin(f, &unary, &a), "x");
	fake_close(wait_request_end(f, 1)->conn);
	assert_end(f, &a, RPC_UNAVAILABLE, "the peer closed the connection");
	send_unary(begin(f, &unary, &b), "x");
	fake_reply(wait_request_end(f, 2), "m", 1);
	assert_end(f, &b, RPC_OK, "");
	end(&a);
	end(&b);
}

static void
a_call_that_never_left_goes_again_without_counting(void **state)
{
	struct fixture *f = *state;
	struct outcome a, b;

	send_unary(begin(f, &unary, &a), "x");
	fake_reply(wait_request_end(f, 1), "m", 1);
	assert_end(f, &a, RPC_OK, "");
	/* The connection dies before the call's headers are written. */
	assert_false(list_is_empty(&f->channel->conns));
	h2_close(LIST_ENTRY(f->channel->conns.next, struct client_conn, link)->h2, "test");
	send_unary(begin(f, &unary, &b), "y");
	fake_reply(wait_request_end(f, 2), "m", 1);
	assert_end(f, &b, RPC_OK, "");
	assert_int_equal(rpc_client_result(b.call)->n_attempts, 1);
	assert_int_equal(f->server.n_conns, 2);
	end(&a);
	end(&b);
}

static void
a_peer_broken_from_the_start_is_not_tried_for_ever(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	f->server.broken = true;
	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_UNAVAILABLE, NULL);
	assert_int_equal(rpc_client_result(o.call)->n_attempts, 1);
	assert_in_range(rpc_channel_count(f->channel, RPC_CHANNEL_CONNECTS), 1, 11);
	end(&o);
}

static void
without_any_way_calls_fail_fast_or_wait(void **state)
{
	struct fixture *f = *state;
	struct outcome fast, later, waiting;
	uint16_t port = f->server.port;

	fake_stop_listening(&f->server);
	rpc_client_options(begin(f, &unary, &waiting))->wait_for_ready = true;
	send_unary(waiting.call, "x");
	send_unary(begin(f, &unary, &fast), "x");
	assert_end(f, &fast, RPC_UNAVAILABLE, "connecting: Connection refused");
	/* Known to have failed: at once. */
	send_unary(begin(f, &unary, &later), "x");
	assert_end(f, &later, RPC_UNAVAILABLE, "Connection refused");
	assert_int_equal(waiting.n_ends, 0);
	fake_start(&f->server, f->base, port);
	f->server.on_request_end = reply_at_once;
	assert_end(f, &waiting, RPC_OK, "");
	end(&fast);
	end(&later);
	end(&waiting);
}

static void
the_deadline_ends_a_call_that_waits_for_a_connection(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fake_stop_listening(&f->server);
	rpc_client_options(begin(f, &unary, &o))->wait_for_ready = true;
	rpc_client_options(o.call)->timeout_us = 30000;
	send_unary(o.call, "x");
	assert_end(f, &o, RPC_DEADLINE_EXCEEDED, "last failure: 127.0.0.1:");
	end(&o);
}

static void
a_peer_without_settings_times_out(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.connect_timeout_us = 30000};
	struct outcome o;

	f->server.mute = true;
	fixture_open(f, f->target, &options);
	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_UNAVAILABLE, "connecting: timed out");
	end(&o);
}

static void
a_name_that_is_none_fails(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fixture_open(f, "unix:/nowhere/at/all", NULL);
	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_UNAVAILABLE, "No such file or directory");
	end(&o);
}

static void
closing_the_channel_ends_everything_once(void **state)
{
	struct fixture *f = *state;
	struct outcome running, prepared, fresh;

	send_unary(begin(f, &unary, &running), "x");
	wait_request_end(f, 1);
	rpc_client_start(begin(f, &unary, &prepared));
	begin(f, &unary, &fresh);
	rpc_channel_close(f->channel);
	f->channel = NULL;
	assert_int_equal(running.n_ends, 0);
	assert_end(f, &running, RPC_UNAVAILABLE, "the channel is closed");
	assert_end(f, &prepared, RPC_UNAVAILABLE, "the channel is closed");
	assert_int_equal(fresh.n_ends, 0);
	send_unary(fresh.call, "x");
	assert_end(f, &fresh, RPC_UNAVAILABLE, "the channel is closed");
	end(&running);
	end(&prepared);
	end(&fresh);
}

/* --- retries (RPC-40) --- */

static void
retries_replay_the_request(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	rpc_client_options(begin(f, &client_stream, &o))->retry = &policy;
	rpc_client_start(o.call);
	rpc_client_send_raw(o.call, "one", 3);
	rpc_client_send_raw(o.call, "two", 3);
	fake_headers(wait_request(f, 1), GRPC "grpc-status: 14\n", true);
	stream = wait_request(f, 2);
	assert_true(fake_has_header(stream, "grpc-previous-rpc-attempts: 1"));
	fake_headers(stream, GRPC "grpc-status: 14\n", true);
	stream = wait_request(f, 3);
	assert_true(fake_has_header(stream, "grpc-previous-rpc-attempts: 2"));
	rpc_client_send_raw(o.call, "three", 5);
	rpc_client_half_close(o.call);
	while (!stream->half_closed)
		turn(f);
	assert_int_equal(stream->n_body, 26);
	assert_memory_equal(stream->body, "\0\0\0\0\3one\0\0\0\0\3two\0\0\0\0\5three", 26);
	fake_reply(stream, "m", 1);
	assert_end(f, &o, RPC_OK, "");
	assert_int_equal(rpc_client_result(o.call)->n_attempts, 3);
	assert_counts(f, RPC_CHANNEL_RETRIES, 2, RPC_CHANNEL_CALLS_OK, 1);
	end(&o);
}

static void
retries_end_with_their_last_error(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	rpc_client_options(begin(f, &unary, &o))->retry = &policy;
	send_unary(o.call, "x");
	for (size_t n = 1; n <= 3; n++)
		fake_headers(wait_request_end(f, n),
			     n < 3 ? GRPC "grpc-status: 14\n"
				   : GRPC "grpc-status: 14\ngrpc-message: third\n",
			     true);
	assert_end(f, &o, RPC_UNAVAILABLE, "third");
	assert_int_equal(f->server.n_requests, 3);
	end(&o);
}

static void
no_retry_where_none_is_due(void **state)
{
	static const char *const headers[] = {
	    GRPC "grpc-status: 13\n",                             /* not named */
	    GRPC "grpc-status: 14\ngrpc-retry-pushback-ms: -1\n", /* the server says no */
	    GRPC "grpc-status: 14\ngrpc-retry-pushback-ms: x\n",
	};
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	for (size_t i = 0; i < UNIT_COUNT(headers); i++) {
		rpc_client_options(begin(f, &unary, &o))->retry = &policy;
		send_unary(o.call, "x");
		fake_headers(wait_request_end(f, i + 1), headers[i], true);
		assert_end(f, &o, i ? RPC_UNAVAILABLE : RPC_INTERNAL, NULL);
		assert_int_equal(rpc_client_result(o.call)->n_attempts, 1);
		end(&o);
	}
	/* Response headers commit. */
	rpc_client_options(begin(f, &unary, &o))->retry = &policy;
	send_unary(o.call, "x");
	stream = wait_request_end(f, 4);
	fake_headers(stream, NULL, false);
	fake_trailers(stream, "grpc-status: 14\n");
	assert_end(f, &o, RPC_UNAVAILABLE, "");
	end(&o);
	assert_int_equal(f->server.n_requests, 4);
}

static void
a_large_request_is_not_kept_for_retries(void **state)
{
	static const uint8_t block[300 << 10];
	struct fixture *f = *state;
	struct outcome o;

	rpc_client_options(begin(f, &unary, &o))->retry = &policy;
	rpc_client_start(o.call);
	rpc_client_send_raw(o.call, block, sizeof block);
	rpc_client_half_close(o.call);
	fake_headers(wait_request_end(f, 1), GRPC "grpc-status: 14\n", true);
	assert_end(f, &o, RPC_UNAVAILABLE, "");
	assert_int_equal(rpc_client_result(o.call)->n_attempts, 1);
	end(&o);
}

static void
cancel_and_deadline_end_the_wait_for_a_retry(void **state)
{
	static const struct rpc_retry_policy slow = {.max_attempts = 3,
						     .initial_backoff_us = 60000000,
						     .max_backoff_us = 60000000,
						     .multiplier_percent = 100,
						     .codes = 1U << RPC_UNAVAILABLE};
	struct fixture *f = *state;
	struct outcome o;

	for (size_t n = 1; n <= 2; n++) {
		rpc_client_options(begin(f, &unary, &o))->retry = &slow;
		if (n == 2)
			rpc_client_options(o.call)->timeout_us = 30000;
		send_unary(o.call, "x");
		fake_headers(wait_request_end(f, n), GRPC "grpc-status: 14\n", true);
		settle(f);
		assert_int_equal(o.n_ends, 0);
		if (n == 1)
			rpc_client_cancel(o.call);
		assert_end(f, &o, n == 1 ? RPC_CANCELLED : RPC_DEADLINE_EXCEEDED, NULL);
		end(&o);
	}
	assert_counts(f, RPC_CHANNEL_CALLS_CANCELLED, 1, RPC_CHANNEL_CALLS_LATE, 1);
	assert_counts(f, RPC_CHANNEL_CALLS, 2, RPC_CHANNEL_CALLS_FAILED, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(goaway_lets_running_calls_end),
	    TEST(a_call_above_goaways_last_id_is_tried_once_more),
	    TEST(an_error_tells_what_goaway_said),
	    TEST(too_many_pings_doubles_the_interval),
	    TEST(a_peer_that_answers_no_ping_is_dead),
	    TEST(a_lost_connection_ends_its_calls_and_is_replaced),
	    TEST(a_call_that_never_left_goes_again_without_counting),
	    TEST(a_peer_broken_from_the_start_is_not_tried_for_ever),
	    TEST(without_any_way_calls_fail_fast_or_wait),
	    TEST(the_deadline_ends_a_call_that_waits_for_a_connection),
	    TEST(a_peer_without_settings_times_out),
	    TEST(a_name_that_is_none_fails),
	    TEST(closing_the_channel_ends_everything_once),
	    TEST(retries_replay_the_request),
	    TEST(retries_end_with_their_last_error),
	    TEST(no_retry_where_none_is_due),
	    TEST(a_large_request_is_not_kept_for_retries),
	    TEST(cancel_and_deadline_end_the_wait_for_a_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
