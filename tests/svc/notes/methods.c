/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/method.h"

#include <string.h>

#include "minzheng/notes/v1/notes.pb-c.h"
#include "notes/facts.pb-c.h"

enum { MAX_WRONG_WORDS = 3, SLICE = 2 };

static enum rpc_code
summarise_notes(struct svc_call *c)
{
	const SummariseNotesFacts *facts = c->facts;
	SummariseNotesEffects *out = c->effects;

	out->reply = svc_message(c, &notes_summary__descriptor);
	out->reply->notes = facts->notes;
	out->reply->text = svc_text(c, "%zu", facts->n_titles);
	for (size_t i = 0; i < facts->n_figures; i++)
		out->reply->peers_notes += facts->figures[i]->figures[0]->value;
	return RPC_OK;
}

static NoteChanged *
changed(struct svc_call *c, char *id, char *person_id, char *title)
{
	NoteChanged *event = svc_message(c, &note_changed__descriptor);

	event->id = id;
	event->person_id = person_id;
	event->title = title;
	return event;
}

static enum rpc_code
create_note(struct svc_call *c)
{
	const CreateNoteRequest *req = c->request;
	const CreateNoteFacts *facts = c->facts;
	CreateNoteEffects *out = c->effects;
	Note *note = svc_message(c, &note__descriptor);

	if (*facts->namesake)
		return svc_fail(c, ALREADY_EXISTS, "NAMESAKE", "已有同名记事 %s，请另取标题",
				facts->namesake);
	if (strcmp(req->title, "太多") == 0)
		svc_alloc(c, 1UL << 40);
	note->id = svc_id_or_new(c, req->id);
	note->person_id = req->person_id;
	note->title = req->title;
	note->phone = req->phone;
	note->division = req->division;
	note->on = req->on;
	note->labels = req->labels;
	note->n_labels = req->n_labels;
	note->version = 1;
	note->written_at = svc_instant(c, c->now);
	out->reply = note;
	out->event = changed(c, note->id, note->person_id, note->title);
	return RPC_OK;
}

static enum rpc_code
rename_note(struct svc_call *c)
{
	const RenameNoteRequest *req = c->request;
	const RenameNoteFacts *facts = c->facts;
	RenameNoteEffects *out = c->effects;

	if (!facts->note)
		return svc_fail(c, NOT_FOUND, "NO_NOTE", "本辖区没有编号为 %s 的记事，请核对编号",
				req->id);
	out->reply = svc_copy_message(c, facts->note);
	out->reply->title = req->title;
	out->reply->version++;
	out->event = changed(c, req->id, facts->note->person_id, req->title);
	return RPC_OK;
}

static enum rpc_code
unlock_note(struct svc_call *c)
{
	const UnlockNoteRequest *req = c->request;
	const UnlockNoteFacts *facts = c->facts;
	UnlockNoteEffects *out = c->effects;

	if (!facts->note)
		return svc_fail(c, NOT_FOUND, "NO_NOTE", "本辖区没有编号为 %s 的记事，请核对编号",
				req->id);
	if (facts->wrong_words >= MAX_WRONG_WORDS)
		return svc_fail(c, FAILED_PRECONDITION, "LOCKED", "已锁定，请联系管理员");
	out->wrong_words = facts->wrong_words + 1;
	if (strcmp(req->word, facts->note->title) != 0)
		return svc_fail_and_store(c, PERMISSION_DENIED, "WRONG_WORD",
					  "口令不对，还可再试 %d 次",
					  MAX_WRONG_WORDS - (int)out->wrong_words);
	out->wrong_words = 0;
	out->reply = facts->note;
	return RPC_OK;
}

static bool
is_known(const ImportNotesFacts *facts, const char *id)
{
	for (size_t i = 0; i < facts->n_known; i++)
		if (strcmp(facts->known[i], id) == 0)
			return true;
	return false;
}

static enum rpc_code
import_notes(struct svc_call *c)
{
	const ImportNotesRequest *req = c->request;
	ImportNotesEffects *out = c->effects;

	for (size_t i = 0; i < req->n_rows; i++) {
		NoteRow *row = req->rows[i];
		NoteChanged *event = changed(c, row->id, row->person_id, row->title);

		if (!svc_caller_covers(c->caller, row->division)) {
			svc_fail_field(c, svc_text(c, "rows[%zu].division", i), "不在您的辖区");
			continue;
		}
		if (is_known(c->facts, row->id))
			continue;
		SVC_APPEND(c, out, stored, row);
		SVC_APPEND(c, out, ids, row->id);
		SVC_APPEND(c, out, event, event);
		out->imported++;
	}
	return svc_fields_checked(c);
}

static enum rpc_code
count_changes(struct svc_call *c)
{
	const CountChangesRequest *req = c->request;
	CountChangesEffects *out = c->effects;

	out->counted = (int64_t)req->n_events;
	return RPC_OK;
}

static enum rpc_code
age_notes(struct svc_call *c)
{
	const AgeNotesFacts *facts = c->facts;
	AgeNotesEffects *out = c->effects;

	out->ids = facts->ids;
	out->n_ids = facts->n_ids;
	out->aged = (int64_t)facts->n_ids;
	out->more = facts->n_ids == SLICE;
	return RPC_OK;
}

const struct svc_decision svc_methods[] = {
    SVC_DECISION(summarise_notes), SVC_DECISION(create_note),
    SVC_DECISION(rename_note),     SVC_DECISION(unlock_note),
    SVC_DECISION(import_notes),    SVC_DECISION(count_changes),
    SVC_DECISION(age_notes),       SVC_END,
};
