/* SPDX-License-Identifier: Apache-2.0 */
/* mz report: the annual summary; its figures one a line; the records behind one of them. */
#include <err.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const char *
text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
print_figure(const json_t *figure)
{
	bool match = json_is_true(json_object_get(figure, "match"));
	const char *note = text_in(figure, "note");

	printf("  %s %-28s %-14s 总结 %-14s %s 条  %s\n",
	       match     ? "✓"
	       : note[0] ? "※"
			 : "✗",
	       text_in(figure, "id"), text_in(figure, "printed"), text_in(figure, "published"),
	       text_in(figure, "records"), text_in(figure, "definition"));
	if (note[0])
		printf("      %s\n", note);
}

static void
print_summary(const json_t *summary)
{
	json_t *sections = json_object_get(summary, "sections"), *section, *figure;
	const char *notice = text_in(summary, "notice");
	size_t i, j;

	if (notice[0]) {
		puts(notice);
		return;
	}
	json_array_foreach(sections, i, section)
	{
		printf("%s\n\n", text_in(section, "text"));
		json_array_foreach(json_object_get(section, "figures"), j, figure)
		    print_figure(figure);
		putchar('\n');
	}
	puts(json_is_true(json_object_get(summary, "matches")) ? "所有指标与总结一致，或注明了口径"
							       : "有指标与总结不一致（标 ✗ 的）");
}

/* One object a line, as design §3 names the members. */
static void
print_json(const json_t *summary)
{
	json_t *sections = json_object_get(summary, "sections"), *section, *figure;
	size_t i, j;

	json_array_foreach(sections, i, section)
	    json_array_foreach(json_object_get(section, "figures"), j, figure)
	{
		json_t *line =
		    json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:s,s:s}", "id", text_in(figure, "id"),
			      "unit", text_in(figure, "unit"), "printed",
			      text_in(figure, "printed"), "summary", text_in(figure, "published"),
			      "match", json_is_true(json_object_get(figure, "match")), "definition",
			      text_in(figure, "definition"), "note", text_in(figure, "note"),
			      "rows", text_in(figure, "records"));
		static const char *const exact[] = {"value", "numerator", "denominator"};

		for (int k = 0; k < 3; k++)
			if (json_object_get(figure, exact[k]))
				json_object_set_new(
				    line, exact[k],
				    json_integer(strtoll(text_in(figure, exact[k]), NULL, 10)));
		json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(line);
	}
}

/* -- lineage ----------------------------------------------------------------------------------- */

struct rows {
	int64_t count;
	bool ended;
};

static void
on_record(struct rpc_client_call *call, const void *data, size_t length)
{
	struct rows *rows = rpc_client_data(call);

	printf("%.*s\n", (int)length, (const char *)data);
	rows->count++;
	rpc_client_next(call);
}

static void
on_ended(struct rpc_client_call *call)
{
	struct rows *rows = rpc_client_data(call);

	rows->ended = true;
}

/* Asks the service that the session is turned to; NOT_FOUND when the figure is another's. */
static enum rpc_code
rows_of_service(struct session *session, const char *request, int64_t *ret_count)
{
	static const struct rpc_client_hooks hooks = {.raw = on_record, .ended = on_ended};
	struct rows rows = {0};
	struct rpc_client_call *call = session_call(
	    session, session_method(session, "minzheng.svc.v1.IndicatorService/ListFigureRows"),
	    &hooks, &rows, NULL, NULL);
	enum rpc_code code;

	if (!call)
		err(1, "没有内存");
	rpc_client_unary_raw(call, request, strlen(request));
	while (!rows.ended)
		event_base_loop(session_base(session), EVLOOP_ONCE);
	code = rpc_client_result(call)->code;
	if (code != RPC_OK && code != RPC_NOT_FOUND)
		session_print_failure(call);
	rpc_client_free(call);
	*ret_count = rows.count;
	return code;
}

static int
print_rows(struct session *session, const char *year, const char *figure)
{
	char request[300];

	snprintf(request, sizeof request,
		 "{\"id\":\"%s\",\"from\":{\"year\":%s,\"month\":1,\"day\":1},\"to\":{\"year\":%s,"
		 "\"month\":12,\"day\":31}}",
		 figure, year, year);
	for (int i = 0; session_turn_to(session, i); i++) {
		int64_t count;
		enum rpc_code code = rows_of_service(session, request, &count);

		if (code == RPC_NOT_FOUND)
			continue;
		if (code == RPC_OK)
			fprintf(stderr, "%s：%lld 条\n", figure, (long long)count);
		return (int)code;
	}
	fprintf(stderr, "没有服务提供指标 %s；report %s 列出全部\n", figure, year);
	return RPC_NOT_FOUND;
}

/* Keeps the text that the bureau has published, to hold the figures against. */
static int
publish(struct session *session, const char *year, const char *path)
{
	char *text = NULL, *request;
	size_t size = 0;
	FILE *file = fopen(path, "r");
	json_t *object;
	enum rpc_code code;

	if (!file || getdelim(&text, &size, '\0', file) < 0)
		err(2, "读不到 %s", path);
	fclose(file);
	object = json_pack("{s:s,s:i,s:s}", "requestId", "00000000-0000-4000-8000-000000002024",
			   "year", (int)strtol(year, NULL, 10), "text", text);
	request = json_dumps(object, JSON_COMPACT);
	if (!request)
		errx(2, "%s 不是 UTF-8 文字", path);
	code = session_run(session, NULL, NULL, "minzheng.report.v1.ReportService/PutPublishedText",
			   request, NULL, false);
	json_decref(object);
	free(request);
	free(text);
	return (int)code;
}

int
command_report(struct session *session, const struct arguments *arguments)
{
	struct arguments mine = *arguments;
	const char *section = arguments_take(&mine, "--section"),
		   *figure = arguments_take(&mine, "--rows"),
		   *published = arguments_take(&mine, "--published");
	bool json = arguments_take_flag(&mine, "--json");
	char request[200], *answer;
	json_t *summary;
	enum rpc_code code;
	int status;

	arguments_end(&mine, 1, 1,
		      "mz report 年份 [--section N] [--json] [--rows 指标] [--published 文件]");
	if (strspn(mine.values[0], "0123456789") != 4 || strlen(mine.values[0]) != 4)
		errx(2, "年份写成四位数字，如 2024");
	if (published)
		return publish(session, mine.values[0], published);
	if (figure)
		return print_rows(session, mine.values[0], figure);
	snprintf(request, sizeof request,
		 "{\"from\":{\"year\":%s,\"month\":1,\"day\":1},\"to\":{\"year\":%s,\"month\":12,"
		 "\"day\":31},"
		 "\"section\":%ld}",
		 mine.values[0], mine.values[0], section ? strtol(section, NULL, 10) : 0);
	code = session_run(session, NULL, NULL, "minzheng.report.v1.ReportService/GetSummary",
			   request, &answer, false);
	if (code != RPC_OK)
		return (int)code;
	summary = json_loads(answer, 0, NULL);
	free(answer);
	if (json_array_size(json_object_get(summary, "sections")) == 0)
		errx(2, "总结里没有所要的部分");
	if (json)
		print_json(summary);
	else
		print_summary(summary);
	status = json_is_true(json_object_get(summary, "matches")) ? 0 : 1;
	json_decref(summary);
	return status;
}
