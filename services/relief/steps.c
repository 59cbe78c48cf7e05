/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <string.h>

#include "evaluate.h"

enum rpc_code
step_begin(struct svc_call *c, const char *id, int32_t version, enum application_action action,
	   const char *text)
{
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	const Application *now = facts->application;
	const struct application_step *step;

	if (!now)
		return svc_fail(c, NOT_FOUND, "NO_APPLICATION",
				"本辖区没有编号为 %s 的申请，请核对编号", id);
	if (now->version != version)
		return svc_fail(c, ABORTED, "CHANGED", "申请 %s 已被他人修改，请刷新后再办", id);
	step = application_step(now->state, action);
	if (!step)
		return svc_fail(c, FAILED_PRECONDITION, "WRONG_STATE",
				"申请 %s %s，现在不能办理这一步", id,
				application_state_name(now->state));
	if (facts->policy && evaluate_law_is_known(c, facts->policy) != RPC_OK)
		return RPC_FAILED_PRECONDITION;

	out->application = svc_copy_message(c, now);
	out->application->state = step->next;
	out->application->version = now->version + 1;
	out->application->maker = svc_copy_text(c, c->caller->id);
	out->step = svc_message(c, &application_step__descriptor);
	out->step->application_id = out->application->id;
	out->step->version = out->application->version;
	out->step->state = step->next;
	out->step->text = svc_copy_text(c, text);
	return RPC_OK;
}

enum rpc_code
step_done(struct svc_call *c)
{
	StepEffects *out = c->effects;

	out->reply = svc_alloc(c, sizeof(*out->reply));
	*out->reply = *out->application;
	out->reply->file = NULL;
	return RPC_OK;
}

static void
check_members(struct svc_call *c, const FamilyFile *file, const char *applicant, const char *path)
{
	int n_applicants = 0;

	for (size_t i = 0; i < file->n_members; i++) {
		const FamilyMember *member = file->members[i];

		if (member->relation == FAMILY_MEMBER__RELATION__SELF) {
			n_applicants++;
			if (strcmp(member->person_id, applicant) != 0)
				svc_fail_field(c, svc_text(c, "%s.members[%zu]", path, i),
					       "“本人”必须是申请人");
		}
		for (size_t k = 0; k < i; k++) {
			if (strcmp(member->person_id, file->members[k]->person_id) == 0)
				svc_fail_field(c, svc_text(c, "%s.members[%zu]", path, i),
					       "同一人填写了两次");
		}
	}
	if (n_applicants != 1)
		svc_fail_field(c, svc_text(c, "%s.members", path),
			       "家庭成员中必须有且只有一名申请人");
}

bool
step_file_is_sound(struct svc_call *c, const FamilyFile *file, const char *applicant,
		   const char *path)
{
	check_members(c, file, applicant, path);
	for (size_t i = 0; i < file->n_incomes; i++) {
		if (file->incomes[i]->months != 1 && file->incomes[i]->months != 12)
			svc_fail_field(c, svc_text(c, "%s.incomes[%zu].months", path, i),
				       "收入按1个月或12个月填写");
	}
	return svc_fields_checked(c) == RPC_OK;
}

void
step_add_persons(struct svc_call *c, const FamilyFile *file, size_t *n, char ***person_ids)
{
	for (size_t i = 0; i < file->n_members; i++)
		svc_append(c, n, person_ids, &file->members[i]->person_id, sizeof(char *));
}
