/* SPDX-License-Identifier: Apache-2.0 */
/* RLF-05, RLF-06, RLF-12, RLF-15, RLF-40, RLF-42, RLF-45, C-2 to C-7, events: the course of a file.
 */
#include "relief.h"

#include <string.h>

#include "rules_aid.h"
#include "rules_amount.h"
#include "rules_clock.h"
#include "rules_fact.h"
#include "rules_state.h"
#include "rules_tiers.h"

/* Scenarios 6 and 7: accepted Friday 2024-09-20. */
static void
scenario_6_and_7(void **state)
{
	struct relief_test *t = relief_test_new("2024-09-20");
	struct workday_calendar calendar;
	struct clock_days days;

	(void)state;
	workday_calendar_init_known(&calendar);
	assert_int_equal(clock_of_acceptance(&calendar, &t->policy, t->c.today, &days), WORKDAY_OK);
	assert_string_equal(relief_day_text(days.check_by), "2024-09-25");
	assert_string_equal(relief_day_text(days.ministry_by), "2024-11-06");
	assert_string_equal(relief_day_text(days.ministry_special), "2024-11-27");
	assert_string_equal(relief_day_text(days.local_by), "2024-10-28");
	assert_string_equal(relief_day_text(days.due), "2024-10-28");
	assert_int_equal(
	    clock_of_acceptance(&calendar, &t->policy, relief_day("2026-12-02"), &days),
	    WORKDAY_OUT_OF_CALENDAR);
	relief_test_free(t);
}

/* Scenario 8: 7 days; 3 more after a re-check. */
static void
scenario_8(void **state)
{
	struct relief_test *t = relief_test_new("2024-08-01");
	struct workday_calendar calendar;
	struct date last;

	(void)state;
	workday_calendar_init_known(&calendar);
	assert_int_equal(
	    clock_notice_end(&calendar, &t->policy, relief_day("2024-08-01"), false, &last),
	    WORKDAY_OK);
	assert_string_equal(relief_day_text(last), "2024-08-08");
	assert_int_equal(
	    clock_notice_end(&calendar, &t->policy, relief_day("2024-08-09"), true, &last),
	    WORKDAY_OK);
	assert_string_equal(relief_day_text(last), "2024-08-12");
	/* An objection stops the way to a decision. */
	assert_null(application_step(APPLICATION__STATE__OBJECTION, APPLICATION_CONFIRM));
	assert_null(application_step(APPLICATION__STATE__RECHECK, APPLICATION_CONFIRM));
	relief_test_free(t);
}

/* The calendar a decision loads: what differs from weekdays, and the first of each year. */
static void
calendar_of_loaded_days(void **state)
{
	struct relief_test *t = relief_test_new("2024-09-20");
	Workday first, rest, work, *list[] = {&first, &rest, &work};
	struct workday_calendar calendar;
	struct date day;

	(void)state;
	workday__init(&first);
	workday__init(&rest);
	workday__init(&work);
	first.day = svc_date(&t->c, relief_day("2024-01-01"));
	rest.day = svc_date(&t->c, relief_day("2024-10-01"));
	work.day = svc_date(&t->c, relief_day("2024-09-29"));
	work.working = true;
	clock_calendar(list, 3, &calendar);
	assert_int_equal(workday_at_or_after(&calendar, relief_day("2024-10-01"), &day),
			 WORKDAY_OK);
	assert_string_equal(relief_day_text(day), "2024-10-02");
	assert_int_equal(workday_at_or_after(&calendar, relief_day("2024-09-29"), &day),
			 WORKDAY_OK);
	assert_string_equal(relief_day_text(day), "2024-09-29");
	assert_int_equal(workday_at_or_after(&calendar, relief_day("2025-01-04"), &day),
			 WORKDAY_OUT_OF_CALENDAR);
	relief_test_free(t);
}

static void
rlf12_intervals(void **state)
{
	static const struct {
		Award__RecheckClass recheck_class;
		Award__Area area;
		const char *due;
	} cases[] = {
	    {AWARD__RECHECK_CLASS__A, AWARD__AREA__URBAN, "2025-01-31"},
	    {AWARD__RECHECK_CLASS__B, AWARD__AREA__RURAL, "2024-07-31"},
	    {AWARD__RECHECK_CLASS__C, AWARD__AREA__URBAN, "2024-02-29"},
	    {AWARD__RECHECK_CLASS__C, AWARD__AREA__RURAL, "2024-04-30"},
	};
	struct relief_test *t = relief_test_new("2024-01-31");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    relief_day_text(clock_next_recheck(&t->policy, cases[i].recheck_class,
						       cases[i].area, t->c.today)),
		    cases[i].due);
	relief_test_free(t);
}

