/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges: two records of one human being (3.2). The merged record stays whole; it is shown under
 * the one kept until the merge is undone. Who proposes does not approve.
 */
#include <string.h>

#include "decisions.h"
#include "journal.h"

enum rpc_code
propose_merge(struct svc_call *c)
{
	const ProposeMergeRequest *req = c->request;
	const MergeChangeFacts *facts = c->facts;
	MergeChangeEffects *out = c->effects;
	PersonMerge *merge = svc_message(c, &person_merge__descriptor);

	if (strcmp(req->kept_id, req->merged_id) == 0)
		return svc_fail_field(c, "merged_id", "两条记录应不同");
	if (facts->n_persons != 2)
		return svc_fail(c, NOT_FOUND, "NO_PERSON", "本辖区没有这两个人的记录，请核对");
	if (facts->n_merges > 0)
		return svc_fail(c, FAILED_PRECONDITION, "MERGE_EXISTS",
				"其中一条记录已在另一次合并中，请先撤销那一次");
	merge->id = svc_new_id(c);
	merge->version = 1;
	merge->kept_id = req->kept_id;
	merge->merged_id = req->merged_id;
	merge->reason = req->reason;
	merge->proposed_by = svc_copy_text(c, c->caller->id);
	merge->proposed_at = svc_instant(c, c->now);
	out->reply = merge;
	return RPC_OK;
}

static enum rpc_code
find_merge(struct svc_call *c, int32_t version, PersonMerge **ret_merge)
{
	const MergeChangeFacts *facts = c->facts;
	const PersonMerge *merge = facts->merge;

	if (!merge || facts->n_persons != 2)
		return svc_fail(c, NOT_FOUND, "NO_MERGE", "本辖区没有这次合并，请核对");
	if (merge->version != version)
		return svc_fail(c, ABORTED, "CHANGED", "这次合并已被他人办理，请刷新");
	if (merge->undone_at)
		return svc_fail(c, FAILED_PRECONDITION, "UNDONE", "这次合并已撤销");
	*ret_merge = svc_copy_message(c, merge);
	(*ret_merge)->version++;
	return RPC_OK;
}

/* Both persons move on by one version; each is told of the other. */
static void
tell_both(struct svc_call *c, const PersonMerge *merge, PersonChanged__Kind kind,
	  const char *reason)
{
	const MergeChangeFacts *facts = c->facts;
	MergeChangeEffects *out = c->effects;
	const struct journal j = JOURNAL(c, out, c->caller->name, reason);
	bool merges = kind == PERSON_CHANGED__KIND__MERGED;

	for (size_t i = 0; i < facts->n_persons; i++) {
		const Person *person = facts->persons[i];
		bool is_merged = strcmp(person->id, merge->merged_id) == 0;
		PersonUpdate *update = journal_touch(&j, person);
		PersonChanged *event = journal_tell(
		    &j, person, kind, PERSON_CHANGED__ACTION__RECORDED, svc_date(c, c->today));

		event->fact_id = merge->id;
		event->other_person_id = is_merged ? merge->kept_id : merge->merged_id;
		if (!is_merged)
			continue;
		update->state = merges ? PERSON__STATE__MERGED : PERSON__STATE__ACTIVE;
		update->merged_into = merges ? merge->kept_id : svc_copy_text(c, "");
	}
}

/* What still goes on is changed on the record kept, which must have it itself: nothing can be ended
 * on one that is merged. */
enum rpc_code
approve_merge(struct svc_call *c)
{
	const ApproveMergeRequest *req = c->request;
	const MergeChangeFacts *facts = c->facts;
	MergeChangeEffects *out = c->effects;
	PersonMerge *merge = NULL;
	enum rpc_code code = find_merge(c, req->version, &merge);

	if (code != RPC_OK)
		return code;
	if (merge->approved_at)
		return svc_fail(c, FAILED_PRECONDITION, "APPROVED", "这次合并已批准");
	if (strcmp(merge->proposed_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"提出合并的人不能自己批准，请由他人办理");
	if (facts->n_merges > 0)
		return svc_fail(c, FAILED_PRECONDITION, "MERGE_EXISTS",
				"其中一条记录已在另一次合并中，请先撤销那一次");
	if (facts->n_memberships > 0)
		return svc_fail(c, FAILED_PRECONDITION, "IN_HOUSEHOLD",
				"要并入的记录在户内：请撤销后改为保留这一条，或先把它迁出");
	if (facts->n_lasting > 0)
		return svc_fail(c, FAILED_PRECONDITION, "FACTS_LAST",
				"要并入的记录有未结束的登记（如婚姻、死亡），保留的记录没有："
				"请撤销后改为保留这一条，或先办理其结束或更正");
	merge->approved_by = svc_copy_text(c, c->caller->id);
	merge->approved_at = svc_instant(c, c->now);
	out->reply = merge;
	tell_both(c, merge, PERSON_CHANGED__KIND__MERGED, merge->reason);
	return RPC_OK;
}

enum rpc_code
undo_merge(struct svc_call *c)
{
	const UndoMergeRequest *req = c->request;
	MergeChangeEffects *out = c->effects;
	PersonMerge *merge = NULL;
	enum rpc_code code = find_merge(c, req->version, &merge);

	if (code != RPC_OK)
		return code;
	merge->undone_at = svc_instant(c, c->now);
	merge->undo_reason = req->reason;
	out->reply = merge;
	if (merge->approved_at)
		tell_both(c, merge, PERSON_CHANGED__KIND__SPLIT, req->reason);
	return RPC_OK;
}
