/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/frame.h and rpc/compression.h: cuts anywhere, limits, bombs (RPC-06, RPC-07). */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/compression.h"
#include "rpc/frame.h"

enum { LIMIT = 1000 };

/* Frames of 3, 0, 200 and 7 bytes with different flags. */
static struct {
	uint8_t flags;
	uint32_t length;
} const frames[] = {{0, 3}, {1, 0}, {0, 200}, {1, 7}};

static size_t
write_frames(uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < UNIT_COUNT(frames); i++) {
		rpc_frame_write_prefix(out + n, frames[i].flags, frames[i].length);
		memset(out + n + RPC_FRAME_PREFIX, 'a' + (int)i, frames[i].length);
		n += RPC_FRAME_PREFIX + frames[i].length;
	}
	return n;
}

/* Reads one piece; returns how many frames are complete now. */
static size_t
read_piece(struct rpc_frame_reader *reader, const uint8_t *data, size_t length, size_t n)
{
	while (length) {
		enum rpc_frame_result r = rpc_frame_read(reader, &data, &length);

		if (r == RPC_FRAME_MORE)
			continue;
		assert_int_equal(r, RPC_FRAME_MESSAGE);
		assert_true(n < UNIT_COUNT(frames));
		assert_int_equal(reader->flags, frames[n].flags);
		assert_int_equal(reader->length, frames[n].length);
		for (uint32_t i = 0; i < reader->length; i++)
			assert_int_equal(reader->data[i], 'a' + n);
		n++;
	}
	return n;
}

static void
takes_bytes_cut_anywhere(void **state)
{
	uint8_t bytes[400];
	size_t length = write_frames(bytes);

	(void)state;
	for (size_t piece = 1; piece <= length; piece++) {
		struct rpc_frame_reader reader;
		size_t n = 0;

		rpc_frame_reader_init(&reader, RPC_FRAME_COMPRESSED, LIMIT, NULL);
		for (size_t at = 0; at < length; at += piece) {
			/* A piece of its own, so that reading past it is seen. */
			size_t part = length - at < piece ? length - at : piece;
			uint8_t *copy = malloc(part);

			memcpy(copy, bytes + at, part);
			n = read_piece(&reader, copy, part, n);
			free(copy);
		}
		assert_int_equal(n, UNIT_COUNT(frames));
		assert_false(rpc_frame_reader_inside(&reader));
		rpc_frame_reader_free(&reader);
	}
}

static void
knows_that_it_is_inside(void **state)
{
	uint8_t bytes[400];
	size_t length = write_frames(bytes), end_of_first = RPC_FRAME_PREFIX + 3;

	(void)state;
	(void)length;
	for (size_t n = 0; n <= end_of_first; n++) {
		struct rpc_frame_reader reader;
		const uint8_t *data = bytes;
		size_t left = n;

		rpc_frame_reader_init(&reader, RPC_FRAME_COMPRESSED, LIMIT, NULL);
		rpc_frame_read(&reader, &data, &left);
		assert_int_equal(rpc_frame_reader_inside(&reader), n > 0 && n < end_of_first);
		rpc_frame_reader_free(&reader);
	}
}

static enum rpc_frame_result
read_prefix(uint8_t allowed, uint8_t flags, uint32_t length, size_t *ret_capacity)
{
	struct rpc_frame_reader reader;
	uint8_t prefix[RPC_FRAME_PREFIX];
	const uint8_t *data = prefix;
	size_t left = sizeof prefix;
	enum rpc_frame_result r;

	rpc_frame_reader_init(&reader, allowed, LIMIT, NULL);
	rpc_frame_write_prefix(prefix, flags, length);
	r = rpc_frame_read(&reader, &data, &left);
	*ret_capacity = reader.body.capacity;
	rpc_frame_reader_free(&reader);
	return r;
}

static void
refuses_on_the_prefix_and_reserves_nothing(void **state)
{
	size_t capacity;

	(void)state;
	assert_int_equal(read_prefix(1, 2, 0, &capacity), RPC_FRAME_BAD_FLAGS);
	assert_int_equal(read_prefix(1, 0x80, 0, &capacity), RPC_FRAME_BAD_FLAGS);
	assert_int_equal(read_prefix(0x81, 0x80, 0, &capacity), RPC_FRAME_MESSAGE);
	assert_int_equal(read_prefix(1, 0, LIMIT + 1, &capacity), RPC_FRAME_TOO_LARGE);
	assert_int_equal(read_prefix(1, 0, UINT32_MAX, &capacity), RPC_FRAME_TOO_LARGE);
	assert_int_equal(read_prefix(1, 0, LIMIT, &capacity), RPC_FRAME_MORE);
	assert_true(capacity <= 256);
}

static void
says_when_memory_is_gone(void **state)
{
	struct rpc_frame_reader reader;
	uint8_t bytes[400];
	const uint8_t *data = bytes;
	size_t left;

	(void)state;
	rpc_frame_reader_init(&reader, 0, LIMIT, NULL);
	rpc_frame_write_prefix(bytes, 0, 100);
	left = RPC_FRAME_PREFIX + 50;
	alloc_fail_nth(1);
	assert_int_equal(rpc_frame_read(&reader, &data, &left), RPC_FRAME_NO_MEMORY);
	alloc_fail_nth(0);
	rpc_frame_reader_free(&reader);
}

/* --- compression --- */

