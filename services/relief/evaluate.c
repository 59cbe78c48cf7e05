/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate.h"

#include "rules_aid.h"
#include "rules_tiers.h"

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
