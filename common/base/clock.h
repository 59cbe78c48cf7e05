/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock.
 *
 * Everything that needs the time asks here: sessions, deadlines, ids, log lines. The business clock
 * (`:now`, `:today`) is no clock but a value of the call, taken from here when nobody set it.
 * A test can stop the clock and move it (tests/unit/frozen_clock.h).
 */
#ifndef MZ_BASE_CLOCK_H
#define MZ_BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_US_PER_MS = 1000, CLOCK_US_PER_SECOND = 1000000 };

/* Microseconds since 1970-01-01T00:00:00Z; may jump when the administrator sets the clock. */
int64_t clock_now_us(void);

/* Microseconds since some moment in the past; never goes back. For deadlines and durations. */
int64_t clock_monotonic_us(void);

#endif
