/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_trace.h"

#include <string.h>

#include "rules_income.h"

const char *
programme_name(Award__Programme programme)
{
	static const char *const names[] = {
	    [AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED] = "社会救助",
	    [AWARD__PROGRAMME__DIBAO] = "最低生活保障",
	    [AWARD__PROGRAMME__TEKUN] = "特困人员救助供养",
	    [AWARD__PROGRAMME__EDGE] = "低保边缘家庭",
	    [AWARD__PROGRAMME__RIGID] = "刚性支出困难家庭",
	    [AWARD__PROGRAMME__JINGJIAN] = "精简退职老职工生活补助",
	    [AWARD__PROGRAMME__TEMP_AID] = "临时救助",
	    [AWARD__PROGRAMME__ONE_OFF] = "一次性生活补助",
	    [AWARD__PROGRAMME__PRICE_SUBSIDY] = "价格临时补贴",
	    [AWARD__PROGRAMME__OTHER_RELIEF] = "其他救助",
	};
	size_t i = (size_t)programme;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : names[0];
}

TraceTier *
trace_open_tier(struct svc_call *c, DecisionTrace *trace, Award__Programme programme)
{
	TraceTier *tier = SVC_ADD(c, trace, tiers, trace_tier);

	tier->programme = programme;
	tier->eligible = true;
	return tier;
}

void
trace_ask(struct svc_call *c, TraceTier *tier, struct trace_question question)
{
	TraceCondition *condition = SVC_ADD(c, tier, conditions, trace_condition);

	condition->rule = svc_copy_text(c, question.rule);
	condition->text = svc_copy_text(c, question.text);
	condition->value = question.value;
	condition->threshold = question.threshold;
	condition->comparison = question.comparison;
	condition->measure = question.measure;
	condition->holds = trace_holds(question.comparison, question.value, question.threshold);
	condition->distance = question.value - question.threshold;
	condition->source = svc_copy_text(c, question.source);
	condition->threshold_source = svc_copy_text(c, question.threshold_source);
	tier->eligible = tier->eligible && condition->holds;
}

bool
trace_holds(TraceCondition__Comparison comparison, int64_t value, int64_t threshold)
{
	switch (comparison) {
	case TRACE_CONDITION__COMPARISON__LESS:
		return value < threshold;
	case TRACE_CONDITION__COMPARISON__AT_MOST:
		return value <= threshold;
	case TRACE_CONDITION__COMPARISON__GREATER:
		return value > threshold;
	case TRACE_CONDITION__COMPARISON__AT_LEAST:
		return value >= threshold;
	case TRACE_CONDITION__COMPARISON__IS_TRUE:
		return value == 1;
	case TRACE_CONDITION__COMPARISON__IS_FALSE:
		return value == 0;
	default:
		return false;
	}
}

int64_t
trace_amount_fen(const TraceAmount *amount)
{
	int64_t base = amount->standard_fen * amount->persons - amount->income_fen;

	return (base > 0 ? base : 0) - amount->withheld_fen + amount->increment_fen +
	       amount->care_fen;
}

Award__Programme
trace_outcome(const DecisionTrace *trace)
{
	for (size_t i = 0; i < trace->n_tiers; i++) {
		if (trace->tiers[i]->eligible)
			return trace->tiers[i]->programme;
	}
	return AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED;
}

static bool
members_add_up(const DecisionTrace *trace)
{
	int n = 0;

	for (size_t i = 0; i < trace->n_members; i++)
		n += trace->members[i]->counted != 0;
	return n == trace->counted_members;
}

static bool
incomes_add_up(const DecisionTrace *trace)
{
	int64_t twelfths = 0, per_capita;

	for (size_t i = 0; i < trace->n_incomes; i++) {
		const TraceIncome *income = trace->incomes[i];

		if (income->months != 1 && income->months != 12)
			return false;
		twelfths += income->counted_fen * (12 / income->months);
	}
	per_capita = trace->counted_members ? trace->income_fen / trace->counted_members : 0;
	return income_monthly(twelfths) == trace->income_fen &&
	       per_capita == trace->income_per_capita_fen;
}

/* Conditions on the family's own income must have used the income of this trace. */
static bool
condition_follows(const DecisionTrace *trace, const TraceCondition *condition)
{
	if (strcmp(condition->source, "income") == 0 &&
	    condition->value != trace->income_per_capita_fen)
		return false;
	return trace_holds(condition->comparison, condition->value, condition->threshold) ==
		   (condition->holds != 0) &&
	       condition->distance == condition->value - condition->threshold;
}

static enum trace_verdict
tier_follows(const DecisionTrace *trace, const TraceTier *tier)
{
	bool all = tier->n_conditions > 0;

	for (size_t i = 0; i < tier->n_conditions; i++) {
		if (!condition_follows(trace, tier->conditions[i]))
			return TRACE_WRONG_CONDITION;
		all = all && tier->conditions[i]->holds;
	}
	return all == (tier->eligible != 0) ? TRACE_OK : TRACE_WRONG_TIER;
}

enum trace_verdict
trace_verify(const DecisionTrace *trace)
{
	if (!members_add_up(trace))
		return TRACE_WRONG_MEMBERS;
	if (!incomes_add_up(trace))
		return TRACE_WRONG_INCOME;
	for (size_t i = 0; i < trace->n_tiers; i++) {
		enum trace_verdict verdict = tier_follows(trace, trace->tiers[i]);

		if (verdict != TRACE_OK)
			return verdict;
	}
	if (trace->outcome != trace_outcome(trace))
		return TRACE_WRONG_OUTCOME;
	if (trace->amount && trace->amount->amount_fen != trace_amount_fen(trace->amount))
		return TRACE_WRONG_AMOUNT;
	return TRACE_OK;
}
