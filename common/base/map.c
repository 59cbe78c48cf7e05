/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/entropy.h"

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
	static bool has_key;
	const unsigned char *bytes = data;
	struct sip s;
	uint64_t word;
	size_t done = 0;

	if (!has_key) {
		entropy_take(key, sizeof key);
		has_key = true;
	}
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

static uint64_t
hash_key(const void *key, size_t length)
{
	return length == MAP_ADDRESS ? hash_bytes(&key, sizeof(void *)) : hash_bytes(key, length);
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

static int
grow(struct map *map)
{
	size_t n_slots = map->n_slots ? 2 * map->n_slots : FIRST_SLOTS;
	struct map old = *map;
	struct map_entry *slots = map->arena ? ARENA_ARRAY(map->arena, struct map_entry, n_slots)
					     : calloc(n_slots, sizeof *slots);

	if (!slots)
		return -ENOMEM;
	map->slots = slots;
	map->n_slots = n_slots;
	for (size_t i = 0; i < old.n_slots; i++) {
		const struct map_entry *entry = &old.slots[i];

		if (entry->value)
			*find(map, entry->key, entry->length, entry->hash) = *entry;
	}
	if (!map->arena)
		free(old.slots);
	return 0;
}

static int
insert(struct map *map, const void *key, size_t length, void *value, bool replace)
{
	uint64_t hash = hash_key(key, length);
	struct map_entry *slot;
	int r;

	if (map->count > 0) {
		slot = find(map, key, length, hash);
		if (slot->value) {
			if (!replace)
				return -EEXIST;
			slot->value = value;
			return 0;
		}
	}
	if (map->count >= map->limit)
		return -ENOSPC;
	if (map->count + 1 > map->n_slots / 4 * 3) {
		r = grow(map);
		if (r < 0)
			return r;
	}
	slot = find(map, key, length, hash);
	*slot = (struct map_entry){.key = key, .length = length, .value = value, .hash = hash};
	map->count++;
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
	if (map->count == 0)
		return NULL;
	return find(map, key, length, hash_key(key, length))->value;
}

void *
map_remove(struct map *map, const void *key, size_t length)
{
	size_t mask = map->n_slots - 1, gap, i;
	struct map_entry *slot;
	void *value;

	if (map->count == 0)
		return NULL;
	slot = find(map, key, length, hash_key(key, length));
	value = slot->value;
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

int
map_add_text(struct map *map, const char *key, void *value)
{
	return map_add(map, key, strlen(key), value);
}

int
map_put_text(struct map *map, const char *key, void *value)
{
	return map_put(map, key, strlen(key), value);
}

void *
map_get_text(const struct map *map, const char *key)
{
	return map_get(map, key, strlen(key));
}

void *
map_remove_text(struct map *map, const char *key)
{
	return map_remove(map, key, strlen(key));
}

const struct map_entry *
map_next(const struct map *map, const struct map_entry *entry)
{
	const struct map_entry *end;

	if (map->count == 0)
		return NULL;
	end = map->slots + map->n_slots;
	for (entry = entry ? entry + 1 : map->slots; entry < end; entry++)
		if (entry->value)
			return entry;
	return NULL;
}
