/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_scan.h"

enum { EXPONENT_MAX = 100000, MOST_DIGITS = 20, COPY_SIZE = 64 };

/*
 * A number as digits × 10^exponent, without leading and trailing zeros. Any length of text is taken
 * in one pass: zeros wait until a digit follows them.
 */
struct decimal {
	uint64_t digits;
	int64_t exponent;
	bool overflow; /* more digits than 64 bits hold */
};

static void
push_digit(struct decimal *d, int64_t *waiting_zeros, int digit)
{
	if (digit == 0) {
		*waiting_zeros += d->digits != 0 || d->overflow;
		return;
	}
	if (*waiting_zeros > MOST_DIGITS)
		d->overflow = true;
	for (int64_t i = 0; i <= *waiting_zeros && !d->overflow; i++)
		d->overflow = __builtin_mul_overflow(d->digits, UINT64_C(10), &d->digits);
	d->overflow |= __builtin_add_overflow(d->digits, (uint64_t)digit, &d->digits);
	*waiting_zeros = 0;
}

static int64_t
read_exponent(const char *p, const char *end)
{
	bool negative = *p == '-';
	int64_t exponent = 0;

	if (*p == '-' || *p == '+')
		p++;
	for (; p < end && exponent < EXPONENT_MAX; p++)
		exponent = exponent * 10 + (*p - '0');
	return negative ? -exponent : exponent;
}

static struct decimal
read_decimal(const char *p, const char *end)
{
	struct decimal d = {0};
	int64_t zeros = 0;
	bool in_fraction = false;

	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			in_fraction = true;
			continue;
		}
		push_digit(&d, &zeros, *p - '0');
		d.exponent -= in_fraction;
	}
	d.exponent += zeros;
	if (p < end)
		d.exponent += read_exponent(p + 1, end);
	return d;
}

enum json_number_result
json_number_integer(struct json_slice number, bool *ret_negative, uint64_t *ret_magnitude)
{
	const char *p = number.text, *end = p + number.length;
	bool negative = *p == '-';
	struct decimal d = read_decimal(p + negative, end);
	uint64_t value = d.digits;

	if (value == 0 && !d.overflow)
		d.exponent = 0;
	if (d.exponent < 0)
		return JSON_NUMBER_FRACTION;
	if (d.overflow || d.exponent > MOST_DIGITS)
		return JSON_NUMBER_RANGE;
	for (int64_t i = 0; i < d.exponent; i++)
		if (__builtin_mul_overflow(value, UINT64_C(10), &value))
			return JSON_NUMBER_RANGE;
	*ret_negative = negative && value;
	*ret_magnitude = value;
	return JSON_NUMBER_OK;
}

enum json_number_result
json_number_int64(struct json_slice number, int64_t min, int64_t max, int64_t *ret_value)
{
	uint64_t magnitude;
	bool negative;
	enum json_number_result r = json_number_integer(number, &negative, &magnitude);

	if (r != JSON_NUMBER_OK)
		return r;
	if (magnitude > (negative ? 0 - (uint64_t)min : (uint64_t)max))
		return JSON_NUMBER_RANGE;
	*ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return JSON_NUMBER_OK;
}

enum json_number_result
json_number_uint64(struct json_slice number, uint64_t max, uint64_t *ret_value)
{
	uint64_t magnitude;
	bool negative;
	enum json_number_result r = json_number_integer(number, &negative, &magnitude);

	if (r != JSON_NUMBER_OK)
		return r;
	if (negative || magnitude > max)
		return JSON_NUMBER_RANGE;
	*ret_value = magnitude;
	return JSON_NUMBER_OK;
}

/* strtod wants a NUL behind the number. */
static const char *
terminated(struct json_slice number, struct arena *arena, char copy[static COPY_SIZE])
{
	if (number.length >= COPY_SIZE)
		return arena_strndup(arena, number.text, number.length);
	memcpy(copy, number.text, number.length);
	copy[number.length] = '\0';
	return copy;
}

enum json_number_result
json_number_double(struct json_slice number, struct arena *arena, double *ret_value)
{
	char copy[COPY_SIZE];
	const char *text = terminated(number, arena, copy);
	double value = text ? strtod(text, NULL) : HUGE_VAL;

	if (!isfinite(value))
		return JSON_NUMBER_RANGE;
	*ret_value = value;
	return JSON_NUMBER_OK;
}

enum json_number_result
json_number_float(struct json_slice number, struct arena *arena, float *ret_value)
{
	char copy[COPY_SIZE];
	const char *text = terminated(number, arena, copy);
	float value = text ? strtof(text, NULL) : HUGE_VALF;

	if (!isfinite(value))
		return JSON_NUMBER_RANGE;
	*ret_value = value;
	return JSON_NUMBER_OK;
}
