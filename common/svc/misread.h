/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Misread: what a caller is told whose request is not the message it should be.
 *
 * The runtime knows where and, in English, why (proto/fault.h). The contract knows what belongs
 * there: a name that exists, one of an enum's values, a date. So the caller reads the field's path
 * and what would be right in Chinese, and the runtime's words after it.
 */
#ifndef MZ_SVC_MISREAD_H
#define MZ_SVC_MISREAD_H

#include "proto/fault.h"
#include "proto/schema.h"
#include "rpc/call.h"
#include "svc/decide.h"

/* Fills failure, on arena, for a request of this type. */
void misread_explain(const struct schema_message *type, const struct proto_fault *fault,
		     struct arena *arena, struct svc_failure *failure);

/* rpc_server_options.on_misread; data is the worker. */
const char *misread_tell(struct rpc_call *call, const struct proto_fault *fault, void *data);

#endif