/* RLF-05: no state can be left twice by one action, and every state but ARCHIVED has a way out. */
static void
rlf05_table(void **state)
{
	size_t n;
	const struct application_step *steps = application_steps(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool has_next = steps[i].next == APPLICATION__STATE__ARCHIVED;

		for (size_t k = 0; k < n; k++) {
			has_next = has_next || steps[k].state == steps[i].next;
			if (k != i && steps[k].state == steps[i].state)
				assert_int_not_equal(steps[k].action, steps[i].action);
		}
		assert_true(has_next);
		assert_int_equal(strncmp(steps[i].permission, "relief.", 7), 0);
	}
	/* No household enters without application, check and confirmation. */
	for (size_t i = 0; i < n; i++) {
		if (steps[i].next == APPLICATION__STATE__CONFIRMED)
			assert_true(steps[i].state == APPLICATION__STATE__PUBLICISED ||
				    steps[i].state == APPLICATION__STATE__COUNTY_REVIEW);
		if (steps[i].next == APPLICATION__STATE__SURVEY)
			assert_int_equal(steps[i].state, APPLICATION__STATE__CHECKING);
	}
}

/* RLF-12: in whatever state a proposed change finds a running award, it can be decided. */
static void
running_awards_can_be_decided(void **state)
{
	static const Award__State running[] = {AWARD__STATE__PAYING, AWARD__STATE__ADJUSTING,
					       AWARD__STATE__HEARING, AWARD__STATE__GRADUAL_EXIT};

	(void)state;
	for (size_t i = 0; i < sizeof(running) / sizeof(running[0]); i++) {
		assert_non_null(award_step(running[i], AWARD_ADJUST));
		assert_non_null(award_step(running[i], AWARD_LEAVE_SLOWLY));
		assert_non_null(award_step(running[i], AWARD_STOP));
	}
	assert_null(award_step(AWARD__STATE__STOPPED, AWARD_ADJUST));
	assert_null(award_step(AWARD__STATE__STOPPED, AWARD_STOP));
}

/* Scenario 10: the earner of a family of three dies on 2024-03-15, reported in June. */
static void
scenario_10(void **state)
{
	struct relief_test *t = relief_test_new("2024-06-20");
	const struct fact_rule *rule =
	    fact_rule(PERSON_CHANGED__KIND__DEATH, AWARD__PROGRAMME__DIBAO);
	DecisionTrace *trace;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	assert_non_null(rule);
	assert_string_equal(rule->rule, "E-01");
	assert_string_equal(
	    amount_month_text(&t->c, fact_first_month(rule, relief_day("2024-03-15"), NULL)),
	    "2024-04");
	assert_false(fact_ends_award(&t->policy, rule, &t->file, "father", t->c.today));
	fact_apply(&t->file, rule, "father", PERSON_CHANGED__KIND__DEATH);
	trace = tiers_evaluate(&t->c, &t->policy, &t->file, t->c.today);
	assert_int_equal(trace->counted_members, 2);
	assert_int_equal(trace->amount->amount_fen, FEN(1200));
	relief_test_free(t);
}

/* Scenarios 12 and 15: paid after death: recover, no fine without fault. */
static void
scenario_12_and_15(void **state)
{
	struct relief_test *t = relief_test_new("2024-07-05");
	const struct fact_rule *rule =
	    fact_rule(PERSON_CHANGED__KIND__DEATH, AWARD__PROGRAMME__TEKUN);

	(void)state;
	relief_member(t, "e", FAMILY_MEMBER__RELATION__SELF, "1950-01-01");
	assert_string_equal(
	    amount_month_text(&t->c, fact_first_month(rule, relief_day("2024-03-31"), NULL)),
	    "2024-04");
	assert_true(fact_ends_award(&t->policy, rule, &t->file, "e", t->c.today));
	assert_int_equal(amount_most_fine_fen(&t->policy, OVERPAYMENT_NO_FAULT, FEN(600)), 0);
	relief_test_free(t);
}

/* A corrected day reaches back to the earlier of both (EVT-01). */
static void
evt01_correction(void **state)
{
	struct relief_test *t = relief_test_new("2024-07-05");
	const struct fact_rule *rule =
	    fact_rule(PERSON_CHANGED__KIND__DEATH, AWARD__PROGRAMME__DIBAO);
	struct date told = relief_day("2024-02-10");

	(void)state;
	assert_string_equal(
	    amount_month_text(&t->c, fact_first_month(rule, relief_day("2024-05-01"), &told)),
	    "2024-03");
	relief_test_free(t);
}

