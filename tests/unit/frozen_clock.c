/* SPDX-License-Identifier: Apache-2.0 */
#include "frozen_clock.h"

#include <stdbool.h>
#include <time.h>

#include "base/clock.h"

/* The names are the linker's (ld --wrap). */
int __real_clock_gettime(clockid_t id, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

static bool frozen;
static int64_t now_us, monotonic_us;

void
clock_freeze(int64_t us)
{
	if (!frozen)
		monotonic_us = clock_monotonic_us();
	now_us = us;
	frozen = true;
}

void
clock_advance(int64_t us)
{
	if (!frozen)
		clock_freeze(clock_now_us());
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
	*ret_time = (struct timespec){us / CLOCK_US_PER_SECOND, us % CLOCK_US_PER_SECOND * 1000};
	return 0;
}
