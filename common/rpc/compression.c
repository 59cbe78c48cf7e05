/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/compression.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum {
	CHUNK = 16 << 10, /* room given to inflate at a time, doubled as the message grows */
	LEVEL = 6,
	MEMORY_LEVEL = 8,
};

static const struct {
	const char *name;
	int window_bits; /* zlib: 15 is its own wrapping, +16 is gzip's */
} encodings[RPC_N_ENCODINGS] = {
    [RPC_ENCODING_IDENTITY] = {"identity", 0},
    [RPC_ENCODING_GZIP] = {"gzip", 15 + 16},
    [RPC_ENCODING_DEFLATE] = {"deflate", 15},
};

static _Thread_local struct stream {
	z_stream z;
	bool ready;
} streams[RPC_N_ENCODINGS][2];

const char *
rpc_encoding_name(enum rpc_encoding encoding)
{
	return encodings[encoding].name;
}

enum rpc_encoding
rpc_encoding_of_name(const char *name, size_t length)
{
	for (int i = 0; i < RPC_N_ENCODINGS; i++)
		if (strlen(encodings[i].name) == length && !memcmp(name, encodings[i].name, length))
			return (enum rpc_encoding)i;
	return RPC_ENCODING_UNKNOWN;
}

bool
rpc_encoding_accepted(enum rpc_encoding encoding, const char *accept_list)
{
	static const char delimiters[] = " \t,;";

	if (encoding == RPC_ENCODING_IDENTITY)
		return true;
	while (*accept_list) {
		size_t length = strcspn(accept_list, delimiters);

		if (rpc_encoding_of_name(accept_list, length) == encoding)
			return true;
		accept_list += length;
		accept_list += strcspn(accept_list, ",");
		accept_list += strspn(accept_list, delimiters);
	}
	return false;
}

/* As new; NULL without memory. */
static z_stream *
ready(enum rpc_encoding encoding, bool deflates)
{
	struct stream *stream = &streams[encoding][deflates];
	int bits = encodings[encoding].window_bits, result;

	if (stream->ready)
		result = deflates ? deflateReset(&stream->z) : inflateReset(&stream->z);
	else if (deflates)
		result = deflateInit2(&stream->z, LEVEL, Z_DEFLATED, bits, MEMORY_LEVEL,
				      Z_DEFAULT_STRATEGY);
	else
		result = inflateInit2(&stream->z, bits);
	stream->ready |= result == Z_OK;
	return result == Z_OK ? &stream->z : NULL;
}

/* One inflate() into out's next free bytes; at the limit into a single byte that must stay empty.
 */
static enum rpc_inflate_result
inflate_some(z_stream *z, struct buf *out, int *ret_zlib)
{
	size_t room = out->limit - out->length, chunk = out->length > CHUNK ? out->length : CHUNK;
	uint8_t past_limit;
	uint8_t *at = &past_limit;

	if (chunk > room)
		chunk = room ? room : 1;
	if (room)
		at = buf_extend(out, chunk);
	if (!at)
		return RPC_INFLATE_NO_MEMORY;
	z->next_out = at;
	z->avail_out = (uInt)chunk;
	*ret_zlib = inflate(z, Z_NO_FLUSH);
	if (room)
		out->length -= z->avail_out;
	else if (!z->avail_out)
		return RPC_INFLATE_TOO_LARGE;
	return *ret_zlib == Z_MEM_ERROR ? RPC_INFLATE_NO_MEMORY : RPC_INFLATE_OK;
}

enum rpc_inflate_result
rpc_inflate(enum rpc_encoding encoding, const void *data, size_t length, struct buf *out)
{
	z_stream *z = ready(encoding, false);
	enum rpc_inflate_result r;
	int zlib;

	if (!z)
		return RPC_INFLATE_NO_MEMORY;
	if (length > UINT32_MAX)
		return RPC_INFLATE_TOO_LARGE;
	z->next_in = (z_const Bytef *)(uintptr_t)data;
	z->avail_in = (uInt)length;
	do {
		r = inflate_some(z, out, &zlib);
	} while (r == RPC_INFLATE_OK && zlib == Z_OK);
	if (r != RPC_INFLATE_OK)
		return r;
	/* Z_BUF_ERROR: no progress, so the message is cut short. */
	return zlib == Z_STREAM_END && !z->avail_in ? RPC_INFLATE_OK : RPC_INFLATE_CORRUPT;
}

int
rpc_deflate(enum rpc_encoding encoding, const void *data, size_t length, struct buf *out)
{
	z_stream *z = ready(encoding, true);
	size_t bound;
	uint8_t *at;

	if (!z || length > UINT32_MAX / 2)
		return -ENOMEM;
	bound = deflateBound(z, (uLong)length);
	at = buf_extend(out, bound);
	if (!at)
		return -ENOMEM;
	z->next_in = (z_const Bytef *)(uintptr_t)data;
	z->avail_in = (uInt)length;
	z->next_out = at;
	z->avail_out = (uInt)bound;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return -ENOMEM;
	out->length -= z->avail_out;
	return 0;
}
