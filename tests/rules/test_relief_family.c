/* SPDX-License-Identifier: Apache-2.0 */
/* RLF-01, RLF-03, RLF-04, RLF-10, RLF-30 to RLF-32: who counts, what counts. */
#include "relief.h"

#include "rules_fact.h"
#include "rules_income.h"

struct member_case {
	const char *name;
	FamilyMember__Relation relation;
	const char *born;
	FamilyMember__Absence absence;
	const char *since;
	bool married, student, independent, shares, counted;
};

static void
rlf01_members(void **state)
{
	static const struct member_case cases[] = {
	    {"applicant", FAMILY_MEMBER__RELATION__SELF, "1980-01-01", .counted = true},
	    {"spouse", FAMILY_MEMBER__RELATION__SPOUSE, "1980-01-01", .counted = true},
	    {"child of 17", FAMILY_MEMBER__RELATION__CHILD, "2006-06-16", .independent = true,
	     .counted = true},
	    {"18 today, independent", FAMILY_MEMBER__RELATION__CHILD, "2006-06-15",
	     .independent = true, .counted = false},
	    {"student", FAMILY_MEMBER__RELATION__CHILD, "2003-01-01", .independent = true,
	     .student = true, .counted = true},
	    {"adult at home", FAMILY_MEMBER__RELATION__CHILD, "1999-01-01", .counted = true},
	    {"parent elsewhere", FAMILY_MEMBER__RELATION__PARENT, "1950-01-01", .counted = false},
	    {"parent here", FAMILY_MEMBER__RELATION__PARENT, "1950-01-01", .shares = true,
	     .counted = true},
	    {"prison", FAMILY_MEMBER__RELATION__SPOUSE, "1980-01-01",
	     FAMILY_MEMBER__ABSENCE__PRISON, .counted = false},
	    {"rehabilitation", FAMILY_MEMBER__RELATION__SPOUSE, "1980-01-01",
	     FAMILY_MEMBER__ABSENCE__DRUG_REHABILITATION, .counted = false},
	    {"missing", FAMILY_MEMBER__RELATION__SPOUSE, "1980-01-01",
	     FAMILY_MEMBER__ABSENCE__MISSING, .counted = false},
	    {"monk for 2 years", FAMILY_MEMBER__RELATION__CHILD, "1999-01-01",
	     FAMILY_MEMBER__ABSENCE__CLERGY, "2022-06-15", .counted = true},
	    {"monk for 3 years", FAMILY_MEMBER__RELATION__CHILD, "1999-01-01",
	     FAMILY_MEMBER__ABSENCE__CLERGY, "2021-06-15", .counted = false},
	    {"soldier", FAMILY_MEMBER__RELATION__CHILD, "2003-01-01",
	     FAMILY_MEMBER__ABSENCE__ACTIVE_SERVICE, .counted = false},
	    {"married soldier", FAMILY_MEMBER__RELATION__CHILD, "2003-01-01",
	     FAMILY_MEMBER__ABSENCE__ACTIVE_SERVICE, .married = true, .counted = true},
	};
	struct relief_test *t = relief_test_new("2024-06-15");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FamilyMember *member =
		    relief_member(t, cases[i].name, cases[i].relation, cases[i].born);

		member->absence = cases[i].absence;
		if (cases[i].since)
			member->absent_since = svc_date(&t->c, relief_day(cases[i].since));
		member->married = cases[i].married;
		member->full_time_student = cases[i].student;
		member->lives_independently = cases[i].independent;
		member->shares_support_duty = cases[i].shares;
		if (family_counts(&t->policy, member, t->c.today).counted != cases[i].counted)
			fail_msg("%s", cases[i].name);
	}
	relief_test_free(t);
}

static void
rlf03_windows_and_kinds(void **state)
{
	struct relief_test *t = relief_test_new("2024-06-15");
	FamilyIncome *farm;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	farm = relief_income(t, "", FAMILY_INCOME__KIND__OPERATING, 5000, 12);
	farm->cost_fen = FEN(2000);
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), FEN(1150));
	relief_income(t, "mother", FAMILY_INCOME__KIND__BASIC_PENSION, 143, 1);
	relief_income(t, "child", FAMILY_INCOME__KIND__SCHOLARSHIP, 2000, 1);
	relief_income(t, "father", FAMILY_INCOME__KIND__PREFERENTIAL_PENSION, 700, 1);
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), FEN(1150));
	relief_income(t, "child", FAMILY_INCOME__KIND__ILLNESS_COST, 150, 1);
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), FEN(1000));
	relief_income(t, "stranger", FAMILY_INCOME__KIND__WAGE, 9999, 1);
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), FEN(1000));
	relief_income(t, "father", FAMILY_INCOME__KIND__JOB_COST, 5000, 1);
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), 0);
	relief_test_free(t);
}

/* Two thirds of a fen are rounded once, at the household. */
static void
rlf08_rounds_once(void **state)
{
	struct relief_test *t = relief_test_new("2024-06-15");

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 0);
	relief_income(t, "", FAMILY_INCOME__KIND__TRANSFER, 0, 12)->amount_fen = 8;
	relief_income(t, "", FAMILY_INCOME__KIND__TRANSFER, 0, 12)->amount_fen = 8;
	assert_int_equal(income_of_family(&t->policy, &t->file, t->c.today), 1);
	relief_test_free(t);
}

