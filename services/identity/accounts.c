/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: proposed by one administrator, approved by another, never deleted (CMP-05). */
#include <string.h>

#include "decisions.h"
#include "rules.h"
#include "svc/secret.h"

/* -- the first three ------------------------------------------------------------------------- */

static void
add_first(struct svc_call *c, const BootstrapAccount *wanted, const char *path, Account__Duty duty,
	  const char *role)
{
	BootstrapEffects *out = c->effects;
	const char *fault = rule_password_fault(wanted->password, wanted->login);
	NewAccount *account = SVC_ADD(c, out, accounts, new_account);
	Grant *grant = SVC_ADD(c, out, grants, grant);

	if (fault)
		svc_fail_field(c, svc_text(c, "%s.password", path), "%s", fault);
	account->id = svc_new_id(c);
	account->login = wanted->login;
	account->kind = ACCOUNT__KIND__STAFF;
	account->duty = duty;
	account->name = wanted->name;
	account->password_hash = svc_password_hash(c, wanted->password);
	account->must_change = !wanted->keep_password;
	grant->account_id = account->id;
	grant->role = svc_copy_text(c, role);
	grant->duty = duty;
	SVC_APPEND(c, out, account_ids, account->id);
}

enum rpc_code
bootstrap(struct svc_call *c)
{
	const BootstrapRequest *req = c->request;
	const BootstrapFacts *facts = c->facts;

	if (facts->n_accounts > 0)
		return svc_fail(c, FAILED_PRECONDITION, "BOOTSTRAPPED",
				"已有账号，不能再建首批管理员；请由系统管理员提出、安全管理员批准");
	add_first(c, req->system, "system", ACCOUNT__DUTY__SYSTEM, "system_admin");
	add_first(c, req->security, "security", ACCOUNT__DUTY__SECURITY, "security_admin");
	add_first(c, req->audit, "audit", ACCOUNT__DUTY__AUDIT, "auditor");
	return svc_fields_checked(c);
}

/* -- proposing ------------------------------------------------------------------------------- */

static const Account *
find_existing(const ProposeAccountsFacts *facts, const char *login)
{
	for (size_t i = 0; i < facts->n_existing; i++)
		if (strcmp(facts->existing[i]->login, login) == 0)
			return facts->existing[i];
	return NULL;
}

static bool
is_same(const Account *a, const Account *b)
{
	return a->kind == b->kind && a->duty == b->duty && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->department, b->department) == 0 && rule_same_roles(a, b) &&
	       rule_same_divisions(a, b);
}

static void
check_row(struct svc_call *c, size_t i, const AccountRow *row)
{
	const ProposeAccountsFacts *facts = c->facts;
	const Account *account = row->account;
	const char *fault =
	    *row->password ? rule_password_fault(row->password, account->login) : NULL;

	if (fault)
		svc_fail_field(c, svc_text(c, "rows[%zu].password", i), "%s", fault);
	for (size_t r = 0; r < account->n_roles; r++)
		if (!rule_role_fits(facts->roles, facts->n_roles, account->roles[r], account->duty))
			svc_fail_field(c, svc_text(c, "rows[%zu].account.roles[%zu]", i, r),
				       "没有角色 %s，或它不属于该账号的职责", account->roles[r]);
	for (size_t d = 0; d < account->n_divisions; d++)
		if (!rule_division_exists(facts->division_ids, facts->n_division_ids,
					  account->divisions[d]))
			svc_fail_field(c, svc_text(c, "rows[%zu].account.divisions[%zu]", i, d),
				       "没有编号为 %lld 的区划", (long long)account->divisions[d]);
}

static void
add_account(struct svc_call *c, const AccountRow *row)
{
	ProposeAccountsEffects *out = c->effects;
	const Account *wanted = row->account;
	NewAccount *account = SVC_ADD(c, out, accounts, new_account);

	account->id = svc_id_or_new(c, wanted->id);
	account->login = wanted->login;
	account->kind = wanted->kind;
	account->duty = wanted->duty;
	account->name = wanted->name;
	account->department = wanted->department;
	account->password_hash =
	    *row->password ? svc_password_hash(c, row->password) : svc_copy_text(c, "");
	account->must_change = !row->keep_password;
	for (size_t i = 0; i < wanted->n_roles; i++) {
		Grant *grant = SVC_ADD(c, out, grants, grant);

		*grant = (Grant){grant->base, account->id, wanted->roles[i], wanted->duty};
	}
	for (size_t i = 0; i < wanted->n_divisions; i++) {
		Place *place = SVC_ADD(c, out, places, place);

		*place = (Place){place->base, account->id, wanted->divisions[i]};
	}
	SVC_APPEND(c, out, account_ids, account->id);
}

