/* SPDX-License-Identifier: Apache-2.0 */
/* A client's calls when one allocation fails: they end, once, and none claims what it has not got.
 */
#include "unit.h"

#include "client_fixture.h"

static void
reply_at_once(struct fake_stream *stream, void *data)
{
	(void)data;
	fake_reply(stream, "m", 1);
}

/* A whole life with one allocation that fails: it must end, once, and must not lie. */
static bool
whole_life(void *context)
{
	struct fixture *f = context;
	struct rpc_channel *channel = NULL;
	struct outcome o = {0};
	bool ok;

	if (rpc_channel_new(f->base, f->target, NULL, &channel) != 0)
		return false;
	o.call = rpc_client_new(channel, &unary, &hooks, &o);
	if (!o.call) {
		rpc_channel_close(channel);
		return false;
	}
	send_unary(o.call, "x");

	while (!o.n_ends)
		turn(f);
	assert_int_equal(o.n_ends, 1);
	ok =
	    rpc_client_result(o.call)->code == RPC_OK && rpc_client_result(o.call)->n_attempts == 1;
	if (ok)
		assert_response(&o, "m");
	/* A lost connection may be made up for by another: then the failure was seen. */
	ok = ok && rpc_channel_count(channel, RPC_CHANNEL_CONNECTS) == 1;
	rpc_client_free(o.call);
	rpc_channel_close(channel);
	settle(f);
	return ok;
}

enum { MANY = 6 };

/* Streams that have waited for their requests are all woken in one turn. */
static bool
many_lives(void *context)
{
	struct fixture *f = context;
	struct rpc_channel *channel = NULL;
	struct outcome o[MANY] = {0};
	bool ok = true;

	if (rpc_channel_new(f->base, f->target, NULL, &channel) != 0)
		return false;
	for (int i = 0; i < MANY; i++) {
		o[i].call = rpc_client_new(channel, &client_stream, &hooks, &o[i]);
		if (o[i].call)
			rpc_client_start(o[i].call);
		settle(f);
	}
	for (int i = 0; i < MANY; i++) {
		if (!o[i].call)
			continue;
		rpc_client_send_raw(o[i].call, "x", 1);
		rpc_client_half_close(o[i].call);
	}
	for (int i = 0; i < MANY; i++) {
		ok = ok && o[i].call;
		if (!o[i].call)
			continue;
		while (!o[i].n_ends)
			turn(f);
		ok = ok && rpc_client_result(o[i].call)->code == RPC_OK;
		rpc_client_free(o[i].call);
	}
	ok = ok && rpc_channel_count(channel, RPC_CHANNEL_CONNECTS) == 1;
	rpc_channel_close(channel);
	settle(f);
	return ok;
}

static void
a_call_says_what_failed(void **state)
{
	struct fixture *f = *state;

	f->server.on_request_end = reply_at_once;
	assert_int_equal(alloc_fail_each(whole_life, f), 0);
}

/* The first of them to find no memory for its turn would have waited for ever. */
static void
no_stream_is_left_waiting(void **state)
{
	struct fixture *f = *state;

	f->server.on_request_end = reply_at_once;
	assert_int_equal(alloc_fail_each(many_lives, f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_call_says_what_failed),
	    TEST(no_stream_is_left_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
