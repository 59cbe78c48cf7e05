/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding both ways: PostgreSQL itself says what it understood, by casting the parameter to text.
 */
#include "db_test.h"

#include <stdio.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "google/type/date.pb-c.h"

static const struct db_source row_source[] = {{NULL, &db_row__descriptor}};

static Date a_day = DATE__INIT;
static Google__Protobuf__Timestamp an_instant = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

/* -- a codec that can be looked through
 * ------------------------------------------------------------ */

static enum db_outcome
seal(void *data, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *owner,
     const void *clear, size_t length, struct arena *arena, const void **ret_bytes,
     size_t *ret_length)
{
	const char *id = owner->descriptor == &db_row__descriptor ? ((const DbRow *)owner)->id
								  : ((const DbItem *)owner)->id;
	char *sealed =
	    arena_printf(arena, "%s|%s|%.*s", field->name, id, (int)length, (const char *)clear);

	(void)data;
	*ret_bytes = sealed;
	*ret_length = strlen(sealed);
	return DB_OK;
}

static enum db_outcome
open_sealed(void *data, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *owner,
	    const void *bytes, size_t length, struct arena *arena, void **ret_clear,
	    size_t *ret_length)
{
	char *expected = arena_printf(arena, "%s|%s|", field->name, ((const DbRow *)owner)->id);
	size_t n = strlen(expected);

	(void)data;
	if (length < n || memcmp(bytes, expected, n) != 0)
		return DB_BAD_VALUE; /* bound to another row */
	*ret_clear = arena_strndup(arena, (const char *)bytes + n, length - n);
	*ret_length = length - n;
	return DB_OK;
}

static enum db_outcome
blind(void *data, const ProtobufCFieldDescriptor *field, const char *text, struct arena *arena,
      const void **ret_bytes, size_t *ret_length)
{
	(void)data;
	(void)field;
	*ret_bytes = arena_printf(arena, "blind %s", text);
	*ret_length = strlen(*ret_bytes);
	return DB_OK;
}

/* JSON of items only, as far as the test needs it. */
static enum db_outcome
to_json(void *data, const ProtobufCMessage *message, struct arena *arena, const char **ret_text,
	size_t *ret_length)
{
	(void)data;
	*ret_text = arena_printf(arena, "{\"id\": \"%s\"}", ((const DbItem *)message)->id);
	*ret_length = strlen(*ret_text);
	return DB_OK;
}

static enum db_outcome
from_json(void *data, const ProtobufCMessageDescriptor *type, const char *text, size_t length,
	  struct arena *arena, ProtobufCMessage **ret_message)
{
	DbRow *row = arena_alloc(arena, sizeof *row);

	(void)data;
	assert_ptr_equal(type, &db_row__descriptor);
	assert_string_equal(text, "{\"items\":[{\"id\": \"a\"}, {\"id\": \"b\"}]}");
	assert_int_equal(length, strlen(text));
	db_row__init(row);
	row->n_items = 2;
	row->items = arena_zalloc(arena, 2, sizeof(DbItem *));
	for (int i = 0; i < 2; i++) {
		row->items[i] = arena_alloc(arena, sizeof(DbItem));
		db_item__init(row->items[i]);
		row->items[i]->id = i ? "b" : "a";
	}
	*ret_message = &row->base;
	return DB_OK;
}

static const struct db_codec codec = {seal, open_sealed, blind, to_json, from_json, NULL, NULL};

/* -- running one statement
 * ------------------------------------------------------------------------- */

struct outcome {
	struct answer answer;
	enum db_outcome bound, filled;
	DbRow *row;
	char text[256];
};

static void
filled(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct outcome *o = data;
	struct db_error fill_error = {.text = ""};

	o->answer.is_there = true;
	o->answer.outcome = error ? error->outcome : DB_OK;
	if (error) {
		snprintf(o->text, sizeof o->text, "%s", error->text);
		return;
	}
	assert_int_equal(n_results, 1);
	o->row = arena_alloc(t.arena, sizeof *o->row);
	db_row__init(o->row);
	if (results[0].n_rows)
		o->filled =
		    db_fill_row(&results[0], 0, &codec, t.arena, &o->row->base, &fill_error);
	snprintf(o->text, sizeof o->text, "%s", fill_error.text);
}

