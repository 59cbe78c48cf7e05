/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/failure.h"
#include "svc/inbox.h"
#include "svc/internal.h"
#include "svc/worker.h"

enum {
	LOOK_US = 500000,
	RUN_BYTES = 16 << 20,
	TIMEOUT_US = 30 * CLOCK_US_PER_SECOND,
};

/* Everything that is due, for one tenant: events, the first job, events, the next job … */
struct jobs_run {
	struct worker *worker;
	struct arena *arena;
	int32_t tenant;
	int64_t until_us;
	void (*done)(void *data, RunDueResponse *response, const struct svc_failure *failure);
	void *data;

	RunDueResponse *response;
	Google__Protobuf__Timestamp until;
	SvcJob job; /* the one that runs */
	int32_t n_slices;
	struct inbox_run *inbox;
	struct db_txn *txn;
	struct internal_run call;
};

static void take_events(struct jobs_run *run);

static void
finish(struct jobs_run *run, const struct svc_failure *failure)
{
	run->done(run->data, run->response, failure);
}

static void
finish_db(struct jobs_run *run, const struct db_error *error)
{
	struct svc_failure failure = {0};

	failure_set_db(&failure, run->arena, error, &run->worker->program->words);
	finish(run, &failure);
}

static void
finish_memory(struct jobs_run *run)
{
	const struct db_error error = {.outcome = DB_TOO_LARGE, .text = ""};

	finish_db(run, &error);
}

static bool
is_job(const struct plan *plan)
{
	return plan->rule && *plan->rule->every;
}

static const struct plan *
find_job(const struct plans *plans, const char *name)
{
	for (size_t i = 0; i < plans->n_all; i++)
		if (is_job(&plans->all[i]) && strcmp(plans->all[i].method->name, name) == 0)
			return &plans->all[i];
	return NULL;
}

/* -- running --------------------------------------------------------------------------------- */

static bool
says_more(const ProtobufCMessage *response)
{
	const ProtobufCFieldDescriptor *more =
	    protobuf_c_message_descriptor_get_field_by_name(response->descriptor, "more");

	return more && more->type == PROTOBUF_C_TYPE_BOOL &&
	       *(protobuf_c_boolean *)member_at(response, more, 0);
}

/* Of the last slice only. */
static bool
bind_due_date(struct task *task, struct db_query *queries, size_t *n)
{
	struct jobs_run *run = LIST_ENTRY(task->owner, struct jobs_run, call);

	if (says_more(task->response))
		return true;
	return task_bind_house(task, HOUSE_JOB_DONE, &run->job, &queries[(*n)++]);
}

/* False without memory. */
static bool
note_run(struct jobs_run *run)
{
	RunDueResponse *response = run->response;
	const ProtobufCFieldDescriptor *jobs =
	    protobuf_c_message_descriptor_get_field_by_name(&run_due_response__descriptor, "jobs");
	JobRun *note = (JobRun *)wire_new(&job_run__descriptor, run->arena);
	JobRun **place = member_add(&response->base, jobs, run->arena);

	if (!note || !place)
		return false;
	note->job = arena_strdup(run->arena, run->job.name);
	note->due_at = run->job.due_at;
	note->slices = run->n_slices;
	*place = note;
	return note->job != NULL;
}

static void
on_slice(struct internal_run *call, const ProtobufCMessage *response,
	 const struct svc_failure *failure)
{
	struct jobs_run *run = LIST_ENTRY(call, struct jobs_run, call);

	run->n_slices++;
	if (!response) {
		log_error("job", LOG_ID("job", run->job.name), LOG_ID("reason", failure->reason),
			  LOG_TEXT("text", failure->text));
		finish(run, failure);
	} else if (says_more(response)) {
		internal_start(call);
	} else if (!note_run(run)) {
		finish_memory(run);
	} else {
		take_events(run);
	}
}

static void
start_job(struct jobs_run *run)
{
	const struct plan *plan = find_job(&run->worker->program->plans, run->job.name);
	const Google__Protobuf__Timestamp *runs_at = run->job.runs_at;

	run->n_slices = 0;
	run->job.tenant = run->tenant;
	run->call = (struct internal_run){
	    .worker = run->worker,
	    .plan = plan,
	    .tenant = run->tenant,
	    .now_us = runs_at->seconds * CLOCK_US_PER_SECOND + runs_at->nanos / 1000,
	    .bind_more = bind_due_date,
	    .done = on_slice,
	};
	internal_start(&run->call);
}

static void
on_due(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct jobs_run *run = data;
	struct db_error why = {.outcome = DB_OK};

	(void)n_results;
	run->txn = NULL;
	if (error) {
		finish_db(run, error);
		return;
	}
	if (results[0].n_rows == 0) {
		finish(run, NULL);
		return;
	}
	svc_job__init(&run->job);
	why.outcome = db_fill_row(&results[0], 0, &run->worker->program->codec, run->arena,
				  &run->job.base, &why);
	if (why.outcome != DB_OK)
		finish_db(run, &why);
	else
		start_job(run);
}

