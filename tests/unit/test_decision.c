/* SPDX-License-Identifier: Apache-2.0 */
/* Running decisions: failures, ids, memory (common/svc/decide.h, method.h). */
#include "svc/decide.h"

#include <stdio.h>
#include <string.h>

#include "svc/context.pb-c.h"
#include "unit.h"

/* A decision's facts and effects can be any messages: here the runner's own. */
static enum rpc_code
makes_ids(struct svc_call *c)
{
	SvcJobs *out = c->effects;

	SVC_APPEND(c, out, names, svc_new_id(c));
	SVC_APPEND(c, out, names, svc_new_id(c));
	SVC_APPEND(c, out, names, svc_id_or_new(c, "chosen"));
	return RPC_OK;
}

static enum rpc_code
fails(struct svc_call *c)
{
	return svc_fail(c, NOT_FOUND, "NO_THING", "没有编号为 %d 的东西", 7);
}

static enum rpc_code
fails_and_stores(struct svc_call *c)
{
	return svc_fail_and_store(c, PERMISSION_DENIED, "WRONG_WORD", "不对");
}

static enum rpc_code
names_fields(struct svc_call *c)
{
	svc_fail_field(c, "a", "第 %d 处", 1);
	svc_fail_field(c, "b[2]", "第二处");
	svc_fail_field(c, "c", "第三处");
	return svc_fields_checked(c);
}

static enum rpc_code
uses_all_memory(struct svc_call *c)
{
	for (;;)
		svc_alloc(c, 1 << 10);
	return RPC_OK;
}

static enum rpc_code
says_nothing(struct svc_call *c)
{
	(void)c;
	return RPC_ABORTED;
}

static enum rpc_code
builds_lists(struct svc_call *c)
{
	SvcEvents *out = c->effects;

	for (int i = 0; i < 100; i++) {
		SvcEvent *event = SVC_ADD(c, out, events, svc_event);

		event->number = i;
		event->type = svc_text(c, "t%d", i);
	}
	return RPC_OK;
}

struct fixture {
	struct arena *arena;
	struct svc_run run;
	struct svc_call call;
};

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.arena = arena_new(256 << 10)};
	fixture.call.arena = fixture.arena;
	fixture.call.run = &fixture.run;
	*state = &fixture;
	return fixture.arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	return 0;
}

static enum rpc_code
decide(struct fixture *f, enum rpc_code (*fn)(struct svc_call *c),
       const ProtobufCMessageDescriptor *effects)
{
	const struct svc_decision decision = {"x", fn, &svc_nothing__descriptor, effects};

	return svc_decide(&decision, &f->call);
}

static void
ids_stay_when_it_is_decided_again(void **state)
{
	struct fixture *f = *state;
	const SvcJobs *out;
	char first[64], second[64];

	assert_int_equal(decide(f, makes_ids, &svc_jobs__descriptor), RPC_OK);
	out = f->call.effects;
	assert_int_equal(out->n_names, 3);
	assert_string_not_equal(out->names[0], out->names[1]);
	assert_string_equal(out->names[2], "chosen");
	snprintf(first, sizeof(first), "%s", out->names[0]);
	snprintf(second, sizeof(second), "%s", out->names[1]);
	assert_int_equal(decide(f, makes_ids, &svc_jobs__descriptor), RPC_OK);
	out = f->call.effects;
	assert_string_equal(out->names[0], first);
	assert_string_equal(out->names[1], second);
}

static void
a_failure_has_code_reason_and_text(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decide(f, fails, &svc_nothing__descriptor), RPC_NOT_FOUND);
	assert_string_equal(f->run.failure.reason, "NO_THING");
	assert_string_equal(f->run.failure.text, "没有编号为 7 的东西");
	assert_false(f->run.failure.stores_effects);
	assert_int_equal(decide(f, fails_and_stores, &svc_nothing__descriptor),
			 RPC_PERMISSION_DENIED);
	assert_true(f->run.failure.stores_effects);
	/* What one run has said is gone in the next. */
	assert_int_equal(decide(f, makes_ids, &svc_jobs__descriptor), RPC_OK);
	assert_int_equal(f->run.failure.code, RPC_OK);
	assert_null(f->run.failure.reason);
}

