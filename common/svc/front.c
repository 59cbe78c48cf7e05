/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/front.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "rpc/metadata.h"
#include "svc/copy.h"
#include "svc/export.h"
#include "svc/failure.h"
#include "svc/total.h"
#include "svc/worker.h"

enum { BATCH_BYTES = 32 << 20 };

static const int64_t OPENS_US = (int64_t)9 * 3600 * CLOCK_US_PER_SECOND;

/* What a method's handler is given. */
struct place {
	struct worker *worker;
	const struct plan *plan;
};

/* A peer's call. */
struct front {
	struct rpc_call *call;
	const struct place *place;
	struct auth_wait auth;
	struct principal *who; /* NULL: not known yet, or nobody */
	bool is_known;
	ProtobufCMessage *request; /* waits for who is asking */
	struct task *task;
	bool is_full; /* the peer has not taken what was sent */
	/* Of a client stream. */
	struct arena *batch;     /* of the running task; NULL: none runs */
	ProtobufCMessage *total; /* what all batches have answered so far */
	bool half_closed;
};

/* Whoever calls a public method. */
static SvcCaller nobody_row;
static struct principal nobody = {
    .caller = {.id = "00000000-0000-0000-0000-000000000000", .name = ""},
    .row = &nobody_row,
};

static const char *
service_name(const struct front *front)
{
	return front->place->worker->program->service->name;
}

/* A field of the request's metadata; NULL: it has none of that name. */
static const char *
said(const struct front *front, const char *name)
{
	return rpc_metadata_get(rpc_call_metadata(front->call), name);
}

static void
finish(struct front *front, const struct svc_failure *failure)
{
	failure_send(failure, service_name(front), front->call);
}

static void __attribute__((format(printf, 4, 5)))
refuse_with(struct front *front, enum rpc_code code, const char *reason, const char *format, ...)
{
	struct svc_failure failure = {0};
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(rpc_call_arena(front->call), format, args);
	va_end(args);
	svc_failure_set(&failure, rpc_call_arena(front->call), code, reason, "%s",
			text ? text : "");
	finish(front, &failure);
}

#define refuse(front, code, reason, ...) \
	refuse_with((front), SVC_CATALOGUED(code, reason, __VA_ARGS__), (reason), __VA_ARGS__)

/* -- ends of tasks --------------------------------------------------------------------------- */

static void
end_single(struct task *task)
{
	struct front *front = task->owner;

	front->task = NULL;
	if (task->run.failure.code == RPC_OK && task->response)
		rpc_call_send(front->call, task->response);
	finish(front, &task->run.failure);
}

static void
finish_stream(struct front *front)
{
	static const struct svc_failure none = {.code = RPC_OK};
	const struct plan *plan = front->place->plan;

	if (!front->total)
		front->total = wire_new(plan->method->response->c, rpc_call_arena(front->call));
	if (front->total)
		rpc_call_send(front->call, front->total);
	finish(front, &none);
}

/* One message of a client stream is done: its answer is added up, its memory given back. */
static void
end_batch(struct task *task)
{
	struct front *front = task->owner;
	struct arena *arena = rpc_call_arena(front->call);

	front->task = NULL;
	if (task->run.failure.code != RPC_OK) {
		finish(front, &task->run.failure);
		return;
	}
	if (!total_add(arena, &front->total, task->response)) {
		refuse(front, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "答复过大，请分多次导入");
		return;
	}
	arena_free(front->batch);
	front->batch = NULL;
	if (front->half_closed)
		finish_stream(front);
	else
		rpc_call_next(front->call);
}

/* -- starting -------------------------------------------------------------------------------- */

/* RFC 3339, or a day: nine in the morning there, when the bureau opens. */
static bool
parse_clock(const char *text, int64_t *ret_now_us)
{
	struct date day;

	if (instant_parse(text, ret_now_us, NULL))
		return true;
	if (!date_parse(text, &day))
		return false;
	*ret_now_us = date_instant(day) + OPENS_US;
	return true;
}

