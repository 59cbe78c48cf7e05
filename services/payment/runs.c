/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Monthly runs: DRAFT -> CHECKED -> APPROVED -> SENT -> SETTLED (PAY-02). The reckoning itself is
 * SQL, set by set (AdvancePaymentRuns); here is only what may be done, by whom and when.
 */
#include <string.h>

#include "decisions.h"
#include "domain/workday.h"
#include "facts.h"

enum {
	SLICE_AWARDS = 5000, /* awards reckoned in one transaction: some tenths of a second */
	RECOVERY_PLAN_WORKDAYS =
	    5 /* E-04: a case is opened, and planned, within five working days */
};

/* State machine of a run: what an action needs and where it leads. */
struct run_step {
	PaymentRun__State from, other_from, to;
	const char *action;
	bool not_by_maker;
};

static const struct run_step check_step = {PAYMENT_RUN__STATE__DRAFT, PAYMENT_RUN__STATE__DRAFT,
					   PAYMENT_RUN__STATE__CHECKED, "核对", true};
static const struct run_step approve_step = {PAYMENT_RUN__STATE__CHECKED,
					     PAYMENT_RUN__STATE__CHECKED,
					     PAYMENT_RUN__STATE__APPROVED, "审批", true};
static const struct run_step send_step = {PAYMENT_RUN__STATE__APPROVED,
					  PAYMENT_RUN__STATE__APPROVED, PAYMENT_RUN__STATE__SENT,
					  "送银行", false};
static const struct run_step settle_step = {PAYMENT_RUN__STATE__SENT, PAYMENT_RUN__STATE__SENT,
					    PAYMENT_RUN__STATE__SETTLED, "结清", false};
static const struct run_step cancel_step = {PAYMENT_RUN__STATE__DRAFT, PAYMENT_RUN__STATE__CHECKED,
					    PAYMENT_RUN__STATE__CANCELLED, "作废", false};

static const char *
state_name(PaymentRun__State state)
{
	const ProtobufCEnumValue *value =
	    protobuf_c_enum_descriptor_get_value(&payment_run__state__descriptor, (int)state);

	return value ? value->name : "?";
}

static enum rpc_code
may_step(struct svc_call *c, const StepPaymentRunRequest *req, const RunRow *run,
	 const struct run_step *step)
{
	if (!run)
		return svc_fail(c, NOT_FOUND, "NO_RUN", "没有编号为 %s 的发放批次，请核对编号",
				req->id);
	if (run->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "批次 %s 已被他人处理，请刷新后再办",
				req->id);
	if (run->state != step->from && run->state != step->other_from)
		return svc_fail(c, FAILED_PRECONDITION, "WRONG_STATE", "批次处于 %s，不能%s",
				state_name(run->state), step->action);
	if (step->not_by_maker && strcmp(run->maker, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"制单人不能%s自己的批次，请由他人办理", step->action);
	if (step != &cancel_step && run->slices_done < run->slices)
		return svc_fail(c, FAILED_PRECONDITION, "STILL_RECKONING",
				"批次正在核算（%d/%d），请完成后再%s", run->slices_done,
				run->slices, step->action);
	return RPC_OK;
}

static PaymentRun *
stepped(struct svc_call *c, const RunRow *run, const struct run_step *step)
{
	PaymentRun *reply = svc_message(c, &payment_run__descriptor);

	reply->id = run->id;
	reply->version = run->version + 1;
	reply->programme = run->programme;
	reply->state = step->to;
	reply->slices = run->slices;
	reply->slices_done = run->slices_done;
	reply->maker = run->maker;
	return reply;
}

enum rpc_code
create_payment_run(struct svc_call *c)
{
	const CreatePaymentRunRequest *req = c->request;
	const CreatePaymentRunFacts *facts = c->facts;
	CreatePaymentRunEffects *out = c->effects;
	PaymentRun *run;

	if (facts->existing) { /* the same month is the same run (scenario 71) */
		out->reply = facts->existing;
		return RPC_OK;
	}
	if (!facts->programme_name[0])
		return svc_fail(c, INVALID_ARGUMENT, "NO_PROGRAMME", "没有代码为 %s 的待遇项目",
				req->programme);
	if (facts->inbox_behind > 0)
		return svc_fail(c, FAILED_PRECONDITION, "INBOX_BEHIND",
				"还有 %lld 条待遇变动没有接收完，请稍候再制单",
				(long long)facts->inbox_behind);
	if (facts->earlier_open[0])
		return svc_fail(c, FAILED_PRECONDITION, "EARLIER_MONTH_OPEN",
				"%s 的批次还在制单，请先核对或作废它", facts->earlier_open);
	if (req->supplement > 0 && !facts->settled)
		return svc_fail(c, FAILED_PRECONDITION, "SUPPLEMENT_TOO_EARLY",
				"%s 的上一批还没有结清，结清后才能补发", req->month);
	run = svc_message(c, &payment_run__descriptor);
	run->id = svc_id_or_new(c, req->id);
	run->version = 1;
	run->programme = req->programme;
	run->month = req->month;
	run->batch_id = req->batch_id;
	run->supplement = req->supplement;
	run->state = PAYMENT_RUN__STATE__DRAFT;
	run->snapshot_at = svc_instant(c, c->now);
	run->slices = (int32_t)(facts->awards / SLICE_AWARDS + 1);
	run->maker = svc_copy_text(c, c->caller->id);
	out->reply = run;
	out->is_new = true;
	return RPC_OK;
}

enum rpc_code
advance_payment_runs(struct svc_call *c)
{
	const AdvancePaymentRunsFacts *facts = c->facts;
	AdvancePaymentRunsEffects *out = c->effects;
	struct date due_on;

	out->slice = SLICE_AWARDS;
	if (!facts->run) { /* nothing to do: no slice, no rows */
		out->run = svc_message(c, &run_row__descriptor);
		out->run->month_on = svc_date(c, c->today);
		return RPC_OK;
	}
	if (workday_add(workday_calendar_default(), c->today, RECOVERY_PLAN_WORKDAYS, &due_on) !=
	    WORKDAY_OK)
		return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
				"工作日历没有载入相应年份，请先导入放假通知");
	out->run = facts->run;
	out->due_on = svc_date(c, due_on);
	out->more = true;
	return RPC_OK;
}

