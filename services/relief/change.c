/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include "rules_amount.h"
#include "rules_tiers.h"

AwardHead *
change_head(struct svc_call *c, const RunningAward *award)
{
	AwardHead *head = svc_message(c, &award_head__descriptor);

	head->id = award->id;
	head->programme = award->programme;
	head->unit = award->unit;
	head->household_id = award->household_id;
	head->applicant_person_id = award->applicant_person_id;
	head->division = award->division;
	head->area = award->area;
	return head;
}

const RunningAward *
change_award(RunningAward *const *awards, size_t n_awards, const char *id)
{
	for (size_t i = 0; i < n_awards; i++) {
		if (strcmp(awards[i]->id, id) == 0)
			return awards[i];
	}
	return NULL;
}

month_number
change_month(const char *text)
{
	month_number month = 0;

	return month_parse(text, &month) ? month : 0;
}

void
change_move(struct svc_call *c, AwardWrites *writes, const RunningAward *award, int32_t version,
	    Award__State state)
{
	AwardMove *move = SVC_ADD(c, writes, moves, award_move);

	move->id = award->id;
	move->version = version;
	move->state = state;
}

static struct award_version
version_of(const RunningAward *award, const AwardHead *head, int32_t version, month_number from,
	   const char *reason)
{
	return (struct award_version){
	    .head = head,
	    .version = version,
	    .supersedes = version - 1,
	    .payee_person_id = award->payee_person_id,
	    .account_id = award->account_id,
	    .from = from,
	    .reason = reason,
	};
}

void
change_write_stop(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		  month_number from, const char *reason)
{
	struct award_version version =
	    version_of(award, change_head(c, award), award->version + 1, from, reason);

	award_add_version(c, sink, &version);
	for (size_t i = 0; award->file && i < award->file->n_members; i++)
		award_lose_claim(c, sink.writes, award->id, award->file->members[i]->person_id);
}

/* Members of the old family who are not in the new one give up their claim. */
static void
lose_leavers(struct svc_call *c, AwardWrites *writes, const RunningAward *award,
	     const FamilyFile *file)
{
	for (size_t i = 0; award->file && i < award->file->n_members; i++) {
		const char *person_id = award->file->members[i]->person_id;

		if (!family_member(file, person_id))
			award_lose_claim(c, writes, award->id, person_id);
	}
}

/* The award goes on as what it is: its own programme's amount, even where another tier would fit
 * too; nothing when its own conditions no longer hold. */
static DecisionTrace *
evaluate_as(struct svc_call *c, const RunningAward *award, const FamilyFile *file,
	    const ReliefPolicy *policy, struct date on)
{
	DecisionTrace *trace = tiers_evaluate(c, policy, file, on);

	for (size_t i = 0; i < trace->n_tiers; i++) {
		if (trace->tiers[i]->programme != award->programme || !trace->tiers[i]->eligible)
			continue;
		if (trace->outcome != award->programme) {
			trace->outcome = award->programme;
			trace->amount = amount_of_outcome(c, policy, file, trace, on);
		}
		return trace;
	}
	trace->outcome = AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED;
	trace->amount = NULL;
	return trace;
}

static void
write_months(struct svc_call *c, struct award_sink sink, struct award_version *version,
	     const FamilyFile *file, const ReliefPolicy *policy, DecisionTrace *trace,
	     struct date on, const month_number *to)
{
	version->to = to;
	version->file = svc_copy_message(c, file);
	version->trace = trace;
	version->income_per_capita_fen = trace->income_per_capita_fen;
	version->amount_fen = trace->amount ? trace->amount->amount_fen : 0;
	version->shares = NULL;
	version->n_shares = 0;
	if (version->head->programme == AWARD__PROGRAMME__TEKUN)
		version->care_grade = family_care_grade(file->self_care, file->n_self_care);
	if (trace->amount)
		amount_shares(c, policy, file, trace, on, &version->n_shares, &version->shares);
	award_add_version(c, sink, version);
}

static struct date
day_of(const struct svc_call *c, const ReliefPolicy *policy)
{
	return svc_date_or(policy->on, c->today);
}

static int64_t
amount_of(const DecisionTrace *trace)
{
	return trace->amount ? trace->amount->amount_fen : 0;
}

/* How many of the policies from the first on give the amount of the first. */
static size_t
months_alike(struct svc_call *c, const RunningAward *award, const FamilyFile *file,
	     ReliefPolicy *const *policies, size_t n_policies, int64_t amount)
{
	size_t n = 1;

	while (n < n_policies && amount_of(evaluate_as(c, award, file, policies[n],
						       day_of(c, policies[n]))) == amount)
		n++;
	return n;
}

/* One version a run of months under which the law gives the same amount. */
int
change_write_family(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		    const FamilyFile *file, ReliefPolicy *const *policies, size_t n_policies,
		    month_number from, const char *reason, bool only_if_different)
{
	struct award_version version =
	    version_of(award, change_head(c, award), award->version + 1, from, reason);
	int n = 0;

	for (size_t i = 0, alike; i < n_policies; i += alike) {
		struct date on = day_of(c, policies[i]);
		DecisionTrace *trace = evaluate_as(c, award, file, policies[i], on);
		bool is_last;
		month_number last;

		alike =
		    months_alike(c, award, file, policies + i, n_policies - i, amount_of(trace));
		is_last = i + alike == n_policies;
		if (only_if_different && is_last && n == 0 && amount_of(trace) == award->amount_fen)
			return 0;
		if (n++ > 0)
			version.from = date_month(on);
		if (!is_last)
			last = date_month(day_of(c, policies[i + alike])) - 1;
		write_months(c, sink, &version, file, policies[i], trace, on,
			     is_last ? NULL : &last);
		version.supersedes = version.version++;
	}
	lose_leavers(c, sink.writes, award, file);
	return n;
}
