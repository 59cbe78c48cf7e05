/* SPDX-License-Identifier: Apache-2.0 */
/* What existed before: awards, earlier grants, tags. Every row is checked like a new one. */
#include <string.h>

#include "award_writes.h"
#include "change.h"
#include "decisions.h"
#include "evaluate.h"
#include "rules_amount.h"
#include "rules_clock.h"
#include "rules_tiers.h"
#include "svc/lists.h"

/* What is wrong with a row: NULL text is good. */
struct row_fault {
	const char *column, *text;
};

/* A wrong row is told in the reply, or fails its batch. */
static void
report(struct svc_call *c, ImportReply *reply, bool tolerated, size_t at, int32_t line,
       struct row_fault fault)
{
	ImportProblem *problem;

	if (!tolerated) {
		svc_fail_field(c, svc_text(c, "rows[%zu].%s", at, fault.column), "第%d行：%s", line,
			       fault.text);
		return;
	}
	problem = SVC_ADD(c, reply, problems, import_problem);
	problem->line = line;
	problem->column = svc_copy_text(c, fault.column);
	problem->reason = svc_copy_text(c, fault.text);
}

static struct row_fault
family_fault(const ImportFacts *facts, const FamilyFile *file)
{
	int n_applicants = 0;

	if (file->n_members == 0)
		return (struct row_fault){"members", "没有家庭成员"};
	for (size_t i = 0; i < file->n_members; i++) {
		const char *person_id = file->members[i]->person_id;

		n_applicants += file->members[i]->relation == FAMILY_MEMBER__RELATION__SELF;
		if (svc_is_listed(facts->claimed, facts->n_claimed, person_id))
			return (struct row_fault){"members", "家庭成员已在享受低保或特困供养"};
		for (size_t k = 0; k < i; k++) {
			if (strcmp(person_id, file->members[k]->person_id) == 0)
				return (struct row_fault){"members", "同一人填写了两次"};
		}
	}
	if (n_applicants != 1)
		return (struct row_fault){"members", "必须有且只有一名申请人"};
	for (size_t i = 0; i < file->n_incomes; i++) {
		if (file->incomes[i]->months != 1 && file->incomes[i]->months != 12)
			return (struct row_fault){"incomes", "收入按1个月或12个月填写"};
	}
	return (struct row_fault){0};
}

/* The amount of a listed person (精简退职) is what the list says; the others' is computed. */
static struct row_fault
amount_fault(struct svc_call *c, const ImportFacts *facts, const ImportAward *row,
	     DecisionTrace **ret_trace)
{
	DecisionTrace *trace;

	if (row->programme == AWARD__PROGRAMME__JINGJIAN)
		return row->amount_fen > 0 ? (struct row_fault){0}
					   : (struct row_fault){"amount_fen", "没有金额"};
	trace = tiers_evaluate_as(c, facts->policy, row->file, c->today, row->programme);
	if (trace->outcome != row->programme)
		return (struct row_fault){"programme", "按现行政策不符合该类别的条件"};
	if (trace->amount->amount_fen != row->amount_fen)
		return (struct row_fault){"amount_fen",
					  svc_text(c, "金额与计算结果%lld.%02d元不符",
						   (long long)(trace->amount->amount_fen / 100),
						   (int)(trace->amount->amount_fen % 100))};
	*ret_trace = trace;
	return (struct row_fault){0};
}

static struct row_fault
award_fault(struct svc_call *c, const ImportFacts *facts, const ImportAward *row,
	    DecisionTrace **ret_trace)
{
	struct row_fault fault = family_fault(facts, row->file);

	if (fault.text)
		return fault;
	if (row->to_month[0] && strcmp(row->to_month, row->from_month) < 0)
		return (struct row_fault){"to_month", "止月早于起月"};
	if (!svc_caller_covers(c->caller, row->division))
		return (struct row_fault){"division", "行政区划不在您的辖区"};
	if (award_unit(row->programme) == AWARD__UNIT__HOUSEHOLD && !row->household_id[0])
		return (struct row_fault){"household_id", "没有家庭编号"};
	if (row->to_month[0])
		return (struct row_fault){0};
	return amount_fault(c, facts, row, ret_trace);
}

