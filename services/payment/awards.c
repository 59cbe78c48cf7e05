/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Awards come in: by relief's events, and by import for lines whose service does not exist yet.
 * Payment keeps every version it is told and computes none.
 */
#include <stdlib.h>
#include <string.h>

#include "decisions.h"
#include "facts.h"
#include "svc/lists.h"

/* "2024-08" to its first day; the field rule has checked the text. NULL for "". */
static Date *
month_to_date(struct svc_call *c, const char *text)
{
	month_number month;

	return month_parse(text, &month) ? svc_date(c, month_first(month)) : NULL;
}

static const char *
programme_code(Award__Programme programme)
{
	const ProtobufCEnumValue *value =
	    protobuf_c_enum_descriptor_get_value(&award__programme__descriptor, (int)programme);

	return value ? value->name : "";
}

/* 低保边缘 and 刚性支出 are recognised, not paid (RLF-20, RLF-21). */
static bool
carries_money(const AwardChanged *award)
{
	return award->programme != AWARD__PROGRAMME__EDGE &&
	       award->programme != AWARD__PROGRAMME__RIGID;
}

static void
store_award(struct svc_call *c, TakeAwardsEffects *out, const AwardChanged *award)
{
	StoredAward *stored = SVC_ADD(c, out, awards, stored_award);

	stored->award_id = award->award_id;
	stored->version = award->version;
	stored->programme = svc_copy_text(c, programme_code(award->programme));
	stored->household_id = award->household_id;
	stored->payee_id = award->payee_person_id;
	stored->account_id = award->account_id;
	stored->division = award->division;
	stored->amount_fen = award->amount_fen;
	stored->from_on = month_to_date(c, award->from_month);
	stored->to_on = month_to_date(c, award->to_month);
	stored->reason = award->reason;
	stored->rate = award->rate;
	stored->batch_id = award->batch_id;
	stored->known_at = award->known_at;
	for (size_t i = 0; i < award->n_shares; i++) {
		StoredShare *share = SVC_ADD(c, out, shares, stored_share);

		share->award_id = award->award_id;
		share->version = award->version;
		share->person_id = award->shares[i]->person_id;
		share->amount_fen = award->shares[i]->amount_fen;
	}
}

enum rpc_code
take_awards(struct svc_call *c)
{
	const TakeAwardsRequest *req = c->request;

	for (size_t i = 0; i < req->n_awards; i++)
		if (carries_money(req->awards[i]))
			store_award(c, c->effects, req->awards[i]);
	return RPC_OK;
}

/* -- imports --------------------------------------------------------------------------------- */

enum { MAX_SHOWN = 5 }; /* problems of a batch in the reply; all are in the list */

enum rpc_code
create_award_import(struct svc_call *c)
{
	const CreateAwardImportRequest *req = c->request;
	const AwardImportFacts *facts = c->facts;
	AwardImportEffects *out = c->effects;
	AwardImport *import;

	if (facts->import) { /* the same file again */
		out->reply = svc_copy_message(c, facts->import);
		return RPC_OK;
	}
	import = svc_message(c, &award_import__descriptor);
	import->id = svc_id_or_new(c, req->id);
	import->version = 1;
	import->file_name = req->file_name;
	import->state = AWARD_IMPORT__STATE__OPEN;
	import->created_at = svc_instant(c, c->now);
	out->reply = import;
	out->is_new = true;
	return RPC_OK;
}

