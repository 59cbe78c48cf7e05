/* SPDX-License-Identifier: Apache-2.0 */
/* Proposing and deciding changes of running awards (RLF-12 to RLF-15, C-7). */
#include <string.h>

#include "change.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_amount.h"
#include "rules_clock.h"
#include "rules_family.h"
#include "rules_notice.h"
#include "rules_state.h"
#include "rules_tiers.h"
#include "svc/lists.h"

enum { DECIDE_WITHIN_MONTHS = 1 };

static enum rpc_code
no_award(struct svc_call *c, const char *id)
{
	return svc_fail(c, NOT_FOUND, "NO_AWARD", "本辖区没有编号为 %s 的救助待遇，请核对编号", id);
}

static enum rpc_code
award_changed(struct svc_call *c, const char *id)
{
	return svc_fail(c, ABORTED, "CHANGED", "救助待遇 %s 已被他人变更，请刷新后再办", id);
}

/* A re-check without change: class and next day (RLF-12, C-3). */
enum rpc_code
record_recheck(struct svc_call *c)
{
	const RecordRecheckRequest *req = c->request;
	const RecordRecheckFacts *facts = c->facts;
	RecordRecheckEffects *out = c->effects;
	const RunningAward *award = facts->award;
	struct date checked_on = svc_date_or(req->checked_on, c->today);

	if (!award)
		return no_award(c, req->id);
	if (award->version != req->version)
		return award_changed(c, req->id);
	if (award->state != AWARD__STATE__PAYING)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_PAYING",
				"救助待遇 %s %s，不能登记复核", req->id,
				award_state_name(award->state));
	out->reply = svc_message(c, &award__descriptor);
	out->reply->id = award->id;
	out->reply->version = award->version;
	out->reply->programme = award->programme;
	out->reply->state = award->state;
	out->reply->recheck_class = req->recheck_class;
	out->reply->next_recheck_on = svc_date(
	    c, clock_next_recheck(facts->policy, req->recheck_class, award->area, checked_on));
	return RPC_OK;
}

static AwardChange *
new_change(struct svc_call *c, const ProposeAwardChangeRequest *req, const RunningAward *award)
{
	AwardChange *change = svc_message(c, &award_change__descriptor);

	change->id = svc_id_or_new(c, req->id);
	change->version = 1;
	change->award_id = award->id;
	change->award_version = award->version;
	change->kind = req->kind;
	change->cause = req->cause;
	change->state = AWARD_CHANGE__STATE__PROPOSED;
	change->rule = svc_copy_text(c, "RLF-12");
	change->from_month =
	    req->from_month[0] ? req->from_month : amount_month_text(c, date_month(c->today) + 1);
	change->due_on = svc_date(c, date_add_months(c->today, DECIDE_WITHIN_MONTHS));
	change->old_amount_fen = award->amount_fen;
	change->amount_fen = award->amount_fen;
	change->proposed_by = svc_copy_text(c, c->caller->id);
	change->text = req->text;
	return change;
}

/* RLF-15: above the standard by a new job keeps the old amount for a while; else the amount of the
 * family as found. */
static void
evaluate_adjust(struct svc_call *c, const ReliefPolicy *policy, const RunningAward *award,
		const ProposeAwardChangeRequest *req, AwardChange *change)
{
	DecisionTrace *trace = tiers_evaluate_as(c, policy, req->file, c->today, award->programme);
	month_number last;

	change->file = svc_copy_message(c, req->file);
	change->trace = trace;
	if (trace->outcome == award->programme) {
		change->amount_fen = trace->amount->amount_fen;
		return;
	}
	change->amount_fen = 0;
	if (award->programme == AWARD__PROGRAMME__DIBAO &&
	    amount_gradual_exit(policy, req->file->area, trace->income_per_capita_fen,
				req->found_job, c->today, &last)) {
		change->keep_until = amount_month_text(c, last);
		change->rule = svc_copy_text(c, "RLF-15");
	}
}

