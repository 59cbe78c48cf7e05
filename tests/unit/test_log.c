/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "frozen_clock.h"
#include "unit.h"

static int fds[2];

static int
set_up(void **state)
{
	const struct log_config config = {.level = LOG_LEVEL_INFO, .service = "relief"};
	struct log_config mine = config;

	(void)state;
	if (pipe2(fds, O_NONBLOCK) != 0)
		return -1;
	mine.fd = fds[1];
	log_setup(&mine);
	clock_freeze(0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	clock_thaw();
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* What was written, from the event on; static. */
static const char *
written(void)
{
	static char line[8 * LOG_LINE_MAX];
	ssize_t n = read(fds[0], line, sizeof line - 1);
	const char *event;

	if (n <= 0)
		return "";
	line[n] = '\0';
	event = strstr(line, ",\"event\":");
	return event ? event : line;
}

static void
test_a_line(void **state)
{
	char expected[200], line[400];
	ssize_t n;

	(void)state;
	log_info("listening", LOG_ID("address", "127.0.0.1"), LOG_NUMBER("port", -50063),
		 LOG_TEXT("note", NULL), LOG_ERRNO(-ENOENT));
	snprintf(expected, sizeof expected,
		 "{\"at\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"service\":"
		 "\"relief\",\"pid\":%d,"
		 "\"event\":\"listening\",\"address\":\"127.0.0.1\",\"port\":-50063,"
		 "\"note\":null,",
		 getpid());
	n = read(fds[0], line, sizeof line - 1);
	assert_true(n > 0);
	line[n] = '\0';
	assert_memory_equal(line, expected, strlen(expected));
	assert_string_equal(line + strlen(expected), "\"error\":\"No such file or directory\"}\n");
	log_info("bare");
	assert_string_equal(written(), ",\"event\":\"bare\"}\n");
}

/* CMP-07: neither an ID number nor a telephone or account gets into a log. */
static void
test_no_personal_data(void **state)
{
	(void)state;
	log_info(
	    "e",
	    LOG_TEXT("t",
		     "Key (id_number)=(50019919241015004X) exists, 户 13812345678 第123456行"));
	assert_string_equal(written(),
			    ",\"event\":\"e\",\"t\":\"Key (id_number)=(***************04X) "
			    "exists, 户 *********78 第123456行\"}\n");
	log_info("e", LOG_ID("id", "20241202000123"));
	assert_string_equal(written(), ",\"event\":\"e\",\"id\":\"20241202000123\"}\n");
}

static void
test_text_is_json(void **state)
{
	(void)state;
	log_info("e", LOG_TEXT("t", "\"\\\n\x01\x7f\xff黔\xe9\xbb"));
	assert_string_equal(written(),
			    ",\"event\":\"e\",\"t\":\"\\\"\\\\\\n\\u0001\x7f\xef\xbf\xbd黔"
			    "\xef\xbf\xbd\xef\xbf\xbd\"}\n");
}

static void
test_levels(void **state)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)state;
	log_debug("hidden");
	assert_string_equal(written(), "");
	log_error("seen");
	assert_non_null(strstr(written(), "seen"));
	assert_true(log_parse_level("warning", &level));
	assert_int_equal(level, LOG_LEVEL_WARNING);
	assert_false(log_parse_level("loud", &level));
}

static void
test_long_lines_are_cut_between_fields(void **state)
{
	char text[LOG_TEXT_MAX * 2];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text + LOG_TEXT_MAX - 2, "黔", 3);
	text[sizeof text - 1] = '\0';
	log_info("e", LOG_TEXT("a", text), LOG_TEXT("b", text), LOG_TEXT("c", text),
		 LOG_TEXT("d", text), LOG_TEXT("f", text));
	line = written();
	assert_non_null(strstr(line, "\"c\":"));
	assert_null(strstr(line, "\"d\":"));
	assert_null(strstr(line, "黔"));
	assert_string_equal(line + strlen(line) - 13, ",\"cut\":true}\n");
	assert_true(strlen(line) < LOG_LINE_MAX);
}

static void
test_rate(void **state)
{
	struct log_config config = {
	    .fd = fds[1], .level = LOG_LEVEL_INFO, .service = "relief", .lines_a_second = 2};
	uint64_t before = log_dropped();

	(void)state;
	log_setup(&config);
	for (int i = 0; i < 5; i++)
		log_info("flood");
	log_error("still heard");
	assert_int_equal(log_dropped() - before, 3);
	assert_non_null(strstr(written(), "\"event\":\"still heard\",\"dropped\":3}"));
	clock_advance(CLOCK_US_PER_SECOND);
	log_info("next second");
	assert_string_equal(written(), ",\"event\":\"next second\"}\n");
}

static void
test_never_blocks(void **state)
{
	uint64_t before = log_dropped();

	(void)state;
	/* The pipe is blocking now, and nobody reads: a plain write would hang. */
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
	while (log_dropped() == before)
		log_error("full");
	assert_true(written()[0] != '\0');
	log_error("after");
	while (log_dropped() - before < 2)
		log_error("full");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_line, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_personal_data, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_text_is_json, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long_lines_are_cut_between_fields, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_rate, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_never_blocks, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
