/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/failure.h"
#include "svc/internal.h"
#include "svc/worker.h"

enum {
	BATCH_EVENTS = 500,
	READ_BYTES = 64 << 20,
	TIMEOUT_US = 30 * CLOCK_US_PER_SECOND,
};

/* -- handlers -------------------------------------------------------------------------------- */

/* The service that makes the events of a type: `relief` of `relief.award.changed`. */
static int
producer_length(const char *type)
{
	return (int)strcspn(type, ".");
}

static const char *
reading_sql(struct arena *arena, const MethodRule *rule)
{
	return arena_printf(
	    arena,
	    "SELECT number, type, subject, happened_at, payload FROM %.*s.api_event"
	    " WHERE tenant = :tenant AND type = ANY(:types::text[]) AND number > coalesce((SELECT"
	    " c.number FROM inbox_cursor c WHERE c.tenant = :tenant AND c.handler = :handler), 0)"
	    " ORDER BY number LIMIT %d",
	    producer_length(rule->on_event[0]), rule->on_event[0], BATCH_EVENTS);
}

static bool
have_one_producer(const MethodRule *rule)
{
	int length = producer_length(rule->on_event[0]);

	for (size_t i = 1; i < rule->n_on_event; i++)
		if (strncmp(rule->on_event[0], rule->on_event[i], (size_t)length + 1) != 0)
			return false;
	return true;
}

int
inbox_handlers_make(struct arena *arena, const struct plans *plans, plan_report_fn *report,
		    void *data, struct inbox_handlers *ret_handlers)
{
	static const struct db_source sources[] = {{NULL, &svc_cursor__descriptor}};

	ret_handlers->n_all = 0;
	ret_handlers->all = ARENA_ARRAY(arena, struct inbox_handler, plans->n_all);
	if (!ret_handlers->all)
		return -ENOMEM;
	for (size_t i = 0; i < plans->n_all; i++) {
		const struct plan *plan = &plans->all[i];
		struct inbox_handler *handler = &ret_handlers->all[ret_handlers->n_all];
		struct db_fault fault = {0};
		struct db_stmt_def def = {
		    .label = plan->label,
		    .sources = sources,
		    .n_sources = 1,
		    .row = &svc_event__descriptor,
		};

		if (!plan->rule || plan->rule->n_on_event == 0)
			continue;
		def.sql = reading_sql(arena, plan->rule);
		handler->plan = plan;
		handler->stmt = def.sql ? db_stmts_add(plans->stmts, &def, &fault) : NULL;
		if (!handler->stmt || !have_one_producer(plan->rule))
			report(data,
			       arena_printf(arena, "%s: its events are not of one producer %s",
					    plan->label, fault.text));
		else
			ret_handlers->n_all++;
	}
	return 0;
}

/* -- a run ----------------------------------------------------------------------------------- */

struct inbox_run {
	struct worker *worker;
	int32_t tenant;
	int64_t now_us;
	void (*done)(void *data, int64_t n_events, const struct svc_failure *failure);
	void *data;

	struct arena *arena; /* of the batch that was read */
	size_t handler;      /* whose turn it is */
	SvcCursor cursor;
	SvcEvents batch;
	size_t n_taken; /* of the batch, in one call of the handler */
	int64_t n_events;
	/* A round: sequence, then every handler until nothing waits for it. There is another one as
	 * long as the last made or took in something. */
	bool is_first_round, is_idle;
	struct event *start; /* the first step is made from the loop */
	struct db_txn *txn;
	struct db_read *read;
	struct internal_run call;
};

static void sequence(struct inbox_run *run);
static void read_batch(struct inbox_run *run);

static void
run_free(struct inbox_run *run)
{
	if (run->start)
		event_free(run->start);
	arena_free(run->arena);
	free(run);
}

static void
finish(struct inbox_run *run, const struct svc_failure *failure)
{
	run->done(run->data, run->n_events, failure);
	run_free(run);
}

static void
finish_db(struct inbox_run *run, const struct db_error *error)
{
	struct svc_failure failure = {0};

	failure_set_db(&failure, run->arena, error, &run->worker->program->words);
	finish(run, &failure);
}

static void
next_handler(struct inbox_run *run)
{
	run->handler++;
	read_batch(run);
}