static const enum rpc_encoding encodings[] = {RPC_ENCODING_GZIP, RPC_ENCODING_DEFLATE};

static void
inflates_what_it_deflates(void **state)
{
	static const size_t sizes[] = {0, 1, 100, 16384, 16385, 300000};
	char *data = malloc(300000);

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		data[i] = (char)(i * i >> 7);
	for (size_t e = 0; e < UNIT_COUNT(encodings); e++) {
		for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
			struct buf small BUF_CLEANUP;
			struct buf back BUF_CLEANUP;

			buf_init(&small, NULL, 1 << 20);
			/* The limit is exactly the size: one byte less must be refused. */
			buf_init(&back, NULL, sizes[i]);
			assert_int_equal(rpc_deflate(encodings[e], data, sizes[i], &small), 0);
			assert_int_equal(rpc_inflate(encodings[e], small.data, small.length, &back),
					 RPC_INFLATE_OK);
			assert_int_equal(back.length, sizes[i]);
			if (sizes[i])
				assert_memory_equal(back.data, data, sizes[i]);
			if (!sizes[i])
				continue;
			buf_free(&back);
			back.limit = sizes[i] - 1;
			assert_int_equal(rpc_inflate(encodings[e], small.data, small.length, &back),
					 RPC_INFLATE_TOO_LARGE);
		}
	}
	free(data);
}

static void
a_bomb_costs_no_more_than_the_limit(void **state)
{
	const size_t size = 512 << 10;
	char *zeros = calloc(1, size);
	struct buf bomb BUF_CLEANUP;
	struct buf out BUF_CLEANUP;

	(void)state;
	buf_init(&bomb, NULL, 1 << 20);
	buf_init(&out, NULL, LIMIT);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, zeros, size, &bomb), 0);
	assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, bomb.data, bomb.length, &out),
			 RPC_INFLATE_TOO_LARGE);
	assert_true(out.capacity <= 2 * (LIMIT + 1));
	free(zeros);
}

static void
refuses_corrupt_data(void **state)
{
	struct buf good BUF_CLEANUP;
	struct buf out BUF_CLEANUP;
	char text[] = "the quick brown fox jumps over the lazy dog, twice: the quick brown fox";

	(void)state;
	buf_init(&good, NULL, 4096);
	buf_init(&out, NULL, 4096);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, text, sizeof text, &good), 0);
	for (size_t n = 0; n < good.length; n++) {
		buf_clear(&out);
		assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, good.data, n, &out),
				 RPC_INFLATE_CORRUPT);
	}
	/* The check sum, the magic, bytes behind, a second member. */
	good.data[good.length - 5] ^= 1;
	buf_clear(&out);
	assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, good.data, good.length, &out),
			 RPC_INFLATE_CORRUPT);
	good.data[good.length - 5] ^= 1;
	buf_clear(&out);
	assert_int_equal(rpc_inflate(RPC_ENCODING_DEFLATE, good.data, good.length, &out),
			 RPC_INFLATE_CORRUPT);
	buf_putc(&good, 'x');
	buf_clear(&out);
	assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, good.data, good.length, &out),
			 RPC_INFLATE_CORRUPT);
	good.length--;
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, text, sizeof text, &good), 0);
	buf_clear(&out);
	assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, good.data, good.length, &out),
			 RPC_INFLATE_CORRUPT);
}

static void
compression_says_when_memory_is_gone(void **state)
{
	struct arena *arena = arena_new(300);
	struct buf small BUF_CLEANUP;
	struct buf out;
	char data[4000] = {0};

	(void)state;
	buf_init(&small, NULL, 4096);
	buf_init(&out, arena, SIZE_MAX / 2);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, data, sizeof data, &small), 0);
	assert_int_equal(rpc_inflate(RPC_ENCODING_GZIP, small.data, small.length, &out),
			 RPC_INFLATE_NO_MEMORY);
	buf_init(&out, arena, SIZE_MAX / 2);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, data, sizeof data, &out), -ENOMEM);
	arena_free(arena);
}

static void
reads_accept_lists(void **state)
{
	static const struct {
		const char *list;
		bool gzip, deflate;
	} table[] = {{"", false, false},
		     {"gzip", true, false},
		     {"identity,gzip", true, false},
		     {"br, deflate;q=0.5 , gzip", true, true},
		     {"gzipped,xgzip", false, false},
		     {"GZIP", false, false},
		     {",,gzip,", true, false}};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		assert_int_equal(rpc_encoding_accepted(RPC_ENCODING_GZIP, table[i].list),
				 table[i].gzip);
		assert_int_equal(rpc_encoding_accepted(RPC_ENCODING_DEFLATE, table[i].list),
				 table[i].deflate);
		assert_true(rpc_encoding_accepted(RPC_ENCODING_IDENTITY, table[i].list));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_bytes_cut_anywhere),
	    cmocka_unit_test(knows_that_it_is_inside),
	    cmocka_unit_test(refuses_on_the_prefix_and_reserves_nothing),
	    cmocka_unit_test(says_when_memory_is_gone),
	    cmocka_unit_test(inflates_what_it_deflates),
	    cmocka_unit_test(a_bomb_costs_no_more_than_the_limit),
	    cmocka_unit_test(refuses_corrupt_data),
	    cmocka_unit_test(compression_says_when_memory_is_gone),
	    cmocka_unit_test(reads_accept_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
