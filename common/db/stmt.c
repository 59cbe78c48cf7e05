/* SPDX-License-Identifier: Apache-2.0 */
#include "db/stmt.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "db/lex.h"
#include "db/type.h"

enum {
	SET_BUDGET = 64 << 20,
	MAX_NAME = 128,
	PARAM_TEXT = 8, /* "$64" */
};

struct db_stmts {
	struct arena *arena;
	struct db_stmt **items;
	size_t count, capacity;
};

struct db_stmts *
db_stmts_new(void)
{
	struct db_stmts *stmts = calloc(1, sizeof *stmts);

	if (!stmts)
		return NULL;
	stmts->arena = arena_new(SET_BUDGET);
	if (!stmts->arena) {
		free(stmts);
		return NULL;
	}
	return stmts;
}

void
db_stmts_free(struct db_stmts *stmts)
{
	if (!stmts)
		return;
	arena_free(stmts->arena);
	free(stmts->items);
	free(stmts);
}

size_t
db_stmts_count(const struct db_stmts *stmts)
{
	return stmts->count;
}

const struct db_stmt *
db_stmts_at(const struct db_stmts *stmts, size_t index)
{
	return stmts->items[index];
}

/* One statement being translated. */
struct translation {
	const struct db_stmt_def *def;
	struct db_fault *fault;
	struct buf sql;
	struct db_param params[DB_MAX_PARAMS];
	char names[DB_MAX_PARAMS][MAX_NAME];
	unsigned n_params;
};

static bool fault_at(struct translation *t, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
fault_at(struct translation *t, const char *at, const char *format, ...)
{
	bool in_sql = at >= t->def->sql && at <= t->def->sql + t->def->sql_length;
	va_list args;

	t->fault->offset = in_sql ? (size_t)(at - t->def->sql) : 0;
	va_start(args, format);
	vsnprintf(t->fault->text, sizeof t->fault->text, format, args);
	va_end(args);
	return false;
}

enum path_result { PATH_OK, PATH_UNKNOWN, PATH_TWO_LISTS, PATH_TOO_LONG };

/* The field that the first segment of name tells; *ret_rest is what follows its point, or NULL. */
static const ProtobufCFieldDescriptor *
first_field(const ProtobufCMessageDescriptor *type, const char *name, const char **ret_rest)
{
	char segment[MAX_NAME];
	const char *point = strchr(name, '.');

	snprintf(segment, sizeof segment, "%.*s", (int)strcspn(name, "."), name);
	*ret_rest = point ? point + 1 : NULL;
	return type ? protobuf_c_message_descriptor_get_field_by_name(type, segment) : NULL;
}

/* Follows "a.b.c" from type on. */
static enum path_result
path_resolve(const ProtobufCMessageDescriptor *type, const char *name, struct db_path *ret_path)
{
	struct db_path path = {.repeated = -1};

	while (name) {
		const ProtobufCFieldDescriptor *field = first_field(type, name, &name);

		if (!field)
			return PATH_UNKNOWN;
		if (path.length == DB_MAX_PATH)
			return PATH_TOO_LONG;
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			if (path.repeated >= 0)
				return PATH_TWO_LISTS;
			path.repeated = (int8_t)path.length;
		}
		path.field[path.length++] = field;
		type = field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
	}
	*ret_path = path;
	return PATH_OK;
}

