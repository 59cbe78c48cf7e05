/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to persons becomes proposals: events of registry, birthdays, and what other
 * districts pay (domain rule 2.10). */
#include <string.h>

#include "change.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_amount.h"
#include "rules_clock.h"
#include "rules_fact.h"
#include "rules_state.h"
#include "rules_tiers.h"

enum { DUE_MONTHS = 1 };

static bool
due_day(const struct workday_calendar *calendar, enum fact_due due, struct date today,
	struct date *ret_day)
{
	switch (due) {
	case FACT_DUE_WORKDAYS_5:
		return workday_add(calendar, today, 5, ret_day) == WORKDAY_OK;
	case FACT_DUE_WORKDAYS_10:
		return workday_add(calendar, today, 10, ret_day) == WORKDAY_OK;
	default:
		*ret_day = date_add_months(today, DUE_MONTHS);
		return true;
	}
}

static enum rpc_code
no_calendar(struct svc_call *c)
{
	return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
			"缺少办理期限所在年份的工作日历，请先导入国务院放假通知");
}

static AwardChange__Cause
cause_of(PersonChanged__Kind kind)
{
	switch (kind) {
	case PERSON_CHANGED__KIND__DEATH:
		return AWARD_CHANGE__CAUSE__DEATH;
	case PERSON_CHANGED__KIND__CUSTODY_BEGAN:
		return AWARD_CHANGE__CAUSE__CUSTODY;
	case PERSON_CHANGED__KIND__MISSING:
		return AWARD_CHANGE__CAUSE__MISSING;
	case PERSON_CHANGED__KIND__MOVED_OUT:
		return AWARD_CHANGE__CAUSE__MOVED_AWAY;
	default:
		return AWARD_CHANGE__CAUSE__FACT;
	}
}

static AwardChange *
propose(struct svc_call *c, const RunningAward *award, const char *rule, const char *text)
{
	AwardChange *change = svc_message(c, &award_change__descriptor);

	change->id = svc_new_id(c);
	change->version = 1;
	change->award_id = award->id;
	change->award_version = award->version;
	change->kind = AWARD_CHANGE__KIND__RECHECK;
	change->cause = AWARD_CHANGE__CAUSE__FACT;
	change->state = AWARD_CHANGE__STATE__PROPOSED;
	change->rule = svc_copy_text(c, rule);
	change->text = svc_copy_text(c, text);
	change->old_amount_fen = change->amount_fen = award->amount_fen;
	change->proposed_by = svc_copy_text(c, c->caller->id);
	return change;
}

/* E-01, E-19, E-22: the award ends, or is computed for the family that is left. */
static void
compute(struct svc_call *c, const ReliefPolicy *policy, const RunningAward *award,
	const struct fact_rule *rule, const PersonChanged *event, AwardChange *change)
{
	DecisionTrace *trace;

	change->cause = cause_of(event->kind);
	if (!award->file ||
	    fact_ends_award(policy, rule, award->file, event->person_id, c->today)) {
		change->kind = AWARD_CHANGE__KIND__STOP;
		change->amount_fen = 0;
		return;
	}
	change->kind = AWARD_CHANGE__KIND__ADJUST;
	change->file = svc_copy_message(c, award->file);
	fact_apply(change->file, rule, event->person_id, event->kind);
	trace = tiers_evaluate_as(c, policy, change->file, c->today, award->programme);
	change->trace = trace;
	change->amount_fen = trace->outcome == award->programme ? trace->amount->amount_fen : 0;
}

static void
add_row(struct svc_call *c, TakePersonEventsEffects *out, const RunningAward *award,
	const PersonChanged *event, month_number from, AwardChange *change)
{
	ChangeRow *row = SVC_ADD(c, out, rows, change_row);

	change->from_month = amount_month_text(c, from);
	change->adverse = change_is_adverse(change, award->programme);
	row->change = change;
	row->division = award->division;
	row->fact_id = event->fact_id;
	row->fact_version = event->version;
	row->from_on = svc_date(c, month_first(from));
	if (change->kind != AWARD_CHANGE__KIND__RECHECK)
		SVC_APPEND(c, out, adjusting, award->id);
}

