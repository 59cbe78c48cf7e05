/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions and passwords (CMP-05). Every time here is of the real clock. */
#include <string.h>

#include "decisions.h"
#include "rules.h"
#include "svc/secret.h"

static Session *
new_session(struct svc_call *c, Session__Kind kind, const char *label, int64_t now_us,
	    int64_t until_us)
{
	Session *session = svc_message(c, &session__descriptor);

	session->id = svc_new_id(c);
	session->kind = kind;
	session->label = svc_copy_text(c, label);
	session->created_at = svc_instant(c, now_us);
	session->expires_at = svc_instant(c, until_us);
	return session;
}

/* Counts a wrong password; the fifth in a row locks. One answer for every reason, so that a
 * stranger learns neither which names exist nor which are locked. */
static enum rpc_code
refuse_login(struct svc_call *c, const LoginFacts *facts, LoginEffects *out)
{
	if (facts->account && !facts->is_locked) {
		out->tenant = facts->tenant;
		out->account_id = facts->account->id;
		out->failures = facts->failures + 1;
		if (out->failures >= RULE_MAX_FAILURES) {
			out->failures = 0;
			out->locked_until =
			    svc_instant(c, svc_instant_us(facts->now_real) + RULE_LOCK_US);
		}
	}
	return svc_fail_and_store(
	    c, UNAUTHENTICATED, "WRONG_PASSWORD",
	    "登录名或密码不对，或账号已停用、已锁定；连续错 5 次锁定 15 分钟");
}

enum rpc_code
login(struct svc_call *c)
{
	const LoginRequest *req = c->request;
	const LoginFacts *facts = c->facts;
	LoginEffects *out = c->effects;
	int64_t now = svc_instant_us(facts->now_real);
	/* The password is always compared: how long it takes tells nothing. */
	bool fits = svc_password_fits(c, facts->password_hash, req->password);

	if (!facts->account || facts->is_locked || !fits ||
	    facts->account->state != ACCOUNT__STATE__ACTIVE)
		return refuse_login(c, facts, out);
	out->tenant = facts->tenant;
	out->account_id = facts->account->id;
	out->token = svc_new_token(c);
	out->token_hash = svc_token_hash(c, out->token);
	out->session = new_session(c, SESSION__KIND__SESSION, "", now, now + RULE_IDLE_US);
	out->absolute_until = svc_instant(c, now + RULE_SESSION_US);
	out->must_change_password = facts->must_change;
	return RPC_OK;
}

enum rpc_code
extend_session(struct svc_call *c)
{
	const ExtendSessionFacts *facts = c->facts;
	ExtendSessionEffects *out = c->effects;

	if (!facts->session)
		return svc_fail(c, NOT_FOUND, "NO_SESSION", "会话已结束，请重新登录");
	out->reply = svc_copy_message(c, facts->session);
	if (out->reply->kind == SESSION__KIND__SESSION)
		out->reply->expires_at =
		    svc_instant(c, rule_extended_until(svc_instant_us(facts->now_real),
						       svc_instant_us(facts->absolute_until)));
	return RPC_OK;
}

enum rpc_code
change_password(struct svc_call *c)
{
	const ChangePasswordRequest *req = c->request;
	const ChangePasswordFacts *facts = c->facts;
	ChangePasswordEffects *out = c->effects;
	const char *fault = rule_password_fault(req->new_password, facts->login);

	if (!svc_password_fits(c, facts->password_hash, req->old_password))
		return svc_fail_field(c, "old_password", "原密码不对");
	if (strcmp(req->old_password, req->new_password) == 0)
		fault = "新密码应与原密码不同";
	if (fault)
		return svc_fail_field(c, "new_password", "%s", fault);
	out->password_hash = svc_password_hash(c, req->new_password);
	return RPC_OK;
}

enum rpc_code
create_access_token(struct svc_call *c)
{
	const CreateAccessTokenRequest *req = c->request;
	const CreateAccessTokenFacts *facts = c->facts;
	CreateAccessTokenEffects *out = c->effects;
	int64_t now = svc_instant_us(facts->now_real);

	if (facts->kind != ACCOUNT__KIND__DEPARTMENT)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_A_DEPARTMENT",
				"只有部门接口账号可以申请长期令牌");
	out->token = svc_new_token(c);
	out->token_hash = svc_token_hash(c, out->token);
	out->session = new_session(c, SESSION__KIND__ACCESS_TOKEN, req->label, now,
				   now + req->days * RULE_TOKEN_DAY_US);
	return RPC_OK;
}
