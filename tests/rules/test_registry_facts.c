/* SPDX-License-Identifier: Apache-2.0 */
/* Dated facts: deaths by the order of evidence (scenario 14), marriages, custody, moves (EVT-01).
 */
#include <string.h>

#include "registry.h"

#define MAN   "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c01"
#define WOMAN "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c02"
#define OTHER "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c03"

/* What is known grows with every command, as in the database. */
static FactChangeFacts *known;

static int
setup(void **state)
{
	registry_setup(state);
	known = NEW(fact_change_facts);
	SVC_APPEND(registry_call(), known, persons, person_of(MAN));
	SVC_APPEND(registry_call(), known, persons, person_of(WOMAN));
	return 0;
}

static RecordFactRequest *
fact(PersonChanged__Kind kind, int year, int month, int day)
{
	RecordFactRequest *req = NEW(record_fact_request);

	req->person_id = svc_copy_text(registry_call(), MAN);
	req->kind = kind;
	req->effective_on = day_of(year, month, day);
	req->evidence = PERSON_FACT__EVIDENCE__CERTIFICATE;
	req->source = svc_copy_text(registry_call(), "区人民医院");
	return req;
}

static bool
is_closed(const FactChangeEffects *out, const PersonFact *row)
{
	for (size_t i = 0; i < out->n_closed_ids; i++)
		if (strcmp(out->closed_ids[i], row->id) == 0)
			return true;
	return false;
}

/* Does to `known` what the store blocks of queries.sql do to the tables. */
static void
store(void)
{
	const FactChangeEffects *out = registry_effects();
	FactChangeFacts *next = NEW(fact_change_facts);
	struct svc_call *c = registry_call();

	for (size_t i = 0; i < known->n_facts; i++)
		if (!is_closed(out, known->facts[i]))
			SVC_APPEND(c, next, facts, known->facts[i]);
	for (size_t i = 0; i < out->n_inserted; i++)
		SVC_APPEND(c, next, facts, out->inserted[i]);
	for (size_t i = 0; !*out->alive_id && i < known->n_deaths; i++)
		SVC_APPEND(c, next, deaths, known->deaths[i]);
	for (size_t i = 0; i < out->n_deaths; i++)
		SVC_APPEND(c, next, deaths, out->deaths[i]);
	for (size_t i = 0; i < known->n_persons; i++) {
		Person *person = svc_copy_message(c, known->persons[i]);

		for (size_t u = 0; u < out->n_updates; u++)
			if (strcmp(out->updates[u]->id, person->id) == 0) {
				assert_int_equal(out->updates[u]->version, person->version + 1);
				person->version = out->updates[u]->version;
				person->died_on = out->updates[u]->died_on;
				person->division_id = out->updates[u]->division_id;
			}
		SVC_APPEND(c, next, persons, person);
	}
	known = next;
}

static const FactChangeEffects *
record(const RecordFactRequest *req)
{
	enum rpc_code code = registry_decide("record_fact", req, known);

	if (code != RPC_OK)
		fail_msg("refused: %d %s", (int)code, registry_reason());
	store();
	return registry_effects();
}

static void
refuse(const RecordFactRequest *req, enum rpc_code code, const char *reason)
{
	assert_int_equal(registry_decide("record_fact", req, known), code);
	assert_string_equal(registry_reason(), reason);
}

static const PersonChanged *
told(const FactChangeEffects *out, const char *person_id)
{
	for (size_t i = 0; i < out->n_events; i++)
		if (strcmp(out->events[i]->person_id, person_id) == 0)
			return out->events[i];
	fail_msg("nothing is told of %s", person_id);
	return NULL;
}

/* -- deaths ---------------------------------------------------------------------------------- */

/* The certificate says 31 March, the household register 2 April: the certificate's day counts,
 * whichever came first, unless better evidence is recorded (民法典 15). */
