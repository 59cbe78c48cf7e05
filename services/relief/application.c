/* SPDX-License-Identifier: Apache-2.0 */
/* Applications up to the first opinion: draft, acceptance with its clocks, check, survey. */
#include <string.h>

#include "decisions.h"
#include "rules_clock.h"
#include "rules_family.h"
#include "steps.h"

enum { INVESTIGATORS_LEAST = 2 };

/* Results and dates come from the service, whatever the client put there. */
static void
clear_results(struct svc_call *c, Application *application)
{
	char *nothing = svc_copy_text(c, "");

	application->submitted_on = application->accepted_on = application->publicised_on = NULL;
	application->notice_ends_on = application->due_on = application->decided_on = NULL;
	application->outcome = AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED;
	application->amount_fen = 0;
	application->first_month = application->award_id = application->missing = nothing;
	application->complained = false;
}

static enum rpc_code
persons_are_known(struct svc_call *c)
{
	const StepFacts *facts = c->facts;

	if (facts->n_unknown_persons > 0)
		return svc_fail(c, FAILED_PRECONDITION, "UNKNOWN_PERSON",
				"人员库中没有编号为 %s 的人员，请先登记",
				facts->unknown_persons[0]);
	return RPC_OK;
}

static enum rpc_code
aid_is_complete(struct svc_call *c, const Application *application)
{
	if (application->kind != APPLICATION__KIND__TEMPORARY)
		return RPC_OK;
	if (application->aid_type == APPLICATION__AID_TYPE__AID_TYPE_UNSPECIFIED)
		svc_fail_field(c, "application.aid_type", "请选择急难型或支出型");
	if (!application->cause[0])
		svc_fail_field(c, "application.cause", "请填写困难原因");
	if (application->need_fen == 0)
		svc_fail_field(c, "application.need_fen", "请填写需要救助的金额");
	return svc_fields_checked(c);
}

/* -> DRAFT or SUBMITTED. */
enum rpc_code
create_application(struct svc_call *c)
{
	const CreateApplicationRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	Application *application = svc_copy_message(c, req->application);

	if (facts->existing[0])
		return svc_fail(c, ALREADY_EXISTS, "APPLICATION_EXISTS", "编号为 %s 的申请已经存在",
				req->id);
	if (!svc_caller_covers(c->caller, application->division))
		return svc_fail(c, PERMISSION_DENIED, "OTHER_DIVISION",
				"所填村（社区）不在您的辖区，请核对");
	if (!application->file)
		return svc_fail_field(c, "application.file", "请填写家庭情况");
	if (!step_file_is_sound(c, application->file, application->applicant_person_id,
				"application.file"))
		return RPC_INVALID_ARGUMENT;
	if (aid_is_complete(c, application) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	if (persons_are_known(c) != RPC_OK)
		return RPC_FAILED_PRECONDITION;

	clear_results(c, application);
	application->id = svc_id_or_new(c, req->id);
	application->version = 1;
	application->maker = svc_copy_text(c, c->caller->id);
	application->state =
	    req->submit ? APPLICATION__STATE__SUBMITTED : APPLICATION__STATE__DRAFT;
	if (req->submit)
		application->submitted_on = svc_date(c, c->today);
	out->application = application;
	out->step = svc_message(c, &application_step__descriptor);
	out->step->application_id = application->id;
	out->step->version = 1;
	out->step->state = application->state;
	step_add_persons(c, application->file, &out->n_person_ids, &out->person_ids);
	return step_done(c);
}

enum rpc_code
update_application(struct svc_call *c)
{
	const UpdateApplicationRequest *req = c->request;
	StepEffects *out = c->effects;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_UPDATE, "");

	if (code != RPC_OK)
		return code;
	if (!step_file_is_sound(c, req->file, out->application->applicant_person_id, "file"))
		return RPC_INVALID_ARGUMENT;
	if (persons_are_known(c) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	out->replaces_file = true;
	out->application->file = svc_copy_message(c, req->file);
	out->application->cause = req->cause;
	out->application->need_fen = req->need_fen;
	out->application->account_id = req->account_id;
	step_add_persons(c, req->file, &out->n_person_ids, &out->person_ids);
	return step_done(c);
}

enum rpc_code
submit_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	StepEffects *out = c->effects;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_SUBMIT, req->text);

	if (code != RPC_OK)
		return code;
	if (!out->application->submitted_on)
		out->application->submitted_on = svc_date(c, c->today);
	return step_done(c);
}

