/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/task.h"
#include "svc/copy.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "proto/wire.h"
#include "svc/ask.h"
#include "svc/failure.h"
#include "svc/fields.h"
#include "svc/jobs.h"
#include "svc/worker.h"

static void
set_instant(Google__Protobuf__Timestamp *message, int64_t instant_us)
{
	google__protobuf__timestamp__init(message);
	message->seconds = instant_us / CLOCK_US_PER_SECOND;
	message->nanos = (int32_t)(instant_us % CLOCK_US_PER_SECOND) * 1000;
}

static void
set_clock(struct task *task, int64_t now_us)
{
	struct date today = date_of_instant(now_us);
	struct civil civil = date_civil(today);

	task->call.now = now_us;
	task->call.today = today;
	set_instant(&task->now, now_us);
	set_instant(&task->now_real, clock_now_us());
	date__init(&task->today);
	task->today.year = civil.year;
	task->today.month = civil.month;
	task->today.day = civil.day;
	svc_clock__init(&task->clock);
	task->clock.now = &task->now;
	task->clock.now_real = &task->now_real;
	task->clock.today = &task->today;
}

static void
set_sources(struct task *task, const char *purpose)
{
	task->caller = *task->who->row;
	if (purpose) {
		task->caller.purpose = lend(purpose);
		task->caller._purpose_case = SVC_CALLER___PURPOSE_PURPOSE;
	}
	svc_page__init(&task->page);
	task->sources[PLAN_REQUEST] = task->request;
	task->sources[PLAN_CLOCK] = &task->clock.base;
	task->sources[PLAN_CALLER] = &task->caller.base;
	task->sources[PLAN_PAGE] = &task->page.base;
}

struct task *
task_new(const struct task_setup *setup)
{
	struct task *task = ARENA_NEW(setup->arena, struct task);

	if (!task)
		return NULL;
	task->arena = setup->arena;
	task->worker = setup->worker;
	task->plan = setup->plan;
	task->who = setup->who;
	task->request = setup->request;
	task->deadline_us = setup->deadline_us;
	task->began_us = clock_monotonic_us();
	task->end = setup->end;
	task->owner = setup->owner;
	task->said = setup->said;
	task->call.arena = setup->arena;
	task->call.request = setup->request;
	task->call.caller = &setup->who->caller;
	task->call.run = &task->run;
	list_init(&task->audit.link);
	if (setup->plan->rule->audit != AUDIT__AUDIT_NONE)
		arena_erase_on_reset(task->arena);
	set_clock(task, setup->now_us);
	set_sources(task, setup->purpose);
	return task;
}

/* False: run.failure says why not. The caller learns the permission, nothing of any record. */
static bool
may_call(struct task *task)
{
	const MethodRule *rule = task->plan->rule;
	const struct svc_caller *caller = &task->who->caller;
	bool is_internal = rule->system || *rule->every || rule->n_on_event > 0;

	if (rule->public_ || caller->system)
		return true;
	if (!is_internal && svc_caller_may(caller, rule->permission))
		return true;
	svc_failure_set(&task->run.failure, task->arena,
			SVC_CATALOGUED(RPC_PERMISSION_DENIED, "NO_PERMISSION",
				       "您没有办理此事的权限（%s），请向管理员申请"),
			"NO_PERMISSION",
			is_internal ? "此方法只供系统内部调用%s"
				    : "您没有办理此事的权限（%s），请向管理员申请",
			is_internal ? "" : rule->permission);
	return false;
}

/* False: a file is opened without a case (CMP-09); the try is in the trail. */
static bool
says_what_for(struct task *task)
{
	if (!task->plan->rule->needs_purpose || task->who->caller.system || task->caller.purpose)
		return true;
	task_set_failure(task, RPC_PERMISSION_DENIED, "NO_PURPOSE",
			 "查阅个人档案须写明办理的事项（x-minzheng-purpose）");
	return false;
}

