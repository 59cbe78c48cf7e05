/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imports: a file's rows are checked one by one and wait in staging; Commit moves them slice by
 * slice. A row is staged, or unchanged (the registry says so already), or wrong with its reasons.
 */
#include <string.h>

#include "check.h"
#include "decisions.h"

enum {
	MAX_SHOWN = 5,   /* problems of a batch in the reply; all are in the list */
	N_PLACES = 4096, /* more than twice the rows a batch may have */
};

/* -- the import itself ----------------------------------------------------------------------- */

enum rpc_code
create_registry_import(struct svc_call *c)
{
	const CreateRegistryImportRequest *req = c->request;
	const ImportStepFacts *facts = c->facts;
	ImportStepEffects *out = c->effects;
	RegistryImport *import;

	if (facts->import) { /* the same file again */
		out->reply = svc_copy_message(c, facts->import);
		return RPC_OK;
	}
	import = svc_message(c, &registry_import__descriptor);
	import->id = svc_id_or_new(c, req->id);
	import->version = 1;
	import->kind = req->kind;
	import->file_name = req->file_name;
	import->state = REGISTRY_IMPORT__STATE__OPEN;
	import->created_at = svc_instant(c, c->now);
	out->reply = import;
	out->is_new = true;
	return RPC_OK;
}

static enum rpc_code
find_import(struct svc_call *c, const RegistryImport *import)
{
	if (!import)
		return svc_fail(c, NOT_FOUND, "NO_IMPORT", "没有这次导入，请核对编号");
	if (import->state == REGISTRY_IMPORT__STATE__ABANDONED)
		return svc_fail(c, FAILED_PRECONDITION, "ABANDONED", "这次导入已放弃，请重新导入");
	return RPC_OK;
}

enum rpc_code
commit_registry_import(struct svc_call *c)
{
	const CommitRegistryImportRequest *req = c->request;
	const ImportStepFacts *facts = c->facts;
	ImportStepEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);

	if (code != RPC_OK)
		return code;
	if (facts->import->state == REGISTRY_IMPORT__STATE__OPEN && facts->import->wrong > 0 &&
	    !req->good_rows_only)
		return svc_fail(c, FAILED_PRECONDITION, "BAD_ROWS",
				"有 %lld 行有误：请改正后重新导入，或选择跳过有误的行",
				(long long)facts->import->wrong);
	out->reply = svc_copy_message(c, facts->import);
	out->reply->version++;
	out->reply->state = facts->slice_end > 0 ? REGISTRY_IMPORT__STATE__COMMITTING
						 : REGISTRY_IMPORT__STATE__COMMITTED;
	out->slice_start = facts->committed_line;
	out->slice_end = facts->slice_end;
	return RPC_OK;
}

enum rpc_code
abandon_registry_import(struct svc_call *c)
{
	const ImportStepFacts *facts = c->facts;
	ImportStepEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);

	if (code != RPC_OK)
		return code;
	if (facts->import->state == REGISTRY_IMPORT__STATE__COMMITTED)
		return svc_fail(c, FAILED_PRECONDITION, "COMMITTED", "这次导入已完成，不能放弃");
	out->reply = svc_copy_message(c, facts->import);
	out->reply->version++;
	out->reply->state = REGISTRY_IMPORT__STATE__ABANDONED;
	return RPC_OK;
}

/* -- a batch --------------------------------------------------------------------------------- */

struct upload {
	struct svc_call *c;
	const UploadFacts *in;
	UploadEffects *out;
	size_t n_found;     /* places looked at so far */
	const char **taken; /* ID numbers that are staged, by hash; N_PLACES of them */
};

static enum rpc_code
upload_begin(struct svc_call *c, RegistryImport__Kind kind, struct upload *ret_upload)
{
	const UploadFacts *facts = c->facts;
	UploadEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);

	if (code != RPC_OK)
		return code;
	if (facts->import->kind != kind)
		return svc_fail(c, FAILED_PRECONDITION, "WRONG_KIND",
				"这次导入是另一类文件，请核对");
	if (facts->import->state != REGISTRY_IMPORT__STATE__OPEN)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_OPEN",
				"这次导入已开始入库，不能再加行");
	out->last_line = facts->import->last_line;
	*ret_upload = (struct upload){.c = c, .in = facts, .out = out};
	return RPC_OK;
}

