/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queue: bytes of replies between a handler and the wire.
 *
 * Writers append at the end, contiguous pieces of any size; the wire takes from the front, by
 * reference, so a message is encoded once and not copied again. Small messages share a chunk and so
 * a DATA frame.
 */
#ifndef MZ_RPC_QUEUE_H
#define MZ_RPC_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct rpc_chunk {
	struct rpc_chunk *next;
	const uint8_t *data;     /* room, or memory that stays until the chunk is freed */
	size_t size, used, sent; /* of room, of data */
	uint8_t room[];
};

struct rpc_queue {
	struct rpc_chunk *first, *last;
	size_t length; /* bytes not yet taken */
};

/* Room for size contiguous bytes behind the end; NULL without memory. Nothing is appended yet. */
void *rpc_queue_reserve(struct rpc_queue *queue, size_t size);
/* The first size bytes of the last reserved room are appended. */
void rpc_queue_commit(struct rpc_queue *queue, size_t size);
/* Both, with a copy. 0 or -ENOMEM. */
int rpc_queue_put(struct rpc_queue *queue, const void *data, size_t size);

/* Appends bytes by reference: they must stay until their chunk is freed. 0 or -ENOMEM. */
int rpc_queue_refer(struct rpc_queue *queue, const void *data, size_t size);

/*
 * Takes up to length bytes, of which the queue must have one, from the front, as far as they lie
 * together. They stay valid until the chunks that *spent has gathered are freed: a chunk goes there
 * when its last byte is taken.
 */
const uint8_t *rpc_queue_take(struct rpc_queue *queue, size_t length, size_t *ret_length,
			      struct rpc_chunk **spent);

/* The whole rest goes to *spent: what a write under way refers to must not be freed yet. */
void rpc_queue_spend(struct rpc_queue *queue, struct rpc_chunk **spent);

/* Gives back a list of chunks, or all that a queue holds. */
void rpc_chunks_free(struct rpc_chunk *chunks);
void rpc_queue_clear(struct rpc_queue *queue);

#endif
