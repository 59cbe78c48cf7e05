/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, names and records of persons (3.1, 3.9; scenarios 66, 67). */
#include <string.h>

#include "google/protobuf/field_mask.pb-c.h"

#include "registry.h"

#define HAN "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c01"

static void
documents_are_read_as_the_standard_says(void **state)
{
	static const struct {
		Person__IdType type;
		const char *number, *stored; /* NULL: refused */
		Person__Sex sex;
		int born;
	} cases[] = {
	    {PERSON__ID_TYPE__CITIZEN_ID, "11010519491231002x", "11010519491231002X",
	     PERSON__SEX__FEMALE, 19491231},
	    {PERSON__ID_TYPE__CITIZEN_ID, "500199200402290015", "500199200402290015",
	     PERSON__SEX__MALE, 20040229},
	    /* Scenario 66: the check character is right, the day does not exist. */
	    {PERSON__ID_TYPE__CITIZEN_ID, "500199202302290017", NULL, 0, 0},
	    {PERSON__ID_TYPE__CITIZEN_ID, "500199200402290016", NULL, 0, 0},
	    {PERSON__ID_TYPE__CITIZEN_ID, "500199360229001", NULL, 0, 0},
	    {PERSON__ID_TYPE__CITIZEN_ID, "810000189901010015", NULL, 0, 0},
	    {PERSON__ID_TYPE__HMT_PERMIT, "810000189901010015", "810000189901010015",
	     PERSON__SEX__MALE, 18990101},
	    {PERSON__ID_TYPE__FOREIGN_PERMANENT, "950840199001010014", "950840199001010014",
	     PERSON__SEX__MALE, 19900101},
	    {PERSON__ID_TYPE__FOREIGN_PERMANENT, "usa123456789012", "USA123456789012", 0, 0},
	    {PERSON__ID_TYPE__PASSPORT, "e12345678", "E12345678", 0, 0},
	    {PERSON__ID_TYPE__PASSPORT, "=1+1", NULL, 0, 0},
	    {PERSON__ID_TYPE__PASSPORT, "E12", NULL, 0, 0},
	    {PERSON__ID_TYPE__TEMPORARY, "", "", 0, 0},
	    {PERSON__ID_TYPE__TEMPORARY, "1", NULL, 0, 0},
	    {PERSON__ID_TYPE__ID_TYPE_UNSPECIFIED, "", NULL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rule_identity id = {.number = "untouched"};
		struct rule_fault fault = rule_identity(cases[i].type, cases[i].number,
							registry_call()->today, false, &id);

		if (!fault.field != !!cases[i].stored)
			fail_msg("%s: %s", cases[i].number, fault.reason ? fault.reason : "taken");
		assert_string_equal(id.number, cases[i].stored ? cases[i].stored : "untouched");
		if (!id.tells_holder)
			continue;
		assert_int_equal(id.sex, cases[i].sex);
		assert_int_equal(day_number(svc_date(registry_call(), id.born_on)), cases[i].born);
	}
}

static void
old_numbers_are_mapped_on_import(void **state)
{
	struct rule_identity id;

	(void)state;
	assert_null(rule_identity(PERSON__ID_TYPE__CITIZEN_ID, "500199360229001",
				  registry_call()->today, true, &id)
			.field);
	assert_string_equal(id.number, "500199193602290017");
}

static bool
has_all(const struct rule_name *name, const char *terms)
{
	char *copy = svc_copy_text(registry_call(), terms), *rest = copy;

	for (char *term; (term = strtok_r(rest, " ", &rest));) {
		bool found = false;

		for (size_t i = 0; i < name->n_terms; i++)
			found |= strcmp(name->terms[i], term) == 0;
		if (!found)
			return false;
	}
	return true;
}

/* As the index answers: the least distance of the alternatives that match; 9 for none. */
static int
distance(const char *name, const char *query)
{
	struct arena *arena = registry_call()->arena;
	const struct rule_name *terms = rule_name_terms(arena, name);
	const struct rule_search *search = rule_name_search(arena, query, true);
	int best = 9;

	for (size_t i = 0; i < search->n_matches; i++)
		if (has_all(terms, search->matches[i].terms) && search->matches[i].distance < best)
			best = search->matches[i].distance;
	return best < 9 && strcmp(terms->key, search->key) == 0 ? 0 : best;
}

static void
names_are_found_in_every_way(void **state)
{
	static const struct {
		const char *name, *query;
		int distance;
	} cases[] = {
	    /* Scenario 67: stored with U+2022, searched with U+00B7. */
	    {"阿依古丽\xe2\x80\xa2买买提", "阿依古丽\xc2\xb7买买提", 0},
	    {"阿依古丽\xe3\x83\xbb买买提", "阿依古丽.买买提", 0},
	    {"阿依古丽\xc2\xb7买买提", "古丽", 1},
	    {"阿依古丽\xc2\xb7买买提", "ayigulimaimaiti", 1},
	    {"张三丰", "张三丰", 0},
	    {"张三丰", "三丰", 1},
	    {"张三丰", "ZhangSanFeng", 1},
	    {"张三丰", "zsf", 1},
	    {"张三丰", "张山丰", 2},
	    {"张三丰", "章三丰", 2},
	    {"张三丰", "张三风", 2},
	    {"张三丰", "张丰", 2},
	    {"张丰", "张三丰", 2},
	    {"张三丰", "李四", 9},
	    {"张三丰", "lisi", 9},
	    {"单雄信", "shanxiongxin", 1},
	    {"单雄信", "danxiongxin", 1},
	    {"王堃", "王坤", 0},
	    {"龍飛", "龙飞", 0},
	    {"阿阿阿", "阿比阿", 2},
	    {"John Smith", "johnsmith", 0},
	    {"John Smith", "smith", 1},
	    {"张三", "张", 9},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int found = distance(cases[i].name, cases[i].query);

		if (found != cases[i].distance)
			fail_msg("%s by %s: %d instead of %d", cases[i].name, cases[i].query, found,
				 cases[i].distance);
	}
}

/* -- CreatePerson ---------------------------------------------------------------------------- */

static CreatePersonRequest *
wanted(const char *number, const char *name)
{
	CreatePersonRequest *req = NEW(create_person_request);

	req->person = NEW(person);
	req->person->id_type = PERSON__ID_TYPE__CITIZEN_ID;
	req->person->id_number = svc_copy_text(registry_call(), number);
	req->person->name = svc_copy_text(registry_call(), name);
	req->person->division_id = VILLAGE;
	return req;
}

static CreatePersonFacts *
village_is_ours(void)
{
	CreatePersonFacts *facts = NEW(create_person_facts);

	facts->division_level = DIVISION__LEVEL__VILLAGE;
	return facts;
}

static void
a_person_takes_sex_and_birth_from_the_number(void **state)
{
	CreatePersonRequest *req = wanted("50019919491231002x", "李\xe2\x80\xa2四");
	const CreatePersonEffects *out;

	(void)state;
	req->person->id_number = svc_copy_text(registry_call(), "11010519491231002x");
	assert_int_equal(registry_decide("create_person", req, village_is_ours()), RPC_OK);
	out = registry_effects();
	assert_string_equal(out->reply->id_number, "11010519491231002X");
	assert_string_equal(out->reply->name, "李\xe2\x80\xa2四"); /* as it was written */
	assert_int_equal(out->reply->sex, PERSON__SEX__FEMALE);
	assert_int_equal(day_number(out->reply->born_on), 19491231);
	assert_int_equal(out->reply->id[14], '4');
	assert_int_equal(out->reply->version, 1);
	assert_true(out->n_name_terms > 0);
}

static void
what_contradicts_the_number_is_refused(void **state)
{
	CreatePersonRequest *req = wanted("500199200402290015", "李四");

	(void)state;
	req->person->sex = PERSON__SEX__FEMALE;
	req->person->born_on = day_of(2004, 2, 28);
	assert_int_equal(registry_decide("create_person", req, village_is_ours()),
			 RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("person.sex"));
	assert_true(registry_field_is_wrong("person.born_on"));
	req = wanted("500199202302290017", "李四");
	assert_int_equal(registry_decide("create_person", req, village_is_ours()),
			 RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("person.id_number"));
}

static void
one_record_an_id_number(void **state)
{
	CreatePersonFacts *facts = village_is_ours();

	(void)state;
	facts->claimed_by = svc_copy_text(registry_call(), HAN);
	assert_int_equal(
	    registry_decide("create_person", wanted("500199200402290015", "李四"), facts),
	    RPC_ALREADY_EXISTS);
	assert_string_equal(registry_reason(), "ID_TAKEN");
}

static void
a_village_of_others_is_refused(void **state)
{
	(void)state;
	assert_int_equal(registry_decide("create_person", wanted("500199200402290015", "李四"),
					 NEW(create_person_facts)),
			 RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("person.division_id"));
}

/* -- UpdatePerson (E-31) --------------------------------------------------------------------- */

static UpdatePersonRequest *
change_of(const char *path)
{
	UpdatePersonRequest *req = NEW(update_person_request);

	req->person = NEW(person);
	req->person->id = svc_copy_text(registry_call(), HAN);
	req->person->version = 1;
	req->changed_on = day_of(2024, 12, 1);
	req->reason = svc_copy_text(registry_call(), "派出所更名证明");
	req->update_mask = NEW(google__protobuf__field_mask);
	SVC_APPEND(registry_call(), req->update_mask, paths, svc_copy_text(registry_call(), path));
	return req;
}

static UpdatePersonFacts *
registered(void)
{
	UpdatePersonFacts *facts = NEW(update_person_facts);

	facts->person = person_of(HAN);
	facts->person->id_type = PERSON__ID_TYPE__CITIZEN_ID;
	facts->person->id_number = svc_copy_text(registry_call(), "500199200402290015");
	facts->person->sex = PERSON__SEX__MALE;
	facts->person->born_on = day_of(2004, 2, 29);
	return facts;
}

static void
a_new_name_is_told_and_the_key_stays(void **state)
{
	UpdatePersonRequest *req = change_of("name");
	const UpdatePersonEffects *out;

	(void)state;
	req->person->name = svc_copy_text(registry_call(), "张四");
	assert_int_equal(registry_decide("update_person", req, registered()), RPC_OK);
	out = registry_effects();
	assert_string_equal(out->reply->id, HAN);
	assert_string_equal(out->reply->name, "张四");
	assert_string_equal(out->reply->id_number, "500199200402290015");
	assert_int_equal(out->reply->version, 2);
	assert_int_equal(out->n_events, 1);
	assert_int_equal(out->events[0]->kind, PERSON_CHANGED__KIND__NAME_CHANGED);
	assert_int_equal(day_number(out->events[0]->effective_on), 20241201);
}

static void
what_may_not_change_is_refused(void **state)
{
	UpdatePersonFacts *facts = registered();
	UpdatePersonRequest *req = change_of("division_id");

	(void)state;
	assert_int_equal(registry_decide("update_person", req, facts), RPC_INVALID_ARGUMENT);
	req = change_of("name");
	req->person->version = 7;
	assert_int_equal(registry_decide("update_person", req, facts), RPC_ABORTED);
	req = change_of("id_number");
	req->person->id_number = svc_copy_text(registry_call(), "50019919241015004X");
	assert_int_equal(registry_decide("update_person", req, facts), RPC_INVALID_ARGUMENT);
	assert_true(registry_field_is_wrong("person.born_on"));
	facts->person = NULL;
	assert_int_equal(registry_decide("update_person", change_of("name"), facts), RPC_NOT_FOUND);
}

/* -- merges (3.2) ---------------------------------------------------------------------------- */

#define TWIN "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c02"

static MergeChangeFacts *
proposed(void)
{
	MergeChangeFacts *facts = NEW(merge_change_facts);

	facts->merge = NEW(person_merge);
	facts->merge->id = svc_copy_text(registry_call(), "0e3bb0d5-7c79-7c4f-9f0e-0a4f3a1d2c09");
	facts->merge->version = 1;
	facts->merge->kept_id = svc_copy_text(registry_call(), HAN);
	facts->merge->merged_id = svc_copy_text(registry_call(), TWIN);
	facts->merge->proposed_by = svc_copy_text(registry_call(), registry_call()->caller->id);
	SVC_APPEND(registry_call(), facts, persons, person_of(HAN));
	SVC_APPEND(registry_call(), facts, persons, person_of(TWIN));
	return facts;
}

static void
a_merge_takes_two_people_and_can_be_undone(void **state)
{
	ApproveMergeRequest *approve = NEW(approve_merge_request);
	UndoMergeRequest *undo = NEW(undo_merge_request);
	MergeChangeFacts *facts = proposed();
	const MergeChangeEffects *out;

	(void)state;
	approve->version = 1;
	assert_int_equal(registry_decide("approve_merge", approve, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "MAKER_IS_CHECKER");
	registry_be("00000000-0000-4000-8000-00000000000b");
	assert_int_equal(registry_decide("approve_merge", approve, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->n_updates, 2);
	assert_int_equal(out->updates[0]->state, PERSON__STATE__ACTIVE);
	assert_int_equal(out->updates[1]->state, PERSON__STATE__MERGED);
	assert_string_equal(out->updates[1]->merged_into, HAN);
	assert_int_equal(out->n_events, 2);
	assert_int_equal(out->events[1]->kind, PERSON_CHANGED__KIND__MERGED);

	facts->merge = out->reply;
	undo->version = 2;
	assert_int_equal(registry_decide("undo_merge", undo, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->updates[1]->state, PERSON__STATE__ACTIVE);
	assert_string_equal(out->updates[1]->merged_into, "");
	assert_int_equal(out->events[0]->kind, PERSON_CHANGED__KIND__SPLIT);
	assert_non_null(out->reply->undone_at);
}

static void
what_lasts_is_not_merged_away(void **state)
{
	ApproveMergeRequest *approve = NEW(approve_merge_request);
	MergeChangeFacts *facts = proposed();

	(void)state;
	approve->version = 1;
	facts->n_memberships = facts->n_lasting = 1;
	registry_be("00000000-0000-4000-8000-00000000000b");
	assert_int_equal(registry_decide("approve_merge", approve, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "IN_HOUSEHOLD");
	facts->n_memberships = 0;
	assert_int_equal(registry_decide("approve_merge", approve, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "FACTS_LAST");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, registry_setup, registry_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(documents_are_read_as_the_standard_says),
	    TEST(old_numbers_are_mapped_on_import),
	    TEST(names_are_found_in_every_way),
	    TEST(a_person_takes_sex_and_birth_from_the_number),
	    TEST(what_contradicts_the_number_is_refused),
	    TEST(one_record_an_id_number),
	    TEST(a_village_of_others_is_refused),
	    TEST(a_new_name_is_told_and_the_key_stays),
	    TEST(what_may_not_change_is_refused),
	    TEST(a_merge_takes_two_people_and_can_be_undone),
	    TEST(what_lasts_is_not_merged_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
