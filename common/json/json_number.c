/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "json/json_private.h"

/* More than any text has digits, so that what is beyond it changes nothing. */
enum { EXPONENT_MAX = 1000000000 };

static const char out_of_range[] = "a number out of range";

/* Behind one or more digits; NULL when there is none, or no p. */
static const char *
after_digits(const char *p, const char *end)
{
	const char *first = p;

	while (p && p < end && *p >= '0' && *p <= '9')
		p++;
	return p > first ? p : NULL;
}

const char *
json_number_end(const char *p, const char *end)
{
	const char *digits;

	p += p < end && *p == '-';
	digits = p;
	p = after_digits(p, end);
	if (p && *digits == '0' && p - digits > 1)
		return NULL;
	if (p && p < end && *p == '.')
		p = after_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		p = after_digits(p, end);
	}
	return p;
}

/* With specials also "NaN", "Infinity" and "-Infinity", which JSON has no numbers for (RPC-23). */
static bool
scan_number(struct json_reader *r, bool specials, struct json_slice *ret_number)
{
	const char *end;

	if (json_peek(r) != '"') {
		end = json_number_end(r->at, r->end);
		if (!end)
			return json_refuse(r, "expected a number");
		*ret_number = (struct json_slice){r->at, (size_t)(end - r->at)};
		r->at = end;
		return true;
	}
	if (!json_scan_string(r, ret_number))
		return false;
	end = ret_number->text + ret_number->length;
	if (json_number_end(ret_number->text, end) == end ||
	    (specials &&
	     (json_slice_is(*ret_number, "NaN") || json_slice_is(*ret_number, "Infinity") ||
	      json_slice_is(*ret_number, "-Infinity"))))
		return true;
	return json_refuse(r, "expected a number");
}

/* "e-3", or nothing. */
static int64_t
read_exponent(const char *p, const char *end)
{
	bool is_negative = end - p > 1 && p[1] == '-';
	int64_t exponent = 0;

	for (; p < end && exponent < EXPONENT_MAX; p++)
		if (*p >= '0' && *p <= '9')
			exponent = exponent * 10 + (*p - '0');
	return is_negative ? -exponent : exponent;
}

/* False when the value does not fit. */
static bool
push_digit(uint64_t *value, char digit)
{
	return !__builtin_mul_overflow(*value, UINT64_C(10), value) &&
	       !__builtin_add_overflow(*value, (uint64_t)(digit - '0'), value);
}

/*
 * The exact value of a number without its sign: 1e3 and 1.0 are whole, 1.5 is not. A digit counts
 * for ten to the power of its place, which the point and the exponent decide. Returns NULL, or what
 * is wrong.
 */
static const char *
whole_number(const char *p, const char *end, uint64_t *ret_value)
{
	const char *last = p;
	uint64_t value = 0;
	int64_t place;

	while (last < end && *last != 'e' && *last != 'E')
		last++;
	place = after_digits(p, last) - p + read_exponent(last, end);
	for (; p < last; p++) {
		if (*p == '.')
			continue;
		if (--place < 0 && *p != '0')
			return "a fraction where a whole number is needed";
		if (place >= 0 && !push_digit(&value, *p))
			return out_of_range;
	}
	for (; value && place > 0; place--)
		if (!push_digit(&value, '0'))
			return out_of_range;
	*ret_value = value;
	return NULL;
}

static bool
is_unsigned(ProtobufCType type)
{
	return type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32 ||
	       type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64;
}

bool
json_read_integer(struct json_reader *r, ProtobufCType type, void *place)
{
	bool is_signed = !is_unsigned(type);
	unsigned n_bits = 8 * (unsigned)member_size(type);
	uint64_t most = UINT64_MAX >> (64 - n_bits + is_signed), value;
	struct json_slice number;
	bool is_negative;
	const char *wrong;

	if (!scan_number(r, false, &number))
		return false;
	is_negative = *number.text == '-';
	if (is_negative)
		most = is_signed ? most + 1 : 0;
	wrong = whole_number(number.text + is_negative, number.text + number.length, &value);
	if (!wrong && value > most)
		wrong = out_of_range;
	if (wrong)
		return json_refuse(r, wrong);
	value = is_negative ? 0 - value : value;
	if (n_bits == 64)
		*(uint64_t *)place = value;
	else
		*(uint32_t *)place = (uint32_t)value;
	return true;
}

bool
json_read_floating(struct json_reader *r, ProtobufCType type, void *place)
{
	struct json_slice number;
	const char *text;
	bool is_special;
	double value;

	if (!scan_number(r, true, &number))
		return false;
	/* What follows a number ends it for strtod, too; behind the text's last byte nothing does.
	 */
	text = number.text;
	if (text + number.length == r->end)
		text = arena_strndup(r->arena, text, number.length);
	if (!text)
		return json_exhausted(r);
	is_special = text[*text == '-'] > '9';
	if (type == PROTOBUF_C_TYPE_FLOAT)
		value = (double)(*(float *)place = strtof(text, NULL));
	else
		value = *(double *)place = strtod(text, NULL);
	return isfinite(value) || is_special || json_refuse(r, out_of_range);
}

static void
write_digits(struct buf *buf, bool is_negative, uint64_t magnitude)
{
	char text[24], *p = text + sizeof text;

	do {
		*--p = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (is_negative)
		*--p = '-';
	buf_put(buf, p, (size_t)(text + sizeof text - p));
}

/*
 * 17 significant digits always suffice for a double, 9 for a float. Every text of 15 (6) digits
 * survives the way there and back, so when the shortest is that short, those digits without
 * trailing zeros are it; only below the normal range can it be shorter still.
 */
static void
write_floating(struct buf *buf, double value, bool is_float)
{
	int digits = is_float ? FLT_DIG : DBL_DIG;
	char text[40];

	if (isnan(value) || isinf(value)) {
		buf_puts(buf, isnan(value) ? "\"NaN\""
			      : value > 0  ? "\"Infinity\""
					   : "\"-Infinity\"");
		return;
	}
	if (fabs(value) < (is_float ? (double)FLT_MIN : DBL_MIN))
		digits = 1;
	do
		snprintf(text, sizeof text, "%.*g", digits++, value);
	while ((is_float ? (double)strtof(text, NULL) : strtod(text, NULL)) != value);
	buf_puts(buf, text);
}

void
json_write_number(struct buf *buf, ProtobufCType type, const void *place)
{
	bool is_long = member_size(type) == sizeof(int64_t);
	int64_t value;

	if (type == PROTOBUF_C_TYPE_BOOL) {
		buf_puts(buf, *(const protobuf_c_boolean *)place ? "true" : "false");
	} else if (type == PROTOBUF_C_TYPE_FLOAT) {
		write_floating(buf, (double)*(const float *)place, true);
	} else if (type == PROTOBUF_C_TYPE_DOUBLE) {
		write_floating(buf, *(const double *)place, false);
	} else if (is_unsigned(type)) {
		write_digits(buf, false,
			     is_long ? *(const uint64_t *)place : *(const uint32_t *)place);
	} else {
		value = is_long ? *(const int64_t *)place : *(const int32_t *)place;
		write_digits(buf, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
	}
}