/* What the registry has of the row at a place; places are asked for in order. */
static const FoundRow *
found(struct upload *u, size_t row)
{
	int64_t place = (int64_t)row + 1;

	while (u->n_found < u->in->n_found && u->in->found[u->n_found]->place < place)
		u->n_found++;
	if (u->n_found < u->in->n_found && u->in->found[u->n_found]->place == place)
		return u->in->found[u->n_found];
	return NULL;
}

/* The village of a code; 0 when there is none. */
static int64_t
division_of(const struct upload *u, const char *code)
{
	for (size_t i = 0; i < u->in->n_divisions; i++)
		if (strcmp(u->in->divisions[i]->code, code) == 0)
			return u->in->divisions[i]->id;
	return 0;
}

/* False for a row that an earlier try has taken, and for one that does not stand in order: it could
 * not be told from such a one by the next try. */
static bool
begin_row(struct upload *u, size_t row, int64_t line)
{
	if (line <= u->in->import->last_line)
		return false;
	if (line <= u->out->last_line) {
		svc_fail_field(u->c, svc_text(u->c, "rows[%zu].line", row),
			       "行号应比上一行的 %lld 大，请按文件的顺序上传",
			       (long long)u->out->last_line);
		return false;
	}
	u->out->last_line = line;
	return true;
}

static void
tell_wrong(struct upload *u, int64_t line, const struct check_faults *faults)
{
	u->out->wrong++;
	for (size_t i = 0; i < faults->n; i++) {
		ImportProblem *problem = SVC_ADD(u->c, u->out, faults, import_problem);

		problem->line = line;
		problem->column = svc_copy_text(u->c, faults->list[i].field);
		problem->reason = svc_copy_text(u->c, faults->list[i].reason);
		if (u->out->n_problems < MAX_SHOWN)
			SVC_APPEND(u->c, u->out, problems, problem);
	}
}

/* -- persons --------------------------------------------------------------------------------- */

static Person *
person_of_row(struct upload *u, const PersonRow *row)
{
	Person *person = svc_message(u->c, &person__descriptor);

	person->id = row->id;
	person->id_type = row->id_type == PERSON__ID_TYPE__ID_TYPE_UNSPECIFIED
			      ? PERSON__ID_TYPE__CITIZEN_ID
			      : row->id_type;
	person->id_number = row->id_number;
	person->name = row->name;
	person->sex = row->sex;
	person->born_on = row->born_on;
	person->ethnicity = row->ethnicity;
	person->division_id = division_of(u, row->division_code);
	person->phone = row->phone;
	person->address = row->address;
	return person;
}

static bool
is_two_digits_or_empty(const char *text)
{
	size_t length = strlen(text);

	return length == 0 || (length == 2 && strspn(text, "0123456789") == 2);
}

static bool
says_the_same(const FoundRow *known, const Person *person)
{
	return strcmp(known->name, person->name) == 0 && known->sex == person->sex &&
	       known->division_id == person->division_id &&
	       (!*person->id || strcmp(known->person_id, person->id) == 0);
}

static void
stage_person(struct upload *u, int64_t line, Person *person)
{
	const struct rule_name *name = svc_need(u->c, rule_name_terms(u->c->arena, person->name));
	StagedPerson *staged = SVC_ADD(u->c, u->out, persons, staged_person);
	size_t length = 1;
	char *end;

	for (size_t i = 0; i < name->n_terms; i++)
		length += strlen(name->terms[i]) + 1;
	staged->name_terms = end = svc_alloc(u->c, length);
	for (size_t i = 0; i < name->n_terms; i++) {
		end = stpcpy(end, i > 0 ? " " : "");
		end = stpcpy(end, name->terms[i]);
	}
	if (!*person->id)
		person->id = svc_new_key(u->c);
	staged->line = line;
	staged->person = person;
	staged->name_key = name->key;
	u->out->staged++;
}

