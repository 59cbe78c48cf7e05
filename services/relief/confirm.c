/* SPDX-License-Identifier: Apache-2.0 */
/* Confirming: applications become awards, one or many in a commit. */
#include <string.h>

#include "award_writes.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_amount.h"
#include "rules_clock.h"
#include "rules_notice.h"
#include "rules_state.h"
#include "rules_trace.h"
#include "svc/lists.h"

/* Why an application cannot be confirmed. */
enum obstacle {
	CONFIRMABLE,
	NO_APPLICATION,
	CHANGED,
	WRONG_STATE,
	NOTICE_RUNNING,
	MAKER_IS_CHECKER,
	VISIT_MISSING,
	NOT_ELIGIBLE,
	OUTCOME_CHANGED,
	ALREADY_COVERED,
	PLACE_HELD,
	N_OBSTACLES,
};

static const struct {
	const char *reason, *text;
} obstacles[N_OBSTACLES] = {
    [NO_APPLICATION] = {"NO_APPLICATION", "本辖区没有这份申请，请核对编号"},
    [CHANGED] = {"CHANGED", "申请已被他人修改，请刷新后再办"},
    [WRONG_STATE] = {"WRONG_STATE", "申请尚未公示或已经办结，现在不能确认"},
    [NOTICE_RUNNING] = {"NOTICE_RUNNING", "公示期未满，期满次日起才能确认"},
    [MAKER_IS_CHECKER] = {"MAKER_IS_CHECKER", "初审人不能确认自己初审的申请，请由他人确认"},
    [VISIT_MISSING] = {"VISIT_MISSING", "近亲属备案或有异议的申请，区县入户调查后才能确认"},
    [NOT_ELIGIBLE] = {"NOT_ELIGIBLE", "经复核不符合条件，请作出不予确认决定"},
    [OUTCOME_CHANGED] = {"OUTCOME_CHANGED", "认定类别与公示不同，请重新公示"},
    [ALREADY_COVERED] = {"ALREADY_COVERED", "家庭成员已在享受救助，请先办理停发或变更"},
    [PLACE_HELD] = {"PLACE_HELD", "家庭成员已在其他区县（或从以后月份起）享受低保、特困供养："
				  "请核实是否同一人，是的先由那里停发，不是的更正证件号码后再办"},
};

static const OpinionRow *
opinion_of(const StepFacts *facts, const char *id)
{
	for (size_t i = 0; i < facts->n_opinions; i++) {
		if (strcmp(facts->opinions[i]->id, id) == 0)
			return facts->opinions[i];
	}
	return NULL;
}

/* RLF-10 leaves the edge household as it is; RLF-20, RLF-34 forbid every other overlap. */
static bool
is_covered(const StepFacts *facts, const Application *application)
{
	if (application->kind == APPLICATION__KIND__TEMPORARY)
		return false;
	for (size_t i = 0; i < facts->n_covered; i++) {
		const Covered *covered = facts->covered[i];

		if (application->file->single_person &&
		    covered->programme == AWARD__PROGRAMME__EDGE)
			continue;
		if (family_member(application->file, covered->person_id))
			return true;
	}
	return false;
}

/* A place that no award of today's shows: in another district, or from a month to come. */
static bool
holds_place(const StepFacts *facts, const Application *application)
{
	if (application->kind == APPLICATION__KIND__TEMPORARY)
		return false;
	for (size_t i = 0; i < facts->n_claimed; i++)
		if (family_member(application->file, facts->claimed[i]))
			return true;
	return false;
}

