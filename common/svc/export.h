/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Export: a server stream whose messages are the rows of one statement.
 *
 * Rows come from a cursor in chunks. A chunk is masked, recorded in the audit trail, sent, and only
 * when the peer has taken it is the next one fetched: so a slow reader holds back PostgreSQL, and
 * memory is that of one chunk.
 */
#ifndef MZ_SVC_EXPORT_H
#define MZ_SVC_EXPORT_H

#include "svc/task.h"

struct rpc_call;

/* Streams the rows of the statement; the task's owner must be the peer's call. */
void export_run(struct task *task, const struct plan_statement *statement);

/* The peer's queue has room again. */
void export_go_on(struct task *task);

#endif
