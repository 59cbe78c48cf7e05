/* SPDX-License-Identifier: Apache-2.0 */
/* Adding up a client stream's answers, copying fields, tokens of services (common/svc/total.h,
 * copy.h, keys.h). */
#include "svc/total.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/keyfile.h"
#include "minzheng/svc/v1/admin.pb-c.h"
#include "minzheng/svc/v1/indicator.pb-c.h"
#include "svc/copy.h"
#include "svc/keys.h"
#include "unit.h"

static void
numbers_are_summed_and_lists_appended(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	ProtobufCMessage *total = NULL;
	const RunDueResponse *sum;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		RunDueResponse part = RUN_DUE_RESPONSE__INIT;
		JobRun run = JOB_RUN__INIT, *runs[] = {&run};
		char name[8];

		snprintf(name, sizeof(name), "job%d", i);
		run.job = name;
		part.events = i == 2 ? 0 : i; /* nothing in the middle */
		part.jobs = runs;
		part.n_jobs = 1;
		assert_true(total_add(arena, &total, &part.base));
	}
	sum = (const RunDueResponse *)total;
	assert_int_equal(sum->events, 4);
	assert_int_equal(sum->n_jobs, 3);
	assert_string_equal(sum->jobs[2]->job, "job3");
	arena_free(arena);
}

static void
no_memory_for_a_total_is_said(void **state)
{
	RunDueResponse part = RUN_DUE_RESPONSE__INIT;

	(void)state;
	part.events = 1;
	for (size_t budget = 0; budget < 256; budget += 8) {
		struct arena *arena = arena_new(budget);
		ProtobufCMessage *total = NULL;

		if (total_add(arena, &total, &part.base))
			assert_int_equal(((RunDueResponse *)total)->events, 1);
		arena_free(arena);
	}
}

static const ProtobufCFieldDescriptor *
field(const ProtobufCMessageDescriptor *type, const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

static void
fields_are_copied_with_their_presence(void **state)
{
	Figure from = FIGURE__INIT, to = FIGURE__INIT;
	const ProtobufCFieldDescriptor *value = field(&figure__descriptor, "value");

	(void)state;
	to.value = 5;
	to._value_case = FIGURE___VALUE_VALUE;
	copy_field(&to.base, value, &from.base, value); /* absent: nothing changes */
	assert_int_equal(to.value, 5);
	from.value = 0;
	from._value_case = FIGURE___VALUE_VALUE; /* present, though zero */
	copy_field(&to.base, value, &from.base, value);
	assert_int_equal(to.value, 0);
	assert_int_equal(to._value_case, FIGURE___VALUE_VALUE);
}

static void
a_services_token_is_good_for_its_hour(void **state)
{
	const int64_t hour = 3600LL * CLOCK_US_PER_SECOND, now = 483000 * hour + 5;
	struct keyfile *file = keyfile_generate((struct date){20000});
	char token[KEYS_TOKEN_SIZE], name[KEYS_NAME_SIZE];
	struct keys keys;
	int32_t tenant = 0;

	(void)state;
	assert_int_equal(keys_new(file, &keys), 0);
	keyfile_free(file);
	keys_service_token(&keys, "relief", 3, now, token);
	assert_true(keys_is_service_token(token));
	assert_true(keys_verify_service_token(&keys, token, now, name, &tenant));
	assert_string_equal(name, "service:relief");
	assert_int_equal(tenant, 3);
	assert_true(keys_verify_service_token(&keys, token, now + hour, name, &tenant));
	assert_false(keys_verify_service_token(&keys, token, now + 2 * hour, name, &tenant));
	assert_false(keys_verify_service_token(&keys, token, now - 2 * hour, name, &tenant));
	keys_free(&keys);
}

static void
a_forged_token_is_refused(void **state)
{
	const int64_t now = 1700000000LL * CLOCK_US_PER_SECOND;
	struct keyfile *file = keyfile_generate((struct date){20000});
	char token[KEYS_TOKEN_SIZE], name[KEYS_NAME_SIZE];
	struct keys keys;
	int32_t tenant;

	(void)state;
	assert_int_equal(keys_new(file, &keys), 0);
	keyfile_free(file);
	keys_service_token(&keys, "relief", 1, now, token);
	for (size_t i = 0; token[i]; i++) {
		char was = token[i];

		token[i] = was == '0' ? '1' : '0';
		assert_false(keys_verify_service_token(&keys, token, now, name, &tenant));
		token[i] = was;
	}
	strcat(token, "0");
	assert_false(keys_verify_service_token(&keys, token, now, name, &tenant));
	assert_false(keys_verify_service_token(&keys, "service.relief.1", now, name, &tenant));
	assert_false(keys_verify_service_token(&keys, "service.", now, name, &tenant));
	keys_free(&keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_summed_and_lists_appended),
	    cmocka_unit_test(no_memory_for_a_total_is_said),
	    cmocka_unit_test(fields_are_copied_with_their_presence),
	    cmocka_unit_test(a_services_token_is_good_for_its_hour),
	    cmocka_unit_test(a_forged_token_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