/* -- calling the handler --------------------------------------------------------------------- */

static const ProtobufCFieldDescriptor *
field_for(const ProtobufCMessageDescriptor *request, const ProtobufCMessageDescriptor *type)
{
	for (unsigned i = 0; i < request->n_fields; i++)
		if (request->fields[i].label == PROTOBUF_C_LABEL_REPEATED &&
		    request->fields[i].descriptor == type)
			return &request->fields[i];
	return NULL;
}

static bool
add_event(const struct inbox_run *run, const SvcEvent *event, ProtobufCMessage *request,
	  struct arena *arena)
{
	const struct schema_message *type = schema_message_by_url(
	    run->worker->program->schema, event->payload ? event->payload->type_url : "");
	const ProtobufCFieldDescriptor *field =
	    type ? field_for(request->descriptor, type->c) : NULL;
	ProtobufCMessage *message, **place;

	if (!field || !event->payload) {
		log_error("event_not_for_us", LOG_ID("type", event->type),
			  LOG_NUMBER("number", event->number));
		return false;
	}
	if (wire_read(type->c, event->payload->value.data, event->payload->value.len, arena,
		      &message, NULL) != PROTO_OK)
		return false;
	place = member_add(request, field, arena);
	if (place)
		*place = message;
	return place != NULL;
}

static bool
fill_request(struct internal_run *call, ProtobufCMessage *request, struct arena *arena)
{
	struct inbox_run *run = LIST_ENTRY(call, struct inbox_run, call);

	for (size_t i = 0; i < run->n_taken; i++)
		if (!add_event(run, run->batch.events[i], request, arena))
			return false;
	return true;
}

static bool
bind_cursor(struct task *task, struct db_query *queries, size_t *n)
{
	struct inbox_run *run = LIST_ENTRY(task->owner, struct inbox_run, call);

	return task_bind_house(task, HOUSE_CURSOR_SET, &run->cursor, &queries[(*n)++]);
}

static void
on_handled(struct internal_run *call, const ProtobufCMessage *response,
	   const struct svc_failure *failure)
{
	struct inbox_run *run = LIST_ENTRY(call, struct inbox_run, call);

	if (!response) {
		log_error("event_handler", LOG_ID("handler", call->plan->label),
			  LOG_ID("reason", failure->reason), LOG_TEXT("text", failure->text));
		finish(run, failure);
		return;
	}
	run->n_events += (int64_t)run->n_taken;
	run->is_idle = false;
	read_batch(run);
}

/* The events at the front of the batch that have one type. */
static size_t
same_type(const SvcEvents *batch)
{
	size_t n = 1;

	while (n < batch->n_events && strcmp(batch->events[n]->type, batch->events[0]->type) == 0)
		n++;
	return n;
}

static void
call_handler(struct inbox_run *run)
{
	run->n_taken = same_type(&run->batch);
	run->cursor.before = run->cursor.number;
	run->cursor.number = run->batch.events[run->n_taken - 1]->number;
	run->call = (struct internal_run){
	    .worker = run->worker,
	    .plan = run->worker->program->handlers.all[run->handler].plan,
	    .tenant = run->tenant,
	    .now_us = run->now_us,
	    .fill = fill_request,
	    .bind_more = bind_cursor,
	    .done = on_handled,
	};
	internal_start(&run->call);
}

/* -- reading --------------------------------------------------------------------------------- */

static void
on_batch(void *data, const struct db_result *results, size_t n_results,
	 const struct db_error *error)
{
	struct inbox_run *run = data;
	const struct db_codec *codec = &run->worker->program->codec;
	struct db_error why = {.outcome = DB_OK};

	(void)n_results;
	run->read = NULL;
	if (error) {
		finish_db(run, error);
		return;
	}
	svc_events__init(&run->batch);
	run->cursor.number = 0;
	if (results[0].n_rows > 0)
		why.outcome =
		    db_fill_row(&results[0], 0, codec, run->arena, &run->cursor.base, &why);
	if (why.outcome == DB_OK)
		why.outcome = db_fill_field(&results[1], codec, run->arena, &run->batch.base,
					    &svc_events__descriptor.fields[0], &why);
	if (why.outcome != DB_OK)
		finish_db(run, &why);
	else if (run->batch.n_events > 0)
		call_handler(run);
	else
		next_handler(run);
}

