/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/mask.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/* Shorter numbers are hidden whole: the shown part would be most of them. */
enum { SHOWN_TAIL = 4, SHORTEST_SHOWN = 8, PHONE_HEAD = 3, SHORTEST_PHONE = 11 };

static const char hidden[] = "***";

static void
put_stars(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_putc(out, '*');
}

/* The first `head` and the last SHOWN_TAIL characters, a star for each of the others. */
static void
put_number(struct buf *out, size_t head, size_t shortest, const char *text, size_t length)
{
	size_t count = utf8_count(text, length), front, back;

	if (count < shortest) {
		put_stars(out, count);
		return;
	}
	front = utf8_prefix(text, length, head);
	back = utf8_prefix(text, length, count - SHOWN_TAIL);
	buf_put(out, text, front);
	put_stars(out, count - head - SHOWN_TAIL);
	buf_put(out, text + back, length - back);
}

/* Bytes up to and with the first of the words at or after `from`; 0 when there is none. */
static size_t
end_of_first(const char *text, size_t length, size_t from, const char *const *words)
{
	size_t best = 0, best_at = length;

	for (; *words; words++) {
		size_t size = strlen(*words);
		const char *at = memmem(text + from, length - from, *words, size);

		if (at && (size_t)(at - text) < best_at) {
			best_at = (size_t)(at - text);
			best = best_at + size;
		}
	}
	return best;
}

/* A village's own name may begin with 村 or the like, so one character after the township is
 * skipped. */
static void
put_address(struct buf *out, enum mask_audience audience, const char *text, size_t length)
{
	static const char *const townships[] = {"街道", "镇", "乡", NULL};
	static const char *const villages[] = {"村", "社区", "居委会", NULL};
	size_t township = end_of_first(text, length, 0, townships);
	size_t skip = township + utf8_prefix(text + township, length - township, 1);
	size_t village = end_of_first(text, length, skip, villages);
	size_t shown = village ? village : township;

	buf_put(out, text, shown);
	if (audience == MASK_FOR_REPLY && shown < length)
		buf_puts(out, hidden);
}

void
mask_name(struct buf *out, const char *name, size_t length)
{
	static const char middle_dot[] = "\xc2\xb7";
	size_t at = utf8_prefix(name, length, 1);

	buf_put(out, name, at);
	while (at < length) {
		size_t step = utf8_prefix(name + at, length - at, 1);
		bool is_dot = step == 2 && memcmp(name + at, middle_dot, 2) == 0;

		buf_puts(out, is_dot ? middle_dot : "*");
		at += step;
	}
}

static void
append_for_reply(struct buf *out, enum mask_class class, const char *text, size_t length)
{
	if (class == MASK_NAME)
		buf_put(out, text, length);
	else if (class == MASK_PHONE)
		put_number(out, PHONE_HEAD, SHORTEST_PHONE, text, length);
	else if (class == MASK_ID_NUMBER || class == MASK_ACCOUNT)
		put_number(out, 0, SHORTEST_SHOWN, text, length);
	else
		buf_puts(out, hidden);
}

void
mask_append(struct buf *out, enum mask_class class, enum mask_audience audience, const char *text,
	    size_t length)
{
	if (length == 0)
		return;
	if (class == MASK_NONE)
		buf_put(out, text, length);
	else if (class == MASK_ADDRESS)
		put_address(out, audience, text, length);
	else if (audience == MASK_FOR_REPLY)
		append_for_reply(out, class, text, length);
	else if (class == MASK_NAME)
		mask_name(out, text, length);
}

char *
mask_text(struct arena *arena, enum mask_class class, enum mask_audience audience, const char *text,
	  size_t length)
{
	struct buf out;

	buf_init(&out, arena, arena_budget(arena));
	mask_append(&out, class, audience, text, length);
	return out.failed ? NULL : arena_strndup(arena, out.data, out.length);
}