static void
bad_fields_are_gathered(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decide(f, names_fields, &svc_nothing__descriptor), RPC_INVALID_ARGUMENT);
	assert_int_equal(f->run.failure.fields->n_field_violations, 3);
	assert_string_equal(f->run.failure.fields->field_violations[0]->description, "第 1 处");
	assert_string_equal(f->run.failure.fields->field_violations[1]->field, "b[2]");
	assert_string_equal(f->run.failure.reason, "BAD_FIELDS");
}

static void
a_decision_without_memory_is_left(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decide(f, uses_all_memory, &svc_nothing__descriptor),
			 RPC_RESOURCE_EXHAUSTED);
	assert_string_equal(f->run.failure.reason, "OUT_OF_MEMORY");
	assert_false(f->run.is_deciding);
}

static void
a_silent_failure_is_a_defect(void **state)
{
	assert_int_equal(decide(*state, says_nothing, &svc_nothing__descriptor), RPC_INTERNAL);
}

static void
lists_grow(void **state)
{
	struct fixture *f = *state;
	const SvcEvents *out;

	assert_int_equal(decide(f, builds_lists, &svc_events__descriptor), RPC_OK);
	out = f->call.effects;
	assert_int_equal(out->n_events, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(out->events[i]->number, i);
	assert_string_equal(out->events[99]->type, "t99");
}

static void
reasons_are_catalogued(void **state)
{
	bool found = false;

	(void)state;
	for (const struct svc_reason *r = __start_svc_reasons; r < __stop_svc_reasons; r++)
		if (strcmp(r->reason, "NO_THING") == 0) {
			found = true;
			assert_int_equal(r->code, RPC_NOT_FOUND);
			assert_string_equal(r->text, "没有编号为 %d 的东西");
		}
	assert_true(found);
}

static void
decisions_are_found_by_the_rpcs_name(void **state)
{
	static const struct svc_decision table[] = {
	    {"confirm_application", fails, NULL, NULL}, {"confirm", fails, NULL, NULL}, SVC_END};

	(void)state;
	assert_ptr_equal(svc_decision_find(table, "ConfirmApplication"), &table[0]);
	assert_ptr_equal(svc_decision_find(table, "Confirm"), &table[1]);
	assert_null(svc_decision_find(table, "ConfirmApp"));
	assert_null(svc_decision_find(table, "Confirmapplication"));
}

static void
callers_are_asked(void **state)
{
	static const char *const permissions[] = {"a.b", "a.c", "x.y"};
	static const int64_t divisions[] = {3, 7, 1LL << 40};
	const struct svc_caller caller = {.permissions = permissions,
					  .n_permissions = 3,
					  .divisions = divisions,
					  .n_divisions = 3};
	const struct svc_caller nobody = {0};

	(void)state;
	assert_true(svc_caller_may(&caller, "a.c"));
	assert_false(svc_caller_may(&caller, "a"));
	assert_false(svc_caller_may(&nobody, "a.c"));
	assert_true(svc_caller_covers(&caller, 1LL << 40));
	assert_false(svc_caller_covers(&caller, 4));
	assert_false(svc_caller_covers(&nobody, 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ids_stay_when_it_is_decided_again, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_failure_has_code_reason_and_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(bad_fields_are_gathered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_decision_without_memory_is_left, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_silent_failure_is_a_defect, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lists_grow, set_up, tear_down),
	    cmocka_unit_test(reasons_are_catalogued),
	    cmocka_unit_test(decisions_are_found_by_the_rpcs_name),
	    cmocka_unit_test(callers_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
