/* SPDX-License-Identifier: Apache-2.0 */
/* Bank accounts: proposed by one, approved by another, in use from the next month on (3.10). */
#include <string.h>

#include "decisions.h"
#include "facts.h"
#include "rules.h"

enum rpc_code
propose_bank_account(struct svc_call *c)
{
	const ProposeBankAccountRequest *req = c->request;
	const ProposeBankAccountFacts *facts = c->facts;
	ProposeBankAccountEffects *out = c->effects;
	BankAccount *account = svc_copy_message(c, req->account);

	if (!facts->person)
		return svc_fail(c, NOT_FOUND, "NO_PERSON", "本辖区没有这个人的记录，请核对");
	if (facts->person->state == PERSON__STATE__MERGED)
		return svc_fail(c, FAILED_PRECONDITION, "MERGED",
				"这条记录已并入另一条，请在保留的记录上登记账户");
	if (facts->person->died_on)
		return svc_fail(c, FAILED_PRECONDITION, "DEAD", "此人已死亡，不能登记账户");
	if (*facts->waiting_id)
		return svc_fail(c, FAILED_PRECONDITION, "WAITING",
				"已有一个账户等待批准，请先办完那一个");
	account->id = svc_id_or_new(c, account->id);
	account->version = 1;
	account->state = BANK_ACCOUNT__STATE__PROPOSED;
	account->valid_from = svc_date(c, month_first(date_month(c->today) + 1));
	account->valid_to = NULL;
	account->check_digit_wrong = !rule_card_number_fits(account->number);
	account->proposed_by = svc_copy_text(c, c->caller->id);
	account->proposed_at = svc_instant(c, c->now);
	account->approved_by = svc_copy_text(c, "");
	account->approved_at = NULL;
	out->reply = account;
	return RPC_OK;
}

enum rpc_code
decide_bank_account(struct svc_call *c)
{
	const DecideBankAccountRequest *req = c->request;
	const DecideBankAccountFacts *facts = c->facts;
	DecideBankAccountEffects *out = c->effects;
	BankAccount *account;

	if (!facts->account)
		return svc_fail(c, NOT_FOUND, "NO_ACCOUNT", "本辖区没有这个账户，请核对");
	if (facts->account->version != req->version)
		return svc_fail(c, ABORTED, "CHANGED", "这个账户已被他人办理，请刷新");
	if (facts->account->state != BANK_ACCOUNT__STATE__PROPOSED)
		return svc_fail(c, FAILED_PRECONDITION, "NOT_PROPOSED", "这个账户不在等待批准");
	if (strcmp(facts->account->proposed_by, c->caller->id) == 0)
		return svc_fail(c, FAILED_PRECONDITION, "MAKER_IS_CHECKER",
				"提出的人不能自己批准，请由他人办理");
	account = svc_copy_message(c, facts->account);
	account->version++;
	account->state = req->approve ? BANK_ACCOUNT__STATE__ACTIVE : BANK_ACCOUNT__STATE__REFUSED;
	account->valid_from = svc_date(c, month_first(date_month(c->today) + 1));
	account->approved_by = svc_copy_text(c, c->caller->id);
	account->approved_at = svc_instant(c, c->now);
	account->check_digit_wrong = !rule_card_number_fits(account->number);
	out->reply = account;
	if (req->approve && facts->current) {
		out->closed_id = facts->current->id;
		out->closed_on = svc_date(c, month_last(date_month(c->today)));
	}
	return RPC_OK;
}
