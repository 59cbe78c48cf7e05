/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <stdlib.h>

#include "base/clock.h"

/* Bytes before which the text has a dash. */
static bool
dash_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

/* RFC 9562, 4.1 and 4.2. */
static void
set_version(struct uuid *uuid, int version)
{
	uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0f) | version << 4);
	uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3f) | 0x80);
}

struct uuid
uuid_v4(void)
{
	struct uuid uuid;

	arc4random_buf(uuid.bytes, sizeof uuid.bytes);
	set_version(&uuid, 4);
	return uuid;
}

/*
 * The 12 bits behind the millisecond count quarters of a microsecond (RFC 9562, 6.2, method 3).
 * When the clock stands still or goes back, or more than one id is asked for within a tick, the id
 * goes on from the one before: ids rise strictly, and run ahead of the clock by what was asked.
 */
struct uuid
uuid_v7(int64_t now_us)
{
	static _Thread_local uint64_t last; /* in ticks: milliseconds << 12 | quarters */
	uint64_t ms = (uint64_t)(now_us / CLOCK_US_PER_MS);
	uint64_t tick = ms << 12 | (uint64_t)(now_us % CLOCK_US_PER_MS) << 2;
	struct uuid uuid;

	if (tick <= last)
		tick = last + 1;
	last = tick;
	ms = tick >> 12;
	for (int i = 0; i < 6; i++)
		uuid.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	uuid.bytes[6] = (uint8_t)(tick >> 8 & 0x0f);
	uuid.bytes[7] = (uint8_t)tick;
	arc4random_buf(uuid.bytes + 8, 8);
	set_version(&uuid, 7);
	return uuid;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uuid_parse(const char *text, size_t length, struct uuid *ret_uuid)
{
	struct uuid uuid;

	if (length != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < sizeof uuid.bytes; i++) {
		int high, low;

		if (dash_before(i) && *text++ != '-')
			return false;
		high = digit_value(*text++);
		low = digit_value(*text++);
		if (high < 0 || low < 0)
			return false;
		uuid.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_uuid = uuid;
	return true;
}

char *
uuid_format(const struct uuid *uuid, char text[static UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *at = text;

	for (size_t i = 0; i < sizeof uuid->bytes; i++) {
		if (dash_before(i))
			*at++ = '-';
		*at++ = digits[uuid->bytes[i] >> 4];
		*at++ = digits[uuid->bytes[i] & 15];
	}
	*at = '\0';
	return text;
}