static bool
appears_before(const ProposeAccountsRequest *req, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(req->rows[j]->account->login, req->rows[i]->account->login) == 0)
			return true;
	return false;
}

enum rpc_code
propose_accounts(struct svc_call *c)
{
	const ProposeAccountsRequest *req = c->request;
	const ProposeAccountsFacts *facts = c->facts;
	ProposeAccountsEffects *out = c->effects;

	for (size_t i = 0; i < req->n_rows; i++) {
		Account *wanted = req->rows[i]->account;
		const Account *existing = find_existing(facts, wanted->login);

		rule_sort(wanted);
		if (appears_before(req, i) || (existing && !is_same(existing, wanted)))
			svc_fail_field(c, svc_text(c, "rows[%zu].account.login", i),
				       "登录名 %s 已有账号，内容不同", wanted->login);
		else if (existing)
			out->unchanged++;
		else
			check_row(c, i, req->rows[i]);
	}
	if (svc_fields_checked(c) != RPC_OK)
		return RPC_INVALID_ARGUMENT;
	for (size_t i = 0; i < req->n_rows; i++)
		if (!find_existing(facts, req->rows[i]->account->login))
			add_account(c, req->rows[i]);
	return RPC_OK;
}

enum rpc_code
approve_accounts(struct svc_call *c)
{
	const ApproveAccountsRequest *req = c->request;
	const ApproveAccountsFacts *facts = c->facts;
	ApproveAccountsEffects *out = c->effects;

	if (facts->n_accounts != req->n_ids)
		return svc_fail(c, NOT_FOUND, "NO_ACCOUNT", "其中有账号不存在，请核对");
	for (size_t i = 0; i < facts->n_accounts; i++) {
		const ProposedAccount *account = facts->accounts[i];

		if (account->state == ACCOUNT__STATE__DISABLED)
			return svc_fail(c, FAILED_PRECONDITION, "NOT_PROPOSED",
					"账号 %s 已停用，不能批准", account->login);
		if (strcmp(account->proposed_by, c->caller->id) == 0)
			return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
					"账号 %s 由您提出，请由他人批准", account->login);
		out->approved += account->state == ACCOUNT__STATE__PROPOSED;
	}
	return RPC_OK;
}

/* -- later ----------------------------------------------------------------------------------- */

static enum rpc_code
find_account(struct svc_call *c)
{
	const AccountChangeFacts *facts = c->facts;
	AccountChangeEffects *out = c->effects;

	if (!facts->account)
		return svc_fail(c, NOT_FOUND, "NO_ACCOUNT", "没有这个账号，请核对");
	if (strcmp(facts->account->id, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "OWN_ACCOUNT",
				"不能办理自己的账号，请由另一位管理员办理");
	out->reply = svc_copy_message(c, facts->account);
	out->reply->version++;
	return RPC_OK;
}

enum rpc_code
disable_account(struct svc_call *c)
{
	const DisableAccountRequest *req = c->request;
	AccountChangeEffects *out = c->effects;
	enum rpc_code code = find_account(c);

	if (code != RPC_OK)
		return code;
	if (out->reply->version != req->version + 1)
		return svc_fail(c, ABORTED, "CHANGED", "账号已被他人修改，请刷新后再办");
	out->reply->state = ACCOUNT__STATE__DISABLED;
	return RPC_OK;
}

enum rpc_code
unlock_account(struct svc_call *c)
{
	AccountChangeEffects *out = c->effects;
	enum rpc_code code = find_account(c);

	if (code == RPC_OK)
		out->reply->locked_until = NULL;
	return code;
}

enum rpc_code
reset_password(struct svc_call *c)
{
	const ResetPasswordRequest *req = c->request;
	AccountChangeEffects *out = c->effects;
	enum rpc_code code = find_account(c);
	const char *fault;

	if (code != RPC_OK)
		return code;
	/* Whoever sets a password could log in with it, and approve what he proposed himself. */
	if (!c->caller->system && (out->reply->duty == ACCOUNT__DUTY__SECURITY ||
				   out->reply->duty == ACCOUNT__DUTY__AUDIT))
		return svc_fail(c, FAILED_PRECONDITION, "OTHER_ADMINISTRATOR",
				"安全、审计管理员的密码不能由系统管理员重置，"
				"请由持有密钥文件的运维人员用 identity token 的令牌办理");
	fault = rule_password_fault(req->password, out->reply->login);
	if (fault)
		return svc_fail_field(c, "password", "%s", fault);
	out->password_hash = svc_password_hash(c, req->password);
	out->reply->locked_until = NULL;
	return RPC_OK;
}
