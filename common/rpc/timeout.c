/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/timeout.h"

#include <inttypes.h>
#include <stdio.h>

enum { GRPC_MAX = 99999999 };
static const int64_t connect_max_ms = 9999999999;

/* Finest first: the order in which a writer tries them. Nanoseconds are only read. */
static const struct {
	char letter;
	int64_t us;
} units[] = {
    {'u', 1},
    {'m', 1000},
    {'S', 1000000},
    {'M', 60 * INT64_C(1000000)},
    {'H', 3600 * INT64_C(1000000)},
};
enum { N_UNITS = sizeof units / sizeof units[0] };

/* 1 to most digits, nothing else. */
static bool
parse_digits(const char *text, size_t length, size_t most, int64_t *ret_number)
{
	int64_t number = 0;

	if (length < 1 || length > most)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool
rpc_timeout_parse_grpc(const char *text, size_t length, int64_t *ret_us)
{
	int64_t number;

	if (length < 2 || !parse_digits(text, length - 1, 8, &number))
		return false;
	if (text[length - 1] == 'n') {
		*ret_us = (number + 999) / 1000;
		return true;
	}
	for (int i = 0; i < N_UNITS; i++) {
		if (text[length - 1] != units[i].letter)
			continue;
		*ret_us = number * units[i].us;
		return true;
	}
	return false;
}

bool
rpc_timeout_parse_connect(const char *text, size_t length, int64_t *ret_us)
{
	int64_t number;

	if (!parse_digits(text, length, 10, &number))
		return false;
	*ret_us = number * 1000;
	return true;
}

static int64_t
divide_up(int64_t dividend, int64_t divisor)
{
	return dividend / divisor + (dividend % divisor > 0);
}

char *
rpc_timeout_format_grpc(int64_t timeout_us, char text[static RPC_TIMEOUT_TEXT_SIZE])
{
	int i = 0;
	int64_t number;

	if (timeout_us < 0)
		timeout_us = 0;
	while (i < N_UNITS - 1 && divide_up(timeout_us, units[i].us) > GRPC_MAX)
		i++;
	number = divide_up(timeout_us, units[i].us);
	snprintf(text, RPC_TIMEOUT_TEXT_SIZE, "%" PRId64 "%c",
		 number < GRPC_MAX ? number : GRPC_MAX, units[i].letter);
	return text;
}

char *
rpc_timeout_format_connect(int64_t timeout_us, char text[static RPC_TIMEOUT_TEXT_SIZE])
{
	int64_t number = timeout_us < 0 ? 0 : divide_up(timeout_us, 1000);

	snprintf(text, RPC_TIMEOUT_TEXT_SIZE, "%" PRId64,
		 number < connect_max_ms ? number : connect_max_ms);
	return text;
}
