/* SPDX-License-Identifier: Apache-2.0 */
/* Domain rule 3.7 and acceptance rows 6, 7, 32, 33, 35 and 38. */
#include "domain/workday.h"

#include <stdio.h>
#include <string.h>

#include "domain/period.h"
#include "unit.h"

static struct workday_calendar calendar;

static struct date
day(const char *text)
{
	struct date date = {0};

	assert_true(date_parse(text, &date));
	return date;
}

static void
assert_day(struct date date, const char *text)
{
	char shown[DATE_TEXT_SIZE];

	assert_string_equal(date_format(date, shown), text);
}

static int
set_up(void **state)
{
	(void)state;
	workday_calendar_init_known(&calendar);
	return 0;
}

static void
assert_days(const char *first, const char *last, bool expected)
{
	struct date end = day(last);

	for (struct date d = day(first); d.days <= end.days; d.days++) {
		bool is_working = !expected;

		assert_int_equal(workday_is_working(&calendar, d, &is_working), WORKDAY_OK);
		if (is_working != expected)
			fail_msg("day %d from %s", d.days - day(first).days, first);
	}
}

static void
test_notices(void **state)
{
	static const char *const rest[][2] = {
	    {"2024-01-01", "2024-01-01"}, {"2024-02-10", "2024-02-17"},
	    {"2024-04-04", "2024-04-06"}, {"2024-05-01", "2024-05-05"},
	    {"2024-06-08", "2024-06-10"}, {"2024-09-15", "2024-09-17"},
	    {"2024-10-01", "2024-10-07"}, {"2025-01-01", "2025-01-01"},
	    {"2025-01-28", "2025-02-04"}, {"2025-04-04", "2025-04-06"},
	    {"2025-05-01", "2025-05-05"}, {"2025-05-31", "2025-06-02"},
	    {"2025-10-01", "2025-10-08"}, {"2026-01-01", "2026-01-03"},
	    {"2026-02-15", "2026-02-23"}, {"2026-04-04", "2026-04-06"},
	    {"2026-05-01", "2026-05-05"}, {"2026-06-19", "2026-06-21"},
	    {"2026-09-25", "2026-09-27"}, {"2026-10-01", "2026-10-07"}};
	static const char *const working[] = {
	    "2024-02-04", "2024-02-09", "2024-02-18", "2024-04-07", "2024-04-28",
	    "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12", "2025-01-26",
	    "2025-01-27", "2025-02-05", "2025-02-08", "2025-04-27", "2025-09-28",
	    "2025-10-09", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-24",
	    "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-08", "2026-10-10"};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rest); i++)
		assert_days(rest[i][0], rest[i][1], false);
	for (size_t i = 0; i < UNIT_COUNT(working); i++)
		assert_days(working[i], working[i], true);
}

/* The published sums: a slip anywhere in a table changes one. */
static void
test_working_days_a_year(void **state)
{
	static const struct {
		const char *from, *to;
		int count;
	} years[] = {{"2023-12-31", "2024-12-31", 251},
		     {"2024-12-31", "2025-12-31", 248},
		     {"2025-12-31", "2026-12-31", 248}};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(years); i++) {
		int count = 0;

		assert_int_equal(
		    workday_count(&calendar, day(years[i].from), day(years[i].to), &count),
		    WORKDAY_OK);
		assert_int_equal(count, years[i].count);
	}
}

static void
test_row_6_working_days(void **state)
{
	static const struct {
		int n;
		const char *day;
	} cases[] = {{0, "2024-09-20"}, {3, "2024-09-25"}, {30, "2024-11-06"}, {45, "2024-11-27"}};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct date d;
		int count = -1;

		assert_int_equal(workday_add(&calendar, day("2024-09-20"), cases[i].n, &d),
				 WORKDAY_OK);
		assert_day(d, cases[i].day);
		assert_int_equal(workday_count(&calendar, day("2024-09-20"), d, &count),
				 WORKDAY_OK);
		assert_int_equal(count, cases[i].n);
	}
}

static void
test_row_7_the_chongqing_clock(void **state)
{
	struct date d;

	(void)state;
	assert_day(period_last_day(day("2024-09-20"), (struct period){.days = 30 + 7}),
		   "2024-10-27");
	assert_int_equal(
	    period_end(&calendar, day("2024-09-20"), (struct period){.days = 30 + 7}, &d),
	    WORKDAY_OK);
	assert_day(d, "2024-10-28");
}