enum rpc_code
check_payment_run(struct svc_call *c)
{
	const CheckPaymentRunFacts *facts = c->facts;
	CheckPaymentRunEffects *out = c->effects;
	enum rpc_code code = may_step(c, c->request, facts->run, &check_step);

	if (code != RPC_OK)
		return code;
	out->run = facts->run;
	out->reply = stepped(c, facts->run, &check_step);
	out->reply->checker = svc_copy_text(c, c->caller->id);
	return RPC_OK;
}

enum rpc_code
approve_payment_run(struct svc_call *c)
{
	const ApprovePaymentRunFacts *facts = c->facts;
	ApprovePaymentRunEffects *out = c->effects;
	enum rpc_code code = may_step(c, c->request, facts->run, &approve_step);

	if (code != RPC_OK)
		return code;
	out->reply = stepped(c, facts->run, &approve_step);
	out->reply->checker = facts->run->checker;
	out->reply->approver = svc_copy_text(c, c->caller->id);
	return RPC_OK;
}

enum rpc_code
send_payment_run(struct svc_call *c)
{
	const SendPaymentRunFacts *facts = c->facts;
	SendPaymentRunEffects *out = c->effects;
	enum rpc_code code = may_step(c, c->request, facts->run, &send_step);

	if (code != RPC_OK)
		return code;
	out->reply = stepped(c, facts->run, &send_step);
	out->reply->sent_at = svc_instant(c, c->now);
	return RPC_OK;
}

enum rpc_code
settle_payment_run(struct svc_call *c)
{
	const SettlePaymentRunFacts *facts = c->facts;
	SettlePaymentRunEffects *out = c->effects;
	enum rpc_code code = may_step(c, c->request, facts->run, &settle_step);

	if (code != RPC_OK)
		return code;
	if (facts->unanswered > 0)
		return svc_fail(c, FAILED_PRECONDITION, "BANK_HAS_NOT_ANSWERED",
				"还有 %lld 笔没有银行回盘结果，请先导入回盘文件",
				(long long)facts->unanswered);
	out->reply = stepped(c, facts->run, &settle_step);
	return RPC_OK;
}

enum rpc_code
cancel_payment_run(struct svc_call *c)
{
	const CancelPaymentRunFacts *facts = c->facts;
	CancelPaymentRunEffects *out = c->effects;
	enum rpc_code code = may_step(c, c->request, facts->run, &cancel_step);

	if (code == RPC_OK)
		out->reply = stepped(c, facts->run, &cancel_step);
	return code;
}

