/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

struct pool {
	const char *config;
	bool help;
	const char *url;
	int64_t sessions, patience_ms, port;
	bool tls;
};

static const struct config_option pool_options[] = {
    CONFIG_OPTION(struct pool, config, STRING, "config", NULL, 0, 0, "文件", "file"),
    CONFIG_OPTION(struct pool, help, BOOL, "help", NULL, 0, 0, "说明", "help"),
    CONFIG_OPTION(struct pool, url, STRING, "db-url", "local", 1, 20, "地址", "address"),
    CONFIG_OPTION(struct pool, sessions, INT, "db-sessions", "16", 1, 200, "连接数", "sessions"),
    CONFIG_OPTION(struct pool, patience_ms, DURATION, "db-patience", "30s", 0, 60000, "等待",
		  "wait"),
    CONFIG_OPTION(struct pool, port, INT, "db-port", NULL, 0, 65535, "端口", "port"),
    CONFIG_OPTION(struct pool, tls, BOOL, "db-tls", "yes", 0, 0, "加密", "encrypt"),
    CONFIG_END,
};

static struct {
	struct arena *arena;
	struct buf message;
	struct pool pool;
	int argc;
	char *argv[16];
	char path[32];
} t;

static int
set_up(void **state)
{
	int fd;

	(void)state;
	clearenv();
	setenv("LANG", "en_US.UTF-8", 1);
	t.arena = arena_new(1 << 20);
	buf_init(&t.message, t.arena, 1 << 16);
	memset(&t.pool, 0, sizeof t.pool);
	strcpy(t.path, "/tmp/mz-config-XXXXXX");
	fd = mkstemp(t.path);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(t.path);
	arena_free(t.arena);
	return 0;
}

