/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temporary aid, rescue and fines: ceilings and duties that are not about a family's tier
 * (RLF-40, RLF-42, RLF-45). Pure; money is fen.
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
	AID_OVER_LIMIT,    /* more than one month's local dibao standard, or the parameter's most */
	AID_TOO_MANY,      /* grants of the person this year */
	AID_NOTHING_ASKED, /* need of 0 */
	AID_TOO_LATE,      /* 小额快救 later than the days allowed after the event */
};

/* One emergency's need in its two parts (RLF-40): what may be given at once, and what goes through
 * the normal procedure. Before 小额快救 all is normal. */
struct aid_split {
	int64_t fast_fen, normal_fen;
};

struct aid_split aid_split_need(const ReliefPolicy *policy, Award__Area area, int64_t need_fen);

/* 小额快救: at most one month's standard of the place, within the days after the event. */
enum aid_verdict aid_check_fast(const ReliefPolicy *policy, Award__Area area, int64_t amount_fen,
				struct date happened_on, struct date today);

/* Normal grant: the most a grant may be and the most grants a person may have in a year. */
enum aid_verdict aid_check_normal(const ReliefPolicy *policy, int64_t amount_fen,
				  int grants_this_year);

/* The evaluation of an application for temporary aid, with its amount (RLF-40). */
DecisionTrace *aid_evaluate(struct svc_call *c, const ReliefPolicy *policy,
			    const Application *application, int grants_this_year);

/* True when the township may grant it by delegation (社会救助暂行办法 48). */
bool aid_township_may_grant(const ReliefPolicy *policy, int64_t amount_fen);

enum rescue_duty {
	RESCUE_NOTHING,
	RESCUE_REPORT_STAY, /* longer than 10 days: report upwards */
	RESCUE_SETTLE,      /* unidentified for more than 3 months: settlement procedure */
};

/* RLF-42: what the station must do about a guest on that day. */
enum rescue_duty rescue_duty(const ReliefPolicy *policy, struct date admitted_on, bool identified,
			     struct date today);

#endif
