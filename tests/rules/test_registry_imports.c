/* SPDX-License-Identifier: Apache-2.0 */
/* Imports: a row is staged, or unchanged, or wrong with every reason; order and state of a file. */
#include <string.h>

#include "registry.h"

#define ONE "0e3bb0d5-7c79-4c4f-9f0e-0a4f3a1d2c01"

static UploadFacts *
open_import(RegistryImport__Kind kind)
{
	UploadFacts *facts = NEW(upload_facts);
	Division *village = SVC_ADD(registry_call(), facts, divisions, division);

	facts->import = NEW(registry_import);
	facts->import->kind = kind;
	facts->import->state = REGISTRY_IMPORT__STATE__OPEN;
	village->id = VILLAGE;
	village->code = svc_copy_text(registry_call(), "500114001001");
	return facts;
}

static PersonRow *
add_row(UploadPersonsRequest *req, int64_t line, const char *number, const char *name)
{
	PersonRow *row = SVC_ADD(registry_call(), req, rows, person_row);

	row->line = line;
	row->id_number = svc_copy_text(registry_call(), number);
	row->name = svc_copy_text(registry_call(), name);
	row->division_code = svc_copy_text(registry_call(), "500114001001");
	return row;
}

/* True when a problem of the line and column is among those found. */
static bool
is_told(int64_t line, const char *column)
{
	const UploadEffects *out = registry_effects();

	for (size_t i = 0; i < out->n_faults; i++)
		if (out->faults[i]->line == line && strcmp(out->faults[i]->column, column) == 0)
			return true;
	return false;
}

static void
every_fault_of_a_row_is_told(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	PersonRow *bad = add_row(req, 2, "500199202302290017", "=HYPERLINK()");
	const UploadEffects *out;

	(void)state;
	bad->phone = svc_copy_text(registry_call(), "电话");
	bad->ethnicity = svc_copy_text(registry_call(), "土家");
	bad->division_code = svc_copy_text(registry_call(), "500114999999");
	bad->address = svc_text(registry_call(), "%0201d", 0);
	add_row(req, 3, "500199200402290015", "好行");
	assert_int_equal(
	    registry_decide("upload_persons", req, open_import(REGISTRY_IMPORT__KIND__PERSONS)),
	    RPC_OK);
	out = registry_effects();
	assert_int_equal(out->wrong, 1);
	assert_int_equal(out->staged, 1);
	assert_int_equal(out->last_line, 3);
	assert_int_equal(out->n_problems, 5); /* of six: the reply shows the first */
	assert_true(is_told(2, "id_number"));
	assert_true(is_told(2, "name"));
	assert_true(is_told(2, "phone"));
	assert_true(is_told(2, "ethnicity"));
	assert_true(is_told(2, "division_code"));
	assert_true(is_told(2, "address"));
}

static void
old_numbers_and_empty_fields_are_completed(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	const Person *person;

	(void)state;
	add_row(req, 2, "500199360229001", "旧号码");
	assert_int_equal(
	    registry_decide("upload_persons", req, open_import(REGISTRY_IMPORT__KIND__PERSONS)),
	    RPC_OK);
	person = ((const UploadEffects *)registry_effects())->persons[0]->person;
	assert_string_equal(person->id_number, "500199193602290017");
	assert_int_equal(day_number(person->born_on), 19360229);
	assert_int_equal(person->sex, PERSON__SEX__MALE);
	assert_int_equal(person->division_id, VILLAGE);
	assert_int_equal(person->id[14], '4');
}

static void
what_the_registry_says_already_is_unchanged(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__PERSONS);
	FoundRow *known = SVC_ADD(registry_call(), facts, found, found_row);
	const UploadEffects *out;

	(void)state;
	add_row(req, 2, "11010519491231002X", "别人");
	add_row(req, 3, "500199200402290015", "李四");
	known->place = 2;
	known->person_id = svc_copy_text(registry_call(), ONE);
	known->name = svc_copy_text(registry_call(), "李四");
	known->sex = PERSON__SEX__MALE;
	known->division_id = VILLAGE;
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->unchanged, 1);
	assert_int_equal(out->staged, 1);
	known->name = svc_copy_text(registry_call(), "李五");
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_OK);
	assert_true(is_told(3, "id_number"));
}

static void
a_number_twice_in_a_batch_and_a_taken_key_are_wrong(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__PERSONS);
	FoundRow *taken = SVC_ADD(registry_call(), facts, found, found_row);

	(void)state;
	add_row(req, 2, "11010519491231002X", "第一行");
	add_row(req, 3, "11010519491231002x", "第二行");
	add_row(req, 4, "500199200402290015", "第三行")->id = svc_copy_text(registry_call(), ONE);
	taken->place = 3;
	taken->id_taken = true;
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_OK);
	assert_false(is_told(2, "id_number"));
	assert_true(is_told(3, "id_number"));
	assert_true(is_told(4, "id"));
}

/* A broken upload goes on: lines that were taken are passed over. */
static void
lines_are_taken_once(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__PERSONS);
	const UploadEffects *out;

	(void)state;
	facts->import->last_line = 3;
	add_row(req, 2, "11010519491231002X", "已到");
	add_row(req, 3, "bad", "已到");
	add_row(req, 4, "500199200402290015", "新到");
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->staged, 1);
	assert_int_equal(out->wrong, 0);
	assert_int_equal(out->last_line, 4);
}

