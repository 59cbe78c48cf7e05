/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields: the header fields of one block under construction, by reference.
 *
 * Names and values must stay until the block has been sent: they are static text or lie on the
 * call's arena. nghttp2 indexes them (HPACK), so the fields that every reply has cost one byte
 * each.
 */
#ifndef MZ_RPC_FIELDS_H
#define MZ_RPC_FIELDS_H

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

#include "rpc/metadata.h"

enum { RPC_FIELDS_FEW = 16 };

struct rpc_fields {
	nghttp2_nv few[RPC_FIELDS_FEW];
	nghttp2_nv *nv; /* few, or on arena */
	size_t n, capacity;
	struct arena *arena;
	bool failed; /* no memory: the block must not be sent */
};

void rpc_fields_init(struct rpc_fields *fields, struct arena *arena);
void rpc_fields_add(struct rpc_fields *fields, const char *name, const char *value, size_t length);
void rpc_fields_add_text(struct rpc_fields *fields, const char *name, const char *value);
/* A number of three digits: HTTP status, gRPC status. */
void rpc_fields_add_number(struct rpc_fields *fields, const char *name, int number);
/* The application's pairs, each name with `prefix` before it ("" or "trailer-"). */
void rpc_fields_add_metadata(struct rpc_fields *fields, const struct rpc_metadata *metadata,
			     const char *prefix);

#endif