static enum rpc_code
fill_proposal(struct svc_call *c, const ProposeAwardChangeRequest *req, const ChangeFacts *facts,
	      ChangeEffects *out)
{
	AwardChange *change = out->change;

	switch (req->kind) {
	case AWARD_CHANGE__KIND__ADJUST:
		if (!tiers_judge(facts->award->programme))
			return svc_fail_field(c, "kind",
					      "此类待遇按名册或批次发放，只能停发或变更领款人");
		if (!req->file)
			return svc_fail_field(c, "file", "请填写复核后的家庭情况");
		evaluate_adjust(c, facts->policy, facts->award, req, change);
		break;
	case AWARD_CHANGE__KIND__STOP:
		change->amount_fen = 0;
		break;
	case AWARD_CHANGE__KIND__PAYEE:
		if (!req->payee_person_id[0])
			return svc_fail_field(c, "payee_person_id", "请填写新的领款人");
		out->payee_person_id = req->payee_person_id;
		out->account_id = req->account_id;
		break;
	default:
		return svc_fail_field(c, "kind", "请选择调整、停发或变更领款人");
	}
	change->adverse = change_is_adverse(change, facts->award->programme);
	return RPC_OK;
}

enum rpc_code
propose_award_change(struct svc_call *c)
{
	const ProposeAwardChangeRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	const RunningAward *award = facts->award;
	enum rpc_code code;

	if (!award)
		return no_award(c, req->award_id);
	if (award->version != req->award_version)
		return award_changed(c, req->award_id);
	if (!award_step(award->state, AWARD_PROPOSE))
		return svc_fail(c, FAILED_PRECONDITION, "NOT_PAYING",
				"救助待遇 %s %s，不能再提出变更", award->id,
				award_state_name(award->state));
	if (evaluate_law_is_known(c, facts->policy) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	out->change = new_change(c, req, award);
	code = fill_proposal(c, req, facts, out);
	if (code != RPC_OK)
		return code;
	out->writes = svc_message(c, &award_writes__descriptor);
	change_move(c, out->writes, award, award_step(award->state, AWARD_PROPOSE)->next);
	out->from_on = svc_date(c, month_first(change_month(out->change->from_month)));
	if (out->change->keep_until[0])
		out->keep_until_on =
		    svc_date(c, month_first(change_month(out->change->keep_until)));
	out->reply = svc_alloc(c, sizeof(*out->reply));
	*out->reply = *out->change;
	out->reply->file = NULL;
	return RPC_OK;
}

static enum rpc_code
open_change(struct svc_call *c, const AwardChange *change, const char *id, int32_t version)
{
	if (!change)
		return svc_fail(c, NOT_FOUND, "NO_CHANGE", "本辖区没有编号为 %s 的变更，请核对编号",
				id);
	if (change->version != version)
		return svc_fail(c, ABORTED, "CHANGED", "变更 %s 已被他人修改，请刷新后再办", id);
	if (change->state != AWARD_CHANGE__STATE__PROPOSED &&
	    change->state != AWARD_CHANGE__STATE__HEARD)
		return svc_fail(c, FAILED_PRECONDITION, "DECIDED", "变更 %s 已经办结", id);
	return RPC_OK;
}

/* C-7: the recipient is heard before an adverse decision. */
enum rpc_code
record_hearing(struct svc_call *c)
{
	const RecordHearingRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	enum rpc_code code = open_change(c, facts->change, req->id, req->version);

	if (code != RPC_OK)
		return code;
	out->change = svc_copy_message(c, facts->change);
	out->change->version++;
	out->change->state = AWARD_CHANGE__STATE__HEARD;
	out->change->heard_on = req->held_on;
	out->reply = out->change;
	out->writes = svc_message(c, &award_writes__descriptor);
	if (facts->award && award_step(facts->award->state, AWARD_HEAR))
		change_move(c, out->writes, facts->award,
			    award_step(facts->award->state, AWARD_HEAR)->next);
	return RPC_OK;
}

/* Why a change cannot be approved. */
enum obstacle { APPROVABLE, NO_CHANGE, DECIDED, MAKER_IS_CHECKER, HEARING_MISSING, AWARD_CHANGED };

static const struct {
	const char *reason, *text;
} obstacles[] = {
    [APPROVABLE] = {"", ""},
    [NO_CHANGE] = {"NO_CHANGE", "本辖区没有这项变更，请核对编号"},
    [DECIDED] = {"DECIDED", "变更已经办结"},
    [MAKER_IS_CHECKER] = {"MAKER_IS_CHECKER", "提出人不能批准自己提出的变更，请由他人批准"},
    [HEARING_MISSING] =
	{"HEARING_MISSING",
	 "减发、停发决定作出前须先听取当事人意见（社会救助法第四十八条），请先登记"},
    [AWARD_CHANGED] = {"AWARD_CHANGED", "救助待遇已经变更，请重新提出"},
};

static bool
needs_hearing(const ReliefPolicy *policy, const AwardChange *change)
{
	return policy->hearing_required && change->adverse && !change->heard_on &&
	       change->cause != AWARD_CHANGE__CAUSE__DEATH &&
	       change->cause != AWARD_CHANGE__CAUSE__OWN_REQUEST;
}

static enum obstacle
find_obstacle(const struct svc_call *c, const ChangeFacts *facts, const AwardChange *change,
	      const RunningAward *award)
{
	if (change->state != AWARD_CHANGE__STATE__PROPOSED &&
	    change->state != AWARD_CHANGE__STATE__HEARD)
		return DECIDED;
	if (strcmp(change->proposed_by, c->caller->id) == 0)
		return MAKER_IS_CHECKER;
	if (!award || award->version != change->award_version ||
	    !award_step(award->state, AWARD_STOP))
		return AWARD_CHANGED;
	return needs_hearing(facts->policy, change) ? HEARING_MISSING : APPROVABLE;
}

/* The policies of the months from `from` on; the last one when all are earlier. */
static size_t
policies_from(const struct svc_call *c, ReliefPolicy *const *policies, size_t n, month_number from)
{
	size_t i = 0;

	while (i + 1 < n && date_month(svc_date_or(policies[i]->on, c->today)) < from)
		i++;
	return i;
}

static const char *
event_reason(const AwardChange *change, bool ends)
{
	switch (change->cause) {
	case AWARD_CHANGE__CAUSE__DEATH:
		return "DEATH";
	case AWARD_CHANGE__CAUSE__CORRECTION:
		return "CORRECTED";
	default:
		return ends ? "STOPPED" : "RECHECK";
	}
}

/* Every content from the month on gets the new payee. */
static void
write_payee(struct svc_call *c, const ChangeFacts *facts, const AwardChange *change,
	    month_number from)
{
	ChangeEffects *out = c->effects;

	for (size_t i = 0; i < facts->n_awards; i++) {
		if (strcmp(facts->awards[i]->id, change->award_id) == 0)
			change_write_payee(c, AWARD_SINK(out), facts->awards[i], change, from);
	}
}

/* What the change does to the award; returns the action of the state table. */
static enum award_action
carry_out(struct svc_call *c, const ChangeFacts *facts, const AwardChange *change,
	  const RunningAward *award)
{
	ChangeEffects *out = c->effects;
	struct award_sink sink = AWARD_SINK(out);
	month_number from = change_month(change->from_month);
	size_t first = policies_from(c, facts->policies, facts->n_policies, from);

	if (change->kind == AWARD_CHANGE__KIND__PAYEE) {
		write_payee(c, facts, change, from);
		return AWARD_ADJUST;
	}
	if (change->keep_until[0]) {
		change_write_end(c, sink, award, change_month(change->keep_until) + 1,
				 "GRADUAL_EXIT");
		return AWARD_LEAVE_SLOWLY;
	}
	if (change_ends_award(change, award->programme)) {
		change_write_stop(c, sink, award, from, event_reason(change, true));
		return AWARD_STOP;
	}
	change_write_family(c, sink, award, change->file, facts->policies + first,
			    facts->n_policies - first, from, event_reason(change, false));
	return AWARD_ADJUST;
}

/* Who loses or gets something else is told in writing (重庆低保条例 28, 社会救助法 48). */
static void
write_letter(struct svc_call *c, const RunningAward *award, const AwardChange *change,
	     enum award_action action)
{
	ChangeEffects *out = c->effects;
	const FamilyMember *applicant = award->file ? family_applicant(award->file) : NULL;
	ChangeLetter *letter;

	if (action == AWARD_ADJUST && change->amount_fen == change->old_amount_fen)
		return;
	letter = SVC_ADD(c, out, letters, change_letter);
	letter->id = change->id;
	letter->text = notice_change(c, applicant ? applicant->name : "领取人", award->programme,
				     change, c->today);
}

/* An award that is being left slowly has the stop at its end already. */
static bool
is_leaving(RunningAward *const *awards, size_t n_awards, const char *id)
{
	for (size_t i = 0; i < n_awards; i++) {
		if (strcmp(awards[i]->id, id) == 0 &&
		    strcmp(awards[i]->reason, "GRADUAL_EXIT") == 0)
			return true;
	}
	return false;
}

/* Where the award goes when it is still what it was. */
static Award__State
state_of_running(const ChangeFacts *facts, const char *award_id)
{
	return is_leaving(facts->awards, facts->n_awards, award_id) ? AWARD__STATE__GRADUAL_EXIT
								    : AWARD__STATE__PAYING;
}

/* The content that a change starts from: of its first month, of today when that is later. */
static const RunningAward *
award_of(const struct svc_call *c, const ChangeFacts *facts, const AwardChange *change)
{
	struct date from = month_first(change_month(change->from_month));

	return change_award(facts->awards, facts->n_awards, change->award_id,
			    date_compare(from, c->today) > 0 ? from : c->today);
}

/* A re-check only asked for one: approving it leaves the award alone. */
static void
change_award_by(struct svc_call *c, const AwardChange *change, const RunningAward *award)
{
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	const struct award_step *step;
	enum award_action action;

	if (change->kind == AWARD_CHANGE__KIND__RECHECK)
		return;
	action = carry_out(c, facts, change, award);
	step = award_step(award->state, action);
	change_move(c, out->writes, award,
		    change->kind == AWARD_CHANGE__KIND__PAYEE ? state_of_running(facts, award->id)
							      : step->next);
	if (change->kind != AWARD_CHANGE__KIND__PAYEE)
		write_letter(c, award, change, action);
}

static enum obstacle
approve_one(struct svc_call *c, const AwardChange *now)
{
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	const RunningAward *award = award_of(c, facts, now);
	enum obstacle obstacle = find_obstacle(c, facts, now, award);
	AwardChange *change;

	if (obstacle != APPROVABLE)
		return obstacle;
	change_award_by(c, now, award);
	change = svc_copy_message(c, now);
	change->version++;
	change->state = AWARD_CHANGE__STATE__APPROVED;
	change->decided_on = svc_date(c, c->today);
	change->decided_by = svc_copy_text(c, c->caller->id);
	change->file = NULL;
	change->trace = NULL;
	SVC_APPEND(c, out, changes, change);
	out->approved++;
	return APPROVABLE;
}

static enum rpc_code
fail_with(struct svc_call *c, enum obstacle obstacle)
{
	const char *text = obstacles[obstacle].text;

	switch (obstacle) {
	case NO_CHANGE:
		return svc_fail(c, NOT_FOUND, "NO_CHANGE", "%s", text);
	case DECIDED:
		return svc_fail(c, FAILED_PRECONDITION, "DECIDED", "%s", text);
	case MAKER_IS_CHECKER:
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER", "%s", text);
	case HEARING_MISSING:
		return svc_fail(c, FAILED_PRECONDITION, "HEARING_MISSING", "%s", text);
	default:
		return svc_fail(c, FAILED_PRECONDITION, "AWARD_CHANGED", "%s", text);
	}
}

/* Every month that is reached back to must have its law. */
static enum rpc_code
months_are_known(struct svc_call *c, const ChangeFacts *facts)
{
	enum rpc_code code = evaluate_law_is_known(c, facts->policy);

	for (size_t i = 0; code == RPC_OK && i < facts->n_policies; i++)
		code = evaluate_law_is_known(c, facts->policies[i]);
	return code;
}

enum rpc_code
approve_award_change(struct svc_call *c)
{
	const ApproveAwardChangeRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	enum obstacle obstacle;
	enum rpc_code code =
	    open_change(c, facts->n_changes > 0 ? facts->changes[0] : NULL, req->id, req->version);

	if (code == RPC_OK)
		code = months_are_known(c, facts);
	if (code != RPC_OK)
		return code;
	out->writes = svc_message(c, &award_writes__descriptor);
	obstacle = approve_one(c, facts->changes[0]);
	if (obstacle != APPROVABLE)
		return fail_with(c, obstacle);
	out->reply = out->changes[0];
	return RPC_OK;
}

static const AwardChange *
change_of(const ChangeFacts *facts, const char *id)
{
	for (size_t i = 0; i < facts->n_changes; i++) {
		if (strcmp(facts->changes[i]->id, id) == 0)
			return facts->changes[i];
	}
	return NULL;
}

/* One change an award and batch: a second one would be based on a version that is gone. */
static bool
award_is_taken(const ChangeEffects *out, const AwardChange *change)
{
	for (size_t i = 0; i < out->n_changes; i++) {
		if (strcmp(out->changes[i]->award_id, change->award_id) == 0)
			return true;
	}
	return false;
}

enum rpc_code
approve_award_changes(struct svc_call *c)
{
	const ApproveAwardChangesRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;

	if (months_are_known(c, facts) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	out->writes = svc_message(c, &award_writes__descriptor);
	for (size_t i = 0; i < req->n_ids; i++) {
		const AwardChange *change = change_of(facts, req->ids[i]);
		enum obstacle obstacle = NO_CHANGE;
		BatchException *exception;

		if (svc_is_listed(req->except_ids, req->n_except_ids, req->ids[i]) ||
		    svc_is_listed(req->ids, i, req->ids[i]))
			continue;
		if (change)
			obstacle =
			    award_is_taken(out, change) ? AWARD_CHANGED : approve_one(c, change);
		if (obstacle == APPROVABLE)
			continue;
		exception = SVC_ADD(c, out, exceptions, batch_exception);
		exception->id = req->ids[i];
		exception->reason = svc_copy_text(c, obstacles[obstacle].reason);
		exception->text = svc_copy_text(c, obstacles[obstacle].text);
	}
	return RPC_OK;
}

enum rpc_code
dismiss_award_change(struct svc_call *c)
{
	const ApproveAwardChangeRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	const AwardChange *now = facts->n_changes > 0 ? facts->changes[0] : NULL;
	enum rpc_code code = open_change(c, now, req->id, req->version);
	const RunningAward *award;

	if (!now || code != RPC_OK)
		return code;
	if (strcmp(now->proposed_by, c->caller->id) == 0)
		return fail_with(c, MAKER_IS_CHECKER);
	out->writes = svc_message(c, &award_writes__descriptor);
	out->reply = svc_copy_message(c, now);
	out->reply->version++;
	out->reply->state = AWARD_CHANGE__STATE__DISMISSED;
	out->reply->decided_on = svc_date(c, c->today);
	out->reply->decided_by = svc_copy_text(c, c->caller->id);
	out->reply->file = NULL;
	out->reply->trace = NULL;
	SVC_APPEND(c, out, changes, out->reply);
	award = award_of(c, facts, now);
	if (award && now->kind != AWARD_CHANGE__KIND__RECHECK && facts->others_open == 0 &&
	    award_step(award->state, AWARD_DISMISS))
		change_move(c, out->writes, award, state_of_running(facts, award->id));
	return RPC_OK;
}

static enum overpayment
overpayment_of(Penalty__Cause cause)
{
	switch (cause) {
	case PENALTY__CAUSE__FRAUD:
		return OVERPAYMENT_FRAUD;
	case PENALTY__CAUSE__NOT_REPORTED:
		return OVERPAYMENT_NOT_REPORTED;
	default:
		return OVERPAYMENT_NO_FAULT;
	}
}

/* RLF-45, C-4: within the bounds of the law of that day. */
enum rpc_code
record_penalty(struct svc_call *c)
{
	const RecordPenaltyRequest *req = c->request;
	const RecordPenaltyFacts *facts = c->facts;
	RecordPenaltyEffects *out = c->effects;
	int64_t most;

	if (!facts->award)
		return no_award(c, req->award_id);
	most = amount_most_fine_fen(facts->policy, overpayment_of(req->cause), req->gain_fen);
	if (req->fine_fen > most)
		return svc_fail(c, FAILED_PRECONDITION, "FINE_TOO_HIGH",
				"罚款%lld.%02d元超过法定上限%lld.%02d元，请核对",
				(long long)(req->fine_fen / 100), (int)(req->fine_fen % 100),
				(long long)(most / 100), (int)(most % 100));
	out->reply = svc_message(c, &penalty__descriptor);
	out->reply->id = svc_id_or_new(c, req->id);
	out->reply->award_id = req->award_id;
	out->reply->cause = req->cause;
	out->reply->gain_fen = req->gain_fen;
	out->reply->fine_fen = req->fine_fen;
	out->reply->decided_on = svc_date(c, c->today);
	out->reply->decided_by = svc_copy_text(c, c->caller->id);
	out->reply->text = req->text;
	out->division = facts->award->division;
	return RPC_OK;
}
