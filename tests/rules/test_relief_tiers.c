/* SPDX-License-Identifier: Apache-2.0 */
/* RLF-02, RLF-08 to RLF-10, RLF-20 to RLF-22, RLF-30: one pass, its trace, its amount. */
#include "relief.h"

#include <string.h>

#include "rules_amount.h"
#include "rules_notice.h"
#include "rules_tiers.h"
#include "rules_trace.h"

static DecisionTrace *
evaluate(struct relief_test *t)
{
	DecisionTrace *trace = tiers_evaluate(&t->c, &t->policy, &t->file, t->c.today);

	assert_int_equal(trace_verify(trace), TRACE_OK);
	return trace;
}

static int64_t
amount_of(struct relief_test *t)
{
	return evaluate(t)->amount->amount_fen;
}

/* Scenarios 1 and 2: (600 - 300) × 3 = 900; from September 930. */
static void
scenario_1_and_2(void **state)
{
	struct relief_test *t = relief_test_new("2024-08-15");

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	assert_int_equal(amount_of(t), FEN(900));
	relief_test_day(t, "2024-09-24");
	assert_int_equal(amount_of(t), FEN(930));
	relief_test_free(t);
}

/* Scenarios 3 and 4: equal is not below; the bound of edge is 915. */
static void
scenario_3_and_4(void **state)
{
	static const struct {
		int64_t per_capita_fen;
		Award__Programme outcome;
	} cases[] = {
	    {60999, AWARD__PROGRAMME__DIBAO},
	    {61000, AWARD__PROGRAMME__EDGE},
	    {91499, AWARD__PROGRAMME__EDGE},
	    {91500, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct relief_test *t = relief_test_new("2024-10-15");

		relief_family_of_three(t, AWARD__AREA__RURAL, 0);
		t->file.incomes[0]->amount_fen = 3 * cases[i].per_capita_fen;
		assert_int_equal(evaluate(t)->outcome, cases[i].outcome);
		relief_test_free(t);
	}
}

/* Scenario 5: an edge household at 800; the daughter, disabled level 1, applies alone: 610. */
static void
scenario_5(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");
	FamilyMember *daughter;

	(void)state;
	t->file.area = AWARD__AREA__RURAL;
	t->file.single_person = true;
	t->file.household_per_capita_fen = FEN(800);
	daughter = relief_member(t, "d", FAMILY_MEMBER__RELATION__SELF, "1999-03-01");
	relief_health(t, daughter, MEMBER_HEALTH__DISABILITY__LIMB, 1);
	t->policy.increment_disabled_fen = 0;
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__DIBAO);
	assert_int_equal(amount_of(t), FEN(610));
	daughter->health->level = 3;
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	daughter->health->level = 1;
	t->file.household_per_capita_fen = FEN(915);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	relief_test_free(t);
}

/* RLF-22: tekun comes before dibao; the lower tiers need consent. */
static void
rlf22_order_and_consent(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");
	FamilyMember *elder;

	(void)state;
	t->file.area = AWARD__AREA__URBAN;
	elder = relief_member(t, "e", FAMILY_MEMBER__RELATION__SELF, "1950-03-01");
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__DIBAO);
	elder->no_able_supporter = true;
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__TEKUN);
	assert_int_equal(amount_of(t), FEN(975 + 50));
	relief_income(t, "e", FAMILY_INCOME__KIND__TRANSFER, 800, 1);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	t->file.consents_to_reuse = true;
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__EDGE);
	relief_test_free(t);
}

/* RLF-21: from 2024-11; spending over 60 % of the year's income. */
static void
rlf21_rigid(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 3000);
	t->file.rigid_spending_fen = FEN(21601);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	relief_test_day(t, "2024-11-15");
	t->file.rigid_spending_fen = FEN(21636);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__RIGID);
	assert_int_equal(amount_of(t), 0);
	t->file.rigid_spending_fen = FEN(21600);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	relief_test_free(t);
}

static void
rlf04_refuses_property(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	relief_property(t, FAMILY_PROPERTY__KIND__DEPOSIT, 610 * 24 * 3);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__DIBAO);
	relief_property(t, FAMILY_PROPERTY__KIND__DEPOSIT, 1);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__EDGE);
	relief_property(t, FAMILY_PROPERTY__KIND__VEHICLE, 20000);
	assert_int_equal(evaluate(t)->outcome, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
	relief_test_free(t);
}

/* The parts add up to the amount, whatever does not divide; who refused work gets nothing. */
static void
rlf09_and_rlf14_shares(void **state)
{
	struct relief_test *t = relief_test_new("2024-08-15");
	AwardShare **shares = NULL;
	DecisionTrace *trace;
	int64_t sum = 0;
	size_t n = 0;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 0);
	t->file.incomes[0]->amount_fen = 90001;
	t->file.members[2]->school_child = true;
	trace = evaluate(t);
	assert_int_equal(trace->amount->amount_fen, 180000 - 90001 + FEN(60));
	amount_shares(&t->c, &t->policy, &t->file, trace, t->c.today, &n, &shares);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		sum += shares[i]->amount_fen;
	assert_int_equal(sum, trace->amount->amount_fen);
	assert_int_equal(shares[0]->amount_fen, 29999 + 2);
	assert_int_equal(shares[1]->amount_fen, 29999);
	assert_int_equal(shares[2]->amount_fen, 29999 + FEN(60));

	t->file.members[1]->work_refusals = 3;
	trace = evaluate(t);
	assert_int_equal(trace->amount->withheld_fen, 29999);
	n = 0;
	shares = NULL;
	sum = 0;
	amount_shares(&t->c, &t->policy, &t->file, trace, t->c.today, &n, &shares);
	assert_int_equal(shares[1]->amount_fen, 0);
	for (size_t i = 0; i < n; i++)
		sum += shares[i]->amount_fen;
	assert_int_equal(sum, trace->amount->amount_fen);
	relief_test_free(t);
}