/* The place of an ID number: free, or its own when a row before has it. */
static const char **
place_of(const struct upload *u, const char *id_number)
{
	size_t place = 0;

	for (const char *c = id_number; *c; c++)
		place = place * 31 + (unsigned char)*c;
	while (u->taken[place % N_PLACES] && strcmp(u->taken[place % N_PLACES], id_number) != 0)
		place++;
	return &u->taken[place % N_PLACES];
}

static void
take_person(struct upload *u, const PersonRow *row, const FoundRow *known)
{
	struct check_faults faults = {.n = 0};
	Person *person = person_of_row(u, row);
	const char **place;

	check_person(u->c, person, true, &faults);
	check_note(&faults, "address", check_text(person->address, 200));
	check_note(&faults, "phone", check_phone(person->phone));
	if (!is_two_digits_or_empty(person->ethnicity))
		check_note(&faults, "ethnicity", "应为两位民族代码，如 15 土家族");
	if (person->division_id == 0)
		check_note(&faults, "division_code", "没有这个村（社区）代码");
	if (known && *known->person_id && faults.n == 0 && says_the_same(known, person)) {
		u->out->unchanged++;
		return;
	}
	if (known && *known->person_id)
		check_note(
		    &faults, "id_number",
		    "该证件号码已登记，内容与这一行不同：是变更的请办理变更登记，录错的请更正文件");
	else if (known && known->id_taken)
		check_note(&faults, "id", "人员编号已由另一人使用");
	place = place_of(u, person->id_number);
	if (*place)
		check_note(&faults, "id_number", "该证件号码在文件中重复");
	if (faults.n > 0) {
		tell_wrong(u, row->line, &faults);
		return;
	}
	if (*person->id_number)
		*place = person->id_number;
	stage_person(u, row->line, person);
}

enum rpc_code
upload_persons(struct svc_call *c)
{
	const UploadPersonsRequest *req = c->request;
	struct upload u = {0};
	enum rpc_code code = upload_begin(c, REGISTRY_IMPORT__KIND__PERSONS, &u);

	u.taken = svc_alloc(c, N_PLACES * sizeof *u.taken);
	for (size_t i = 0; code == RPC_OK && i < req->n_rows; i++) {
		if (begin_row(&u, i, req->rows[i]->line))
			take_person(&u, req->rows[i], found(&u, i));
	}
	return code == RPC_OK ? svc_fields_checked(c) : code;
}

/* -- households ------------------------------------------------------------------------------ */

/* Rows of one household stand together: those without an id get that of the row before. */
static char *
household_id(struct upload *u, const HouseholdRow *row)
{
	const StagedMember *before =
	    u->out->n_members > 0 ? u->out->members[u->out->n_members - 1] : NULL;

	if (*row->household_id)
		return row->household_id;
	return before && strcmp(before->number, row->number) == 0 ? before->household_id
								  : svc_new_id(u->c);
}

static void
stage_member(struct upload *u, const HouseholdRow *row, const FoundRow *person, int64_t division)
{
	char *home = household_id(u, row);
	StagedMember *staged = SVC_ADD(u->c, u->out, members, staged_member);

	staged->line = row->line;
	staged->id = svc_new_id(u->c);
	staged->household_id = home;
	staged->number = row->number;
	staged->division_id = division;
	staged->area = row->area;
	staged->person_id = person->person_id;
	staged->relation = row->relation;
	staged->joined_on = row->joined_on;
	u->out->staged++;
}

