/* SPDX-License-Identifier: Apache-2.0 */
/* A standard is raised: all running awards of some programmes, slice by slice (E-33). */
#include <string.h>

#include "change.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_tiers.h"

enum rpc_code
create_recalculation(struct svc_call *c)
{
	const CreateRecalculationRequest *req = c->request;
	CreateRecalculationEffects *out = c->effects;

	for (size_t i = 0; i < req->n_programmes; i++) {
		if (!tiers_judge(req->programmes[i]))
			svc_fail_field(c, svc_text(c, "programmes[%zu]", i),
				       "只有低保、特困、低保边缘、刚性支出困难按标准重新计算");
	}
	if (svc_fields_checked(c) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	out->reply = svc_message(c, &recalculation__descriptor);
	out->reply->id = svc_id_or_new(c, req->id);
	out->reply->state = RECALCULATION__STATE__RUNNING;
	out->reply->from_month = req->from_month;
	out->reply->n_programmes = req->n_programmes;
	out->reply->programmes = req->programmes;
	out->reply->text = req->text;
	out->from_on = svc_date(c, month_first(change_month(req->from_month)));
	return RPC_OK;
}

/* A content that began after the month, or has the right amount, is left alone; so a slice done
 * again changes nothing. */
static bool
recalculate(struct svc_call *c, const AdvanceRecalculationsFacts *facts,
	    AdvanceRecalculationsEffects *out, const RunningAward *award)
{
	month_number from = change_month(facts->run->from_month), begun = change_begun(c, award);
	size_t first = 0;

	if (begun > from)
		from = begun;
	while (first + 1 < facts->n_policies &&
	       date_month(svc_date_or(facts->policies[first]->on, c->today)) < from)
		first++;
	return award->file && facts->n_policies > 0 &&
	       change_recalculate(c, AWARD_SINK(out), award, facts->policies + first,
				  facts->n_policies - first, from);
}

/* The contents of one award, from the one at `first` on; returns how many there are. */
static size_t
recalculate_award(struct svc_call *c, const AdvanceRecalculationsFacts *facts,
		  AdvanceRecalculationsEffects *out, size_t first)
{
	const RunningAward *award = facts->awards[first];
	bool changed = false;
	size_t n = 0;

	for (; first + n < facts->n_awards && strcmp(facts->awards[first + n]->id, award->id) == 0;
	     n++)
		changed |= recalculate(c, facts, out, facts->awards[first + n]);
	out->run->seen++;
	out->run->changed += changed;
	out->run->cursor = award->id;
	if (changed)
		change_move(c, out->writes, award, award->state);
	return n;
}

/* Timed job: one slice. */
enum rpc_code
advance_recalculations(struct svc_call *c)
{
	const AdvanceRecalculationsFacts *facts = c->facts;
	AdvanceRecalculationsEffects *out = c->effects;

	out->reply = svc_message(c, &advance_recalculations_response__descriptor);
	out->writes = svc_message(c, &award_writes__descriptor);
	if (!facts->run)
		return RPC_OK;
	for (size_t i = 0; i < facts->n_policies; i++) {
		if (evaluate_law_is_known(c, facts->policies[i]) != RPC_OK)
			return RPC_FAILED_PRECONDITION;
	}
	out->reply->more = true;
	out->run = svc_copy_message(c, facts->run);
	if (facts->n_awards == 0)
		out->run->state = RECALCULATION__STATE__DONE;
	for (size_t i = 0; i < facts->n_awards;) {
		if (facts->awards[i]->newest != facts->awards[i]->version)
			break; /* just changed by someone: the next slice sees how */
		i += recalculate_award(c, facts, out, i);
	}
	return RPC_OK;
}
