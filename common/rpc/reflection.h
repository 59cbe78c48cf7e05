/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reflection: grpc.reflection.v1 and v1alpha (RPC-34), so that grpcurl and its like need no .proto
 * files.
 *
 * Services are listed as the server serves them; files, with their comments, come from the schema
 * of its options, which must have been built with rpc_builtin_set too when health and reflection
 * themselves are to be described.
 */
#ifndef MZ_RPC_REFLECTION_H
#define MZ_RPC_REFLECTION_H

#include "proto/schema.h"

struct rpc_server;

/* Adds both versions; the server has a schema. 0, -EINVAL without one, -ENOMEM. */
int rpc_reflection_add(struct rpc_server *server);

/* Descriptors of health and reflection, for schema_source. */
struct schema_set rpc_builtin_schema(void);
enum { RPC_N_BUILTIN_SERVICES = 2 };
extern const ProtobufCServiceDescriptor *const rpc_builtin_services[RPC_N_BUILTIN_SERVICES];

#endif
