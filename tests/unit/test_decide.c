/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision makes stays the same when it is decided again (common/svc/method.h, secret.h). */
#include "svc/decide.h"

#include <string.h>

#include "google/protobuf/empty.pb-c.h"
#include "svc/secret.h"
#include "unit.h"

static char *last[4];

static enum rpc_code
makes_things(struct svc_call *c)
{
	last[0] = svc_new_id(c);
	last[1] = svc_new_key(c);
	last[2] = svc_new_token(c);
	last[3] = svc_password_hash(c, "正确的密码 1");
	return RPC_OK;
}

static const struct svc_decision decision = {"makes_things", makes_things,
					     &google__protobuf__empty__descriptor,
					     &google__protobuf__empty__descriptor};

static void
a_second_run_makes_the_same(void **state)
{
	struct svc_run run = {0};
	struct svc_call c = {.arena = arena_new(1 << 20), .run = &run};
	char *first[4];

	(void)state;
	assert_int_equal(svc_decide(&decision, &c), RPC_OK);
	memcpy(first, last, sizeof(first));
	assert_int_equal(svc_decide(&decision, &c), RPC_OK);
	for (int i = 0; i < 4; i++)
		assert_string_equal(first[i], last[i]);
	assert_int_equal(first[0][14], '7');
	assert_int_equal(first[1][14], '4');
	assert_int_equal(strlen(first[2]), 43);
	arena_free(c.arena);
}

static enum rpc_code
compares(struct svc_call *c)
{
	ProtobufCBinaryData a = svc_token_hash(c, "abc"), b = svc_token_hash(c, "abd");

	assert_int_equal(a.len, 32);
	assert_int_equal(a.data[0], 0x66); /* SM3("abc") = 66c7f0f4… */
	assert_memory_not_equal(a.data, b.data, a.len);
	assert_true(svc_password_fits(c, svc_password_hash(c, "密码"), "密码"));
	assert_false(svc_password_fits(c, svc_password_hash(c, "密码"), "密碼"));
	assert_false(svc_password_fits(c, "", ""));
	assert_false(svc_password_fits(c, "not a hash", "not a hash"));
	return RPC_OK;
}

static void
secrets_are_compared_by_their_hashes(void **state)
{
	struct svc_decision d = decision;
	struct svc_run run = {0};
	struct svc_call c = {.arena = arena_new(1 << 20), .run = &run};

	(void)state;
	d.decide = compares;
	assert_int_equal(svc_decide(&d, &c), RPC_OK);
	arena_free(c.arena);
}

static void
permissions_are_held_by_name_or_by_pattern(void **state)
{
	static const char *const held[] = {"payment.*.*", "registry.person.read", "relief.*.read",
					   "relief.award.*"};
	static const struct {
		const char *permission;
		bool may;
	} cases[] = {
	    {"registry.person.read", true},
	    {"registry.person.update", false},
	    {"registry.household.read", false},
	    {"relief.lead.read", true},
	    {"relief.award.decide", true},
	    {"relief.lead.resolve", false},
	    {"payment.run.approve", true},
	    {"payment.unmask", false},
	    {"relief", false},
	    {"", false},
	};
	const struct svc_caller caller = {.permissions = held, .n_permissions = 4};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (svc_caller_may(&caller, cases[i].permission) != cases[i].may)
			fail_msg("%s", cases[i].permission);
	assert_false(svc_caller_may(&(struct svc_caller){0}, "registry.person.read"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_second_run_makes_the_same),
	    cmocka_unit_test(permissions_are_held_by_name_or_by_pattern),
	    cmocka_unit_test(secrets_are_compared_by_their_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
