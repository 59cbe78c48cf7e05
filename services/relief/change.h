/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of running awards: what proposals, events, recalculations and approvals share.
 *
 * A change is computed month by month under the law of each month, as far back as it reaches;
 * months with the same amount are one version. So a late fact that reaches over a raised standard
 * gives two versions, each right for its months.
 */
#ifndef RELIEF_CHANGE_H
#define RELIEF_CHANGE_H

#include "award_writes.h"
#include "relief/facts.pb-c.h"
#include "svc/method.h"

/* Programmes without money are ended, not stopped; no amount shows that they end. */
bool change_is_of_money(Award__Programme programme);

/* What the change takes away (C-7): money, or the recognition. */
bool change_is_adverse(const AwardChange *change, Award__Programme programme);

/* Nothing is due any more, so the award ends. */
bool change_ends_award(const AwardChange *change, Award__Programme programme);

/*
 * Writes the versions of a family from a month on. The policies are one a month, ascending, and
 * cover from..now; later months follow the last one. Who joins takes a national place, who leaves
 * gives it up.
 */
void change_write_family(struct svc_call *c, struct award_sink sink, const RunningAward *award,
			 const FamilyFile *file, ReliefPolicy *const *policies, size_t n_policies,
			 month_number from, const char *reason);

/* The same content under the law of later months, up to its own end; true when that is another
 * amount. */
bool change_recalculate(struct svc_call *c, struct award_sink sink, const RunningAward *award,
			ReliefPolicy *const *policies, size_t n_policies, month_number from);

/* The same content from a month on for someone else, up to its own end. */
void change_write_payee(struct svc_call *c, struct award_sink sink, const RunningAward *award,
			const AwardChange *change, month_number from);

/* Writes an empty version: nothing from the month on. */
void change_write_end(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		      month_number from, const char *reason);

/* The same, and gives up all claims. */
void change_write_stop(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		       month_number from, const char *reason);

/* The state the award goes to, as a move; its version becomes the last that was written. */
void change_move(struct svc_call *c, AwardWrites *writes, const RunningAward *award,
		 Award__State state);

/* Of the contents of an award the one that counts on a day, else the first; NULL: no award. */
const RunningAward *change_award(RunningAward *const *awards, size_t n_awards, const char *id,
				 struct date on);

/* The first month of a content. */
month_number change_begun(const struct svc_call *c, const RunningAward *award);

/* The month of a "YYYY-MM" that a field rule has checked. */
month_number change_month(const char *text);

#endif