static const struct db_stmt *
statement(const char *sql)
{
	struct db_stmt_def def = {.label = sql,
				  .sql = sql,
				  .sources = row_source,
				  .n_sources = 1,
				  .row = &db_row__descriptor};
	struct db_fault fault;
	const struct db_stmt *stmt = db_stmts_add(t.stmts, &def, &fault);

	if (!stmt)
		fail_msg("%s: %s", sql, fault.text);
	return stmt;
}

/* Executes it with this row, and reads the first row back. */
static struct outcome
execute(const struct db_stmt *stmt, const DbRow *row)
{
	const ProtobufCMessage *messages[] = {row ? &row->base : NULL};
	struct outcome o = {0};
	struct db_query query;
	struct db_error error;
	enum db_outcome refused;

	if (stmt->broken)
		fail_msg("%s: %s", stmt->sql, stmt->broken);
	o.bound = db_bind(stmt, messages, &codec, t.arena, &query, &error);
	if (o.bound != DB_OK) {
		snprintf(o.text, sizeof o.text, "%s", error.text);
		return o;
	}
	db_read_start(t.pool, &query, 1, INT64_MAX, filled, &o, &refused);
	db_test_wait(&o.answer);
	return o;
}

static struct outcome
execute_well(const struct db_stmt *stmt, const DbRow *row)
{
	struct outcome o = execute(stmt, row);

	if (o.bound != DB_OK || o.answer.outcome != DB_OK || o.filled != DB_OK)
		fail_msg("%s: %s", stmt->label, o.text);
	return o;
}

/* -- values
 * ---------------------------------------------------------------------------------------- */

static char *
uuid(void)
{
	return "0123abcd-4567-89ef-0123-456789abcdef";
}

static void
fill_all(DbRow *row)
{
	static int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
	static char *names[] = {"张三", "", "o'x\\"};
	static DbRow__Colour colours[] = {DB_ROW__COLOUR__GREEN, DB_ROW__COLOUR__RED};
	static Date *days[] = {&a_day, &a_day};

	a_day.year = 2024;
	a_day.month = 2;
	a_day.day = 29;
	an_instant.seconds = 1709164800;
	an_instant.nanos = 123456000;
	row->id = uuid();
	row->small = -7;
	row->big = INT64_MIN;
	row->unsigned_big = INT64_MAX;
	row->yes = true;
	row->name = "民政局";
	row->blob = (ProtobufCBinaryData){3, (uint8_t *)"\0\1\377"};
	row->ratio = -0.1;
	row->colour = DB_ROW__COLOUR__GREEN;
	row->born_on = &a_day;
	row->made_at = &an_instant;
	row->unsigned_small = UINT32_MAX;
	row->json = "{\"a\": 1}";
	row->n_numbers = 3;
	row->numbers = numbers;
	row->n_names = 3;
	row->names = names;
	row->n_colours = 2;
	row->colours = colours;
	row->n_days = 2;
	row->days = days;
}

struct type_case {
	const char *field, *type, *text;
};

/* The server says what it read; what it sent back, sent again, is the same. */
static void
each_type_both_ways(void **state)
{
	static const struct type_case cases[] = {
	    {"yes", "bool", "true"},
	    {"small", "int2", "-7"},
	    {"small", "int4", "-7"},
	    {"small", "int8", "-7"},
	    {"small", "numeric", "-7"},
	    {"big", "int8", "-9223372036854775808"},
	    {"big", "numeric", "-9223372036854775808"},
	    {"unsigned_big", "int8", "9223372036854775807"},
	    {"unsigned_big", "numeric", "9223372036854775807"},
	    {"unsigned_small", "int8", "4294967295"},
	    {"name", "text", "民政局"},
	    {"name", "varchar", "民政局"},
	    {"name", "bpchar", "民政局"},
	    {"id", "uuid", "0123abcd-4567-89ef-0123-456789abcdef"},
	    {"id", "text", "0123abcd-4567-89ef-0123-456789abcdef"},
	    {"blob", "bytea", "\\x0001ff"},
	    {"ratio", "float8", "-0.1"},
	    {"colour", "text", "GREEN"},
	    {"colour", "int2", "2"},
	    {"born_on", "date", "2024-02-29"},
	    {"made_at", "timestamptz", "2024-02-29 08:00:00.123456+08"},
	    {"json", "jsonb", "{\"a\": 1}"},
	    {"json", "json", "{\"a\": 1}"},
	    {"numbers", "int8[]", "{-9223372036854775808,0,9223372036854775807}"},
	    {"numbers", "numeric[]", "{-9223372036854775808,0,9223372036854775807}"},
	    {"names", "text[]", "{张三,\"\",\"o'x\\\\\"}"},
	    {"colours", "text[]", "{GREEN,RED}"},
	    {"days", "date[]", "{2024-02-29,2024-02-29}"},
	};
	const struct db_stmt *stmts[UNIT_COUNT(cases)];
	DbRow row = DB_ROW__INIT;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const struct type_case *c = &cases[i];
		char sql[256];

		snprintf(sql, sizeof sql, "SELECT :%s::%s AS %s, :%s::%s::text AS note", c->field,
			 c->type, c->field, c->field, c->type);
		stmts[i] = statement(sql);
	}
	db_test_open(NULL);
	fill_all(&row);
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct outcome o = execute_well(stmts[i], &row);

		assert_string_equal(o.row->note, cases[i].text);
		o = execute_well(stmts[i], o.row);
		assert_string_equal(o.row->note, cases[i].text);
	}
}