/* Scenario 9: approved 2024-05-28. */
static void
scenario_9(void **state)
{
	struct relief_test *t = relief_test_new("2024-05-28");

	(void)state;
	assert_string_equal(amount_month_text(&t->c, amount_first_month(&t->policy, t->c.today)),
			    "2024-05");
	t->policy.first_month = RELIEF_POLICY__FIRST_MONTH__NEXT_MONTH;
	assert_string_equal(amount_month_text(&t->c, amount_first_month(&t->policy, t->c.today)),
			    "2024-06");
	relief_test_free(t);
}

/* A trace that was packed, stored and read again still proves its decision; a changed one does
 * not. */
static void
trace_alone_is_enough(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");
	uint8_t bytes[16384];
	DecisionTrace *trace, *again;
	size_t length;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 900);
	trace = evaluate(t);
	length = decision_trace__pack(trace, bytes);
	assert_true(length < sizeof(bytes));
	again = decision_trace__unpack(NULL, length, bytes);
	assert_non_null(again);
	assert_int_equal(trace_verify(again), TRACE_OK);
	again->amount->amount_fen++;
	assert_int_equal(trace_verify(again), TRACE_WRONG_AMOUNT);
	again->amount->amount_fen--;
	again->outcome = AWARD__PROGRAMME__EDGE;
	assert_int_equal(trace_verify(again), TRACE_WRONG_OUTCOME);
	again->outcome = AWARD__PROGRAMME__DIBAO;
	again->tiers[0]->eligible = true;
	assert_int_equal(trace_verify(again), TRACE_WRONG_TIER);
	again->tiers[0]->eligible = false;
	again->tiers[1]->conditions[0]->value = FEN(1);
	assert_int_equal(trace_verify(again), TRACE_WRONG_CONDITION);
	again->incomes[0]->counted_fen++;
	assert_int_equal(trace_verify(again), TRACE_WRONG_INCOME);
	again->members[2]->counted = false;
	assert_int_equal(trace_verify(again), TRACE_WRONG_MEMBERS);
	decision_trace__free_unpacked(again, NULL);
	relief_test_free(t);
}

/* CMP-12, RLF-16: the texts say what they must, and nothing more. */
static void
notices(void **state)
{
	struct relief_test *t = relief_test_new("2024-10-15");
	Application application;
	DecisionTrace *trace;
	char *text;

	(void)state;
	relief_family_of_three(t, AWARD__AREA__RURAL, 3000);
	trace = evaluate(t);
	application__init(&application);
	application.id = (char *)(uintptr_t) "a-1";
	application.file = &t->file;
	text = notice_refusal(&t->c, &application, trace, "", t->c.today);
	assert_non_null(strstr(text, "1000元，标准610元，高出390元，不符合"));
	assert_null(strstr(text, "刚性支出")); /* not yet law */
	assert_non_null(strstr(text, "行政复议"));
	assert_non_null(strstr(text, "行政诉讼"));
	assert_non_null(strstr(text, "《社会救助暂行办法》第六十五条"));
	assert_non_null(strstr(notice_remedies(&t->c, relief_day("2026-07-01")), "第七十六条"));

	t->file.incomes[0]->amount_fen = FEN(900);
	trace = evaluate(t);
	text = notice_public(&t->c, "城东街道文汇社区", &t->file, trace, relief_day("2024-10-22"));
	assert_non_null(strstr(text, "张三丰户，家庭成员3人"));
	assert_non_null(strstr(text, "每月发放930元"));
	assert_null(strstr(text, "收入"));
	text = notice_refusal(&t->c, &application, trace, "隐瞒存款", t->c.today);
	assert_non_null(strstr(text, "审核，决定不予确认。具体理由：\n隐瞒存款\n您如不服"));
	t->file.members[0]->born_on = svc_date(&t->c, relief_day("2010-01-01"));
	assert_string_equal(notice_public_name(&t->c, &t->file, t->c.today), "张**");
	relief_test_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scenario_1_and_2),
	    cmocka_unit_test(scenario_3_and_4),
	    cmocka_unit_test(scenario_5),
	    cmocka_unit_test(rlf22_order_and_consent),
	    cmocka_unit_test(rlf21_rigid),
	    cmocka_unit_test(rlf04_refuses_property),
	    cmocka_unit_test(rlf09_and_rlf14_shares),
	    cmocka_unit_test(scenario_9),
	    cmocka_unit_test(trace_alone_is_enough),
	    cmocka_unit_test(notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