/* Scenario 16 (E-32): the award that began earlier stays. */
static void
scenario_16(void **state)
{
	month_number february = date_month(relief_day("2024-02-01")), march = february + 1;

	(void)state;
	assert_true(fact_gives_way(march, february));
	assert_true(fact_gives_way(march, march));
	assert_false(fact_gives_way(february, march));
}

/* Scenario 19: 700 a head against 610; six months more, then nothing. */
static void
scenario_19(void **state)
{
	struct relief_test *t = relief_test_new("2024-11-15");
	month_number last;

	(void)state;
	assert_true(
	    amount_gradual_exit(&t->policy, AWARD__AREA__RURAL, FEN(700), true, t->c.today, &last));
	assert_string_equal(amount_month_text(&t->c, last), "2025-05");
	assert_false(amount_gradual_exit(&t->policy, AWARD__AREA__RURAL, FEN(700), false,
					 t->c.today, &last));
	assert_false(
	    amount_gradual_exit(&t->policy, AWARD__AREA__RURAL, FEN(915), true, t->c.today, &last));
	assert_false(
	    amount_gradual_exit(&t->policy, AWARD__AREA__RURAL, FEN(609), true, t->c.today, &last));
	relief_test_free(t);
}

/* Scenario 21: a gain of 5,000. */
static void
scenario_21(void **state)
{
	struct relief_test *t = relief_test_new("2026-09-01");

	(void)state;
	assert_int_equal(amount_most_fine_fen(&t->policy, OVERPAYMENT_FRAUD, FEN(5000)),
			 FEN(10000));
	relief_test_day(t, "2026-06-30");
	assert_int_equal(amount_most_fine_fen(&t->policy, OVERPAYMENT_FRAUD, FEN(5000)),
			 FEN(15000));
	relief_test_free(t);
}

/* Scenario 24: a house fire, 2,000 needed. */
static void
scenario_24(void **state)
{
	struct relief_test *t = relief_test_new("2026-10-03");

	(void)state;
	assert_int_equal(
	    aid_check_fast(&t->policy, AWARD__AREA__URBAN, FEN(770), t->c.today, t->c.today),
	    AID_OK);
	assert_int_equal(
	    aid_check_fast(&t->policy, AWARD__AREA__URBAN, 77001, t->c.today, t->c.today),
	    AID_OVER_LIMIT);
	assert_int_equal(aid_check_fast(&t->policy, AWARD__AREA__URBAN, FEN(770), t->c.today,
					relief_day("2026-10-07")),
			 AID_TOO_LATE);
	relief_test_day(t, "2024-10-03");
	assert_int_equal(
	    aid_check_fast(&t->policy, AWARD__AREA__URBAN, FEN(100), t->c.today, t->c.today),
	    AID_NOT_IN_FORCE);
	relief_test_free(t);
}

/* E-19: uncounted, but still of the family; E-22: the household goes on without a child. */
static void
events_on_members(void **state)
{
	struct relief_test *t = relief_test_new("2024-07-01");
	const struct fact_rule *prison =
	    fact_rule(PERSON_CHANGED__KIND__CUSTODY_BEGAN, AWARD__PROGRAMME__DIBAO);
	const struct fact_rule *moved =
	    fact_rule(PERSON_CHANGED__KIND__MOVED_OUT, AWARD__PROGRAMME__DIBAO);

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	assert_true(fact_ends_award(&t->policy, moved, &t->file, "father", t->c.today));
	assert_false(fact_ends_award(&t->policy, moved, &t->file, "child", t->c.today));
	fact_apply(&t->file, prison, "mother", PERSON_CHANGED__KIND__CUSTODY_BEGAN);
	assert_int_equal(t->file.n_members, 3);
	assert_int_equal(tiers_evaluate(&t->c, &t->policy, &t->file, t->c.today)->counted_members,
			 2);
	assert_null(fact_rule(PERSON_CHANGED__KIND__NAME_CHANGED, AWARD__PROGRAMME__DIBAO));
	relief_test_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scenario_6_and_7),
	    cmocka_unit_test(scenario_8),
	    cmocka_unit_test(calendar_of_loaded_days),
	    cmocka_unit_test(rlf12_intervals),
	    cmocka_unit_test(rlf05_table),
	    cmocka_unit_test(running_awards_can_be_decided),
	    cmocka_unit_test(scenario_10),
	    cmocka_unit_test(scenario_12_and_15),
	    cmocka_unit_test(evt01_correction),
	    cmocka_unit_test(scenario_16),
	    cmocka_unit_test(scenario_19),
	    cmocka_unit_test(scenario_21),
	    cmocka_unit_test(scenario_24),
	    cmocka_unit_test(events_on_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
