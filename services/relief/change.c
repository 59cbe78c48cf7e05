/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include "rules_amount.h"
#include "rules_tiers.h"

static AwardHead *
head_of(struct svc_call *c, const RunningAward *award)
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

month_number
change_begun(const struct svc_call *c, const RunningAward *award)
{
	return date_month(svc_date_or(award->from_on, c->today));
}

const RunningAward *
change_award(RunningAward *const *awards, size_t n_awards, const char *id, struct date on)
{
	const RunningAward *found = NULL;

	for (size_t i = 0; i < n_awards; i++) {
		struct date from;

		if (strcmp(awards[i]->id, id) != 0)
			continue;
		if (!found ||
		    (svc_date_get(awards[i]->from_on, &from) && date_compare(from, on) <= 0))
			found = awards[i];
	}
	return found;
}

bool
change_is_of_money(Award__Programme programme)
{
	return programme != AWARD__PROGRAMME__EDGE && programme != AWARD__PROGRAMME__RIGID;
}

bool
change_ends_award(const AwardChange *change, Award__Programme programme)
{
	if (change->kind == AWARD_CHANGE__KIND__STOP)
		return true;
	if (change->kind != AWARD_CHANGE__KIND__ADJUST)
		return false;
	return !change->trace || change->trace->outcome != programme ||
	       (change->amount_fen == 0 && change_is_of_money(programme));
}

bool
change_is_adverse(const AwardChange *change, Award__Programme programme)
{
	return change->amount_fen < change->old_amount_fen || change_ends_award(change, programme);
}

month_number
change_month(const char *text)
{
	month_number month = 0;

	return month_parse(text, &month) ? month : 0;
}

static int32_t
last_version(const AwardWrites *writes, const RunningAward *award)
{
	int32_t version = award->version;

	for (size_t i = 0; i < writes->n_contents; i++) {
		if (strcmp(writes->contents[i]->award_id, award->id) == 0)
			version = writes->contents[i]->version;
	}
	return version;
}

void
change_move(struct svc_call *c, AwardWrites *writes, const RunningAward *award, Award__State state)
{
	AwardMove *move = SVC_ADD(c, writes, moves, award_move);

	move->id = award->id;
	move->version = last_version(writes, award);
	move->state = state;
}

/* The next version of the award, still empty. */
static struct award_version
version_of(struct svc_call *c, const AwardWrites *writes, const RunningAward *award,
	   month_number from, const char *reason)
{
	int32_t last = last_version(writes, award);

	return (struct award_version){
	    .head = head_of(c, award),
	    .version = last + 1,
	    .supersedes = last,
	    .payee_person_id = award->payee_person_id,
	    .account_id = award->account_id,
	    .from = from,
	    .reason = reason,
	};
}

void
change_write_end(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		 month_number from, const char *reason)
{
	struct award_version version = version_of(c, sink.writes, award, from, reason);

	award_add_version(c, sink, &version);
}

void
change_write_stop(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		  month_number from, const char *reason)
{
	change_write_end(c, sink, award, from, reason);
	for (size_t i = 0; award->file && i < award->file->n_members; i++)
		award_lose_claim(c, sink.writes, award->id, award->file->members[i]->person_id);
}

/* The last month of a content; false while it is open. */
static bool
last_month(const RunningAward *award, month_number *ret_month)
{
	struct date until;
	bool ends = svc_date_get(award->until_on, &until);

	if (ends)
		*ret_month = date_month(until);
	return ends;
}

