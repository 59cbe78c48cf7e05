/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz load: a file into a service.
 *
 * Rows go out in batches over one client stream, with back-pressure. The request ids are made from
 * the file's digest, so the same file loaded again repeats the same calls and changes nothing. A
 * staged import is committed only when every row is good, or when good rows alone were asked for;
 * where a service stages nothing, the whole file goes there once to be checked, then to be stored.
 * A stream that the service lost is sent again from the file's beginning: what had been taken in is
 * only answered again.
 */
#include <err.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "commands.h"
#include "domain/money.h"
#include "kinds.h"
#include "table.h"

enum {
	ID_SIZE = 37,
	MOST_FAULTS_SHOWN = 100,
	/* Numbers of ids (make_id): batches count from 1, below these. */
	FIRST_CHECK = 0x4000,
	FIRST_SLICE = 0x8000,
	FIRST_GOOD_SLICE = 0xc000, /* with wrong rows left out: another request */
	CREATION = 0xffff,
};

struct load {
	struct session *session;
	const struct kind *kind;
	const char *path;
	char digest[65];
	char import_id[ID_SIZE];
	bool dry_run, good_rows;
	const struct column *columns[TABLE_MAX_COLUMNS]; /* by cell */
	json_t *rows;
	int batches;
	int64_t n_rows, n_faults;
	int64_t line, told_line; /* being read; until which faults have been told */
	struct rpc_client_call *call;
	bool waiting, ended;
};

/* -- rows -------------------------------------------------------------------------------------- */

static void
tell_fault(struct load *load, int64_t line, const char *column, const char *reason)
{
	if (load->n_faults++ < MOST_FAULTS_SHOWN)
		fprintf(stderr, "%s 第 %lld 行%s%s：%s\n", load->path, (long long)line,
			column ? "，" : "", column ? column : "", reason);
}

/* A file that is read again has its faults counted again, not told again. */
static bool
on_fault(void *data, int64_t line, const char *column, const char *reason)
{
	struct load *load = data;

	load->line = line;
	if (line > load->told_line)
		tell_fault(load, line, column, reason);
	else
		load->n_faults++;
	return true;
}

static bool
on_headings(void *data, const struct table_row *row)
{
	struct load *load = data;

	for (int i = 0; i < row->n_cells; i++) {
		for (const struct column *column = load->kind->columns; column->heading; column++)
			if (strcmp(column->heading, row->cells[i]) == 0)
				load->columns[i] = column;
		if (!load->columns[i])
			return on_fault(load, row->line, row->cells[i], "不认识这一列"), false;
	}
	for (const struct column *column = load->kind->columns; column->heading; column++) {
		bool found = !column->required;

		for (int i = 0; i < row->n_cells; i++)
			found = found || load->columns[i] == column;
		if (!found)
			return on_fault(load, row->line, column->heading, "缺少这一列"), false;
	}
	return true;
}

/* NULL with *ret_reason when the cell is wrong. */
static json_t *
cell_value(enum column_type type, const char *cell, const char **ret_reason)
{
	enum money_result money;
	struct date date;
	struct civil civil;
	int64_t fen;

	switch (type) {
	case COLUMN_DATE:
		if (!date_parse(cell, &date)) {
			*ret_reason = "不是存在的日期，应写成 2024-05-01";
			return NULL;
		}
		civil = date_civil(date);
		return json_pack("{s:i,s:i,s:i}", "year", civil.year, "month", civil.month, "day",
				 civil.day);
	case COLUMN_YUAN:
		money = money_parse(cell, strlen(cell), &fen);
		*ret_reason = money_explain(money);
		return money == MONEY_OK ? json_integer(fen) : NULL;
	case COLUMN_NUMBER:
		*ret_reason = "不是整数";
		return strspn(cell, "0123456789") == strlen(cell) && strlen(cell) < 19
			   ? json_string(cell)
			   : NULL;
	default:
		return json_string(cell);
	}
}

