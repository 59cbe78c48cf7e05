/* SPDX-License-Identifier: Apache-2.0 */
/* Identity's table of decisions. */
#include "decisions.h"
#include "facts.h"

const struct svc_decision svc_methods[] = {
    SVC_DECISION(login),
    SVC_DECISION(extend_session),
    SVC_DECISION(change_password),
    SVC_DECISION(create_access_token),
    SVC_DECISION(bootstrap),
    SVC_DECISION(propose_accounts),
    SVC_DECISION(approve_accounts),
    SVC_DECISION_WITH(disable_account, account_change),
    SVC_DECISION_WITH(unlock_account, account_change),
    SVC_DECISION_WITH(reset_password, account_change),
    SVC_DECISION(propose_rights),
    SVC_DECISION(decide_rights),
    SVC_DECISION(create_delegation),
    SVC_DECISION(end_delegation),
    SVC_END,
};