/* The business clock of this call. False: refused. */
static bool
read_clock(struct front *front, const struct principal *who, int64_t *ret_now_us)
{
	const char *text = said(front, "x-minzheng-now");
	const struct options *options = front->place->worker->program->options;

	*ret_now_us = clock_now_us();
	if (!text)
		return true;
	if (!options->test_clock ||
	    !(who->caller.system || svc_caller_may(&who->caller, "clock.set")))
		refuse(front, RPC_PERMISSION_DENIED, "CLOCK_IS_REAL",
		       "不能指定业务时间：服务未以 --test-clock 启动，或您没有 clock.set 权限");
	else if (!parse_clock(text, ret_now_us))
		refuse(front, RPC_INVALID_ARGUMENT, "BAD_CLOCK",
		       "x-minzheng-now 应为 2024-12-02 或 2024-12-02T09:00:00+08:00");
	else
		return true;
	return false;
}

static int64_t
deadline_of(const struct front *front)
{
	const struct options *options = front->place->worker->program->options;
	int64_t latest = clock_monotonic_us() + options->call_timeout_ms * CLOCK_US_PER_MS;
	int64_t asked = rpc_call_info(front->call)->deadline_us;

	return asked < latest ? asked : latest;
}

static bool
may_unmask(const struct front *front, const struct principal *who)
{
	char permission[KEYS_NAME_SIZE];

	snprintf(permission, sizeof(permission), "%s.unmask", service_name(front));
	return svc_caller_may(&who->caller, permission);
}

/* Percent-encoded UTF-8, since metadata is ASCII; NULL when there is none or it is none. */
static const char *
read_purpose(const struct front *front)
{
	const char *value = said(front, "x-minzheng-purpose");
	const char *purpose = value ? rpc_percent_decode(rpc_call_arena(front->call), value) : NULL;

	return purpose && *purpose && utf8_valid(purpose, strlen(purpose)) ? purpose : NULL;
}

static void
start_task(struct front *front)
{
	const struct plan *plan = front->place->plan;
	struct principal *who = front->who ? front->who : &nobody;
	struct task_setup setup = {
	    .arena = front->batch ? front->batch : rpc_call_arena(front->call),
	    .worker = front->place->worker,
	    .plan = plan,
	    .who = who,
	    .purpose = read_purpose(front),
	    .said = {said(front, "authorization"), said(front, "x-minzheng-purpose"),
		     said(front, "x-minzheng-now")},
	    .request = front->request,
	    .deadline_us = deadline_of(front),
	    .end = plan->kind == PLAN_IMPORT ? end_batch : end_single,
	    .owner = front,
	};
	struct task *task;

	if (!read_clock(front, who, &setup.now_us))
		return;
	task = task_new(&setup);
	if (!task) {
		refuse(front, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
		return;
	}
	task->unmasked = setup.purpose && may_unmask(front, who);
	front->task = task;
	task_start(task);
}

/* Who is asking is known; a client stream without a message has nothing to start. */
static void
go_on(struct front *front)
{
	front->is_known = true;
	if (front->request)
		start_task(front);
	else if (front->half_closed)
		finish_stream(front);
}

static void
refuse_unknown(struct front *front, enum auth_result result)
{
	switch (result) {
	case AUTH_BUSY:
		refuse(front, RPC_RESOURCE_EXHAUSTED, "BUSY", "登录状态查询过多，请稍后再试");
		break;
	case AUTH_UNAVAILABLE:
		refuse(front, RPC_UNAVAILABLE, "DATABASE_UNAVAILABLE",
		       "数据库暂时不可用，请稍后再试");
		break;
	default:
		refuse(front, RPC_UNAUTHENTICATED, "NOT_LOGGED_IN",
		       "没有登录或登录已失效：请调用 "
		       "minzheng.identity.v1.SessionService/Login 取得令牌，"
		       "写在请求头 authorization: Bearer <令牌> 中");
		break;
	}
}

static void
on_known(struct auth_wait *wait, enum auth_result result, struct principal *principal)
{
	struct front *front = LIST_ENTRY(wait, struct front, auth);

	front->who = principal;
	if (result == AUTH_OK)
		go_on(front);
	else
		refuse_unknown(front, result);
}

static const char *
bearer_token(const struct front *front)
{
	const char *value = said(front, "authorization");

	return value && strncasecmp(value, "Bearer ", 7) == 0 && value[7] ? value + 7 : NULL;
}

static void
identify(struct front *front)
{
	const char *token = bearer_token(front);
	enum auth_result result = AUTH_UNKNOWN;

	if (!token && front->place->plan->rule->public_) {
		go_on(front);
		return;
	}
	front->auth.done = on_known;
	if (token)
		result = auth_find(front->place->worker->auth, token, &front->auth, &front->who);
	if (result == AUTH_OK)
		go_on(front);
	else if (result != AUTH_WAIT)
		refuse_unknown(front, result);
}

/* -- the handler ----------------------------------------------------------------------------- */

static void
on_open(struct rpc_call *call)
{
	struct front *front = ARENA_NEW(rpc_call_arena(call), struct front);

	if (!front) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, NULL);
		return;
	}
	front->call = call;
	front->place = rpc_call_method(call)->data;
	list_init(&front->auth.link);
	rpc_call_set_state(call, front);
}