static bool
is_claimed(ClaimRow *const *claims, size_t n_claims, const char *person_id)
{
	for (size_t i = 0; i < n_claims; i++) {
		if (strcmp(claims[i]->person_id, person_id) == 0)
			return true;
	}
	return false;
}

/* Rows before this one have taken places that the database does not know yet. */
static struct row_fault
place_fault(const AwardWrites *writes, const ImportAward *row)
{
	bool wants_place =
	    row->programme == AWARD__PROGRAMME__DIBAO || row->programme == AWARD__PROGRAMME__TEKUN;

	for (size_t i = 0; wants_place && !row->to_month[0] && i < row->file->n_members; i++) {
		const char *person_id = row->file->members[i]->person_id;

		if (is_claimed(writes->dibao_claims, writes->n_dibao_claims, person_id) ||
		    is_claimed(writes->tekun_claims, writes->n_tekun_claims, person_id))
			return (struct row_fault){"members", "家庭成员在本批前面的行中已有待遇"};
	}
	return (struct row_fault){0};
}

static void
add_listed_share(struct svc_call *c, struct award_version *version, const ImportAward *row)
{
	for (size_t i = 0; i < row->file->n_members; i++) {
		bool applicant = row->file->members[i]->relation == FAMILY_MEMBER__RELATION__SELF;
		AwardShare *share =
		    svc_add(c, &version->n_shares, &version->shares, &award_share__descriptor);

		share->person_id = row->file->members[i]->person_id;
		share->amount_fen = applicant ? row->amount_fen : 0;
	}
}

static AwardHead *
import_head(struct svc_call *c, const ImportFacts *facts, AwardWrites *writes,
	    const ImportAward *row)
{
	AwardHead *head = award_add_head(c, writes, row->programme, row->award_id);

	head->household_id = row->household_id;
	head->applicant_person_id = family_applicant(row->file)->person_id;
	head->division = row->division;
	head->area = row->file->area;
	head->single_person = row->file->single_person;
	head->care_mode = row->file->care_mode;
	head->recheck_class = row->recheck_class;
	if (row->recheck_class)
		head->next_recheck_on =
		    svc_date(c, clock_next_recheck(facts->policy, row->recheck_class, head->area,
						   svc_date_or(row->checked_on, c->today)));
	if (row->to_month[0])
		head->state = AWARD__STATE__STOPPED;
	return head;
}

static void
take_over(struct svc_call *c, const ImportFacts *facts, ImportAwardsEffects *out,
	  const ImportAward *row, DecisionTrace *trace)
{
	AwardHead *head = import_head(c, facts, out->writes, row);
	month_number to = change_month(row->to_month);
	struct award_version version = {
	    .head = head,
	    .version = 1,
	    .amount_fen = row->amount_fen,
	    .payee_person_id =
		row->payee_person_id[0] ? row->payee_person_id : head->applicant_person_id,
	    .account_id = row->account_id,
	    .from = change_month(row->from_month),
	    .to = row->to_month[0] ? &to : NULL,
	    .reason = "IMPORTED",
	    .file = row->file,
	    .trace = trace,
	};

	if (row->programme == AWARD__PROGRAMME__TEKUN)
		version.care_grade =
		    family_care_grade(row->file->self_care, row->file->n_self_care);
	if (trace) {
		version.income_per_capita_fen = trace->income_per_capita_fen;
		amount_shares(c, facts->policy, row->file, trace, c->today, &version.n_shares,
			      &version.shares);
		award_add_claims(c, out->writes, head, version.shares, version.n_shares);
	} else {
		add_listed_share(c, &version, row);
	}
	award_add_version(c, AWARD_SINK(out), &version);
}

