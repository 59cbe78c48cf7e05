/* SPDX-License-Identifier: Apache-2.0 */
/* 小额快救, rescue, leads: help that does not wait for an application (RLF-40, RLF-42, RLF-44). */
#include "rules_aid.h"

#include "award_writes.h"
#include "decisions.h"
#include "rules_tiers.h"

enum { LEAD_DAYS = 5 };

static enum rpc_code
refuse_fast(struct svc_call *c, const ReliefPolicy *policy, Award__Area area,
	    enum aid_verdict verdict)
{
	int64_t most = dibao_standard_fen(policy, area);
	const GrantFastAidFacts *facts = c->facts;

	switch (verdict) {
	case AID_OK:
		return RPC_OK;
	case AID_NOT_IN_FORCE:
		return svc_fail(c, FAILED_PRECONDITION, "FAST_AID_NOT_IN_FORCE",
				"小额快救自2026年1月起施行，请按急难型临时救助办理");
	case AID_TOO_LATE:
		return svc_fail(c, FAILED_PRECONDITION, "FAST_AID_TOO_LATE",
				"已超过事发后%d日，请按普通程序申请临时救助",
				policy->fast_aid_days);
	default:
		return svc_fail(c, FAILED_PRECONDITION, "OVER_FAST_LIMIT",
				"同一事件小额快救不超过%lld元，已给予%lld.%02d元，"
				"其余部分请按普通程序申请",
				(long long)(most / 100), (long long)(facts->given_fen / 100),
				(int)(facts->given_fen % 100));
	}
}

static TempAid *
new_grant(struct svc_call *c, const GrantFastAidRequest *req, const char *award_id)
{
	TempAid *aid = svc_message(c, &temp_aid__descriptor);

	aid->id = svc_id_or_new(c, req->id);
	aid->award_id = svc_copy_text(c, award_id);
	aid->emergency_id = svc_id_or_new(c, req->emergency_id);
	aid->person_id = req->person_id;
	aid->division = req->division;
	aid->aid_type = APPLICATION__AID_TYPE__URGENT;
	aid->fast = true;
	aid->channel = req->channel;
	aid->cause = req->cause;
	aid->amount_fen = req->amount_fen;
	aid->happened_on = req->happened_on;
	aid->granted_on = svc_date(c, c->today);
	return aid;
}

enum rpc_code
grant_fast_aid(struct svc_call *c)
{
	const GrantFastAidRequest *req = c->request;
	const GrantFastAidFacts *facts = c->facts;
	GrantFastAidEffects *out = c->effects;
	month_number month = date_month(c->today);
	struct date happened_on = svc_date_or(req->happened_on, c->today);
	struct award_version version = {.version = 1,
					.amount_fen = req->amount_fen,
					.payee_person_id = req->person_id,
					.account_id = req->account_id,
					.from = month,
					.to = &month,
					.reason = "FAST_AID"};
	AwardHead *head;
	AwardShare *share;
	enum rpc_code code;

	if (!svc_caller_covers(c->caller, req->division))
		return svc_fail(c, PERMISSION_DENIED, "OTHER_DIVISION",
				"所填村（社区）不在您的辖区，请核对");
	code =
	    refuse_fast(c, facts->policy, req->area,
			aid_check_fast(facts->policy, req->area, facts->given_fen + req->amount_fen,
				       happened_on, c->today));
	if (code != RPC_OK)
		return code;
	out->writes = svc_message(c, &award_writes__descriptor);
	head = award_add_head(c, out->writes, AWARD__PROGRAMME__TEMP_AID, "");
	head->applicant_person_id = req->person_id;
	head->division = req->division;
	head->area = req->area;
	version.head = head;
	share = svc_add(c, &version.n_shares, &version.shares, &award_share__descriptor);
	share->person_id = req->person_id;
	share->amount_fen = req->amount_fen;
	award_add_version(c, AWARD_SINK(out), &version);
	out->reply = new_grant(c, req, head->id);
	SVC_APPEND(c, out, temp_aids, out->reply);
	return RPC_OK;
}

enum rpc_code
create_facility(struct svc_call *c)
{
	const CreateFacilityRequest *req = c->request;
	CreateFacilityEffects *out = c->effects;

	out->reply = svc_copy_message(c, req->facility);
	out->reply->id = svc_id_or_new(c, req->facility->id);
	out->reply->closed_on = NULL;
	return RPC_OK;
}

enum rpc_code
close_facility(struct svc_call *c)
{
	const CloseFacilityRequest *req = c->request;
	const CloseFacilityFacts *facts = c->facts;
	CloseFacilityEffects *out = c->effects;

	if (!facts->facility)
		return svc_fail(c, NOT_FOUND, "NO_FACILITY", "没有编号为 %s 的服务点", req->id);
	if (facts->facility->closed_on)
		return svc_fail(c, FAILED_PRECONDITION, "FACILITY_CLOSED", "服务点已经撤销");
	if (svc_date_before(req->closed_on, facts->facility->opened_on))
		return svc_fail_field(c, "closed_on", "不能早于设立的日期");
	out->reply = svc_copy_message(c, facts->facility);
	out->reply->closed_on = req->closed_on;
	return RPC_OK;
}