void
task_start(struct task *task)
{
	static void (*const runners[])(struct task *) = {
	    [PLAN_READ] = read_start,       [PLAN_EXPORT] = export_start,
	    [PLAN_COMMAND] = command_start, [PLAN_IMPORT] = command_start,
	    [PLAN_DERIVE] = derive_start,   [PLAN_NATIVE] = native_start,
	};

	if (!may_call(task) || !says_what_for(task) ||
	    fields_check(task->worker->program->fields, task->plan->method->request, task->request,
			 task->call.today, task->arena, &task->run.failure) != RPC_OK)
		task_record(task, task_end);
	else
		runners[task->plan->kind](task);
}

void
task_cancel(struct task *task)
{
	if (task->txn)
		db_txn_abandon(task->txn);
	if (task->read)
		db_read_abandon(task->read);
	if (task->cursor)
		db_cursor_abandon(task->cursor);
	if (task->jobs)
		jobs_run_cancel(task->jobs);
	if (task->ask)
		ask_cancel(task->ask);
	task->txn = NULL;
	task->read = NULL;
	task->cursor = NULL;
	task->jobs = NULL;
	audit_cancel(&task->audit);
}

/* -- ending ---------------------------------------------------------------------------------- */

void
task_end(struct task *task)
{
	task_trace(task, "end", task->run.failure.reason);
	task_cancel(task); /* a transaction that was begun and not committed is rolled back */
	task->end(task);
}

void
task_fail_with(struct task *task, enum rpc_code code, const char *reason, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(task->arena, format, args);
	va_end(args);
	svc_failure_set(&task->run.failure, task->arena, code, reason, "%s", text ? text : "");
	task_end(task);
}

void
task_fail_db(struct task *task, const struct db_error *error)
{
	failure_set_db(&task->run.failure, task->arena, error, &task->worker->program->words);
	task_end(task);
}

static void
fail_memory(struct task *task)
{
	task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多，请分批办理");
}

/* -- binding --------------------------------------------------------------------------------- */

bool
task_bind(struct task *task, const struct plan_statement *statement, struct db_query *ret_query)
{
	struct db_error error = {0};

	task_trace(task, statement->stmt->label, statement->stmt->sql);
	error.outcome = db_bind(statement->stmt, task->sources, &task->worker->program->codec,
				task->arena, ret_query, &error);
	if (error.outcome == DB_OK)
		return true;
	task_fail_db(task, &error);
	return false;
}

struct db_query *
task_bind_all(struct task *task, const struct plan_statement *statements, size_t n_statements,
	      size_t more)
{
	struct db_query *queries = ARENA_ARRAY(task->arena, struct db_query, n_statements + more);

	if (!queries) {
		fail_memory(task);
		return NULL;
	}
	for (size_t i = 0; i < n_statements; i++)
		if (!task_bind(task, &statements[i], &queries[i]))
			return NULL;
	return queries;
}

bool
task_bind_house(struct task *task, enum house_statement statement, const void *message,
		struct db_query *ret_query)
{
	const struct program *program = task->worker->program;
	struct db_error error = {0};

	error.outcome = house_bind(&program->house, statement, message, &task->clock, &task->caller,
				   &program->codec, task->arena, ret_query, &error);
	if (error.outcome == DB_OK)
		return true;
	task_fail_db(task, &error);
	return false;
}

static enum db_outcome
fill_one(struct task *task, const struct plan_statement *statement, const struct db_result *result,
	 ProtobufCMessage *message, struct db_error *error)
{
	const struct db_codec *codec = &task->worker->program->codec;

	if (statement->field)
		return db_fill_field(result, codec, task->arena, message, statement->field, error);
	if (result->n_rows == 0)
		return DB_OK;
	return db_fill_row(result, 0, codec, task->arena, message, error);
}

bool
task_fill(struct task *task, const struct plan_statement *statements, size_t n_statements,
	  const struct db_result *results, ProtobufCMessage *message)
{
	for (size_t i = 0; i < n_statements; i++) {
		struct db_error error = {0};

		error.outcome = fill_one(task, &statements[i], &results[i], message, &error);
		if (error.outcome != DB_OK) {
			task_fail_db(task, &error);
			return false;
		}
	}
	return true;
}

ProtobufCMessage *
task_message(struct task *task, const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *message = wire_new(type, task->arena);

	if (!message)
		fail_memory(task);
	return message;
}