static enum obstacle
find_obstacle(const struct svc_call *c, const StepFacts *facts, const Application *application,
	      const DecisionTrace *trace)
{
	const OpinionRow *opinion = opinion_of(facts, application->id);
	struct date notice_ends;

	if (!svc_date_get(application->notice_ends_on, &notice_ends) ||
	    date_compare(c->today, notice_ends) <= 0)
		return NOTICE_RUNNING;
	if (!opinion || strcmp(opinion->opinion_by, c->caller->id) == 0)
		return MAKER_IS_CHECKER;
	if ((application->relative_of_staff || application->complained) && !opinion->county_visited)
		return VISIT_MISSING;
	if (trace->outcome == AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		return NOT_ELIGIBLE;
	if (trace->outcome != application->outcome)
		return OUTCOME_CHANGED;
	if (is_covered(facts, application))
		return ALREADY_COVERED;
	return holds_place(facts, application) ? PLACE_HELD : CONFIRMABLE;
}

static void
describe_head(struct svc_call *c, AwardHead *head, const Application *application,
	      const ReliefPolicy *policy)
{
	const FamilyFile *file = application->file;

	head->household_id =
	    head->unit == AWARD__UNIT__HOUSEHOLD ? application->household_id : head->household_id;
	head->applicant_person_id = application->applicant_person_id;
	head->division = application->division;
	head->area = file->area;
	head->single_person = file->single_person;
	head->care_mode = head->programme == AWARD__PROGRAMME__TEKUN
			      ? file->care_mode
			      : AWARD__CARE_MODE__CARE_MODE_UNSPECIFIED;
	head->application_id = application->id;
	if (head->programme == AWARD__PROGRAMME__TEMP_AID)
		return;
	head->recheck_class = family_recheck_class(policy, file, c->today);
	head->next_recheck_on =
	    svc_date(c, clock_next_recheck(policy, head->recheck_class, head->area, c->today));
}

static void
add_temp_aid(struct svc_call *c, ConfirmEffects *out, const Application *application)
{
	TempAid *aid = SVC_ADD(c, out, temp_aids, temp_aid);

	aid->id = svc_new_id(c);
	aid->award_id = application->award_id;
	aid->application_id = application->id;
	aid->emergency_id = application->emergency_id;
	aid->person_id = application->applicant_person_id;
	aid->division = application->division;
	aid->aid_type = application->aid_type;
	aid->channel = application->channel;
	aid->cause = application->cause;
	aid->amount_fen = application->amount_fen;
	aid->granted_on = svc_date(c, c->today);
}

static void
add_single_share(struct svc_call *c, struct award_version *version, const char *person_id)
{
	AwardShare *share =
	    svc_add(c, &version->n_shares, &version->shares, &award_share__descriptor);

	share->person_id = svc_copy_text(c, person_id);
	share->amount_fen = version->amount_fen;
}

/* The award of a confirmed application, its first version and its claims. */
static void
grant(struct svc_call *c, const StepFacts *facts, ConfirmEffects *out, Application *application,
      DecisionTrace *trace)
{
	AwardHead *head = award_add_head(c, out->writes, trace->outcome, "");
	month_number from = amount_first_month(facts->policy, c->today), only;
	struct award_version version = {
	    .head = head,
	    .version = 1,
	    .amount_fen = trace->amount->amount_fen,
	    .income_per_capita_fen = trace->income_per_capita_fen,
	    .payee_person_id = application->payee_person_id[0] ? application->payee_person_id
							       : application->applicant_person_id,
	    .account_id = application->account_id,
	    .from = from,
	    .reason = "CONFIRMED",
	    .file = application->file,
	    .trace = trace,
	};

	describe_head(c, head, application, facts->policy);
	application->award_id = head->id;
	if (trace->outcome == AWARD__PROGRAMME__TEMP_AID) {
		only = version.from = date_month(c->today);
		version.to = &only;
		add_single_share(c, &version, application->applicant_person_id);
		add_temp_aid(c, out, application);
	} else {
		if (trace->outcome == AWARD__PROGRAMME__TEKUN)
			version.care_grade = family_care_grade(application->file->self_care,
							       application->file->n_self_care);
		amount_shares(c, facts->policy, application->file, trace, c->today,
			      &version.n_shares, &version.shares);
		award_add_claims(c, out->writes, head, version.shares, version.n_shares);
	}
	award_add_version(c, AWARD_SINK(out), &version);
}

static enum obstacle
confirm_one(struct svc_call *c, const Application *now)
{
	const StepFacts *facts = c->facts;
	ConfirmEffects *out = c->effects;
	const struct application_step *step = application_step(now->state, APPLICATION_CONFIRM);
	const OpinionRow *opinion = opinion_of(facts, now->id);
	Application *application;
	DecisionTrace *trace;
	enum obstacle obstacle;

	if (!step)
		return WRONG_STATE;
	trace =
	    evaluate_application(c, facts->policy, now, opinion ? opinion->grants_this_year : 0);
	obstacle = find_obstacle(c, facts, now, trace);
	if (obstacle != CONFIRMABLE)
		return obstacle;

	application = svc_copy_message(c, now);
	application->state = step->next;
	application->version++;
	application->maker = svc_copy_text(c, c->caller->id);
	application->decided_on = svc_date(c, c->today);
	evaluate_fill(application, trace);
	grant(c, facts, out, application, trace);
	SVC_APPEND(c, out, decisions,
		   evaluate_record(c, application, trace, svc_copy_text(c, trace->summary)));
	SVC_APPEND(c, out, applications, application);
	out->confirmed++;
	return CONFIRMABLE;
}

static enum rpc_code
fail_with(struct svc_call *c, enum obstacle obstacle)
{
	const char *text = obstacles[obstacle].text;

	switch (obstacle) {
	case NO_APPLICATION:
		return svc_fail(c, NOT_FOUND, "NO_APPLICATION", "%s", text);
	case CHANGED:
		return svc_fail(c, ABORTED, "CHANGED", "%s", text);
	case WRONG_STATE:
		return svc_fail(c, FAILED_PRECONDITION, "WRONG_STATE", "%s", text);
	case NOTICE_RUNNING:
		return svc_fail(c, FAILED_PRECONDITION, "NOTICE_RUNNING", "%s", text);
	case MAKER_IS_CHECKER:
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER", "%s", text);
	case VISIT_MISSING:
		return svc_fail(c, FAILED_PRECONDITION, "VISIT_MISSING", "%s", text);
	case OUTCOME_CHANGED:
		return svc_fail(c, FAILED_PRECONDITION, "OUTCOME_CHANGED", "%s", text);
	case ALREADY_COVERED:
		return svc_fail(c, FAILED_PRECONDITION, "ALREADY_COVERED", "%s", text);
	case PLACE_HELD:
		return svc_fail(c, FAILED_PRECONDITION, "PLACE_HELD", "%s", text);
	default:
		return svc_fail(c, FAILED_PRECONDITION, "NOT_ELIGIBLE", "%s", text);
	}
}

/* PUBLICISED, COUNTY_REVIEW -> CONFIRMED (RLF-08, RLF-11). */
enum rpc_code
confirm_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	const StepFacts *facts = c->facts;
	ConfirmEffects *out = c->effects;
	enum obstacle obstacle;

	out->writes = svc_message(c, &award_writes__descriptor);
	if (facts->n_applications == 0)
		return fail_with(c, NO_APPLICATION);
	if (evaluate_law_is_known(c, facts->policy) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	if (facts->applications[0]->version != req->version)
		return fail_with(c, CHANGED);
	obstacle = confirm_one(c, facts->applications[0]);
	if (obstacle != CONFIRMABLE)
		return fail_with(c, obstacle);
	out->reply = svc_alloc(c, sizeof(*out->reply));
	*out->reply = *out->applications[0];
	out->reply->file = NULL;
	return RPC_OK;
}

static const Application *
application_of(const StepFacts *facts, const char *id)
{
	for (size_t i = 0; i < facts->n_applications; i++) {
		if (strcmp(facts->applications[i]->id, id) == 0)
			return facts->applications[i];
	}
	return NULL;
}

/* Left out by the caller, or named before. */
static bool
is_left_out(const ConfirmApplicationsRequest *req, size_t at)
{
	const char *id = req->ids[at];

	return svc_is_listed(req->ids, at, id) ||
	       svc_is_listed(req->except_ids, req->n_except_ids, id);
}

enum rpc_code
confirm_applications(struct svc_call *c)
{
	const ConfirmApplicationsRequest *req = c->request;
	const StepFacts *facts = c->facts;
	ConfirmEffects *out = c->effects;

	if (evaluate_law_is_known(c, facts->policy) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	out->writes = svc_message(c, &award_writes__descriptor);
	for (size_t i = 0; i < req->n_ids; i++) {
		const Application *application = application_of(facts, req->ids[i]);
		enum obstacle obstacle;
		BatchException *exception;

		if (is_left_out(req, i))
			continue;
		obstacle = application ? confirm_one(c, application) : NO_APPLICATION;
		if (obstacle == CONFIRMABLE)
			continue;
		exception = SVC_ADD(c, out, exceptions, batch_exception);
		exception->id = req->ids[i];
		exception->reason = svc_copy_text(c, obstacles[obstacle].reason);
		exception->text = svc_copy_text(c, obstacles[obstacle].text);
	}
	return RPC_OK;
}
