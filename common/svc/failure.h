/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure: how a failed task is told to its caller.
 *
 * Errors are google.rpc.Status: a code, a Chinese text that says what to do, and as details
 * ErrorInfo with a stable reason and BadRequest with the fields that are wrong (design §4).
 */
#ifndef MZ_SVC_FAILURE_H
#define MZ_SVC_FAILURE_H

#include "db/sqlstate.h"
#include "rpc/call.h"
#include "svc/decide.h"

/* What the database's refusal means to the caller; the one table. A constraint's name becomes the
 * reason, in upper case. */
void failure_set_db(struct svc_failure *failure, struct arena *arena, const struct db_error *error);

/* Ends the peer's call. domain: the service's name, for ErrorInfo. */
void failure_send(const struct svc_failure *failure, const char *domain, struct rpc_call *call);

#endif
