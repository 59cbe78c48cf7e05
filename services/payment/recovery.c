/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recoveries (PAY-04, RLF-45, E-04): an overpayment is returned by a plan, set off only with
 * consent or a legal basis, or written off by two people. Dibao money is never set off against
 * debts (RLF-11); that is why OFFSET needs a basis.
 */
#include <string.h>

#include "decisions.h"
#include "facts.h"

static RecoveryCase *
reply_of(struct svc_call *c, const RecoveryRow *row, RecoveryCase__State state)
{
	RecoveryCase *reply = svc_message(c, &recovery_case__descriptor);

	reply->id = row->id;
	reply->version = row->version + 1;
	reply->amount_fen = row->amount_fen;
	reply->recovered_fen = row->recovered_fen;
	reply->state = state;
	return reply;
}

static bool
is_closed(const RecoveryRow *row)
{
	return row->state == RECOVERY_CASE__STATE__RECOVERED ||
	       row->state == RECOVERY_CASE__STATE__WRITTEN_OFF ||
	       row->state == RECOVERY_CASE__STATE__CANCELLED;
}

static enum rpc_code
check_open(struct svc_call *c, const RecoveryRow *row, const char *id)
{
	if (!row)
		return svc_fail(c, NOT_FOUND, "NO_RECOVERY",
				"本辖区没有编号为 %s 的追回案件，请核对编号", id);
	if (is_closed(row))
		return svc_fail(c, FAILED_PRECONDITION, "RECOVERY_CLOSED", "追回案件 %s 已经了结",
				id);
	return RPC_OK;
}

static enum rpc_code
check_plan(struct svc_call *c, const PlanRecoveryRequest *req, int64_t open_fen)
{
	int64_t sum = 0;

	if (req->plan == RECOVERY_CASE__PLAN__OFFSET && !req->legal_basis[0] && !req->consent[0])
		return svc_fail(c, INVALID_ARGUMENT, "OFFSET_NEEDS_BASIS",
				"抵扣以后的待遇须有本人书面同意或法律依据，请填写其中一项");
	if (req->plan != RECOVERY_CASE__PLAN__INSTALMENTS)
		return RPC_OK;
	for (size_t i = 0; i < req->n_instalments; i++)
		if (__builtin_add_overflow(sum, req->instalments[i]->amount_fen, &sum))
			break;
	if (sum != open_fen)
		return svc_fail(c, INVALID_ARGUMENT, "INSTALMENTS_DO_NOT_FOOT",
				"各期合计%s，应为还没有追回的%s", svc_yuan(c, sum),
				svc_yuan(c, open_fen));
	return RPC_OK;
}

enum rpc_code
plan_recovery(struct svc_call *c)
{
	const PlanRecoveryRequest *req = c->request;
	const PlanRecoveryFacts *facts = c->facts;
	PlanRecoveryEffects *out = c->effects;
	enum rpc_code code = check_open(c, facts->recovery, req->id);

	if (code != RPC_OK)
		return code;
	if (facts->recovery->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "案件 %s 已被他人修改，请刷新后再办",
				req->id);
	if (facts->recovery->state != RECOVERY_CASE__STATE__OPEN)
		return svc_fail(c, FAILED_PRECONDITION, "PLANNED_ALREADY", "案件 %s 已有追回方案",
				req->id);
	code = check_plan(c, req, facts->recovery->amount_fen - facts->recovery->recovered_fen);
	if (code != RPC_OK)
		return code;
	out->reply = reply_of(c, facts->recovery, RECOVERY_CASE__STATE__PLANNED);
	out->reply->plan = req->plan;
	out->reply->at_fault = req->at_fault;
	return RPC_OK;
}

enum rpc_code
record_recovery(struct svc_call *c)
{
	const RecordRecoveryRequest *req = c->request;
	const RecordRecoveryFacts *facts = c->facts;
	RecordRecoveryEffects *out = c->effects;
	enum rpc_code code = check_open(c, facts->recovery, req->id);
	int64_t open_fen;

	if (code != RPC_OK)
		return code;
	open_fen = facts->recovery->amount_fen - facts->recovery->recovered_fen;
	if (req->amount_fen > open_fen)
		return svc_fail(c, INVALID_ARGUMENT, "MORE_THAN_OPEN", "还应追回%s，不能登记%s",
				svc_yuan(c, open_fen), svc_yuan(c, req->amount_fen));
	out->receipt_id = svc_new_id(c);
	out->reply = reply_of(c, facts->recovery,
			      req->amount_fen == open_fen ? RECOVERY_CASE__STATE__RECOVERED
							  : facts->recovery->state);
	out->reply->recovered_fen += req->amount_fen;
	return RPC_OK;
}

enum rpc_code
write_off_recovery(struct svc_call *c)
{
	const WriteOffRecoveryRequest *req = c->request;
	const WriteOffRecoveryFacts *facts = c->facts;
	WriteOffRecoveryEffects *out = c->effects;
	const RecoveryRow *row = facts->recovery;
	enum rpc_code code = check_open(c, row, req->id);

	if (code != RPC_OK)
		return code;
	if (row->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "案件 %s 已被他人修改，请刷新后再办",
				req->id);
	if (row->state != RECOVERY_CASE__STATE__WRITE_OFF_ASKED) {
		out->reply = reply_of(c, row, RECOVERY_CASE__STATE__WRITE_OFF_ASKED);
		return RPC_OK;
	}
	if (strcmp(row->asked_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"核销由您提出，须由他人审批");
	out->reply = reply_of(c, row, RECOVERY_CASE__STATE__WRITTEN_OFF);
	return RPC_OK;
}
