/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/frame.h"

#include <string.h>

/* A body buffer that a large message has made larger than this is given back after it. */
enum { KEEP_CAPACITY = 64 << 10 };

/*
 * Once this much of a message has come it gets memory for all of it, up to RESERVE (a MiB and what
 * is around it), and is not copied as it grows; a peer that only claims a length gets nothing.
 */
enum { RESERVE_AFTER = 8 << 10, RESERVE = (1 << 20) + (16 << 10) };

void
rpc_frame_reader_init(struct rpc_frame_reader *reader, uint8_t allowed_flags, uint32_t limit,
		      struct arena *arena)
{
	*reader = (struct rpc_frame_reader){.allowed_flags = allowed_flags, .limit = limit};
	buf_init(&reader->body, arena, limit);
}

void
rpc_frame_reader_free(struct rpc_frame_reader *reader)
{
	buf_free(&reader->body);
}

void
rpc_frame_forget(struct rpc_frame_reader *reader)
{
	reader->data = NULL;
	reader->n_prefix = 0;
	if (reader->body.arena || reader->body.capacity > KEEP_CAPACITY)
		buf_free(&reader->body);
	else
		buf_clear(&reader->body);
}

static size_t
take_prefix(struct rpc_frame_reader *reader, const uint8_t *data, size_t length)
{
	size_t need = RPC_FRAME_PREFIX - reader->n_prefix, n = length < need ? length : need;

	memcpy(reader->prefix + reader->n_prefix, data, n);
	reader->n_prefix += (uint8_t)n;
	return n;
}

static enum rpc_frame_result
check_prefix(struct rpc_frame_reader *reader)
{
	const uint8_t *prefix = reader->prefix;

	reader->flags = prefix[0];
	reader->length = (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 |
			 (uint32_t)prefix[3] << 8 | prefix[4];
	if (reader->flags & ~reader->allowed_flags)
		return RPC_FRAME_BAD_FLAGS;
	return reader->length > reader->limit ? RPC_FRAME_TOO_LARGE : RPC_FRAME_MESSAGE;
}

static void
reserve(struct rpc_frame_reader *reader, size_t coming)
{
	size_t have = reader->body.length;
	size_t want = reader->length < RESERVE ? reader->length : RESERVE;

	if (have < RESERVE_AFTER && have + coming >= RESERVE_AFTER && want > have)
		buf_reserve(&reader->body, want - have);
}

static enum rpc_frame_result
take_body(struct rpc_frame_reader *reader, const uint8_t **data, size_t *length)
{
	size_t need = reader->length - reader->body.length, n = *length < need ? *length : need;

	if (!reader->body.length && n == reader->length) {
		reader->data = *data;
	} else {
		reserve(reader, n);
		buf_put(&reader->body, *data, n);
		if (reader->body.failed)
			return RPC_FRAME_NO_MEMORY;
		if (n == need)
			reader->data = (const uint8_t *)reader->body.data;
	}
	*data += n;
	*length -= n;
	return n == need ? RPC_FRAME_MESSAGE : RPC_FRAME_MORE;
}

enum rpc_frame_result
rpc_frame_read(struct rpc_frame_reader *reader, const uint8_t **data, size_t *length)
{
	size_t n;

	if (reader->data)
		rpc_frame_forget(reader);
	if (reader->n_prefix < RPC_FRAME_PREFIX) {
		enum rpc_frame_result r;

		if (!*length)
			return RPC_FRAME_MORE;
		n = take_prefix(reader, *data, *length);
		*data += n;
		*length -= n;
		if (reader->n_prefix < RPC_FRAME_PREFIX)
			return RPC_FRAME_MORE;
		r = check_prefix(reader);
		if (r != RPC_FRAME_MESSAGE)
			return r;
	}
	return take_body(reader, data, length);
}

bool
rpc_frame_reader_inside(const struct rpc_frame_reader *reader)
{
	return reader->n_prefix && !reader->data;
}

void
rpc_frame_write_prefix(void *to, uint8_t flags, uint32_t length)
{
	const uint8_t prefix[RPC_FRAME_PREFIX] = {flags, (uint8_t)(length >> 24),
						  (uint8_t)(length >> 16), (uint8_t)(length >> 8),
						  (uint8_t)length};

	memcpy(to, prefix, sizeof prefix);
}
