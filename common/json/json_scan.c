/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "json/json_private.h"

bool
json_exhausted(struct json_reader *r)
{
	return JSON_REFUSE(r, PROTO_EXHAUSTED, "the message needs more than %zu bytes of memory",
			   arena_budget(r->arena));
}

bool
json_too_deep(struct json_reader *r)
{
	return JSON_REFUSE(r, PROTO_TOO_DEEP, "more than %d levels", PROTO_MAX_DEPTH);
}

char
json_peek(struct json_reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
		r->at++;
	return r->at < r->end ? *r->at : '\0';
}

bool
json_take(struct json_reader *r, const char *text)
{
	size_t length;

	if (json_peek(r) != *text)
		return false;
	length = strlen(text);
	if ((size_t)(r->end - r->at) < length || memcmp(r->at, text, length) != 0)
		return false;
	r->at += length;
	return true;
}

bool
json_expect(struct json_reader *r, char c)
{
	char reason[] = "expected '?'";

	if (json_peek(r) == c) {
		r->at++;
		return true;
	}
	reason[sizeof "expected '" - 1] = c;
	return json_refuse(r, r->at == r->end ? "the text ends early" : reason);
}

bool
json_next(struct json_reader *r, size_t n, char close)
{
	bool more = n == 0 ? json_peek(r) != close : json_take(r, ",");

	if (!more)
		json_expect(r, close);
	return more;
}

/* The four digits behind \u; -1 when there are none. */
static int32_t
hex4(const char *p, const char *end)
{
	int32_t unit = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return -1;
		unit = unit << 4 | (isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] & 7) + 9);
	}
	return unit;
}

/* What follows \u, with the second half of a surrogate pair; -1 for a lone half. */
static int32_t
unicode_escape(const char **p, const char *end)
{
	int32_t unit = hex4(*p, end), low;

	*p += 4;
	if (unit >> 10 != 0xD800 >> 10)
		return unit;
	low = end - *p > 2 && memcmp(*p, "\\u", 2) == 0 ? hex4(*p + 2, end) : -1;
	*p += 6;
	return low >> 10 == 0xDC00 >> 10 ? 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff)) : -1;
}

/* One escape behind its backslash; the bytes it stands for are never more than its own. NULL: none.
 */
static char *
read_escape(const struct json_reader *r, const char **p, const char *end, char *out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char c = *(*p)++, *letter = memchr(letters, c, sizeof letters - 1);
	int32_t character;
	size_t n;

	if (letter) {
		*out = meanings[letter - letters];
		return out + 1;
	}
	character = c == 'u' ? unicode_escape(p, end) : -1;
	if (character == 0 && r->options.keep_nul)
		return stpcpy(out, "\xC0\x80");
	n = character > 0 ? utf8_encode((uint32_t)character, out) : 0;
	return n ? out + n : NULL;
}

static bool
decode(struct json_reader *r, const char *p, const char *end, struct json_slice *ret_text)
{
	char *text = arena_alloc(r->arena, (size_t)(end - p) + 1), *out = text;

	if (!text)
		return json_exhausted(r);
	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		p++;
		out = read_escape(r, &p, end, out);
		if (!out)
			return JSON_REFUSE(r, PROTO_BAD_TEXT,
					   "an escape is wrong, NUL or half a surrogate pair");
	}
	*out = '\0';
	*ret_text = (struct json_slice){text, (size_t)(out - text)};
	return true;
}

bool
json_scan_string(struct json_reader *r, struct json_slice *ret_text)
{
	bool has_escape = false;
	const char *first;

	if (!json_expect(r, '"'))
		return false;
	first = r->at;
	for (; r->at < r->end && *r->at != '"'; r->at++) {
		if ((unsigned char)*r->at < 0x20)
			return json_refuse(r, "a control character in a string");
		if (*r->at == '\\') {
			has_escape = true;
			if (++r->at == r->end)
				break;
		}
	}
	if (r->at == r->end)
		return json_refuse(r, "a string does not end");
	r->at++;
	if (has_escape)
		return decode(r, first, r->at - 1, ret_text);
	*ret_text = (struct json_slice){first, (size_t)(r->at - 1 - first)};
	return true;
}

bool
json_scan_name(struct json_reader *r, struct json_slice *ret_name)
{
	return json_scan_string(r, ret_name) && json_expect(r, ':');
}

bool
json_slice_is(struct json_slice slice, const char *text)
{
	return slice.length == strlen(text) && memcmp(slice.text, text, slice.length) == 0;
}

/* Recursion of at most PROTO_MAX_DEPTH levels. */
static bool
skip_members(struct json_reader *r, char close)
{
	struct json_slice ignored;

	if (r->depth >= PROTO_MAX_DEPTH)
		return json_too_deep(r);
	r->depth++;
	r->at++;
	for (size_t n = 0; json_next(r, n, close); n++)
		if ((close == '}' && !json_scan_name(r, &ignored)) || !json_skip_value(r))
			return false;
	r->depth--;
	return r->result == PROTO_OK;
}

bool
json_skip_value(struct json_reader *r)
{
	struct json_slice ignored;
	const char *end;
	char c = json_peek(r);

	if (c == '{' || c == '[')
		return skip_members(r, c == '{' ? '}' : ']');
	if (c == '"')
		return json_scan_string(r, &ignored);
	if (json_take(r, "null") || json_take(r, "true") || json_take(r, "false"))
		return true;
	end = json_number_end(r->at, r->end);
	if (!end)
		return json_refuse(r, r->at == r->end ? "the text ends early" : "expected a value");
	r->at = end;
	return true;
}