static void
null_both_ways(void **state)
{
	static const char sql[] =
	    "SELECT :maybe::int8 AS maybe, :born_on::date AS born_on, :id::uuid AS id,"
	    " :note::text AS note, :secret::bytea AS secret, :item.due_on::date AS \"item.due_on\","
	    " num_nulls(:maybe::int8, :born_on::date, :made_at::timestamptz, :id::uuid, "
	    ":note::text,"
	    "  :secret::bytea, :item.id::text, :item.due_on::date, :blind(name)) AS small,"
	    " num_nulls(:name::text, :big::int8, :yes::bool, :colour::text, :names::text[],"
	    "  :blob::bytea) AS big, :names::text[] AS names";
	const struct db_stmt *stmt = statement(sql);
	DbRow row = DB_ROW__INIT;
	struct outcome o;

	(void)state;
	db_test_open(NULL);
	o = execute_well(stmt, &row);
	assert_int_equal(o.row->small, 9);
	assert_int_equal(o.row->big, 0);
	assert_int_equal(o.row->_maybe_case, DB_ROW___MAYBE__NOT_SET);
	assert_int_equal(o.row->_note_case, DB_ROW___NOTE__NOT_SET);
	assert_null(o.row->born_on);
	assert_null(o.row->item);
	assert_string_equal(o.row->id, "");
	assert_int_equal(o.row->n_names, 0);
	/* No message at all: everything is NULL. */
	o = execute_well(stmt, NULL);
	assert_int_equal(o.row->small + o.row->big, 15);
	row._maybe_case = DB_ROW___MAYBE_MAYBE;
	row.maybe = 0;
	row._note_case = DB_ROW___NOTE_NOTE;
	row.note = "";
	o = execute_well(stmt, &row);
	assert_int_equal(o.row->small, 7);
	assert_int_equal(o.row->_maybe_case, DB_ROW___MAYBE_MAYBE);
	assert_string_equal(o.row->note, "");
}

static void
lists_of_messages(void **state)
{
	const struct db_stmt *unnest = statement(
	    "SELECT string_agg(id || ':' || fen || ':' || coalesce(due::text, '-') || ':' ||"
	    " convert_from(secret, 'UTF8'), ' ') AS name FROM unnest(:items.id::text[],"
	    " :items.amount_fen::int8[], :items.due_on::date[], :items.secret::bytea[])"
	    " AS r(id, fen, due, secret)");
	const struct db_stmt *json =
	    statement("SELECT :items::jsonb AS items, :items::jsonb::text AS name");
	DbItem a = DB_ITEM__INIT, b = DB_ITEM__INIT;
	DbItem *items[] = {&a, &b};
	DbRow row = DB_ROW__INIT;
	struct outcome o;

	(void)state;
	a_day = (Date)DATE__INIT;
	a_day.year = 2024;
	a_day.month = a_day.day = 12;
	a.id = "a";
	a.amount_fen = 100;
	a.due_on = &a_day;
	a.secret = "x";
	b.id = "b";
	b.secret = "y";
	row.n_items = 2;
	row.items = items;
	db_test_open(NULL);
	o = execute_well(unnest, &row);
	assert_string_equal(o.row->name, "a:100:2024-12-12:secret|a|x b:0:-:secret|b|y");
	o = execute_well(json, &row);
	assert_string_equal(o.row->name, "[{\"id\": \"a\"}, {\"id\": \"b\"}]");
	assert_int_equal(o.row->n_items, 2);
	assert_string_equal(o.row->items[1]->id, "b");
	row.n_items = 0;
	o = execute_well(unnest, &row);
	assert_string_equal(o.row->name, "");
}

