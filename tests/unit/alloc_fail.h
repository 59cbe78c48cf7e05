/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on purpose.
 *
 * Every malloc, calloc, realloc, strdup and strndup of our own code (mz_unit), or of the shared
 * libraries as well (mz_failing), is counted; one chosen allocation answers NULL. A program run by
 * hand takes the number from the environment variable MZ_ALLOC_FAIL too; with MZ_ALLOC_FAIL_EVERY
 * every nth fails from SIGUSR1 on, until SIGUSR2. Single-threaded, like the code it tests.
 */
#ifndef MZ_ALLOC_FAIL_H
#define MZ_ALLOC_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* The nth allocation from now on fails (1 is the next), it alone; 0 lets all succeed. */
void alloc_fail_nth(long nth);

/* True when the allocation that was chosen last has been reached and failed. */
bool alloc_fail_reached(void);

/*
 * Calls run(context) again and again, failing its 1st, its 2nd, … allocation, until a run makes
 * fewer allocations than that. run frees all it made, and returns false when it reports the
 * failure, true when it claims success. Returns how many runs claimed success although an
 * allocation had failed: 0 for code that never hides one.
 */
int alloc_fail_each(bool (*run)(void *context), void *context);

/* One that is not counted; to be freed by free. */
void *alloc_sure(size_t size);

#endif