static void
scenario_14_the_certificate_comes_before_the_register(void **state)
{
	RecordFactRequest *certificate = fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 31);
	RecordFactRequest *register_ = fact(PERSON_CHANGED__KIND__DEATH, 2024, 4, 2);
	RecordFactRequest *court = fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 30);
	const FactChangeEffects *out;

	(void)state;
	register_->evidence = PERSON_FACT__EVIDENCE__HOUSEHOLD_REGISTER;
	court->evidence = PERSON_FACT__EVIDENCE__OVERTURNING;

	out = record(register_);
	assert_int_equal(out->outcome, RECORD_FACT_RESPONSE__OUTCOME__EFFECTIVE);
	assert_int_equal(day_number(known->persons[0]->died_on), 20240402);
	assert_int_equal(told(out, MAN)->action, PERSON_CHANGED__ACTION__RECORDED);

	out = record(certificate);
	assert_int_equal(out->outcome, RECORD_FACT_RESPONSE__OUTCOME__EFFECTIVE);
	assert_int_equal(day_number(known->persons[0]->died_on), 20240331);
	assert_int_equal(told(out, MAN)->action, PERSON_CHANGED__ACTION__CORRECTED);
	assert_int_equal(day_number(told(out, MAN)->previous_on), 20240402);

	out = record(court);
	assert_int_equal(day_number(told(out, MAN)->effective_on), 20240330);
	assert_int_equal(known->n_facts, 1);
	assert_int_equal(known->facts[0]->number, 3);
	assert_int_equal(known->n_deaths, 3);
}

static void
weaker_evidence_is_only_filed(void **state)
{
	RecordFactRequest *register_ = fact(PERSON_CHANGED__KIND__DEATH, 2024, 4, 2);
	const FactChangeEffects *out;

	(void)state;
	record(fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 31));
	register_->evidence = PERSON_FACT__EVIDENCE__HOUSEHOLD_REGISTER;
	out = record(register_);
	assert_int_equal(out->outcome, RECORD_FACT_RESPONSE__OUTCOME__FILED);
	assert_int_equal(out->n_events, 0);
	assert_int_equal(out->n_updates, 0);
	assert_int_equal(out->n_deaths, 1);
	assert_int_equal(day_number(known->persons[0]->died_on), 20240331);
	refuse(fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 30), RPC_FAILED_PRECONDITION,
	       "SAME_EVIDENCE");
}

static void
after_death_nothing_is_recorded_but_what_was_before(void **state)
{
	RecordFactRequest *custody = fact(PERSON_CHANGED__KIND__CUSTODY_BEGAN, 2024, 4, 1);

	(void)state;
	record(fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 31));
	custody->detail = svc_copy_text(registry_call(), "PRISON");
	refuse(custody, RPC_FAILED_PRECONDITION, "DEAD");
	custody->effective_on = day_of(2024, 1, 5);
	record(custody);
}

static void
a_day_before_birth_is_refused(void **state)
{
	(void)state;
	refuse(fact(PERSON_CHANGED__KIND__DEATH, 1959, 12, 31), RPC_INVALID_ARGUMENT, "BAD_FIELDS");
	assert_true(registry_field_is_wrong("effective_on"));
	record(fact(PERSON_CHANGED__KIND__DEATH, 2024, 12, 2));
}

/* -- marriages ------------------------------------------------------------------------------- */

static RecordFactRequest *
marriage(const char *spouse, int year, int month, int day)
{
	RecordFactRequest *req = fact(PERSON_CHANGED__KIND__MARRIAGE, year, month, day);

	req->other_person_id = svc_copy_text(registry_call(), spouse);
	return req;
}

static void
both_spouses_are_told_and_claimed(void **state)
{
	const FactChangeEffects *out;

	(void)state;
	refuse(marriage(OTHER, 2024, 9, 1), RPC_NOT_FOUND, "NO_SPOUSE");
	refuse(marriage(MAN, 2024, 9, 1), RPC_NOT_FOUND, "NO_SPOUSE");
	out = record(marriage(WOMAN, 2024, 10, 18));
	assert_int_equal(out->n_inserted, 2);
	assert_int_equal(out->n_claims, 2);
	assert_string_equal(told(out, MAN)->other_person_id, WOMAN);
	assert_string_equal(told(out, WOMAN)->other_person_id, MAN);
	refuse(marriage(WOMAN, 2024, 11, 1), RPC_FAILED_PRECONDITION, "ALREADY_SO");
}

