/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "frozen_clock.h"
#include "unit.h"

static struct date
day(const char *text)
{
	struct date date = {INT32_MIN};

	assert_true(date_parse(text, &date));
	return date;
}

static void
assert_day(struct date date, const char *text)
{
	char shown[DATE_TEXT_SIZE];

	assert_string_equal(date_format(date, shown), text);
}

/* libc's own calendar is the yardstick, over all days from year 1 to 9999. */
static void
test_every_day_agrees_with_libc(void **state)
{
	struct date date = day("0001-01-01"), last = day("9999-12-31");

	(void)state;
	for (; date.days <= last.days; date.days++) {
		time_t seconds = (time_t)date.days * 86400;
		struct civil c = date_civil(date);
		struct date again;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday)
			fail_msg("day %d is %d-%d-%d", date.days, c.year, c.month, c.day);
		if (date_weekday(date) != (tm.tm_wday ? tm.tm_wday : 7))
			fail_msg("day %d is weekday %d", date.days, date_weekday(date));
		assert_true(date_from_civil(c.year, c.month, c.day, &again));
		assert_int_equal(again.days, date.days);
	}
}

static void
test_parse_refuses(void **state)
{
	static const char *const bad[] = {"",
					  "2024",
					  "2024-1-2",
					  "2024-13-01",
					  "2024-00-10",
					  "2024-04-31",
					  "2023-02-29",
					  "1900-02-29",
					  "2024-02-30",
					  "0000-01-01",
					  "2024-12-02 ",
					  "2024-12-02x",
					  " 2024-12-02",
					  "2024-1202",
					  "202412-02",
					  "2024/12/02",
					  "+024-12-02",
					  "20241302",
					  "2024120",
					  "202412021"};
	struct date date = {42};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (date_parse(bad[i], &date))
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(date.days, 42);
	assert_int_equal(day("20240229").days, day("2024-02-29").days);
	assert_int_equal(day("1970-01-01").days, 0);
	assert_int_equal(day("2000-02-29").days, 11016);
}

static void
test_months(void **state)
{
	month_number month;

	(void)state;
	assert_day(date_add_months(day("2024-01-31"), 1), "2024-02-29");
	assert_day(date_add_months(day("2023-01-31"), 1), "2023-02-28");
	assert_day(date_add_months(day("2024-12-15"), 1), "2025-01-15");
	assert_day(date_add_months(day("2024-03-31"), -1), "2024-02-29");
	assert_day(date_add_months(day("2024-01-01"), -13), "2022-12-01");
	assert_day(month_first(date_month(day("2024-02-17"))), "2024-02-01");
	assert_day(month_last(date_month(day("2024-02-17"))), "2024-02-29");
	assert_day(month_last(date_month(day("2024-12-01"))), "2024-12-31");
	assert_true(month_parse("2024-12", &month));
	assert_day(month_first(month + 1), "2025-01-01");
	assert_false(month_parse("2024-13", &month));
	assert_false(month_parse("2024-1", &month));
	assert_false(month_parse("2024-12-01", &month));
}

/* Domain rule 3.8; acceptance rows 26 and 27. */
static void
test_age(void **state)
{
	(void)state;
	assert_int_equal(date_age(day("2002-08-05"), day("2024-08-04")), 21);
	assert_int_equal(date_age(day("2002-08-05"), day("2024-08-05")), 22);
	assert_int_equal(date_age(day("2004-02-29"), day("2026-02-28")), 21);
	assert_int_equal(date_age(day("2004-02-29"), day("2026-03-01")), 22);
	assert_int_equal(date_age(day("2004-02-29"), day("2028-02-29")), 24);
	assert_int_equal(date_age(day("2024-08-05"), day("2024-08-05")), 0);
}

static void
test_days_begin_in_shanghai(void **state)
{
	int64_t instant;

	(void)state;
	assert_true(instant_parse("2024-03-31T15:59:59.999999Z", &instant, NULL));
	assert_day(date_of_instant(instant), "2024-03-31");
	assert_day(date_of_instant(instant + 1), "2024-04-01");
	assert_int_equal(date_instant(day("2024-04-01")), instant + 1);
	assert_day(date_of_instant(-1), "1970-01-01");
	assert_true(instant_parse("1969-12-31T15:59:59Z", &instant, NULL));
	assert_day(date_of_instant(instant), "1969-12-31");
}

static void
assert_instant(const char *text, const char *in_utc)
{
	char shown[INSTANT_TEXT_SIZE];
	int64_t instant = 0;

	if (!instant_parse(text, &instant, NULL))
		fail_msg("%s was refused", text);
	assert_string_equal(instant_format(instant, shown), in_utc);
}

static void
test_instants(void **state)
{
	static const char *const bad[] = {"2024-12-02",
					  "2024-12-02T09:00:00",
					  "20241202T09:00:00Z",
					  "2024-12-02 09:00:00Z",
					  "2024-12-02T24:00:00Z",
					  "2024-12-02T09:60:00Z",
					  "2024-12-02T09:00:60Z",
					  "2024-12-02T09:00:00.Z",
					  "2024-12-02T09:00:00+8",
					  "2024-12-02T09:00:00+24:00",
					  "2024-12-02T09:00:00+08:60",
					  "2024-12-02T09:00:00Zx",
					  "2023-02-29T00:00:00Z",
					  "2024-12-02T09:00Z",
					  "2024-12-02t09:00:00z",
					  "2024-12-02T09:00:00.1234567890Z",
					  "0001-01-01T00:00:00+00:01",
					  "9999-12-31T23:59:59-00:01",
					  ""};
	int64_t instant = 42;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (instant_parse(bad[i], &instant, NULL))
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(instant, 42);
	assert_instant("2024-12-02T09:00:00+08:00", "2024-12-02T01:00:00.000000Z");
	assert_instant("2024-12-02T01:02:03.5Z", "2024-12-02T01:02:03.500000Z");
	assert_instant("2024-12-02T01:02:03.123456789Z", "2024-12-02T01:02:03.123456Z");
	assert_instant("2024-01-01T00:00:00-03:30", "2024-01-01T03:30:00.000000Z");
	assert_instant("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
	assert_instant("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z");
	assert_instant("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z");
}

static void
test_clock_stands_and_moves(void **state)
{
	int64_t before = clock_monotonic_us();

	(void)state;
	assert_true(clock_monotonic_us() >= before);
	assert_true(clock_now_us() > date_instant(day("2020-01-01")));
	clock_freeze(1000);
	before = clock_monotonic_us();
	assert_int_equal(clock_now_us(), 1000);
	clock_advance(CLOCK_US_PER_SECOND);
	assert_int_equal(clock_now_us(), 1001000);
	assert_int_equal(clock_monotonic_us(), before + 1000000);
	clock_thaw();
	assert_true(clock_now_us() > date_instant(day("2020-01-01")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_day_agrees_with_libc),
	    cmocka_unit_test(test_parse_refuses),
	    cmocka_unit_test(test_months),
	    cmocka_unit_test(test_age),
	    cmocka_unit_test(test_days_begin_in_shanghai),
	    cmocka_unit_test(test_instants),
	    cmocka_unit_test(test_clock_stands_and_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