enum rpc_code
withdraw_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_WITHDRAW, req->text);

	return code == RPC_OK ? step_done(c) : code;
}

/* RLF-06: one list, once. */
enum rpc_code
request_supplement(struct svc_call *c)
{
	const StepRequest *req = c->request;
	StepEffects *out = c->effects;
	enum rpc_code code =
	    step_begin(c, req->id, req->version, APPLICATION_ASK_SUPPLEMENT, req->text);

	if (code != RPC_OK)
		return code;
	if (!req->text[0])
		return svc_fail_field(c, "text", "请一次写明全部缺少的材料");
	if (out->application->missing[0])
		return svc_fail(c, FAILED_PRECONDITION, "ASKED_BEFORE",
				"补正材料只能一次性告知，此前已告知：%s",
				out->application->missing);
	out->application->missing = req->text;
	return step_done(c);
}

/* The journal keeps both clocks, for the one that alerts is only the earlier (C-2). */
static char *
clocks_text(struct svc_call *c, const char *text, const struct clock_days *days)
{
	char check[DATE_TEXT_SIZE], local[DATE_TEXT_SIZE], ministry[DATE_TEXT_SIZE],
	    special[DATE_TEXT_SIZE];

	return svc_text(c, "%s核对最迟%s开始；办理期限：地方规定%s，部规定%s，特殊情形%s", text,
			date_format(days->check_by, check), date_format(days->local_by, local),
			date_format(days->ministry_by, ministry),
			date_format(days->ministry_special, special));
}

/* SUBMITTED, SUPPLEMENT -> ACCEPTED: both clocks start, the earlier one alerts (C-2). */
enum rpc_code
accept_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	struct workday_calendar calendar;
	struct clock_days days;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_ACCEPT, req->text);

	if (code != RPC_OK)
		return code;
	clock_calendar(facts->days, facts->n_days, &calendar);
	if (clock_of_acceptance(&calendar, facts->policy, c->today, &days) != WORKDAY_OK)
		return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
				"缺少办理期限所在年份的工作日历，请先导入国务院放假通知");
	out->application->accepted_on = svc_date(c, c->today);
	out->application->due_on = svc_date(c, days.due);
	out->step->text = clocks_text(c, req->text, &days);
	return step_done(c);
}

/* ACCEPTED -> CHECKING. Every counted or uncounted member is checked, with the family's consent. */
enum rpc_code
start_check(struct svc_call *c)
{
	const StartCheckRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	struct workday_calendar calendar;
	struct clock_days days;
	struct date accepted_on;
	Check *check;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_START_CHECK, "");

	if (code != RPC_OK)
		return code;
	if (!out->application->check_consent[0])
		return svc_fail(c, FAILED_PRECONDITION, "NO_CONSENT",
				"申请人尚未授权核对家庭经济状况，请先取得授权书");
	clock_calendar(facts->days, facts->n_days, &calendar);
	accepted_on = svc_date_or(out->application->accepted_on, c->today);
	if (clock_of_acceptance(&calendar, facts->policy, accepted_on, &days) != WORKDAY_OK)
		return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
				"缺少办理期限所在年份的工作日历，请先导入国务院放假通知");
	check = out->check = svc_message(c, &check__descriptor);
	check->id = svc_id_or_new(c, req->check_id);
	check->state = CHECK__STATE__OPEN;
	check->purpose = out->application->kind == APPLICATION__KIND__TEMPORARY
			     ? CHECK__PURPOSE__TEMPORARY_AID
			     : CHECK__PURPOSE__APPLICATION;
	check->due_on = svc_date(c, days.check_by);
	return step_done(c);
}

/* The file as corrected, if it was: whoever is found in the family late is known and checked like
 * the others (RLF-05). */
