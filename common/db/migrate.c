/* SPDX-License-Identifier: Apache-2.0 */
#include "db/migrate.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_LINE = 1024 };

/* The part of a file that is run, and how. */
struct migration_part {
	const char *text;
	size_t length;
	int first_line;
	bool transaction;
};

struct migrator {
	const struct db_migrate_options *options;
	PGconn *pg;
	size_t n_run;
};

static void report(const struct migrator *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
report(const struct migrator *m, const char *format, ...)
{
	char line[MAX_LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (m->options->report)
		m->options->report(m->options->data, line);
}

/* -- the file -------------------------------------------------------------------------------------
 */

static bool
line_begins(const char *line, size_t length, const char *prefix)
{
	return length >= strlen(prefix) && strncmp(line, prefix, strlen(prefix)) == 0;
}

/* Finds the part behind `-- migrate:up`, up to `-- migrate:down` or the end. */
static bool
find_up(const struct db_migration *file, struct migration_part *ret_part)
{
	const char *at = file->text, *end = file->text + file->length;
	struct migration_part part = {0};

	for (int number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;
		size_t length = (size_t)(next - at);

		if (!part.text && line_begins(at, length, "-- migrate:up")) {
			part.text = next;
			part.first_line = number + 1;
			part.transaction = !memmem(at, length, "transaction:false", 17);
		} else if (part.text && line_begins(at, length, "-- migrate:down")) {
			end = at;
		}
		at = next;
	}
	part.length = part.text ? (size_t)(end - part.text) : 0;
	*ret_part = part;
	return part.text != NULL;
}

/* Line of the file at an error's position: the 1-based character of the text that was sent. */
static int
line_at(const struct migration_part *part, const char *position)
{
	long characters = position ? strtol(position, NULL, 10) : 1;
	int line = part->first_line;

	for (size_t i = 0; i < part->length && characters > 1; i++) {
		line += part->text[i] == '\n';
		characters -= (part->text[i] & 0xC0) != 0x80;
	}
	return line;
}

/* -- SQL ------------------------------------------------------------------------------------------
 */

static bool
is_success(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Runs one command of our own; false, and reported, when it fails. */
static bool
run(struct migrator *m, const char *sql, const char *const *values, int n_values,
    PGresult **ret_result)
{
	PGresult *result = PQexecParams(m->pg, sql, n_values, NULL, values, NULL, NULL, 0);
	bool ok = is_success(result);

	if (!ok)
		report(m, "迁移失败：%s", PQerrorMessage(m->pg));
	if (ok && ret_result)
		*ret_result = result;
	else
		PQclear(result);
	return ok;
}

static bool
run_plain(struct migrator *m, const char *sql)
{
	return run(m, sql, NULL, 0, NULL);
}

static bool
has_schema(struct migrator *m)
{
	const char *values[] = {m->options->schema};
	PGresult *result;
	bool has;

	if (!run(m, "SELECT FROM pg_namespace WHERE nspname = $1", values, 1, &result))
		return false;
	has = PQntuples(result) == 1;
	PQclear(result);
	return has;
}

/* Runs a command with an identifier in it. */
static bool
run_named(struct migrator *m, const char *before, const char *name, const char *after)
{
	char *identifier = PQescapeIdentifier(m->pg, name, strlen(name));
	struct buf sql;
	bool ok;

	buf_init(&sql, NULL, MAX_LINE);
	buf_printf(&sql, "%s %s %s", before, identifier ? identifier : "", after);
	ok = identifier && buf_text(&sql) && run_plain(m, buf_text(&sql));
	buf_free(&sql);
	PQfreemem(identifier);
	return ok;
}

/* The schema and the table of what has been run. Of two starters who come here at once one may lose
 * the race for the names; the second try then finds them. */
static bool
make_ledger(struct migrator *m)
{
	static const char table[] =
	    "CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY,"
	    " checksum text NOT NULL, run_at timestamptz NOT NULL DEFAULT now())";
	const struct db_migrate_options *o = m->options;

	if (o->role && !run_named(m, "SET ROLE", o->role, ""))
		return false;
	if (!has_schema(m) && !run_named(m, "CREATE SCHEMA IF NOT EXISTS", o->schema, "") &&
	    !has_schema(m))
		return false;
	if (!run_named(m, "SET search_path TO", o->schema, ", public"))
		return false;
	PQclear(PQexec(m->pg, table));
	return run_plain(m, table);
}

static const char lock_ledger[] = "LOCK TABLE schema_migrations IN EXCLUSIVE MODE";

enum ledger_entry { ENTRY_NONE, ENTRY_SAME, ENTRY_CHANGED, ENTRY_ERROR };

/* Takes the ledger's lock until the transaction ends, and looks the file up. */
static enum ledger_entry
look_up(struct migrator *m, const struct db_migration *file)
{
	const char *values[] = {file->name, file->text};
	enum ledger_entry entry = ENTRY_NONE;
	PGresult *result;

	if (!run_plain(m, lock_ledger) ||
	    !run(m,
		 "SELECT checksum = encode(sha256(convert_to($2, 'UTF8')), 'hex')"
		 " FROM schema_migrations WHERE version = $1",
		 values, 2, &result))
		return ENTRY_ERROR;
	if (PQntuples(result) == 1)
		entry = *PQgetvalue(result, 0, 0) == 't' ? ENTRY_SAME : ENTRY_CHANGED;
	PQclear(result);
	return entry;
}

static bool
note_in_ledger(struct migrator *m, const struct db_migration *file)
{
	const char *values[] = {file->name, file->text};

	return run(m,
		   "INSERT INTO schema_migrations (version, checksum)"
		   " VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'))",
		   values, 2, NULL);
}

/* The file's own statements: the simple protocol takes many at once. */
static bool
run_part(struct migrator *m, const struct db_migration *file, const struct migration_part *part)
{
	char *text = strndup(part->text, part->length);
	PGresult *result = text ? PQexec(m->pg, text) : NULL;
	bool ok = is_success(result);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (!ok)
		report(m, "迁移文件 %s 第 %d 行出错：%s%s%s%s%s。本文件的改动已全部撤销",
		       file->name,
		       line_at(part, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
		       message ? message : PQerrorMessage(m->pg), detail ? "；" : "",
		       detail ? detail : "", hint ? "；" : "", hint ? hint : "");
	PQclear(result);
	free(text);
	return ok;
}

static enum db_migrate_result
run_new(struct migrator *m, const struct db_migration *file, const struct migration_part *part)
{
	bool ok = part->transaction || run_plain(m, "COMMIT");

	ok = ok && run_part(m, file, part);
	ok = ok && (part->transaction || run_plain(m, "BEGIN"));
	if (!ok || !note_in_ledger(m, file))
		return DB_MIGRATE_FAILED;
	m->n_run++;
	report(m, "已执行迁移 %s", file->name);
	return DB_MIGRATE_OK;
}

/* One file in a transaction that begins with the ledger's lock. */
static enum db_migrate_result
migrate_file(struct migrator *m, const struct db_migration *file)
{
	enum db_migrate_result result = DB_MIGRATE_FAILED;
	struct migration_part part;

	if (!find_up(file, &part)) {
		report(m, "迁移文件 %s 没有“-- migrate:up”这一行", file->name);
		return DB_MIGRATE_BAD_FILE;
	}
	if (!run_plain(m, "BEGIN"))
		return DB_MIGRATE_FAILED;
	switch (look_up(m, file)) {
	case ENTRY_NONE:
		result = run_new(m, file, &part);
		break;
	case ENTRY_SAME:
		result = DB_MIGRATE_OK;
		break;
	case ENTRY_CHANGED:
		report(m, "迁移文件 %s 在执行之后被改动过：请恢复原文，另写新的迁移文件",
		       file->name);
		result = DB_MIGRATE_BAD_FILE;
		break;
	default:
		break;
	}
	if (!run_plain(m, result == DB_MIGRATE_OK ? "COMMIT" : "ROLLBACK"))
		return DB_MIGRATE_FAILED;
	return result;
}

/*
 * Hands over to a role that nobody can log in as, so that the login that migrates is not needed,
 * and may be locked, until the next release. Sequences of columns go with their tables.
 */
static bool
hand_over(struct migrator *m)
{
	static const char sql[] =
	    "DO $$ DECLARE o record; owner text := current_setting('mz.owner'); BEGIN\n"
	    " BEGIN\n"
	    "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN\n"
	    "   EXECUTE format('CREATE ROLE %I NOLOGIN', owner); END IF;\n"
	    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;\n"
	    " FOR o IN SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'\n"
	    "   WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.oid::regclass::text AS name\n"
	    "  FROM pg_class c WHERE relnamespace = quote_ident(current_schema())::regnamespace\n"
	    "   AND relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(relowner) <> owner\n"
	    "   AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend WHERE objid = c.oid\n"
	    "    AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')))\n"
	    " UNION ALL SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc\n"
	    "  WHERE pronamespace = quote_ident(current_schema())::regnamespace\n"
	    "   AND pg_get_userbyid(proowner) <> owner\n"
	    " UNION ALL SELECT 'TYPE', oid::regtype::text FROM pg_type WHERE typtype IN ('d', "
	    "'e')\n"
	    "  AND typnamespace = quote_ident(current_schema())::regnamespace\n"
	    "   AND pg_get_userbyid(typowner) <> owner\n"
	    " UNION ALL SELECT 'SCHEMA', quote_ident(nspname) FROM pg_namespace\n"
	    "  WHERE nspname = current_schema() AND pg_get_userbyid(nspowner) <> owner\n"
	    " LOOP EXECUTE format('ALTER %s %s OWNER TO %I', o.kind, o.name, owner); END LOOP;\n"
	    "END $$";
	const char *values[] = {m->options->owner};

	return run_plain(m, "BEGIN") && run_plain(m, lock_ledger) &&
	       run(m, "SELECT set_config('mz.owner', $1, true)", values, 1, NULL) &&
	       run_plain(m, sql) && run_plain(m, "COMMIT");
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(const struct db_migration *const *)a)->name,
		      (*(const struct db_migration *const *)b)->name);
}

static enum db_migrate_result
migrate_all(struct migrator *m)
{
	size_t n = m->options->n_files;
	const struct db_migration **files = calloc(n + 1, sizeof(struct db_migration *));
	enum db_migrate_result result = files ? DB_MIGRATE_OK : DB_MIGRATE_FAILED;

	for (size_t i = 0; files && i < n; i++)
		files[i] = &m->options->files[i];
	if (files)
		qsort(files, n, sizeof(struct db_migration *), by_name);
	for (size_t i = 0; i < n && result == DB_MIGRATE_OK; i++)
		result = migrate_file(m, files[i]);
	free(files);
	return result;
}

static void
quiet_notice(void *data, const PGresult *result)
{
	(void)data;
	(void)result;
}

enum db_migrate_result
db_migrate(const struct db_migrate_options *options, size_t *ret_n_run)
{
	struct migrator m = {.options = options, .pg = PQconnectdb(options->conninfo)};
	enum db_migrate_result result = DB_MIGRATE_FAILED;

	PQsetNoticeReceiver(m.pg, quiet_notice, NULL);
	if (PQstatus(m.pg) != CONNECTION_OK) {
		report(&m, "不能连接数据库：%s", PQerrorMessage(m.pg));
		result = DB_MIGRATE_UNREACHABLE;
	} else if (make_ledger(&m)) {
		result = migrate_all(&m);
		if (result == DB_MIGRATE_OK && options->owner && !hand_over(&m))
			result = DB_MIGRATE_FAILED;
	}
	PQfinish(m.pg);
	*ret_n_run = m.n_run;
	return result;
}
