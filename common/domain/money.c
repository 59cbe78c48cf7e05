/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/money.h"

#include <inttypes.h>
#include <stdio.h>

enum { DECIMALS_OF_YUAN = 2, DECIMALS_MAX = 8 };

bool
money_add(int64_t a_fen, int64_t b_fen, int64_t *ret_fen)
{
	int64_t sum;

	if (__builtin_add_overflow(a_fen, b_fen, &sum))
		return false;
	*ret_fen = sum;
	return true;
}

bool
money_multiply(int64_t a_fen, int64_t times, int64_t *ret_fen)
{
	int64_t product;

	if (__builtin_mul_overflow(a_fen, times, &product))
		return false;
	*ret_fen = product;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at text, appended to *value; returns how many. A value that does not fit sets *too_large.
 */
static size_t
read_digits(const char *text, size_t length, int64_t *value, bool *too_large)
{
	size_t n;

	for (n = 0; n < length && is_digit(text[n]); n++)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, text[n] - '0', value))
			*too_large = true;
	return n;
}

enum money_result
money_parse(const char *text, size_t length, int64_t *ret_fen)
{
	bool negative = length > 0 && text[0] == '-', too_large = false;
	size_t at = negative, n_whole, n_decimals = 0;
	int64_t fen = 0;

	n_whole = read_digits(text + at, length - at, &fen, &too_large);
	at += n_whole;
	if (at < length && text[at] == '.') {
		at++;
		n_decimals = read_digits(text + at, length - at, &fen, &too_large);
		if (n_decimals == 0)
			return MONEY_NOT_A_NUMBER;
		at += n_decimals;
	}
	if (n_whole == 0 || at < length)
		return MONEY_NOT_A_NUMBER;
	if (n_decimals > DECIMALS_OF_YUAN)
		return MONEY_FRACTION_OF_FEN;
	for (; n_decimals < DECIMALS_OF_YUAN; n_decimals++)
		too_large |= __builtin_mul_overflow(fen, 10, &fen);
	if (too_large)
		return MONEY_TOO_LARGE;
	*ret_fen = negative ? -fen : fen;
	return MONEY_OK;
}

const char *
money_explain(enum money_result result)
{
	static const char *const texts[] = {
	    [MONEY_OK] = "",
	    [MONEY_NOT_A_NUMBER] = "金额应写成元，如 1234.56，不带逗号和单位",
	    [MONEY_FRACTION_OF_FEN] = "金额最多两位小数，不能有不足一分的零头",
	    [MONEY_TOO_LARGE] = "金额超出可以记录的范围，请核对",
	};

	return texts[result];
}

char *
money_format(int64_t fen, char text[static MONEY_TEXT_SIZE])
{
	uint64_t size = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;

	snprintf(text, MONEY_TEXT_SIZE, "%s%" PRIu64 ".%02" PRIu64, fen < 0 ? "-" : "", size / 100,
		 size % 100);
	return text;
}

/* In 128 bits, so that a scaled value cannot overflow. */
static __int128
divide(__int128 value, __int128 divisor, enum money_rounding rounding)
{
	__int128 quotient = value / divisor, rest = value % divisor;

	if (rounding == MONEY_FLOOR)
		return quotient - (rest < 0);
	if (2 * (rest < 0 ? -rest : rest) >= divisor)
		quotient += value < 0 ? -1 : 1;
	return quotient;
}

int64_t
money_divide(int64_t value, int64_t divisor, enum money_rounding rounding)
{
	return (int64_t)divide(value, divisor, rounding);
}

int64_t
money_share(int64_t fen, int64_t n, int64_t share)
{
	return fen / n + (share == 0 ? fen % n : 0);
}

static int64_t
power_of_ten(int exponent)
{
	int64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

static char *
format_scaled(__int128 scaled, int decimals, char text[static DECIMAL_TEXT_SIZE])
{
	bool negative = scaled < 0;
	__int128 size = negative ? -scaled : scaled;
	int64_t one = power_of_ten(decimals);

	if (decimals == 0)
		snprintf(text, DECIMAL_TEXT_SIZE, "%s%" PRIu64, negative ? "-" : "",
			 (uint64_t)size);
	else
		snprintf(text, DECIMAL_TEXT_SIZE, "%s%" PRIu64 ".%0*" PRIu64, negative ? "-" : "",
			 (uint64_t)(size / one), decimals, (uint64_t)(size % one));
	return text;
}

static int
bounded(int decimals)
{
	return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
}

char *
decimal_format(int64_t value, int64_t unit, int decimals, enum money_rounding rounding,
	       char text[static DECIMAL_TEXT_SIZE])
{
	__int128 scaled = (__int128)value * power_of_ten(bounded(decimals));

	return format_scaled(divide(scaled, unit, rounding), bounded(decimals), text);
}

char *
percent_format(int64_t part, int64_t whole, int decimals, enum money_rounding rounding,
	       char text[static DECIMAL_TEXT_SIZE])
{
	__int128 scaled = (__int128)part * 100 * power_of_ten(bounded(decimals));

	return format_scaled(divide(scaled, whole, rounding), bounded(decimals), text);
}