static void
sealed_texts(void **state)
{
	/* The id stands behind the secret; it is filled first all the same. */
	const struct db_stmt *sound =
	    statement("SELECT :secret::bytea AS secret, :small::bytea AS small,"
		      " :id::text AS id,"
		      " convert_from(:blind(name), 'UTF8') AS name");
	const struct db_stmt *moved = statement("SELECT :secret::bytea AS secret, 'another' AS id");
	DbRow row = DB_ROW__INIT;
	struct outcome o;

	(void)state;
	row.id = "r1";
	row.secret = "500199199001011234";
	row.name = "张三";
	row.small = -204;
	db_test_open(NULL);
	o = execute_well(sound, &row);
	assert_string_equal(o.row->secret, "500199199001011234");
	assert_int_equal(o.row->small, -204);
	assert_string_equal(o.row->name, "blind 张三");
	o = execute(moved, &row);
	assert_int_equal(o.filled, DB_BAD_VALUE);
}

static void
infinite_days_are_unset(void **state)
{
	const struct db_stmt *stmt = statement("SELECT 'infinity'::date AS born_on,"
					       " '-infinity'::timestamptz AS made_at");
	struct outcome o;

	(void)state;
	db_test_open(NULL);
	o = execute_well(stmt, NULL);
	assert_null(o.row->born_on);
	assert_null(o.row->made_at);
}

static void
instants_before_the_epochs(void **state)
{
	const struct db_stmt *stmt = statement("SELECT '1969-12-31 23:59:58.5Z'::timestamptz"
					       " AS made_at, '0001-01-01'::date AS born_on");
	struct outcome o;

	(void)state;
	db_test_open(NULL);
	o = execute_well(stmt, NULL);
	assert_int_equal(o.row->made_at->seconds, -2);
	assert_int_equal(o.row->made_at->nanos, 500000000);
	assert_int_equal(o.row->born_on->year, 1);
}

/* What does not fit is refused, never cut. */
static void
values_that_do_not_fit(void **state)
{
	static const char *const columns[] = {
	    "SELECT 2147483648::int8 AS small",
	    "SELECT (-1)::int4 AS unsigned_big",
	    "SELECT 4294967296::int8 AS unsigned_small",
	    "SELECT 1.5::numeric AS big",
	    "SELECT 0.0001::numeric AS big",
	    "SELECT 9223372036854775808::numeric AS big",
	    "SELECT 'NaN'::numeric AS big",
	    "SELECT 'BLUE'::text AS colour",
	    "SELECT ARRAY[1, NULL]::int8[] AS numbers",
	    "SELECT ARRAY[[1, 2], [3, 4]]::int8[] AS numbers",
	    "SELECT ARRAY['infinity']::date[] AS days",
	};
	const struct db_stmt *stmts[UNIT_COUNT(columns)], *large, *whole;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(columns); i++)
		stmts[i] = statement(columns[i]);
	whole = statement("SELECT 100000000.00::numeric AS big");
	large = statement("SELECT sum(9223372036854775807) AS big");
	db_test_open(NULL);
	for (size_t i = 0; i < UNIT_COUNT(columns); i++) {
		struct outcome o = execute(stmts[i], NULL);

		if (o.filled != DB_BAD_VALUE)
			fail_msg("%s: %s", columns[i], db_outcome_name(o.filled));
	}
	assert_int_equal(execute_well(whole, NULL).row->big, 100000000);
	assert_int_equal(execute_well(large, NULL).row->big, INT64_MAX);
}

