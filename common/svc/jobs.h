/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs: rpcs with `every`, run by the house when they are due.
 *
 * The table `job` says when each is due next, by the business clock. A job is run with its due time
 * as business clock, so that a missed day is made up for as that day; a response with `bool more`
 * set is one slice of several. The due time moves on in the commit of the last slice: of several
 * hosts one wins, and after a crash the slice that was not committed is run again.
 *
 * With the real clock one worker looks every second. With --test-clock time stands still, and jobs
 * run only by AdminService/RunDue, which takes in waiting events (inbox.h) before each.
 */
#ifndef MZ_SVC_JOBS_H
#define MZ_SVC_JOBS_H

#include "minzheng/svc/v1/admin.pb-c.h"
#include "svc/decide.h"

struct jobs;
struct jobs_run;
struct worker;

/* Looks by itself when it is the first worker's and the clock is real. NULL without memory. */
struct jobs *jobs_new(struct worker *worker);
void jobs_free(struct jobs *jobs);

/*
 * Runs what is due until the business time, and events, for one tenant. done runs exactly once,
 * from the event loop, unless cancelled; response is on arena, which must live until then; failure
 * is NULL when all went well. NULL without memory.
 */
struct jobs_run *jobs_run_start(struct worker *worker, struct arena *arena, int32_t tenant,
				int64_t until_us,
				void (*done)(void *data, RunDueResponse *response,
					     const struct svc_failure *failure),
				void *data);
void jobs_run_cancel(struct jobs_run *run);

#endif
