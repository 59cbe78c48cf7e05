/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz pay: a month's run from draft to settled.
 *
 * The bank of the sample is played here: it books every instruction of the bank file on the given
 * day. With a real bank the steps stop at SENT, and its result file comes in later.
 */
#include "pay.h"

#include <err.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "commands.h"
#include "crypto/digest.h"

#define PAYMENT "minzheng.payment.v1.PaymentService/"

enum { BATCH = 1000, MOST_TURNS = 2000, ID_SIZE = 37 };

struct month_run {
	struct session *session;
	const struct pay_plan *plan;
	const char *at;
	char id[ID_SIZE];
	json_t *run; /* as last told */
	int turns;   /* of timed jobs: each is a minute later */
};

/* The same plan gives the same ids, so that a run which was broken off goes on. */
static void
make_id(const struct pay_plan *plan, const char *what, char id[static ID_SIZE])
{
	char text[400], hex[65];
	uint8_t bytes[DIGEST_SIZE];
	struct digest *digest = digest_new(DIGEST_SM3);
	int length = snprintf(text, sizeof text, "%s %s %s %d %s", plan->programme, plan->month,
			      plan->batch_id, plan->supplement, what);

	if (!digest || digest_add(digest, text, (size_t)length) < 0 ||
	    digest_end(digest, bytes) < 0)
		err(1, "摘要");
	digest_free(digest);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	snprintf(id, ID_SIZE, "%.8s-%.4s-4%.3s-8%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15,
		 hex + 18);
}

static int64_t
number_in(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
				     : json_integer_value(value);
}

static const char *
state_of(const struct month_run *month)
{
	const char *state = json_string_value(json_object_get(month->run, "state"));

	return state ? state : "";
}

static bool
ask(struct month_run *month, const char *account, const char *method, const char *request)
{
	char *answer;

	if (session_run(month->session, account, month->at, method, request, &answer, false) !=
	    RPC_OK)
		return false;
	json_decref(month->run);
	month->run = json_loads(answer, 0, NULL);
	free(answer);
	return month->run != NULL;
}

static bool
refresh(struct month_run *month)
{
	char request[80];

	snprintf(request, sizeof request, "{\"id\":\"%s\"}", month->id);
	return ask(month, month->plan->maker, PAYMENT "GetPaymentRun", request);
}

static const int64_t TURN_US = INT64_C(60) * 1000 * 1000;

#define RELIEF_JOBS  "relief:minzheng.svc.v1.AdminService/RunDue"
#define PAYMENT_JOBS "payment:minzheng.svc.v1.AdminService/RunDue"

/*
 * Takes in what relief has said, and lets timed jobs run: under the test clock nothing runs by
 * itself. Each turn is a minute later: a run is reckoned by a job that is due every minute.
 */
static bool
run_due(struct month_run *month, const char *jobs)
{
	char at[INSTANT_TEXT_SIZE];
	int64_t now_us;

	if (!month->at || !instant_parse(month->at, &now_us, NULL))
		return true; /* the real clock: jobs run by themselves */
	instant_format(now_us + TURN_US * month->turns++, at);
	return session_run(month->session, month->plan->approver, at, jobs, "{}", NULL, false) ==
	       RPC_OK;
}

static bool
draft(struct month_run *month)
{
	const struct pay_plan *plan = month->plan;
	char request[400], request_id[ID_SIZE];

	make_id(plan, "run", month->id);
	make_id(plan, "create", request_id);
	snprintf(request, sizeof request,
		 "{\"requestId\":\"%s\",\"id\":\"%s\",\"programme\":\"%s\",\"month\":\"%s\","
		 "\"batchId\":\"%s\",\"supplement\":%d}",
		 request_id, month->id, plan->programme, plan->month, plan->batch_id,
		 plan->supplement);
	if (!ask(month, plan->maker, PAYMENT "CreatePaymentRun", request))
		return false;
	snprintf(month->id, sizeof month->id, "%s",
		 json_string_value(json_object_get(month->run, "id")));
	for (int turn = 0; turn < MOST_TURNS; turn++) {
		if (!refresh(month))
			return false;
		if (strcmp(state_of(month), "DRAFT") != 0 ||
		    number_in(month->run, "slicesDone") >= number_in(month->run, "slices"))
			return true;
		if (!run_due(month, PAYMENT_JOBS))
			return false;
		if (!month->at)
			nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	}
	fprintf(stderr, "%s %s 的核算没有进展\n", month->plan->month, month->plan->programme);
	return false;
}

