/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of frame.h and compression.h: a stream gives the same frames however it is cut; what
 * inflates stays within the limit, and deflates and inflates to the same again.
 *
 * The first byte of the input chooses how the stream is cut, the second the allowed flags.
 */
#include <stdlib.h>
#include <string.h>

#include "rpc/compression.h"
#include "rpc/frame.h"

enum { LIMIT = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What reading came to: the frames as a sum, and how it ended. */
struct reading {
	uint64_t sum;
	size_t n;
	enum rpc_frame_result result;
	bool inside;
};

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
inflate_and_back(enum rpc_encoding encoding, const uint8_t *data, size_t length)
{
	struct buf plain BUF_CLEANUP;
	struct buf small BUF_CLEANUP;
	struct buf again BUF_CLEANUP;
	enum rpc_inflate_result r;

	buf_init(&plain, NULL, LIMIT);
	buf_init(&small, NULL, 2 * LIMIT);
	buf_init(&again, NULL, LIMIT);
	r = rpc_inflate(encoding, data, length, &plain);
	check(plain.length <= LIMIT);
	if (r != RPC_INFLATE_OK)
		return;
	check(rpc_deflate(encoding, plain.data, plain.length, &small) == 0);
	check(rpc_inflate(encoding, small.data, small.length, &again) == RPC_INFLATE_OK);
	check(again.length == plain.length);
	check(!plain.length || !memcmp(again.data, plain.data, plain.length));
}

static void
take(struct reading *reading, const struct rpc_frame_reader *reader)
{
	check(reader->length <= LIMIT);
	check(!(reader->flags & ~reader->allowed_flags));
	reading->n++;
	reading->sum = reading->sum * 31 + reader->flags;
	for (uint32_t i = 0; i < reader->length; i++)
		reading->sum = reading->sum * 31 + reader->data[i];
	if (reader->flags & RPC_FRAME_COMPRESSED) {
		inflate_and_back(RPC_ENCODING_GZIP, reader->data, reader->length);
		inflate_and_back(RPC_ENCODING_DEFLATE, reader->data, reader->length);
	}
}

static struct reading
read_cut(const uint8_t *data, size_t size, size_t piece, uint8_t allowed_flags)
{
	struct reading reading = {.result = RPC_FRAME_MORE};
	struct rpc_frame_reader reader;

	rpc_frame_reader_init(&reader, allowed_flags, LIMIT, NULL);
	while (size && reading.result <= RPC_FRAME_MESSAGE) {
		size_t left = size < piece ? size : piece;

		size -= left;
		while (left && reading.result <= RPC_FRAME_MESSAGE) {
			reading.result = rpc_frame_read(&reader, &data, &left);
			if (reading.result == RPC_FRAME_MESSAGE)
				take(&reading, &reader);
		}
	}
	reading.inside = rpc_frame_reader_inside(&reader);
	rpc_frame_reader_free(&reader);
	return reading;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading whole, cut;

	if (size < 3)
		return 0;
	whole = read_cut(data + 2, size - 2, size, data[1]);
	cut = read_cut(data + 2, size - 2, (size_t)data[0] % 16 + 1, data[1]);
	check(whole.sum == cut.sum && whole.n == cut.n && whole.result == cut.result);
	check(whole.inside == cut.inside);
	return 0;
}
