/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compression of single messages (RPC-07): gzip, and zlib's "deflate".
 *
 * Inflating stops at the first byte past the limit, so a bomb costs no more than the message limit
 * in memory; a message is one member, anything behind it is corrupt. The z_streams are made once a
 * thread and reset for each message.
 */
#ifndef MZ_RPC_COMPRESSION_H
#define MZ_RPC_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum rpc_encoding {
	RPC_ENCODING_IDENTITY,
	RPC_ENCODING_GZIP,
	RPC_ENCODING_DEFLATE,
	RPC_N_ENCODINGS,
	RPC_ENCODING_UNKNOWN = RPC_N_ENCODINGS
};

/* What we accept, as grpc-accept-encoding and its kin say it. */
#define RPC_ACCEPT_ENCODING "gzip,deflate"

/* "gzip"; and back, UNKNOWN for any other name. */
const char *rpc_encoding_name(enum rpc_encoding encoding);
enum rpc_encoding rpc_encoding_of_name(const char *name, size_t length);

/* True when an accept list ("gzip;q=1, br") names the encoding; identity always is. */
bool rpc_encoding_accepted(enum rpc_encoding encoding, const char *accept_list);

enum rpc_inflate_result {
	RPC_INFLATE_OK,
	RPC_INFLATE_CORRUPT,   /* INTERNAL */
	RPC_INFLATE_TOO_LARGE, /* would pass out->limit: RESOURCE_EXHAUSTED */
	RPC_INFLATE_NO_MEMORY,
};

/*
 * Appends the inflated data to out, up to out->limit in all. encoding is not IDENTITY. After
 * anything but OK, out holds some beginning.
 */
enum rpc_inflate_result rpc_inflate(enum rpc_encoding encoding, const void *data, size_t length,
				    struct buf *out);

/* Appends the deflated data to out. 0 or -ENOMEM (also when out's limit is reached). */
int rpc_deflate(enum rpc_encoding encoding, const void *data, size_t length, struct buf *out);

#endif