/* One step when the run stands in `from`. */
static bool
step(struct month_run *month, const char *from, const char *account, const char *rpc)
{
	char request[200], request_id[ID_SIZE], method[100];

	if (strcmp(state_of(month), from) != 0)
		return true;
	make_id(month->plan, rpc, request_id);
	snprintf(request, sizeof request, "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":%d}",
		 request_id, month->id, (int)number_in(month->run, "version"));
	snprintf(method, sizeof method, PAYMENT "%s", rpc);
	return ask(month, account, method, request);
}

/* -- the bank ---------------------------------------------------------------------------------- */

struct bank {
	struct month_run *month;
	json_t *lines;
	bool ended;
};

static void
on_line(struct rpc_client_call *call, const void *data, size_t length)
{
	struct bank *bank = rpc_client_data(call);
	json_t *line = json_loadb(data, length, 0, NULL);

	json_array_append_new(bank->lines, line);
	rpc_client_next(call);
}

static void
on_ended(struct rpc_client_call *call)
{
	struct bank *bank = rpc_client_data(call);

	bank->ended = true;
}

/* One try at the bank file. */
static struct rpc_client_call *
export_once(void *data)
{
	static const struct rpc_client_hooks hooks = {.raw = on_line, .ended = on_ended};
	struct bank *bank = data;
	struct session *session = bank->month->session;
	struct rpc_client_call *call =
	    session_call(session, session_method(session, PAYMENT "ExportBankFile"), &hooks, bank,
			 bank->month->plan->maker, bank->month->at);
	char request[80];

	if (!call)
		err(1, "没有内存");
	bank->ended = false;
	json_array_clear(bank->lines);
	snprintf(request, sizeof request, "{\"id\":\"%s\"}", bank->month->id);
	rpc_client_unary_raw(call, request, strlen(request));
	while (!bank->ended)
		event_base_loop(session_base(session), EVLOOP_ONCE);
	return call;
}

/* The bank file of the run; NULL after a message. */
static json_t *
fetch_bank_file(struct month_run *month)
{
	struct bank bank = {month, json_array(), false};
	struct rpc_client_call *call = session_repeat(month->session, export_once, &bank);

	if (rpc_client_result(call)->code != RPC_OK) {
		session_print_failure(call);
		json_decref(bank.lines);
		bank.lines = NULL;
	}
	rpc_client_free(call);
	return bank.lines;
}

static json_t *
booked_line(const struct month_run *month, const json_t *line, size_t number)
{
	struct date booked;
	struct civil civil = {0};

	if (date_parse(month->plan->booked_on, &booked))
		civil = date_civil(booked);
	return json_pack("{s:I,s:O,s:O,s:b,s:s,s:{s:i,s:i,s:i}}", "line", (json_int_t)number + 1,
			 "instructionNo", json_object_get(line, "instructionNo"), "amountFen",
			 json_object_get(line, "amountFen"), "returned",
			 (int)number < month->plan->returns, "reason",
			 (int)number < month->plan->returns ? "账户不存在" : "", "bookedOn", "year",
			 civil.year, "month", civil.month, "day", civil.day);
}

