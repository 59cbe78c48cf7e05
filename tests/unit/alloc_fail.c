/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc_fail.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Our own code's are counted by the linker (ld --wrap: __wrap_f is called for f, __real_f is f);
 * those of the libraries too by functions that stand before libc's, or before the sanitizer's.
 */
#ifndef ALLOC_FAIL_LIBRARIES
#define FAILING(f) __wrap_##f
#define REAL(f)    __real_##f
#elif defined(MZ_SANITIZE)
#define FAILING(f) f
#define REAL(f)    __interceptor_##f
#else
#define FAILING(f) f
#define REAL(f)    __libc_##f
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *data, size_t size);
void *FAILING(malloc)(size_t size);
void *FAILING(calloc)(size_t count, size_t size);
void *FAILING(realloc)(void *data, size_t size);
char *FAILING(strdup)(const char *text);
char *FAILING(strndup)(const char *text, size_t length);

static long left;  /* allocations until the one that fails; 0: none will */
static long every; /* 0: only the one */
static bool reached;

void
alloc_fail_nth(long nth)
{
	left = nth;
	reached = reached && nth == 0;
}

bool
alloc_fail_reached(void)
{
	return reached;
}

int
alloc_fail_each(bool (*run)(void *context), void *context)
{
	int hidden = 0;

	for (long nth = 1;; nth++) {
		bool succeeded, failed_one;

		alloc_fail_nth(nth);
		succeeded = run(context);
		failed_one = reached;
		alloc_fail_nth(0);
		if (!failed_one)
			return hidden;
		hidden += succeeded;
	}
}

static void
on_signal(int number)
{
	left = number == SIGUSR1 ? every : 0;
}

__attribute__((constructor)) static void
read_environment(void)
{
	const char *nth = getenv("MZ_ALLOC_FAIL"), *each = getenv("MZ_ALLOC_FAIL_EVERY");

	if (nth)
		alloc_fail_nth(strtol(nth, NULL, 10));
	if (!each)
		return;
	every = strtol(each, NULL, 10);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
}

static bool
fails(void)
{
	if (left == 0 || --left > 0)
		return false;
	left = every;
	reached = true;
	return true;
}

void *
FAILING(malloc)(size_t size)
{
	return fails() ? NULL : REAL(malloc)(size);
}

void *
FAILING(calloc)(size_t count, size_t size)
{
	return fails() ? NULL : REAL(calloc)(count, size);
}

void *
FAILING(realloc)(void *data, size_t size)
{
	return fails() ? NULL : REAL(realloc)(data, size);
}

char *
FAILING(strndup)(const char *text, size_t length)
{
	size_t used = strnlen(text, length);
	char *copy = fails() ? NULL : REAL(malloc)(used + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, used);
	copy[used] = '\0';
	return copy;
}

char *
FAILING(strdup)(const char *text)
{
	return FAILING(strndup)(text, SIZE_MAX);
}

void *
alloc_sure(size_t size)
{
	return REAL(malloc)(size);
}
