/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temporary aid: ceilings that are not about a family's tier (RLF-40). Pure; money is fen.
 */
#ifndef RELIEF_RULES_AID_H
#define RELIEF_RULES_AID_H

#include "minzheng/relief/v1/application.pb-c.h"
#include "minzheng/relief/v1/trace.pb-c.h"
#include "rules_family.h"
#include "svc/method.h"

enum aid_verdict {
	AID_OK,
	AID_NOT_IN_FORCE,  /* 小额快救 before 2026-01 */
	AID_OVER_LIMIT,    /* more than one month's local dibao standard */
	AID_NOTHING_ASKED, /* need of 0 */
	AID_TOO_LATE,      /* 小额快救 later than the days allowed after the event */
};

/* 小额快救: at most one month's standard of the place, within the days after the event. */
enum aid_verdict aid_check_fast(const ReliefPolicy *policy, Award__Area area, int64_t amount_fen,
				struct date happened_on, struct date today);

/* The evaluation of an application for temporary aid, with its amount (RLF-40). */
DecisionTrace *aid_evaluate(struct svc_call *c, const ReliefPolicy *policy,
			    const Application *application, int grants_this_year);

#endif
