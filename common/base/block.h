/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block: memory that its thread needs again in a moment.
 *
 * A block that is given back waits in a list of its size for the thread's next use: so a call of
 * ordinary size costs no malloc, and messages of 1 MiB do not map and unmap memory each time, which
 * is four times slower. What one burst needed goes back to the system a part at a time
 * (block_trim). Under AddressSanitizer every block is a malloc of its own, so that an overrun by
 * one byte is seen.
 */
#ifndef MZ_BASE_BLOCK_H
#define MZ_BASE_BLOCK_H

#include <stddef.h>

/* Before each block: a boundary of 16 bytes, then so many of ours. */
enum { BLOCK_HEAD = 8 };

/* A block of at least size bytes; NULL without memory. It is given back by block_give. */
void *block_take(size_t size);
/* As realloc. */
void *block_resize(void *block, size_t size);
/* NULL is allowed. */
void block_give(void *block);

/* What the block has room for: what was asked for, or somewhat more. */
size_t block_size(const void *block);

/* Gives half of what the thread has at hand back to the system; what it needs comes again. */
void block_trim(void);

#endif
