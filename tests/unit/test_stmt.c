/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: what is a placeholder and what is not, where names lead, faults and their places.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/lex.h"
#include "db/sqlstate.h"
#include "db/stmt.h"
#include "db_test.pb-c.h"

static const struct db_source sources[] = {
    {NULL, &db_item__descriptor}, /* `id` and `amount_fen` are first found here */
    {NULL, &db_row__descriptor},
    {"caller", &db_caller__descriptor},
};

static struct db_stmt_def
definition(const char *sql)
{
	return (struct db_stmt_def){
	    .label = "test", .sql = sql, .sources = sources, .n_sources = UNIT_COUNT(sources)};
}

static void
names_become_numbers(void **state)
{
	static const struct {
		const char *sql, *expected;
	} cases[] = {
	    {"SELECT :id", "SELECT $1"},
	    {"SELECT :id;", "SELECT $1"},
	    {"SELECT a$b, :id", "SELECT a$b, $1"},
	    {"SELECT :id ; -- done\n", "SELECT $1"},
	    {":id, :name, :id", "$1, $2, $1"},
	    {"SELECT :id::uuid::text", "SELECT $1::uuid::text"},
	    {"SELECT a::int8, :big", "SELECT a::int8, $1"},
	    {"SELECT ':id' || \":name\" || E'\\':id' || 'it''s :id'",
	     "SELECT ':id' || \":name\" || E'\\':id' || 'it''s :id'"},
	    {"SELECT $$ :id $$, $x$ :id $$ $x$, :id", "SELECT $$ :id $$, $x$ :id $$ $x$, $1"},
	    {"SELECT /* :id /* :name */ */ :id -- :name\n", "SELECT /* :id /* :name */ */ $1"},
	    {"SELECT a[1:3], a[i : j], :id", "SELECT a[1:3], a[i : j], $1"},
	    {"f(x := :big)", "f(x := $1)"},
	    {"tenant = :caller.tenant AND d = ANY(:caller.divisions)",
	     "tenant = $1 AND d = ANY($2)"},
	    {"(:item.due_on).x + :item.amount_fen", "($1).x + $2"},
	    {"unnest(:items.id::uuid[], :numbers::int8[])", "unnest($1::uuid[], $2::int8[])"},
	    {"k = :blind(name) OR k = :blind(item.secret) OR :name", "k = $1::bytea OR k = "
								     "$2::bytea OR $3"},
	    {"k = ANY(:blind(items.secret))", "k = ANY($1::bytea[])"},
	    {"SELECT 'é中文', :id", "SELECT 'é中文', $1"},
	    {"SELECT 1e5:: int, x.:id", "SELECT 1e5:: int, x.$1"},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct db_stmts *stmts = db_stmts_new();
		struct db_stmt_def def = definition(cases[i].sql);
		struct db_fault fault;
		const struct db_stmt *stmt = db_stmts_add(stmts, &def, &fault);

		if (!stmt)
			fail_msg("%s: %s", cases[i].sql, fault.text);
		assert_string_equal(stmt->sql, cases[i].expected);
		db_stmts_free(stmts);
	}
}

static void
faults_have_a_place(void **state)
{
	static const struct {
		const char *sql;
		size_t offset;
		const char *text;
	} cases[] = {
	    {"SELECT :id, :nobody", 13, "nobody"},
	    {"SELECT :items.nobody", 8, "items.nobody"},
	    {"SELECT :caller.nobody", 8, "caller.nobody"},
	    {"SELECT :name.first", 8, "name.first"},
	    {"SELECT 'open", 7, "没有结束"},
	    {"SELECT $x$ open $y$", 7, "没有结束"},
	    {"SELECT /* open", 7, "没有结束"},
	    {"SELECT $1", 7, ":名字"},
	    {"SELECT :blind(name", 14, "右括号"},
	    {"  -- nothing\n ;", 0, "空"},
	    {"SELECT 1; SELECT 2", 0, "一条语句"},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct db_stmts *stmts = db_stmts_new();
		struct db_stmt_def def = definition(cases[i].sql);
		struct db_fault fault;

		assert_null(db_stmts_add(stmts, &def, &fault));
		if (!strstr(fault.text, cases[i].text) || fault.offset != cases[i].offset)
			fail_msg("%s: at %zu: %s", cases[i].sql, fault.offset, fault.text);
		assert_int_equal(db_stmts_count(stmts), 0);
		db_stmts_free(stmts);
	}
}

static void
paths_lead_to_fields(void **state)
{
	struct db_stmts *stmts = db_stmts_new();
	struct db_stmt_def def = definition(":items.due_on :id :name :caller.divisions :item.id");
	struct db_fault fault;
	const struct db_stmt *s = db_stmts_add(stmts, &def, &fault);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->n_params, 5);
	assert_int_equal(s->params[0].source, 1);
	assert_int_equal(s->params[0].path.length, 2);
	assert_int_equal(s->params[0].path.repeated, 0);
	assert_string_equal(s->params[0].path.field[1]->name, "due_on");
	assert_int_equal(s->params[1].source, 0);
	assert_int_equal(s->params[1].path.repeated, -1);
	assert_int_equal(s->params[2].source, 1);
	assert_int_equal(s->params[3].source, 2);
	assert_int_equal(s->params[3].path.repeated, 0);
	assert_true(db_stmt_uses(s, sources, "caller", "divisions"));
	assert_false(db_stmt_uses(s, sources, "caller", "tenant"));
	assert_false(db_stmt_uses(s, sources, NULL, "divisions"));
	assert_true(db_stmt_uses(s, sources, NULL, "items"));
	db_stmts_free(stmts);
}

