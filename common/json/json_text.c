/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/json_write.h"

enum { NUMBER_SIZE = 40 };

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* RFC 8259 §7. */
static void
put_escaped(struct buf *buf, unsigned char c)
{
	static const char letters[] = {
	    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	buf_putc(buf, '\\');
	if (c >= 0x20)
		buf_putc(buf, (char)c);
	else if (c < sizeof letters && letters[c])
		buf_putc(buf, letters[c]);
	else
		buf_printf(buf, "u%04x", c);
}

/* Bytes that are no character: the form that NUL is kept in, or U+FFFD. Returns how many were
 * taken. */
static size_t
put_invalid(struct buf *buf, const char *text, size_t length)
{
	if (length >= 2 && memcmp(text, "\xC0\x80", 2) == 0) {
		buf_puts(buf, "\\u0000");
		return 2;
	}
	buf_puts(buf, "\xEF\xBF\xBD");
	return 1;
}

void
json_write_string(struct buf *buf, const char *text, size_t length)
{
	size_t done = 0, plain;
	uint32_t character;

	buf_putc(buf, '"');
	while (done < length) {
		for (plain = done; plain < length && is_plain((unsigned char)text[plain]);)
			plain++;
		buf_put(buf, text + done, plain - done);
		done = plain;
		if (done == length)
			break;
		if ((unsigned char)text[done] < 0x80) {
			put_escaped(buf, (unsigned char)text[done++]);
			continue;
		}
		plain = utf8_decode(text + done, length - done, &character);
		if (plain) {
			buf_put(buf, text + done, plain);
			done += plain;
		} else {
			done += put_invalid(buf, text + done, length - done);
		}
	}
	buf_putc(buf, '"');
}

static void
put_digits(struct buf *buf, bool negative, uint64_t magnitude)
{
	char text[NUMBER_SIZE], *p = text + sizeof text;

	do {
		*--p = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (negative)
		*--p = '-';
	buf_put(buf, p, (size_t)(text + sizeof text - p));
}

void
json_write_uint64(struct buf *buf, uint64_t value)
{
	put_digits(buf, false, value);
}

void
json_write_int64(struct buf *buf, int64_t value)
{
	put_digits(buf, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static bool
put_special(struct buf *buf, double value)
{
	if (isnan(value))
		buf_puts(buf, "\"NaN\"");
	else if (isinf(value))
		buf_puts(buf, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
	else
		return false;
	return true;
}

/*
 * 17 significant digits always suffice for a double, 9 for a float. Every text of 15 (6) digits
 * survives the way there and back, so when the shortest is that short, those digits without
 * trailing zeros are it; only below the normal range can it be shorter still.
 */
void
json_write_double(struct buf *buf, double value)
{
	char text[NUMBER_SIZE];

	if (put_special(buf, value))
		return;
	for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG;
	     digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_puts(buf, text);
}

void
json_write_float(struct buf *buf, float value)
{
	char text[NUMBER_SIZE];

	if (put_special(buf, (double)value))
		return;
	for (int digits = fabsf(value) < FLT_MIN ? 1 : FLT_DIG; digits <= FLT_DECIMAL_DIG;
	     digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)value);
		if (strtof(text, NULL) == value)
			break;
	}
	buf_puts(buf, text);
}
