/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrations: once each, in order, whole or not at all, by two starters at once.
 */
#include "db_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/migrate.h"

static char lines[32][512];
static int n_lines;

static void
note_line(void *data, const char *text)
{
	(void)data;
	if (n_lines < 32)
		snprintf(lines[n_lines++], sizeof lines[0], "%s", text);
}

static enum db_migrate_result
migrate(const char *const *names_and_texts, size_t n, size_t *ret_n_run)
{
	struct db_migration files[8];
	struct db_migrate_options options = {.conninfo = t.conninfo,
					     .schema = "Relief",
					     .files = files,
					     .n_files = n,
					     .report = note_line};

	n_lines = 0;
	for (size_t i = 0; i < n; i++)
		files[i] = (struct db_migration){names_and_texts[2 * i], names_and_texts[2 * i + 1],
						 strlen(names_and_texts[2 * i + 1])};
	return db_migrate(&options, ret_n_run);
}

static int
set_up(void **state)
{
	(void)state;
	return pg_run_sql("DROP SCHEMA IF EXISTS \"Relief\" CASCADE");
}

static void
each_file_once_in_order(void **state)
{
	const char *files[] = {
	    "0002_more.sql",
	    "-- migrate:up\nALTER TABLE a ADD b int;\n-- migrate:down\nDROP TABLE a;\n",
	    "0001_first.sql",
	    "-- about\n-- migrate:up\nCREATE TABLE a (x int); INSERT INTO a VALUES (1);\n",
	    "0003_apart.sql",
	    "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY ON a (b);\n",
	};
	size_t n_run;

	(void)state;
	assert_int_equal(migrate(files, 2, &n_run), DB_MIGRATE_OK);
	assert_int_equal(n_run, 2);
	assert_non_null(strstr(lines[0], "0001_first.sql"));
	assert_int_equal(migrate(files, 3, &n_run), DB_MIGRATE_OK);
	assert_int_equal(n_run, 1);
	assert_int_equal(migrate(files, 3, &n_run), DB_MIGRATE_OK);
	assert_int_equal(n_run, 0);
	assert_int_equal(pg_run_number("SELECT count(*) FROM \"Relief\".a WHERE b IS NULL"), 1);
	assert_int_equal(pg_run_number("SELECT count(*) FROM \"Relief\".schema_migrations"), 3);
}

static void
a_bad_file_leaves_nothing(void **state)
{
	const char *files[] = {
	    "0001.sql",
	    "-- migrate:up\nCREATE TABLE a (x int);\n\nCREATE TABLE b (中 int,\n y nonsense);\n",
	    "0002.sql",
	    "-- migrate:up\nCREATE TABLE c (x int);\n",
	};
	const char *headless[] = {"0001.sql", "CREATE TABLE a (x int);\n"};
	size_t n_run;

	(void)state;
	assert_int_equal(migrate(files, 2, &n_run), DB_MIGRATE_FAILED);
	assert_int_equal(n_run, 0);
	assert_non_null(strstr(lines[0], "0001.sql 第 5 行"));
	assert_non_null(strstr(lines[0], "nonsense"));
	assert_int_equal(pg_run_number("SELECT count(*) FROM pg_tables WHERE schemaname = 'Relief'"
				       " AND tablename <> 'schema_migrations'"),
			 0);
	assert_int_equal(migrate(headless, 1, &n_run), DB_MIGRATE_BAD_FILE);
}

static void
a_changed_file_is_found(void **state)
{
	const char *before[] = {"0001.sql", "-- migrate:up\nCREATE TABLE a (x int);\n"};
	const char *after[] = {"0001.sql", "-- migrate:up\nCREATE TABLE a (x bigint);\n"};
	size_t n_run;

	(void)state;
	assert_int_equal(migrate(before, 1, &n_run), DB_MIGRATE_OK);
	assert_int_equal(migrate(after, 1, &n_run), DB_MIGRATE_BAD_FILE);
	assert_non_null(strstr(lines[0], "改动过"));
}

static void
starters_do_not_collide(void **state)
{
	const char *files[] = {
	    "0001.sql",
	    "-- migrate:up\nCREATE TABLE a (x int);\nSELECT pg_sleep(0.2);\n",
	    "0002.sql",
	    "-- migrate:up\nCREATE TABLE b (x int);\n",
	};
	pid_t pids[4];
	int status;

	(void)state;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			size_t n_run;

			_exit(migrate(files, 2, &n_run) == DB_MIGRATE_OK ? (int)n_run : 99);
		}
	}
	for (int i = 0, total = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_not_equal(WEXITSTATUS(status), 99);
		total += WEXITSTATUS(status);
		if (i == 3)
			assert_int_equal(total, 2);
	}
}

static void
tables_belong_to_a_role_without_login(void **state)
{
	struct db_migration file = {"0001.sql", "-- migrate:up\nCREATE TABLE a (x int);\n", 0};
	struct db_migrate_options options = {.conninfo = t.conninfo,
					     .role = "relief_owner",
					     .schema = "Relief",
					     .files = &file,
					     .n_files = 1,
					     .report = note_line};
	size_t n_run;

	(void)state;
	file.length = strlen(file.text);
	assert_int_equal(pg_run_sql("CREATE ROLE relief_owner NOLOGIN;"
				    "CREATE SCHEMA \"Relief\" AUTHORIZATION relief_owner"),
			 0);
	assert_int_equal(db_migrate(&options, &n_run), DB_MIGRATE_OK);
	assert_int_equal(pg_run_number("SELECT count(*) FROM pg_tables WHERE tableowner ="
				       " 'relief_owner'"),
			 2);
	options.role = NULL;
	options.owner = "relief_keeper"; /* everything, also what was there before */
	assert_int_equal(
	    pg_run_sql("CREATE VIEW \"Relief\".v AS SELECT 1;"
		       "CREATE TABLE \"Relief\".s (id serial);"
		       "CREATE FUNCTION \"Relief\".f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
	    0);
	assert_int_equal(db_migrate(&options, &n_run), DB_MIGRATE_OK);
	assert_int_equal(pg_run_number("SELECT count(*) FROM pg_class WHERE relnamespace ="
				       " '\"Relief\"'::regnamespace AND relkind IN ('r', 'v', 'S')"
				       " AND pg_get_userbyid(relowner) = 'relief_keeper'"),
			 5);
	assert_int_equal(pg_run_number("SELECT count(*) FROM pg_proc WHERE proname = 'f'"
				       " AND pg_get_userbyid(proowner) = 'relief_keeper'"),
			 1);
	assert_int_equal(pg_run_number("SELECT count(*) FROM pg_roles WHERE rolcanlogin"
				       " AND rolname = 'relief_keeper'"),
			 0);
	options.role = "no_such_role";
	assert_int_equal(db_migrate(&options, &n_run), DB_MIGRATE_FAILED);
	options.conninfo = "host=/nonexistent";
	assert_int_equal(db_migrate(&options, &n_run), DB_MIGRATE_UNREACHABLE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
	    TEST(each_file_once_in_order),
	    TEST(a_bad_file_leaves_nothing),
	    TEST(a_changed_file_is_found),
	    TEST(starters_do_not_collide),
	    TEST(tables_belong_to_a_role_without_login),
	};

	return cmocka_run_group_tests(tests, db_test_start, db_test_end);
}