static bool
send_results(struct month_run *month, json_t *results, size_t number)
{
	char what[32], request_id[ID_SIZE], *text;
	json_t *request;
	bool ok;

	snprintf(what, sizeof what, "results %zu", number);
	make_id(month->plan, what, request_id);
	request = json_pack("{s:s,s:s,s:O}", "requestId", request_id, "runId", month->id, "results",
			    results);
	text = json_dumps(request, JSON_COMPACT);
	ok = text && session_run(month->session, month->plan->maker, month->at,
				 PAYMENT "ImportBankResults", text, NULL, false) == RPC_OK;
	free(text);
	json_decref(request);
	json_array_clear(results);
	return ok;
}

static bool
play_bank(struct month_run *month)
{
	json_t *lines, *results, *line;
	size_t i;
	bool ok = true;

	if (strcmp(state_of(month), "SENT") != 0)
		return true;
	lines = fetch_bank_file(month);
	if (!lines)
		return false;
	results = json_array();
	json_array_foreach(lines, i, line)
	{
		json_array_append_new(results, booked_line(month, line, i));
		if (json_array_size(results) == BATCH || i + 1 == json_array_size(lines))
			ok = ok && send_results(month, results, i);
	}
	json_decref(results);
	json_decref(lines);
	return ok;
}

bool
pay_month(struct session *session, const struct pay_plan *plan, const char *at)
{
	struct month_run month = {.session = session, .plan = plan, .at = at};
	bool ok = run_due(&month, RELIEF_JOBS) && run_due(&month, PAYMENT_JOBS) && draft(&month) &&
		  step(&month, "DRAFT", plan->checker, "CheckPaymentRun") &&
		  step(&month, "CHECKED", plan->approver, "ApprovePaymentRun") &&
		  step(&month, "APPROVED", plan->maker, "SendPaymentRun") && play_bank(&month) &&
		  step(&month, "SENT", plan->maker, "SettlePaymentRun") && refresh(&month);

	if (ok)
		fprintf(stderr, "%s %s：%lld 笔，%lld.%02d 元，暂扣 %lld 笔\n", plan->month,
			plan->programme, (long long)number_in(month.run, "instructions"),
			(long long)number_in(month.run, "amountFen") / 100,
			(int)(number_in(month.run, "amountFen") % 100),
			(long long)number_in(month.run, "held"));
	json_decref(month.run);
	return ok;
}

bool
pay_month_from_json(struct session *session, const json_t *plan, const char *at)
{
	struct pay_plan read = {.batch_id = ""};

	if (json_unpack((json_t *)(uintptr_t)plan, "{s:s,s:s,s:s,s:s,s:s,s:s,s?:s,s?:i,s?:i}",
			"programme", &read.programme, "month", &read.month, "bookedOn",
			&read.booked_on, "maker", &read.maker, "checker", &read.checker, "approver",
			&read.approver, "batchId", &read.batch_id, "supplement", &read.supplement,
			"returns", &read.returns) < 0) {
		fputs("pay 一行不全：要有 programme、month、bookedOn、maker、checker、approver\n",
		      stderr);
		return false;
	}
	return pay_month(session, &read, at);
}

int
command_pay(struct session *session, const struct arguments *arguments)
{
	static const char how[] = "mz pay 项目 月份 --maker 账号 --checker 账号 --approver 账号 "
				  "--booked-on 日期 [--batch 编号] [--supplement 次]";
	struct arguments mine = *arguments;
	const char *batch = arguments_take(&mine, "--batch"),
		   *supplement = arguments_take(&mine, "--supplement");
	struct pay_plan plan = {
	    .batch_id = batch ? batch : "",
	    .maker = arguments_take(&mine, "--maker"),
	    .checker = arguments_take(&mine, "--checker"),
	    .approver = arguments_take(&mine, "--approver"),
	    .booked_on = arguments_take(&mine, "--booked-on"),
	    .supplement = supplement ? (int)strtol(supplement, NULL, 10) : 0,
	};

	arguments_end(&mine, 2, 2, how);
	if (!plan.maker || !plan.checker || !plan.approver || !plan.booked_on)
		errx(2, "用法：%s", how);
	plan.programme = mine.values[0];
	plan.month = mine.values[1];
	return pay_month(session, &plan, session_at(session)) ? 0 : 1;
}
