/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: SQL text with names instead of $1.
 *
 * A set of statements belongs to one program and is filled once at start. Each `:name` is resolved
 * to a field of one of the caller's messages when the statement is added; its type is learnt from
 * the server when the first connection describes it (pool.h). Placeholders:
 *
 *     :name             the first source without a prefix that has this field
 *     :person.name      a path; through a repeated message it is an array, one item a message
 *     :caller.tenant    a source with the prefix `caller`
 *     :blind(path)      blind index of a text, made by the codec (bind.h)
 *
 * Casts (`::`), array slices, string literals, quoted names, dollar quotes and comments are left
 * alone. Colons of a slice need a space or a number behind them (`a[1:3]`, `a[i : j]`).
 */
#ifndef MZ_DB_STMT_H
#define MZ_DB_STMT_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db_stmts;
struct db_type;

enum {
	DB_MAX_PARAMS = 64,
	DB_MAX_COLUMNS = 128,
	DB_MAX_PATH = 6,
	DB_MAX_SOURCES = 8,
	DB_MAX_STATEMENTS = 2048,
	DB_MAX_SQL = 64 << 10,
};

/* Where names come from. Sources are tried in order; at execution one message is given for each. */
struct db_source {
	const char *prefix; /* NULL: bare names */
	const ProtobufCMessageDescriptor *type;
};

struct db_path {
	const ProtobufCFieldDescriptor *field[DB_MAX_PATH];
	uint8_t length;
	/* Index of the repeated field in the path, or -1. At most one; the value is then an array.
	 */
	int8_t repeated;
};

struct db_param {
	const char *name; /* as written, without the colon */
	struct db_path path;
	uint8_t source;
	bool blind;
	bool is_array;
	uint32_t oid;               /* 0 until described */
	const struct db_type *type; /* of the item when it is an array; NULL: cannot be bound */
};

struct db_column {
	const char *name;
	struct db_path path; /* length 0: no field of this name */
	bool is_array;
	uint32_t oid;
	const struct db_type *type;
};

struct db_stmt {
	const char *label; /* for people: "GetApplication reply" */
	const char *sql;   /* with $1, $2, … */
	const char *name;  /* of the prepared statement */
	const ProtobufCMessageDescriptor *row;
	const ProtobufCFieldDescriptor *value;
	const struct db_param *params;
	const struct db_column *columns; /* NULL until described */
	uint16_t n_params, n_columns, index;
	bool described;
	const char *broken; /* why the server refused to prepare it; NULL when it did not */
};

struct db_stmt_def {
	const char *label;
	const char *sql;
	size_t sql_length; /* 0: sql is a C string */
	const struct db_source *sources;
	size_t n_sources;
	/* What the columns fill: a message by field names, or one field by the only column; or
	 * neither. */
	const ProtobufCMessageDescriptor *row;
	const ProtobufCFieldDescriptor *value;
	/* SQL expression of the row count that must be touched: "1", or
	 * "cardinality(:rows.id::uuid[])"; NULL: any. Another count raises, which ends the
	 * transaction with DB_EXPECTATION (design §4). */
	const char *expect;
};

/* A fault in a statement's text, for the person who wrote it. */
struct db_fault {
	size_t offset; /* in def->sql */
	char text[256];
};

/* NULL when there is no memory. */
struct db_stmts *db_stmts_new(void);
void db_stmts_free(struct db_stmts *stmts);

/* Adds one statement; the text is copied, descriptors must outlive the set. NULL with *ret_fault
 * when a name is unknown, a bound is reached or a quote is not closed. */
const struct db_stmt *db_stmts_add(struct db_stmts *stmts, const struct db_stmt_def *def,
				   struct db_fault *ret_fault);
size_t db_stmts_count(const struct db_stmts *stmts);
const struct db_stmt *db_stmts_at(const struct db_stmts *stmts, size_t index);

/* What the server said about a prepared statement; called by the pool and by check. The path of a
 * column is looked up in def->row. */
struct db_description {
	const uint32_t *param_oids;
	size_t n_params;
	const char *const *column_names;
	const uint32_t *column_oids;
	size_t n_columns;
};
/* 0 or -ENOMEM. */
int db_stmts_describe(struct db_stmts *stmts, size_t index, const struct db_description *d);
int db_stmts_mark_broken(struct db_stmts *stmts, size_t index, const char *why);

/* Does the statement name a source's field, e.g. 'caller', 'divisions'? (prefix NULL: a bare name.)
 */
bool db_stmt_uses(const struct db_stmt *stmt, const struct db_source *sources, const char *prefix,
		  const char *field);

/*
 * Compares a described statement with its descriptors: every parameter and column must have a field
 * of a type that can be bound (bind.h), every column a field. Calls report once a mismatch and
 * returns their number.
 */
int db_stmt_check(const struct db_stmt *stmt,
		  void (*report)(void *data, const struct db_stmt *stmt, const char *text),
		  void *data);

#endif
