/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { FIRST_CAPACITY = 256 };

void
buf_init(struct buf *buf, struct arena *arena, size_t limit)
{
	*buf = (struct buf){.limit = limit, .arena = arena};
}

void
buf_free(struct buf *buf)
{
	if (!buf->arena)
		free(buf->data);
	buf_init(buf, buf->arena, buf->limit);
}

void
buf_clear(struct buf *buf)
{
	buf->length = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static char *
resize(struct buf *buf, size_t capacity)
{
	char *data;

	if (!buf->arena)
		return realloc(buf->data, capacity);
	data = arena_alloc(buf->arena, capacity);
	if (data && buf->length)
		memcpy(data, buf->data, buf->length);
	return data;
}

bool
buf_reserve(struct buf *buf, size_t extra)
{
	size_t capacity = buf->capacity ? buf->capacity * 2 : FIRST_CAPACITY;
	size_t need = buf->length + extra + 1; /* a NUL */
	char *data;

	if (buf->failed || extra > buf->limit - buf->length) {
		buf->failed = true;
		return false;
	}
	if (need <= buf->capacity)
		return true;
	if (capacity < need)
		capacity = need;
	data = resize(buf, capacity);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void *
buf_extend(struct buf *buf, size_t length)
{
	char *at;

	if (!buf_reserve(buf, length))
		return NULL;
	at = buf->data + buf->length;
	buf->length += length;
	buf->data[buf->length] = '\0';
	return at;
}

void
buf_put(struct buf *buf, const void *data, size_t length)
{
	void *at = buf_extend(buf, length);

	if (at && length)
		memcpy(at, data, length);
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	char *at = buf_extend(buf, 1);

	if (at)
		*at = c;
}

/* Printed once when it fits into what is left, which is the rule; else a second time. */
void
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	size_t room = buf->capacity - buf->length;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(room ? buf->data + buf->length : NULL, room, format, again);
	va_end(again);
	if (length < 0 || !buf_reserve(buf, (size_t)length)) {
		buf->failed = true;
		return;
	}
	if ((size_t)length >= room)
		vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
	buf->length += (size_t)length;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

/* Bytes of the character at text if it stands for itself in a JSON string, else 0. */
static size_t
plain_at(const char *text, size_t length)
{
	unsigned char c = (unsigned char)*text;
	uint32_t character;

	if (c < 0x80)
		return c >= 0x20 && c != '"' && c != '\\';
	return utf8_decode(text, length, &character);
}

/* Appends what stands for any other character (RFC 8259, 7); returns its bytes. */
static size_t
put_escaped(struct buf *buf, const char *text, size_t length)
{
	static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
	unsigned char c = (unsigned char)*text;

	if (c < sizeof letters && letters[c]) {
		buf_putc(buf, '\\');
		buf_putc(buf, letters[c]);
	} else if (c < 0x20) {
		buf_printf(buf, "\\u%04x", c);
	} else if (length >= 2 && memcmp(text, "\xC0\x80", 2) == 0) {
		buf_puts(buf, "\\u0000");
		return 2;
	} else {
		buf_puts(buf, "\xEF\xBF\xBD");
	}
	return 1;
}

void
buf_put_json(struct buf *buf, const char *text, size_t length)
{
	size_t done = 0, run, n;

	buf_putc(buf, '"');
	while (done < length) {
		for (run = done; run < length && (n = plain_at(text + run, length - run)); run += n)
			;
		buf_put(buf, text + done, run - done);
		done = run;
		if (done < length)
			done += put_escaped(buf, text + done, length - done);
	}
	buf_putc(buf, '"');
}

void
buf_consume(struct buf *buf, size_t length)
{
	buf->length -= length;
	if (buf->length)
		memmove(buf->data, buf->data + length, buf->length);
	if (buf->data)
		buf->data[buf->length] = '\0';
}

const char *
buf_text(const struct buf *buf)
{
	if (buf->failed)
		return NULL;
	return buf->data ? buf->data : "";
}
