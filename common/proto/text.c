/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text.h"

#include <stdint.h>
#include <string.h>

/* True when none of the 8 bytes is NUL or above 0x7F. */
static bool
is_plain(const uint8_t *bytes)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	/* A zero byte borrows into its high bit; without high bits in word nothing else does. */
	return (((word - ones) | word) & highs) == 0;
}

static bool
is_continuation(uint8_t byte)
{
	return (byte & 0xC0) == 0x80;
}

/* Unicode 15, table 3-7: the second byte's range excludes overlong forms, surrogates and more than
 * U+10FFFF. */
size_t
proto_text_character(const void *text, size_t length)
{
	const uint8_t *p = text;
	uint8_t first = length ? p[0] : 0;

	if (first < 0x80)
		return first != 0;
	if (first < 0xC2 || first > 0xF4 || length < 2 || !is_continuation(p[1]))
		return 0;
	if (first < 0xE0)
		return 2;
	if (length < 3 || !is_continuation(p[2]))
		return 0;
	if (first < 0xF0)
		return (first == 0xE0 && p[1] < 0xA0) || (first == 0xED && p[1] > 0x9F) ? 0 : 3;
	if (length < 4 || !is_continuation(p[3]))
		return 0;
	return (first == 0xF0 && p[1] < 0x90) || (first == 0xF4 && p[1] > 0x8F) ? 0 : 4;
}

bool
proto_text_is_valid(const void *text, size_t length)
{
	const uint8_t *p = text, *end = p + length;

	while (p < end) {
		size_t n;

		if (end - p >= 8 && is_plain(p)) {
			p += 8;
			continue;
		}
		n = proto_text_character(p, (size_t)(end - p));
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}
