/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/retry.h"

#include <errno.h>
#include <stdlib.h>

enum {
	BACKOFF_PERCENT = 160,
	JITTER_PERCENT = 20,
	TOKEN = 1000,
};

/* value ± JITTER_PERCENT. */
static int64_t
jitter(int64_t value, uint32_t random)
{
	int64_t spread = value * JITTER_PERCENT / 100;

	return value - spread + (int64_t)((double)random / UINT32_MAX * (double)(2 * spread));
}

/* initial × percent^n, at most max. */
static int64_t
grow(int64_t initial, int64_t max, uint32_t percent, unsigned n)
{
	int64_t value = initial;

	while (n-- > 0 && value < max)
		value = value * percent / 100;
	return value < max ? value : max;
}

int64_t
rpc_backoff_us(int64_t initial_us, int64_t max_us, unsigned n, uint32_t random)
{
	return jitter(grow(initial_us, max_us, BACKOFF_PERCENT, n), random);
}

void
rpc_throttle_init(struct rpc_throttle *throttle, const struct rpc_retry_policy *policy)
{
	throttle->max = throttle->tokens = policy->max_tokens * TOKEN;
	throttle->ratio = policy->token_ratio;
}

void
rpc_throttle_success(struct rpc_throttle *throttle)
{
	uint32_t room = throttle->max - throttle->tokens;

	throttle->tokens += throttle->ratio < room ? throttle->ratio : room;
}

/* grpc-retry-pushback-ms: the delay, or -1 (stop) when negative or unreadable. */
static int64_t
pushback_us(const char *text)
{
	char *end;
	long long ms;

	errno = 0;
	ms = strtoll(text, &end, 10);
	if (end == text || *end || errno || ms < 0 || ms > INT32_MAX)
		return -1;
	return ms * 1000;
}

bool
rpc_retry_wanted(const struct rpc_retry_policy *policy, struct rpc_throttle *throttle,
		 const struct rpc_try *failed, uint32_t random, int64_t *ret_delay_us)
{
	const bool retryable = policy->codes >> failed->code & 1;
	const unsigned most =
	    policy->max_attempts < RPC_MAX_ATTEMPTS ? policy->max_attempts : RPC_MAX_ATTEMPTS;
	int64_t delay = failed->pushback ? pushback_us(failed->pushback) : 0;

	if (retryable || delay < 0)
		throttle->tokens -= throttle->tokens < TOKEN ? throttle->tokens : TOKEN;
	if (!retryable || delay < 0 || failed->committed || failed->n >= most ||
	    (throttle->max && throttle->tokens <= throttle->max / 2))
		return false;
	if (!failed->pushback)
		delay = jitter(grow(policy->initial_backoff_us, policy->max_backoff_us,
				    policy->multiplier_percent, failed->n - 1),
			       random);
	*ret_delay_us = delay;
	return true;
}
