/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/queue.h"

#include <errno.h>
#include <string.h>

#include "base/block.h"

enum {
	FIRST_SIZE = (4 << 10) - sizeof(struct rpc_chunk), /* one reply */
	NEXT_SIZE = 32 << 10,                              /* a stream goes on with larger ones */
};

static struct rpc_chunk *
append(struct rpc_queue *queue, size_t size)
{
	struct rpc_chunk *chunk = block_take(sizeof *chunk + size);

	if (!chunk)
		return NULL;
	*chunk = (struct rpc_chunk){.size = block_size(chunk) - sizeof *chunk};
	chunk->data = chunk->room;
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
	size_t least = last ? NEXT_SIZE : FIRST_SIZE;

	if (last && last->data == last->room && last->size - last->used >= size)
		return last->room + last->used;
	last = append(queue, size < least ? least : size);
	return last ? last->room : NULL;
}

int
rpc_queue_refer(struct rpc_queue *queue, const void *data, size_t size)
{
	struct rpc_chunk *chunk = append(queue, 0);

	if (!chunk)
		return -ENOMEM;
	chunk->data = data;
	chunk->used = size;
	queue->length += size;
	return 0;
}

void
rpc_queue_commit(struct rpc_queue *queue, size_t size)
{
	queue->last->used += size;
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

void
rpc_queue_spend(struct rpc_queue *queue, struct rpc_chunk **spent)
{
	if (queue->last) {
		queue->last->next = *spent;
		*spent = queue->first;
	}
	*queue = (struct rpc_queue){0};
}

const uint8_t *
rpc_queue_take(struct rpc_queue *queue, size_t length, size_t *ret_length, struct rpc_chunk **spent)
{
	struct rpc_chunk *chunk;
	const uint8_t *data;
	size_t n;

	/* Reserved but never filled, or filled up since. */
	for (chunk = queue->first; chunk->sent == chunk->used; chunk = queue->first) {
		queue->first = chunk->next;
		chunk->next = *spent;
		*spent = chunk;
	}
	n = chunk->used - chunk->sent;
	if (n > length)
		n = length;
	data = chunk->data + chunk->sent;
	chunk->sent += n;
	queue->length -= n;
	*ret_length = n;
	if (queue->length == 0)
		rpc_queue_spend(queue, spent);
	return data;
}

void
rpc_chunks_free(struct rpc_chunk *chunks)
{
	while (chunks) {
		struct rpc_chunk *next = chunks->next;

		block_give(chunks);
		chunks = next;
	}
}

void
rpc_queue_clear(struct rpc_queue *queue)
{
	rpc_chunks_free(queue->first);
	*queue = (struct rpc_queue){0};
}
