/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of statements against schema and descriptors.
 */
#include "db_test.h"

#include <stdio.h>
#include <string.h>

#include "db/migrate.h"

static char faults[16][256];
static int n_faults;

static void
note_fault(void *data, const char *text)
{
	(void)data;
	assert_true(n_faults < 16);
	snprintf(faults[n_faults++], sizeof faults[0], "%s", text);
}

static void
check_finds_mismatches(void **state)
{
	static const struct {
		const char *sql, *fault;
	} cases[] = {
	    {"SELECT 1 AS big", NULL},
	    {"SELECT id FROM no_such_table", "no_such_table"},
	    {"SELECT 1 AS no_such_field", "no_such_field"},
	    {"SELECT now() AS big", "timestamptz"},
	    {"SELECT :name::int8 AS big", "bigint"},
	    {"SELECT :names::text AS name", "text"},
	    {"SELECT :blind(small) AS blob", "blind(small)"},
	    {"SELECT '1 day'::interval AS name", "oid 1186"},
	    {"SELECT ARRAY[1] AS big", "integer[]"},
	    {"SELECT 'x' AS \"item.id\", :items.id::text[] AS names", NULL},
	};

	db_test_new(state);
	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		db_test_stmt(cases[i].sql);
	n_faults = 0;
	assert_int_equal(db_check(t.conninfo, NULL, t.stmts, note_fault, NULL), 8);
	for (size_t i = 0, f = 0; i < UNIT_COUNT(cases); i++) {
		if (!cases[i].fault)
			continue;
		if (!strstr(faults[f], cases[i].fault) || !strstr(faults[f], cases[i].sql))
			fail_msg("%s: expected %s", faults[f], cases[i].fault);
		f++;
	}
	db_stmts_free(t.stmts);
	arena_free(t.arena);
	event_base_free(t.base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_finds_mismatches),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