/* The part of name behind a source's prefix, or NULL when it has another. */
static const char *
behind_prefix(const struct db_source *source, const char *name)
{
	size_t n;

	if (!source->prefix)
		return name;
	n = strlen(source->prefix);
	return strncmp(name, source->prefix, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

/* Finds name among the sources: a prefix is more exact than a bare name. */
static enum path_result
name_resolve(const struct db_stmt_def *def, const char *name, struct db_param *param)
{
	enum path_result result = PATH_UNKNOWN;

	for (int with_prefix = 1; with_prefix >= 0; with_prefix--) {
		for (size_t i = 0; i < def->n_sources; i++) {
			const struct db_source *source = &def->sources[i];
			const char *rest = behind_prefix(source, name);
			enum path_result r;

			if (!rest || (source->prefix != NULL) != with_prefix)
				continue;
			r = path_resolve(source->type, rest, &param->path);
			param->source = (uint8_t)i;
			if (r == PATH_OK)
				return r;
			if (result == PATH_UNKNOWN)
				result = r;
		}
	}
	return result;
}

static bool
same_param(const struct db_param *a, const struct db_param *b)
{
	return a->source == b->source && a->blind == b->blind && a->path.length == b->path.length &&
	       memcmp(a->path.field, b->path.field,
		      a->path.length * sizeof(ProtobufCFieldDescriptor *)) == 0;
}

/* Number of the parameter, shared by equal names; -1 when there are too many. */
static int
param_number(struct translation *t, const struct db_param *param, const char *name)
{
	for (unsigned i = 0; i < t->n_params; i++) {
		if (same_param(&t->params[i], param))
			return (int)i + 1;
	}
	if (t->n_params == DB_MAX_PARAMS)
		return -1;
	t->params[t->n_params] = *param;
	snprintf(t->names[t->n_params], MAX_NAME, "%s", name);
	return (int)++t->n_params;
}

static bool
put_param(struct translation *t, const char *text, size_t length, bool blind)
{
	static const char *const why[] = {
	    [PATH_UNKNOWN] = "不是任何消息的字段",
	    [PATH_TWO_LISTS] = "穿过两层列表，只能有一层",
	    [PATH_TOO_LONG] = "的层数太多",
	};
	struct db_param param = {.blind = blind};
	char name[MAX_NAME];
	enum path_result r;
	int number;

	if (length >= sizeof name)
		return fault_at(t, text, "占位符的名字太长");
	memcpy(name, text, length);
	name[length] = '\0';
	r = name_resolve(t->def, name, &param);
	if (r != PATH_OK)
		return fault_at(t, text, "“:%s”%s", name, why[r]);
	number = param_number(t, &param, name);
	if (number < 0)
		return fault_at(t, text, "参数超过 %d 个", DB_MAX_PARAMS);
	buf_printf(&t->sql, "$%d", number);
	if (blind)
		buf_puts(&t->sql, param.path.repeated >= 0 ? "::bytea[]" : "::bytea");
	return true;
}

/* :blind( has been read: a name and the parenthesis follow. */
static bool
put_blind(struct translation *t, struct lexer *lexer)
{
	const char *start = lexer->text + lexer->at;
	const char *end = memchr(start, ')', lexer->length - lexer->at);

	if (!end)
		return fault_at(t, start, ":blind( 缺少右括号");
	lexer->at += (size_t)(end - start) + 1;
	return put_param(t, start, (size_t)(end - start), true);
}

/* Translates text up to length, appending to t->sql. */
static bool
translate(struct translation *t, const char *text, size_t length)
{
	struct lexer lexer = {.text = text, .length = length};

	for (;;) {
		struct lex_token token = lex_next(&lexer);
		bool ok = true;

		switch (token.kind) {
		case LEX_END:
			return true;
		case LEX_UNCLOSED:
			return fault_at(t, token.text, "引号或注释没有结束");
		case LEX_NAME:
			ok = put_param(t, token.text + 1, token.length - 1, false);
			break;
		case LEX_BLIND:
			ok = put_blind(t, &lexer);
			break;
		default:
			if (token.length == 1 && token.text[0] == '$')
				return fault_at(t, token.text, "请用 :名字，不用 $1");
			buf_put(&t->sql, token.text, token.length);
		}
		if (!ok)
			return false;
	}
}

/* What kind of statement it is, and where it ends without its semicolon. */
struct shape {
	size_t length;
	bool changes;    /* INSERT, UPDATE, DELETE */
	bool returning;  /* has RETURNING */
	bool other_text; /* something follows the semicolon */
};

static void
shape_word(struct shape *shape, const struct lex_token *token, bool *verb_seen)
{
	static const char *const verbs[] = {"SELECT", "VALUES", "INSERT", "UPDATE", "DELETE"};

	if (lex_is_word(token, "RETURNING"))
		shape->returning = true;
	for (size_t i = 0; !*verb_seen && i < sizeof verbs / sizeof verbs[0]; i++) {
		if (lex_is_word(token, verbs[i])) {
			*verb_seen = true;
			shape->changes = i >= 2;
		}
	}
}

static struct shape
shape_of(const char *sql, size_t length)
{
	struct lexer lexer = {.text = sql, .length = length};
	struct shape shape = {0};
	bool verb_seen = false, ended = false;
	int depth = 0;

	for (;;) {
		struct lex_token token = lex_next(&lexer);

		if (token.kind == LEX_END)
			return shape;
		if (token.kind == LEX_SPACE)
			continue;
		if (lex_is_symbol(&token, ';')) {
			ended = true;
			continue;
		}
		if (ended)
			shape.other_text = true;
		shape.length = lexer.at;
		depth += lex_is_symbol(&token, '(') - lex_is_symbol(&token, ')');
		if (depth == 0)
			shape_word(&shape, &token, &verb_seen);
	}
}

/*
 * The whole text. An expected count is checked inside the same statement: zero updated rows is no
 * SQL error, and a pipelined COMMIT behind it would make the rest permanent. A cast that fails is
 * the one way of plain SQL to raise an error with a text of its own (sqlstate.c knows it).
 */
static bool
translate_all(struct translation *t)
{
	const struct db_stmt_def *def = t->def;
	struct shape shape = shape_of(def->sql, def->sql_length);
	size_t n_expect = def->expect ? strlen(def->expect) : 0;

	if (shape.length == 0)
		return fault_at(t, def->sql, "语句是空的");
	if (shape.other_text)
		return fault_at(t, def->sql, "分号后面还有内容，一处只能写一条语句");
	if (!def->expect)
		return translate(t, def->sql, shape.length);
	buf_puts(&t->sql, "WITH mz_rows AS (");
	if (!translate(t, def->sql, shape.length))
		return false;
	buf_puts(&t->sql, shape.changes && !shape.returning ? "\nRETURNING 1" : "");
	buf_puts(&t->sql, "\n) SELECT CASE WHEN count(*) = (");
	if (!translate(t, def->expect, n_expect))
		return false;
	buf_puts(&t->sql, ") THEN 0 ELSE ('mz-expect ' || (");
	if (!translate(t, def->expect, n_expect))
		return false;
	buf_puts(&t->sql, ") || ', got ' || count(*))::int END FROM mz_rows");
	return true;
}

static bool
make_room(struct db_stmts *stmts)
{
	size_t capacity = stmts->capacity ? 2 * stmts->capacity : 64;
	struct db_stmt **items;

	if (stmts->count < stmts->capacity)
		return true;
	if (stmts->count == DB_MAX_STATEMENTS)
		return false;
	items = realloc(stmts->items, capacity * sizeof(struct db_stmt *));
	if (!items)
		return false;
	stmts->items = items;
	stmts->capacity = capacity;
	return true;
}

static const struct db_stmt *
store_statement(struct db_stmts *stmts, struct translation *t)
{
	struct arena *arena = stmts->arena;
	struct db_stmt *stmt = ARENA_NEW(arena, struct db_stmt);
	struct db_param *params = ARENA_ARRAY(arena, struct db_param, t->n_params);
	bool ok = stmt && params && make_room(stmts);

	for (unsigned i = 0; ok && i < t->n_params; i++) {
		params[i] = t->params[i];
		params[i].name = arena_strdup(arena, t->names[i]);
		ok = params[i].name != NULL;
	}
	if (!ok)
		return NULL;
	*stmt = (struct db_stmt){
	    .label = arena_strdup(arena, t->def->label ? t->def->label : ""),
	    .sql = buf_text(&t->sql) ? arena_strdup(arena, buf_text(&t->sql)) : NULL,
	    .name = arena_printf(arena, "s%zu", stmts->count),
	    .row = t->def->row,
	    .value = t->def->value,
	    .params = params,
	    .n_params = (uint16_t)t->n_params,
	    .index = (uint16_t)stmts->count,
	};
	if (!stmt->label || !stmt->sql || !stmt->name)
		return NULL;
	stmts->items[stmts->count++] = stmt;
	return stmt;
}

const struct db_stmt *
db_stmts_add(struct db_stmts *stmts, const struct db_stmt_def *definition,
	     struct db_fault *ret_fault)
{
	struct db_stmt_def def = *definition;
	const struct db_stmt *stmt = NULL;
	struct translation *t = calloc(1, sizeof *t);

	*ret_fault = (struct db_fault){.text = "内存不足，或者语句太多、太长"};
	if (!t)
		return NULL;
	if (!def.sql_length)
		def.sql_length = strlen(def.sql);
	t->def = &def;
	t->fault = ret_fault;
	buf_init(&t->sql, NULL, DB_MAX_SQL);
	if (def.n_sources <= DB_MAX_SOURCES && translate_all(t))
		stmt = store_statement(stmts, t);
	buf_free(&t->sql);
	free(t);
	return stmt;
}

/* The field that a column fills; a path through a list has no single place. */
static struct db_path
column_path(const ProtobufCMessageDescriptor *row, const char *name)
{
	struct db_path path = {.repeated = -1};
	const struct db_path none = path;

	if (!row || strlen(name) >= MAX_NAME || path_resolve(row, name, &path) != PATH_OK)
		return none;
	return path.repeated >= 0 && path.repeated != path.length - 1 ? none : path;
}

int
db_stmts_describe(struct db_stmts *stmts, size_t index, const struct db_description *d)
{
	struct db_stmt *stmt = stmts->items[index];
	struct db_param *params = ARENA_ARRAY(stmts->arena, struct db_param, stmt->n_params);
	struct db_column *columns = ARENA_ARRAY(stmts->arena, struct db_column, d->n_columns);

	if (!params || !columns || d->n_columns > DB_MAX_COLUMNS)
		return -ENOMEM;
	for (size_t i = 0; i < stmt->n_params; i++) {
		params[i] = stmt->params[i];
		params[i].oid = i < d->n_params ? d->param_oids[i] : 0;
		params[i].type = db_type_of(params[i].oid, &params[i].is_array);
	}
	for (size_t i = 0; i < d->n_columns; i++) {
		columns[i].name = arena_strdup(stmts->arena, d->column_names[i]);
		columns[i].oid = d->column_oids[i];
		columns[i].type = db_type_of(columns[i].oid, &columns[i].is_array);
		columns[i].path = column_path(stmt->row, d->column_names[i]);
		if (!columns[i].name)
			return -ENOMEM;
	}
	stmt->params = params;
	stmt->columns = columns;
	stmt->n_columns = (uint16_t)d->n_columns;
	stmt->described = true;
	stmt->broken = NULL;
	return 0;
}

int
db_stmts_mark_broken(struct db_stmts *stmts, size_t index, const char *why)
{
	struct db_stmt *stmt = stmts->items[index];

	stmt->broken = arena_strdup(stmts->arena, why);
	return stmt->broken ? 0 : -ENOMEM;
}

bool
db_stmt_uses(const struct db_stmt *stmt, const struct db_source *sources, const char *prefix,
	     const char *field)
{
	for (size_t i = 0; i < stmt->n_params; i++) {
		const struct db_param *param = &stmt->params[i];
		const char *has = sources[param->source].prefix;

		if ((has == NULL) == (prefix == NULL) && (!has || strcmp(has, prefix) == 0) &&
		    strcmp(param->path.field[0]->name, field) == 0)
			return true;
	}
	return false;
}
