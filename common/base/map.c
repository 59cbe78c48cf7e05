/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Open addressing with linear probing; at most three quarters full; removal closes the gap, so
 * there are no tombstones. */
enum { FIRST_SLOTS = 16 };

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* SipHash-1-3 (Aumasson, Bernstein). */
static uint64_t
hash_bytes(const void *data, size_t length)
{
	static uint64_t key[2];
	const unsigned char *bytes = data;
	struct sip s;
	uint64_t word;
	size_t done = 0;

	if (!key[0])
		arc4random_buf(key, sizeof key);
	s = (struct sip){
	    key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
	    key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
	for (; length - done >= sizeof word; done += sizeof word) {
		memcpy(&word, bytes + done, sizeof word);
		sip_word(&s, word);
	}
	word = (uint64_t)length << 56;
	if (length > done)
		memcpy(&word, bytes + done, length - done);
	sip_word(&s, word);
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The hash of a key; the length of a text becomes its own. */
static uint64_t
hash_key(const void *key, size_t *length)
{
	if (*length == MAP_TEXT)
		*length = strlen(key);
	return *length == MAP_ADDRESS ? hash_bytes(&key, sizeof key) : hash_bytes(key, *length);
}

static bool
is_key(const struct map_entry *slot, const void *key, size_t length, uint64_t hash)
{
	if (slot->hash != hash || slot->length != length)
		return false;
	if (slot->key == key || length == 0)
		return true;
	return length != MAP_ADDRESS && memcmp(slot->key, key, length) == 0;
}

/* The slot of the key, or the free one where it belongs. */
static struct map_entry *
find(const struct map *map, const void *key, size_t length, uint64_t hash)
{
	size_t i = hash & (map->n_slots - 1);

	while (map->slots[i].value && !is_key(&map->slots[i], key, length, hash))
		i = (i + 1) & (map->n_slots - 1);
	return &map->slots[i];
}

void
map_init(struct map *map, struct arena *arena, size_t limit)
{
	*map = (struct map){.limit = limit, .arena = arena};
}

void
map_free(struct map *map)
{
	if (!map->arena)
		free(map->slots);
	map_init(map, map->arena, map->limit);
}

static bool
grow(struct map *map)
{
	size_t n_slots = map->n_slots ? 2 * map->n_slots : FIRST_SLOTS;
	struct map old = *map;
	struct map_entry *slots = map->arena ? ARENA_ARRAY(map->arena, struct map_entry, n_slots)
					     : calloc(n_slots, sizeof *slots);

	if (!slots)
		return false;
	map->slots = slots;
	map->n_slots = n_slots;
	for (size_t i = 0; i < old.n_slots; i++) {
		const struct map_entry *entry = &old.slots[i];

		if (entry->value)
			*find(map, entry->key, entry->length, entry->hash) = *entry;
	}
	if (!map->arena)
		free(old.slots);
	return true;
}

static int
insert(struct map *map, const void *key, size_t length, void *value, bool replace)
{
	uint64_t hash = hash_key(key, &length);
	struct map_entry *slot;

	if (map->count >= map->n_slots / 4 * 3 && !grow(map))
		return -ENOMEM;
	slot = find(map, key, length, hash);
	if (slot->value && !replace)
		return -EEXIST;
	if (!slot->value && map->count == map->limit)
		return -ENOSPC;
	map->count += !slot->value;
	*slot = (struct map_entry){.key = key, .length = length, .value = value, .hash = hash};
	return 0;
}

int
map_add(struct map *map, const void *key, size_t length, void *value)
{
	return insert(map, key, length, value, false);
}

int
map_put(struct map *map, const void *key, size_t length, void *value)
{
	return insert(map, key, length, value, true);
}

void *
map_get(const struct map *map, const void *key, size_t length)
{
	uint64_t hash;

	if (map->count == 0)
		return NULL;
	hash = hash_key(key, &length);
	return find(map, key, length, hash)->value;
}

void *
map_remove(struct map *map, const void *key, size_t length)
{
	uint64_t hash = hash_key(key, &length);
	size_t mask = map->n_slots - 1, gap, i;
	struct map_entry *slot = map->count ? find(map, key, length, hash) : NULL;
	void *value = slot ? slot->value : NULL;

	if (!value)
		return NULL;
	/* An entry behind the gap moves into it unless its own place lies after the gap. */
	gap = (size_t)(slot - map->slots);
	for (i = (gap + 1) & mask; map->slots[i].value; i = (i + 1) & mask) {
		size_t home = map->slots[i].hash & mask;

		if (((i - home) & mask) >= ((i - gap) & mask)) {
			map->slots[gap] = map->slots[i];
			gap = i;
		}
	}
	map->slots[gap] = (struct map_entry){.key = NULL};
	map->count--;
	return value;
}
