/* SPDX-License-Identifier: Apache-2.0 */
/* Households: joining, leaving, moving; bank accounts and policy beside them (2.1, 3.4, 3.7, 3.10).
 */
#include <string.h>

#include "registry.h"

#define FATHER   "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c01"
#define MOTHER   "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c02"
#define CHILD    "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c03"
#define HOME     "0e3bb0d5-7c79-7c4f-9f0e-0a4f3a1d2d01"
#define NEW_HOME "0e3bb0d5-7c79-7c4f-9f0e-0a4f3a1d2d02"

static HouseholdMember *
member(const char *person_id, const char *relation)
{
	HouseholdMember *row = NEW(household_member);

	row->person_id = svc_copy_text(registry_call(), person_id);
	row->relation = svc_copy_text(registry_call(), relation);
	return row;
}

static HouseholdMember *
membership(const char *household_id, const char *person_id, const char *relation)
{
	HouseholdMember *row = member(person_id, relation);

	row->id = svc_text(registry_call(), "%.35s%s", household_id, person_id + 35);
	row->number = 1;
	row->household_id = svc_copy_text(registry_call(), household_id);
	row->valid_from = day_of(2020, 1, 1);
	return row;
}

static Household *
household(const char *id, const char *head_id)
{
	Household *home = NEW(household);

	home->id = svc_copy_text(registry_call(), id);
	home->version = 1;
	home->number = svc_copy_text(registry_call(), "5001140001");
	home->division_id = VILLAGE;
	home->area = HOUSEHOLD__AREA__RURAL;
	home->head_id = svc_copy_text(registry_call(), head_id);
	home->opened_on = day_of(2020, 1, 1);
	return home;
}

/* Father, mother and child live together since 2020. */
static HouseholdChangeFacts *
family(void)
{
	HouseholdChangeFacts *facts = NEW(household_change_facts);
	struct svc_call *c = registry_call();

	SVC_APPEND(c, facts, households, household(HOME, FATHER));
	SVC_APPEND(c, facts, persons, person_of(FATHER));
	SVC_APPEND(c, facts, persons, person_of(MOTHER));
	SVC_APPEND(c, facts, persons, person_of(CHILD));
	SVC_APPEND(c, facts, members, membership(HOME, FATHER, "01"));
	SVC_APPEND(c, facts, members, membership(HOME, MOTHER, "02"));
	SVC_APPEND(c, facts, members, membership(HOME, CHILD, "20"));
	return facts;
}

