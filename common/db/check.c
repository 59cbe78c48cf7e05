/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking statements against the schema, and both against the descriptors; blocking, before the
 * loop.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "db/migrate.h"
#include "db/state.h"
#include "db/type.h"

enum { MAX_LINE = 1024 };

struct checker {
	const struct db_stmt *stmt;
	void (*report)(void *data, const struct db_stmt *stmt, const char *text);
	void *data;
	int n_faults;
};

static void fault(struct checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
fault(struct checker *c, const char *format, ...)
{
	char text[MAX_LINE];
	va_list args;

	c->n_faults++;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	c->report(c->data, c->stmt, text);
}

static void
check_param(struct checker *c, const struct db_param *param)
{
	const ProtobufCFieldDescriptor *end = param->path.field[param->path.length - 1];
	bool is_list = param->path.repeated >= 0;

	if (param->blind) {
		if (param->oid != OID_BYTEA && param->oid != OID_BYTEA_ARRAY)
			fault(c, "“:blind(%s)”是 bytea，数据库要的是 %s", param->name,
			      db_type_name(param->oid));
		if (end->type != PROTOBUF_C_TYPE_STRING)
			fault(c, "“:blind(%s)”只能用于文本字段", param->name);
	} else if (!db_bindable(end, param->oid, is_list)) {
		fault(c, "“:%s”是%s %s，不能绑定到 %s", param->name, is_list ? "列表" : "字段",
		      db_field_type_name(end), db_type_name(param->oid));
	}
}

static void
check_column(struct checker *c, const struct db_column *column)
{
	const ProtobufCFieldDescriptor *field = c->stmt->value;
	bool is_list;

	if (!field && !c->stmt->row)
		return;
	if (!field && !column->path.length) {
		fault(c, "列“%s”在消息 %s 里没有同名字段", column->name, c->stmt->row->name);
		return;
	}
	if (!field)
		field = column->path.field[column->path.length - 1];
	is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
	if (!db_bindable(field, column->oid, is_list) &&
	    !(is_list && c->stmt->value && db_bindable(field, column->oid, false)))
		fault(c, "列“%s”是 %s，不能填入字段 %s（%s）", column->name,
		      db_type_name(column->oid), field->name, db_field_type_name(field));
}

int
db_stmt_check(const struct db_stmt *stmt,
	      void (*report)(void *data, const struct db_stmt *stmt, const char *text), void *data)
{
	struct checker c = {.stmt = stmt, .report = report, .data = data};

	if (!stmt->described) {
		fault(&c, "%s", stmt->broken ? stmt->broken : "没有描述");
		return c.n_faults;
	}
	for (size_t i = 0; i < stmt->n_params; i++)
		check_param(&c, &stmt->params[i]);
	if (stmt->value && stmt->n_columns != 1)
		fault(&c, "字段 %s 要由一列来填，语句给出 %u 列", stmt->value->name,
		      stmt->n_columns);
	for (size_t i = 0; i < stmt->n_columns; i++)
		check_column(&c, &stmt->columns[i]);
	return c.n_faults;
}

/* -- describing, blocking -------------------------------------------------------------------------
 */

static int
describe_one(PGconn *pg, struct db_stmts *stmts, size_t index)
{
	PGresult *prepared = PQprepare(pg, "", db_stmts_at(stmts, index)->sql, 0, NULL);
	PGresult *described = NULL;
	int r = 0;

	if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
		const char *why = PQresultErrorField(prepared, PG_DIAG_MESSAGE_PRIMARY);

		r = why ? db_stmts_mark_broken(stmts, index, why) : -ENOTCONN;
	} else {
		described = PQdescribePrepared(pg, "");
		r = PQresultStatus(described) == PGRES_COMMAND_OK
			? describe_result(stmts, index, described)
			: -ENOTCONN;
	}
	PQclear(described);
	PQclear(prepared);
	return r;
}

static PGconn *
connect_to(const char *conninfo, const char *search_path)
{
	const char *const names[] = {"connect_timeout", "dbname", "client_encoding", NULL};
	const char *const values[] = {"5", conninfo, "UTF8", NULL};
	PGconn *pg = PQconnectdbParams(names, values, 1);
	const char *const path[] = {search_path};

	if (search_path && PQstatus(pg) == CONNECTION_OK)
		PQclear(PQexecParams(pg, "SELECT set_config('search_path', $1, false)", 1, NULL,
				     path, NULL, NULL, 0));
	return pg;
}

int
db_describe(const char *conninfo, const char *search_path, struct db_stmts *stmts)
{
	PGconn *pg = connect_to(conninfo, search_path);
	int r = PQstatus(pg) == CONNECTION_OK ? 0 : -ENOTCONN;

	for (size_t i = 0; i < db_stmts_count(stmts) && r == 0; i++)
		r = describe_one(pg, stmts, i);
	PQfinish(pg);
	return r;
}

struct line_report {
	void (*report)(void *data, const char *text);
	void *data;
};

static void
report_line(void *data, const struct db_stmt *stmt, const char *text)
{
	const struct line_report *to = data;
	char line[MAX_LINE];

	snprintf(line, sizeof line, "%s：%s", stmt->label, text);
	to->report(to->data, line);
}

int
db_check(const char *conninfo, const char *search_path, struct db_stmts *stmts,
	 void (*report)(void *data, const char *text), void *data)
{
	struct line_report to = {report, data};
	int n_faults = 0, r = db_describe(conninfo, search_path, stmts);

	if (r != 0)
		return r;
	for (size_t i = 0; i < db_stmts_count(stmts); i++)
		n_faults += db_stmt_check(db_stmts_at(stmts, i), report_line, &to);
	return n_faults;
}

int
db_lines(const char *conninfo, const char *search_path, const char *sql,
	 void (*line)(void *data, const char *text), void *data)
{
	PGconn *pg = connect_to(conninfo, search_path);
	PGresult *rows = NULL;
	int n = -ENOTCONN;

	if (PQstatus(pg) == CONNECTION_OK) {
		rows = PQexec(pg, sql);
		n = PQresultStatus(rows) == PGRES_TUPLES_OK ? PQntuples(rows) : -EINVAL;
		if (n < 0)
			line(data, PQresultErrorMessage(rows));
		for (int i = 0; i < n; i++)
			line(data, PQgetvalue(rows, i, 0));
	}
	PQclear(rows);
	PQfinish(pg);
	return n;
}