/* The content of the first month that the event changes, of today when that is later. */
static const RunningAward *
award_from(const struct svc_call *c, const char *id, month_number from)
{
	const TakePersonEventsFacts *facts = c->facts;
	struct date first = month_first(from);

	return change_award(facts->awards, facts->n_awards, id,
			    date_compare(first, c->today) > 0 ? first : c->today);
}

static enum rpc_code
take_event(struct svc_call *c, const struct workday_calendar *calendar, const PersonChanged *event,
	   const RunningAward *award)
{
	const TakePersonEventsFacts *facts = c->facts;
	const struct fact_rule *rule = fact_rule(event->kind, award->programme);
	struct date due, previous_on;
	bool moved = svc_date_get(event->previous_on, &previous_on);
	month_number from;
	AwardChange *change;

	if (!rule)
		return RPC_OK;
	if (award->newest != award->version)
		return svc_fail(c, ABORTED, "CHANGED", "救助待遇 %s 正在变更，稍后再办", award->id);
	from = fact_first_month(rule, svc_date_or(event->effective_on, c->today),
				moved ? &previous_on : NULL);
	award = award_from(c, award->id, from);
	if (!due_day(calendar, rule->due, c->today, &due))
		return no_calendar(c);
	change = propose(c, award, rule->rule, rule->text);
	change->person_id = event->person_id;
	change->due_on = svc_date(c, due);
	if (event->action == PERSON_CHANGED__ACTION__REVOKED)
		change->text = svc_text(c, "事件已撤销，请复核并更正：%s", rule->text);
	else if (rule->effect != FACT_RECHECK)
		compute(c, facts->policy, award, rule, event, change);
	add_row(c, c->effects, award, event, from, change);
	return RPC_OK;
}

enum rpc_code
take_person_events(struct svc_call *c)
{
	const TakePersonEventsRequest *req = c->request;
	const TakePersonEventsFacts *facts = c->facts;
	struct workday_calendar calendar;

	clock_calendar(facts->days, facts->n_days, &calendar);
	for (size_t i = 0; i < req->n_events; i++) {
		for (size_t k = 0; k < facts->n_links; k++) {
			const RunningAward *award;
			enum rpc_code code;

			if (strcmp(facts->links[k]->person_id, req->events[i]->person_id) != 0)
				continue;
			award = change_award(facts->awards, facts->n_awards,
					     facts->links[k]->award_id, c->today);
			code = award ? take_event(c, &calendar, req->events[i], award) : RPC_OK;
			if (code != RPC_OK)
				return code;
		}
	}
	return RPC_OK;
}

/* The school that lets a minor's place go on (RLF-32), as registry knows it; NULL when there is
 * none.
 */
static const Schooling *
schooling_of(const RemindBirthdaysFacts *facts, const char *person_id)
{
	static const char *const stages[] = {"COMPULSORY", "UPPER_SECONDARY", "VOCATIONAL"};

	for (size_t i = 0; i < facts->n_schoolings; i++) {
		const Schooling *schooling = facts->schoolings[i];

		for (size_t k = 0; k < sizeof(stages) / sizeof(stages[0]); k++) {
			if (strcmp(schooling->person_id, person_id) == 0 &&
			    strcmp(schooling->stage, stages[k]) == 0)
				return schooling;
		}
	}
	return NULL;
}

static void
add_birthday(struct svc_call *c, const RunningAward *award, AwardChange *change, month_number after)
{
	RemindBirthdaysEffects *out = c->effects;
	ChangeRow *row = SVC_ADD(c, out, rows, change_row);

	change->person_id = award->applicant_person_id;
	change->from_month = amount_month_text(c, after + 1);
	row->change = change;
	row->division = award->division;
	row->from_on = svc_date(c, month_first(after + 1));
}

/* E-13, RLF-32: who turns 18 this month goes on while at school, with a reminder when that ends;
 * who is at none stops after the month, unless a disability lets the place go on. */
