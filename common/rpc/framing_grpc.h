/* SPDX-License-Identifier: Apache-2.0 */
/* What gRPC-Web shares with gRPC: the fields before and behind the messages. */
#ifndef MZ_RPC_FRAMING_GRPC_H
#define MZ_RPC_FRAMING_GRPC_H

#include "rpc/framing.h"

/* ":status", "content-type", "grpc-encoding", "grpc-accept-encoding". */
void framing_grpc_headers(struct rpc_call *call, struct rpc_fields *fields);
/* "grpc-status", "grpc-message", "grpc-status-details-bin", then the application's trailers. */
void framing_grpc_trailers(struct rpc_call *call, struct rpc_fields *fields);

#endif
