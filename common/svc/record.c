/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the audit trail keeps of a task, and what its reply hides (task.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/uuid.h"
#include "domain/mask.h"
#include "proto/member.h"
#include "svc/copy.h"
#include "svc/task.h"
#include "svc/worker.h"
#include "json/json_write.h"

enum {
	MAX_PERSONS = 1000,    /* of one call; who asks for more has asked for everybody */
	MAX_CHANGES = 8 << 10, /* bytes of JSON */
};

/* -- masking --------------------------------------------------------------------------------- */

static enum mask_class
class_of(const struct schema_field *field)
{
	return field->rule ? (enum mask_class)field->rule->privacy : MASK_NONE;
}

struct masking {
	struct arena *arena;
	bool kept; /* for a table of ours: secrets are hidden too */
};

static int
mask_one(void *data, const struct schema_field *field, char **text)
{
	const struct masking *masking = data;
	char *masked;

	if (!masking->kept && field->rule && field->rule->privacy == PRIVACY__PRIVACY_SECRET)
		return 0;
	masked = mask_text(masking->arena, class_of(field), MASK_FOR_REPLY, *text, strlen(*text));
	if (!masked)
		return -1;
	*text = masked;
	return 0;
}

bool
task_mask(struct task *task, ProtobufCMessage *message, bool kept)
{
	const struct schema_message *type =
	    schema_message_of(task->worker->program->schema, message->descriptor);
	struct masking masking = {task->arena, kept};

	if ((task->unmasked && !kept) || !type ||
	    member_visit_texts(type, message, true, mask_one, &masking) == 0)
		return true;
	task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "答复的内容过多，请缩小范围");
	return false;
}

/* -- the audit row --------------------------------------------------------------------------- */

/* Keys of the persons touched, as `{…}`, each once. */
struct persons {
	struct buf text;
	struct map seen;
};

static bool
is_person(const struct schema_field *field)
{
	return (field->rule && field->rule->person) || strcmp(field->c->name, "person_id") == 0 ||
	       strcmp(field->c->name, "person_ids") == 0;
}

static int
note_person(void *data, const struct schema_field *field, char **text)
{
	struct persons *persons = data;
	struct uuid uuid;

	if (!is_person(field) || !uuid_parse(*text, strlen(*text), &uuid) ||
	    map_add(&persons->seen, *text, MAP_TEXT, *text) < 0)
		return 0;
	buf_printf(&persons->text, "%s%s", persons->seen.count > 1 ? "," : "", *text);
	return persons->text.failed ? -1 : 0;
}

static void
note_persons(const struct task *task, const void *message, struct persons *persons)
{
	const ProtobufCMessage *m = message;
	const struct schema_message *type =
	    m ? schema_message_of(task->worker->program->schema, m->descriptor) : NULL;

	if (type)
		member_visit_texts(type, (ProtobufCMessage *)(uintptr_t)m, false, note_person,
				   persons);
}

static char *
persons_of(const struct task *task)
{
	struct persons persons;

	map_init(&persons.seen, task->arena, MAX_PERSONS);
	buf_init(&persons.text, task->arena, (size_t)MAX_PERSONS * UUID_TEXT_SIZE + 2);
	buf_putc(&persons.text, '{');
	note_persons(task, task->request, &persons);
	note_persons(task, task->call.facts, &persons);
	for (size_t i = 0; i < task->n_shown; i++)
		note_persons(task, task->shown[i], &persons);
	buf_putc(&persons.text, '}');
	return lend(buf_text(&persons.text));
}

static const char *
masked_text(void *data, const struct schema_field *field, const char *text)
{
	enum mask_class class = class_of(field);
	char *masked;

	if (class == MASK_NONE)
		return text;
	masked = mask_text(data, class, MASK_FOR_REPLY, text, strlen(text));
	return masked ? masked : "";
}

/* The request, personal data masked; a long one (a batch of an import) is only counted. */
static char *
changes_of(const struct task *task)
{
	const struct json_write_options options = {
	    .proto_names = true,
	    .text = masked_text,
	    .data = task->arena,
	};
	struct buf text;

	buf_init(&text, task->arena, MAX_CHANGES);
	if (json_write(task->worker->program->schema, task->request, &options, task->arena, &text,
		       NULL) == PROTO_OK)
		return lend(buf_text(&text));
	return arena_printf(task->arena, "{\"bytes\":%zu}",
			    protobuf_c_message_get_packed_size(task->request));
}

static char *
or_empty(const char *text)
{
	return lend(text ? text : "");
}

/* What nobody known asked for, a login above all, stands in the trail of the district that the
 * process serves first: there it is sealed and verified with all else. */
static int32_t
trail_of(const struct task *task)
{
	if (task->caller.tenant)
		return task->caller.tenant;
	return (int32_t)strtol(task->worker->program->options->tenants, NULL, 10);
}

const SvcAudit *
task_audit_row(struct task *task)
{
	SvcAudit *row = ARENA_NEW(task->arena, SvcAudit);

	if (row) {
		svc_audit__init(row);
		row->tenant = trail_of(task);
		row->account_id = task->caller.id;
		row->account_name = task->caller.name;
		row->purpose = or_empty(task->caller._purpose_case == SVC_CALLER___PURPOSE_PURPOSE
					    ? task->caller.purpose
					    : NULL);
		row->method = lend(task->plan->label);
		row->outcome = lend(rpc_code_name(task->run.failure.code));
		row->reason = or_empty(task->run.failure.reason);
		row->person_ids = persons_of(task);
		row->changes = changes_of(task);
		row->unmasked = task->unmasked;
		row->happened_at = task->clock.now;
	}
	if (row && row->person_ids && row->changes)
		return row;
	task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "本次请求的内容过多");
	return NULL;
}

/* -- recording ------------------------------------------------------------------------------- */

static void
on_recorded(struct audit_wait *wait, enum db_outcome outcome)
{
	struct task *task = LIST_ENTRY(wait, struct task, audit);
	struct db_error error = {.outcome = outcome, .text = ""};

	if (outcome == DB_OK)
		task->recorded(task);
	else
		task_fail_db(task, &error);
}

void
task_record(struct task *task, void (*recorded)(struct task *task))
{
	struct db_error error = {.text = ""};

	if (task->plan->rule->audit == AUDIT__AUDIT_NONE) {
		recorded(task);
		return;
	}
	task->audit.row = task_audit_row(task);
	if (!task->audit.row)
		return;
	task->audit.done = on_recorded;
	task->recorded = recorded;
	error.outcome = audit_note(task->worker->audit, &task->audit);
	if (error.outcome != DB_OK)
		task_fail_db(task, &error);
}
