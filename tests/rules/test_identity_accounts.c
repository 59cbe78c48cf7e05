/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in, passwords, three administrators, standing in (CMP-05). */
#include <string.h>

#include "facts.h"
#include "rules.h"
#include "svc/decide.h"
#include "svc/secret.h"
#include "unit.h"

#define MAKER   "00000000-0000-4000-8000-00000000000a"
#define CHECKER "00000000-0000-4000-8000-00000000000b"

static struct svc_run run;
static struct svc_caller caller;
static struct svc_call call;

#define NEW(type) ((void *)svc_message(&call, &type##__descriptor))

static int
setup(void **state)
{
	(void)state;
	run = (struct svc_run){0};
	caller = (struct svc_caller){.tenant = 1, .id = MAKER, .name = "sysadmin@500114"};
	call = (struct svc_call){.arena = arena_new(16 << 20), .caller = &caller, .run = &run};
	assert_true(date_from_civil(2026, 11, 24, &call.today));
	call.now = date_instant(call.today);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(call.arena);
	return 0;
}

static enum rpc_code
decide(const char *rpc, const void *request, const void *facts)
{
	for (const struct svc_decision *d = svc_methods; d->name; d++)
		if (strcmp(d->name, rpc) == 0) {
			call.request = request;
			call.facts = facts;
			run = (struct svc_run){0};
			return svc_decide(d, &call);
		}
	fail_msg("no decision %s", rpc);
	return RPC_INTERNAL;
}

static char *
text(const char *value)
{
	return svc_copy_text(&call, value);
}

/* -- passwords ------------------------------------------------------------------------------- */

static void
passwords_are_long_and_mixed(void **state)
{
	static const struct {
		const char *password;
		bool good;
	} cases[] = {
	    {"Abcdef1234", true},
	    {"abcdef1234", false},
	    {"Abc1234", false},
	    {"中文密码abc123", true},
	    {"0123456789abcdef0123", true}, /* long enough */
	    {"Clerk-clerk-1", false},       /* has the name in it */
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (!rule_password_fault(cases[i].password, "clerk@500114") != cases[i].good)
			fail_msg("%s", cases[i].password);
}

/* -- logging in ------------------------------------------------------------------------------ */

static LoginFacts *
account(int failures, bool is_locked)
{
	LoginFacts *facts = NEW(login_facts);

	facts->account = NEW(account);
	facts->account->id = text(CHECKER);
	facts->account->state = ACCOUNT__STATE__ACTIVE;
	facts->tenant = 1;
	facts->password_hash = svc_password_hash(&call, "right password 1");
	facts->failures = failures;
	facts->is_locked = is_locked;
	facts->now_real = svc_instant(&call, call.now);
	return facts;
}

static LoginRequest *
with(const char *password)
{
	LoginRequest *req = NEW(login_request);

	req->login = text("clerk@500114");
	req->password = text(password);
	return req;
}

static void
the_right_password_opens_a_session(void **state)
{
	const LoginEffects *out;

	(void)state;
	assert_int_equal(decide("login", with("right password 1"), account(3, false)), RPC_OK);
	out = call.effects;
	assert_int_equal(strlen(out->token), 43);
	assert_int_equal(out->token_hash.len, 32);
	assert_int_equal(out->failures, 0);
	assert_int_equal(svc_instant_us(out->session->expires_at), call.now + RULE_IDLE_US);
	assert_int_equal(svc_instant_us(out->absolute_until), call.now + RULE_SESSION_US);
}

static void
the_fifth_wrong_password_locks(void **state)
{
	const LoginEffects *out;

	(void)state;
	assert_int_equal(decide("login", with("wrong"), account(3, false)), RPC_UNAUTHENTICATED);
	assert_true(run.failure.stores_effects);
	out = call.effects;
	assert_int_equal(out->failures, 4);
	assert_null(out->locked_until);
	assert_null(out->session);

	assert_int_equal(decide("login", with("wrong"), account(4, false)), RPC_UNAUTHENTICATED);
	out = call.effects;
	assert_int_equal(svc_instant_us(out->locked_until), call.now + RULE_LOCK_US);
}

/* A stranger hears the same of a missing, a locked and a disabled account as of a wrong password.
 */
static void
one_answer_for_every_reason(void **state)
{
	LoginFacts *none = NEW(login_facts), *locked = account(0, true), *off = account(0, false);
	const LoginFacts *cases[] = {none, locked, off};
	char *first;

	(void)state;
	none->now_real = locked->now_real;
	off->account->state = ACCOUNT__STATE__DISABLED;
	assert_int_equal(decide("login", with("wrong"), account(0, false)), RPC_UNAUTHENTICATED);
	first = text(run.failure.text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(decide("login", with("right password 1"), cases[i]),
				 RPC_UNAUTHENTICATED);
		assert_string_equal(run.failure.text, first);
		assert_string_equal(run.failure.reason, "WRONG_PASSWORD");
	}
}

static void
a_session_lives_half_an_hour_more_but_not_for_ever(void **state)
{
	(void)state;
	assert_int_equal(rule_extended_until(0, RULE_SESSION_US), RULE_IDLE_US);
	assert_int_equal(rule_extended_until(RULE_SESSION_US - 5, RULE_SESSION_US),
			 RULE_SESSION_US);
}

/* -- accounts -------------------------------------------------------------------------------- */

static void
the_first_three_are_made_once(void **state)
{
	BootstrapRequest *req = NEW(bootstrap_request);
	BootstrapFacts *facts = NEW(bootstrap_facts);
	BootstrapAccount **three[] = {&req->system, &req->security, &req->audit};
	const BootstrapEffects *out;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		*three[i] = NEW(bootstrap_account);
		(*three[i])->login = svc_text(&call, "admin%zu@500114", i);
		(*three[i])->password = text("First-time-2026");
	}
	assert_int_equal(decide("bootstrap", req, facts), RPC_OK);
	out = call.effects;
	assert_int_equal(out->n_accounts, 3);
	assert_int_equal(out->grants[1]->duty, ACCOUNT__DUTY__SECURITY);
	assert_true(out->accounts[2]->must_change);
	facts->n_accounts = 3;
	assert_int_equal(decide("bootstrap", req, facts), RPC_FAILED_PRECONDITION);
}

