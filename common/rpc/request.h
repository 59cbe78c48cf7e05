/* SPDX-License-Identifier: Apache-2.0 */
/* Request: the header block of a call, field by field, within the limits (RPC-04, RPC-29). */
#ifndef MZ_RPC_REQUEST_H
#define MZ_RPC_REQUEST_H

#include "rpc/call_impl.h"

/*
 * One field of the header block, or of the trailers, which are only checked. Over max_header_bytes
 * or max_header_fields the request is marked `too_large` and nothing more of it is kept; against a
 * rule of RFC 9113 it is marked `malformed`.
 */
void request_add_field(struct rpc_call *call, const char *name, size_t name_length,
		       const char *value, size_t value_length);

/* Whether the block that has ended is a request (RFC 9113 8.3.1); with too_large the question is
 * idle. */
bool request_is_complete(const struct rpc_request *request);

#endif