static void
rlf04_property(void **state)
{
	struct relief_test *t = relief_test_new("2024-06-15");
	struct property property;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 0);
	relief_property(t, FAMILY_PROPERTY__KIND__DEPOSIT, 1000);
	relief_property(t, FAMILY_PROPERTY__KIND__CLAIM, 500);
	relief_property(t, FAMILY_PROPERTY__KIND__VEHICLE, 3000)->mobility_aid = true;
	relief_property(t, FAMILY_PROPERTY__KIND__VEHICLE, 9000);
	relief_property(t, FAMILY_PROPERTY__KIND__HOUSE, 0);
	property = property_of_family(&t->policy, &t->file, t->c.today);
	assert_int_equal(property.assets_fen, FEN(1500));
	assert_int_equal(property.vehicles, 1);
	assert_int_equal(property.houses, 1);
	relief_test_free(t);
}

static void
rlf10_and_rlf30_by_certificate(void **state)
{
	static const struct {
		MemberHealth__Disability kind;
		int level;
		bool alone, no_capacity;
	} cases[] = {
	    {MEMBER_HEALTH__DISABILITY__VISUAL, 1, true, true},
	    {MEMBER_HEALTH__DISABILITY__VISUAL, 2, true, false},
	    {MEMBER_HEALTH__DISABILITY__LIMB, 2, true, true},
	    {MEMBER_HEALTH__DISABILITY__LIMB, 3, false, false},
	    {MEMBER_HEALTH__DISABILITY__MENTAL, 3, true, true},
	    {MEMBER_HEALTH__DISABILITY__INTELLECTUAL, 3, true, true},
	    {MEMBER_HEALTH__DISABILITY__INTELLECTUAL, 4, false, false},
	    {MEMBER_HEALTH__DISABILITY__HEARING, 3, false, false},
	    {MEMBER_HEALTH__DISABILITY__DISABILITY_UNSPECIFIED, 0, false, false},
	};
	struct relief_test *t = relief_test_new("2024-06-15");
	FamilyMember *member = relief_member(t, "x", FAMILY_MEMBER__RELATION__SELF, "1980-01-01");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		relief_health(t, member, cases[i].kind, cases[i].level);
		assert_int_equal(family_may_apply_alone(member), cases[i].alone);
		assert_int_equal(family_no_working_capacity(member, t->c.today),
				 cases[i].no_capacity);
	}
	member->health->major_illness = true;
	assert_true(family_may_apply_alone(member));
	relief_test_free(t);
}

static void
rlf30_ages(void **state)
{
	static const struct {
		const char *born;
		bool no_capacity;
	} cases[] = {{"1964-06-15", true},
		     {"1964-06-16", false},
		     {"2008-06-16", true},
		     {"2008-06-15", false}};
	struct relief_test *t = relief_test_new("2024-06-15");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FamilyMember *member =
		    relief_member(t, "x", FAMILY_MEMBER__RELATION__SELF, cases[i].born);

		assert_int_equal(family_no_working_capacity(member, t->c.today),
				 cases[i].no_capacity);
	}
	relief_test_free(t);
}

/* Scenario 23: 3 failed = half care, 4 failed = full care. */
static void
rlf31_scenario_23(void **state)
{
	static const Award__CareGrade grades[] = {
	    AWARD__CARE_GRADE__SELF_RELIANT, AWARD__CARE_GRADE__HALF_CARE,
	    AWARD__CARE_GRADE__HALF_CARE,    AWARD__CARE_GRADE__HALF_CARE,
	    AWARD__CARE_GRADE__FULL_CARE,    AWARD__CARE_GRADE__FULL_CARE,
	    AWARD__CARE_GRADE__FULL_CARE};
	SelfCareTest tests[7];
	SelfCareTest *list[7];

	(void)state;
	for (int failed = 0; failed <= 6; failed++) {
		for (int i = 0; i < 6; i++) {
			self_care_test__init(&tests[i]);
			tests[i].indicator = (SelfCareTest__Indicator)(i + 1);
			tests[i].failed = i < failed;
			list[i] = &tests[i];
		}
		assert_int_equal(family_care_grade(list, 6), grades[failed]);
	}
	/* The same indicator twice counts once. */
	tests[6] = tests[0];
	list[6] = &tests[6];
	for (int i = 1; i < 6; i++)
		tests[i].failed = false;
	assert_int_equal(family_care_grade(list, 7), AWARD__CARE_GRADE__HALF_CARE);
}

/* Scenario 22: 18 on 2026-09-10, in vocational school until 2028-06. */
static void
rlf32_scenario_22(void **state)
{
	struct date school = relief_day("2028-06-30"), born = relief_day("2008-09-10");

	(void)state;
	assert_int_equal(fact_minor_until(born, &school), date_month(relief_day("2028-06-01")));
	assert_int_equal(fact_minor_until(born, NULL), date_month(relief_day("2026-09-01")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rlf01_members),
	    cmocka_unit_test(rlf03_windows_and_kinds),
	    cmocka_unit_test(rlf08_rounds_once),
	    cmocka_unit_test(rlf04_property),
	    cmocka_unit_test(rlf10_and_rlf30_by_certificate),
	    cmocka_unit_test(rlf30_ages),
	    cmocka_unit_test(rlf31_scenario_23),
	    cmocka_unit_test(rlf32_scenario_22),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