static json_t *
row_from_cells(struct load *load, const struct table_row *row)
{
	json_t *object = json_object();
	bool good = true;

	for (int i = 0; i < row->n_cells; i++) {
		const char *reason = "";
		json_t *value;

		if (!row->cells[i][0])
			continue; /* empty: not given */
		value = cell_value(load->columns[i]->type, row->cells[i], &reason);
		if (!value) {
			on_fault(load, row->line, load->columns[i]->heading, reason);
			good = false;
			continue;
		}
		json_object_set_new(object, load->columns[i]->field, value);
	}
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *
row_from_line(struct load *load, const struct table_row *row)
{
	json_error_t error;
	json_t *object = json_loads(row->cells[0], JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(object))
		return object;
	json_decref(object);
	on_fault(load, row->line, NULL, error.text[0] ? error.text : "不是一个 JSON 对象");
	return NULL;
}

/* -- batches ----------------------------------------------------------------------------------- */

/* A UUID that the file and a number determine. */
static void
make_id(const struct load *load, int number, char id[static ID_SIZE])
{
	const char *d = load->digest;

	snprintf(id, ID_SIZE, "%.8s-%.4s-4%.3s-8%.3s-%04x%.8s", d, d + 8, d + 12, d + 15,
		 (unsigned)number & 0xffff, d + 18);
}

static void
wait_for_room(struct load *load)
{
	while (load->waiting && !load->ended)
		event_base_loop(session_base(load->session), EVLOOP_ONCE);
}

static void
send_batch(struct load *load)
{
	char id[ID_SIZE], *text;
	json_t *request;

	if (!json_array_size(load->rows))
		return;
	if (!load->call) { /* only checking */
		json_array_clear(load->rows);
		return;
	}
	make_id(load, ++load->batches + (load->dry_run ? FIRST_CHECK : 0), id);
	request = json_pack("{s:s,s:O}", "request_id", id, "rows", load->rows);
	if (load->kind->create)
		json_object_set_new(request, "import_id", json_string(load->import_id));
	else if (load->good_rows)
		json_object_set_new(request, "good_rows_only", json_true());
	if (load->dry_run && !load->kind->create)
		json_object_set_new(request, "validate_only", json_true());
	text = json_dumps(request, JSON_COMPACT);
	if (!text)
		err(1, "没有内存");
	wait_for_room(load);
	if (!load->ended)
		load->waiting =
		    rpc_client_send_raw(load->call, text, strlen(text)) == RPC_SEND_WAIT;
	free(text);
	json_decref(request);
	json_array_clear(load->rows);
}

static bool
on_row(void *data, const struct table_row *row)
{
	struct load *load = data;
	json_t *object = load->kind->columns ? row_from_cells(load, row) : row_from_line(load, row);

	load->line = row->line;
	if (!object)
		return true;
	load->n_rows++;
	json_object_set_new(object, "line", json_integer(row->line));
	json_array_append_new(load->rows, object);
	if ((int)json_array_size(load->rows) == load->kind->batch)
		send_batch(load);
	return !load->ended;
}

static void
on_writable(struct rpc_client_call *call)
{
	struct load *load = rpc_client_data(call);

	load->waiting = false;
}

static void
on_ended(struct rpc_client_call *call)
{
	struct load *load = rpc_client_data(call);

	load->ended = true;
}

static const struct table_handler handler = {on_headings, on_row, on_fault};

/* -- the steps --------------------------------------------------------------------------------- */

static const char *
full_name(const struct load *load, const char *rpc)
{
	static char name[200];

	snprintf(name, sizeof name, "%s/%s", load->kind->service, rpc);
	return name;
}

static bool
create_import(struct load *load)
{
	char request[900], id[ID_SIZE], *answer = NULL;
	const char *slash = strrchr(load->path, '/'), *name = slash ? slash + 1 : load->path;
	json_t *import;
	bool ok;

	make_id(load, CREATION, id);
	make_id(load, 0, load->import_id);
	snprintf(request, sizeof request,
		 "{\"request_id\":\"%s\",\"id\":\"%s\",%s\"file_name\":\"%s\",\"digest\":\"%s\"}",
		 id, load->import_id, load->kind->create_fields, name, load->digest);
	if (session_run(load->session, NULL, NULL, full_name(load, load->kind->create), request,
			&answer, false) != RPC_OK)
		return false;
	import = json_loads(answer, 0, NULL);
	ok = json_is_string(json_object_get(import, "id"));
	if (ok) /* the same file may be there already under another id */
		snprintf(load->import_id, sizeof load->import_id, "%s",
			 json_string_value(json_object_get(import, "id")));
	json_decref(import);
	free(answer);
	return ok;
}

/* Opens the stream, sends the file, waits for the answer; cancels it when the file cannot be read
 * or has faults that stop it. */
static struct rpc_client_call *
stream_file(void *data)
{
	static const struct rpc_client_hooks hooks = {.writable = on_writable, .ended = on_ended};
	struct load *load = data;
	const struct rpc_method *method =
	    session_method(load->session, full_name(load, load->kind->upload));
	bool whole;

	load->batches = 0;
	load->n_rows = load->n_faults = 0;
	load->waiting = load->ended = false;
	load->call = session_call(load->session, method, &hooks, load, NULL, NULL);
	load->rows = json_array();
	if (!load->call || !load->rows)
		err(1, "没有内存");
	rpc_client_start(load->call);
	whole = table_read(load->path, &handler, load);
	if (whole)
		send_batch(load);
	whole = whole && (load->n_faults == 0 || load->good_rows);
	if (whole)
		rpc_client_half_close(load->call);
	else
		rpc_client_cancel(load->call);
	while (!load->ended)
		event_base_loop(session_base(load->session), EVLOOP_ONCE);
	json_decref(load->rows);
	load->told_line = load->line;
	return load->call;
}

/* The file's way in, with patience. The answer's text is on the heap. */
static bool
upload(struct load *load, char **ret_answer)
{
	struct rpc_client_call *call = session_repeat(load->session, stream_file, load);
	const struct rpc_client_result *result = rpc_client_result(call);
	bool answered = result->code == RPC_OK;

	if (answered) {
		*ret_answer = strndup(result->raw, result->raw_length);
		if (!*ret_answer)
			err(1, "没有内存");
	} else if (result->code != RPC_CANCELLED) { /* by ourselves */
		session_print_failure(call);
	}
	rpc_client_free(call);
	return answered;
}

/* The import after the next slice; NULL when the service refuses. */
static json_t *
commit_slice(struct load *load, int slice)
{
	char request[300], id[ID_SIZE], *answer;
	json_t *import;

	make_id(load, (load->good_rows ? FIRST_GOOD_SLICE : FIRST_SLICE) + slice, id);
	snprintf(request, sizeof request,
		 "{\"request_id\":\"%s\",\"id\":\"%s\",\"good_rows_only\":%s}", id, load->import_id,
		 load->good_rows ? "true" : "false");
	if (session_run(load->session, NULL, NULL, full_name(load, load->kind->commit), request,
			&answer, false) != RPC_OK)
		return NULL;
	import = json_loads(answer, 0, NULL);
	free(answer);
	return import;
}

/* Commits slice by slice until the import says that it is done. */
static bool
commit_import(struct load *load)
{
	bool done = false, goes_on = true;

	for (int slice = 0; goes_on && !done; slice++) {
		json_t *import = commit_slice(load, slice);
		const char *state = json_string_value(json_object_get(import, "state"));

		goes_on = state != NULL;
		done = state && strcmp(state, "COMMITTED") == 0;
		json_decref(import);
	}
	return done;
}

static int64_t
count_in(const json_t *answer, const char *name)
{
	const json_t *value = json_object_get(answer, name);

	return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
				     : json_integer_value(value);
}

/* What the file calls a field; the field's own name where it has no column; NULL for none. */
static const char *
heading_of(const struct kind *kind, const char *field)
{
	for (const struct column *column = kind->columns; field && column && column->heading;
	     column++)
		if (strcmp(column->field, field) == 0)
			return column->heading;
	return field && field[0] ? field : NULL;
}

/* Prints rows that the service found wrong. */
static int64_t
print_refused(struct load *load, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "problems"), *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *column = json_string_value(json_object_get(item, "column"));
		const char *reason = json_string_value(json_object_get(item, "reason"));

		tell_fault(load, count_in(item, "line"), heading_of(load->kind, column),
			   reason ? reason : "");
	}
	return (int64_t)json_array_size(list);
}