/* Rows 32, 33 and 35: thirty days to cool off, then thirty days to come. */
static void
test_two_periods_of_thirty_days(void **state)
{
	static const char *const cases[][4] = {
	    {"2024-12-02", "2025-01-02", "2025-01-03", "2025-02-05"},
	    {"2024-01-30", "2024-02-29", "2024-03-01", "2024-04-01"},
	    {"2025-12-05", "2026-01-04", "2026-01-05", "2026-02-03"}};
	const struct period thirty = {.days = 30};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct date cooling_ends;
		struct date_range window;

		assert_int_equal(period_end(&calendar, day(cases[i][0]), thirty, &cooling_ends),
				 WORKDAY_OK);
		assert_day(cooling_ends, cases[i][1]);
		assert_int_equal(period_window(&calendar, cooling_ends, thirty, &window),
				 WORKDAY_OK);
		assert_day(window.first, cases[i][2]);
		assert_day(window.last, cases[i][3]);
	}
}

static void
test_row_38_no_calendar_no_date(void **state)
{
	struct date d = {42};
	struct date_range range = {{1}, {2}};
	bool is_working = true;
	int count = 7;

	(void)state;
	assert_int_equal(period_end(&calendar, day("2026-12-02"), (struct period){.days = 30}, &d),
			 WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(
	    period_window(&calendar, day("2026-12-02"), (struct period){.days = 30}, &range),
	    WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(workday_add(&calendar, day("2026-12-30"), 2, &d), WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(workday_at_or_after(&calendar, day("2023-12-31"), &d),
			 WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(workday_is_working(&calendar, day("2027-01-04"), &is_working),
			 WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(workday_count(&calendar, day("2026-12-30"), day("2027-01-01"), &count),
			 WORKDAY_OUT_OF_CALENDAR);
	assert_int_equal(d.days, 42);
	assert_int_equal(range.last.days, 2);
	assert_int_equal(count, 7);
	/* The last loaded day itself can be answered. */
	assert_int_equal(workday_add(&calendar, day("2026-12-30"), 1, &d), WORKDAY_OK);
	assert_day(d, "2026-12-31");
}

static void
test_a_year_is_loaded(void **state)
{
	struct date d;

	(void)state;
	assert_false(workday_has_year(&calendar, 2027));
	assert_false(workday_set(&calendar, day("2027-01-01"), false));
	assert_true(workday_add_year(&calendar, 2027));
	assert_true(workday_set(&calendar, day("2027-01-01"), false));
	assert_true(workday_set(&calendar, day("2027-01-02"), true));
	assert_int_equal(period_end(&calendar, day("2026-12-02"), (struct period){.days = 30}, &d),
			 WORKDAY_OK);
	assert_day(d, "2027-01-02");
	/* Loaded again, it is as after its weekends. */
	assert_true(workday_add_year(&calendar, 2027));
	assert_int_equal(workday_at_or_after(&calendar, day("2027-01-02"), &d), WORKDAY_OK);
	assert_day(d, "2027-01-04");
	for (int year = 2028; year < 2024 + WORKDAY_YEARS_MAX; year++)
		assert_true(workday_add_year(&calendar, year));
	assert_false(workday_add_year(&calendar, 3000));
	assert_true(workday_add_year(&calendar, 2030));
	assert_true(workday_has_year(workday_calendar_default(), 2026));
	assert_false(workday_has_year(workday_calendar_default(), 2027));
	workday_calendar_init(&calendar);
	assert_false(workday_has_year(&calendar, 2024));
	assert_false(workday_add_year(&calendar, 10000));
}

/* 民法典 201, 202. */
static void
test_months_and_years(void **state)
{
	(void)state;
	assert_day(period_last_day(day("2024-01-31"), (struct period){.months = 1}), "2024-02-29");
	assert_day(period_last_day(day("2024-02-29"), (struct period){.years = 1}), "2025-02-28");
	assert_day(period_last_day(day("2024-08-31"), (struct period){.months = 6}), "2025-02-28");
	assert_day(period_last_day(day("2024-12-31"), (struct period){.months = 1, .days = 1}),
		   "2025-02-01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_notices, set_up),
	    cmocka_unit_test_setup(test_working_days_a_year, set_up),
	    cmocka_unit_test_setup(test_row_6_working_days, set_up),
	    cmocka_unit_test_setup(test_row_7_the_chongqing_clock, set_up),
	    cmocka_unit_test_setup(test_two_periods_of_thirty_days, set_up),
	    cmocka_unit_test_setup(test_row_38_no_calendar_no_date, set_up),
	    cmocka_unit_test_setup(test_a_year_is_loaded, set_up),
	    cmocka_unit_test(test_months_and_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
