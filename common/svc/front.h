/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Front: peers' calls as tasks.
 *
 * One table of rpc_methods for all plans, one handler for all methods: it authenticates, reads the
 * business clock and the purpose from the metadata, makes a task for the request (for each message
 * of a client stream) and tells the peer how it ended.
 *
 *     authorization: Bearer TOKEN
 *     x-minzheng-purpose: why personal data is needed, percent-encoded UTF-8; with the permission
 *                         SERVICE.unmask it is then shown in clear, and that is in the audit trail
 *     x-minzheng-now: RFC 3339; only with --test-clock and the permission clock.set
 */
#ifndef MZ_SVC_FRONT_H
#define MZ_SVC_FRONT_H

#include "rpc/call.h"
#include "rpc/server.h"
#include "svc/task.h"

/* Adds the methods of all plans to the worker's server. 0 or -errno. */
int front_add(struct worker *worker);

/* For server streams: sends one message of the task's call. */
enum rpc_send_result front_send(struct task *task, const ProtobufCMessage *message);
/* False from RPC_SEND_WAIT until the peer has taken enough. */
bool front_has_room(const struct task *task);

#endif
