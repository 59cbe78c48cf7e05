/* SPDX-License-Identifier: Apache-2.0 */
/* Request: the header block of a call, field by field, within the limits (RPC-04, RPC-29). */
#ifndef MZ_RPC_REQUEST_H
#define MZ_RPC_REQUEST_H

#include "rpc/call_impl.h"

/* One field. Over max_header_bytes or max_header_fields the request is marked `too_large` and
 * nothing more of it is kept. */
void request_add_field(struct rpc_call *call, const char *name, size_t name_length,
		       const char *value, size_t value_length);

#endif
