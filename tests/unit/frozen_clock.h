/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a test program, stopped and moved by hand.
 *
 * What our own code (not shared libraries) asks clock_gettime for, and so both readings of
 * base/clock.h, then move together.
 */
#ifndef MZ_FROZEN_CLOCK_H
#define MZ_FROZEN_CLOCK_H

#include <stdint.h>

/* From now on it is now_us since 1970. */
void clock_freeze(int64_t now_us);

/* Moves the frozen clock on; it freezes a running one first. */
void clock_advance(int64_t us);

/* The clock is the real one again. */
void clock_thaw(void);

#endif