static void
remind(struct svc_call *c, const RunningAward *award)
{
	const FamilyMember *minor = family_applicant(award->file);
	const Schooling *schooling = schooling_of(c->facts, award->applicant_person_id);
	struct date month_end = month_last(date_month(c->today)), born, until;
	bool ends;
	AwardChange *change;

	if (!minor || !svc_date_get(minor->born_on, &born) ||
	    fact_minor_until(born, NULL) != date_month(c->today))
		return;
	if (schooling || minor->at_school) {
		ends = schooling && svc_date_get(schooling->until, &until);
		change =
		    propose(c, award, "RLF-32", "年满18周岁，仍在校就读：继续供养，离校时复核");
		change->due_on = svc_date(c, ends ? until : month_end);
		add_birthday(c, award, change, fact_minor_until(born, ends ? &until : NULL));
	} else if (!family_no_working_capacity(minor, month_end)) {
		change = propose(c, award, "E-13", "年满18周岁且不在校：次月起停止供养");
		change->kind = AWARD_CHANGE__KIND__STOP;
		change->cause = AWARD_CHANGE__CAUSE__CAPACITY;
		change->amount_fen = 0;
		change->adverse = true;
		change->due_on = svc_date(c, month_end);
		add_birthday(c, award, change, date_month(c->today));
	}
}

enum rpc_code
remind_birthdays(struct svc_call *c)
{
	const RemindBirthdaysFacts *facts = c->facts;
	RemindBirthdaysEffects *out = c->effects;

	out->reply = svc_message(c, &remind_birthdays_response__descriptor);
	for (size_t i = 0; i < facts->n_awards; i++) {
		if (facts->awards[i]->file)
			remind(c, facts->awards[i]);
	}
	return RPC_OK;
}

/* E-32: the member leaves our award, which ends with the last one. */
static const struct fact_rule elsewhere = {
    .effect = FACT_DROP_MEMBER, .due = FACT_DUE_WORKDAYS_10, .rule = "E-32"};

static enum rpc_code
may_report(struct svc_call *c, const ReportElsewhereRequest *req, const ChangeFacts *facts)
{
	const RunningAward *award = facts->award;

	if (!award || !award->file || !family_member(award->file, req->person_id))
		return svc_fail(c, NOT_FOUND, "NO_AWARD",
				"本辖区没有编号为 %s 且包含此人的救助待遇，请核对", req->award_id);
	if (award->version != req->award_version)
		return svc_fail(c, ABORTED, "CHANGED", "救助待遇 %s 已被他人变更，请刷新后再办",
				req->award_id);
	if (!award_step(award->state, AWARD_PROPOSE))
		return svc_fail(c, FAILED_PRECONDITION, "NOT_PAYING",
				"救助待遇 %s %s，不能再提出变更", award->id,
				award_state_name(award->state));
	if (!fact_gives_way(change_month(facts->first_month), change_month(req->from_month)))
		return svc_fail(c, FAILED_PRECONDITION, "OURS_IS_EARLIER",
				"本区自%s起救助，在先；重复部分由%s处理，请将比对结果函告对方",
				facts->first_month, req->district);
	return evaluate_law_is_known(c, facts->policy);
}

enum rpc_code
report_elsewhere(struct svc_call *c)
{
	const ReportElsewhereRequest *req = c->request;
	const ChangeFacts *facts = c->facts;
	ChangeEffects *out = c->effects;
	const RunningAward *award = facts->award;
	PersonChanged found = PERSON_CHANGED__INIT;
	struct workday_calendar calendar;
	struct date due;
	enum rpc_code code = may_report(c, req, facts);

	if (code != RPC_OK)
		return code;
	clock_calendar(facts->days, facts->n_days, &calendar);
	if (!due_day(&calendar, elsewhere.due, c->today, &due))
		return no_calendar(c);
	found.person_id = req->person_id;
	out->change = propose(
	    c, award, elsewhere.rule,
	    svc_text(c, "%s自%s起已有同类救助（来源：%s），在先；本区在后，暂扣并追回重复部分",
		     req->district, req->from_month, req->source));
	compute(c, facts->policy, award, &elsewhere, &found, out->change);
	if (req->id[0])
		out->change->id = req->id;
	out->change->cause = AWARD_CHANGE__CAUSE__DUPLICATE;
	out->change->person_id = req->person_id;
	out->change->due_on = svc_date(c, due);
	out->change->from_month = facts->first_month;
	out->change->adverse = change_is_adverse(out->change, award->programme);
	out->from_on = svc_date(c, month_first(change_month(out->change->from_month)));
	out->writes = svc_message(c, &award_writes__descriptor);
	change_move(c, out->writes, award, award_step(award->state, AWARD_PROPOSE)->next);
	out->reply = svc_alloc(c, sizeof(*out->reply));
	*out->reply = *out->change;
	out->reply->file = NULL;
	return RPC_OK;
}
