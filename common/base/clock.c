/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

static _Thread_local struct {
	bool frozen;
	int64_t now_us, monotonic_us;
} test;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * (int64_t)CLOCK_US_PER_SECOND + ts.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return test.frozen ? test.now_us : read_clock(CLOCK_REALTIME);
}

int64_t
clock_monotonic_us(void)
{
	return test.frozen ? test.monotonic_us : read_clock(CLOCK_MONOTONIC);
}

void
clock_freeze(int64_t now_us)
{
	test.monotonic_us = clock_monotonic_us();
	test.now_us = now_us;
	test.frozen = true;
}

void
clock_advance(int64_t us)
{
	if (!test.frozen)
		clock_freeze(clock_now_us());
	test.now_us += us;
	test.monotonic_us += us;
}

void
clock_thaw(void)
{
	test.frozen = false;
}