/* A page of what is wrong in a staged import; NULL when the service does not answer. */
static json_t *
read_problems(struct load *load, const char *page_token)
{
	json_t *ask = json_pack("{s:s,s:s}", "id", load->import_id, "page_token", page_token);
	char *request = json_dumps(ask, JSON_COMPACT), *answer;
	json_t *page = NULL;

	if (!request)
		err(1, "没有内存");
	if (session_run(load->session, NULL, NULL, full_name(load, load->kind->problems), request,
			&answer, false) == RPC_OK) {
		page = json_loads(answer, 0, NULL);
		free(answer);
	}
	json_decref(ask);
	free(request);
	return page;
}

/* The upload names only the first wrong rows of each batch: here are all. */
static int64_t
print_problems(struct load *load)
{
	json_t *page = read_problems(load, "");
	int64_t refused = 0;

	while (page) {
		json_t *before = page;
		const char *token = json_string_value(json_object_get(page, "nextPageToken"));

		refused += print_refused(load, page);
		page = token && token[0] ? read_problems(load, token) : NULL;
		json_decref(before);
	}
	return refused;
}

/* A dry run of a staged import looks at the file alone: nothing may be staged. */
static int
check_only(struct load *load)
{
	bool whole;

	load->rows = json_array();
	whole = table_read(load->path, &handler, load);
	json_decref(load->rows);
	printf("%s：%lld 行，%lld 处错误，只检查，没有入库\n", load->path, (long long)load->n_rows,
	       (long long)load->n_faults);
	return whole && load->n_faults == 0 ? 0 : 1;
}

