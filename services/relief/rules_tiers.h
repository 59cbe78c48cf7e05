/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiers: one application, all programmes, one pass (RLF-22).
 *
 * The order is tekun, dibao, edge, rigid (RLF-30, RLF-02/RLF-10, RLF-20, RLF-21). Every condition
 * of every tier is computed and written down, also after one has failed: a refused family is told
 * how far it was from each. The result is a trace on the call's memory; nothing else is kept.
 */
#ifndef RELIEF_RULES_TIERS_H
#define RELIEF_RULES_TIERS_H

#include "minzheng/relief/v1/trace.pb-c.h"
#include "rules_family.h"
#include "svc/method.h"

/* Raised whenever a rule's code changes its meaning; stored in each trace. */
enum { RELIEF_RULES_VERSION = 1 };

/*
 * Evaluates the family under the policy of the day `on`. decided_on is the legal day, which also
 * fixes ages and the first month. With an outcome the trace holds the amount.
 */
DecisionTrace *tiers_evaluate(struct svc_call *c, const ReliefPolicy *policy,
			      const FamilyFile *file, struct date on);

/*
 * The same for an award that runs: its own tier comes first, so it goes on as what it is while its
 * own conditions hold, and another outcome says that they no longer do.
 */
DecisionTrace *tiers_evaluate_as(struct svc_call *c, const ReliefPolicy *policy,
				 const FamilyFile *file, struct date on, Award__Programme first);

/* True for programmes that a family file decides; others go by a list or a single grant. */
bool tiers_judge(Award__Programme programme);

/* Dibao standard of the area, fen per person and month. */
int64_t dibao_standard_fen(const ReliefPolicy *policy, Award__Area area);

/* Per-capita bound of an edge household, rounded up: income must be strictly below (RLF-20). */
int64_t edge_bound_fen(const ReliefPolicy *policy, Award__Area area);

#endif
