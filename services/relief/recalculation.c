/* SPDX-License-Identifier: Apache-2.0 */
/* A standard is raised: all running awards of some programmes, slice by slice (E-33). */
#include "change.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_amount.h"

enum rpc_code
create_recalculation(struct svc_call *c)
{
	const CreateRecalculationRequest *req = c->request;
	CreateRecalculationEffects *out = c->effects;

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

/* An award that began after the month, or is paid the right amount, is left alone; so a slice done
 * again changes nothing. */
static void
recalculate(struct svc_call *c, const AdvanceRecalculationsFacts *facts,
	    AdvanceRecalculationsEffects *out, const RunningAward *award)
{
	month_number from = change_month(facts->run->from_month), begun;
	size_t first = 0;
	int n;

	out->run->seen++;
	begun = date_month(svc_date_or(award->from_on, c->today));
	if (begun > from)
		from = begun;
	while (first + 1 < facts->n_policies &&
	       date_month(svc_date_or(facts->policies[first]->on, c->today)) < from)
		first++;
	if (!award->file || facts->n_policies == 0)
		return;
	n = change_write_family(c, AWARD_SINK(out), award, award->file, facts->policies + first,
				facts->n_policies - first, from, "STANDARD_RAISED", true);
	if (n == 0)
		return;
	out->run->changed++;
	change_move(c, out->writes, award, award->version + n, award->state);
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
	for (size_t i = 0; i < facts->n_awards; i++) {
		recalculate(c, facts, out, facts->awards[i]);
		out->run->cursor = facts->awards[i]->id;
	}
	return RPC_OK;
}
