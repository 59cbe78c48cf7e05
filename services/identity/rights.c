/* SPDX-License-Identifier: Apache-2.0 */
/* Rights: changed by two administrators together; lent to a colleague during leave (CMP-05). */
#include <string.h>

#include "decisions.h"
#include "rules.h"

enum rpc_code
propose_rights(struct svc_call *c)
{
	const ProposeRightsRequest *req = c->request;
	const ProposeRightsFacts *facts = c->facts;
	ProposeRightsEffects *out = c->effects;
	RightsChange *change = svc_message(c, &rights_change__descriptor);

	if (!facts->account)
		return svc_fail(c, NOT_FOUND, "NO_ACCOUNT", "没有这个账号，请核对");
	if (*facts->waiting_id)
		return svc_fail(c, FAILED_PRECONDITION, "WAITING",
				"该账号已有一次权限变更等待批准，请先办完");
	for (size_t i = 0; i < req->n_roles; i++)
		if (!rule_role_fits(facts->roles, facts->n_roles, req->roles[i],
				    facts->account->duty))
			svc_fail_field(c, svc_text(c, "roles[%zu]", i),
				       "没有角色 %s，或它不属于该账号的职责", req->roles[i]);
	for (size_t i = 0; i < req->n_divisions; i++)
		if (!rule_division_exists(facts->division_ids, facts->n_division_ids,
					  req->divisions[i]))
			svc_fail_field(c, svc_text(c, "divisions[%zu]", i), "没有这个区划");
	change->id = svc_new_id(c);
	change->version = 1;
	change->account_id = req->account_id;
	change->roles = req->roles;
	change->n_roles = req->n_roles;
	change->divisions = req->divisions;
	change->n_divisions = req->n_divisions;
	change->reason = req->reason;
	change->state = RIGHTS_CHANGE__STATE__PROPOSED;
	change->proposed_by = svc_copy_text(c, c->caller->id);
	change->proposed_at = svc_instant(c, c->now);
	out->reply = change;
	return svc_fields_checked(c);
}

/* The account's rights become those that were proposed. */
static void
replace_rights(struct svc_call *c, const RightsChange *change, Account__Duty duty)
{
	DecideRightsEffects *out = c->effects;

	out->replaced_id = change->account_id;
	for (size_t i = 0; i < change->n_roles; i++) {
		Grant *grant = SVC_ADD(c, out, grants, grant);

		*grant = (Grant){grant->base, change->account_id, change->roles[i], duty};
	}
	for (size_t i = 0; i < change->n_divisions; i++) {
		Place *place = SVC_ADD(c, out, places, place);

		*place = (Place){place->base, change->account_id, change->divisions[i]};
	}
}

enum rpc_code
decide_rights(struct svc_call *c)
{
	const DecideRightsRequest *req = c->request;
	const DecideRightsFacts *facts = c->facts;
	DecideRightsEffects *out = c->effects;
	RightsChange *change;

	if (!facts->change || !facts->account)
		return svc_fail(c, NOT_FOUND, "NO_CHANGE", "没有这次权限变更，请核对");
	if (facts->change->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "这次权限变更已被他人办理，请刷新");
	if (facts->change->state != RIGHTS_CHANGE__STATE__PROPOSED)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_PROPOSED", "这次权限变更已办结");
	if (strcmp(facts->change->proposed_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"提出的人不能自己批准，请由他人办理");
	change = svc_copy_message(c, facts->change);
	change->version++;
	change->state =
	    req->approve ? RIGHTS_CHANGE__STATE__APPROVED : RIGHTS_CHANGE__STATE__REFUSED;
	change->decided_by = svc_copy_text(c, c->caller->id);
	out->reply = change;
	if (req->approve)
		replace_rights(c, change, facts->account->duty);
	return RPC_OK;
}

/* -- standing in ----------------------------------------------------------------------------- */

enum rpc_code
create_delegation(struct svc_call *c)
{
	const CreateDelegationRequest *req = c->request;
	const CreateDelegationFacts *facts = c->facts;
	CreateDelegationEffects *out = c->effects;
	Delegation *delegation = svc_copy_message(c, req->delegation);

	if (date_compare(svc_date_or(delegation->valid_to, c->today),
			 svc_date_or(delegation->valid_from, c->today)) < 0)
		return svc_fail_field(c, "delegation.valid_to", "结束日期不能早于开始日期");
	if (!facts->to || facts->to->state != ACCOUNT__STATE__ACTIVE ||
	    strcmp(facts->to->id, c->caller->id) == 0)
		return svc_fail_field(c, "delegation.to_account_id", "没有这个可用的账号");
	if (!facts->from || !rule_may_stand_in(facts->from, facts->to))
		return svc_fail(c, FAILED_PRECONDITION, "MAY_NOT_STAND_IN",
				"只能请职责相同、并且角色相同或辖区相同的同事代办");
	if (*facts->overlapping_id)
		return svc_fail(c, FAILED_PRECONDITION, "OVERLAPS", "这几天已委托他人代办");
	delegation->id = svc_new_id(c);
	delegation->version = 1;
	delegation->from_account_id = svc_copy_text(c, c->caller->id);
	delegation->ended_at = NULL;
	out->reply = delegation;
	return RPC_OK;
}

enum rpc_code
end_delegation(struct svc_call *c)
{
	const EndDelegationRequest *req = c->request;
	const EndDelegationFacts *facts = c->facts;
	EndDelegationEffects *out = c->effects;

	if (!facts->delegation)
		return svc_fail(c, NOT_FOUND, "NO_DELEGATION", "没有这次委托，请核对");
	if (facts->delegation->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "这次委托已被修改，请刷新后再办");
	if (facts->delegation->ended_at)
		return svc_fail(c, FAILED_PRECONDITION, "ENDED", "这次委托已结束");
	out->reply = svc_copy_message(c, facts->delegation);
	out->reply->version++;
	out->reply->ended_at = svc_instant(c, c->now);
	return RPC_OK;
}