static void
on_message(struct rpc_call *call, ProtobufCMessage *message)
{
	struct front *front = rpc_call_state(call);

	front->request = message;
	if (front->place->plan->kind == PLAN_IMPORT) {
		front->batch = arena_new(BATCH_BYTES);
		if (!front->batch) {
			refuse(front, RPC_RESOURCE_EXHAUSTED, "BUSY", "内存不足，请稍后再试");
			return;
		}
	}
	if (front->is_known)
		start_task(front);
	else
		identify(front);
}

static void
on_half_close(struct rpc_call *call)
{
	struct front *front = rpc_call_state(call);

	front->half_closed = true;
	if (front->place->plan->kind != PLAN_IMPORT || front->batch)
		return;
	if (front->is_known)
		finish_stream(front);
	else
		identify(front);
}

static void
on_writable(struct rpc_call *call)
{
	struct front *front = rpc_call_state(call);

	front->is_full = false;
	if (front->task)
		export_go_on(front->task);
}

static void
on_cancel(struct rpc_call *call, enum rpc_code why)
{
	struct front *front = rpc_call_state(call);

	auth_cancel(&front->auth);
	if (front->task)
		task_cancel(front->task);
	front->task = NULL;
	rpc_call_finish(call, why, NULL);
}

static void
on_closed(struct rpc_call *call)
{
	struct front *front = rpc_call_state(call);

	if (!front)
		return;
	auth_cancel(&front->auth);
	arena_free(front->batch);
	if (front->who)
		auth_release(front->who);
}

static const struct rpc_handler handler = {
    .open = on_open,
    .message = on_message,
    .half_close = on_half_close,
    .writable = on_writable,
    .cancel = on_cancel,
    .closed = on_closed,
};

enum rpc_send_result
front_send(struct task *task, const ProtobufCMessage *message)
{
	struct front *front = task->owner;
	enum rpc_send_result result = rpc_call_send(front->call, message);

	front->is_full = result == RPC_SEND_WAIT;
	return result;
}

bool
front_has_room(const struct task *task)
{
	const struct front *front = task->owner;

	return !front->is_full;
}

/* -- the table ------------------------------------------------------------------------------- */

static void
describe(struct worker *worker, const struct plan *plan, struct place *place,
	 struct rpc_method *method)
{
	place->worker = worker;
	place->plan = plan;
	*method = (struct rpc_method){
	    .path = plan->method->path,
	    .request = plan->method->request->c,
	    .response = plan->method->response->c,
	    .client_streaming = plan->method->client_streaming,
	    .server_streaming = plan->method->server_streaming,
	    .no_side_effects = plan->method->no_side_effects,
	    .handler = &handler,
	    .data = place,
	};
}

int
front_add(struct worker *worker)
{
	struct program *program = worker->program;
	const struct plans *sets[] = {&program->plans, &program->house_plans};
	size_t n = program->plans.n_all + program->house_plans.n_all, at = 0;
	struct rpc_method *methods = ARENA_ARRAY(program->arena, struct rpc_method, n);
	struct place *places = ARENA_ARRAY(program->arena, struct place, n);

	if (!methods || !places)
		return -ENOMEM;
	svc_caller__init(&nobody_row);
	nobody_row.id = lend(nobody.caller.id);
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->n_all; i++, at++)
			describe(worker, &sets[s]->all[i], &places[at], &methods[at]);
	return rpc_server_add(worker->server, methods, n);
}
