/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/retry.h and rpc/keepalive.h: backoff, retries, throttle, pings (RPC-31, RPC-38, RPC-40). */
#include "unit.h"

#include "rpc/keepalive.h"
#include "rpc/retry.h"

#define SECOND INT64_C(1000000)

static const struct rpc_retry_policy policy = {
    .max_attempts = 4,
    .initial_backoff_us = 100000,
    .max_backoff_us = 250000,
    .multiplier_percent = 200,
    .codes = 1U << RPC_UNAVAILABLE,
    .max_tokens = 10,
    .token_ratio = 100,
};

static void
backoff_grows_to_its_limit(void **state)
{
	static const int64_t middle[] = {1000000, 1600000, 2560000, 4096000};

	(void)state;
	for (unsigned n = 0; n < UNIT_COUNT(middle); n++) {
		int64_t low = rpc_backoff_us(SECOND, 120 * SECOND, n, 0);
		int64_t high = rpc_backoff_us(SECOND, 120 * SECOND, n, UINT32_MAX);

		assert_int_equal(low, middle[n] * 8 / 10);
		assert_int_equal(high, middle[n] * 12 / 10);
	}
	assert_int_equal(rpc_backoff_us(SECOND, 120 * SECOND, 1000, 0), 96 * SECOND);
	assert_int_equal(rpc_backoff_us(SECOND, 120 * SECOND, 1000, UINT32_MAX), 144 * SECOND);
}

static bool
wanted(struct rpc_throttle *throttle, struct rpc_try failed, int64_t *ret_delay_us)
{
	return rpc_retry_wanted(&policy, throttle, &failed, 0, ret_delay_us);
}

static void
retries_what_the_policy_names(void **state)
{
	struct rpc_throttle throttle;
	int64_t us = -1;

	(void)state;
	rpc_throttle_init(&throttle, &policy);
	assert_true(wanted(&throttle, (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 1}, &us));
	assert_int_equal(us, 80000);
	assert_true(wanted(&throttle, (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 2}, &us));
	assert_int_equal(us, 160000);
	assert_true(wanted(&throttle, (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 3}, &us));
	assert_int_equal(us, 200000); /* max_backoff_us, then the jitter */
	us = -1;
	assert_false(wanted(&throttle, (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 4}, &us));
	assert_false(wanted(&throttle, (struct rpc_try){.code = RPC_INTERNAL, .n = 1}, &us));
	assert_false(wanted(
	    &throttle, (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 1, .committed = true}, &us));
	assert_int_equal(us, -1);
}

static void
never_more_than_five_tries(void **state)
{
	struct rpc_retry_policy many = policy;
	struct rpc_throttle none = {0};
	int64_t us;

	(void)state;
	many.max_attempts = 100;
	assert_true(rpc_retry_wanted(&many, &none,
				     &(struct rpc_try){.code = RPC_UNAVAILABLE, .n = 4}, 0, &us));
	assert_false(rpc_retry_wanted(&many, &none,
				      &(struct rpc_try){.code = RPC_UNAVAILABLE, .n = 5}, 0, &us));
}

static void
the_server_may_push_back(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} table[] = {{"0", 0},    {"1500", 1500000},           {"-1", -1}, {"", -1}, {"soon", -1},
		     {"10x", -1}, {"99999999999999999999", -1}};
	struct rpc_throttle throttle;

	(void)state;
	rpc_throttle_init(&throttle, &policy);
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		int64_t us = 77;
		bool again = wanted(
		    &throttle,
		    (struct rpc_try){.code = RPC_UNAVAILABLE, .n = 1, .pushback = table[i].text},
		    &us);

		throttle.tokens = throttle.max;
		assert_int_equal(again, table[i].us >= 0);
		assert_int_equal(us, again ? table[i].us : 77);
	}
}

static void
the_throttle_stops_retries_when_most_calls_fail(void **state)
{
	struct rpc_throttle throttle;
	struct rpc_try failed = {.code = RPC_UNAVAILABLE, .n = 1};
	int64_t us;
	int n = 0;

	(void)state;
	rpc_throttle_init(&throttle, &policy);
	while (wanted(&throttle, failed, &us))
		n++;
	assert_int_equal(n, 4); /* 10 tokens: 9, 8, 7, 6 are above half, 5 is not */
	for (int i = 0; i < 10; i++)
		rpc_throttle_success(&throttle);
	assert_int_equal(throttle.tokens, 6000);
	assert_false(wanted(&throttle, failed, &us));
	for (int i = 0; i < 1000; i++)
		rpc_throttle_success(&throttle);
	assert_int_equal(throttle.tokens, throttle.max);
	for (int i = 0; i < 100; i++)
		wanted(&throttle, failed, &us);
	assert_int_equal(throttle.tokens, 0);
}

static void
pings_after_silence_and_gives_up(void **state)
{
	struct rpc_keepalive k = {.interval_us = 10 * SECOND, .timeout_us = 3 * SECOND};
	int64_t wait;

	(void)state;
	/* No ping without a call. */
	assert_int_equal(rpc_keepalive_check(&k, 50 * SECOND, SECOND, false, &wait),
			 RPC_KEEPALIVE_WAIT);
	assert_int_equal(wait, 0);
	/* Not yet. */
	assert_int_equal(rpc_keepalive_check(&k, 5 * SECOND, SECOND, true, &wait),
			 RPC_KEEPALIVE_WAIT);
	assert_int_equal(wait, 6 * SECOND);
	/* Due; and once only. */
	assert_int_equal(rpc_keepalive_check(&k, 11 * SECOND, SECOND, true, &wait),
			 RPC_KEEPALIVE_PING);
	assert_int_equal(wait, 3 * SECOND);
	assert_int_equal(rpc_keepalive_check(&k, 12 * SECOND, SECOND, true, &wait),
			 RPC_KEEPALIVE_WAIT);
	assert_int_equal(wait, 2 * SECOND);
	/* Anything read is an answer. */
	assert_int_equal(rpc_keepalive_check(&k, 13 * SECOND, 12 * SECOND, true, &wait),
			 RPC_KEEPALIVE_WAIT);
	assert_int_equal(wait, 9 * SECOND);
	assert_int_equal(rpc_keepalive_check(&k, 22 * SECOND, 12 * SECOND, true, &wait),
			 RPC_KEEPALIVE_PING);
	assert_int_equal(rpc_keepalive_check(&k, 25 * SECOND, 12 * SECOND, true, &wait),
			 RPC_KEEPALIVE_DEAD);
}

static void
keepalive_can_be_off_or_without_calls(void **state)
{
	struct rpc_keepalive off = {.timeout_us = SECOND, .without_calls = true};
	struct rpc_keepalive always = {
	    .interval_us = SECOND, .timeout_us = SECOND, .without_calls = true};
	int64_t wait;

	(void)state;
	assert_int_equal(rpc_keepalive_check(&off, 99 * SECOND, 0, true, &wait),
			 RPC_KEEPALIVE_WAIT);
	assert_int_equal(wait, 0);
	assert_int_equal(rpc_keepalive_check(&always, 99 * SECOND, 0, false, &wait),
			 RPC_KEEPALIVE_PING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(backoff_grows_to_its_limit),
	    cmocka_unit_test(retries_what_the_policy_names),
	    cmocka_unit_test(never_more_than_five_tries),
	    cmocka_unit_test(the_server_may_push_back),
	    cmocka_unit_test(the_throttle_stops_retries_when_most_calls_fail),
	    cmocka_unit_test(pings_after_silence_and_gives_up),
	    cmocka_unit_test(keepalive_can_be_off_or_without_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
