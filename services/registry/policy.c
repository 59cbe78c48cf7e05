/* SPDX-License-Identifier: Apache-2.0 */
/* Divisions, published amounts, parameters and working days: dated, never overwritten
 * (2.1, 3.4, 3.7). */
#include <string.h>

#include "decisions.h"
#include "facts.h"

/* -- divisions ------------------------------------------------------------------------------- */

static size_t
code_length(Division__Level level)
{
	switch (level) {
	case DIVISION__LEVEL__DISTRICT:
		return 6;
	case DIVISION__LEVEL__TOWNSHIP:
		return 9;
	default:
		return 12;
	}
}

/* What new content of a division must fit: its level's code, the parent's level, a free code. */
static enum rpc_code
check_division(struct svc_call *c, const Division *division)
{
	const DivisionChangeFacts *facts = c->facts;

	if (!division->valid_from)
		return svc_fail_field(c, "division.valid_from", "请填写从哪一天起");
	if (strlen(division->code) != code_length(division->level))
		svc_fail_field(c, "division.code", "区县 6 位、乡镇街道 9 位、村社区 12 位");
	if (division->level != DIVISION__LEVEL__DISTRICT &&
	    (!facts->parent || facts->parent->level + 1 != division->level))
		svc_fail_field(c, "division.parent_id", "上级应是高一级的区划");
	if (facts->code_taken_by > 0)
		svc_fail_field(c, "division.code", "代码 %s 已由另一区划使用", division->code);
	if (!*division->source)
		svc_fail_field(c, "division.source", "请填写依据的文件");
	return svc_fields_checked(c);
}

enum rpc_code
create_division(struct svc_call *c)
{
	const CreateDivisionRequest *req = c->request;
	const DivisionChangeFacts *facts = c->facts;
	DivisionChangeEffects *out = c->effects;
	Division *division = svc_copy_message(c, req->division);

	if (facts->division)
		return svc_fail(c, ALREADY_EXISTS, "ID_TAKEN", "编号已由另一区划使用，请换一个");
	if (division->id <= 0 || division->level == DIVISION__LEVEL__LEVEL_UNSPECIFIED)
		return svc_fail_field(c, "division.id", "请填写编号和级别");
	division->version = 1;
	division->valid_to = NULL;
	out->reply = division;
	return check_division(c, division);
}

enum rpc_code
revise_division(struct svc_call *c)
{
	const ReviseDivisionRequest *req = c->request;
	const DivisionChangeFacts *facts = c->facts;
	DivisionChangeEffects *out = c->effects;
	Division *division = svc_copy_message(c, req->division);

	if (!facts->division)
		return svc_fail(c, NOT_FOUND, "NO_DIVISION", "没有这个区划，请核对编号");
	if (facts->division->version != division->version)
		return svc_fail(c, ABORTED, "CHANGED", "这个区划已被他人修改，请刷新后再办");
	if (division->valid_from && facts->division->valid_from &&
	    date_compare(svc_date_or(division->valid_from, c->today),
			 svc_date_or(facts->division->valid_from, c->today)) <= 0)
		return svc_fail_field(c, "division.valid_from", "应晚于上一次变更的日期");
	division->level = facts->division->level;
	division->version++;
	division->valid_to = NULL;
	out->reply = division;
	return check_division(c, division);
}

/* -- amounts and parameters ------------------------------------------------------------------ */

/* Since when a new row is known: now, or just after the row it replaces was. */
static Google__Protobuf__Timestamp *
known_after(struct svc_call *c, const Google__Protobuf__Timestamp *before)
{
	int64_t earliest = before ? svc_instant_us(before) + 1 : c->now;

	return svc_instant(c, earliest > c->now ? earliest : c->now);
}

enum rpc_code
set_policy_amount(struct svc_call *c)
{
	const SetPolicyAmountRequest *req = c->request;
	const SetPolicyAmountFacts *facts = c->facts;
	SetPolicyAmountEffects *out = c->effects;
	PolicyAmount *amount = svc_copy_message(c, req->amount);

	if (facts->n_later > 0)
		return svc_fail(c, FAILED_PRECONDITION, "LATER_EXISTS",
				"%s 在此之后已有新的标准，请从那一天起修改", amount->kind);
	if (amount->valid_to)
		return svc_fail_field(c, "amount.valid_to", "标准的结束由下一个标准决定");
	out->known_at = known_after(c, facts->current ? facts->current->known_from : NULL);
	amount->known_from = out->known_at;
	out->reply = amount;
	return RPC_OK;
}

enum rpc_code
set_parameter(struct svc_call *c)
{
	const SetParameterRequest *req = c->request;
	const SetParameterFacts *facts = c->facts;
	SetParameterEffects *out = c->effects;
	Parameter *parameter = svc_copy_message(c, req->parameter);

	if (!parameter->valid_from)
		return svc_fail_field(c, "parameter.valid_from", "请填写从哪一天起");
	if (facts->n_later > 0)
		return svc_fail(c, FAILED_PRECONDITION, "LATER_EXISTS",
				"%s 在此之后已有新的值，请从那一天起修改", parameter->name);
	if (parameter->valid_to)
		return svc_fail_field(c, "parameter.valid_to", "参数的结束由下一个值决定");
	out->known_at = known_after(c, facts->known_from);
	out->reply = parameter;
	return RPC_OK;
}

/* -- working days ---------------------------------------------------------------------------- */

static void
check_notice_days(struct svc_call *c, int32_t year, const char *field, Date *const *days,
		  size_t n_days, bool weekend)
{
	for (size_t i = 0; i < n_days; i++) {
		struct date day = svc_date_or(days[i], c->today);

		if (days[i]->year != year)
			svc_fail_field(c, svc_text(c, "calendar_year.%s[%zu]", field, i),
				       "不是 %d 年的日子", year);
		else if (weekend && date_weekday(day) < 6)
			svc_fail_field(c, svc_text(c, "calendar_year.%s[%zu]", field, i),
				       "调休上班的日子应是周六或周日");
	}
}

enum rpc_code
create_calendar_year(struct svc_call *c)
{
	const CreateCalendarYearRequest *req = c->request;
	const CreateCalendarYearFacts *facts = c->facts;
	CreateCalendarYearEffects *out = c->effects;
	const CalendarYear *year = req->calendar_year;

	if (facts->loaded)
		return svc_fail(c, ALREADY_EXISTS, "LOADED", "%d 年的放假安排已经录入", year->year);
	check_notice_days(c, year->year, "off", year->off, year->n_off, false);
	check_notice_days(c, year->year, "working", year->working, year->n_working, true);
	out->reply = svc_copy_message(c, year);
	return svc_fields_checked(c);
}