enum rpc_code
import_awards(struct svc_call *c)
{
	const ImportAwardsRequest *req = c->request;
	const ImportFacts *facts = c->facts;
	ImportAwardsEffects *out = c->effects;

	if (evaluate_law_is_known(c, facts->policy) != RPC_OK)
		return RPC_FAILED_PRECONDITION;
	out->reply = svc_message(c, &import_reply__descriptor);
	out->writes = svc_message(c, &award_writes__descriptor);
	for (size_t i = 0; i < req->n_rows; i++) {
		const ImportAward *row = req->rows[i];
		DecisionTrace *trace = NULL;
		struct row_fault fault;

		if (svc_is_listed(facts->existing, facts->n_existing, row->award_id) ||
		    svc_is_repeated(req->rows, i, offsetof(ImportAward, award_id))) {
			out->reply->unchanged++;
			continue;
		}
		fault = award_fault(c, facts, row, &trace);
		if (!fault.text)
			fault = place_fault(out->writes, row);
		if (fault.text) {
			report(c, out->reply, req->validate_only || req->good_rows_only, i,
			       row->line, fault);
			continue;
		}
		out->reply->imported++;
		take_over(c, facts, out, row, trace);
	}
	if (req->validate_only) {
		out->writes = svc_message(c, &award_writes__descriptor);
		out->n_events = 0;
	}
	return svc_fields_checked(c);
}

static struct row_fault
aid_fault(const struct svc_call *c, const ImportTempAid *row)
{
	if (!svc_caller_covers(c->caller, row->division))
		return (struct row_fault){"division", "行政区划不在您的辖区"};
	if (date_compare(svc_date_or(row->granted_on, c->today), c->today) > 0)
		return (struct row_fault){"granted_on", "日期晚于今天"};
	return (struct row_fault){0};
}

static void
add_aid(struct svc_call *c, ImportTempAidsEffects *out, const ImportTempAid *row)
{
	TempAid *aid = SVC_ADD(c, out, temp_aids, temp_aid);

	aid->id = row->id;
	aid->person_id = row->person_id;
	aid->division = row->division;
	aid->aid_type = row->aid_type;
	aid->channel = APPLICATION__CHANNEL__WINDOW;
	aid->cause = row->cause;
	aid->amount_fen = row->amount_fen;
	aid->granted_on = row->granted_on;
	aid->taken_over = true;
}

enum rpc_code
import_temp_aids(struct svc_call *c)
{
	const ImportTempAidsRequest *req = c->request;
	const ImportFacts *facts = c->facts;
	ImportTempAidsEffects *out = c->effects;

	out->reply = svc_message(c, &import_reply__descriptor);
	for (size_t i = 0; i < req->n_rows; i++) {
		const ImportTempAid *row = req->rows[i];
		struct row_fault fault = aid_fault(c, row);

		if (svc_is_listed(facts->existing, facts->n_existing, row->id) ||
		    svc_is_repeated(req->rows, i, offsetof(ImportTempAid, id))) {
			out->reply->unchanged++;
		} else if (fault.text) {
			report(c, out->reply, req->validate_only || req->good_rows_only, i,
			       row->line, fault);
		} else {
			out->reply->imported++;
			if (!req->validate_only)
				add_aid(c, out, row);
		}
	}
	return svc_fields_checked(c);
}

static bool
tag_is_known(struct svc_call *c, const ImportFacts *facts, const PersonTag *row)
{
	const char *tag = row->tag == PERSON_TAG__TAG__MONITORED ? "MONITORED" : "OUT_OF_POVERTY";

	return svc_is_listed(facts->existing, facts->n_existing,
			     svc_text(c, "%s %s", row->person_id, tag));
}

static bool
tag_is_repeated(const ImportTagsRequest *req, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (req->rows[i]->tag == req->rows[at]->tag &&
		    strcmp(req->rows[i]->person_id, req->rows[at]->person_id) == 0)
			return true;
	}
	return false;
}

enum rpc_code
import_tags(struct svc_call *c)
{
	const ImportTagsRequest *req = c->request;
	const ImportFacts *facts = c->facts;
	ImportTagsEffects *out = c->effects;

	out->reply = svc_message(c, &import_reply__descriptor);
	for (size_t i = 0; i < req->n_rows; i++) {
		PersonTag *row = req->rows[i];
		struct date starts_on = svc_date_or(row->starts_on, c->today);

		if (tag_is_known(c, facts, row) || tag_is_repeated(req, i)) {
			out->reply->unchanged++;
		} else if (date_compare(svc_date_or(row->ends_on, starts_on), starts_on) < 0) {
			report(c, out->reply, req->validate_only || req->good_rows_only, i,
			       row->line, (struct row_fault){"ends_on", "止日早于起日"});
		} else {
			out->reply->imported++;
			if (!req->validate_only)
				SVC_APPEND(c, out, rows, row);
		}
	}
	return svc_fields_checked(c);
}
