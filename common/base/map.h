/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map: a hash table from text, bytes or an address to an object.
 *
 * Keys are not copied: their memory is the caller's and must outlive the entry. Values are not
 * NULL and not owned. A map holds at most `limit` entries and lives either on an arena (then
 * nothing is freed) or on the heap. The hash is SipHash-1-3 under a key drawn by each process, so
 * that keys chosen by a peer cannot be made to collide.
 */
#ifndef MZ_BASE_MAP_H
#define MZ_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Lengths that say what a key is: an address, compared itself, not what it points at; a C string.
 */
#define MAP_ADDRESS SIZE_MAX
#define MAP_TEXT    (SIZE_MAX - 1)

struct map_entry {
	const void *key;
	size_t length; /* of the key in bytes, or MAP_ADDRESS */
	void *value;   /* NULL: the slot is free */
	uint64_t hash;
};

struct map {
	struct map_entry *slots; /* NULL while empty */
	size_t n_slots;          /* a power of two */
	size_t count;
	size_t limit;
	struct arena *arena; /* NULL: heap */
};

/* An empty map on the heap or on arena, of at most limit entries. */
void map_init(struct map *map, struct arena *arena, size_t limit);

/* Forgets all entries; frees the table of a heap map. The map can be used again. */
void map_free(struct map *map);

/* Adds a key that is not there yet. 0, -EEXIST, -ENOSPC at the limit, -ENOMEM. */
int map_add(struct map *map, const void *key, size_t length, void *value);

/* Adds a key or gives it another value. 0, -ENOSPC at the limit, -ENOMEM. */
int map_put(struct map *map, const void *key, size_t length, void *value);

/* The value, or NULL when the key is not there. */
void *map_get(const struct map *map, const void *key, size_t length);

/* Takes the key out; the value it had, or NULL. */
void *map_remove(struct map *map, const void *key, size_t length);

#define MAP_CLEANUP __attribute__((cleanup(map_free)))

#endif