/* The names of all jobs; none: nothing is ever due. */
static SvcJobs *
list_jobs(struct jobs_run *run)
{
	const struct plans *plans = &run->worker->program->plans;
	SvcJobs *jobs = (SvcJobs *)wire_new(&svc_jobs__descriptor, run->arena);

	if (!jobs)
		return NULL;
	jobs->tenant = run->tenant;
	jobs->until = &run->until;
	jobs->names = ARENA_ARRAY(run->arena, char *, plans->n_all);
	jobs->everys = ARENA_ARRAY(run->arena, char *, plans->n_all);
	if (!jobs->names || !jobs->everys)
		return NULL;
	for (size_t i = 0; i < plans->n_all; i++)
		if (is_job(&plans->all[i])) {
			jobs->names[jobs->n_names++] = lend(plans->all[i].method->name);
			jobs->everys[jobs->n_everys++] = plans->all[i].rule->every;
		}
	return jobs;
}

static void
look_up(struct jobs_run *run)
{
	const struct program *program = run->worker->program;
	struct db_query *query = ARENA_NEW(run->arena, struct db_query);
	SvcJobs *jobs = list_jobs(run);
	struct db_error error = {.text = ""};

	if (!query || !jobs) {
		finish_memory(run);
		return;
	}
	if (jobs->n_names == 0) {
		finish(run, NULL);
		return;
	}
	error.outcome = house_bind(&program->house, HOUSE_JOB_NEXT, jobs, NULL, NULL,
				   &program->codec, run->arena, query, &error);
	if (error.outcome == DB_OK)
		run->txn =
		    db_txn_run(run->worker->pool, query, 1, clock_monotonic_us() + TIMEOUT_US,
			       on_due, run, &error.outcome);
	if (!run->txn)
		finish_db(run, &error);
}

static void
on_events(void *data, int64_t n_events, const struct svc_failure *failure)
{
	struct jobs_run *run = data;

	run->inbox = NULL;
	run->response->events += n_events;
	if (failure)
		finish(run, failure);
	else
		look_up(run);
}

static void
take_events(struct jobs_run *run)
{
	run->inbox = inbox_run_start(run->worker, run->tenant, run->until_us, on_events, run);
	if (!run->inbox)
		finish_memory(run);
}

struct jobs_run *
jobs_run_start(struct worker *worker, struct arena *arena, int32_t tenant, int64_t until_us,
	       void (*done)(void *data, RunDueResponse *response,
			    const struct svc_failure *failure),
	       void *data)
{
	struct jobs_run *run = ARENA_NEW(arena, struct jobs_run);

	if (!run)
		return NULL;
	run->worker = worker;
	run->arena = arena;
	run->tenant = tenant;
	run->until_us = until_us;
	run->done = done;
	run->data = data;
	run->response = (RunDueResponse *)wire_new(&run_due_response__descriptor, arena);
	google__protobuf__timestamp__init(&run->until);
	run->until.seconds = until_us / CLOCK_US_PER_SECOND;
	run->until.nanos = (int32_t)(until_us % CLOCK_US_PER_SECOND) * 1000;
	if (!run->response)
		return NULL;
	run->inbox = inbox_run_start(worker, tenant, until_us, on_events, run);
	return run->inbox ? run : NULL;
}

void
jobs_run_cancel(struct jobs_run *run)
{
	if (run->inbox)
		inbox_run_cancel(run->inbox);
	if (run->txn)
		db_txn_abandon(run->txn);
	internal_cancel(&run->call);
}

/* -- by itself ------------------------------------------------------------------------------- */

struct jobs {
	struct worker *worker;
	struct event *timer;
	struct arena *arena;
	const char *tenants; /* what is left of the list in this turn */
	struct jobs_run *run;
};

static void look(struct jobs *jobs);

static void
on_looked(void *data, RunDueResponse *response, const struct svc_failure *failure)
{
	struct jobs *jobs = data;

	(void)response;
	if (failure && failure->code != RPC_UNAVAILABLE)
		log_warning("housekeeping", LOG_ID("reason", failure->reason),
			    LOG_TEXT("text", failure->text));
	jobs->run = NULL;
	look(jobs);
}

static void
rest(struct jobs *jobs)
{
	const struct timeval pause = {.tv_usec = LOOK_US};

	jobs->tenants = jobs->worker->program->options->tenants;
	evtimer_add(jobs->timer, &pause);
}

/* The next tenant of the list, or a pause at its end. */
static void
look(struct jobs *jobs)
{
	char *end;
	long tenant = strtol(jobs->tenants, &end, 10);

	if (end == jobs->tenants || !db_pool_is_ready(jobs->worker->pool)) {
		rest(jobs);
		return;
	}
	jobs->tenants = *end == ',' ? end + 1 : end;
	arena_reset(jobs->arena);
	jobs->run = jobs_run_start(jobs->worker, jobs->arena, (int32_t)tenant, clock_now_us(),
				   on_looked, jobs);
	if (!jobs->run)
		rest(jobs);
}

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	look(data);
}

struct jobs *
jobs_new(struct worker *worker)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));

	if (!jobs)
		return NULL;
	jobs->worker = worker;
	jobs->arena = arena_new(RUN_BYTES);
	jobs->timer = evtimer_new(worker->base, on_timer, jobs);
	if (!jobs->arena || !jobs->timer) {
		jobs_free(jobs);
		return NULL;
	}
	if (worker->number == 0 && !worker->program->options->test_clock)
		rest(jobs);
	return jobs;
}

void
jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	if (jobs->run)
		jobs_run_cancel(jobs->run);
	if (jobs->timer)
		event_free(jobs->timer);
	arena_free(jobs->arena);
	free(jobs);
}
