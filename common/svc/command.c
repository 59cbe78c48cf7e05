/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: load, decide, store, in one transaction of two round trips (design §4).
 *
 *     begin ── BEGIN; stored answer?; loads ──▶ loaded ── decide ── stores; events; audit; answer;
 *       ▲                                                            COMMIT ──▶ committed ──▶ end
 *       └────────────── 40001, 40P01: all of it again, the same ids ◀──┘
 *
 * Without a decision there is nothing to load, and everything is one round trip. What was refused
 * is rolled back and recorded through the group of the reads.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/pool.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/failure.h"
#include "svc/keys.h"
#include "svc/outbox.h"
#include "svc/task.h"
#include "svc/worker.h"

enum { MAX_TRIES = 5 };

/* Statements of the house that may follow a command's own: events, what an event handler or a job
 * moves on, audit row, answer. */
enum { MORE_STORES = 4 };

static void begin(struct task *task);

/* -- idempotency ----------------------------------------------------------------------------- */

static bool
has_request_id(const struct task *task)
{
	return task->answer.request_id && task->answer.request_id[0];
}

/* The key of this command, if the caller has given one. */
static bool
set_key(struct task *task)
{
	const ProtobufCFieldDescriptor *field = task->plan->request_id;
	size_t size;
	const void *bytes;

	svc_answer__init(&task->answer);
	if (!field)
		return true;
	task->answer.request_id = *(char **)member_at(task->request, field, 0);
	if (!has_request_id(task))
		return true;
	bytes = wire_pack(task->request, task->arena, &size);
	if (!bytes)
		return false;
	keys_mac(&task->worker->program->keys, bytes, size, task->digest);
	task->answer.method = lend(task->plan->label);
	task->answer.digest = (ProtobufCBinaryData){sizeof(task->digest), task->digest};
	return true;
}

/* Ends the task with the answer that was given before, or refuses a key used for something else. */
static void
end_with_answer(struct task *task, const struct db_result *result)
{
	const struct db_codec *codec = &task->worker->program->codec;
	struct db_error error = {0};
	SvcAnswer stored;

	svc_answer__init(&stored);
	error.outcome = db_fill_row(result, 0, codec, task->arena, &stored.base, &error);
	if (error.outcome != DB_OK) {
		task_fail_db(task, &error);
		return;
	}
	if (stored.digest.len != sizeof(task->digest) ||
	    memcmp(stored.digest.data, task->digest, sizeof(task->digest)) != 0) {
		task_fail(task, RPC_INVALID_ARGUMENT, "REQUEST_ID_REUSED",
			  "这个 request_id 已用于另一项内容不同的请求，请换一个新的");
		return;
	}
	if (wire_read(task->plan->method->response->c, stored.response.data, stored.response.len,
		      task->arena, &task->response, NULL) != PROTO_OK)
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "首次答复过大，无法再次返回");
	else
		task_end(task);
}

static void
on_answer(void *data, const struct db_result *results, size_t n_results,
	  const struct db_error *error)
{
	struct task *task = data;

	(void)n_results;
	task->read = NULL;
	if (error)
		task_fail_db(task, error);
	else if (results[0].n_rows == 0)
		task_fail(task, RPC_ABORTED, "CONFLICT", "与同时进行的操作冲突，请重试");
	else
		end_with_answer(task, &results[0]);
}

/* Another try of the same command won: its answer is ours too. */
static void
read_answer(struct task *task)
{
	struct db_query *query = ARENA_NEW(task->arena, struct db_query);
	struct db_error error = {0};

	if (!query) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
		return;
	}
	if (!task_bind_house(task, HOUSE_ANSWER_FIND, &task->answer, query))
		return;
	task->read = db_read_start(task->worker->pool, query, 1, task->deadline_us, on_answer, task,
				   &error.outcome);
	if (!task->read)
		task_fail_db(task, &error);
}

