/* SPDX-License-Identifier: Apache-2.0 */
#include "frozen_clock.h"

#include <stdbool.h>
#include <time.h>

enum { US_PER_SECOND = 1000000 };

/* The names are the linker's (ld --wrap). */
int __real_clock_gettime(clockid_t id, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

static bool frozen;
static int64_t now_us, monotonic_us;

static int64_t
read_clock(clockid_t id)
{
	struct timespec time;

	__real_clock_gettime(id, &time);
	return time.tv_sec * (int64_t)US_PER_SECOND + time.tv_nsec / 1000;
}

void
clock_freeze(int64_t us)
{
	if (!frozen)
		monotonic_us = read_clock(CLOCK_MONOTONIC);
	now_us = us;
	frozen = true;
}

void
clock_advance(int64_t us)
{
	if (!frozen)
		clock_freeze(read_clock(CLOCK_REALTIME));
	now_us += us;
	monotonic_us += us;
}

void
clock_thaw(void)
{
	frozen = false;
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	int64_t us = id == CLOCK_REALTIME ? now_us : monotonic_us;

	if (!frozen)
		return __real_clock_gettime(id, ret_time);
	*ret_time = (struct timespec){us / US_PER_SECOND, us % US_PER_SECOND * 1000};
	return 0;
}
