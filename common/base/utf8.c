/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

static bool
is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* The first bytes of two, three and four byte characters, and the smallest character of each
 * length: a smaller one is an overlong form. */
static const struct {
	unsigned char mask, lead;
	uint32_t smallest;
} forms[] = {
    {0xe0, 0xc0, 0x80},
    {0xf0, 0xe0, 0x800},
    {0xf8, 0xf0, 0x10000},
};

static bool
is_character(uint32_t character)
{
	return character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
}

size_t
utf8_decode(const char *text, size_t length, uint32_t *ret_character)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t character;
	size_t n_more;

	if (length == 0)
		return 0;
	if (bytes[0] < 0x80) {
		*ret_character = bytes[0];
		return 1;
	}
	for (n_more = 1; n_more <= 3; n_more++)
		if ((bytes[0] & forms[n_more - 1].mask) == forms[n_more - 1].lead)
			break;
	if (n_more > 3 || length <= n_more)
		return 0;
	character = bytes[0] & (unsigned char)~forms[n_more - 1].mask;
	for (size_t i = 1; i <= n_more; i++) {
		if (!is_continuation(bytes[i]))
			return 0;
		character = character << 6 | (bytes[i] & 0x3f);
	}
	if (character < forms[n_more - 1].smallest || !is_character(character))
		return 0;
	*ret_character = character;
	return n_more + 1;
}

/* The longest beginning of whole words without a high bit. */
static size_t
ascii_words(const char *text, size_t length)
{
	size_t done = 0;
	uint64_t word;

	for (; length - done >= sizeof word; done += sizeof word) {
		memcpy(&word, text + done, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return done;
}

/* Most of Chinese: three bytes whose first leaves no room for an overlong form or a surrogate. */
static bool
is_ordinary_three(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	return (bytes[0] & 0xf0) == 0xe0 && bytes[0] != 0xe0 && bytes[0] != 0xed && length >= 3 &&
	       is_continuation(bytes[1]) && is_continuation(bytes[2]);
}

bool
utf8_valid(const void *data, size_t length)
{
	const char *text = data;
	uint32_t character;
	size_t done = 0, step;

	while (done < length) {
		if ((unsigned char)text[done] < 0x80) {
			step = ascii_words(text + done, length - done);
			done += step ? step : 1;
			continue;
		}
		step = is_ordinary_three(text + done, length - done)
			   ? 3
			   : utf8_decode(text + done, length - done, &character);
		if (step == 0)
			return false;
		done += step;
	}
	return true;
}

size_t
utf8_encode(uint32_t character, char bytes[static UTF8_MAX_BYTES])
{
	size_t n_more = (character >= 0x80) + (character >= 0x800) + (character >= 0x10000);

	if (!is_character(character))
		return 0;
	if (n_more == 0) {
		bytes[0] = (char)character;
		return 1;
	}
	for (size_t i = n_more; i > 0; i--, character >>= 6)
		bytes[i] = (char)(0x80 | (character & 0x3f));
	bytes[0] = (char)(forms[n_more - 1].lead | character);
	return n_more + 1;
}

size_t
utf8_count(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += !is_continuation((unsigned char)text[i]);
	return count;
}

size_t
utf8_prefix(const char *text, size_t length, size_t n_characters)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!is_continuation((unsigned char)text[i]) && n_characters-- == 0)
			break;
	return i;
}
