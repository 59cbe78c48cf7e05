/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a decision's effects become for the caller (task.h).
 */
#include "proto/member.h"
#include "svc/copy.h"
#include "svc/task.h"

bool
task_make_reply(struct task *task)
{
	const struct plan *plan = task->plan;

	if (plan->reply && member_count(task->call.effects, plan->reply) > 0) {
		task->response =
		    *(ProtobufCMessage **)member_at(task->call.effects, plan->reply, 0);
		return true;
	}
	task->response = task_message(task, plan->method->response->c);
	if (!task->response)
		return false;
	for (size_t i = 0; i < plan->n_copies; i++) {
		const struct plan_copy *copy = &plan->copies[i];

		copy_field(task->response, copy->to, task->sources[copy->source], copy->from);
	}
	return true;
}

ProtobufCMessage *
task_masked_copy(struct task *task, bool kept)
{
	ProtobufCMessage *copy = copy_message(task->arena, task->response);

	if (!copy) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "答复过大");
		return NULL;
	}
	return task_mask(task, copy, kept) ? copy : NULL;
}
