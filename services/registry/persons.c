/* SPDX-License-Identifier: Apache-2.0 */
/* Persons: one record per ID number; what a record said before a change stays (3.1, 3.9, E-31). */
#include <string.h>

#include "check.h"
#include "decisions.h"

/* Checks the person of a request; what is wrong is noted by field. */
static enum rpc_code
judge(struct svc_call *c, Person *person)
{
	struct check_faults faults = {.n = 0};

	check_person(c, person, false, &faults);
	for (size_t i = 0; i < faults.n; i++)
		svc_fail_field(c, svc_text(c, "person.%s", faults.list[i].field), "%s",
			       faults.list[i].reason);
	return svc_fields_checked(c);
}

/* Who has the number is told within the caller's divisions; elsewhere only what to do. */
static enum rpc_code
id_is_taken(struct svc_call *c, const char *holder_id, const char *village)
{
	if (!*holder_id)
		return svc_fail(c, ALREADY_EXISTS, "ID_TAKEN",
				"该证件号码已在其他辖区登记：请核对证件，录错的更正号码；"
				"号码无误的请区民政局与对方核实，再由一方更正或迁入");
	return svc_fail(c, ALREADY_EXISTS, "ID_TAKEN",
			"该证件号码已登记为%s的一条记录（人员编号 %s）：是同一人的用那条记录办理，"
			"已有两条记录的提出合并；不是同一人的请核对证件后更正号码",
			village, holder_id);
}

enum rpc_code
create_person(struct svc_call *c)
{
	const CreatePersonRequest *req = c->request;
	const CreatePersonFacts *facts = c->facts;
	CreatePersonEffects *out = c->effects;
	Person *person = svc_copy_message(c, req->person);
	struct rule_name *name;

	if (facts->division_level != DIVISION__LEVEL__VILLAGE)
		return svc_fail_field(c, "person.division_id",
				      "请选择本辖区内的村或社区作为户籍地");
	if (judge(c, person) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	if (*facts->claimed_by)
		return id_is_taken(c, facts->holder_id, facts->holder_village);
	if (!*person->id)
		person->id = svc_new_key(c);
	person->version = 1;
	person->state = PERSON__STATE__ACTIVE;
	person->merged_into = svc_copy_text(c, "");
	person->died_on = NULL;
	out->reply = person;
	name = svc_need(c, rule_name_terms(c->arena, person->name));
	out->name_key = name->key;
	out->name_terms = name->terms;
	out->n_name_terms = name->n_terms;
	return RPC_OK;
}

/* -- changes --------------------------------------------------------------------------------- */

/* Copies the fields named by the mask; false at a name that may not change. */
static bool
apply_mask(struct svc_call *c, Person *person, const UpdatePersonRequest *req)
{
	const Person *given = req->person;

	for (size_t i = 0; i < req->update_mask->n_paths; i++) {
		const char *path = req->update_mask->paths[i];

		if (strcmp(path, "id_type") == 0)
			person->id_type = given->id_type;
		else if (strcmp(path, "id_number") == 0)
			person->id_number = given->id_number;
		else if (strcmp(path, "name") == 0)
			person->name = given->name;
		else if (strcmp(path, "sex") == 0)
			person->sex = given->sex;
		else if (strcmp(path, "born_on") == 0)
			person->born_on = given->born_on;
		else if (strcmp(path, "ethnicity") == 0)
			person->ethnicity = given->ethnicity;
		else if (strcmp(path, "phone") == 0)
			person->phone = given->phone;
		else if (strcmp(path, "address") == 0)
			person->address = given->address;
		else
			svc_fail_field(c, "update_mask", "不能修改 %s", path);
	}
	return svc_fields_checked(c) == RPC_OK;
}

static void
add_change(struct svc_call *c, UpdatePersonEffects *out, PersonChanged__Kind kind)
{
	const UpdatePersonRequest *req = c->request;
	PersonChanged *event = SVC_ADD(c, out, events, person_changed);

	event->person_id = out->reply->id;
	event->kind = kind;
	event->action = PERSON_CHANGED__ACTION__RECORDED;
	event->effective_on = req->changed_on;
	event->reported_at = svc_instant(c, c->now);
	event->evidence = req->reason;
	event->source = svc_copy_text(c, c->caller->name);
	event->version = out->reply->version;
	event->division_id = out->reply->division_id;
}

enum rpc_code
update_person(struct svc_call *c)
{
	const UpdatePersonRequest *req = c->request;
	const UpdatePersonFacts *facts = c->facts;
	UpdatePersonEffects *out = c->effects;
	struct rule_name *name;
	Person *person;

	if (!facts->person)
		return svc_fail(c, NOT_FOUND, "NO_PERSON", "本辖区没有这个人的记录，请核对");
	if (facts->person->version != req->person->version)
		return svc_fail(c, ABORTED, "CHANGED", "这个人的记录已被他人修改，请刷新后再办");
	if (facts->person->state == PERSON__STATE__MERGED)
		return svc_fail(c, FAILED_PRECONDITION, "MERGED",
				"这条记录已并入另一条，请在保留的记录上修改");
	person = svc_copy_message(c, facts->person);
	if (!apply_mask(c, person, req) || judge(c, person) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	if (*facts->claimed_by && strcmp(facts->claimed_by, person->id) != 0)
		return id_is_taken(c, facts->holder_id, facts->holder_village);
	person->version++;
	out->reply = person;
	name = svc_need(c, rule_name_terms(c->arena, person->name));
	out->name_key = name->key;
	out->name_terms = name->terms;
	out->n_name_terms = name->n_terms;
	if (strcmp(person->id_number, facts->person->id_number) != 0)
		add_change(c, out, PERSON_CHANGED__KIND__ID_CHANGED);
	if (strcmp(person->name, facts->person->name) != 0)
		add_change(c, out, PERSON_CHANGED__KIND__NAME_CHANGED);
	return RPC_OK;
}

/* -- search ---------------------------------------------------------------------------------- */

enum rpc_code
search_persons(struct svc_call *c)
{
	const SearchPersonsRequest *req = c->request;
	SearchPersonsEffects *out = c->effects;
	struct rule_search *search =
	    svc_need(c, rule_name_search(c->arena, req->query, req->similar));

	if (search->n_matches == 0)
		return svc_fail_field(c, "query", "请至少输入两个字，或姓名的拼音");
	out->name_key = search->key;
	for (size_t i = 0; i < search->n_matches; i++) {
		NameTerms *terms = SVC_ADD(c, out, alternatives, name_terms);

		terms->terms = svc_copy_text(c, search->matches[i].terms);
		terms->distance = search->matches[i].distance;
	}
	return RPC_OK;
}
