/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks: the days by which something must have happened (RLF-06, RLF-12, C-2, C-3, C-5).
 *
 * Both total clocks run side by side and the earlier one alerts. Every function fails with
 * WORKDAY_OUT_OF_CALENDAR when a needed year's notice is not loaded; it never guesses.
 */
#ifndef RELIEF_RULES_CLOCK_H
#define RELIEF_RULES_CLOCK_H

#include "domain/workday.h"
#include "minzheng/relief/v1/award.pb-c.h"
#include "relief/facts.pb-c.h"

struct clock_days {
	struct date check_by;         /* RLF-06: the check starts */
	struct date local_by;         /* 重庆低保条例 19: 30 days and the notice */
	struct date ministry_by;      /* 民发〔2021〕57号: 30 working days */
	struct date ministry_special; /* 45 in special cases */
	struct date due;              /* the earlier of local and ministry */
};

/* The calendar of the loaded days: each year that has a row, its weekends, and what differs from
 * them. */
void clock_calendar(Workday *const *days, size_t n_days, struct workday_calendar *ret_calendar);

/* From acceptance (C-2). */
enum workday_result clock_of_acceptance(const struct workday_calendar *calendar,
					const ReliefPolicy *policy, struct date accepted_on,
					struct clock_days *ret_days);

/* Last day of a public notice; `again` for the one after a re-check (C-5). A period begins the day
 * after and its last day moves to a working day (民法典 200-203). */
enum workday_result clock_notice_end(const struct workday_calendar *calendar,
				     const ReliefPolicy *policy, struct date publicised_on,
				     bool again, struct date *ret_last);

/* RLF-12, C-3: 12 months; 6; 1 urban or 3 rural. */
struct date clock_next_recheck(const ReliefPolicy *policy, Award__RecheckClass recheck_class,
			       Award__Area area, struct date checked_on);

#endif