static void
another_kind_or_a_closed_import_takes_nothing(void **state)
{
	UploadPersonsRequest *req = NEW(upload_persons_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__HOUSEHOLDS);

	(void)state;
	add_row(req, 2, "11010519491231002X", "甲");
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "WRONG_KIND");
	facts->import->kind = REGISTRY_IMPORT__KIND__PERSONS;
	facts->import->state = REGISTRY_IMPORT__STATE__COMMITTED;
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "NOT_OPEN");
	facts->import->state = REGISTRY_IMPORT__STATE__ABANDONED;
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_FAILED_PRECONDITION);
	facts->import = NULL;
	assert_int_equal(registry_decide("upload_persons", req, facts), RPC_NOT_FOUND);
}

/* -- households and accounts ----------------------------------------------------------------- */

static void
rows_without_a_household_id_share_that_of_the_row_above(void **state)
{
	UploadHouseholdsRequest *req = NEW(upload_households_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__HOUSEHOLDS);
	static const char *const numbers[] = {"H1001", "H1001", "H1002"};
	const UploadEffects *out;

	(void)state;
	for (int i = 0; i < 3; i++) {
		HouseholdRow *row = SVC_ADD(registry_call(), req, rows, household_row);
		FoundRow *person = SVC_ADD(registry_call(), facts, found, found_row);

		row->line = i + 2;
		row->number = svc_copy_text(registry_call(), numbers[i]);
		row->division_code = svc_copy_text(registry_call(), "500114001001");
		row->area = HOUSEHOLD__AREA__RURAL;
		row->relation = svc_copy_text(registry_call(), i == 1 ? "10" : "01");
		row->joined_on = day_of(2023, 1, 1);
		person->place = i + 1;
		person->person_id = svc_text(registry_call(), "%.35s%d", ONE, i);
	}
	assert_int_equal(registry_decide("upload_households", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->n_members, 3);
	assert_string_equal(out->members[0]->household_id, out->members[1]->household_id);
	assert_string_not_equal(out->members[0]->household_id, out->members[2]->household_id);

	facts->found[0]->household_number = svc_copy_text(registry_call(), "H1001");
	facts->found[1]->household_number = svc_copy_text(registry_call(), "H9999");
	facts->n_found = 2; /* nobody has the third number */
	assert_int_equal(registry_decide("upload_households", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->unchanged, 1);
	assert_true(is_told(3, "person_id"));
	assert_true(is_told(4, "person_id"));
}

static void
an_account_in_use_is_not_replaced_by_a_file(void **state)
{
	UploadBankAccountsRequest *req = NEW(upload_bank_accounts_request);
	UploadFacts *facts = open_import(REGISTRY_IMPORT__KIND__BANK_ACCOUNTS);
	BankAccountRow *row = SVC_ADD(registry_call(), req, rows, bank_account_row);
	FoundRow *person = SVC_ADD(registry_call(), facts, found, found_row);
	const UploadEffects *out;

	(void)state;
	row->line = 2;
	row->number = svc_copy_text(registry_call(), "6217000000000001");
	row->bank = svc_copy_text(registry_call(), "农商行");
	row->holder = svc_copy_text(registry_call(), "李四");
	person->place = 1;
	person->person_id = svc_copy_text(registry_call(), ONE);
	assert_int_equal(registry_decide("upload_bank_accounts", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->staged, 1);
	person->account_id = svc_copy_text(registry_call(), ONE);
	assert_int_equal(registry_decide("upload_bank_accounts", req, facts), RPC_OK);
	assert_true(is_told(2, "number"));
	person->same_account = true;
	assert_int_equal(registry_decide("upload_bank_accounts", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->unchanged, 1);
}

/* -- committing ------------------------------------------------------------------------------ */

static void
bad_rows_are_skipped_only_when_asked(void **state)
{
	CommitRegistryImportRequest *req = NEW(commit_registry_import_request);
	ImportStepFacts *facts = NEW(import_step_facts);
	const ImportStepEffects *out;

	(void)state;
	facts->import = NEW(registry_import);
	facts->import->state = REGISTRY_IMPORT__STATE__OPEN;
	facts->import->wrong = 3;
	facts->slice_end = 5000;
	assert_int_equal(registry_decide("commit_registry_import", req, facts),
			 RPC_FAILED_PRECONDITION);
	assert_string_equal(registry_reason(), "BAD_ROWS");
	req->good_rows_only = true;
	assert_int_equal(registry_decide("commit_registry_import", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->reply->state, REGISTRY_IMPORT__STATE__COMMITTING);
	/* What is found wrong while it is committed does not stop it half way. */
	facts->import->state = REGISTRY_IMPORT__STATE__COMMITTING;
	facts->committed_line = 5000;
	facts->slice_end = 0;
	req->good_rows_only = false;
	assert_int_equal(registry_decide("commit_registry_import", req, facts), RPC_OK);
	out = registry_effects();
	assert_int_equal(out->reply->state, REGISTRY_IMPORT__STATE__COMMITTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, registry_setup, registry_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_fault_of_a_row_is_told),
	    TEST(old_numbers_and_empty_fields_are_completed),
	    TEST(what_the_registry_says_already_is_unchanged),
	    TEST(a_number_twice_in_a_batch_and_a_taken_key_are_wrong),
	    TEST(lines_are_taken_once),
	    TEST(another_kind_or_a_closed_import_takes_nothing),
	    TEST(rows_without_a_household_id_share_that_of_the_row_above),
	    TEST(an_account_in_use_is_not_replaced_by_a_file),
	    TEST(bad_rows_are_skipped_only_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