static void
take_member(struct upload *u, const HouseholdRow *row, const FoundRow *person)
{
	struct check_faults faults = {.n = 0};
	int64_t division = division_of(u, row->division_code);
	struct date joined;

	if (strlen(row->number) < 4 || strlen(row->number) > 30)
		check_note(&faults, "number", "户号应为 4 到 30 个字符");
	check_note(&faults, "number", check_text(row->number, 30));
	if (division == 0)
		check_note(&faults, "division_code", "没有这个村（社区）代码");
	if (row->area == HOUSEHOLD__AREA__AREA_UNSPECIFIED)
		check_note(&faults, "area", "请填写城镇或农村");
	if (!person)
		check_note(&faults, "person_id", "登记簿里没有这个人，请先导入人员");
	if (strlen(row->relation) != 2 || !is_two_digits_or_empty(row->relation))
		check_note(&faults, "relation", "应为两位家庭关系代码，户主为 01");
	if (!svc_date_get(row->joined_on, &joined) || date_compare(joined, u->c->today) > 0)
		check_note(&faults, "joined_on", "加入日期缺少，或晚于今天");
	if (person && *person->household_number &&
	    strcmp(person->household_number, row->number) != 0)
		check_note(&faults, "person_id", "此人已是另一户的成员");
	if (faults.n > 0 || !person)
		tell_wrong(u, row->line, &faults);
	else if (*person->household_number)
		u->out->unchanged++;
	else
		stage_member(u, row, person, division);
}

enum rpc_code
upload_households(struct svc_call *c)
{
	const UploadHouseholdsRequest *req = c->request;
	struct upload u = {0};
	enum rpc_code code = upload_begin(c, REGISTRY_IMPORT__KIND__HOUSEHOLDS, &u);

	for (size_t i = 0; code == RPC_OK && i < req->n_rows; i++) {
		if (begin_row(&u, i, req->rows[i]->line))
			take_member(&u, req->rows[i], found(&u, i));
	}
	return code == RPC_OK ? svc_fields_checked(c) : code;
}

/* -- bank accounts --------------------------------------------------------------------------- */

static void
stage_account(struct upload *u, const BankAccountRow *row, const FoundRow *person)
{
	StagedAccount *staged = SVC_ADD(u->c, u->out, accounts, staged_account);
	BankAccount *account = svc_message(u->c, &bank_account__descriptor);

	account->id = svc_id_or_new(u->c, row->id);
	account->person_id = person->person_id;
	account->number = row->number;
	account->bank = row->bank;
	account->holder = row->holder;
	staged->line = row->line;
	staged->account = account;
	u->out->staged++;
}

static void
take_account(struct upload *u, const BankAccountRow *row, const FoundRow *person)
{
	struct check_faults faults = {.n = 0};
	size_t length = strlen(row->number);

	if (!person)
		check_note(&faults, "person_id", "登记簿里没有这个人，请先导入人员");
	if (length < 10 || length > 30 || strspn(row->number, "0123456789") != length)
		check_note(&faults, "number", "应为 10 至 30 位数字的银行账号");
	if (!*row->bank)
		check_note(&faults, "bank", "请填写开户行");
	check_note(&faults, "bank", check_text(row->bank, 60));
	if (!*row->holder)
		check_note(&faults, "holder", "请填写户名");
	check_note(&faults, "holder", check_text(row->holder, RULE_NAME_MAX));
	if (person && *person->account_id && !person->same_account)
		check_note(&faults, "number", "此人已有在用的另一个账户，请用变更账户办理");
	if (faults.n > 0 || !person)
		tell_wrong(u, row->line, &faults);
	else if (*person->account_id)
		u->out->unchanged++;
	else
		stage_account(u, row, person);
}

enum rpc_code
upload_bank_accounts(struct svc_call *c)
{
	const UploadBankAccountsRequest *req = c->request;
	struct upload u = {0};
	enum rpc_code code = upload_begin(c, REGISTRY_IMPORT__KIND__BANK_ACCOUNTS, &u);

	for (size_t i = 0; code == RPC_OK && i < req->n_rows; i++) {
		if (begin_row(&u, i, req->rows[i]->line))
			take_account(&u, req->rows[i], found(&u, i));
	}
	return code == RPC_OK ? svc_fields_checked(c) : code;
}
