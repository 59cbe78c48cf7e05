/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/export.h"

#include "base/clock.h"
#include "proto/wire.h"
#include "rpc/call.h"
#include "svc/front.h"
#include "svc/worker.h"

enum {
	CHUNK_ROWS = 200,
	CHUNK_BYTES = 16 << 20,
};

struct export
{
	struct task *task;
	struct arena *chunk; /* the task's arena from here on; emptied before each chunk */
	ProtobufCMessage *rows[CHUNK_ROWS];
	size_t n_rows, n_sent;
};

static void
free_chunk(void *data)
{
	arena_free(data);
}

/* Sends what the peer takes; asks for more when all is sent. */
static void
send_rows(struct export *export)
{
	struct task *task = export->task;

	while (export->n_sent < export->n_rows)
		if (front_send(task, export->rows[export->n_sent++]) == RPC_SEND_WAIT)
			break;
	if (export->n_sent == export->n_rows && task->cursor && front_has_room(task)) {
		export->n_rows = export->n_sent = 0;
		db_cursor_next(task->cursor);
	}
}

static void
on_chunk_recorded(struct task *task)
{
	send_rows(task->export);
}

static bool
read_rows(struct export *export, const struct db_result *result)
{
	struct task *task = export->task;
	const struct db_codec *codec = &task->worker->program->codec;

	arena_reset(export->chunk);
	export->n_sent = 0;
	export->n_rows = 0;
	for (size_t i = 0; i < result->n_rows; i++) {
		ProtobufCMessage *row = task_message(task, task->plan->method->response->c);
		struct db_error error = {0};

		if (!row)
			return false;
		error.outcome = db_fill_row(result, i, codec, task->arena, row, &error);
		if (error.outcome != DB_OK) {
			task_fail_db(task, &error);
			return false;
		}
		if (!task_mask(task, row, false))
			return false;
		export->rows[export->n_rows++] = row;
	}
	return true;
}

static void
on_rows(void *data, const struct db_result *result)
{
	struct export *export = data;
	struct task *task = export->task;

	if (!read_rows(export, result))
		return;
	task->shown = export->rows;
	task->n_shown = export->n_rows;
	task_record(task, on_chunk_recorded);
}

static void
on_end(void *data, const struct db_error *error)
{
	struct export *export = data;
	struct task *task = export->task;

	task->cursor = NULL;
	if (error)
		task_fail_db(task, error);
	else
		task_end(task);
}

static struct export *
export_new(struct task *task)
{
	struct export *export = ARENA_NEW(task->arena, struct export);

	if (!export)
		return NULL;
	export->task = task;
	export->chunk = arena_new(CHUNK_BYTES);
	if (!export->chunk)
		return NULL;
	if (task->plan->rule->audit != AUDIT__AUDIT_NONE) /* as task_new does with its own */
		arena_erase_on_reset(export->chunk);
	if (arena_on_reset(task->arena, free_chunk, export->chunk) < 0) {
		arena_free(export->chunk);
		return NULL;
	}
	return export;
}

void
export_run(struct task *task, const struct plan_statement *statement)
{
	static const struct db_cursor_hooks hooks = {.rows = on_rows, .done = on_end};
	struct db_query *query = ARENA_NEW(task->arena, struct db_query);
	struct export *export = export_new(task);
	struct db_error error = {.outcome = DB_TOO_LARGE, .text = ""};

	if (!query || !export) {
		task_fail_db(task, &error);
		return;
	}
	if (!task_bind(task, statement, query))
		return;
	task->export = export;
	task->arena = export->chunk;
	task->cursor = db_cursor_open(task->worker->pool, query, CHUNK_ROWS, task->deadline_us,
				      &hooks, export, &error.outcome);
	if (!task->cursor)
		task_fail_db(task, &error);
}

void
export_start(struct task *task)
{
	export_run(task, &task->plan->replies[0]);
}

void
export_go_on(struct task *task)
{
	if (task->export && list_is_empty(&task->audit.link))
		send_rows(task->export);
}
