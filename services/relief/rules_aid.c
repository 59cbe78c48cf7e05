/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_aid.h"

#include "rules_amount.h"
#include "rules_tiers.h"
#include "rules_trace.h"

enum aid_verdict
aid_check_fast(const ReliefPolicy *policy, Award__Area area, int64_t amount_fen,
	       struct date happened_on, struct date today)
{
	if (!policy->fast_aid)
		return AID_NOT_IN_FORCE;
	if (amount_fen <= 0)
		return AID_NOTHING_ASKED;
	if (date_compare(today, date_add_days(happened_on, policy->fast_aid_days)) > 0)
		return AID_TOO_LATE;
	if (amount_fen > dibao_standard_fen(policy, area))
		return AID_OVER_LIMIT;
	return AID_OK;
}

DecisionTrace *
aid_evaluate(struct svc_call *c, const ReliefPolicy *policy, const Application *application,
	     int grants_this_year)
{
	DecisionTrace *trace = svc_message(c, &decision_trace__descriptor);
	TraceTier *tier = trace_open_tier(c, trace, AWARD__PROGRAMME__TEMP_AID);

	trace->rules_version = RELIEF_RULES_VERSION;
	trace->decided_on = svc_date(c, c->today);
	trace->computed_at = svc_instant(c, c->now);
	trace_ask(
	    c, tier,
	    (struct trace_question){"RLF-40", "有需要救助的急难情形或必需支出",
				    application->need_fen, TRACE_CONDITION__COMPARISON__GREATER, 0,
				    TRACE_CONDITION__MEASURE__FEN, "申请书与入户调查", "法规"});
	trace_ask(c, tier,
		  (struct trace_question){
		      "RLF-40", "救助金额不超过单次最高额", application->need_fen,
		      TRACE_CONDITION__COMPARISON__AT_MOST, policy->temp_max_fen,
		      TRACE_CONDITION__MEASURE__FEN, "申请书与入户调查", "temp.max_amount_fen"});
	trace_ask(c, tier,
		  (struct trace_question){
		      "RLF-40", "本年度已获临时救助次数未满上限", grants_this_year,
		      TRACE_CONDITION__COMPARISON__LESS, policy->temp_max_per_year,
		      TRACE_CONDITION__MEASURE__COUNT, "救助记录", "temp.max_per_year"});
	trace->outcome = trace_outcome(trace);
	if (trace->outcome == AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED) {
		trace->summary = svc_copy_text(c, "不符合临时救助条件");
		return trace;
	}
	trace->amount = svc_message(c, &trace_amount__descriptor);
	trace->amount->standard_fen = application->need_fen;
	trace->amount->persons = 1;
	trace->amount->amount_fen = trace_amount_fen(trace->amount);
	trace->amount->first_month = amount_month_text(c, date_month(c->today));
	trace->amount->text =
	    svc_text(c, "一次性%lld.%02d元", (long long)(application->need_fen / 100),
		     (int)(application->need_fen % 100));
	trace->summary = svc_text(c, "符合临时救助条件，%s", trace->amount->text);
	return trace;
}