static void
set_cursor(struct inbox_run *run, const struct plan *plan)
{
	svc_cursor__init(&run->cursor);
	run->cursor.tenant = run->tenant;
	run->cursor.handler = lend(plan->method->name);
	run->cursor.types = plan->rule->on_event;
	run->cursor.n_types = plan->rule->n_on_event;
}

static void
read_batch(struct inbox_run *run)
{
	const struct program *program = run->worker->program;
	const ProtobufCMessage *const sources[] = {&run->cursor.base};
	struct db_query *queries;
	struct db_error error = {.text = ""};

	if (run->handler == program->handlers.n_all) {
		if (run->is_idle)
			finish(run, NULL);
		else
			sequence(run);
		return;
	}
	arena_reset(run->arena);
	queries = ARENA_ARRAY(run->arena, struct db_query, 2);
	set_cursor(run, program->handlers.all[run->handler].plan);
	error.outcome = queries ? house_bind(&program->house, HOUSE_CURSOR_GET, &run->cursor, NULL,
					     NULL, &program->codec, run->arena, &queries[0], &error)
				: DB_TOO_LARGE;
	if (error.outcome == DB_OK)
		error.outcome = db_bind(program->handlers.all[run->handler].stmt, sources,
					&program->codec, run->arena, &queries[1], &error);
	if (error.outcome == DB_OK)
		run->read =
		    db_read_start(run->worker->pool, queries, 2, clock_monotonic_us() + TIMEOUT_US,
				  on_batch, run, &error.outcome);
	if (!run->read)
		finish_db(run, &error);
}

/* -- sequencing ------------------------------------------------------------------------------ */

static void
on_sequenced(void *data, const struct db_result *results, size_t n_results,
	     const struct db_error *error)
{
	struct inbox_run *run = data;

	(void)n_results;
	run->txn = NULL;
	if (error) {
		finish_db(run, error);
		return;
	}
	run->is_idle = results[1].n_rows == 0;
	if (run->is_idle && !run->is_first_round) {
		finish(run, NULL);
		return;
	}
	run->is_first_round = false;
	run->handler = 0;
	read_batch(run);
}

static void
sequence(struct inbox_run *run)
{
	const struct program *program = run->worker->program;
	struct db_query *queries;
	struct db_error error = {.text = ""};

	arena_reset(run->arena);
	queries = ARENA_ARRAY(run->arena, struct db_query, 2);
	svc_cursor__init(&run->cursor);
	run->cursor.tenant = run->tenant;
	error.outcome = queries ? DB_OK : DB_TOO_LARGE;
	for (size_t i = 0; error.outcome == DB_OK && i < 2; i++)
		error.outcome = house_bind(
		    &program->house, i == 0 ? HOUSE_SEQUENCE_LOCK : HOUSE_SEQUENCE_MOVE,
		    &run->cursor, NULL, NULL, &program->codec, run->arena, &queries[i], &error);
	if (error.outcome == DB_OK)
		run->txn =
		    db_txn_run(run->worker->pool, queries, 2, clock_monotonic_us() + TIMEOUT_US,
			       on_sequenced, run, &error.outcome);
	if (!run->txn)
		finish_db(run, &error);
}

static void
on_start(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	sequence(data);
}

struct inbox_run *
inbox_run_start(struct worker *worker, int32_t tenant, int64_t now_us,
		void (*done)(void *data, int64_t n_events, const struct svc_failure *failure),
		void *data)
{
	struct inbox_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	*run = (struct inbox_run){
	    .worker = worker,
	    .tenant = tenant,
	    .now_us = now_us,
	    .done = done,
	    .data = data,
	    .is_first_round = true,
	    .arena = arena_new(READ_BYTES),
	    .start = event_new(worker->base, -1, 0, on_start, run),
	};
	if (!run->arena || !run->start) {
		run_free(run);
		return NULL;
	}
	event_active(run->start, EV_TIMEOUT, 0);
	return run;
}

void
inbox_run_cancel(struct inbox_run *run)
{
	if (run->txn)
		db_txn_abandon(run->txn);
	if (run->read)
		db_read_abandon(run->read);
	internal_cancel(&run->call);
	run_free(run);
}
