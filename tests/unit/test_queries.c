/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of queries.sql (common/svc/queries.h). */
#include "svc/queries.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static const char good[] = "-- what this file is\n"
			   "\n"
			   "-- rpc GetX reply\n"
			   "SELECT id -- the key\n"
			   "  FROM x WHERE id = :id;\n"
			   "-- rpc PutX load x\n"
			   "SELECT 1 FOR UPDATE\n"
			   "-- rpc PutX store expect 1\n"
			   "UPDATE x SET a = ';' WHERE id = :id ;\n"
			   "-- rpc PutX store expect cardinality(:rows.id::uuid[])\n"
			   "INSERT INTO y SELECT 1\n"
			   "-- rpc PutX event relief.x.changed\n"
			   "-- rpc PutX event relief.x.gone lost\n";

static int
parse(struct arena *arena, const char *text, struct queries *ret_queries, const char **ret_error)
{
	*ret_error = NULL;
	return queries_parse(arena, "q.sql", text, ret_queries, ret_error);
}

static void
blocks_are_split_at_their_heads(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct queries q;
	const char *error;

	(void)state;
	assert_int_equal(parse(arena, good, &q, &error), 0);
	assert_int_equal(q.n_blocks, 6);
	assert_string_equal(q.blocks[0].rpc, "GetX");
	assert_int_equal(q.blocks[0].step, QUERIES_REPLY);
	assert_null(q.blocks[0].field);
	assert_string_equal(q.blocks[0].sql, "SELECT id -- the key\n  FROM x WHERE id = :id");
	assert_int_equal(q.blocks[0].line, 3);
	assert_string_equal(q.blocks[1].field, "x");
	assert_string_equal(q.blocks[2].expect, "1");
	assert_string_equal(q.blocks[2].sql, "UPDATE x SET a = ';' WHERE id = :id ");
	assert_string_equal(q.blocks[3].expect, "cardinality(:rows.id::uuid[])");
	assert_string_equal(q.blocks[4].event, "relief.x.changed");
	assert_null(q.blocks[4].field);
	assert_string_equal(q.blocks[5].field, "lost");
	assert_string_equal(q.blocks[5].sql, "");
	arena_free(arena);
}

static void
blocks_of_an_rpc_are_found_in_order(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const struct queries_block *first, *second;
	struct queries q;
	const char *error;

	(void)state;
	assert_int_equal(parse(arena, good, &q, &error), 0);
	first = queries_next(&q, "PutX", QUERIES_STORE, NULL);
	assert_ptr_equal(first, &q.blocks[2]);
	second = queries_next(&q, "PutX", QUERIES_STORE, first);
	assert_ptr_equal(second, &q.blocks[3]);
	assert_null(queries_next(&q, "PutX", QUERIES_STORE, second));
	assert_null(queries_next(&q, "Put", QUERIES_STORE, NULL));
	arena_free(arena);
}

static void
heads_above_each_other_share_a_statement(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct queries q;
	const char *error;

	(void)state;
	assert_int_equal(parse(arena,
			       "-- rpc A store expect 1\n-- rpc B store\nUPDATE x\n"
			       "-- rpc A event a.b\n-- rpc B event a.b\n",
			       &q, &error),
			 0);
	assert_int_equal(q.n_blocks, 4);
	assert_string_equal(q.blocks[0].sql, "UPDATE x");
	assert_string_equal(q.blocks[0].expect, "1");
	assert_string_equal(q.blocks[1].sql, "UPDATE x");
	assert_null(q.blocks[1].expect);
	arena_free(arena);
}

static void
a_mistake_is_named_by_line(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	    {"SELECT 1\n-- rpc A reply\nSELECT 1", "q.sql:2: SQL before"},
	    {"SELECT 1\n", "q.sql:1: SQL without"},
	    {"\n-- rpc 1A reply\nSELECT 1", "q.sql:2: `-- rpc` needs"},
	    {"-- rpc A replies\nSELECT 1", "q.sql:1: `replies` is none of"},
	    {"-- rpc A reply a-b\nSELECT 1", "q.sql:1: `a-b` is not a field name"},
	    {"-- rpc A reply a b\nSELECT 1", "q.sql:1: too many words"},
	    {"-- rpc A store a\nSELECT 1", "q.sql:1: `a`: after `store`"},
	    {"-- rpc A store expect \nSELECT 1", "q.sql:1: `expect` needs"},
	    {"-- rpc A event Changed\n", "q.sql:1: an event's type"},
	    {"-- rpc A event a..b\n", "q.sql:1: an event's type"},
	    {"-- rpc A event a.b\nSELECT 1", "q.sql:1: an event has no SQL"},
	    {"-- rpc A load\n-- nothing\n\n-- rpc A store\nSELECT 1", "q.sql:1: A load has no SQL"},
	    {"-- rpc A load\n-- rpc A event a.b\n", "q.sql:1: A load has no SQL"},
	    {"-- rpc A load\n-- rpc A store\n", "q.sql:2: A store has no SQL"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct queries q = {0};
		const char *error;

		assert_int_equal(parse(arena, cases[i].text, &q, &error), -EINVAL);
		if (strncmp(error, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("%s\n  instead of %s", error, cases[i].error);
		assert_null(q.blocks);
		arena_free(arena);
	}
}

static void
no_memory_is_said(void **state)
{
	(void)state;
	for (size_t budget = 0; budget < 1024; budget += 16) {
		struct arena *arena = arena_new(budget);
		struct queries q;
		const char *error;
		int r = parse(arena, good, &q, &error);

		assert_true(r == 0 || r == -ENOMEM);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_are_split_at_their_heads),
	    cmocka_unit_test(blocks_of_an_rpc_are_found_in_order),
	    cmocka_unit_test(heads_above_each_other_share_a_statement),
	    cmocka_unit_test(a_mistake_is_named_by_line),
	    cmocka_unit_test(no_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