enum rpc_code
resolve_hold(struct svc_call *c)
{
	const ResolveHoldRequest *req = c->request;
	const ResolveHoldFacts *facts = c->facts;
	ResolveHoldEffects *out = c->effects;
	bool release = req->resolution == RESOLVE_HOLD_REQUEST__RESOLUTION__RELEASE;

	if (!facts->hold)
		return svc_fail(c, NOT_FOUND, "NO_HOLD", "没有编号为 %s 的暂扣记录，请核对编号",
				req->id);
	if (facts->hold->resolved)
		return svc_fail(c, FAILED_PRECONDITION, "HOLD_RESOLVED", "这条暂扣已经处理过了");
	if (release && facts->hold->run_state != PAYMENT_RUN__STATE__CHECKED)
		return svc_fail(c, FAILED_PRECONDITION, "RUN_HAS_LEFT",
				"批次处于 %s，暂扣只能在审批前解除；请作“不发”处理并由下一批次补发",
				state_name(facts->hold->run_state));
	out->outcome = svc_copy_text(c, release ? "RELEASED" : "DROPPED");
	out->reply = svc_message(c, &payment_hold__descriptor);
	out->reply->id = req->id;
	out->reply->cause = facts->hold->cause;
	out->reply->resolved = true;
	out->reply->resolution = svc_text(c, "%s：%s", out->outcome, req->reason);
	return RPC_OK;
}

static const InstructionRow *
instruction_find(const ImportBankResultsFacts *facts, int64_t number)
{
	for (size_t i = 0; i < facts->n_instructions; i++) /* at most 2,000, from an index */
		if (facts->instructions[i]->instruction_no == number)
			return facts->instructions[i];
	return NULL;
}

/* What the bank said of an instruction before: earlier, or in this file; "" when nothing. */
static const char *
said_before(const ImportBankResultsEffects *out, const InstructionRow *row)
{
	for (size_t i = 0; i < out->n_taken; i++)
		if (strcmp(out->taken[i]->payment_id, row->payment_id) == 0)
			return out->taken[i]->outcome;
	if (row->state == PAYMENT__STATE__SETTLED)
		return "SETTLED";
	return row->state == PAYMENT__STATE__RETURNED ? "RETURNED" : "";
}

static const char *
outcome_of(const BankResult *line)
{
	return line->returned ? "RETURNED" : "SETTLED";
}

/* NULL when the line of an instruction can be taken; otherwise why not, and in which column. */
static const char *
refusal_of(struct svc_call *c, const BankResult *line, const InstructionRow *row,
	   const char *before, const char **ret_column)
{
	*ret_column = "instruction_no";
	if (row->state == PAYMENT__STATE__HELD)
		return "这笔已暂扣，没有送银行";
	*ret_column = "amount_fen";
	if (row->amount_fen != line->amount_fen)
		return svc_text(c, "金额与指令不符，应为%s", svc_yuan(c, row->amount_fen));
	*ret_column = "returned";
	if (*before && strcmp(before, outcome_of(line)) != 0)
		return line->returned ? "此前回盘为已入账，现又退回：账上仍记已入账，请与银行核对"
				      : "此前回盘为已退回，现又入账：账上仍记已退回，请与银行核对";
	return NULL;
}

