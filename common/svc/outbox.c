/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/outbox.h"
#include "svc/copy.h"

#include "proto/member.h"
#include "proto/wire.h"
#include "svc/worker.h"

static size_t
count_events(const struct task *task)
{
	size_t n = 0;

	for (size_t i = 0; i < task->plan->n_events; i++)
		n += member_count(task->call.effects, task->plan->events[i].field);
	return n;
}

static SvcEvent *
make_event(const struct task *task, const struct plan_event *plan, const ProtobufCMessage *message)
{
	const struct schema_message *type =
	    schema_message_of(task->worker->program->schema, message->descriptor);
	SvcEvent *event = ARENA_NEW(task->arena, SvcEvent);
	Google__Protobuf__Any *payload = ARENA_NEW(task->arena, Google__Protobuf__Any);

	if (!event || !payload || !type)
		return NULL;
	svc_event__init(event);
	google__protobuf__any__init(payload);
	event->type = lend(plan->type);
	event->subject = *(char **)member_at(message, plan->subject, 0);
	event->payload = payload;
	payload->type_url = arena_printf(task->arena, "type.googleapis.com/%s", type->name);
	payload->value.data = wire_pack(message, task->arena, &payload->value.len);
	return payload->type_url && payload->value.data ? event : NULL;
}

bool
outbox_collect(struct task *task, SvcEvents *ret_events)
{
	size_t n = task->plan->n_events > 0 ? count_events(task) : 0;

	if (n == 0)
		return true;
	ret_events->events = ARENA_ARRAY(task->arena, SvcEvent *, n);
	if (!ret_events->events)
		return false;
	for (size_t i = 0; i < task->plan->n_events; i++) {
		const struct plan_event *plan = &task->plan->events[i];
		size_t items = member_count(task->call.effects, plan->field);

		for (size_t j = 0; j < items; j++) {
			SvcEvent *event = make_event(
			    task, plan,
			    *(ProtobufCMessage **)member_at(task->call.effects, plan->field, j));

			if (!event)
				return false;
			ret_events->events[ret_events->n_events++] = event;
		}
	}
	return true;
}
