/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_aid.h"

#include "rules_tiers.h"

struct aid_split
aid_split_need(const ReliefPolicy *policy, Award__Area area, int64_t need_fen)
{
	int64_t limit = policy->fast_aid ? dibao_standard_fen(policy, area) : 0;
	int64_t fast = need_fen < limit ? need_fen : limit;

	return (struct aid_split){fast, need_fen - fast};
}

enum aid_verdict
aid_check_fast(const ReliefPolicy *policy, Award__Area area, int64_t amount_fen,
	       struct date happened_on, struct date today)
{
	if (!policy->fast_aid)
		return AID_NOT_IN_FORCE;
	if (amount_fen <= 0)
		return AID_NOTHING_ASKED;
	if (amount_fen > dibao_standard_fen(policy, area))
		return AID_OVER_LIMIT;
	if (date_compare(today, date_add_days(happened_on, policy->fast_aid_days)) > 0)
		return AID_TOO_LATE;
	return AID_OK;
}

enum aid_verdict
aid_check_normal(const ReliefPolicy *policy, int64_t amount_fen, int grants_this_year)
{
	if (amount_fen <= 0)
		return AID_NOTHING_ASKED;
	if (amount_fen > policy->temp_max_fen)
		return AID_OVER_LIMIT;
	if (grants_this_year >= policy->temp_max_per_year)
		return AID_TOO_MANY;
	return AID_OK;
}

bool
aid_township_may_grant(const ReliefPolicy *policy, int64_t amount_fen)
{
	return amount_fen <= policy->temp_township_limit_fen;
}

enum rescue_duty
rescue_duty(const ReliefPolicy *policy, struct date admitted_on, bool identified, struct date today)
{
	if (!identified &&
	    date_compare(today, date_add_months(admitted_on, policy->rescue_unidentified_months)) >
		0)
		return RESCUE_SETTLE;
	if (date_compare(today, date_add_days(admitted_on, policy->rescue_days)) > 0)
		return RESCUE_REPORT_STAY;
	return RESCUE_NOTHING;
}
