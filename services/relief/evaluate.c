/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate.h"

#include "rules_aid.h"
#include "rules_tiers.h"

enum rpc_code
evaluate_law_is_known(struct svc_call *c, const ReliefPolicy *policy)
{
	char day[DATE_TEXT_SIZE];

	if (policy && policy->dibao_urban_fen > 0 && policy->dibao_rural_fen > 0 &&
	    policy->tekun_fen > 0)
		return RPC_OK;
	return svc_fail(c, FAILED_PRECONDITION, "NO_STANDARD",
			"缺少%s的低保或特困标准，请先登记公布的标准",
			date_format(policy ? svc_date_or(policy->on, c->today) : c->today, day));
}

DecisionTrace *
evaluate_application(struct svc_call *c, const ReliefPolicy *policy, const Application *application,
		     int grants_this_year)
{
	if (application->kind == APPLICATION__KIND__TEMPORARY)
		return aid_evaluate(c, policy, application, grants_this_year);
	return tiers_evaluate(c, policy, application->file, c->today);
}

Decision *
evaluate_record(struct svc_call *c, const Application *application, DecisionTrace *trace,
		char *text)
{
	Decision *decision = svc_message(c, &decision__descriptor);

	decision->application_id = application->id;
	decision->version = application->version;
	decision->trace = trace;
	decision->decided_on = svc_date(c, c->today);
	decision->text = text;
	decision->account_id = svc_copy_text(c, c->caller->id);
	return decision;
}

void
evaluate_fill(Application *application, const DecisionTrace *trace)
{
	application->outcome = trace->outcome;
	application->amount_fen = trace->amount ? trace->amount->amount_fen : 0;
	if (trace->amount)
		application->first_month = trace->amount->first_month;
}
