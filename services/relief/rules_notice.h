/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices: what is posted in the village and what is handed to the family.
 *
 * A public notice says name, number of members, amount and where to object, and nothing else
 * (RLF-16, CMP-07); a minor's name is masked. A 告知书 says every reason with its distance and the
 * remedies (CMP-12). Texts lie on the call.
 */
#ifndef RELIEF_RULES_NOTICE_H
#define RELIEF_RULES_NOTICE_H

#include "minzheng/relief/v1/application.pb-c.h"
#include "minzheng/relief/v1/award_service.pb-c.h"
#include "minzheng/relief/v1/trace.pb-c.h"
#include "svc/method.h"

/* 公示: before the decision, again after a re-check, and the long-term list (C-5). */
char *notice_public(struct svc_call *c, const char *village, const FamilyFile *file,
		    const DecisionTrace *trace, struct date ends_on);

/* 不予确认告知书; reason is one beyond the evaluation, or "". */
char *notice_refusal(struct svc_call *c, const Application *application, const DecisionTrace *trace,
		     const char *reason, struct date decided_on);

/* 变更、停发告知书 of an approved change: from which month on, how much, why. */
char *notice_change(struct svc_call *c, const char *name, Award__Programme programme,
		    const AwardChange *change, struct date decided_on);

/* One condition as a clerk reads it out: 月人均收入低于低保标准：700元，标准610元，超出90元. */
char *notice_condition(struct svc_call *c, const TraceCondition *condition);

/* The two routes of CMP-12 under the law of that day. */
char *notice_remedies(struct svc_call *c, struct date decided_on);

/* The applicant's name as it may be shown in public. */
char *notice_public_name(struct svc_call *c, const FamilyFile *file, struct date on);

#endif
