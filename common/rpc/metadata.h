/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata: what travels beside the messages of a call, as headers before and trailers after them.
 *
 * An ordered list of pairs on an arena; equal names keep their order (RPC-04). Names are lower
 * case. The application sees values of `-bin` names raw, the wire carries them as unpadded base64;
 * rpc_metadata_add_wire and rpc_metadata_wire_value cross that border, and nothing else does.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
#ifndef MZ_RPC_METADATA_H
#define MZ_RPC_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

struct rpc_pair {
	const char *name;  /* lower case */
	const char *value; /* NUL-terminated; of a -bin name any bytes */
	size_t length;     /* of value */
};

struct rpc_metadata {
	struct arena *arena;
	struct rpc_pair *pairs;
	size_t n, capacity;
};

enum rpc_metadata_result {
	RPC_METADATA_OK,
	RPC_METADATA_BAD_BASE64, /* nothing was added: a server answers INTERNAL, a client goes on
				    (RPC-05) */
	RPC_METADATA_NO_MEMORY,
};

/* An empty list whose pairs will live on arena. */
void rpc_metadata_init(struct rpc_metadata *metadata, struct arena *arena);

/* Appends a copy of a pair; value is raw even for a -bin name. 0 or -ENOMEM. */
int rpc_metadata_add(struct rpc_metadata *metadata, const char *name, const void *value,
		     size_t length);
/* The same for a text value. */
int rpc_metadata_add_text(struct rpc_metadata *metadata, const char *name, const char *value);

/*
 * Appends what a header field says: blanks around the value trimmed, a -bin value split at commas
 * into one pair each and decoded.
 */
enum rpc_metadata_result rpc_metadata_add_wire(struct rpc_metadata *metadata, const char *name,
					       size_t name_length, const char *value,
					       size_t value_length);

/*
 * The value as the wire carries it: unpadded base64 of a -bin value (on arena), any other value
 * itself. NULL without memory.
 */
const char *rpc_metadata_wire_value(const struct rpc_pair *pair, struct arena *arena,
				    size_t *ret_length);

/* The first value of a name, or NULL. */
const char *rpc_metadata_get(const struct rpc_metadata *metadata, const char *name);
const struct rpc_pair *rpc_metadata_find(const struct rpc_metadata *metadata, const char *name);

/* One or more of [0-9a-z_.-]. */
bool rpc_metadata_name_valid(const char *name, size_t length);
/* Ends with "-bin". */
bool rpc_metadata_name_binary(const char *name, size_t length);
/* Belongs to the protocols (":…", "grpc-…", "connect-…", content-type, te, …): never the
 * application's. */
bool rpc_metadata_name_reserved(const char *name, size_t length);
/* Only 0x20-0x7E: what the wire can carry as it is. */
bool rpc_metadata_value_valid(const char *value, size_t length);

/*
 * grpc-message (RPC-09): writing percent-encodes every byte outside 0x20-0x7E and '%' itself;
 * reading never fails, a '%' without two hex digits stands for itself. Reading gives a text on
 * arena, NULL without memory.
 */
void rpc_percent_encode(struct buf *out, const char *text, size_t length);
char *rpc_percent_decode(struct arena *arena, const char *text);

#endif