static void
a_divorce_ends_both_sides_the_day_before(void **state)
{
	const FactChangeEffects *out;

	(void)state;
	refuse(fact(PERSON_CHANGED__KIND__DIVORCE, 2024, 9, 18), RPC_FAILED_PRECONDITION, "NOT_SO");
	record(marriage(WOMAN, 2020, 5, 20));
	out = record(fact(PERSON_CHANGED__KIND__DIVORCE, 2024, 9, 18));
	assert_int_equal(out->n_events, 2);
	assert_int_equal(out->n_freed_ids, 2);
	assert_int_equal(day_number(known->facts[0]->valid_to), 20240917);
	assert_int_equal(day_number(known->facts[1]->valid_to), 20240917);
	record(marriage(WOMAN, 2024, 9, 18));
}

/* E-05; when the day of death moves, so does the widow's; when it is revoked, they are married. */
static void
death_ends_the_marriage_and_its_revocation_revives_it(void **state)
{
	RecordFactRequest *register_ = fact(PERSON_CHANGED__KIND__DEATH, 2024, 4, 2);
	RevokeFactRequest *revoke = NEW(revoke_fact_request);
	const FactChangeEffects *out;

	(void)state;
	record(marriage(WOMAN, 2020, 5, 20));
	register_->evidence = PERSON_FACT__EVIDENCE__HOUSEHOLD_REGISTER;
	out = record(register_);
	assert_int_equal(told(out, WOMAN)->kind, PERSON_CHANGED__KIND__WIDOWED);
	assert_int_equal(out->n_freed_ids, 2);
	assert_null(told(out, WOMAN)->previous_on);

	out = record(fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 31));
	assert_int_equal(told(out, WOMAN)->action, PERSON_CHANGED__ACTION__CORRECTED);
	assert_int_equal(day_number(told(out, WOMAN)->previous_on), 20240402);
	assert_int_equal(out->n_freed_ids, 0);

	for (size_t i = 0; i < known->n_facts; i++)
		if (known->facts[i]->kind == PERSON_FACT__KIND__DEATH)
			revoke->id = known->facts[i]->id;
	revoke->evidence = PERSON_FACT__EVIDENCE__OVERTURNING;
	assert_int_equal(registry_decide("revoke_fact", revoke, known), RPC_OK);
	out = registry_effects();
	store();
	assert_int_equal(told(out, MAN)->action, PERSON_CHANGED__ACTION__REVOKED);
	assert_int_equal(told(out, WOMAN)->action, PERSON_CHANGED__ACTION__REVOKED);
	assert_int_equal(out->n_claims, 2);
	assert_null(known->persons[0]->died_on);
	assert_int_equal(known->n_deaths, 0);
	for (size_t i = 0; i < known->n_facts; i++)
		assert_null(known->facts[i]->valid_to);
}

/* -- what lasts ------------------------------------------------------------------------------ */

static void
details_must_be_such_as_the_kind_wants(void **state)
{
	RecordFactRequest *card = fact(PERSON_CHANGED__KIND__DISABILITY_BEGAN, 2024, 1, 1);

	(void)state;
	refuse(fact(PERSON_CHANGED__KIND__CUSTODY_BEGAN, 2024, 4, 1), RPC_INVALID_ARGUMENT,
	       "BAD_FIELDS");
	card->detail = svc_copy_text(registry_call(), "LIMB");
	refuse(card, RPC_INVALID_ARGUMENT, "BAD_FIELDS");
	card->level = 2;
	record(card);
	refuse(fact(PERSON_CHANGED__KIND__NAME_CHANGED, 2024, 1, 1), RPC_INVALID_ARGUMENT,
	       "BAD_FIELDS");
	assert_true(registry_field_is_wrong("kind"));
}

static void
a_new_card_ends_the_one_before(void **state)
{
	RecordFactRequest *card = fact(PERSON_CHANGED__KIND__DISABILITY_BEGAN, 2024, 1, 1);

	(void)state;
	card->detail = svc_copy_text(registry_call(), "LIMB");
	card->level = 2;
	record(card);
	card->effective_on = day_of(2024, 7, 1);
	card->level = 1;
	record(card);
	assert_int_equal(known->n_facts, 2);
	assert_int_equal(day_number(known->facts[0]->valid_to), 20240630);
	assert_int_equal(known->facts[0]->level, 2);
	assert_null(known->facts[1]->valid_to);
}

