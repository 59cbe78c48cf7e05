/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health: grpc.health.v1 (RPC-33).
 *
 * A server has the state of its whole under the name "" and of each service under its own. Check
 * answers once, Watch at once and then at each change, List gives all. When the server drains every
 * state becomes NOT_SERVING, watchers are told and their streams ended with UNAVAILABLE.
 */
#ifndef MZ_RPC_HEALTH_H
#define MZ_RPC_HEALTH_H

struct rpc_server;
struct rpc_health;

enum rpc_health_state { RPC_HEALTH_UNKNOWN, RPC_HEALTH_SERVING, RPC_HEALTH_NOT_SERVING };

/* Adds the service to the server, with "" SERVING; it goes with the server. NULL without memory. */
struct rpc_health *rpc_health_new(struct rpc_server *server);

/* Sets the state of a service ("" for the whole). 0, -ENOMEM, -ENOSPC over max_health_services. */
int rpc_health_set(struct rpc_health *health, const char *service, enum rpc_health_state state);

#endif