void
change_write_payee(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		   const AwardChange *change, month_number from)
{
	struct award_version version = version_of(c, sink.writes, award, from, "PAYEE_CHANGED");
	month_number begun = change_begun(c, award), last;
	bool ends = last_month(award, &last);

	if (award->n_shares == 0 || (ends && last < from))
		return; /* nothing is paid, or no more */
	if (begun > from)
		version.from = begun;
	version.to = ends ? &last : NULL;
	version.payee_person_id = change->payee_person_id;
	version.account_id = change->account_id;
	version.amount_fen = award->amount_fen;
	version.income_per_capita_fen = award->income_per_capita_fen;
	version.care_grade = award->care_grade;
	version.file = award->file;
	version.trace = award->trace;
	version.shares = award->shares;
	version.n_shares = award->n_shares;
	award_add_version(c, sink, &version);
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

/* Nothing when the award's own conditions no longer hold. */
static int64_t
amount_of(const DecisionTrace *trace, const RunningAward *award)
{
	return trace->outcome == award->programme ? trace->amount->amount_fen : 0;
}

static struct date
day_of(const struct svc_call *c, const ReliefPolicy *policy)
{
	return svc_date_or(policy->on, c->today);
}

/* A family and the law of the months that it is evaluated for. */
struct months {
	const RunningAward *award;
	const FamilyFile *file;
	ReliefPolicy *const *policies;
	size_t n_policies;
};

static DecisionTrace *
evaluate(struct svc_call *c, const struct months *months, size_t i)
{
	const ReliefPolicy *policy = months->policies[i];

	return tiers_evaluate_as(c, policy, months->file, day_of(c, policy),
				 months->award->programme);
}

/* How many of the policies from one on give its amount. */
static size_t
months_alike(struct svc_call *c, const struct months *months, size_t first, int64_t amount)
{
	size_t n = 1;

	while (first + n < months->n_policies &&
	       amount_of(evaluate(c, months, first + n), months->award) == amount)
		n++;
	return n;
}

static void
write_months(struct svc_call *c, struct award_sink sink, const struct months *months, size_t i,
	     DecisionTrace *trace, struct award_version *version)
{
	const FamilyFile *file = months->file;

	version->file = svc_copy_message(c, file);
	version->trace = trace;
	version->income_per_capita_fen = trace->income_per_capita_fen;
	version->amount_fen = amount_of(trace, months->award);
	if (version->head->programme == AWARD__PROGRAMME__TEKUN)
		version->care_grade = family_care_grade(file->self_care, file->n_self_care);
	if (trace->outcome == months->award->programme)
		amount_shares(c, months->policies[i], file, trace, day_of(c, months->policies[i]),
			      &version->n_shares, &version->shares);
	award_add_version(c, sink, version);
}

/* One version a run of months under which the law gives the same amount; `to` ends the last. */
static void
write_runs(struct svc_call *c, struct award_sink sink, const struct months *months,
	   month_number from, const month_number *to, const char *reason)
{
	for (size_t i = 0, alike; i < months->n_policies; i += alike) {
		DecisionTrace *trace = evaluate(c, months, i);
		month_number begun = date_month(day_of(c, months->policies[i])), last;
		struct award_version version =
		    version_of(c, sink.writes, months->award, i == 0 ? from : begun, reason);

		alike = months_alike(c, months, i, amount_of(trace, months->award));
		version.to = to;
		if (i + alike < months->n_policies) {
			last = date_month(day_of(c, months->policies[i + alike])) - 1;
			version.to = &last;
		}
		write_months(c, sink, months, i, trace, &version);
	}
}

void
change_write_family(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		    const FamilyFile *file, ReliefPolicy *const *policies, size_t n_policies,
		    month_number from, const char *reason)
{
	const struct months months = {award, file, policies, n_policies};
	const AwardChanged *newest;

	write_runs(c, sink, &months, from, NULL, reason);
	lose_leavers(c, sink.writes, award, file);
	newest = (*sink.events)[*sink.n_events - 1];
	award_add_claims(c, sink.writes, head_of(c, award), newest->shares, newest->n_shares);
}

bool
change_recalculate(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		   ReliefPolicy *const *policies, size_t n_policies, month_number from)
{
	const struct months months = {award, award->file, policies, n_policies};
	month_number to;
	bool ends = last_month(award, &to);

	if (months_alike(c, &months, 0, award->amount_fen) == n_policies &&
	    amount_of(evaluate(c, &months, 0), award) == award->amount_fen)
		return false;
	write_runs(c, sink, &months, from, ends ? &to : NULL, "STANDARD_RAISED");
	return true;
}