static void
a_correction_tells_what_has_moved(void **state)
{
	RecordFactRequest *custody = fact(PERSON_CHANGED__KIND__CUSTODY_BEGAN, 2024, 4, 1);
	CorrectFactRequest *correct = NEW(correct_fact_request);
	const FactChangeEffects *out;

	(void)state;
	custody->detail = svc_copy_text(registry_call(), "PRISON");
	record(custody);
	record(fact(PERSON_CHANGED__KIND__CUSTODY_ENDED, 2024, 10, 1));
	correct->id = known->facts[0]->id;
	correct->valid_from = day_of(2024, 4, 1);
	correct->valid_to = day_of(2024, 8, 31);
	correct->evidence = PERSON_FACT__EVIDENCE__CERTIFICATE;
	assert_int_equal(registry_decide("correct_fact", correct, known), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->n_events, 1);
	assert_int_equal(out->events[0]->kind, PERSON_CHANGED__KIND__CUSTODY_ENDED);
	assert_int_equal(out->events[0]->action, PERSON_CHANGED__ACTION__CORRECTED);
	assert_int_equal(day_number(out->events[0]->effective_on), 20240901);
	assert_int_equal(day_number(out->events[0]->previous_on), 20241001);

	correct->valid_to = NULL; /* it has not ended after all */
	assert_int_equal(registry_decide("correct_fact", correct, known), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->events[0]->action, PERSON_CHANGED__ACTION__REVOKED);
}

static void
moving_in_ends_the_absence(void **state)
{
	RecordFactRequest *in = fact(PERSON_CHANGED__KIND__MOVED_IN, 2024, 6, 1);
	const FactChangeEffects *out;

	(void)state;
	record(fact(PERSON_CHANGED__KIND__MOVED_OUT, 2024, 2, 1));
	in->division_id = FOREIGN_VILLAGE;
	refuse(in, RPC_INVALID_ARGUMENT, "BAD_FIELDS");
	in->division_id = OTHER_VILLAGE;
	out = record(in);
	assert_int_equal(told(out, MAN)->division_id, OTHER_VILLAGE);
	assert_int_equal(day_number(known->facts[0]->valid_to), 20240531);
	assert_int_equal(known->persons[0]->division_id, OTHER_VILLAGE);
}

/* Two commands at one instant of a test clock: the first was believed for a microsecond. */
static void
what_is_known_never_begins_before_what_it_replaces(void **state)
{
	const FactChangeEffects *out;
	int64_t first;

	(void)state;
	out = record(fact(PERSON_CHANGED__KIND__MOVED_OUT, 2024, 2, 1));
	first = svc_instant_us(out->known_at);
	registry_today(2024, 11, 1); /* and a clock that was set back */
	out = record(fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 1));
	assert_true(svc_instant_us(out->known_at) > first);
}

static void
nobody_of_others_is_seen(void **state)
{
	RecordFactRequest *req = fact(PERSON_CHANGED__KIND__DEATH, 2024, 3, 1);

	(void)state;
	req->person_id = svc_copy_text(registry_call(), OTHER);
	refuse(req, RPC_NOT_FOUND, "NO_PERSON");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, registry_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(scenario_14_the_certificate_comes_before_the_register),
	    TEST(weaker_evidence_is_only_filed),
	    TEST(after_death_nothing_is_recorded_but_what_was_before),
	    TEST(a_day_before_birth_is_refused),
	    TEST(both_spouses_are_told_and_claimed),
	    TEST(a_divorce_ends_both_sides_the_day_before),
	    TEST(death_ends_the_marriage_and_its_revocation_revives_it),
	    TEST(details_must_be_such_as_the_kind_wants),
	    TEST(a_new_card_ends_the_one_before),
	    TEST(a_correction_tells_what_has_moved),
	    TEST(moving_in_ends_the_absence),
	    TEST(what_is_known_never_begins_before_what_it_replaces),
	    TEST(nobody_of_others_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
