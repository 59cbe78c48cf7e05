/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_amount.h"

#include <string.h>

#include "rules_tiers.h"
#include "rules_trace.h"

enum { ELDER_AGE = 70, PRESCHOOL_AGE = 7 };

static int64_t
at_least(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
amount_increment_fen(const ReliefPolicy *policy, const FamilyMember *member, struct date on)
{
	const MemberHealth *health = member->health;
	int age = family_age(member, on);
	int64_t fen = 0;

	if (health && health->level >= 1 && health->level <= 2)
		fen = at_least(fen, policy->increment_disabled_fen);
	if (health && health->major_illness)
		fen = at_least(fen, policy->increment_illness_fen);
	if (age >= ELDER_AGE)
		fen = at_least(fen, policy->increment_elder_fen);
	if (age < PRESCHOOL_AGE || member->school_child)
		fen = at_least(fen, policy->increment_child_fen);
	return fen;
}

int64_t
amount_care_fen(const ReliefPolicy *policy, Award__CareGrade grade)
{
	switch (grade) {
	case AWARD__CARE_GRADE__HALF_CARE:
		return policy->care_half_fen;
	case AWARD__CARE_GRADE__FULL_CARE:
		return policy->care_full_fen;
	default:
		return policy->care_self_fen;
	}
}

char *
amount_month_text(struct svc_call *c, month_number month)
{
	return svc_text(c, "%04d-%02d", month / 12, month % 12 + 1);
}

month_number
amount_first_month(const ReliefPolicy *policy, struct date decided_on)
{
	return date_month(decided_on) +
	       (policy->first_month == RELIEF_POLICY__FIRST_MONTH__NEXT_MONTH);
}

static void
dibao_amount(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
	     const DecisionTrace *trace, struct date on, TraceAmount *amount)
{
	int64_t base;
	int n = trace->counted_members, refused = 0;

	amount->standard_fen = dibao_standard_fen(policy, file->area);
	amount->persons = n;
	amount->income_fen = trace->income_fen;
	base = trace_amount_fen(amount);
	for (size_t i = 0; i < file->n_members; i++) {
		if (!family_counts(policy, file->members[i], on).counted)
			continue;
		if (family_refused_work(file->members[i]))
			refused++;
		else
			amount->increment_fen += amount_increment_fen(policy, file->members[i], on);
	}
	amount->withheld_fen = n > 0 ? base / n * refused : 0;
	if (refused == n)
		amount->withheld_fen = base;
	amount->text =
	    svc_text(c, "每月%s（%s×%d人−收入%s%s）", svc_yuan(c, trace_amount_fen(amount)),
		     svc_yuan(c, amount->standard_fen), n, svc_yuan(c, amount->income_fen),
		     amount->increment_fen || amount->withheld_fen
			 ? svc_text(c, "，分类增发%s，扣发%s", svc_yuan(c, amount->increment_fen),
				    svc_yuan(c, amount->withheld_fen))
			 : "");
}

static void
tekun_amount(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
	     TraceAmount *amount)
{
	amount->standard_fen = policy->tekun_fen;
	amount->persons = 1;
	amount->care_fen =
	    amount_care_fen(policy, family_care_grade(file->self_care, file->n_self_care));
	amount->text =
	    svc_text(c, "每月%s（基本生活%s＋照料护理%s）", svc_yuan(c, trace_amount_fen(amount)),
		     svc_yuan(c, amount->standard_fen), svc_yuan(c, amount->care_fen));
}

TraceAmount *
amount_of_outcome(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
		  const DecisionTrace *trace, struct date on)
{
	TraceAmount *amount = svc_message(c, &trace_amount__descriptor);

	if (trace->outcome == AWARD__PROGRAMME__DIBAO)
		dibao_amount(c, policy, file, trace, on, amount);
	else if (trace->outcome == AWARD__PROGRAMME__TEKUN)
		tekun_amount(c, policy, file, amount);
	else
		amount->text = svc_copy_text(c, "不发放救助金");
	amount->amount_fen = trace_amount_fen(amount);
	amount->first_month = amount_month_text(c, amount_first_month(policy, on));
	return amount;
}

static bool
covered(const ReliefPolicy *policy, const FamilyMember *member, Award__Programme programme,
	struct date on)
{
	if (programme == AWARD__PROGRAMME__TEKUN)
		return member->relation == FAMILY_MEMBER__RELATION__SELF;
	return family_counts(policy, member, on).counted;
}

/* The covered person who takes the remainder: the applicant, else the first who gets a share. */
static size_t
remainder_taker(const ReliefPolicy *policy, const FamilyFile *file, Award__Programme programme,
		struct date on)
{
	size_t first = file->n_members;

	for (size_t i = 0; i < file->n_members; i++) {
		const FamilyMember *member = file->members[i];

		if (!covered(policy, member, programme, on) || family_refused_work(member))
			continue;
		if (member->relation == FAMILY_MEMBER__RELATION__SELF)
			return i;
		if (first == file->n_members)
			first = i;
	}
	return first;
}

void
amount_shares(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
	      const DecisionTrace *trace, struct date on, size_t *n_shares, AwardShare ***shares)
{
	const TraceAmount *amount = trace->amount;
	int64_t rest = amount->amount_fen - amount->increment_fen, equal;
	size_t taker = remainder_taker(policy, file, trace->outcome, on), taken_at = 0;

	equal = amount->persons > 0 ? (rest + amount->withheld_fen) / amount->persons : 0;
	for (size_t i = 0; i < file->n_members; i++) {
		const FamilyMember *member = file->members[i];
		AwardShare *share;

		if (!covered(policy, member, trace->outcome, on))
			continue;
		if (i == taker)
			taken_at = *n_shares;
		share = svc_add(c, n_shares, shares, &award_share__descriptor);
		share->person_id = svc_copy_text(c, member->person_id);
		if (family_refused_work(member))
			continue;
		if (trace->outcome == AWARD__PROGRAMME__DIBAO)
			share->increment_fen = amount_increment_fen(policy, member, on);
		share->amount_fen = equal + share->increment_fen;
		rest -= equal;
	}
	if (taker < file->n_members)
		(*shares)[taken_at]->amount_fen += rest;
}

bool
amount_gradual_exit(const ReliefPolicy *policy, Award__Area area, int64_t per_capita_fen,
		    bool found_job, struct date on, month_number *ret_last)
{
	int64_t standard = dibao_standard_fen(policy, area);

	if (!found_job || per_capita_fen < standard ||
	    per_capita_fen * 1000 >= standard * policy->gradual_exit_permille)
		return false;
	*ret_last = date_month(on) + policy->gradual_exit_months;
	return true;
}

int64_t
amount_most_fine_fen(const ReliefPolicy *policy, enum overpayment cause, int64_t gain_fen)
{
	return cause == OVERPAYMENT_FRAUD ? gain_fen * policy->penalty_max_permille / 1000 : 0;
}
