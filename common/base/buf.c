/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Room for extra bytes and a NUL. */
static bool
grow(struct buf *buf, size_t extra)
{
	size_t need, capacity;
	char *data;

	if (buf->failed || extra > buf->limit - buf->length) {
		buf->failed = true;
		return false;
	}
	need = buf->length + extra + 1;
	if (need <= buf->capacity)
		return true;
	capacity = buf->capacity ? buf->capacity * 2 : FIRST_CAPACITY;
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

void
buf_reserve(struct buf *buf, size_t extra)
{
	grow(buf, extra);
}

void *
buf_extend(struct buf *buf, size_t length)
{
	char *at;

	if (!grow(buf, length))
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
	buf_put(buf, &c, 1);
}

void
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0 || !grow(buf, (size_t)length)) {
		buf->failed = true;
		return;
	}
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
