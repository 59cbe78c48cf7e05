/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amounts: what is paid, to whom of the family, and from which month.
 *
 * The difference method (RLF-08) with the increments of key groups (RLF-09), the published tekun
 * amounts (never computed from dibao), the first month (C-1), the withdrawal in steps (RLF-15) and
 * the ceiling of fines (RLF-45). All pure; money is fen.
 */
#ifndef RELIEF_RULES_AMOUNT_H
#define RELIEF_RULES_AMOUNT_H

#include "minzheng/relief/v1/trace.pb-c.h"
#include "rules_family.h"
#include "svc/method.h"

/* RLF-08 for dibao, published amounts and care for tekun, nothing for edge and rigid. The trace
 * gives outcome, counted members and income. */
TraceAmount *amount_of_outcome(struct svc_call *c, const ReliefPolicy *policy,
			       const FamilyFile *file, const DecisionTrace *trace, struct date on);

/* RLF-09: the highest increment of the groups the member is in. */
int64_t amount_increment_fen(const ReliefPolicy *policy, const FamilyMember *member,
			     struct date on);

/* RLF-31 amounts. */
int64_t amount_care_fen(const ReliefPolicy *policy, Award__CareGrade grade);

/*
 * Appends each covered person's part: an equal split of the difference, its remainder to the
 * applicant (or to the first covered person), plus the person's increment. The parts add up to
 * trace->amount. Covered are the counted members; for tekun the applicant alone.
 */
void amount_shares(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
		   const DecisionTrace *trace, struct date on, size_t *n_shares,
		   AwardShare ***shares);

/* C-1. */
month_number amount_first_month(const ReliefPolicy *policy, struct date decided_on);

/* "2024-11" on the call. */
char *amount_month_text(struct svc_call *c, month_number month);

/* RLF-15: true when a job has lifted the income to the standard or above, yet not to the ceiling;
 * then *ret_last is the last month the old amount is kept, counted from the month after `on`. */
bool amount_gradual_exit(const ReliefPolicy *policy, Award__Area area, int64_t per_capita_fen,
			 bool found_job, struct date on, month_number *ret_last);

/* RLF-45: nobody's fault is returned without a fine. */
enum overpayment { OVERPAYMENT_NO_FAULT, OVERPAYMENT_NOT_REPORTED, OVERPAYMENT_FRAUD };
int64_t amount_most_fine_fen(const ReliefPolicy *policy, enum overpayment cause, int64_t gain_fen);

#endif