static void
a_household_needs_its_head_among_its_members(void **state)
{
	CreateHouseholdRequest *req = NEW(create_household_request);
	HouseholdChangeFacts *facts = family();
	const HouseholdChangeEffects *out;

	(void)state;
	facts->n_members = 0;
	req->household = household("", FATHER);
	SVC_APPEND(registry_call(), req->household, members, member(MOTHER, "02"));
	assert_int_equal(registry_decide("create_household", req, facts), RPC_INVALID_ARGUMENT);
	SVC_APPEND(registry_call(), req->household, members, member(FATHER, "01"));
	assert_int_equal(registry_decide("create_household", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->n_inserted, 2);
	assert_int_equal(out->n_events, 2);
	assert_int_equal(out->events[0]->kind, PERSON_CHANGED__KIND__JOINED_HOUSEHOLD);
	assert_string_equal(out->events[0]->household_id, out->reply->id);
}

static void
nobody_is_in_two_households(void **state)
{
	CreateHouseholdRequest *req = NEW(create_household_request);

	(void)state;
	req->household = household("", FATHER);
	SVC_APPEND(registry_call(), req->household, members, member(FATHER, "01"));
	assert_int_equal(registry_decide("create_household", req, family()),
			 RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "IN_HOUSEHOLD");
}

static void
who_leaves_is_told_and_the_head_is_replaced(void **state)
{
	RemoveMembersRequest *req = NEW(remove_members_request);
	const HouseholdChangeEffects *out;

	(void)state;
	req->id = svc_copy_text(registry_call(), HOME);
	req->version = 1;
	req->left_on = day_of(2024, 11, 1);
	SVC_APPEND(registry_call(), req, person_ids, svc_copy_text(registry_call(), FATHER));
	assert_int_equal(registry_decide("remove_members", req, family()), RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("head_id"));
	req->head_id = svc_copy_text(registry_call(), FATHER); /* who leaves is no head */
	assert_int_equal(registry_decide("remove_members", req, family()), RPC_INVALID_ARGUMENT);
	req->head_id = svc_copy_text(registry_call(), MOTHER);
	assert_int_equal(registry_decide("remove_members", req, family()), RPC_OK);
	out = registry_effects();
	assert_string_equal(out->reply->head_id, MOTHER);
	assert_int_equal(out->n_closed_ids, 2);
	assert_int_equal(out->n_inserted, 3); /* father until, mother until, mother as head */
	assert_int_equal(day_number(out->inserted[0]->valid_to), 20241031);
	assert_string_equal(out->inserted[2]->relation, "01");
	assert_int_equal(out->n_events, 1);
	assert_int_equal(out->events[0]->kind, PERSON_CHANGED__KIND__LEFT_HOUSEHOLD);
	assert_null(out->reply->closed_on);
}

static void
an_empty_household_is_closed(void **state)
{
	RemoveMembersRequest *req = NEW(remove_members_request);
	const HouseholdChangeEffects *out;

	(void)state;
	req->id = svc_copy_text(registry_call(), HOME);
	req->version = 1;
	req->left_on = day_of(2024, 11, 1);
	SVC_APPEND(registry_call(), req, person_ids, svc_copy_text(registry_call(), FATHER));
	SVC_APPEND(registry_call(), req, person_ids, svc_copy_text(registry_call(), MOTHER));
	SVC_APPEND(registry_call(), req, person_ids, svc_copy_text(registry_call(), CHILD));
	assert_int_equal(registry_decide("remove_members", req, family()), RPC_OK);
	out = registry_effects();
	assert_int_equal(day_number(out->reply->closed_on), 20241031);
	SVC_APPEND(registry_call(), req, person_ids, svc_copy_text(registry_call(), CHILD));
	assert_int_equal(registry_decide("remove_members", req, family()), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "NOT_A_MEMBER");
}

/* E-11: mother and child move out together. */
static void
a_household_splits_on_one_day(void **state)
{
	MoveMembersRequest *req = NEW(move_members_request);
	HouseholdChangeFacts *facts = family();
	const HouseholdChangeEffects *out;

	(void)state;
	SVC_APPEND(registry_call(), facts, households, household(NEW_HOME, MOTHER));
	req->id = svc_copy_text(registry_call(), HOME);
	req->to_id = svc_copy_text(registry_call(), NEW_HOME);
	req->version = 1;
	req->moved_on = day_of(2024, 9, 18);
	SVC_APPEND(registry_call(), req, members, member(MOTHER, "01"));
	SVC_APPEND(registry_call(), req, members, member(CHILD, "20"));
	assert_int_equal(registry_decide("move_members", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->n_closed_ids, 2);
	assert_int_equal(out->n_inserted, 4);
	assert_int_equal(out->n_households, 2);
	assert_int_equal(out->n_updates, 2); /* each once, though it left and joined */
	assert_int_equal(out->n_events, 4);
	assert_int_equal(out->events[0]->version, 2);
	assert_int_equal(out->events[3]->version, 2);
	req->version = 3;
	assert_int_equal(registry_decide("move_members", req, facts), RPC_ABORTED);
}

/* -- bank accounts --------------------------------------------------------------------------- */

static void
an_account_is_approved_by_another_and_counts_from_the_next_month(void **state)
{
	DecideBankAccountRequest *req = NEW(decide_bank_account_request);
	DecideBankAccountFacts *facts = NEW(decide_bank_account_facts);
	const DecideBankAccountEffects *out;

	(void)state;
	facts->account = NEW(bank_account);
	facts->account->version = req->version = 1;
	facts->account->state = BANK_ACCOUNT__STATE__PROPOSED;
	facts->account->number = svc_copy_text(registry_call(), "6222020200112233");
	facts->account->proposed_by = svc_copy_text(registry_call(), registry_call()->caller->id);
	facts->current = NEW(bank_account);
	facts->current->id = svc_copy_text(registry_call(), HOME);
	req->approve = true;
	assert_int_equal(registry_decide("decide_bank_account", req, facts),
			 RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "MAKER_IS_CHECKER");
	registry_be("00000000-0000-4000-8000-00000000000b");
	assert_int_equal(registry_decide("decide_bank_account", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(day_number(out->reply->valid_from), 20250101);
	assert_int_equal(day_number(out->closed_on), 20241231);
	req->approve = false;
	assert_int_equal(registry_decide("decide_bank_account", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->reply->state, BANK_ACCOUNT__STATE__REFUSED);
	assert_null(out->closed_on);
}

static void
the_check_digit_of_a_card_only_warns(void **state)
{
	(void)state;
	assert_true(rule_card_number_fits("4539148803436467"));
	assert_false(rule_card_number_fits("4539148803436468"));
}

/* -- policy ---------------------------------------------------------------------------------- */

static void
a_calendar_year_is_loaded_once_and_names_only_its_days(void **state)
{
	CreateCalendarYearRequest *req = NEW(create_calendar_year_request);
	CreateCalendarYearFacts *facts = NEW(create_calendar_year_facts);

	(void)state;
	req->calendar_year = NEW(calendar_year);
	req->calendar_year->year = 2027;
	SVC_APPEND(registry_call(), req->calendar_year, off, day_of(2027, 1, 1));
	assert_int_equal(registry_decide("create_calendar_year", req, facts), RPC_OK);
	SVC_APPEND(registry_call(), req->calendar_year, off, day_of(2026, 12, 31));
	SVC_APPEND(registry_call(), req->calendar_year, working, day_of(2027, 1, 4)); /* a Monday */
	assert_int_equal(registry_decide("create_calendar_year", req, facts), RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("calendar_year.off[1]"));
	assert_true(registry_field_is_wrong("calendar_year.working[0]"));
	facts->loaded = true;
	assert_int_equal(registry_decide("create_calendar_year", req, facts), RPC_ALREADY_EXISTS);
}

static void
a_standard_is_not_set_before_a_later_one(void **state)
{
	SetPolicyAmountRequest *req = NEW(set_policy_amount_request);
	SetPolicyAmountFacts *facts = NEW(set_policy_amount_facts);
	const SetPolicyAmountEffects *out;

	(void)state;
	req->amount = NEW(policy_amount);
	req->amount->kind = svc_copy_text(registry_call(), "DIBAO_URBAN");
	facts->current = NEW(policy_amount);
	facts->current->known_from = svc_instant(registry_call(), registry_call()->now);
	assert_int_equal(registry_decide("set_policy_amount", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(svc_instant_us(out->known_at), registry_call()->now + 1);
	facts->n_later = 1;
	assert_int_equal(registry_decide("set_policy_amount", req, facts), RPC_FAILED_PRECONDITION);
}

static void
a_division_fits_its_level(void **state)
{
	CreateDivisionRequest *req = NEW(create_division_request);
	DivisionChangeFacts *facts = NEW(division_change_facts);

	(void)state;
	facts->parent = NEW(division);
	facts->parent->level = DIVISION__LEVEL__TOWNSHIP;
	req->division = NEW(division);
	req->division->id = 13009;
	req->division->level = DIVISION__LEVEL__VILLAGE;
	req->division->code = svc_copy_text(registry_call(), "500114256209");
	req->division->valid_from = day_of(2024, 1, 1);
	req->division->source = svc_copy_text(registry_call(), "区政府批复");
	assert_int_equal(registry_decide("create_division", req, facts), RPC_OK);
	req->division->code = svc_copy_text(registry_call(), "500114256");
	assert_int_equal(registry_decide("create_division", req, facts), RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("division.code"));
	facts->parent->level = DIVISION__LEVEL__DISTRICT;
	assert_int_equal(registry_decide("create_division", req, facts), RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("division.parent_id"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, registry_setup, registry_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_household_needs_its_head_among_its_members),
	    TEST(nobody_is_in_two_households),
	    TEST(who_leaves_is_told_and_the_head_is_replaced),
	    TEST(an_empty_household_is_closed),
	    TEST(a_household_splits_on_one_day),
	    TEST(an_account_is_approved_by_another_and_counts_from_the_next_month),
	    TEST(the_check_digit_of_a_card_only_warns),
	    TEST(a_calendar_year_is_loaded_once_and_names_only_its_days),
	    TEST(a_standard_is_not_set_before_a_later_one),
	    TEST(a_division_fits_its_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