/* What of a case is still open after what this file has brought. */
static int64_t
still_open(const ImportBankResultsEffects *out, const OpenCase *open)
{
	int64_t fen = open->open_fen;

	for (size_t i = 0; i < out->n_came_back; i++)
		if (strcmp(out->came_back[i]->case_id, open->case_id) == 0)
			fen -= out->came_back[i]->amount_fen;
	return fen;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Money that comes back after its award was corrected never was overpaid: the cases of the
 * correction are filled with it (PAY-04), and only what is left of it may be paid again.
 */
static void
fill_cases(struct svc_call *c, const TakenResult *taken, int64_t instruction_no)
{
	const ImportBankResultsFacts *facts = c->facts;
	ImportBankResultsEffects *out = c->effects;
	int64_t left = taken->amount_fen;

	for (size_t i = 0; i < facts->n_cases; i++) {
		const OpenCase *open = facts->cases[i];
		int64_t open_fen = still_open(out, open);
		int64_t fen = smaller(left, smaller(open_fen, open->wrong_fen));
		CameBack *back;

		if (strcmp(open->payment_id, taken->payment_id) != 0 || fen <= 0)
			continue;
		left -= fen;
		back = SVC_ADD(c, out, came_back, came_back);
		back->receipt_id = svc_new_id(c);
		back->case_id = open->case_id;
		back->payment_id = taken->payment_id;
		back->amount_fen = fen;
		back->booked_on = taken->booked_on;
		back->receipt_no = svc_text(c, "银行退回 %lld", (long long)instruction_no);
		back->closes_case = fen == open_fen;
		if (left == 0)
			back->used_up_by = open->run_id;
	}
}

enum rpc_code
import_bank_results(struct svc_call *c)
{
	const ImportBankResultsRequest *req = c->request;
	const ImportBankResultsFacts *facts = c->facts;
	ImportBankResultsEffects *out = c->effects;

	if (facts->run_state != PAYMENT_RUN__STATE__SENT &&
	    facts->run_state != PAYMENT_RUN__STATE__SETTLED)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_SENT",
				"批次还没有送银行，不能导入回盘结果");
	out->reply = svc_message(c, &import_bank_results_response__descriptor);
	for (size_t i = 0; i < req->n_results; i++) {
		const BankResult *line = req->results[i];
		const InstructionRow *row = instruction_find(facts, line->instruction_no);
		const char *before = "", *column = "instruction_no";
		const char *reason = "本批次没有这个指令号";
		TakenResult *taken;

		if (row) {
			before = said_before(out, row);
			reason = refusal_of(c, line, row, before, &column);
		}
		if (reason) {
			RefusedLine *refused = SVC_ADD(c, out->reply, refused, refused_line);

			refused->line = line->line;
			refused->column = svc_copy_text(c, column);
			refused->reason = svc_copy_text(c, reason);
			continue;
		}
		if (*before) {
			out->reply->repeated_lines++;
			continue;
		}
		taken = SVC_ADD(c, out, taken, taken_result);
		taken->payment_id = row->payment_id;
		taken->outcome = svc_copy_text(c, outcome_of(line));
		taken->booked_on = line->booked_on;
		taken->amount_fen = line->amount_fen;
		taken->reason = line->reason;
		out->reply->accepted++;
		if (line->returned)
			fill_cases(c, taken, line->instruction_no);
	}
	return RPC_OK;
}

enum rpc_code
repay(struct svc_call *c)
{
	const RepayRequest *req = c->request;
	const RepayFacts *facts = c->facts;
	RepayEffects *out = c->effects;
	const RunRow *run = facts->run;

	if (!facts->unpaid)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_UNPAID",
				"指令 %s 既没有被银行退回，也没有因暂扣而未送银行，不能补发",
				req->payment_id);
	if (facts->remedied_by[0])
		return svc_fail(c, ALREADY_EXISTS, "REMEDIED",
				"指令 %s 已由批次 %s 补发或抵减，不能再补发", req->payment_id,
				facts->remedied_by);
	if (facts->correction_open[0])
		return svc_fail(c, FAILED_PRECONDITION, "CORRECTION_OPEN",
				"这笔退款的一部分已由批次 %s 抵作追回，该批次尚未审批："
				"请补发到该批次，或先审批、作废它",
				facts->correction_open);
	if (!run ||
	    (run->state != PAYMENT_RUN__STATE__DRAFT && run->state != PAYMENT_RUN__STATE__CHECKED))
		return svc_fail(c, FAILED_PRECONDITION, "RUN_NOT_OPEN",
				"请选择一个尚未审批的批次来补发");
	if (strcmp(run->programme, facts->unpaid->programme) != 0)
		return svc_fail(c, INVALID_ARGUMENT, "OTHER_PROGRAMME",
				"批次属于 %s，要补发的款属于 %s", run->programme,
				facts->unpaid->programme);
	out->run = facts->run;
	out->reply = svc_copy_message(c, facts->unpaid);
	out->reply->id = svc_new_id(c);
	out->reply->run_id = run->id;
	out->reply->state = PAYMENT__STATE__PENDING;
	out->reply->kind = PAYMENT__KIND__REPAYMENT;
	out->reply->repays_id = req->payment_id;
	return RPC_OK;
}