static ProposeAccountsRequest *
proposal(const char *role, Account__Duty duty)
{
	ProposeAccountsRequest *req = NEW(propose_accounts_request);
	AccountRow *row = SVC_ADD(&call, req, rows, account_row);

	row->account = NEW(account);
	row->account->login = text("clerk@500114");
	row->account->kind = ACCOUNT__KIND__STAFF;
	row->account->duty = duty;
	row->account->name = text("区局经办员");
	row->password = text("Sample-password-1");
	SVC_APPEND(&call, row->account, roles, text(role));
	SVC_APPEND(&call, row->account, divisions, (int64_t)1);
	return req;
}

static ProposeAccountsFacts *
house(void)
{
	ProposeAccountsFacts *facts = NEW(propose_accounts_facts);
	Role *clerk = SVC_ADD(&call, facts, roles, role);
	Role *auditor = SVC_ADD(&call, facts, roles, role);

	clerk->code = text("bureau_clerk");
	clerk->duty = ACCOUNT__DUTY__BUSINESS;
	auditor->code = text("auditor");
	auditor->duty = ACCOUNT__DUTY__AUDIT;
	SVC_APPEND(&call, facts, division_ids, (int64_t)1);
	return facts;
}

/* The split of the administrators: a role is held by accounts of its own duty only. */
static void
a_role_of_another_duty_is_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    decide("propose_accounts", proposal("bureau_clerk", ACCOUNT__DUTY__BUSINESS), house()),
	    RPC_OK);
	assert_int_equal(
	    decide("propose_accounts", proposal("auditor", ACCOUNT__DUTY__BUSINESS), house()),
	    RPC_INVALID_ARGUMENT);
	assert_int_equal(
	    decide("propose_accounts", proposal("bureau_clerk", ACCOUNT__DUTY__AUDIT), house()),
	    RPC_INVALID_ARGUMENT);
	assert_int_equal(
	    decide("propose_accounts", proposal("nobody", ACCOUNT__DUTY__BUSINESS), house()),
	    RPC_INVALID_ARGUMENT);
}

static void
a_file_loaded_twice_changes_nothing(void **state)
{
	ProposeAccountsRequest *req = proposal("bureau_clerk", ACCOUNT__DUTY__BUSINESS);
	ProposeAccountsFacts *facts = house();
	const ProposeAccountsEffects *out;

	(void)state;
	SVC_APPEND(&call, facts, existing, svc_copy_message(&call, req->rows[0]->account));
	assert_int_equal(decide("propose_accounts", req, facts), RPC_OK);
	out = call.effects;
	assert_int_equal(out->unchanged, 1);
	assert_int_equal(out->n_accounts, 0);
	req->rows[0]->account->name = text("另一个人");
	assert_int_equal(decide("propose_accounts", req, facts), RPC_INVALID_ARGUMENT);
}

