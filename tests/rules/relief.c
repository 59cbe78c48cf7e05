/* SPDX-License-Identifier: Apache-2.0 */
#include "relief.h"

#include <stdlib.h>

/* What the registry holds in each period (domain rule 2.1); the rest is the same all the time. */
static const struct {
	const char *from;
	int urban, rural, tekun;
} standards[] = {
    {"2023-09-01", 735, 600, 955}, {"2024-09-01", 750, 610, 975}, {"2025-07-01", 770, 630, 1001}};

struct date
relief_day(const char *text)
{
	struct date day = {0};

	assert_true(date_parse(text, &day));
	return day;
}

const char *
relief_day_text(struct date day)
{
	static char text[DATE_TEXT_SIZE];

	return date_format(day, text);
}

static void
amounts(ReliefPolicy *policy, struct date on)
{
	for (size_t i = 0; i < sizeof(standards) / sizeof(standards[0]); i++) {
		if (date_compare(relief_day(standards[i].from), on) > 0)
			break;
		policy->dibao_urban_fen = FEN(standards[i].urban);
		policy->dibao_rural_fen = FEN(standards[i].rural);
		policy->tekun_fen = FEN(standards[i].tekun);
	}
	policy->care_self_fen = FEN(50);
	policy->care_half_fen = FEN(200);
	policy->care_full_fen = FEN(300);
	policy->increment_disabled_fen = FEN(80);
	policy->increment_illness_fen = FEN(70);
	policy->increment_elder_fen = FEN(60);
	policy->increment_child_fen = FEN(60);
}

static void
parameters(ReliefPolicy *policy, struct date on)
{
	bool law = date_compare(on, relief_day("2026-07-01")) >= 0;

	policy->edge_permille = 1500;
	policy->disposable_urban_fen = FEN(3400);
	policy->disposable_rural_fen = FEN(1600);
	policy->rigid_permille = date_compare(on, relief_day("2024-11-01")) >= 0 ? 600 : 0;
	policy->deposit_months = 24;
	policy->edge_deposit_months = 36;
	policy->max_vehicles = 0;
	policy->max_houses = 1;
	policy->first_month = RELIEF_POLICY__FIRST_MONTH__SAME_MONTH;
	policy->check_workdays = 3;
	policy->notice_days = 7;
	policy->renotice_days = 3;
	policy->total_days = 30;
	policy->total_workdays = 30;
	policy->total_special_workdays = 45;
	policy->refusal_workdays = 3;
	policy->clergy_years = 3;
	policy->gradual_exit_months = 6;
	policy->gradual_exit_permille = 1500;
	policy->temp_township_limit_fen = FEN(1000);
	policy->temp_max_fen = FEN(20000);
	policy->temp_max_per_year = 2;
	policy->fast_aid = date_compare(on, relief_day("2026-01-01")) >= 0;
	policy->fast_aid_days = 3;
	policy->hearing_required = law;
	policy->penalty_max_permille = law ? 2000 : 3000;
	policy->class_a_months = 12;
	policy->class_b_months = 6;
	policy->class_c_urban_months = 1;
	policy->class_c_rural_months = 3;
	policy->rescue_days = 10;
	policy->rescue_unidentified_months = 3;
}

void
relief_test_day(struct relief_test *t, const char *today)
{
	t->c.today = relief_day(today);
	t->c.now = date_instant(t->c.today);
	amounts(&t->policy, t->c.today);
	parameters(&t->policy, t->c.today);
}

struct relief_test *
relief_test_new(const char *today)
{
	struct relief_test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->c.arena = arena_new(1 << 20);
	assert_non_null(t->c.arena);
	t->c.run = &t->run;
	relief_policy__init(&t->policy);
	family_file__init(&t->file);
	relief_test_day(t, today);
	return t;
}

void
relief_test_free(struct relief_test *t)
{
	arena_free(t->c.arena);
	free(t);
}

FamilyMember *
relief_member(struct relief_test *t, const char *id, FamilyMember__Relation relation,
	      const char *born)
{
	FamilyMember *member = SVC_ADD(&t->c, &t->file, members, family_member);

	member->person_id = svc_copy_text(&t->c, id);
	member->name = svc_copy_text(&t->c, "张三丰");
	member->relation = relation;
	member->born_on = svc_date(&t->c, relief_day(born));
	return member;
}

MemberHealth *
relief_health(struct relief_test *t, FamilyMember *member, MemberHealth__Disability kind, int level)
{
	MemberHealth *health = svc_message(&t->c, &member_health__descriptor);

	health->disability = kind;
	health->level = level;
	member->health = health;
	return health;
}

FamilyIncome *
relief_income(struct relief_test *t, const char *person_id, FamilyIncome__Kind kind, int64_t yuan,
	      int months)
{
	FamilyIncome *income = SVC_ADD(&t->c, &t->file, incomes, family_income);

	income->person_id = svc_copy_text(&t->c, person_id);
	income->kind = kind;
	income->amount_fen = FEN(yuan);
	income->months = months;
	return income;
}

FamilyProperty *
relief_property(struct relief_test *t, FamilyProperty__Kind kind, int64_t yuan)
{
	FamilyProperty *item = SVC_ADD(&t->c, &t->file, properties, family_property);

	item->kind = kind;
	item->value_fen = FEN(yuan);
	return item;
}

void
relief_family_of_three(struct relief_test *t, Award__Area area, int64_t wage_yuan)
{
	t->file.area = area;
	t->file.consents_to_reuse = true;
	relief_member(t, "father", FAMILY_MEMBER__RELATION__SELF, "1980-05-01");
	relief_member(t, "mother", FAMILY_MEMBER__RELATION__SPOUSE, "1982-05-01");
	relief_member(t, "child", FAMILY_MEMBER__RELATION__CHILD, "2008-05-01");
	relief_income(t, "father", FAMILY_INCOME__KIND__WAGE, wage_yuan, 1);
}
