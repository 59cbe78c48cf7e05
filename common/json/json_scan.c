/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_scan.h"

#include <string.h>

#include "base/utf8.h"

enum proto_result
json_refuse(struct json_scanner *s, const char *reason)
{
	return proto_fault_set(s->fault, PROTO_MALFORMED, "%s at byte %zu", reason,
			       (size_t)(s->at - s->start));
}

enum proto_result
json_exhausted(struct json_scanner *s)
{
	return proto_fault_set(s->fault, PROTO_EXHAUSTED,
			       "the message needs more than %zu bytes of memory",
			       arena_budget(s->arena));
}

static void
skip_space(struct json_scanner *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

char
json_peek(struct json_scanner *s)
{
	skip_space(s);
	return s->at < s->end ? *s->at : '\0';
}

bool
json_take(struct json_scanner *s, char c)
{
	skip_space(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

enum proto_result
json_expect(struct json_scanner *s, char c)
{
	char reason[] = "expected '?'";

	if (json_take(s, c))
		return PROTO_OK;
	reason[sizeof "expected '" - 1] = c;
	return json_refuse(s, s->at == s->end ? "the text ends early" : reason);
}

bool
json_take_literal(struct json_scanner *s, const char *literal)
{
	size_t length = strlen(literal);

	skip_space(s);
	if ((size_t)(s->end - s->at) < length || memcmp(s->at, literal, length) != 0)
		return false;
	s->at += length;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after \u. */
static bool
read_hex4(const char **p, const char *end, uint32_t *ret_unit)
{
	uint32_t unit = 0;

	if (end - *p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit((*p)[i]);

		if (digit < 0)
			return false;
		unit = unit << 4 | (uint32_t)digit;
	}
	*p += 4;
	*ret_unit = unit;
	return true;
}

/* What follows \u, with the second half of a surrogate pair; false for a lone half. */
static bool
read_unicode_escape(const char **p, const char *end, uint32_t *ret_character)
{
	uint32_t high, low;

	if (!read_hex4(p, end, &high))
		return false;
	if (high >= 0xD800 && high <= 0xDBFF) {
		if (end - *p < 2 || (*p)[0] != '\\' || (*p)[1] != 'u')
			return false;
		*p += 2;
		if (!read_hex4(p, end, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
	}
	*ret_character = high;
	return true;
}

/* One escape after its backslash; the bytes it stands for are never more than its own. NULL: none.
 */
static char *
read_escape(const struct json_scanner *s, const char **p, const char *end, char *out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = *(*p)++;
	const char *letter;
	uint32_t character;
	size_t n;

	if (c == 'u') {
		if (!read_unicode_escape(p, end, &character))
			return NULL;
		if (character == 0 && !s->keep_nul)
			return NULL;
		n = character ? utf8_encode(character, out)
			      : (size_t)(stpcpy(out, "\xC0\x80") - out);
		return n ? out + n : NULL;
	}
	letter = c ? strchr(letters, c) : NULL;
	if (!letter)
		return NULL;
	*out = meanings[letter - letters];
	return out + 1;
}

static enum proto_result
decode(struct json_scanner *s, const char *p, const char *end, struct json_slice *ret_text)
{
	char *text = arena_alloc(s->arena, (size_t)(end - p) + 1), *out = text;

	if (!text)
		return json_exhausted(s);
	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		p++;
		out = read_escape(s, &p, end, out);
		if (!out)
			return proto_fault_set(
			    s->fault, PROTO_BAD_TEXT,
			    "an escape is wrong, NUL or half a surrogate pair at byte %zu",
			    (size_t)(p - s->start));
	}
	*out = '\0';
	*ret_text = (struct json_slice){text, (size_t)(out - text)};
	return PROTO_OK;
}

enum proto_result
json_scan_string(struct json_scanner *s, struct json_slice *ret_text)
{
	bool has_escape = false;
	const char *first;
	enum proto_result r = json_expect(s, '"');

	if (r != PROTO_OK)
		return r;
	first = s->at;
	for (; s->at < s->end && *s->at != '"'; s->at++) {
		if ((unsigned char)*s->at < 0x20)
			return json_refuse(s, "a control character in a string");
		if (*s->at == '\\') {
			has_escape = true;
			if (++s->at == s->end)
				break;
		}
	}
	if (s->at == s->end)
		return json_refuse(s, "a string does not end");
	s->at++;
	if (has_escape)
		return decode(s, first, s->at - 1, ret_text);
	*ret_text = (struct json_slice){first, (size_t)(s->at - 1 - first)};
	return PROTO_OK;
}

enum proto_result
json_scan_name(struct json_scanner *s, struct json_slice *ret_name)
{
	enum proto_result r = json_scan_string(s, ret_name);

	return r == PROTO_OK ? json_expect(s, ':') : r;
}

/* Behind one or more digits; NULL when there is none, or no p. */
static const char *
after_digits(const char *p, const char *end)
{
	const char *first = p;

	if (!p)
		return NULL;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > first ? p : NULL;
}

/* The end of the number at p, or NULL when there is none. */
static const char *
number_end(const char *p, const char *end)
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

bool
json_is_number(struct json_slice slice)
{
	const char *end = slice.text + slice.length;

	return number_end(slice.text, end) == end;
}

enum proto_result
json_scan_number(struct json_scanner *s, struct json_slice *ret_number)
{
	const char *end;

	skip_space(s);
	end = number_end(s->at, s->end);
	if (!end)
		return json_refuse(s, "expected a number");
	*ret_number = (struct json_slice){s->at, (size_t)(end - s->at)};
	s->at = end;
	return PROTO_OK;
}

static enum proto_result
skip_scalar(struct json_scanner *s)
{
	struct json_slice ignored;
	char c = json_peek(s);

	if (c == '"')
		return json_scan_string(s, &ignored);
	if (c == '-' || (c >= '0' && c <= '9'))
		return json_scan_number(s, &ignored);
	if (json_take_literal(s, "null") || json_take_literal(s, "true") ||
	    json_take_literal(s, "false"))
		return PROTO_OK;
	return json_refuse(s, s->at == s->end ? "the text ends early" : "expected a value");
}

/* Recursion of at most PROTO_MAX_DEPTH levels. */
static enum proto_result
skip_members(struct json_scanner *s, char close, int max_depth)
{
	struct json_slice ignored;
	enum proto_result r;

	if (json_take(s, close))
		return PROTO_OK;
	do {
		r = close == '}' ? json_scan_name(s, &ignored) : PROTO_OK;
		if (r == PROTO_OK)
			r = json_skip_value(s, max_depth);
	} while (r == PROTO_OK && json_take(s, ','));
	return r == PROTO_OK ? json_expect(s, close) : r;
}

enum proto_result
json_skip_value(struct json_scanner *s, int max_depth)
{
	char open = json_peek(s);

	if (open != '{' && open != '[')
		return skip_scalar(s);
	if (max_depth <= 0)
		return proto_fault_set(s->fault, PROTO_TOO_DEEP, "more than %d levels",
				       PROTO_MAX_DEPTH);
	s->at++;
	return skip_members(s, open == '{' ? '}' : ']', max_depth - 1);
}