static enum rpc_code
find_import(struct svc_call *c, const AwardImport *import)
{
	if (!import)
		return svc_fail(c, NOT_FOUND, "NO_IMPORT", "没有这次导入，请核对编号");
	if (import->state == AWARD_IMPORT__STATE__ABANDONED)
		return svc_fail(c, FAILED_PRECONDITION, "ABANDONED", "这次导入已放弃，请重新导入");
	return RPC_OK;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The list comes sorted: lower-case UUIDs stand in the same order as bytes and as text. */
static bool
is_known_person(const UploadAwardRowsFacts *facts, const char *person_id)
{
	return bsearch(&person_id, facts->known_persons, facts->n_known_persons,
		       sizeof *facts->known_persons, compare_texts) != NULL;
}

/* NULL when the row is good; otherwise what is wrong, and in which column. */
static const char *
row_error(struct svc_call *c, const UploadAwardRowsFacts *facts, const AwardRow *row,
	  const char **ret_column)
{
	*ret_column = "programme";
	if (!svc_is_listed(facts->programmes, facts->n_programmes, row->programme))
		return svc_text(c, "没有可以导入的待遇项目 %s", row->programme);
	*ret_column = "award_id";
	if (svc_is_listed(facts->others, facts->n_others, row->award_id))
		return "这个编号是另一项目或社会救助的待遇，不能由导入变更，请核对编号";
	*ret_column = "person_id";
	if (!is_known_person(facts, row->person_id))
		return "人员库中没有此人，请先导入人员";
	*ret_column = "to_month";
	if (row->to_month[0] && strcmp(row->to_month, row->from_month) < 0)
		return "止月早于起月";
	*ret_column = "division";
	if (!svc_caller_covers(c->caller, row->division))
		return "行政区划不在您的辖区";
	return NULL;
}

static void
stage_row(struct svc_call *c, UploadAwardRowsEffects *out, const AwardRow *row, const char *error,
	  const char *column)
{
	StagedAward *staged = SVC_ADD(c, out, staged, staged_award);

	staged->line = row->line;
	staged->award_id = row->award_id;
	staged->version = row->award_version;
	staged->programme = row->programme;
	staged->person_id = row->person_id;
	staged->account_id = row->account_id;
	staged->division = row->division;
	staged->amount_fen = row->amount_fen;
	staged->from_on = month_to_date(c, row->from_month);
	staged->to_on = month_to_date(c, row->to_month);
	staged->batch_id = row->batch_id;
	staged->reason = row->reason;
	staged->rate = row->rate;
	staged->error = svc_copy_text(c, error ? error : "");
	staged->error_column = svc_copy_text(c, error ? column : "");
}

static bool
is_taken(const UploadAwardRowsFacts *facts, int64_t line)
{
	for (size_t low = 0, high = facts->n_taken; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (facts->taken[middle] == line)
			return true;
		if (facts->taken[middle] < line)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static void
tell_wrong(struct svc_call *c, UploadResponse *reply, const AwardRow *row, const char *column,
	   const char *error)
{
	ImportProblem *problem;

	if (reply->wrong++ >= MAX_SHOWN)
		return;
	problem = SVC_ADD(c, reply, problems, import_problem);
	problem->line = row->line;
	problem->column = svc_copy_text(c, column);
	problem->reason = svc_copy_text(c, error);
}

enum rpc_code
upload_award_rows(struct svc_call *c)
{
	const UploadAwardRowsRequest *req = c->request;
	const UploadAwardRowsFacts *facts = c->facts;
	UploadAwardRowsEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);

	if (code != RPC_OK)
		return code;
	if (facts->import->state != AWARD_IMPORT__STATE__OPEN)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_OPEN", "这次导入已入库，不能再加行");
	out->reply = svc_message(c, &upload_response__descriptor);
	for (size_t i = 0; i < req->n_rows; i++) {
		const char *column, *error;

		if (is_taken(facts, req->rows[i]->line))
			continue;
		error = row_error(c, facts, req->rows[i], &column);
		stage_row(c, out, req->rows[i], error, column);
		if (error)
			tell_wrong(c, out->reply, req->rows[i], column, error);
		else
			out->reply->staged++;
	}
	return RPC_OK;
}

enum rpc_code
commit_award_import(struct svc_call *c)
{
	const CommitAwardImportRequest *req = c->request;
	const AwardImportFacts *facts = c->facts;
	AwardImportEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);
	bool open;

	if (code != RPC_OK)
		return code;
	open = facts->import->state == AWARD_IMPORT__STATE__OPEN;
	if (open && facts->wrong > 0 && !req->good_rows_only)
		return svc_fail(c, FAILED_PRECONDITION, "BAD_ROWS",
				"有 %lld 行有误：请改正后重新导入，或选择跳过有误的行",
				(long long)facts->wrong);
	out->reply = svc_copy_message(c, facts->import);
	out->reply->version += open;
	out->reply->state = AWARD_IMPORT__STATE__COMMITTED;
	out->reply->committed = facts->good;
	out->reply->wrong = facts->wrong;
	return RPC_OK;
}

enum rpc_code
abandon_award_import(struct svc_call *c)
{
	const AwardImportFacts *facts = c->facts;
	AwardImportEffects *out = c->effects;
	enum rpc_code code = find_import(c, facts->import);

	if (code != RPC_OK)
		return code;
	if (facts->import->state == AWARD_IMPORT__STATE__COMMITTED)
		return svc_fail(c, FAILED_PRECONDITION, "COMMITTED", "这次导入已完成，不能放弃");
	out->reply = svc_copy_message(c, facts->import);
	out->reply->version++;
	out->reply->state = AWARD_IMPORT__STATE__ABANDONED;
	out->reply->staged = facts->good;
	out->reply->wrong = facts->wrong;
	return RPC_OK;
}
