/* SPDX-License-Identifier: Apache-2.0 */
/* The township's opinion, the public notice and the refusal. */
#include <string.h>

#include "decisions.h"
#include "evaluate.h"
#include "rules_clock.h"
#include "rules_notice.h"
#include "steps.h"

/* SURVEY, DEMOCRATIC_REVIEW -> FIRST_OPINION: one pass over all tiers (RLF-22). */
enum rpc_code
give_first_opinion(struct svc_call *c)
{
	const GiveFirstOpinionRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	DecisionTrace *trace;
	enum rpc_code code =
	    step_begin(c, req->id, req->version, APPLICATION_GIVE_OPINION, req->text);

	if (code != RPC_OK)
		return code;
	trace = evaluate_application(c, facts->policy, out->application, facts->grants_this_year);
	if (req->favourable && trace->outcome == AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_ELIGIBLE",
				"%s，不能提出同意的初审意见", trace->summary);
	evaluate_fill(out->application, trace);
	out->decision =
	    evaluate_record(c, out->application, trace, svc_copy_text(c, trace->summary));
	out->evaluated = out->gives_opinion = true;
	return step_done(c);
}

/* FIRST_OPINION, RECHECK -> PUBLICISED (C-5, RLF-16). */
enum rpc_code
publicise_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	struct workday_calendar calendar;
	DecisionTrace *trace;
	struct date last;
	bool again;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_PUBLICISE, req->text);

	if (code != RPC_OK)
		return code;
	again = facts->application->state == APPLICATION__STATE__RECHECK;
	trace = evaluate_application(c, facts->policy, out->application, facts->grants_this_year);
	if (trace->outcome == AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_ELIGIBLE",
				"%s，不能公示；请作出不予确认决定", trace->summary);
	clock_calendar(facts->days, facts->n_days, &calendar);
	if (clock_notice_end(&calendar, facts->policy, c->today, again, &last) != WORKDAY_OK)
		return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
				"缺少公示期所在年份的工作日历，请先导入国务院放假通知");
	evaluate_fill(out->application, trace);
	out->application->publicised_on = svc_date(c, c->today);
	out->application->notice_ends_on = svc_date(c, last);
	out->notice = notice_public(c, facts->village, out->application->file, trace, last);
	return step_done(c);
}

/* -> REFUSED, told with every reason and the remedies (CMP-12). */
enum rpc_code
refuse_application(struct svc_call *c)
{
	const RefuseApplicationRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	DecisionTrace *trace;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_REFUSE, req->reason);

	if (code != RPC_OK)
		return code;
	trace = evaluate_application(c, facts->policy, out->application, facts->grants_this_year);
	if (trace->outcome != AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED && !req->reason[0])
		return svc_fail(c, FAILED_PRECONDITION, "ELIGIBLE", "%s；如不予确认，必须写明理由",
				trace->summary);
	if (strcmp(facts->opinion_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"初审人不能对自己初审的申请作出决定，请由他人办理");
	out->decides = true;
	out->application->decided_on = svc_date(c, c->today);
	out->application->outcome = AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED;
	out->application->amount_fen = 0;
	out->application->first_month = svc_copy_text(c, "");
	out->decision =
	    evaluate_record(c, out->application, trace,
			    notice_refusal(c, out->application, trace, req->reason, c->today));
	out->evaluated = true;
	return step_done(c);
}
