/* SPDX-License-Identifier: Apache-2.0 */
/* One-off subsidies, price subsidies and other relief: filled, approved, released (RLF-47). */
#include <string.h>

#include "award_writes.h"
#include "change.h"
#include "decisions.h"
#include "svc/lists.h"

static enum rpc_code
open_batch(struct svc_call *c, const GrantBatch *batch, const char *id)
{
	if (!batch)
		return svc_fail(c, NOT_FOUND, "NO_BATCH", "没有编号为 %s 的发放批次，请核对编号",
				id);
	if (batch->state != GRANT_BATCH__STATE__OPEN)
		return svc_fail(c, FAILED_PRECONDITION, "BATCH_CLOSED",
				"批次 %s 已经审批，不能再改", id);
	return RPC_OK;
}

enum rpc_code
create_grant_batch(struct svc_call *c)
{
	const CreateGrantBatchRequest *req = c->request;
	GrantBatchEffects *out = c->effects;

	switch (req->batch->programme) {
	case AWARD__PROGRAMME__ONE_OFF:
	case AWARD__PROGRAMME__PRICE_SUBSIDY:
	case AWARD__PROGRAMME__OTHER_RELIEF:
		break;
	default:
		return svc_fail_field(c, "batch.programme",
				      "批次只能发放一次性补助、价格补贴或其他救助");
	}
	out->reply = svc_copy_message(c, req->batch);
	out->reply->id = svc_id_or_new(c, req->batch->id);
	out->reply->version = 1;
	out->reply->state = GRANT_BATCH__STATE__OPEN;
	out->reply->grants = out->reply->amount_fen = out->reply->released = 0;
	out->reply->created_by = svc_copy_text(c, c->caller->id);
	out->reply->approved_by = svc_copy_text(c, "");
	out->month_on = svc_date(c, month_first(change_month(req->batch->month)));
	return RPC_OK;
}

enum rpc_code
add_grants(struct svc_call *c)
{
	const AddGrantsRequest *req = c->request;
	const GrantBatchFacts *facts = c->facts;
	AddGrantsEffects *out = c->effects;
	enum rpc_code code = open_batch(c, facts->batch, req->batch_id);

	if (code != RPC_OK)
		return code;
	out->reply = svc_message(c, &add_grants_response__descriptor);
	for (size_t i = 0; i < req->n_items; i++) {
		if (svc_is_listed(facts->existing, facts->n_existing, req->items[i]->person_id) ||
		    svc_is_repeated(req->items, i, offsetof(GrantItem, person_id))) {
			out->reply->unchanged++;
			continue;
		}
		SVC_APPEND(c, out, items, req->items[i]);
		out->reply->added++;
	}
	return RPC_OK;
}

/* The approver counts for himself: number and sum must be what he saw. */
enum rpc_code
approve_grant_batch(struct svc_call *c)
{
	const ApproveGrantBatchRequest *req = c->request;
	const GrantBatchFacts *facts = c->facts;
	GrantBatchEffects *out = c->effects;
	enum rpc_code code = open_batch(c, facts->batch, req->id);

	if (code != RPC_OK)
		return code;
	if (facts->batch->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "批次 %s 已被他人修改，请刷新后再办",
				req->id);
	if (strcmp(facts->batch->created_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"制单人不能审批自己制作的批次，请由他人审批");
	if (facts->batch->grants != req->grants || facts->batch->amount_fen != req->amount_fen)
		return svc_fail(c, FAILED_PRECONDITION, "TOTALS_DIFFER",
				"人数或金额与批次不符（批次为%lld人、%lld.%02d元），请核对",
				(long long)facts->batch->grants,
				(long long)(facts->batch->amount_fen / 100),
				(int)(facts->batch->amount_fen % 100));
	out->reply = svc_copy_message(c, facts->batch);
	out->reply->version++;
	out->reply->state = GRANT_BATCH__STATE__APPROVED;
	out->reply->approved_by = svc_copy_text(c, c->caller->id);
	return RPC_OK;
}

static void
release(struct svc_call *c, ReleaseGrantsEffects *out, const GrantBatch *batch,
	const GrantItem *item)
{
	AwardHead *head = award_add_head(c, out->writes, batch->programme, "");
	month_number month = change_month(batch->month);
	struct award_version version = {
	    .head = head,
	    .version = 1,
	    .amount_fen = item->amount_fen,
	    .payee_person_id = item->payee_person_id[0] ? item->payee_person_id : item->person_id,
	    .account_id = item->account_id,
	    .from = month,
	    .to = &month,
	    .reason = "GRANTED",
	};
	AwardShare *share =
	    svc_add(c, &version.n_shares, &version.shares, &award_share__descriptor);

	share->person_id = item->person_id;
	share->amount_fen = item->amount_fen;
	head->applicant_person_id = item->person_id;
	head->division = item->division;
	head->batch_id = batch->id;
	award_add_version(c, AWARD_SINK(out), &version);
}

/* Timed job: one slice of the oldest approved batch. */
enum rpc_code
release_grants(struct svc_call *c)
{
	const GrantBatchFacts *facts = c->facts;
	ReleaseGrantsEffects *out = c->effects;

	out->reply = svc_message(c, &release_grants_response__descriptor);
	out->writes = svc_message(c, &award_writes__descriptor);
	if (!facts->batch)
		return RPC_OK;
	out->reply->more = true;
	out->batch = svc_copy_message(c, facts->batch);
	out->finished = facts->n_items == 0;
	for (size_t i = 0; i < facts->n_items; i++)
		release(c, out, facts->batch, facts->items[i]);
	return RPC_OK;
}
