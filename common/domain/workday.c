/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/workday.h"

#include <stddef.h>
#include <string.h>

enum { SATURDAY = 6 };

/* One sentence of a notice: these days, first and last inside, are rest days or working days. */
struct notice {
	int year, first_month, first_day, last_month, last_day;
	bool is_working;
};

/*
 * 国务院办公厅关于部分节假日安排的通知: 2024 (国办发明电〔2023〕7号), 2025
 * (国办发明电〔2024〕12号), 2026 (国办发明电〔2025〕7号).
 */
static const struct notice known[] = {
    {2024, 1, 1, 1, 1, false},   /* 元旦 */
    {2024, 2, 10, 2, 17, false}, /* 春节 */
    {2024, 2, 4, 2, 4, true},    {2024, 2, 18, 2, 18, true},
    {2024, 4, 4, 4, 6, false},                              /* 清明节 */
    {2024, 4, 7, 4, 7, true},    {2024, 5, 1, 5, 5, false}, /* 劳动节 */
    {2024, 4, 28, 4, 28, true},  {2024, 5, 11, 5, 11, true},
    {2024, 6, 10, 6, 10, false},                              /* 端午节 */
    {2024, 9, 15, 9, 17, false},                              /* 中秋节 */
    {2024, 9, 14, 9, 14, true},  {2024, 10, 1, 10, 7, false}, /* 国庆节 */
    {2024, 9, 29, 9, 29, true},  {2024, 10, 12, 10, 12, true},

    {2025, 1, 1, 1, 1, false},  /* 元旦 */
    {2025, 1, 28, 2, 4, false}, /* 春节 */
    {2025, 1, 26, 1, 26, true},  {2025, 2, 8, 2, 8, true},
    {2025, 4, 4, 4, 6, false},                               /* 清明节 */
    {2025, 5, 1, 5, 5, false},                               /* 劳动节 */
    {2025, 4, 27, 4, 27, true},  {2025, 5, 31, 6, 2, false}, /* 端午节 */
    {2025, 10, 1, 10, 8, false},                             /* 国庆节、中秋节 */
    {2025, 9, 28, 9, 28, true},  {2025, 10, 11, 10, 11, true},

    {2026, 1, 1, 1, 3, false},                                /* 元旦 */
    {2026, 1, 4, 1, 4, true},    {2026, 2, 15, 2, 23, false}, /* 春节 */
    {2026, 2, 14, 2, 14, true},  {2026, 2, 28, 2, 28, true},
    {2026, 4, 4, 4, 6, false},                                /* 清明节 */
    {2026, 5, 1, 5, 5, false},                                /* 劳动节 */
    {2026, 5, 9, 5, 9, true},    {2026, 6, 19, 6, 21, false}, /* 端午节 */
    {2026, 9, 25, 9, 27, false},                              /* 中秋节 */
    {2026, 10, 1, 10, 7, false},                              /* 国庆节 */
    {2026, 9, 20, 9, 20, true},  {2026, 10, 10, 10, 10, true},
};

static struct date
first_of_year(int year)
{
	return month_first(year * 12);
}

static const struct workday_year *
find_year(const struct workday_calendar *calendar, int year)
{
	for (int i = 0; i < calendar->n_years; i++)
		if (calendar->years[i].year == year)
			return &calendar->years[i];
	return NULL;
}

enum workday_result
workday_is_working(const struct workday_calendar *calendar, struct date day, bool *ret_is_working)
{
	int year = date_civil(day).year, of_year;
	const struct workday_year *table = find_year(calendar, year);

	if (!table)
		return WORKDAY_OUT_OF_CALENDAR;
	of_year = day.days - first_of_year(year).days;
	*ret_is_working = !(table->rest[of_year / 64] >> (of_year % 64) & 1);
	return WORKDAY_OK;
}

void
workday_calendar_init(struct workday_calendar *calendar)
{
	memset(calendar, 0, sizeof *calendar);
}

void
workday_calendar_init_known(struct workday_calendar *calendar)
{
	workday_calendar_init(calendar);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const struct notice *n = &known[i];
		struct date day = {0}, last = {0};

		if (!workday_has_year(calendar, n->year))
			workday_add_year(calendar, n->year);
		date_from_civil(n->year, n->first_month, n->first_day, &day);
		date_from_civil(n->year, n->last_month, n->last_day, &last);
		for (; day.days <= last.days; day.days++)
			workday_set(calendar, day, n->is_working);
	}
}

const struct workday_calendar *
workday_calendar_default(void)
{
	static _Thread_local struct workday_calendar calendar;

	if (calendar.n_years == 0)
		workday_calendar_init_known(&calendar);
	return &calendar;
}

bool
workday_add_year(struct workday_calendar *calendar, int year)
{
	struct workday_year table = {.year = year};
	const struct workday_year *old = find_year(calendar, year);
	struct date first, last;

	if (!date_exists(year, 1, 1) || (!old && calendar->n_years == WORKDAY_YEARS_MAX))
		return false;
	first = first_of_year(year);
	last = month_last(year * 12 + 11);
	for (struct date day = first; day.days <= last.days; day.days++)
		if (date_weekday(day) >= SATURDAY)
			table.rest[(day.days - first.days) / 64] |=
			    UINT64_C(1) << ((day.days - first.days) % 64);
	calendar->years[old ? old - calendar->years : calendar->n_years++] = table;
	return true;
}

bool
workday_set(struct workday_calendar *calendar, struct date day, bool is_working_day)
{
	int year = date_civil(day).year;
	const struct workday_year *found = find_year(calendar, year);
	int of_year = day.days - first_of_year(year).days;
	uint64_t bit = UINT64_C(1) << (of_year % 64), *word;

	if (!found)
		return false;
	word = &calendar->years[found - calendar->years].rest[of_year / 64];
	*word = is_working_day ? *word & ~bit : *word | bit;
	return true;
}

bool
workday_has_year(const struct workday_calendar *calendar, int year)
{
	return find_year(calendar, year);
}

enum workday_result
workday_add(const struct workday_calendar *calendar, struct date from, int n, struct date *ret_day)
{
	struct date day = from;

	while (n > 0) {
		enum workday_result r;
		bool is_working = false;

		day.days++;
		r = workday_is_working(calendar, day, &is_working);
		if (r != WORKDAY_OK)
			return r;
		n -= is_working;
	}
	*ret_day = day;
	return WORKDAY_OK;
}

enum workday_result
workday_at_or_after(const struct workday_calendar *calendar, struct date day, struct date *ret_day)
{
	for (;; day.days++) {
		bool is_working = false;
		enum workday_result r = workday_is_working(calendar, day, &is_working);

		if (r != WORKDAY_OK)
			return r;
		if (is_working)
			break;
	}
	*ret_day = day;
	return WORKDAY_OK;
}

enum workday_result
workday_count(const struct workday_calendar *calendar, struct date from, struct date to,
	      int *ret_count)
{
	int count = 0;

	for (struct date day = date_add_days(from, 1); day.days <= to.days; day.days++) {
		bool is_working = false;
		enum workday_result r = workday_is_working(calendar, day, &is_working);

		if (r != WORKDAY_OK)
			return r;
		count += is_working;
	}
	*ret_count = count;
	return WORKDAY_OK;
}