static void
an_expected_count_is_wrapped(void **state)
{
	static const struct {
		const char *sql, *expect, *begins;
	} cases[] = {
	    {"UPDATE x SET a = :big WHERE id = :id", "1",
	     "WITH mz_rows AS (UPDATE x SET a = $1 WHERE id = $2\nRETURNING 1\n) SELECT CASE WHEN "
	     "count(*) = (1)"},
	    {"INSERT INTO x SELECT unnest(:numbers::int8[]) -- all\n;", "cardinality(:numbers)",
	     "WITH mz_rows AS (INSERT INTO x SELECT unnest($1::int8[])\nRETURNING 1\n) SELECT CASE "
	     "WHEN count(*) = (cardinality($1))"},
	    {"DELETE FROM x RETURNING id", "1",
	     "WITH mz_rows AS (DELETE FROM x RETURNING id\n) SELECT"},
	    {"WITH a AS (SELECT 1) UPDATE x SET b = 1", "2",
	     "WITH mz_rows AS (WITH a AS (SELECT 1) UPDATE x SET b = 1\nRETURNING 1\n) SELECT"},
	    {"SELECT 1 FROM x FOR UPDATE", "1",
	     "WITH mz_rows AS (SELECT 1 FROM x FOR UPDATE\n) SELECT"},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct db_stmts *stmts = db_stmts_new();
		struct db_stmt_def def = definition(cases[i].sql);
		struct db_fault fault;
		const struct db_stmt *stmt;

		def.expect = cases[i].expect;
		stmt = db_stmts_add(stmts, &def, &fault);
		assert_non_null(stmt);
		if (strncmp(stmt->sql, cases[i].begins, strlen(cases[i].begins)) != 0)
			fail_msg("%s", stmt->sql);
		db_stmts_free(stmts);
	}
}

static void
bounds_hold(void **state)
{
	struct db_stmts *stmts = db_stmts_new();
	char *text = calloc(1, DB_MAX_SQL + 100);
	struct db_stmt_def def;
	struct db_fault fault;

	(void)state;
	memset(text, ' ', DB_MAX_SQL + 50);
	memcpy(text, "SELECT", 6);
	text[DB_MAX_SQL + 40] = '1';
	def = definition(text);
	assert_null(db_stmts_add(stmts, &def, &fault));
	for (int i = 0; i < DB_MAX_STATEMENTS; i++) {
		def = definition("SELECT :id");
		assert_non_null(db_stmts_add(stmts, &def, &fault));
	}
	assert_null(db_stmts_add(stmts, &def, &fault));
	assert_int_equal(db_stmts_count(stmts), DB_MAX_STATEMENTS);
	memset(text, ':', 1);
	memset(text + 1, 'a', 500);
	text[501] = '\0';
	def = definition(text);
	assert_null(db_stmts_add(stmts, &def, &fault));
	free(text);
	db_stmts_free(stmts);
}

static bool
add_one(void *context)
{
	struct db_stmts *stmts = db_stmts_new();
	struct db_stmt_def def = definition("SELECT :id, :name, :caller.tenant");
	struct db_fault fault;
	bool ok = stmts && db_stmts_add(stmts, &def, &fault);

	(void)context;
	db_stmts_free(stmts);
	return ok;
}

static void
memory_may_fail(void **state)
{
	(void)state;
	assert_int_equal(alloc_fail_each(add_one, NULL), 0);
}

static void
sqlstates(void **state)
{
	static const struct {
		const char *code, *text;
		enum db_outcome outcome;
	} cases[] = {
	    {"40001", NULL, DB_CONFLICT},
	    {"40P01", NULL, DB_CONFLICT},
	    {"23505", NULL, DB_UNIQUE},
	    {"23503", NULL, DB_FOREIGN_KEY},
	    {"23514", NULL, DB_CHECK},
	    {"23P01", NULL, DB_EXCLUSION},
	    {"57014", NULL, DB_TIMEOUT},
	    {"57P01", NULL, DB_UNAVAILABLE},
	    {"53100", NULL, DB_DISK_FULL},
	    {"53300", NULL, DB_UNAVAILABLE},
	    {"08006", NULL, DB_UNAVAILABLE},
	    {"42501", NULL, DB_DENIED},
	    {"42P01", NULL, DB_BROKEN},
	    {"22P02", "invalid input syntax for type integer: \"x\"", DB_BAD_VALUE},
	    {"22P02", "invalid input syntax for type integer: \"mz-expect 1, got 0\"",
	     DB_EXPECTATION},
	    {"22P02", NULL, DB_BAD_VALUE},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		assert_int_equal(db_outcome_of(cases[i].code, cases[i].text), cases[i].outcome);
	assert_string_equal(db_outcome_name(DB_UNIQUE), "UNIQUE");
}

/* Any bytes are cut into pieces that make up the whole text. */
static void
the_lexer_takes_any_bytes(void **state)
{
	static const char alphabet[] = "':\"$-/*\\eEa1([ \n;.\xE4";
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		struct lexer lexer = {.text = text, .length = (size_t)round % sizeof text};
		struct lex_token token;
		size_t total = 0;

		for (size_t i = 0; i < lexer.length; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		do {
			token = lex_next(&lexer);
			assert_ptr_equal(token.text, text + total);
			assert_true(token.kind == LEX_END || token.length > 0);
			total += token.length;
		} while (token.kind != LEX_END);
		assert_int_equal(total, lexer.length);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_become_numbers),
	    cmocka_unit_test(faults_have_a_place),
	    cmocka_unit_test(paths_lead_to_fields),
	    cmocka_unit_test(an_expected_count_is_wrapped),
	    cmocka_unit_test(bounds_hold),
	    cmocka_unit_test(memory_may_fail),
	    cmocka_unit_test(sqlstates),
	    cmocka_unit_test(the_lexer_takes_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
