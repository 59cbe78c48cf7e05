/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Ordinary blocks have one size and are cached by the thread, so that a call of ordinary size costs
 * no malloc. A large allocation gets a block of its own; those are cached too, up to
 * LARGE_CACHE_BYTES, because malloc would map and unmap a 1 MiB message each time, four times
 * slower than keeping the block.
 */
enum {
	BLOCK_SIZE = 8192,
	BLOCK_CACHE_MAX = 256,
	LARGE_CACHE_MAX = 32,
	LARGE_CACHE_BYTES = 8 << 20,
	ALIGNMENT = 16,
};

struct block {
	struct block *next;
	size_t size; /* of data */
	size_t used;
	_Alignas(ALIGNMENT) unsigned char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *data);
	void *data;
};

struct arena {
	struct block *blocks; /* the first is the one being filled */
	struct cleanup *cleanups;
	size_t used;
	size_t budget;
	bool exhausted;
	bool erases;
};

static _Thread_local struct {
	struct block *blocks;
	int n_blocks;
	struct block *large[LARGE_CACHE_MAX];
	size_t large_bytes;
} cache;

#ifdef MZ_SANITIZE
static const bool every_allocation_alone = true;
#else
static const bool every_allocation_alone = false;
#endif

static struct block *
cached_large(size_t size)
{
	for (int i = 0; i < LARGE_CACHE_MAX; i++) {
		struct block *block = cache.large[i];

		if (block && block->size >= size && block->size / 2 <= size) {
			cache.large[i] = NULL;
			cache.large_bytes -= block->size;
			return block;
		}
	}
	return NULL;
}

static struct block *
block_new(size_t size)
{
	struct block *block = NULL;

	if (!every_allocation_alone && size <= BLOCK_SIZE) {
		size = BLOCK_SIZE;
		block = cache.blocks;
		if (block) {
			cache.blocks = block->next;
			cache.n_blocks--;
		}
	} else if (!every_allocation_alone) {
		block = cached_large(size);
	}
	if (!block) {
		block = malloc(sizeof *block + size);
		if (!block)
			return NULL;
		block->size = size;
	}
	block->used = 0;
	block->next = NULL;
	return block;
}

static void
block_free(struct block *block)
{
	if (!every_allocation_alone && block->size == BLOCK_SIZE &&
	    cache.n_blocks < BLOCK_CACHE_MAX) {
		block->next = cache.blocks;
		cache.blocks = block;
		cache.n_blocks++;
		return;
	}
	if (!every_allocation_alone && block->size > BLOCK_SIZE &&
	    block->size <= LARGE_CACHE_BYTES - cache.large_bytes) {
		for (int i = 0; i < LARGE_CACHE_MAX; i++) {
			if (cache.large[i])
				continue;
			block->used = 0;
			cache.large_bytes += block->size;
			cache.large[i] = block;
			return;
		}
	}
	free(block);
}

/* A cached block is empty, so `used` can say that it has not been wanted since the last trim. */
void
arena_trim(void)
{
	for (int i = 0; i < LARGE_CACHE_MAX; i++) {
		struct block *block = cache.large[i];

		if (block && block->used) {
			cache.large[i] = NULL;
			cache.large_bytes -= block->size;
			free(block);
		} else if (block) {
			block->used = 1;
		}
	}
}

struct arena *
arena_new(size_t budget)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (arena)
		arena->budget = budget;
	return arena;
}

void
arena_reset(struct arena *arena)
{
	struct block *block;

	while (arena->cleanups) {
		struct cleanup *cleanup = arena->cleanups;

		arena->cleanups = cleanup->next;
		cleanup->fn(cleanup->data);
	}
	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		if (arena->erases)
			explicit_bzero(block->data, block->used);
		block_free(block);
	}
	arena->used = 0;
	arena->exhausted = false;
}

void
arena_erase_on_reset(struct arena *arena)
{
	arena->erases = true;
}

void
arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena);
}

static struct block *
block_for(struct arena *arena, size_t size)
{
	struct block *current = arena->blocks, *block;

	if (current && current->size - current->used >= size && !every_allocation_alone)
		return current;
	block = block_new(size);
	if (!block)
		return NULL;
	/* Go on filling whichever block has more room left. */
	if (current && current->size - current->used > block->size - size) {
		block->next = current->next;
		current->next = block;
	} else {
		block->next = current;
		arena->blocks = block;
	}
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct block *block;
	size_t rounded = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
	void *data;

	if (rounded < size || rounded > arena->budget - arena->used)
		goto exhausted;
	block = block_for(arena, every_allocation_alone ? size : rounded);
	if (!block)
		goto exhausted;
	data = block->data + block->used;
	block->used += every_allocation_alone ? size : rounded;
	arena->used += rounded;
	return data;

exhausted:
	arena->exhausted = true;
	return NULL;
}

void *
arena_zalloc(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	void *data;

	if (__builtin_mul_overflow(count, size, &total)) {
		arena->exhausted = true;
		return NULL;
	}
	data = arena_alloc(arena, total);
	if (data)
		memset(data, 0, total);
	return data;
}

void *
arena_memdup(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, length + 1);
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	int length;
	char *text;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)length + 1);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

int
arena_on_reset(struct arena *arena, void (*fn)(void *data), void *data)
{
	struct cleanup *cleanup = arena_alloc(arena, sizeof *cleanup);

	if (!cleanup)
		return -ENOMEM;
	*cleanup = (struct cleanup){.next = arena->cleanups, .fn = fn, .data = data};
	arena->cleanups = cleanup;
	return 0;
}

bool
arena_holds(const struct arena *arena, const void *data)
{
	const unsigned char *at = data;

	for (const struct block *block = arena->blocks; block; block = block->next) {
		if (at >= block->data && at < block->data + block->used)
			return true;
	}
	return false;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

size_t
arena_budget(const struct arena *arena)
{
	return arena->budget;
}

void
arena_set_budget(struct arena *arena, size_t budget)
{
	arena->budget = budget > arena->used ? budget : arena->used;
}

int
arena_exhausted(const struct arena *arena)
{
	return arena->exhausted;
}