static void
write_file(const char *text)
{
	FILE *file = fopen(t.path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Loads with the flags of one line, separated by blanks. */
static enum config_result
load(const char *line)
{
	char *words = arena_strdup(t.arena, line), *rest = NULL;

	t.argc = 0;
	t.argv[t.argc++] = arena_strdup(t.arena, "service");
	for (char *w = strtok_r(words, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		t.argv[t.argc++] = w;
	t.argv[t.argc] = NULL;
	buf_clear(&t.message);
	return config_load(pool_options, &t.pool, &t.argc, t.argv, t.arena, &t.message);
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(load(""), CONFIG_OK);
	assert_string_equal(t.pool.url, "local");
	assert_int_equal(t.pool.sessions, 16);
	assert_int_equal(t.pool.patience_ms, 30000);
	assert_int_equal(t.pool.port, 0);
	assert_true(t.pool.tls);
}

static void
test_order_of_sources(void **state)
{
	char secret[] = "/tmp/mz-secret-XXXXXX";
	int fd = mkstemp(secret);

	(void)state;
	write_file("[db]\nsessions = 1\npatience = 2s\n");
	setenv("MINZHENG_CONFIG", t.path, 1);
	assert_int_equal(load(""), CONFIG_OK);
	assert_int_equal(t.pool.sessions, 1);
	assert_int_equal(t.pool.patience_ms, 2000);

	assert_int_equal(write(fd, "2\n", 2), 2);
	close(fd);
	setenv("MINZHENG_DB_SESSIONS_FILE", secret, 1);
	assert_int_equal(load(""), CONFIG_OK);
	assert_int_equal(t.pool.sessions, 2);
	setenv("MINZHENG_DB_SESSIONS", "3", 1);
	assert_int_equal(load(""), CONFIG_OK);
	assert_int_equal(t.pool.sessions, 3);
	assert_int_equal(load("--db-sessions 4"), CONFIG_OK);
	assert_int_equal(t.pool.sessions, 4);
	assert_int_equal(load("--db-sessions 4 --db-sessions=5"), CONFIG_OK);
	assert_int_equal(t.pool.sessions, 5);
	unlink(secret);
}

static void
test_words_that_are_no_flags(void **state)
{
	(void)state;
	assert_int_equal(load("migrate --db-tls=no up -- --db-port"), CONFIG_OK);
	assert_int_equal(t.argc, 4);
	assert_string_equal(t.argv[1], "migrate");
	assert_string_equal(t.argv[2], "up");
	assert_string_equal(t.argv[3], "--db-port");
	assert_null(t.argv[4]);
	assert_false(t.pool.tls);
	assert_int_equal(load("--db-tls migrate"), CONFIG_OK);
	assert_true(t.pool.tls);
	assert_int_equal(t.argc, 2);
}

static void
test_secrets_in_files(void **state)
{
	char line[5000];

	(void)state;
	write_file("öffne\r\nmore\n");
	setenv("MINZHENG_DB_URL_FILE", t.path, 1);
	assert_int_equal(load(""), CONFIG_OK);
	assert_string_equal(t.pool.url, "öffne");
	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\0';
	write_file(line);
	assert_int_equal(load(""), CONFIG_WRONG);
	assert_non_null(strstr(buf_text(&t.message), "longer than 4096"));
	setenv("MINZHENG_DB_URL_FILE", "/nonexistent", 1);
	assert_int_equal(load(""), CONFIG_WRONG);
	assert_non_null(strstr(buf_text(&t.message), "MINZHENG_DB_URL_FILE: cannot read"));
	/* Nobody looks at it when an earlier source has a value. */
	assert_int_equal(load("--db-url here"), CONFIG_OK);
}

static void
test_mistakes_say_where(void **state)
{
	static const char *const lines[][2] = {
	    {"--db-sessions 0",
	     "--db-sessions: \"0\" will not do, wanted is a whole number 1 … 200\n"},
	    {"--db-sessions 201", "\"201\""},
	    {"--db-sessions 1x", "\"1x\""},
	    {"--db-sessions 99999999999999999999", "whole number"},
	    {"--db-sessions", "its value is missing"},
	    {"--db-patience 99999999999999999d", "a duration"},
	    {"--db-patience 30", "a duration"},
	    {"--db-patience 61s", "0 … 60000"},
	    {"--db-port 65536", "0 … 65535"},
	    {"--db-tls=maybe", "true or false"},
	    {"--db-url 123456789012345678901", "text 1 … 20"},
	    {"--what 1", "--what: no such option"},
	    {"--config /nonexistent", "cannot open the configuration file"},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(lines); i++) {
		if (load(lines[i][0]) != CONFIG_WRONG)
			fail_msg("%s was taken", lines[i][0]);
		if (!strstr(buf_text(&t.message), lines[i][1]))
			fail_msg("%s says %s", lines[i][0], buf_text(&t.message));
	}
	setenv("MINZHENG_DB_PORT", "x", 1);
	setenv("LANG", "zh_CN.UTF-8", 1);
	assert_int_equal(load(""), CONFIG_WRONG);
	assert_string_equal(buf_text(&t.message),
			    "MINZHENG_DB_PORT：“x”不合要求，应是整数 0 … 65535\n");
}

static void
test_mistakes_in_the_file(void **state)
{
	char flag[64];

	(void)state;
	snprintf(flag, sizeof flag, "--config %s", t.path);
	write_file("[db]\nsessions = 1\nspeed = 2\n");
	assert_int_equal(load(flag), CONFIG_WRONG);
	assert_non_null(
	    strstr(buf_text(&t.message), "db-speed: the configuration file has this key"));
	write_file("[db]\nsessions = 1\nnonsense\n");
	assert_int_equal(load(flag), CONFIG_WRONG);
	assert_non_null(strstr(buf_text(&t.message), ":3: this line is not"));
	/* The default is not used instead of a wrong value. */
	write_file("[db]\nsessions = many\n");
	assert_int_equal(load(flag), CONFIG_WRONG);
}

static void
test_help_in_two_languages(void **state)
{
	const char *text;

	(void)state;
	assert_int_equal(load("--help --db-sessions x"), CONFIG_HELP);
	text = buf_text(&t.message);
	assert_non_null(strstr(text, "  --db-sessions N\n      sessions 1 … 200; default 16"
				     "  [MINZHENG_DB_SESSIONS]\n"));
	assert_non_null(strstr(text, "  --db-url TEXT\n      address 1 … 20; default local"));
	unsetenv("LANG");
	assert_int_equal(load("--help"), CONFIG_HELP);
	assert_non_null(strstr(buf_text(&t.message), "      连接数 1 … 200；默认 16"));
}

static void
test_no_memory(void **state)
{
	struct arena *whole = t.arena;

	(void)state;
	setenv("MINZHENG_DB_URL", "here", 1);
	for (size_t budget = 600; budget < 4000; budget += 16) {
		struct pool before = {.sessions = -1};
		struct arena *small = arena_new(budget);
		struct buf message;
		char *argv[] = {t.path, NULL};
		int argc = 1;

		buf_init(&message, NULL, 1000);
		if (config_load(pool_options, &before, &argc, argv, small, &message) == CONFIG_OK) {
			assert_string_equal(before.url, "here");
			assert_int_equal(before.sessions, 16);
		} else {
			assert_true(arena_exhausted(small));
		}
		buf_free(&message);
		arena_free(small);
	}
	t.arena = whole;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_order_of_sources, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_words_that_are_no_flags, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_secrets_in_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_mistakes_say_where, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_mistakes_in_the_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_help_in_two_languages, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
