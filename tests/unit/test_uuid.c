/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/entropy.h"
#include "unit.h"

static void
test_text(void **state)
{
	/* RFC 9562, appendix A.6. */
	const char *text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	static const char *const bad[] = {"",
					  "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
					  "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
					  "017F22E2-79b0-7cc3-98c4-dc0c0c07398f",
					  "017f22e279b0-7cc3-98c4-dc0c0c07398f0",
					  "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
					  "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
					  "017f22e2-79b0-7cc3-98c4_dc0c0c07398f"};
	char shown[UUID_TEXT_SIZE];
	struct uuid uuid;

	(void)state;
	assert_true(uuid_parse(text, 36, &uuid));
	assert_string_equal(uuid_format(&uuid, shown), text);
	assert_int_equal(uuid_v7_ms(&uuid), 1645557742000);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (uuid_parse(bad[i], strlen(bad[i]), &uuid))
			fail_msg("%s was taken", bad[i]);
	assert_string_equal(uuid_format(&uuid, shown), text);
}

static void
test_version_7_rises(void **state)
{
	struct uuid last = uuid_v7(1000000), next;

	(void)state;
	assert_int_equal(uuid_v7_ms(&last), 1000);
	for (int i = 0; i < 10000; i++) {
		/* The clock stands, and once goes back. */
		next = uuid_v7(i == 5000 ? 0 : 1000000);
		assert_true(memcmp(&next, &last, sizeof next) > 0);
		assert_int_equal(next.bytes[6] >> 4, 7);
		assert_int_equal(next.bytes[8] >> 6, 2);
		last = next;
	}
	next = uuid_v7(9000000);
	assert_int_equal(uuid_v7_ms(&next), 9000);
}

static void
test_version_4_is_random(void **state)
{
	struct uuid a = uuid_v4(), b = uuid_v4();

	(void)state;
	assert_int_equal(a.bytes[6] >> 4, 4);
	assert_int_equal(a.bytes[8] >> 6, 2);
	assert_memory_not_equal(&a, &b, sizeof a);
}

/* Two workers must not draw the same ids. */
static void
test_a_fork_inherits_no_randomness(void **state)
{
	unsigned char ours[16], theirs[16];
	int fds[2], status;
	pid_t pid;

	(void)state;
	entropy_take(ours, sizeof ours);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		entropy_take(theirs, sizeof theirs);
		_exit(write(fds[1], theirs, sizeof theirs) != sizeof theirs);
	}
	entropy_take(ours, sizeof ours);
	assert_int_equal(read(fds[0], theirs, sizeof theirs), sizeof theirs);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(ours, theirs, sizeof ours);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_version_7_rises),
	    cmocka_unit_test(test_version_4_is_random),
	    cmocka_unit_test(test_a_fork_inherits_no_randomness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
