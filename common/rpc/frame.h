/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame: length-prefixed messages on a stream of bytes: one byte of flags, four of length, the
 * message (gRPC, gRPC-Web, Connect streams; RPC-06).
 *
 * The reader is incremental and takes bytes cut anywhere. It checks flags and length as soon as the
 * prefix is there, and allocates only for bytes that have arrived, so a peer cannot make us reserve
 * what it never sends. A message that lies whole inside the given bytes is not copied. Once it has
 * said anything but MORE or MESSAGE it must not be used again.
 */
#ifndef MZ_RPC_FRAME_H
#define MZ_RPC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	RPC_FRAME_PREFIX = 5,

	RPC_FRAME_COMPRESSED = 0x01,
	RPC_FRAME_CONNECT_END = 0x02,  /* Connect: the end-of-stream JSON (RPC-18) */
	RPC_FRAME_WEB_TRAILERS = 0x80, /* gRPC-Web: the trailers (RPC-14) */
};

enum rpc_frame_result {
	RPC_FRAME_MORE,      /* all bytes taken, the frame is not complete */
	RPC_FRAME_MESSAGE,   /* flags, data, length are set; bytes may be left */
	RPC_FRAME_BAD_FLAGS, /* a bit outside allowed_flags: INTERNAL */
	RPC_FRAME_TOO_LARGE, /* longer than the limit: RESOURCE_EXHAUSTED */
	RPC_FRAME_NO_MEMORY,
};

struct rpc_frame_reader {
	uint8_t allowed_flags;
	uint32_t limit; /* most bytes of a message, still compressed */

	/* The frame: after MESSAGE until the next read; flags and length already after TOO_LARGE.
	 */
	uint8_t flags;
	uint32_t length;
	const uint8_t *data;

	uint8_t prefix[RPC_FRAME_PREFIX];
	uint8_t n_prefix;
	struct buf body; /* on the heap kept between messages unless it grew large */
};

/*
 * A reader at the start of a stream. Ended by rpc_frame_reader_free. With an arena, messages that
 * came in pieces are put together there and stay, so that what is decoded may point into them; NULL
 * means the heap, and that a message is good until the next read.
 */
void rpc_frame_reader_init(struct rpc_frame_reader *reader, uint8_t allowed_flags, uint32_t limit,
			   struct arena *arena);
void rpc_frame_reader_free(struct rpc_frame_reader *reader);

/*
 * Takes bytes up to the end of one frame and moves *data and *length past them. Call again while
 * bytes are left; with MESSAGE the frame's data may point into the bytes given.
 */
enum rpc_frame_result rpc_frame_read(struct rpc_frame_reader *reader, const uint8_t **data,
				     size_t *length);

/* Done with the message that the last read gave out; the next read would say so too. */
void rpc_frame_forget(struct rpc_frame_reader *reader);

/* False when the stream may end here; true inside a frame (then the end is INTERNAL). */
bool rpc_frame_reader_inside(const struct rpc_frame_reader *reader);

/* Writes the RPC_FRAME_PREFIX bytes before a message. */
void rpc_frame_write_prefix(void *to, uint8_t flags, uint32_t length);

#endif
