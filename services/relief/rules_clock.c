/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_clock.h"

#include "domain/period.h"
#include "svc/method.h"

void
clock_calendar(Workday *const *days, size_t n_days, struct workday_calendar *ret_calendar)
{
	struct date day;

	workday_calendar_init(ret_calendar);
	for (size_t i = 0; i < n_days; i++) {
		if (!svc_date_get(days[i]->day, &day))
			continue;
		if (!workday_has_year(ret_calendar, date_civil(day).year))
			workday_add_year(ret_calendar, date_civil(day).year);
		workday_set(ret_calendar, day, days[i]->working);
	}
}

enum workday_result
clock_of_acceptance(const struct workday_calendar *calendar, const ReliefPolicy *policy,
		    struct date accepted_on, struct clock_days *ret_days)
{
	struct clock_days days;
	struct period local = {.days = policy->total_days + policy->notice_days};
	enum workday_result result;

	result = workday_add(calendar, accepted_on, policy->check_workdays, &days.check_by);
	if (result == WORKDAY_OK)
		result = period_end(calendar, accepted_on, local, &days.local_by);
	if (result == WORKDAY_OK)
		result =
		    workday_add(calendar, accepted_on, policy->total_workdays, &days.ministry_by);
	if (result == WORKDAY_OK)
		result = workday_add(calendar, accepted_on, policy->total_special_workdays,
				     &days.ministry_special);
	if (result != WORKDAY_OK)
		return result;
	days.due =
	    date_compare(days.local_by, days.ministry_by) < 0 ? days.local_by : days.ministry_by;
	*ret_days = days;
	return WORKDAY_OK;
}

enum workday_result
clock_notice_end(const struct workday_calendar *calendar, const ReliefPolicy *policy,
		 struct date publicised_on, bool again, struct date *ret_last)
{
	struct period notice = {.days = again ? policy->renotice_days : policy->notice_days};

	return period_end(calendar, publicised_on, notice, ret_last);
}

struct date
clock_next_recheck(const ReliefPolicy *policy, Award__RecheckClass recheck_class, Award__Area area,
		   struct date checked_on)
{
	int months = policy->class_a_months;

	if (recheck_class == AWARD__RECHECK_CLASS__B)
		months = policy->class_b_months;
	else if (recheck_class == AWARD__RECHECK_CLASS__C)
		months = area == AWARD__AREA__URBAN ? policy->class_c_urban_months
						    : policy->class_c_rural_months;
	return date_add_months(checked_on, months);
}
