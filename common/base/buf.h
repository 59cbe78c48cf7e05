/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buf: bytes that grow, with a limit.
 *
 * Used for everything that is written piece by piece: JSON, SQL, log lines, frames. An append past
 * the limit or without memory marks the buffer as failed and is dropped, as is every later append;
 * so a writer checks once, at the end. The bytes always end with a NUL that is not counted. A
 * buffer lives either on an arena (then nothing is freed) or on the heap.
 */
#ifndef MZ_BASE_BUF_H
#define MZ_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf {
	char *data; /* NULL while empty */
	size_t length;
	size_t capacity;
	size_t limit;        /* most bytes */
	struct arena *arena; /* NULL: heap */
	bool failed;
};

/* An empty buffer on the heap or on arena, of at most limit bytes. */
void buf_init(struct buf *buf, struct arena *arena, size_t limit);

/* Frees a heap buffer; an arena's is only forgotten. The buffer can be used again. */
void buf_free(struct buf *buf);

/* Forgets the bytes and the failure, keeps the memory. */
void buf_clear(struct buf *buf);

/* Appends. */
void buf_put(struct buf *buf, const void *data, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Appends text as a JSON string with its quotes. Any bytes are safe: C0 80 is NUL, what else is not
 * UTF-8 becomes U+FFFD. */
void buf_put_json(struct buf *buf, const char *text, size_t length);

/* Room for extra bytes that are about to come, so that growing copies nothing. Fails, and is false,
 * as adding them would be. */
bool buf_reserve(struct buf *buf, size_t extra);

/* Room for length more bytes at the end, counted as appended; NULL on failure. Valid until the next
 * append. */
void *buf_extend(struct buf *buf, size_t length);

/* Drops the first length bytes. */
void buf_consume(struct buf *buf, size_t length);

/* The bytes as a C string, "" while empty; NULL when an append has failed. */
const char *buf_text(const struct buf *buf);

#define BUF_CLEANUP __attribute__((cleanup(buf_free)))

#endif
