/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SMALLEST_SHIFT = 12,  /* 4 KiB: one reply */
	NEXT_SIZE = 32 << 10, /* a stream goes on with larger ones */
	N_CLASSES = 14,       /* … 32 MiB */
	CHUNK_EXTRA = 128,    /* so that 2^n bytes of message fit with their prefix */
	CACHE_BYTES = 16 << 20,
};

static _Thread_local struct {
	struct rpc_chunk *free[N_CLASSES];
	unsigned n_free[N_CLASSES];
	size_t bytes;
} cache;

static size_t
class_size(unsigned class)
{
	return ((size_t)1 << (SMALLEST_SHIFT + class)) + CHUNK_EXTRA;
}

static unsigned
class_of(size_t size)
{
	unsigned class = 0;

	while (class < N_CLASSES && class_size(class) < size)
		class ++;
	return class;
}

static struct rpc_chunk *
chunk_new(size_t size)
{
	unsigned class = class_of(size);
	struct rpc_chunk *chunk;

	if (class < N_CLASSES) {
		size = class_size(class);
		chunk = cache.free[class];
		if (chunk) {
			cache.free[class] = chunk->next;
			cache.bytes -= size;
			cache.n_free[class]--;
			goto found;
		}
	}
	if (size > UINT32_MAX)
		return NULL;
	chunk = malloc(sizeof *chunk + size);
	if (!chunk)
		return NULL;
	chunk->size = (uint32_t)size;
found:
	chunk->next = NULL;
	chunk->data = chunk->room;
	chunk->used = chunk->sent = 0;
	return chunk;
}

static void
chunk_free(struct rpc_chunk *chunk)
{
	unsigned class = class_of(chunk->size);

	if (class == N_CLASSES || cache.bytes + chunk->size > CACHE_BYTES) {
		free(chunk);
		return;
	}
	chunk->next = cache.free[class];
	cache.free[class] = chunk;
	cache.n_free[class]++;
	cache.bytes += chunk->size;
}

static struct rpc_chunk *
append(struct rpc_queue *queue, size_t size)
{
	struct rpc_chunk *chunk = chunk_new(size);

	if (!chunk)
		return NULL;
	if (queue->last)
		queue->last->next = chunk;
	else
		queue->first = chunk;
	queue->last = chunk;
	return chunk;
}

void *
rpc_queue_reserve(struct rpc_queue *queue, size_t size)
{
	struct rpc_chunk *last = queue->last;

	if (last && last->data == last->room && last->size - last->used >= size)
		return last->room + last->used;
	last = append(queue, last && size < NEXT_SIZE ? NEXT_SIZE : size);
	return last ? last->room : NULL;
}

int
rpc_queue_refer(struct rpc_queue *queue, const void *data, size_t size)
{
	struct rpc_chunk *chunk = size <= UINT32_MAX ? append(queue, 0) : NULL;

	if (!chunk)
		return -ENOMEM;
	chunk->data = data;
	chunk->used = (uint32_t)size;
	queue->length += size;
	return 0;
}

void
rpc_queue_commit(struct rpc_queue *queue, size_t size)
{
	queue->last->used += (uint32_t)size;
	queue->length += size;
}

int
rpc_queue_put(struct rpc_queue *queue, const void *data, size_t size)
{
	void *room;

	if (size == 0)
		return 0;
	room = rpc_queue_reserve(queue, size);
	if (!room)
		return -ENOMEM;
	memcpy(room, data, size);
	rpc_queue_commit(queue, size);
	return 0;
}

const uint8_t *
rpc_queue_take(struct rpc_queue *queue, size_t length, size_t *ret_length, struct rpc_chunk **spent)
{
	struct rpc_chunk *chunk = queue->first;
	const uint8_t *data;
	size_t n;

	/* A chunk that was reserved but never filled, or filled up since. */
	while (chunk && chunk->sent == chunk->used && chunk->next) {
		queue->first = chunk->next;
		chunk->next = *spent;
		*spent = chunk;
		chunk = queue->first;
	}
	if (!chunk) {
		*ret_length = 0;
		return NULL;
	}
	n = chunk->used - chunk->sent;
	if (n > length)
		n = length;
	data = chunk->data + chunk->sent;
	chunk->sent += (uint32_t)n;
	queue->length -= n;
	*ret_length = n;
	if (queue->length == 0) {
		queue->first = queue->last = NULL;
		chunk->next = *spent;
		*spent = chunk;
	}
	return data;
}

void
rpc_queue_spend(struct rpc_queue *queue, struct rpc_chunk **spent)
{
	if (queue->last) {
		queue->last->next = *spent;
		*spent = queue->first;
	}
	*queue = (struct rpc_queue){0};
}

void
rpc_chunks_free(struct rpc_chunk *chunks)
{
	while (chunks) {
		struct rpc_chunk *next = chunks->next;

		chunk_free(chunks);
		chunks = next;
	}
}

void
rpc_queue_clear(struct rpc_queue *queue)
{
	rpc_chunks_free(queue->first);
	*queue = (struct rpc_queue){0};
}

void
rpc_chunks_trim(void)
{
	for (unsigned class = 0; class < N_CLASSES; class ++) {
		for (unsigned n = (cache.n_free[class] + 1) / 2; n > 0; n--) {
			struct rpc_chunk *chunk = cache.free[class];

			cache.free[class] = chunk->next;
			cache.n_free[class]--;
			cache.bytes -= chunk->size;
			free(chunk);
		}
	}
}
