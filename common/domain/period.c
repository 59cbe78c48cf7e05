/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/period.h"

struct date
period_last_day(struct date from, struct period period)
{
	return date_add_days(date_add_months(from, period.years * 12 + period.months), period.days);
}

enum workday_result
period_end(const struct workday_calendar *calendar, struct date from, struct period period,
	   struct date *ret_last)
{
	return workday_at_or_after(calendar, period_last_day(from, period), ret_last);
}

enum workday_result
period_window(const struct workday_calendar *calendar, struct date from, struct period period,
	      struct date_range *ret_window)
{
	struct date last;
	enum workday_result r = period_end(calendar, from, period, &last);

	if (r == WORKDAY_OK)
		*ret_window = (struct date_range){date_add_days(from, 1), last};
	return r;
}
