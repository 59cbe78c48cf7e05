/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal: a method that the house itself calls: a batch of events, a due job.
 *
 * It runs as the service's own system principal, with a business clock of the caller's choice, in
 * an arena of its own, and may move a cursor or a due date on in the same commit.
 */
#ifndef MZ_SVC_INTERNAL_H
#define MZ_SVC_INTERNAL_H

#include "svc/auth.h"
#include "svc/task.h"

struct internal;

/* What to run. Lives as long as the run. */
struct internal_run {
	struct worker *worker;
	const struct plan *plan;
	int32_t tenant;
	int64_t now_us; /* business clock */
	/* Fills the request, on arena; its request_id is already set. NULL: nothing to fill. False
	 * without memory. */
	bool (*fill)(struct internal_run *run, ProtobufCMessage *request, struct arena *arena);
	/* See struct task; task->owner is the run. May be NULL. */
	bool (*bind_more)(struct task *task, struct db_query *queries, size_t *n);
	/* Exactly once, from the event loop, unless cancelled. response is NULL when it failed;
	 * both are valid inside the hook only. The run may be started again inside. */
	void (*done)(struct internal_run *run, const ProtobufCMessage *response,
		     const struct svc_failure *failure);

	struct internal *state; /* NULL: does not run */
};

/* Starts it. */
void internal_start(struct internal_run *run);
/* Stops it if it runs: done will not run. */
void internal_cancel(struct internal_run *run);

#endif
