/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/h2_memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	CLASS_STEP = 16,  /* as malloc's own */
	N_CLASSES = 64,   /* up to 1 KiB; larger ones are rare */
	MOST_FREE = 4096, /* of one class */
};

/* Before each block: its class, so that free needs no size. nghttp2's objects hold pointers and
 * integers: 8 bytes of alignment are enough. */
union head {
	size_t class;
	union head *next;
};

static _Thread_local struct {
	union head *free;
	unsigned n_free;
} classes[N_CLASSES];

#ifdef MZ_SANITIZE
static const bool every_block_alone = true;
#else
static const bool every_block_alone = false;
#endif

static void *
take(size_t size)
{
	size_t class = (size + CLASS_STEP - 1) / CLASS_STEP;
	union head *head;

	if (class >= N_CLASSES || every_block_alone) {
		head = malloc(sizeof *head + size);
		class = N_CLASSES;
	} else if (classes[class].free) {
		head = classes[class].free;
		classes[class].free = head->next;
		classes[class].n_free--;
	} else {
		head = malloc(sizeof *head + class * CLASS_STEP);
	}
	if (!head)
		return NULL;
	head->class = class;
	return head + 1;
}

static void
give(void *block)
{
	union head *head = block;
	size_t class;

	if (!block)
		return;
	head--;
	class = head->class;
	if (class == N_CLASSES || classes[class].n_free == MOST_FREE) {
		free(head);
		return;
	}
	head->next = classes[class].free;
	classes[class].free = head;
	classes[class].n_free++;
}

static void *
on_malloc(size_t size, void *data)
{
	(void)data;
	return take(size);
}

static void
on_free(void *block, void *data)
{
	(void)data;
	give(block);
}

static void *
on_calloc(size_t n, size_t size, void *data)
{
	size_t total;
	void *block;

	(void)data;
	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	block = take(total);
	return block ? memset(block, 0, total) : NULL;
}

static void *
on_realloc(void *block, size_t size, void *data)
{
	union head *head = block ? (union head *)block - 1 : NULL;
	void *moved;

	(void)data;
	if (head && head->class < N_CLASSES && size <= head->class * CLASS_STEP)
		return block;
	if (head && head->class == N_CLASSES) {
		union head *grown = realloc(head, sizeof *head + size);

		/* cppcheck-suppress memleak ; given out behind its head */
		return grown ? grown + 1 : NULL;
	}
	moved = take(size);
	if (moved && head) {
		memcpy(moved, block, head->class * CLASS_STEP);
		give(block);
	}
	return moved;
}

nghttp2_mem *
h2_memory(void)
{
	static nghttp2_mem memory = {
	    .malloc = on_malloc, .free = on_free, .calloc = on_calloc, .realloc = on_realloc};

	return &memory;
}

void
h2_memory_trim(void)
{
	for (size_t i = 0; i < N_CLASSES; i++) {
		for (unsigned n = classes[i].n_free / 2; n > 0; n--) {
			union head *head = classes[i].free;

			classes[i].free = head->next;
			classes[i].n_free--;
			free(head);
		}
	}
}