/* -- refusing -------------------------------------------------------------------------------- */

/* The failure is recorded before it is told. */
static void
end_refused(struct task *task)
{
	task_record(task, task_end);
}

/* -- storing --------------------------------------------------------------------------------- */

static bool
bind_answer(struct task *task, struct db_query *queries, size_t *n)
{
	ProtobufCMessage *kept = task_masked_copy(task, true);
	ProtobufCBinaryData *response = &task->answer.response;

	if (!kept)
		return false;
	response->data = wire_pack(kept, task->arena, &response->len);
	if (response->data)
		return task_bind_house(task, HOUSE_ANSWER_PUT, &task->answer, &queries[(*n)++]);
	task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "答复过大");
	return false;
}

static bool
bind_audit(struct task *task, struct db_query *queries, size_t *n)
{
	const SvcAudit *row = task_audit_row(task);
	SvcAudit *rows[] = {(SvcAudit *)(uintptr_t)row};
	SvcAudits group;

	svc_audits__init(&group);
	if (!row)
		return false;
	group.rows = rows;
	group.n_rows = 1;
	return task_bind_house(task, HOUSE_AUDIT_PUT, &group, &queries[(*n)++]);
}

static bool
bind_events(struct task *task, struct db_query *queries, size_t *n)
{
	SvcEvents events;

	svc_events__init(&events);
	if (!outbox_collect(task, &events)) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求产生的事件过多");
		return false;
	}
	if (events.n_events == 0)
		return true;
	return task_bind_house(task, HOUSE_EVENTS_PUT, &events, &queries[(*n)++]);
}

static bool
bind_own_stores(struct task *task, struct db_query *queries, size_t *n)
{
	for (size_t i = 0; i < task->plan->n_stores; i++)
		if (!task_bind(task, &task->plan->stores[i], &queries[(*n)++]))
			return false;
	return true;
}

/* What belongs to a success only: the answer comes first, so that a second try waits there for the
 * first one and fails on the key, not on what the first one has changed. */
static bool
bind_success(struct task *task, struct db_query *queries, size_t *n)
{
	if (!task_make_reply(task))
		return false;
	task->n_shown = 1;
	if (has_request_id(task) && !bind_answer(task, queries, n))
		return false;
	return !task->bind_more || task->bind_more(task, queries, n);
}

/* Everything of the write, in order; NULL: the task has failed. */
static struct db_query *
bind_stores(struct task *task, size_t *ret_n)
{
	const struct plan *plan = task->plan;
	bool succeeds = task->run.failure.code == RPC_OK;
	struct db_query *queries =
	    ARENA_ARRAY(task->arena, struct db_query, plan->n_stores + MORE_STORES);

	*ret_n = 0;
	task->shown = &task->response;
	task->n_shown = 0;
	if (!queries) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
		return NULL;
	}
	if ((succeeds && !bind_success(task, queries, ret_n)) ||
	    !bind_own_stores(task, queries, ret_n) || !bind_events(task, queries, ret_n) ||
	    (plan->rule->audit != AUDIT__AUDIT_NONE && !bind_audit(task, queries, ret_n)))
		return NULL;
	if (succeeds && !(task->response = task_masked_copy(task, false)))
		return NULL;
	return queries;
}

static bool
may_try_again(const struct task *task, const struct db_error *error)
{
	return error->outcome == DB_CONFLICT && !error->ambiguous && task->tries < MAX_TRIES &&
	       clock_monotonic_us() < task->deadline_us;
}

static bool
is_second_try(const struct task *task, const struct db_error *error)
{
	return error->outcome == DB_UNIQUE && has_request_id(task) && error->constraint &&
	       strncmp(error->constraint, "idempotency", strlen("idempotency")) == 0;
}