/* Sends the file and prints the rows that the service refuses. */
static bool
send_file(struct load *load, int64_t *ret_refused)
{
	char *text = NULL;
	json_t *answer;

	if (!upload(load, &text))
		return false;
	answer = json_loads(text, 0, NULL);
	free(text);
	if (!load->kind->create)
		*ret_refused = print_refused(load, answer);
	else if (count_in(answer, "wrong") > 0)
		*ret_refused = print_problems(load);
	json_decref(answer);
	return true;
}

/* False: a row is wrong, and nothing of the file is to be stored. */
static bool
check_first(struct load *load)
{
	struct load check = *load;
	int64_t refused = 0;
	bool sent;

	check.dry_run = true;
	sent = send_file(&check, &refused);
	load->n_faults = check.n_faults;
	return sent && refused == 0;
}

static int
load_file(struct load *load)
{
	bool staged = load->kind->create, done = false;
	int64_t refused = 0;

	if (!table_digest(load->path, load->digest))
		return 1;
	if (staged && load->dry_run)
		return check_only(load);
	if (staged && !create_import(load))
		return 1;
	if ((!staged && !load->dry_run && !load->good_rows && !check_first(load)) ||
	    !send_file(load, &refused)) {
		fprintf(stderr, "%s：%lld 处错误，没有入库\n", load->path,
			(long long)load->n_faults);
		return 1;
	}
	if (refused == 0 || load->good_rows)
		done = !staged || commit_import(load);
	printf("%s：%lld 行，%lld 处错误%s，%s\n", load->path, (long long)load->n_rows,
	       (long long)load->n_faults,
	       load->n_faults > MOST_FAULTS_SHOWN ? "（只列出前 100 处）" : "",
	       load->dry_run ? "只检查，没有入库"
	       : done        ? "已入库"
			     : "没有入库");
	return done ? 0 : 1;
}

static int
list_kinds(void)
{
	const struct kind *kind;

	for (int i = 0; (kind = kind_at(i)); i++) {
		printf("%-14s %s%s", kind->name, kind->what, kind->columns ? "，列：" : "\n");
		for (const struct column *column = kind->columns; column && column->heading;
		     column++)
			printf("%s%s%s", column->heading, column->required ? "*" : "",
			       column[1].heading ? "、" : "\n");
	}
	return 0;
}

int
command_load(struct session *session, const struct arguments *arguments)
{
	static const char how[] =
	    "mz load 种类 文件… [--dry-run] [--good-rows]（种类见 load --list，* 为必有的列）";
	struct arguments mine = *arguments;
	bool list = arguments_take_flag(&mine, "--list"),
	     dry_run = arguments_take_flag(&mine, "--dry-run");
	bool good_rows = arguments_take_flag(&mine, "--good-rows");
	const struct kind *kind;
	int status = 0;

	if (list)
		return list_kinds();
	arguments_end(&mine, 2, 1000, how);
	kind = kind_find(mine.values[0]);
	if (!kind)
		errx(2, "没有“%s”这种文件；mz load --list 列出全部", mine.values[0]);
	for (int i = 1; i < mine.count; i++) {
		struct load load = {.session = session,
				    .kind = kind,
				    .path = mine.values[i],
				    .dry_run = dry_run,
				    .good_rows = good_rows};

		status |= load_file(&load);
	}
	return status;
}
