/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads: all reply blocks in one round trip on a shared connection; personal data is answered only
 * after the audit row is durable (design §7).
 */
#include "db/pool.h"
#include "svc/ask.h"
#include "svc/page.h"
#include "svc/task.h"
#include "svc/worker.h"

/* The row that is the reply is missing; one outside of the caller's divisions is missing too. */
static bool
is_missing(const struct task *task, const struct db_result *results)
{
	return !task->plan->replies[0].field && results[0].n_rows == 0;
}

/* A decision of a read sees the request only; what it makes of it is bound by the SQL. False: it
 * has refused. */
static bool
decide_first(struct task *task)
{
	const struct plan *plan = task->plan;

	task->call.facts = task_message(task, plan->decision->facts);
	if (!task->call.facts)
		return false;
	if (svc_decide(plan->decision, &task->call) != RPC_OK) {
		task->n_shown = 0;
		task_record(task, task_end);
		return false;
	}
	task->sources[PLAN_EFFECTS] = task->call.effects;
	return true;
}

static void
on_rows(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct task *task = data;
	const struct plan *plan = task->plan;

	(void)n_results;
	task->read = NULL;
	if (error) {
		task_fail_db(task, error);
		return;
	}
	if (is_missing(task, results)) {
		task_set_failure(task, RPC_NOT_FOUND, "NOT_FOUND",
				 "在您的辖区内没有这条记录，请核对编号");
	} else {
		task->response = task_message(task, plan->method->response->c);
		if (!task->response ||
		    !task_fill(task, plan->replies, plan->n_replies, results, task->response) ||
		    !page_end(task) || !task_mask(task, task->response, false))
			return;
	}
	task->shown = &task->response;
	task->n_shown = task->response != NULL;
	task_record(task, task_end);
}

void
read_start(struct task *task)
{
	const struct plan *plan = task->plan;
	struct db_error error = {.text = ""};
	struct db_query *queries;

	if (!page_begin(task) || (plan->decision && !decide_first(task)))
		return;
	queries = task_bind_all(task, plan->replies, plan->n_replies, 0);
	if (!queries)
		return;
	task->read = db_read_start(task->worker->pool, queries, plan->n_replies, task->deadline_us,
				   on_rows, task, &error.outcome);
	if (!task->read)
		task_fail_db(task, &error);
}

/* -- reads with a decision ------------------------------------------------------------------- */

static void
on_facts(void *data, const struct db_result *results, size_t n_results,
	 const struct db_error *error)
{
	struct task *task = data;
	const struct plan *plan = task->plan;
	ProtobufCMessage *facts;

	(void)n_results;
	task->read = NULL;
	if (error) {
		task_fail_db(task, error);
		return;
	}
	facts = task_message(task, plan->decision->facts);
	if (!facts || !ask_fill(task, facts) ||
	    !task_fill(task, plan->loads, plan->n_loads, results, facts))
		return;
	task->call.facts = facts;
	if (svc_decide(plan->decision, &task->call) == RPC_OK) {
		task->sources[PLAN_EFFECTS] = task->call.effects;
		if (!task_make_reply(task) || !(task->response = task_masked_copy(task, false)))
			return;
	}
	task->shown = &task->response;
	task->n_shown = task->response != NULL;
	task_record(task, task_end);
}

static void
load_facts(struct task *task)
{
	const struct plan *plan = task->plan;
	struct db_error error = {.text = ""};
	struct db_query *queries = task_bind_all(task, plan->loads, plan->n_loads, 0);

	if (!queries)
		return;
	if (plan->n_loads == 0) {
		on_facts(task, NULL, 0, NULL);
		return;
	}
	task->read = db_read_start(task->worker->pool, queries, plan->n_loads, task->deadline_us,
				   on_facts, task, &error.outcome);
	if (!task->read)
		task_fail_db(task, &error);
}

void
derive_start(struct task *task)
{
	if (task->plan->n_asks > 0)
		ask_start(task, load_facts);
	else
		load_facts(task);
}