static void
on_committed(void *data, const struct db_result *results, size_t n_results,
	     const struct db_error *error)
{
	struct task *task = data;

	(void)results;
	(void)n_results;
	task->txn = NULL;
	task_trace(task, "committed", error ? error->text : NULL);
	if (!error) {
		task_end(task);
		return;
	}
	task->response = NULL;
	if (may_try_again(task, error)) {
		begin(task);
	} else if (is_second_try(task, error)) {
		read_answer(task);
	} else if (error->ambiguous) {
		task_fail_db(task, error);
	} else {
		failure_set_db(&task->run.failure, task->arena, error,
			       &task->worker->program->words);
		end_refused(task);
	}
}

static void
roll_back(struct task *task)
{
	db_txn_abandon(task->txn);
	task->txn = NULL;
}

static void
decide(struct task *task)
{
	struct db_query *queries;
	size_t n;

	task_trace(task, "loaded", NULL);
	if (svc_decide(task->plan->decision, &task->call) != RPC_OK &&
	    !task->run.failure.stores_effects) {
		roll_back(task);
		end_refused(task);
		return;
	}
	task->sources[PLAN_EFFECTS] = task->call.effects;
	queries = bind_stores(task, &n);
	if (queries)
		db_txn_commit(task->txn, queries, n, on_committed, task);
}

static void
on_loaded(void *data, const struct db_result *results, size_t n_results,
	  const struct db_error *error)
{
	struct task *task = data;
	const struct plan *plan = task->plan;
	const struct db_result *answer = n_results > plan->n_loads ? &results[plan->n_loads] : NULL;
	ProtobufCMessage *facts;

	if (error) {
		task->txn = NULL;
		if (may_try_again(task, error))
			begin(task);
		else
			task_fail_db(task, error);
		return;
	}
	if (answer && answer->n_rows > 0) {
		roll_back(task);
		end_with_answer(task, answer);
		return;
	}
	facts = task_message(task, plan->decision->facts);
	if (!facts || !task_fill(task, plan->loads, plan->n_loads, results, facts))
		return;
	task->call.facts = facts;
	decide(task);
}

/* Without a decision there is nothing to wait for: all in one round trip. */
static struct db_txn *
begin_stores(struct task *task, enum db_outcome *ret_outcome)
{
	size_t n;
	struct db_query *queries = bind_stores(task, &n);

	*ret_outcome = DB_OK;
	if (!queries)
		return NULL;
	return db_txn_run(task->worker->pool, queries, n, task->deadline_us, on_committed, task,
			  ret_outcome);
}

/*
 * The first answer is looked up behind the loads: each statement sees what was committed before it,
 * so if the loads have seen another try's work, which they might take for a rival's, its answer is
 * seen too.
 */
static struct db_txn *
begin_loads(struct task *task, enum db_outcome *ret_outcome)
{
	const struct plan *plan = task->plan;
	struct db_query *queries = ARENA_ARRAY(task->arena, struct db_query, plan->n_loads + 1);
	size_t n = 0;

	*ret_outcome = queries ? DB_OK : DB_TOO_LARGE;
	for (; queries && n < plan->n_loads; n++)
		if (!task_bind(task, &plan->loads[n], &queries[n]))
			return NULL;
	if (!queries || (has_request_id(task) &&
			 !task_bind_house(task, HOUSE_ANSWER_FIND, &task->answer, &queries[n++])))
		return NULL;
	return db_txn_begin(task->worker->pool, queries, n, task->deadline_us, on_loaded, task,
			    ret_outcome);
}

/* A binding that fails has ended the task; then the outcome is DB_OK all the same. */
static void
begin(struct task *task)
{
	struct db_error error = {.text = ""};
	struct db_txn *txn;

	task->tries++;
	txn = task->plan->decision ? begin_loads(task, &error.outcome)
				   : begin_stores(task, &error.outcome);
	if (txn)
		task->txn = txn;
	else if (error.outcome != DB_OK)
		task_fail_db(task, &error);
}

void
command_start(struct task *task)
{
	if (!set_key(task))
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
	else
		begin(task);
}
