/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proto/member.h"
#include "rpc/client.h"
#include "svc/copy.h"
#include "svc/worker.h"

enum { MAX_PEERS = 32 };

struct peers {
	size_t n;
	struct peer {
		char *name, *address;
		struct rpc_channel *channel; /* NULL until it is needed */
	} all[MAX_PEERS];
};

/* One call to one peer. */
struct question {
	struct ask_run *run;
	const struct peer *peer;
	struct rpc_client_call *call;
	bool ended;
};

/* Lives until its last call has ended, even when the task does not. */
struct ask_run {
	struct task *task; /* NULL: gone */
	void (*done)(struct task *task);
	size_t n, n_started, n_ended;
	bool has_failed;
	struct question questions[];
};

/* -- peers ----------------------------------------------------------------------------------- */

/* "name=host:port", cut in place. */
static bool
add_peer(struct peers *peers, char *text)
{
	struct peer *peer = &peers->all[peers->n];
	char *equals = strchr(text, '=');

	if (!equals || equals == text || !equals[1] || peers->n == MAX_PEERS)
		return false;
	peer->name = strndup(text, (size_t)(equals - text));
	peer->address = strdup(equals + 1);
	peers->n++;
	return peer->name && peer->address;
}

struct peers *
peers_new(struct worker *worker)
{
	struct peers *peers = calloc(1, sizeof(*peers));
	char *text = strdup(worker->program->options->peers), *rest = text, *item;
	bool ok = peers && text;

	while (ok && (item = strsep(&rest, ",")))
		ok = !*item || add_peer(peers, item);
	free(text);
	if (ok)
		return peers;
	log_error("peers", LOG_ID("option", worker->program->options->peers));
	peers_free(peers);
	return NULL;
}

void
peers_free(struct peers *peers)
{
	for (size_t i = 0; peers && i < peers->n; i++) {
		rpc_channel_close(peers->all[i].channel);
		free(peers->all[i].name);
		free(peers->all[i].address);
	}
	free(peers);
}

/* -- asking ---------------------------------------------------------------------------------- */

/* The fields that both requests have, by name and type. */
static ProtobufCMessage *
make_request(struct task *task, const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *request = task_message(task, type);

	for (unsigned i = 0; request && i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *to = &type->fields[i];
		const ProtobufCFieldDescriptor *from =
		    protobuf_c_message_descriptor_get_field_by_name(task->request->descriptor,
								    to->name);

		if (from && from->type == to->type && from->label == to->label &&
		    from->descriptor == to->descriptor)
			copy_field(request, to, task->request, from);
	}
	return request;
}

static void
fail(struct ask_run *run, const struct question *question)
{
	const Status *status = rpc_client_result(question->call)->status;

	run->has_failed = true;
	task_fail_with(run->task, rpc_client_result(question->call)->code, "PEER_FAILED",
		       "向 %s 查询时：%s", question->peer->name,
		       status ? status->message : "没有答复");
}

static void
run_free(struct ask_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->questions[i].call)
			rpc_client_free(run->questions[i].call);
	free(run);
}

/* The task's arena goes. */
static void
let_go(void *data)
{
	struct ask_run *run = data;

	run->task = NULL;
	run->has_failed = true;
	if (run->n_ended == run->n_started)
		run_free(run);
}

static void
on_ended(struct rpc_client_call *call)
{
	struct question *question = rpc_client_data(call);
	struct ask_run *run = question->run;

	question->ended = true;
	run->n_ended++;
	if (!run->task && run->n_ended == run->n_started)
		run_free(run);
	else if (run->has_failed)
		return;
	else if (rpc_client_result(call)->code != RPC_OK)
		fail(run, question);
	else if (run->n_ended == run->n)
		run->done(run->task);
}

static bool
add_metadata(struct rpc_client_call *call, const char *name, const char *value)
{
	return !value || rpc_metadata_add(&rpc_client_options(call)->metadata, name, value,
					  strlen(value)) == 0;
}

static bool
ask_one(struct question *question, struct peer *peer, const struct plan_ask *ask)
{
	static const struct rpc_channel_options options = {0};
	static const struct rpc_client_hooks hooks = {.ended = on_ended};
	struct task *task = question->run->task;
	ProtobufCMessage *request = make_request(task, ask->method.request);

	question->peer = peer;
	if (!request)
		return false;
	if (!peer->channel &&
	    rpc_channel_new(task->worker->base, peer->address, &options, &peer->channel) < 0)
		return false;
	question->call = rpc_client_new(peer->channel, &ask->method, &hooks, question);
	if (!question->call ||
	    !add_metadata(question->call, "authorization", task->said.authorization) ||
	    !add_metadata(question->call, "x-minzheng-purpose", task->said.purpose) ||
	    !add_metadata(question->call, "x-minzheng-now", task->said.now))
		return false;
	rpc_client_options(question->call)->deadline_us = task->deadline_us;
	rpc_client_unary(question->call, request);
	question->run->n_started++;
	return true;
}

void
ask_start(struct task *task, void (*done)(struct task *task))
{
	struct peers *peers = task->worker->peers;
	size_t n = task->plan->n_asks * peers->n;
	struct ask_run *run = calloc(1, sizeof(*run) + n * sizeof(run->questions[0]));
	bool ok = run != NULL;

	if (n == 0 || !ok || arena_on_reset(task->arena, let_go, run) < 0) {
		free(run);
		task_fail(task, RPC_FAILED_PRECONDITION, "NO_PEERS",
			  "没有配置要询问的服务（选项 --peers），请联系管理员");
		return;
	}
	*run = (struct ask_run){.task = task, .done = done, .n = n};
	task->ask = run;
	for (size_t i = 0; ok && i < n; i++) {
		run->questions[i].run = run;
		ok = ask_one(&run->questions[i], &peers->all[i % peers->n],
			     &task->plan->asks[i / peers->n]);
	}
	if (!ok && !run->has_failed) {
		run->has_failed = true;
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
	}
}

bool
ask_fill(struct task *task, ProtobufCMessage *facts)
{
	const struct ask_run *run = task->ask;
	size_t n_peers = task->worker->peers->n;

	for (size_t i = 0; run && i < run->n; i++) {
		ProtobufCMessage **slot =
		    member_add(facts, task->plan->asks[i / n_peers].field, task->arena);

		if (!slot) {
			task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "其他服务的答复过多");
			return false;
		}
		*slot = rpc_client_result(run->questions[i].call)->response;
	}
	return true;
}

void
ask_cancel(struct ask_run *run)
{
	run->has_failed = true;
	for (size_t i = 0; i < run->n; i++)
		if (i < run->n_started && !run->questions[i].ended)
			rpc_client_cancel(run->questions[i].call);
}