static void
parameters_that_do_not_fit(void **state)
{
	const struct db_stmt *small = statement("SELECT :big::int2 AS big");
	const struct db_stmt *unsigned_big = statement("SELECT :unsigned_big::int8 AS big");
	const struct db_stmt *id = statement("SELECT :id::uuid AS id");
	const struct db_stmt *day = statement("SELECT :born_on::date AS born_on");
	const struct db_stmt *colour = statement("SELECT :colour::text AS name");
	const struct db_stmt *wrong = statement("SELECT :name::date AS born_on");
	DbRow row = DB_ROW__INIT;

	(void)state;
	a_day = (Date)DATE__INIT;
	a_day.year = 2023;
	a_day.month = 2;
	a_day.day = 29;
	row.big = 32768;
	row.unsigned_big = UINT64_MAX;
	row.id = "0123";
	row.born_on = &a_day;
	row.colour = 9;
	db_test_open(NULL);
	assert_int_equal(execute(small, &row).bound, DB_BAD_VALUE);
	assert_int_equal(execute(unsigned_big, &row).bound, DB_BAD_VALUE);
	assert_int_equal(execute(id, &row).bound, DB_BAD_VALUE);
	assert_int_equal(execute(day, &row).bound, DB_BAD_VALUE);
	assert_int_equal(execute(colour, &row).bound, DB_BAD_VALUE);
	assert_int_equal(execute(wrong, &row).bound, DB_BROKEN);
	row.big = -32768;
	assert_int_equal(execute_well(small, &row).row->big, -32768);
}

/* -- whole blocks
 * ---------------------------------------------------------------------------------- */

static DbFacts facts;

static void
fill_facts(void *data, const struct db_result *results, size_t n_results,
	   const struct db_error *error)
{
	struct answer *answer = data;
	static const char *const fields[] = {"row", "rows", "total", "names", "day"};
	struct db_error fill_error = {.text = ""};

	answer->is_there = true;
	assert_null(error);
	for (size_t i = 0; i < n_results; i++) {
		const ProtobufCFieldDescriptor *field =
		    protobuf_c_message_descriptor_get_field_by_name(&db_facts__descriptor,
								    fields[i]);

		if (db_fill_field(&results[i], &codec, t.arena, &facts.base, field, &fill_error) !=
		    DB_OK)
			fail_msg("%s: %s", fields[i], fill_error.text);
	}
}

static void
fields_from_rows(void **state)
{
	static const char *const sqls[] = {
	    "SELECT i AS big FROM generate_series(5, 7) AS i",
	    "SELECT i AS big, 'x' AS \"item.id\" FROM generate_series(1, :limit) AS i",
	    "SELECT sum(i) FROM generate_series(1, 4) AS i",
	    "SELECT 'n' || i FROM generate_series(1, 6) AS i",
	    "SELECT date '2024-12-02' WHERE :yes",
	};
	struct db_query queries[UNIT_COUNT(sqls)];
	DbRow row = DB_ROW__INIT;
	const ProtobufCMessage *messages[] = {&row.base};
	struct answer answer = {0};
	struct db_error error;
	enum db_outcome outcome;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(sqls); i++)
		queries[i].stmt = statement(sqls[i]);
	db_test_open(NULL);
	row.limit = 3;
	for (size_t i = 0; i < UNIT_COUNT(sqls); i++)
		assert_int_equal(
		    db_bind(queries[i].stmt, messages, &codec, t.arena, &queries[i], &error),
		    DB_OK);
	db_facts__init(&facts);
	db_read_start(t.pool, queries, UNIT_COUNT(sqls), INT64_MAX, fill_facts, &answer, &outcome);
	db_test_wait(&answer);
	assert_int_equal(facts.row->big, 5);
	assert_int_equal(facts.n_rows, 3);
	assert_int_equal(facts.rows[2]->big, 3);
	assert_string_equal(facts.rows[2]->item->id, "x");
	assert_int_equal(facts.total, 10);
	assert_int_equal(facts.n_names, 6);
	assert_string_equal(facts.names[5], "n6");
	assert_null(facts.day);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, db_test_new, db_test_close)
	const struct CMUnitTest tests[] = {
	    TEST(each_type_both_ways),     TEST(null_both_ways),
	    TEST(lists_of_messages),       TEST(sealed_texts),
	    TEST(infinite_days_are_unset), TEST(instants_before_the_epochs),
	    TEST(values_that_do_not_fit),  TEST(parameters_that_do_not_fit),
	    TEST(fields_from_rows),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
