/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/block.h"

/* Under AddressSanitizer an allocation has its room for itself, of exactly its size. */
#ifdef MZ_SANITIZE
enum { ROOM_SIZE = 0, ALIGNMENT = 16 };
#else
enum { ROOM_SIZE = 8192, ALIGNMENT = 16 };
#endif

/* A block (base/block.h) that is filled from its front. */
struct room {
	struct room *next;
	size_t size; /* of data */
	size_t used;
	unsigned char data[];
};
_Static_assert((BLOCK_HEAD + sizeof(struct room)) % ALIGNMENT == 0, "data is aligned");

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *data);
	void *data;
};

struct arena {
	struct room *rooms; /* the first is the one being filled */
	struct cleanup *cleanups;
	size_t used;
	size_t budget;
	bool exhausted;
	bool erases;
};

struct arena *
arena_new(size_t budget)
{
	struct arena *arena = block_take(sizeof *arena);

	if (arena)
		*arena = (struct arena){.budget = budget};
	return arena;
}

void
arena_reset(struct arena *arena)
{
	struct room *room;

	while (arena->cleanups) {
		struct cleanup *cleanup = arena->cleanups;

		arena->cleanups = cleanup->next;
		cleanup->fn(cleanup->data);
	}
	while ((room = arena->rooms)) {
		arena->rooms = room->next;
		if (arena->erases)
			explicit_bzero(room->data, room->used);
		block_give(room);
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
	block_give(arena);
}

static struct room *
room_for(struct arena *arena, size_t size)
{
	struct room *current = arena->rooms, *room;
	size_t room_size = ROOM_SIZE;

	if (current && current->size - current->used >= size)
		return current;
	room = block_take(sizeof *room + (size > room_size ? size : room_size));
	if (!room)
		return NULL;
	room->size = block_size(room) - sizeof *room;
	room->used = 0;
	/* Go on filling whichever has more left. */
	if (current && current->size - current->used > room->size - size) {
		room->next = current->next;
		current->next = room;
	} else {
		room->next = current;
		arena->rooms = room;
	}
	return room;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
	size_t taken = ROOM_SIZE ? rounded : size;
	struct room *room = NULL;
	void *data;

	if (rounded >= size && rounded <= arena->budget - arena->used)
		room = room_for(arena, taken);
	if (!room) {
		arena->exhausted = true;
		return NULL;
	}
	data = room->data + room->used;
	room->used += taken;
	arena->used += rounded;
	return data;
}

void *
arena_zalloc(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	void *data;

	if (__builtin_mul_overflow(count, size, &total))
		total = SIZE_MAX; /* which no arena has */
	data = arena_alloc(arena, total);
	return data ? memset(data, 0, total) : NULL;
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

	for (const struct room *room = arena->rooms; room; room = room->next) {
		if (at >= room->data && at < room->data + room->used)
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
