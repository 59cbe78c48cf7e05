/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legal periods (民法典 200–203; domain rule 3.7).
 *
 * Years, months and days by the Gregorian calendar (200). The first day does not count, the period
 * begins on the next one (201). A period of months or years ends on the corresponding day, or on
 * the month's last day when there is none (202). When the last day is a legal rest day, the day
 * after the rest is the last one (203). A period counted in working days is workday_add().
 */
#ifndef MZ_DOMAIN_PERIOD_H
#define MZ_DOMAIN_PERIOD_H

#include "base/date.h"
#include "domain/workday.h"

struct period {
	int years, months, days; /* years and months are added first, then days */
};

/* Last day of the period that something on day `from` starts, before article 203. */
struct date period_last_day(struct date from, struct period period);

/* The same, moved on when it is a rest day. */
enum workday_result period_end(const struct workday_calendar *calendar, struct date from,
			       struct period period, struct date *ret_last);

/* First and last day of the period, the last moved on when it is a rest day. */
enum workday_result period_window(const struct workday_calendar *calendar, struct date from,
				  struct period period, struct date_range *ret_window);

#endif
