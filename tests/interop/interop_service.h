/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of gRPC's interoperability cases, with health and reflection.
 * https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
 */
#ifndef MZ_INTEROP_SERVICE_H
#define MZ_INTEROP_SERVICE_H

#include "rpc/server.h"

typedef void interop_server_fn(const struct rpc_server *server);

/* What both peers know; NULL without memory. To be freed by schema_free. */
struct schema *interop_schema_new(void);

/*
 * Serves on fd, a listening socket, which is closed in any case, from `up` until SIGTERM has
 * drained the server and `down` has looked at it. -1 when it could not start.
 */
int interop_serve(const struct rpc_server_options *options, int fd, interop_server_fn *up,
		  interop_server_fn *down);

#endif
