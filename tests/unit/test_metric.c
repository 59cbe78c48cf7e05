/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metric.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define TEST_METRICS(METRIC)                                            \
	METRIC(TEST_CALLS, COUNTER, "calls_total", "Calls that ended.") \
	METRIC(TEST_TIME, HISTOGRAM, "call_seconds", "Duration of a call.")
enum test_metric { TEST_METRICS(METRIC_NAME) TEST_METRIC_COUNT };
static struct metric metrics[] = {TEST_METRICS(METRIC_ENTRY)};

static const char *const labels[] = {"method=\"Get\"", "method=\"List\""};
static struct metric by_method = {
    .kind = METRIC_COUNTER, .name = "by_method_total", .help = "h", .rows = labels, .n_rows = 2};

static void
in_worker(unsigned number, void (*work)(void))
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		metric_become_worker(number);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
work(void)
{
	metric_add(&metrics[TEST_CALLS], 3);
	metric_add_row(&by_method, 1, 7);
	metric_observe_us(&metrics[TEST_TIME], 100);
	metric_observe_us(&metrics[TEST_TIME], 2400000);
	metric_observe_us(&metrics[TEST_TIME], 99000000);
}

static void
assert_printed(const char *part)
{
	BUF_CLEANUP struct buf out;

	buf_init(&out, NULL, 1 << 20);
	metric_print(&out);
	if (!strstr(buf_text(&out), part))
		fail_msg("%s is not in\n%s", part, buf_text(&out));
}

static void
test_unregistered_counts_into_nothing(void **state)
{
	(void)state;
	metric_add(&metrics[TEST_CALLS], 1);
	metric_observe_us(&metrics[TEST_TIME], 1);
}

static void
test_workers_are_summed(void **state)
{
	(void)state;
	assert_int_equal(metric_open(2), 0);
	assert_int_equal(metric_register(metrics, TEST_METRIC_COUNT), 0);
	assert_int_equal(metric_register(&by_method, 1), 0);
	assert_printed("calls_total 0\n");
	metric_add(&metrics[TEST_CALLS], 1);
	in_worker(0, work);
	in_worker(1, work);
	assert_printed("calls_total 7\n");
	/* A worker in the place of a dead one: what that one counted stays. */
	in_worker(1, work);
	metric_add_row(&by_method, 2, 1);
	assert_printed("# HELP minzheng_calls_total Calls that ended.\n"
		       "# TYPE minzheng_calls_total counter\n"
		       "minzheng_calls_total 10\n");
	assert_printed("minzheng_by_method_total{method=\"Get\"} 0\n"
		       "minzheng_by_method_total{method=\"List\"} 21\n");
	assert_printed("minzheng_call_seconds_bucket{le=\"0.000100\"} 3\n");
	assert_printed("minzheng_call_seconds_bucket{le=\"1.000000\"} 3\n"
		       "minzheng_call_seconds_bucket{le=\"2.500000\"} 6\n");
	assert_printed("minzheng_call_seconds_bucket{le=\"+Inf\"} 9\n"
		       "minzheng_call_seconds_sum 304.200300\n"
		       "minzheng_call_seconds_count 9\n");
}

static void
test_room_is_bounded(void **state)
{
	static const char *const many[1];
	struct metric huge = {.kind = METRIC_COUNTER,
			      .name = "huge_total",
			      .help = "h",
			      .rows = many,
			      .n_rows = 100000};

	(void)state;
	assert_int_equal(metric_register(&huge, 1), -ENOSPC);
	assert_int_equal(huge.cell, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unregistered_counts_into_nothing),
	    cmocka_unit_test(test_workers_are_summed),
	    cmocka_unit_test(test_room_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
