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

/* The award's head as writes want it. */
AwardHead *change_head(struct svc_call *c, const RunningAward *award);

/*
 * Writes the versions of a family from a month on. The policies are one a month, ascending, and
 * cover from..now; later months follow the last one. Returns the versions written; 0 when nothing
 * differs from the amount the award has and `only_if_different`.
 */
int change_write_family(struct svc_call *c, struct award_sink sink, const RunningAward *award,
			const FamilyFile *file, ReliefPolicy *const *policies, size_t n_policies,
			month_number from, const char *reason, bool only_if_different);

/* Writes an empty version: nothing from the month on. Gives up all claims. */
void change_write_stop(struct svc_call *c, struct award_sink sink, const RunningAward *award,
		       month_number from, const char *reason);

/* The state the award goes to, as a move. */
void change_move(struct svc_call *c, AwardWrites *writes, const RunningAward *award,
		 int32_t version, Award__State state);

/* The award of an id among many, or NULL. */
const RunningAward *change_award(RunningAward *const *awards, size_t n_awards, const char *id);

/* The month of a "YYYY-MM" that a field rule has checked. */
month_number change_month(const char *text);

#endif
