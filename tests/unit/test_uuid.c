/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (uuid_parse(bad[i], strlen(bad[i]), &uuid))
			fail_msg("%s was taken", bad[i]);
	assert_string_equal(uuid_format(&uuid, shown), text);
}

/* The first 15 characters: the millisecond and the version; static. */
static const char *
begins_with(const struct uuid *uuid)
{
	static char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text)[15] = '\0';
	return text;
}

static void
test_version_7_rises(void **state)
{
	struct uuid last = uuid_v7(1000000), next;

	(void)state;
	assert_string_equal(begins_with(&last), "00000000-03e8-7");
	for (int i = 0; i < 10000; i++) {
		/* The clock stands, and once goes back. */
		next = uuid_v7(i == 5000 ? 0 : 1000000);
		assert_true(memcmp(&next, &last, sizeof next) > 0);
		assert_int_equal(next.bytes[6] >> 4, 7);
		assert_int_equal(next.bytes[8] >> 6, 2);
		last = next;
	}
	next = uuid_v7(9000000);
	assert_string_equal(begins_with(&next), "00000000-2328-7");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_version_7_rises),
	    cmocka_unit_test(test_version_4_is_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
