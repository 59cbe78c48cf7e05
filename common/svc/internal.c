/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "svc/worker.h"

enum {
	RUN_BYTES = 64 << 20,
	RUN_TIMEOUT_US = 5 * 60 * CLOCK_US_PER_SECOND, /* a slice of a job, a batch of events */
};

struct internal {
	struct internal_run *run;
	struct arena *arena;
	struct auth_wait auth;
	struct principal *who;
	struct task *task;
	struct event *start; /* the first step is made from the loop */
};

static void
internal_free(struct internal *state)
{
	if (state->who)
		auth_release(state->who);
	if (state->start)
		event_free(state->start);
	arena_free(state->arena);
	free(state);
}

static void
finish(struct internal *state, const ProtobufCMessage *response, const struct svc_failure *failure)
{
	struct internal_run *run = state->run;

	run->state = NULL;
	run->done(run, response, failure);
	internal_free(state);
}

static void
fail(struct internal *state, enum rpc_code code, const char *text)
{
	const struct svc_failure failure = {.code = code, .text = text};

	finish(state, NULL, &failure);
}

static void
end_task(struct task *task)
{
	struct internal_run *run = task->owner;
	bool ok = task->run.failure.code == RPC_OK;

	finish(run->state, ok ? task->response : NULL, &task->run.failure);
}

/* A key is set even though nobody retries it: the field may be required. */
static bool
set_request_id(const struct plan *plan, ProtobufCMessage *request, struct arena *arena)
{
	char text[UUID_TEXT_SIZE];
	struct uuid id = uuid_v4();
	char **place;

	if (!plan->request_id)
		return true;
	place = member_add(request, plan->request_id, arena);
	if (!place)
		return false;
	*place = arena_strdup(arena, uuid_format(&id, text));
	return *place != NULL;
}

static void
start_task(struct internal *state)
{
	struct internal_run *run = state->run;
	const struct task_setup setup = {
	    .arena = state->arena,
	    .worker = run->worker,
	    .plan = run->plan,
	    .who = state->who,
	    .request = wire_new(run->plan->method->request->c, state->arena),
	    .now_us = run->now_us,
	    .deadline_us = clock_monotonic_us() + RUN_TIMEOUT_US,
	    .end = end_task,
	    .owner = run,
	};

	if (!setup.request || !set_request_id(run->plan, setup.request, state->arena) ||
	    (run->fill && !run->fill(run, setup.request, state->arena)) ||
	    !(state->task = task_new(&setup))) {
		fail(state, RPC_RESOURCE_EXHAUSTED, "内存不足");
		return;
	}
	state->task->bind_more = run->bind_more;
	task_start(state->task);
}

static void
on_known(struct auth_wait *wait, enum auth_result result, struct principal *principal)
{
	struct internal *state = LIST_ENTRY(wait, struct internal, auth);

	state->who = principal;
	if (result == AUTH_OK)
		start_task(state);
	else
		fail(state, RPC_UNAVAILABLE, "数据库暂时不可用");
}

static void
on_start(evutil_socket_t fd, short what, void *data)
{
	struct internal *state = data;
	enum auth_result result =
	    auth_find_self(state->run->worker->auth, state->run->tenant, &state->auth, &state->who);

	(void)fd;
	(void)what;
	if (result == AUTH_OK)
		start_task(state);
	else if (result != AUTH_WAIT)
		fail(state, RPC_UNAVAILABLE, "数据库暂时不可用");
}

void
internal_start(struct internal_run *run)
{
	struct internal *state = calloc(1, sizeof(*state));

	if (!state)
		abort(); /* a worker without a few hundred bytes is replaced */
	state->run = run;
	state->arena = arena_new(RUN_BYTES);
	state->auth.done = on_known;
	list_init(&state->auth.link);
	state->start = event_new(run->worker->base, -1, 0, on_start, state);
	if (!state->arena || !state->start)
		abort();
	run->state = state;
	event_active(state->start, EV_TIMEOUT, 0);
}

void
internal_cancel(struct internal_run *run)
{
	struct internal *state = run->state;

	if (!state)
		return;
	auth_cancel(&state->auth);
	if (state->task)
		task_cancel(state->task);
	run->state = NULL;
	internal_free(state);
}
