/* SPDX-License-Identifier: Apache-2.0 */
/* What Connect's unary calls and streams share. */
#ifndef MZ_RPC_FRAMING_CONNECT_H
#define MZ_RPC_FRAMING_CONNECT_H

#include "rpc/call_impl.h"

/* Method, version, and that the method is a stream or not; false: refused. */
bool framing_connect_begin(struct rpc_call *call, bool stream);

#endif
