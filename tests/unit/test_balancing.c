/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/channel.h: several addresses, and names (RPC-37, RPC-39). */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client_fixture.h"
#include "rpc/channel_impl.h"

static void
reply_at_once(struct fake_stream *stream, void *data)
{
	(void)data;
	fake_reply(stream, "m", 1);
}

/* A port on which nobody listens. */
static uint16_t
closed_port(struct fixture *f)
{
	struct fake_server gone = {0};

	fake_start(&gone, f->base, 0);
	fake_stop(&gone);
	return gone.port;
}

static void
pick_first_takes_the_first_that_answers(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	char target[100];

	snprintf(target, sizeof target, "ipv4:127.0.0.1:%u,127.0.0.1:%u", closed_port(f),
		 f->server.port);
	f->server.on_request_end = reply_at_once;
	fixture_open(f, target, NULL);
	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_OK, "");
	end(&o);
}

static void
a_slow_first_address_does_not_hold_the_second(void **state)
{
	struct fixture *f = *state;
	struct fake_server slow = {.mute = true};
	struct outcome o;
	char target[100];

	fake_start(&slow, f->base, 0);
	snprintf(target, sizeof target, "ipv4:127.0.0.1:%u,127.0.0.1:%u", slow.port,
		 f->server.port);
	f->server.on_request_end = reply_at_once;
	fixture_open(f, target, NULL);
	rpc_client_options(begin(f, &unary, &o))->timeout_us = 2000000;
	send_unary(o.call, "x");
	assert_end(f, &o, RPC_OK, "");
	assert_int_equal(slow.n_conns, 1);
	assert_int_equal(slow.n_requests, 0);
	/* Only the winner is left. */
	assert_ptr_equal(f->channel->conns.next, f->channel->conns.prev);
	end(&o);
	fake_stop(&slow);
}

static void
one_call(struct fixture *f)
{
	struct outcome o;

	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_OK, "");
	end(&o);
}

static void
round_robin_takes_turns_and_goes_round_the_dead(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.balancing = RPC_ROUND_ROBIN,
						    .backoff_initial_us = 10000};
	struct fake_server other = {.on_request_end = reply_at_once};
	char target[100];
	uint16_t port;

	f->server.on_request_end = reply_at_once;
	fake_start(&other, f->base, 0);
	port = other.port;
	snprintf(target, sizeof target, "ipv4:127.0.0.1:%u,127.0.0.1:%u", f->server.port, port);
	fixture_open(f, target, &options);
	one_call(f);
	settle(f);
	for (int i = 0; i < 9; i++)
		one_call(f);
	assert_in_range(f->server.n_requests, 4, 6);
	assert_in_range(other.n_requests, 4, 6);
	fake_stop(&other);
	settle(f);
	f->server.n_requests = 0;
	for (int i = 0; i < 5; i++)
		one_call(f);
	assert_int_equal(f->server.n_requests, 5);
	/* It comes back, and is found again. */
	other = (struct fake_server){.on_request_end = reply_at_once};
	fake_start(&other, f->base, port);
	while (!other.n_requests) {
		usleep(5000);
		one_call(f);
	}
	rpc_channel_close(f->channel);
	f->channel = NULL;
	settle(f);
	fake_stop(&other);
}

static void
round_robin_without_any_way_fails_fast(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.balancing = RPC_ROUND_ROBIN,
						    .backoff_initial_us = 10000};
	struct outcome o;
	char target[100];

	snprintf(target, sizeof target, "ipv4:127.0.0.1:%u,127.0.0.1:%u", closed_port(f),
		 closed_port(f));
	fixture_open(f, target, &options);
	for (int i = 0; i < 3; i++) {
		send_unary(begin(f, &unary, &o), "x");
		assert_end(f, &o, RPC_UNAVAILABLE, "Connection refused");
		end(&o);
	}
	assert_true(rpc_channel_count(f->channel, RPC_CHANNEL_CONNECTS_FAILED) >= 2);
}

static void
round_robin_does_not_hammer_a_broken_peer(void **state)
{
	struct fixture *f = *state;
	const struct rpc_channel_options options = {.balancing = RPC_ROUND_ROBIN,
						    .backoff_initial_us = 50000};
	struct outcome o;

	f->server.broken = true;
	fixture_open(f, f->target, &options);
	send_unary(begin(f, &unary, &o), "x");
	assert_end(f, &o, RPC_UNAVAILABLE, NULL);
	for (int i = 0; i < 12; i++) {
		usleep(10000);
		settle(f);
	}
	assert_in_range(rpc_channel_count(f->channel, RPC_CHANNEL_CONNECTS), 2, 5);
	end(&o);
}

static void
names_are_resolved(void **state)
{
	struct fixture *f = *state;
	struct fake_stream *stream;
	struct outcome o;
	char target[100];

	snprintf(target, sizeof target, "dns:localhost:%u", f->server.port);
	fixture_open(f, target, NULL);
	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	snprintf(target, sizeof target, ":authority: localhost:%u", f->server.port);
	assert_true(fake_has_header(stream, target));
	fake_reply(stream, "m", 1);
	assert_end(f, &o, RPC_OK, "");
	end(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(pick_first_takes_the_first_that_answers),
	    TEST(a_slow_first_address_does_not_hold_the_second),
	    TEST(round_robin_takes_turns_and_goes_round_the_dead),
	    TEST(round_robin_without_any_way_fails_fast),
	    TEST(round_robin_does_not_hammer_a_broken_peer),
	    TEST(names_are_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