/* RLF-42: voluntary, free, women received by women. */
enum rpc_code
admit_guest(struct svc_call *c)
{
	const AdmitGuestRequest *req = c->request;
	RescueEffects *out = c->effects;
	Rescue *rescue;

	if (!req->of_own_will)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_VOLUNTARY",
				"救助以自愿为原则，本人未求助或不同意的不得接收");
	if (req->sex == RESCUE__SEX__FEMALE && !req->received_by_woman)
		return svc_fail(c, FAILED_PRECONDITION, "WOMAN_NEEDED",
				"女性求助人员应由女性工作人员接待");
	rescue = out->reply = svc_message(c, &rescue__descriptor);
	rescue->id = svc_id_or_new(c, req->id);
	rescue->version = 1;
	rescue->person_id = req->person_id;
	rescue->facility_id = req->facility_id;
	rescue->operation = req->operation;
	rescue->sex = req->sex;
	rescue->received_by_woman = req->received_by_woman;
	rescue->help = req->help;
	rescue->admitted_on = req->admitted_on;
	return RPC_OK;
}

static enum rpc_code
begin_rescue_step(struct svc_call *c, const char *id, int32_t version)
{
	const RescueFacts *facts = c->facts;
	RescueEffects *out = c->effects;

	if (!facts->rescue)
		return svc_fail(c, NOT_FOUND, "NO_RESCUE", "没有编号为 %s 的救助记录", id);
	if (facts->rescue->version != version)
		return svc_fail(c, ABORTED, "CHANGED", "救助记录 %s 已被他人修改，请刷新后再办",
				id);
	out->reply = svc_copy_message(c, facts->rescue);
	out->reply->version++;
	return RPC_OK;
}

enum rpc_code
record_departure(struct svc_call *c)
{
	const RecordDepartureRequest *req = c->request;
	const RescueFacts *facts = c->facts;
	RescueEffects *out = c->effects;
	enum rpc_code code = begin_rescue_step(c, req->id, req->version);

	if (code != RPC_OK)
		return code;
	if (facts->rescue->left_on)
		return svc_fail(c, FAILED_PRECONDITION, "HAS_LEFT", "求助人员已经离站");
	if (svc_date_before(req->left_on, facts->rescue->admitted_on))
		return svc_fail_field(c, "left_on", "不能早于接收的日期");
	if (req->departure == RESCUE__DEPARTURE__ESCORTED && !req->destination[0])
		return svc_fail_field(c, "destination", "护送返乡的请填写目的地");
	out->reply->left_on = req->left_on;
	out->reply->departure = req->departure;
	out->reply->destination = req->destination;
	return RPC_OK;
}

enum rpc_code
record_follow_up(struct svc_call *c)
{
	const RecordFollowUpRequest *req = c->request;
	const RescueFacts *facts = c->facts;
	RescueEffects *out = c->effects;
	enum rpc_code code = begin_rescue_step(c, req->id, req->version);

	if (code != RPC_OK)
		return code;
	if (!facts->rescue->left_on)
		return svc_fail(c, FAILED_PRECONDITION, "STILL_HERE",
				"求助人员尚未离站，不能登记回访");
	if (svc_date_before(req->visited_on, facts->rescue->left_on))
		return svc_fail_field(c, "visited_on", "不能早于离站的日期");
	out->reply->follow_ups++;
	return RPC_OK;
}

enum rpc_code
identify_guest(struct svc_call *c)
{
	const IdentifyGuestRequest *req = c->request;
	RescueEffects *out = c->effects;
	enum rpc_code code = begin_rescue_step(c, req->id, req->version);

	if (code == RPC_OK)
		out->reply->person_id = req->person_id;
	return code;
}

/* RLF-44. */
enum rpc_code
report_lead(struct svc_call *c)
{
	const ReportLeadRequest *req = c->request;
	LeadEffects *out = c->effects;
	Lead *lead;

	if (!svc_caller_covers(c->caller, req->division))
		return svc_fail(c, PERMISSION_DENIED, "OTHER_DIVISION",
				"所填村（社区）不在您的辖区，请核对");
	lead = out->reply = svc_message(c, &lead__descriptor);
	lead->id = svc_id_or_new(c, req->id);
	lead->version = 1;
	lead->state = LEAD__STATE__OPEN;
	lead->division = req->division;
	lead->person_id = req->person_id;
	lead->household_id = req->household_id;
	lead->source = req->source;
	lead->text = req->text;
	lead->reported_on = svc_date(c, c->today);
	lead->due_on = svc_date(c, date_add_days(c->today, LEAD_DAYS));
	return RPC_OK;
}

enum rpc_code
resolve_lead(struct svc_call *c)
{
	const ResolveLeadRequest *req = c->request;
	const LeadFacts *facts = c->facts;
	LeadEffects *out = c->effects;

	if (!facts->lead)
		return svc_fail(c, NOT_FOUND, "NO_LEAD", "本辖区没有编号为 %s 的线索", req->id);
	if (facts->lead->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "线索 %s 已被他人处理，请刷新后再办",
				req->id);
	if (facts->lead->state != LEAD__STATE__OPEN)
		return svc_fail(c, FAILED_PRECONDITION, "LEAD_RESOLVED", "线索 %s 已经办结",
				req->id);
	if (req->outcome == LEAD__OUTCOME__APPLICATION && !req->application_id[0])
		return svc_fail_field(c, "application_id", "转为申请的请填写申请编号");
	out->reply = svc_copy_message(c, facts->lead);
	out->reply->version++;
	out->reply->state = LEAD__STATE__RESOLVED;
	out->reply->outcome = req->outcome;
	out->reply->application_id = req->application_id;
	out->reply->resolved_on = svc_date(c, c->today);
	return RPC_OK;
}
