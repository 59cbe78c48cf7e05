/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IndicatorService (indicator.h).
 */
#include <string.h>

#include "base/date.h"
#include "svc/export.h"
#include "svc/indicator.h"
#include "svc/native.h"
#include "svc/worker.h"

static const struct indicators *
indicators_of(const struct task *task)
{
	return &task->worker->program->indicators;
}

void
indicator_list(struct task *task)
{
	const struct indicators *indicators = indicators_of(task);
	ListIndicatorsResponse *response =
	    (ListIndicatorsResponse *)task_message(task, &list_indicators_response__descriptor);

	if (!response)
		return;
	response->indicators = ARENA_ARRAY(task->arena, Indicator *, indicators->n_all);
	response->sentences = ARENA_ARRAY(task->arena, Sentence *, indicators->n_sentences);
	for (size_t i = 0; response->indicators && i < indicators->n_all; i++)
		response->indicators[response->n_indicators++] = &indicators->all[i].about;
	for (size_t i = 0; response->sentences && i < indicators->n_sentences; i++)
		response->sentences[response->n_sentences++] = &indicators->sentences[i];
	task->response = &response->base;
	task_end(task);
}

/* -- periods --------------------------------------------------------------------------------- */

static Date *
day_of_year(struct task *task, int year, int month, int day)
{
	Date *date = (Date *)task_message(task, &date__descriptor);

	if (date) {
		date->year = year;
		date->month = month;
		date->day = day;
	}
	return date;
}

/* Puts the period in the request's place. False: the task has failed. */
static bool
set_period(struct task *task, Date *from, Date *to, int year)
{
	SvcPeriod *period = (SvcPeriod *)task_message(task, &svc_period__descriptor);

	if (!period)
		return false;
	if (year > 0 && !from && !to) {
		from = day_of_year(task, year, 1, 1);
		to = from ? day_of_year(task, year, 12, 31) : NULL;
		if (!to)
			return false;
	}
	if (!from || !to) {
		task_fail(task, RPC_INVALID_ARGUMENT, "NO_PERIOD",
			  "请给出 year，或者 from 和 to 两个日期");
		return false;
	}
	if (svc_date_before(to, from)) {
		task_fail(task, RPC_INVALID_ARGUMENT, "NO_PERIOD",
			  "结束日期不能早于开始日期，请核对");
		return false;
	}
	period->from = from;
	period->to = to;
	task->sources[PLAN_REQUEST] = &period->base;
	return true;
}

/* -- figures --------------------------------------------------------------------------------- */

static bool
is_asked(const ListFiguresRequest *request, const char *id)
{
	for (size_t i = 0; i < request->n_ids; i++)
		if (strcmp(request->ids[i], id) == 0)
			return true;
	return request->n_ids == 0;
}

static Figure *
read_figure(struct task *task, const struct indicator *indicator, const struct db_result *result)
{
	Figure *figure = (Figure *)task_message(task, &figure__descriptor);

	if (!figure || !task_fill(task, &indicator->figure, 1, result, &figure->base))
		return NULL;
	figure->id = indicator->about.id;
	return figure;
}

static void
on_figures(void *data, const struct db_result *results, size_t n_results,
	   const struct db_error *error)
{
	struct task *task = data;
	const struct indicators *indicators = indicators_of(task);
	ListFiguresResponse *response;

	task->read = NULL;
	if (error) {
		task_fail_db(task, error);
		return;
	}
	response = (ListFiguresResponse *)task_message(task, &list_figures_response__descriptor);
	if (!response)
		return;
	response->figures = ARENA_ARRAY(task->arena, Figure *, n_results);
	for (size_t i = 0; response->figures && i < indicators->n_all; i++) {
		const struct indicator *indicator = &indicators->all[i];

		if (!is_asked((const ListFiguresRequest *)task->request, indicator->about.id))
			continue;
		response->figures[response->n_figures] =
		    read_figure(task, indicator, &results[response->n_figures]);
		if (!response->figures[response->n_figures])
			return;
		response->n_figures++;
	}
	task->response = &response->base;
	task_end(task);
}

/* False: the service does not offer one that is asked for. */
static bool
check_ids(struct task *task, const ListFiguresRequest *request)
{
	for (size_t i = 0; i < request->n_ids; i++)
		if (!indicators_find(indicators_of(task), request->ids[i])) {
			task_fail(task, RPC_NOT_FOUND, "NO_INDICATOR",
				  "本服务没有指标 %s，请用 ListIndicators 查看", request->ids[i]);
			return false;
		}
	return true;
}

void
indicator_figures(struct task *task)
{
	const ListFiguresRequest *request = (const ListFiguresRequest *)task->request;
	const struct indicators *indicators = indicators_of(task);
	struct db_query *queries;
	struct db_error error = {.text = ""};
	size_t n = 0;

	if (!check_ids(task, request) ||
	    !set_period(task, request->from, request->to, request->year))
		return;
	queries = task_bind_all(task, NULL, 0, indicators->n_all);
	if (!queries)
		return;
	for (size_t i = 0; i < indicators->n_all; i++)
		if (is_asked(request, indicators->all[i].about.id) &&
		    !task_bind(task, &indicators->all[i].figure, &queries[n++]))
			return;
	if (n == 0) {
		on_figures(task, NULL, 0, NULL);
		return;
	}
	task->read = db_read_start(task->worker->pool, queries, n, task->deadline_us, on_figures,
				   task, &error.outcome);
	if (!task->read)
		task_fail_db(task, &error);
}

void
indicator_rows(struct task *task)
{
	const ListFigureRowsRequest *request = (const ListFigureRowsRequest *)task->request;
	const struct indicator *indicator = indicators_find(indicators_of(task), request->id);

	if (!indicator)
		task_fail(task, RPC_NOT_FOUND, "NO_INDICATOR",
			  "本服务没有指标 %s，请用 ListIndicators 查看", request->id);
	else if (set_period(task, request->from, request->to, 0))
		export_run(task, &indicator->rows);
}
