/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of a family's economic status: opened with basis and consent, done list by list (CMP-08).
 */
#include <string.h>

#include "decisions.h"
#include "rules_clock.h"
#include "svc/lists.h"

enum rpc_code
open_checks(struct svc_call *c)
{
	const OpenChecksRequest *req = c->request;
	const OpenChecksFacts *facts = c->facts;
	OpenChecksEffects *out = c->effects;
	struct workday_calendar calendar;
	struct date due;

	clock_calendar(facts->days, facts->n_days, &calendar);
	if (workday_add(&calendar, c->today, facts->policy->check_workdays, &due) != WORKDAY_OK)
		return svc_fail(c, FAILED_PRECONDITION, "NO_CALENDAR",
				"缺少办理期限所在年份的工作日历，请先导入国务院放假通知");
	out->due_on = svc_date(c, due);
	out->reply = svc_message(c, &open_checks_response__descriptor);
	for (size_t i = 0; i < req->n_checks; i++) {
		Check *check;

		if (!svc_caller_covers(c->caller, req->checks[i]->division)) {
			svc_fail_field(c, svc_text(c, "checks[%zu].division", i),
				       "所填村（社区）不在您的辖区");
			continue;
		}
		if (svc_is_listed(facts->existing, facts->n_existing, req->checks[i]->id) ||
		    svc_is_repeated(req->checks, i, offsetof(Check, id))) {
			out->reply->unchanged++;
			continue;
		}
		check = svc_copy_message(c, req->checks[i]);
		check->id = svc_id_or_new(c, check->id);
		check->state = CHECK__STATE__OPEN;
		SVC_APPEND(c, out, checks, check);
		out->reply->opened++;
	}
	return svc_fields_checked(c);
}

static const CheckState *
check_of(const RecordCheckResultsFacts *facts, const char *id)
{
	for (size_t i = 0; i < facts->n_checks; i++) {
		if (strcmp(facts->checks[i]->id, id) == 0)
			return facts->checks[i];
	}
	return NULL;
}

static bool
has_result(const RecordCheckResultsFacts *facts, const RecordCheckResultsEffects *out,
	   const CheckResult *result)
{
	for (size_t i = 0; i < facts->n_has; i++) {
		const CheckHas *has = facts->has[i];

		if (strcmp(has->check_id, result->check_id) == 0 &&
		    strcmp(has->person_id, result->person_id) == 0 &&
		    strcmp(has->source, result->source) == 0)
			return true;
	}
	for (size_t i = 0; i < out->n_results; i++) {
		const CheckResult *new = out->results[i];

		if (strcmp(new->check_id, result->check_id) == 0 &&
		    strcmp(new->person_id, result->person_id) == 0 &&
		    strcmp(new->source, result->source) == 0)
			return true;
	}
	return false;
}

/* Every person has a result of every list. */
static bool
is_complete(const RecordCheckResultsFacts *facts, const RecordCheckResultsEffects *out,
	    const CheckState *check)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_has; i++)
		n += strcmp(facts->has[i]->check_id, check->id) == 0;
	for (size_t i = 0; i < out->n_results; i++)
		n += strcmp(out->results[i]->check_id, check->id) == 0;
	return n == check->n_person_ids * check->n_sources;
}

static bool
take_result(struct svc_call *c, const RecordCheckResultsFacts *facts,
	    RecordCheckResultsEffects *out, CheckResult *result, size_t line)
{
	const CheckState *check = check_of(facts, result->check_id);

	if (!check)
		svc_fail_field(c, svc_text(c, "results[%zu].check_id", line), "本辖区没有这项核对");
	else if (!svc_is_listed(check->person_ids, check->n_person_ids, result->person_id))
		svc_fail_field(c, svc_text(c, "results[%zu].person_id", line),
			       "此人不在核对名单内");
	else if (!svc_is_listed(check->sources, check->n_sources, result->source))
		svc_fail_field(c, svc_text(c, "results[%zu].source", line),
			       "此数据源不在核对范围内");
	else if (has_result(facts, out, result))
		out->reply->unchanged++;
	else
		return true;
	return false;
}

enum rpc_code
record_check_results(struct svc_call *c)
{
	const RecordCheckResultsRequest *req = c->request;
	const RecordCheckResultsFacts *facts = c->facts;
	RecordCheckResultsEffects *out = c->effects;

	out->reply = svc_message(c, &record_check_results_response__descriptor);
	for (size_t i = 0; i < req->n_results; i++) {
		if (take_result(c, facts, out, req->results[i], i)) {
			SVC_APPEND(c, out, results, req->results[i]);
			out->reply->recorded++;
		}
	}
	for (size_t i = 0; i < facts->n_checks; i++) {
		if (facts->checks[i]->state == CHECK__STATE__OPEN &&
		    is_complete(facts, out, facts->checks[i])) {
			SVC_APPEND(c, out, done, facts->checks[i]->id);
			out->reply->done++;
		}
	}
	return svc_fields_checked(c);
}
