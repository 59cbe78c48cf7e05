/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Task: one run of a method, whoever asks for it.
 *
 * A peer's call, an event, a due job: each is a task. Its kind's runner (command.c, read.c,
 * export.c) drives it from one database answer to the next; what it waits for is a member that is
 * not NULL or a linked wait. It ends exactly once, through `end`, with run.failure saying how; or
 * it is cancelled, and then `end` never runs.
 *
 * A task and all that belongs to it lie on its arena.
 */
#ifndef MZ_SVC_TASK_H
#define MZ_SVC_TASK_H

#include "base/clock.h"
#include "base/log.h"
#include "db/cursor.h"
#include "db/pool.h"
#include "svc/audit.h"
#include "svc/auth.h"
#include "svc/decide.h"
#include "svc/house.h"
#include "svc/plan.h"

struct export;
struct jobs_run;
struct ask_run;
struct worker;

enum { TASK_DIGEST_SIZE = 32 };

struct task {
	struct svc_call call;
	struct svc_run run; /* run.failure: how it ends */
	struct arena *arena;
	struct worker *worker;
	const struct plan *plan;
	struct principal *who; /* held by whoever made the task */
	ProtobufCMessage *request;
	ProtobufCMessage *response;     /* made by the runner */
	ProtobufCMessage *const *shown; /* what the caller is about to see: the response, or rows */
	size_t n_shown;
	int64_t deadline_us; /* monotonic */
	bool unmasked;       /* personal data is shown in clear */
	unsigned tries;
	int64_t began_us; /* monotonic */

	/* Sources of names in SQL. */
	SvcClock clock;
	Google__Protobuf__Timestamp now, now_real;
	Date today;
	SvcCaller caller;
	SvcPage page;
	const ProtobufCMessage *sources[PLAN_N_SOURCES];

	/* What the caller said, for calls on its behalf (ask.h); NULL: nothing. */
	struct task_said {
		const char *authorization, *purpose, *now;
	} said;

	/* Idempotency. */
	SvcAnswer answer;
	uint8_t digest[TASK_DIGEST_SIZE];

	/* What it waits for. */
	struct db_txn *txn;
	struct db_read *read;
	struct db_cursor *cursor;
	struct export *export; /* of a server stream */
	struct jobs_run *jobs; /* of RunDue */
	struct audit_wait audit;
	struct ask_run *ask;
	void (*recorded)(struct task *task);

	/* Binds one more statement of the write (internal.h); NULL: there is none. */
	bool (*bind_more)(struct task *task, struct db_query *queries, size_t *n);
	void (*end)(struct task *task);
	void *owner;
};

/* What a new task is made from. */
struct task_setup {
	struct arena *arena;
	struct worker *worker;
	const struct plan *plan;
	struct principal *who;
	const char *purpose; /* NULL: none given */
	struct task_said said;
	ProtobufCMessage *request;
	int64_t now_us; /* business clock */
	int64_t deadline_us;
	void (*end)(struct task *task);
	void *owner;
};

/* NULL when the arena has no room. */
struct task *task_new(const struct task_setup *setup);

/* Checks the request's fields and runs the method; `end` runs later, or inside. */
void task_start(struct task *task);
/* Asks for no more: lets go of everything it waits for. A COMMIT on its way stays PostgreSQL's. */
void task_cancel(struct task *task);

/* -- for the kinds' runners ------------------------------------------------------------------ */

void command_start(struct task *task);
void read_start(struct task *task);
void derive_start(struct task *task);
void export_start(struct task *task);
void native_start(struct task *task);

/* In a debug build with --log-level debug: what the task does and since when it runs, one line. */
#ifdef MZ_DEBUG
#define task_trace(task, step, text)                                                      \
	log_debug("trace", LOG_ID("method", (task)->plan->label), LOG_ID("step", (step)), \
		  LOG_NUMBER("us", clock_monotonic_us() - (task)->began_us),              \
		  LOG_TEXT("text", (text)))
#else
#define task_trace(task, step, text) ((void)0)
#endif

/* Ends the task as run.failure says. */
void task_end(struct task *task);
/* A failure of the runner's own, and in the catalogue; code, reason and format are constants. */
#define task_set_failure(task, code, reason, ...)            \
	svc_failure_set(&(task)->run.failure, (task)->arena, \
			SVC_CATALOGUED(code, reason, __VA_ARGS__), (reason), __VA_ARGS__)
/* Ends it with such a failure. */
#define task_fail(task, code, reason, ...) \
	task_fail_with((task), SVC_CATALOGUED(code, reason, __VA_ARGS__), (reason), __VA_ARGS__)
void task_fail_with(struct task *task, enum rpc_code code, const char *reason, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));
/* Ends it because of the database; the table is in failure.c. */
void task_fail_db(struct task *task, const struct db_error *error);

/* Binds statement for this task. False: the task has failed. */
bool task_bind(struct task *task, const struct plan_statement *statement,
	       struct db_query *ret_query);
/* Binds all of a step into a new array with room for `more` after them; NULL: the task has failed.
 */
struct db_query *task_bind_all(struct task *task, const struct plan_statement *statements,
			       size_t n_statements, size_t more);
/* Binds one of the house's own statements (house.h). False: the task has failed. */
bool task_bind_house(struct task *task, enum house_statement statement, const void *message,
		     struct db_query *ret_query);
/* Fills message from the results of a step's statements. False: the task has failed. */
bool task_fill(struct task *task, const struct plan_statement *statements, size_t n_statements,
	       const struct db_result *results, ProtobufCMessage *message);
/* A new message on the task's arena; NULL: the task has failed. */
ProtobufCMessage *task_message(struct task *task, const ProtobufCMessageDescriptor *type);

/* Makes the response from effects and request as method.h says. False: the task has failed. */
bool task_make_reply(struct task *task);
/*
 * A copy of the response with personal data masked (task_mask); NULL: the task has failed. A
 * decision's reply shares its values with request, facts and effects, which another try may need as
 * they are; and a kept one must not become a copy of the registry.
 */
ProtobufCMessage *task_masked_copy(struct task *task, bool kept);

/* The audit row of this task, as it stands; NULL: no memory, the task has failed. */
const SvcAudit *task_audit_row(struct task *task);
/* Runs recorded when the audit trail holds this task as it stands; the task fails when it cannot.
 * At once for a method without audit. */
void task_record(struct task *task, void (*recorded)(struct task *task));
/*
 * Hides personal data in what is shown, unless the task is unmasked; in what is kept (the stored
 * answer of a command) always, and secrets too. False: the task has failed.
 */
bool task_mask(struct task *task, ProtobufCMessage *message, bool kept);

#endif
