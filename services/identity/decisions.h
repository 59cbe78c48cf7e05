/* SPDX-License-Identifier: Apache-2.0 */
/* Identity's decisions, one an rpc; each is pure (svc/method.h). What they may refuse stands in the
 * proto. */
#ifndef MZ_IDENTITY_DECISIONS_H
#define MZ_IDENTITY_DECISIONS_H

#include "svc/method.h"

/* sessions.c: who is there. */
enum rpc_code login(struct svc_call *c);
enum rpc_code extend_session(struct svc_call *c);
enum rpc_code change_password(struct svc_call *c);
enum rpc_code create_access_token(struct svc_call *c);

/* accounts.c: who may be there. */
enum rpc_code bootstrap(struct svc_call *c);
enum rpc_code propose_accounts(struct svc_call *c);
enum rpc_code approve_accounts(struct svc_call *c);
enum rpc_code disable_account(struct svc_call *c);
enum rpc_code unlock_account(struct svc_call *c);
enum rpc_code reset_password(struct svc_call *c);

/* rights.c: who may do what, and for whom. */
enum rpc_code propose_rights(struct svc_call *c);
enum rpc_code decide_rights(struct svc_call *c);
enum rpc_code create_delegation(struct svc_call *c);
enum rpc_code end_delegation(struct svc_call *c);

#endif