static void
who_proposed_does_not_approve(void **state)
{
	ApproveAccountsRequest *req = NEW(approve_accounts_request);
	ApproveAccountsFacts *facts = NEW(approve_accounts_facts);
	ProposedAccount *one = SVC_ADD(&call, facts, accounts, proposed_account);
	const ApproveAccountsEffects *out;

	(void)state;
	SVC_APPEND(&call, req, ids, text(CHECKER));
	one->login = text("clerk@500114");
	one->state = ACCOUNT__STATE__PROPOSED;
	one->proposed_by = text(MAKER);
	assert_int_equal(decide("approve_accounts", req, facts), RPC_FAILED_PRECONDITION);
	assert_string_equal(run.failure.reason, "MAKER_IS_CHECKER");
	caller.id = CHECKER;
	assert_int_equal(decide("approve_accounts", req, facts), RPC_OK);
	out = call.effects;
	assert_int_equal(out->approved, 1);
	SVC_APPEND(&call, req, ids, text(MAKER));
	assert_int_equal(decide("approve_accounts", req, facts), RPC_NOT_FOUND);
}

static void
rights_are_changed_by_two(void **state)
{
	DecideRightsRequest *req = NEW(decide_rights_request);
	DecideRightsFacts *facts = NEW(decide_rights_facts);
	const DecideRightsEffects *out;

	(void)state;
	facts->account = NEW(account);
	facts->account->duty = ACCOUNT__DUTY__BUSINESS;
	facts->change = NEW(rights_change);
	facts->change->account_id = text(CHECKER);
	facts->change->version = req->version = 1;
	facts->change->state = RIGHTS_CHANGE__STATE__PROPOSED;
	facts->change->proposed_by = text(MAKER);
	SVC_APPEND(&call, facts->change, roles, text("bureau_clerk"));
	req->approve = true;
	assert_int_equal(decide("decide_rights", req, facts), RPC_FAILED_PRECONDITION);
	caller.id = CHECKER;
	assert_int_equal(decide("decide_rights", req, facts), RPC_OK);
	out = call.effects;
	assert_string_equal(out->replaced_id, CHECKER);
	assert_int_equal(out->n_grants, 1);
	req->approve = false;
	assert_int_equal(decide("decide_rights", req, facts), RPC_OK);
	out = call.effects;
	assert_string_equal(out->replaced_id, "");
	assert_int_equal(out->n_grants, 0);
}

/* -- standing in ----------------------------------------------------------------------------- */

static void
only_an_equal_may_stand_in(void **state)
{
	Account *absent = NEW(account), *deputy = NEW(account);

	(void)state;
	absent->duty = deputy->duty = ACCOUNT__DUTY__BUSINESS;
	SVC_APPEND(&call, absent, roles, text("township_clerk"));
	SVC_APPEND(&call, absent, divisions, (int64_t)101);
	SVC_APPEND(&call, deputy, roles, text("township_clerk"));
	SVC_APPEND(&call, deputy, divisions, (int64_t)102);
	assert_true(rule_may_stand_in(absent, deputy)); /* same roles, another township */
	deputy->roles[0] = text("bureau_approver");
	assert_false(rule_may_stand_in(absent, deputy)); /* would approve in both townships */
	deputy->divisions[0] = 101;
	assert_true(rule_may_stand_in(absent, deputy));
	deputy->duty = ACCOUNT__DUTY__AUDIT;
	assert_false(rule_may_stand_in(absent, deputy));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(passwords_are_long_and_mixed),
	    TEST(the_right_password_opens_a_session),
	    TEST(the_fifth_wrong_password_locks),
	    TEST(one_answer_for_every_reason),
	    TEST(a_session_lives_half_an_hour_more_but_not_for_ever),
	    TEST(the_first_three_are_made_once),
	    TEST(a_role_of_another_duty_is_refused),
	    TEST(a_file_loaded_twice_changes_nothing),
	    TEST(who_proposed_does_not_approve),
	    TEST(rights_are_changed_by_two),
	    TEST(only_an_equal_may_stand_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
