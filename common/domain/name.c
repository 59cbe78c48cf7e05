/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/name.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum {
	MIDDLE_DOT = 0xb7,
	FULL_STOP = '.',
	FULL_WIDTH_FIRST = 0xff01, /* U+FF01 … U+FF5E are U+0021 … U+007E, full width */
	FULL_WIDTH_LAST = 0xff5e,
	FULL_WIDTH_OFFSET = 0xfee0,
	FULL_WIDTH_STOP = 0xff0e,
};

struct span {
	uint32_t first, last;
};

/* Invisible, or able to change how the text around them is read. */
static const struct span controls[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},
				       {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
				       {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
static const struct span private_use[] = {
    {0xe000, 0xf8ff}, {0xf0000, 0xffffd}, {0x100000, 0x10fffd}};
static const struct span blanks[] = {
    {' ', ' '}, {0xa0, 0xa0}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x3000, 0x3000}};
static const struct span dot_look_alikes[] = {
    {0x2022, 0x2022}, {0x2027, 0x2027}, {0x30fb, 0x30fb}, {FULL_WIDTH_STOP, FULL_WIDTH_STOP}};

#define IS_IN(character, spans) is_in((character), (spans), sizeof(spans) / sizeof(spans)[0])

static bool
is_in(uint32_t character, const struct span *spans, size_t n_spans)
{
	for (size_t i = 0; i < n_spans; i++)
		if (character >= spans[i].first && character <= spans[i].last)
			return true;
	return false;
}

/* The next character of valid text at *at, which moves behind it; 0 at the end. */
static uint32_t
next_character(const char *text, size_t length, size_t *at)
{
	uint32_t character = 0;

	*at += utf8_decode(text + *at, length - *at, &character);
	return character;
}

enum name_result
name_check(const char *text, size_t length)
{
	uint32_t character = 0;
	size_t count = 0;

	if (length == 0)
		return NAME_EMPTY;
	if (!utf8_valid(text, length))
		return NAME_NOT_UTF8;
	for (size_t at = 0; at < length; count++) {
		character = next_character(text, length, &at);
		if (IS_IN(character, controls))
			return NAME_CONTROL;
		if (count == 0 && IS_IN(character, blanks))
			return NAME_OUTER_BLANK;
	}
	if (IS_IN(character, blanks))
		return NAME_OUTER_BLANK;
	return count > NAME_MAX_CHARACTERS ? NAME_TOO_LONG : NAME_OK;
}

const char *
name_explain(enum name_result result)
{
	static const char *const texts[] = {
	    [NAME_OK] = "",
	    [NAME_EMPTY] = "请填写姓名",
	    [NAME_TOO_LONG] = "姓名最多50个字，请核对",
	    [NAME_NOT_UTF8] = "姓名的编码不对，应为UTF-8",
	    [NAME_CONTROL] = "姓名中有看不见的控制字符，请重新输入",
	    [NAME_OUTER_BLANK] = "姓名前后不能有空格，请去掉",
	};

	return texts[result];
}

bool
name_has_private_use(const char *text, size_t length)
{
	for (size_t at = 0; at < length;)
		if (IS_IN(next_character(text, length, &at), private_use))
			return true;
	return false;
}

/* What a character is in a key; 0: nothing. */
static uint32_t
fold(uint32_t character)
{
	if (IS_IN(character, blanks))
		return 0;
	if (character == FULL_STOP || IS_IN(character, dot_look_alikes))
		return MIDDLE_DOT;
	if (character >= FULL_WIDTH_FIRST && character <= FULL_WIDTH_LAST)
		character -= FULL_WIDTH_OFFSET;
	return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
}

static void
put_character(struct buf *out, uint32_t character)
{
	char bytes[UTF8_MAX_BYTES];

	buf_put(out, bytes, utf8_encode(character, bytes));
}

static char *
finish(struct arena *arena, const struct buf *out)
{
	return out->failed ? NULL : arena_strndup(arena, out->data, out->length);
}

char *
name_key(struct arena *arena, const char *text, size_t length)
{
	struct buf out;

	buf_init(&out, arena, arena_budget(arena));
	for (size_t at = 0; at < length;) {
		uint32_t character = fold(next_character(text, length, &at));

		if (character)
			put_character(&out, character);
	}
	return finish(arena, &out);
}

static bool
is_among(char **bigrams, size_t count, const char *bigram)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(bigrams[i], bigram) == 0)
			return true;
	return false;
}

/* `^key$` is walked by a window of two characters. */
int
name_bigrams(struct arena *arena, const char *key, char ***ret_bigrams, size_t *ret_count)
{
	const char *marked = arena_printf(arena, "^%s$", key);
	size_t length = marked ? strlen(marked) : 0, count = 0, at, next;
	char **bigrams = ARENA_ARRAY(arena, char *, marked ? utf8_count(marked, length) : 0);

	if (!marked || !bigrams)
		return -ENOMEM;
	for (at = 0; *key && at + 1 < length; at = next) {
		char *bigram;
		size_t two = utf8_prefix(marked + at, length - at, 2);

		next = at + utf8_prefix(marked + at, length - at, 1);
		if (next == length)
			break;
		bigram = arena_strndup(arena, marked + at, two);
		if (!bigram)
			return -ENOMEM;
		if (!is_among(bigrams, count, bigram))
			bigrams[count++] = bigram;
	}
	*ret_bigrams = bigrams;
	*ret_count = count;
	return 0;
}

/* Bytes of the longest beginning that both have, in whole characters. */
static size_t
common_prefix(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	while (n > 0 && ((unsigned char)a[n] & 0xc0) == 0x80)
		n--;
	while (n > 0 && ((unsigned char)b[n] & 0xc0) == 0x80)
		n--;
	return n;
}

bool
name_nearly_equal(const char *key_a, const char *key_b)
{
	size_t same = common_prefix(key_a, key_b);
	const char *a = key_a + same, *b = key_b + same;
	size_t step_a = utf8_prefix(a, strlen(a), 1), step_b = utf8_prefix(b, strlen(b), 1);

	return strcmp(a + step_a, b + step_b) == 0 || strcmp(a + step_a, b) == 0 ||
	       strcmp(a, b + step_b) == 0;
}
