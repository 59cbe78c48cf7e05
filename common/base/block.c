/* SPDX-License-Identifier: Apache-2.0 */
#include "base/block.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Small blocks, nghttp2's objects above all, come in malloc's own steps, so that idle connections
 * waste nothing; larger ones in powers of two, with EXTRA so that a message of such a size fits
 * with what its owner keeps beside it.
 */
enum {
	STEP = 16,
	LARGEST_SMALL = 4 << 10,
	N_SMALL = LARGEST_SMALL / STEP + 1,
	SMALLEST_LARGE = 8 << 10,
	N_LARGE = 13, /* … 32 MiB */
	N_CLASSES = N_SMALL + N_LARGE,
	EXTRA = 128,
	MOST_BYTES = 16 << 20, /* of large ones at hand */
};

union head {
	size_t size; /* while it is taken */
	union head *next;
};
_Static_assert(sizeof(union head) == BLOCK_HEAD, "what block.h says");

static _Thread_local struct {
	union head *free[N_CLASSES];
	size_t bytes; /* of large ones */
} cache;

#ifdef MZ_SANITIZE
static const bool every_block_alone = true;
#else
static const bool every_block_alone = false;
#endif

/* N_CLASSES and more: only malloc's. */
static unsigned
class_of(size_t size)
{
	if (every_block_alone)
		return N_CLASSES;
	if (size <= LARGEST_SMALL)
		return (unsigned)((size + STEP - 1) / STEP);
	size = (size - EXTRA - 1) / SMALLEST_LARGE;
	return N_SMALL + (size ? sizeof size * CHAR_BIT - (unsigned)__builtin_clzl(size) : 0);
}

static size_t
size_of(unsigned class)
{
	return class < N_SMALL ? (size_t) class * STEP
			       : ((size_t)SMALLEST_LARGE << (class - N_SMALL)) + EXTRA;
}

void *
block_take(size_t size)
{
	unsigned class = class_of(size);
	union head *head = NULL;

	if (class < N_CLASSES) {
		size = size_of(class);
		head = cache.free[class];
	}
	if (head) {
		cache.free[class] = head->next;
		__builtin_prefetch(head->next); /* by the next take it would be cold */
		if (class >= N_SMALL)
			cache.bytes -= size;
	} else {
		head = size <= SIZE_MAX - sizeof *head ? malloc(sizeof *head + size) : NULL;
	}
	if (!head)
		return NULL;
	head->size = size;
	return head + 1;
}

void
block_give(void *block)
{
	union head *head = block;
	unsigned class;

	if (!block)
		return;
	head--;
	class = class_of(head->size);
	if (class >= N_SMALL) {
		if (class >= N_CLASSES || cache.bytes + head->size > MOST_BYTES) {
			free(head);
			return;
		}
		cache.bytes += head->size;
	}
	head->next = cache.free[class];
	cache.free[class] = head;
}

size_t
block_size(const void *block)
{
	return ((const union head *)block - 1)->size;
}

void *
block_resize(void *block, size_t size)
{
	void *moved;

	if (block && size <= block_size(block))
		return block;
	moved = block_take(size);
	if (moved && block) {
		memcpy(moved, block, block_size(block));
		block_give(block);
	}
	return moved;
}

void
block_trim(void)
{
	for (unsigned class = 0; class < N_CLASSES; class ++) {
		union head **at = &cache.free[class];

		/* Every second one. */
		while (*at) {
			union head *head = *at;

			*at = head->next;
			if (class >= N_SMALL)
				cache.bytes -= size_of(class);
			free(head);
			if (*at)
				at = &(*at)->next;
		}
	}
}
