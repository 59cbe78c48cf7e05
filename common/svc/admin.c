/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AdminService's native methods.
 */
#include <stdlib.h>
#include <string.h>

#include "minzheng/svc/v1/admin.pb-c.h"
#include "svc/copy.h"
#include "svc/jobs.h"
#include "svc/native.h"
#include "svc/worker.h"

#define ONE_OUTCOME(name, text) +1
enum { N_OUTCOMES = 0 DB_OUTCOMES(ONE_OUTCOME) };

static int
compare_reasons(const void *a, const void *b)
{
	return strcmp((*(Reason *const *)a)->reason, (*(Reason *const *)b)->reason);
}

static Reason *
reason_new(struct task *task, const struct svc_reason *known)
{
	Reason *reason = (Reason *)task_message(task, &reason__descriptor);

	if (!reason)
		return NULL;
	reason->reason = lend(known->reason);
	reason->code = lend(rpc_code_name(known->code));
	reason->text = lend(known->text);
	return reason;
}

/* A reason that is used at several places is listed once; the list is sorted. */
static size_t
keep_one_each(Reason **reasons, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(reasons[kept - 1]->reason, reasons[i]->reason) != 0)
			reasons[kept++] = reasons[i];
	return kept;
}

/* False: the task has failed. */
static bool
add_reason(struct task *task, ListReasonsResponse *response, const struct svc_reason *known)
{
	Reason *reason = reason_new(task, known);

	if (reason)
		response->reasons[response->n_reasons++] = reason;
	return reason != NULL;
}

/* What this program may say by itself, and what the database may say. */
void
admin_list_reasons(struct task *task)
{
	const struct svc_reason *known, *end = __stop_svc_reasons;
	size_t n = N_OUTCOMES;
	ListReasonsResponse *response =
	    (ListReasonsResponse *)task_message(task, &list_reasons_response__descriptor);
	struct svc_reason meaning;

	for (known = __start_svc_reasons; known < end; known++)
		n++;
	if (response)
		response->reasons = ARENA_ARRAY(task->arena, Reason *, n);
	if (!response)
		return;
	if (!response->reasons) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "内存不足，请稍后再试");
		return;
	}
	for (known = __start_svc_reasons; known < end; known++)
		if (!add_reason(task, response, known))
			return;
	for (int i = 0; i < N_OUTCOMES; i++)
		if (failure_meaning((enum db_outcome)i, &meaning) &&
		    !add_reason(task, response, &meaning))
			return;
	qsort(response->reasons, response->n_reasons, sizeof(void *), compare_reasons);
	response->n_reasons = keep_one_each(response->reasons, response->n_reasons);
	task->response = &response->base;
	task_end(task);
}

/* -- RunDue ---------------------------------------------------------------------------------- */

static void
on_due_done(void *data, RunDueResponse *response, const struct svc_failure *failure)
{
	struct task *task = data;

	task->jobs = NULL;
	if (failure) {
		task->run.failure = *failure;
		task->run.failure.text =
		    arena_strdup(task->arena, failure->text ? failure->text : "");
	} else {
		task->response = &response->base;
	}
	task_end(task);
}

void
admin_run_due(struct task *task)
{
	if (!task->worker->program->options->test_clock) {
		task_fail(
		    task, RPC_FAILED_PRECONDITION, "REAL_CLOCK",
		    "服务按真实时间自动办理定时任务；只有以 --test-clock 启动时才由此方法办理");
		return;
	}
	task->jobs = jobs_run_start(task->worker, task->arena, (int32_t)task->caller.tenant,
				    task->call.now, on_due_done, task);
	if (!task->jobs)
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "内存不足，请稍后再试");
}
