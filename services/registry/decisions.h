/* SPDX-License-Identifier: Apache-2.0 */
/* Registry's decisions, one an rpc; each is pure (svc/method.h). What they may refuse stands in the
 * proto. */
#ifndef MZ_REGISTRY_DECISIONS_H
#define MZ_REGISTRY_DECISIONS_H

#include "svc/method.h"

/* persons.c: one record per ID number (3.1, 3.9). */
enum rpc_code create_person(struct svc_call *c);
enum rpc_code update_person(struct svc_call *c);
enum rpc_code search_persons(struct svc_call *c);

/* merges.c: two records of one human being (3.2). */
enum rpc_code propose_merge(struct svc_call *c);
enum rpc_code approve_merge(struct svc_call *c);
enum rpc_code undo_merge(struct svc_call *c);

/* facts.c: what happened to a person, and when (EVT-01). */
enum rpc_code record_fact(struct svc_call *c);
enum rpc_code correct_fact(struct svc_call *c);
enum rpc_code revoke_fact(struct svc_call *c);

/* households.c: who belongs together, and since when. */
enum rpc_code create_household(struct svc_call *c);
enum rpc_code update_household(struct svc_call *c);
enum rpc_code add_members(struct svc_call *c);
enum rpc_code remove_members(struct svc_call *c);
enum rpc_code move_members(struct svc_call *c);

/* accounts.c: where money goes (3.10). */
enum rpc_code propose_bank_account(struct svc_call *c);
enum rpc_code decide_bank_account(struct svc_call *c);

/* policy.c: divisions, amounts, parameters, working days (2.1, 3.4, 3.7). */
enum rpc_code create_division(struct svc_call *c);
enum rpc_code revise_division(struct svc_call *c);
enum rpc_code set_policy_amount(struct svc_call *c);
enum rpc_code set_parameter(struct svc_call *c);
enum rpc_code create_calendar_year(struct svc_call *c);

/* imports.c: files, checked row by row. */
enum rpc_code create_registry_import(struct svc_call *c);
enum rpc_code upload_persons(struct svc_call *c);
enum rpc_code upload_households(struct svc_call *c);
enum rpc_code upload_bank_accounts(struct svc_call *c);
enum rpc_code commit_registry_import(struct svc_call *c);
enum rpc_code abandon_registry_import(struct svc_call *c);

#endif
