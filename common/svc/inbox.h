/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inbox: the events of other services, taken in by this one's handlers (design §7).
 *
 * A handler is an rpc with `on_event`: it names the types it takes, and the producer is the first
 * word of each. The pump reads the producer's api_event past the handler's cursor and calls the
 * handler with a batch: all events of one type that follow each other, in the request's repeated
 * field of the event's message. The cursor moves in the handler's commit, so an event takes effect
 * exactly once, and order is kept.
 *
 * Before that the service's own sequencer gives the events of its outbox their place in its log;
 * of all workers and hosts one at a time does (house_sql.h).
 *
 * Who calls it: jobs.h, every half second or by RunDue.
 */
#ifndef MZ_SVC_INBOX_H
#define MZ_SVC_INBOX_H

#include <stdint.h>

#include "svc/decide.h"
#include "svc/plan.h"

struct inbox_run;
struct worker;

/* A method with `on_event`, and the statement that reads its producer's log. */
struct inbox_handler {
	const struct plan *plan;
	const struct db_stmt *stmt;
};

struct inbox_handlers {
	struct inbox_handler *all;
	size_t n_all;
};

/* Finds the handlers of the service and adds their statements. 0 or -ENOMEM; contradictions are
 * reported. */
int inbox_handlers_make(struct arena *arena, const struct plans *plans, plan_report_fn *report,
			void *data, struct inbox_handlers *ret_handlers);

/*
 * Sequences this service's own events, then takes in everything that waits for its handlers, for
 * one tenant. done runs exactly once, from the event loop, unless cancelled: n_events is how many
 * were taken in, failure is NULL when all went well. now_us is the handlers' business clock. NULL
 * without memory.
 */
struct inbox_run *inbox_run_start(struct worker *worker, int32_t tenant, int64_t now_us,
				  void (*done)(void *data, int64_t n_events,
					       const struct svc_failure *failure),
				  void *data);
void inbox_run_cancel(struct inbox_run *run);

#endif