static enum rpc_code
correct_file(struct svc_call *c, const FamilyFile *file)
{
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;

	out->application->file = NULL;
	if (!file)
		return RPC_OK;
	if (!step_file_is_sound(c, file, out->application->applicant_person_id, "file"))
		return RPC_INVALID_ARGUMENT;
	if (persons_are_known(c) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	if (facts->n_unchecked_persons > 0)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_CHECKED",
				"成员 %s 的经济状况尚未核对，请先为这份申请对其发起并完成核对",
				family_member(file, facts->unchecked_persons[0])->name);
	out->replaces_file = true;
	out->application->file = svc_copy_message(c, file);
	step_add_persons(c, file, &out->n_person_ids, &out->person_ids);
	return RPC_OK;
}

/* CHECKING -> SURVEY (RLF-07). */
enum rpc_code
record_survey(struct svc_call *c)
{
	const RecordSurveyRequest *req = c->request;
	const StepFacts *facts = c->facts;
	StepEffects *out = c->effects;
	enum rpc_code code =
	    step_begin(c, req->id, req->version, APPLICATION_RECORD_SURVEY, req->findings);

	if (code != RPC_OK)
		return code;
	if (facts->checks_open > 0 || facts->checks_done == 0)
		return svc_fail(c, FAILED_PRECONDITION, "CHECK_OPEN",
				"申请 %s 的家庭经济状况核对尚未完成", req->id);
	if (req->n_investigators < INVESTIGATORS_LEAST)
		svc_fail_field(c, "investigators", "入户调查须有两名以上调查人员");
	if (!req->signed_by_family || !req->signed_by_investigators)
		svc_fail_field(c, "signed_by_family", "调查记录须由调查人员和调查对象双方签字");
	if (svc_fields_checked(c) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	if ((code = correct_file(c, req->file)) != RPC_OK)
		return code;
	out->step->n_persons = req->n_investigators;
	out->step->persons = req->investigators;
	return step_done(c);
}

enum rpc_code
record_democratic_review(struct svc_call *c)
{
	const RecordDemocraticReviewRequest *req = c->request;
	char *text =
	    svc_text(c, "赞成%d票，反对%d票。%s", req->in_favour, req->against, req->opinion);
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_RECORD_REVIEW, text);

	return code == RPC_OK ? step_done(c) : code;
}

/* PUBLICISED -> OBJECTION: the decision is blocked until it is resolved (scenario 8). */
enum rpc_code
raise_objection(struct svc_call *c)
{
	const StepRequest *req = c->request;
	StepEffects *out = c->effects;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_OBJECT, req->text);

	if (code != RPC_OK)
		return code;
	if (!req->text[0])
		return svc_fail_field(c, "text", "请写明异议内容");
	out->application->complained = true;
	return step_done(c);
}

enum rpc_code
resolve_objection(struct svc_call *c)
{
	const ResolveObjectionRequest *req = c->request;
	enum application_action action =
	    req->upheld ? APPLICATION_UPHOLD_OBJECTION : APPLICATION_DISMISS_OBJECTION;
	enum rpc_code code = step_begin(c, req->id, req->version, action, req->text);

	if (code != RPC_OK)
		return code;
	code = correct_file(c, req->file);
	return code == RPC_OK ? step_done(c) : code;
}

/* PUBLICISED -> COUNTY_REVIEW: relatives of staff and complaints are visited (RLF-07, RLF-13). */
enum rpc_code
begin_county_review(struct svc_call *c)
{
	const BeginCountyReviewRequest *req = c->request;
	StepEffects *out = c->effects;
	enum rpc_code code =
	    step_begin(c, req->id, req->version, APPLICATION_REVIEW_COUNTY, req->findings);

	if (code != RPC_OK)
		return code;
	if (req->n_visitors < INVESTIGATORS_LEAST)
		return svc_fail_field(c, "visitors", "区县入户须有两名以上工作人员");
	out->visits = true;
	out->step->n_persons = req->n_visitors;
	out->step->persons = req->visitors;
	return step_done(c);
}

enum rpc_code
archive_application(struct svc_call *c)
{
	const StepRequest *req = c->request;
	enum rpc_code code = step_begin(c, req->id, req->version, APPLICATION_ARCHIVE, req->text);

	return code == RPC_OK ? step_done(c) : code;
}
