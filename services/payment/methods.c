/* SPDX-License-Identifier: Apache-2.0 */
/* Payment's table of decisions. */
#include "decisions.h"
#include "facts.h"

const struct svc_decision svc_methods[] = {
    SVC_DECISION(take_awards),
    SVC_DECISION_WITH(create_award_import, award_import),
    SVC_DECISION(upload_award_rows),
    SVC_DECISION_WITH(commit_award_import, award_import),
    SVC_DECISION_WITH(abandon_award_import, award_import),
    SVC_DECISION(create_payment_run),
    SVC_DECISION(advance_payment_runs),
    SVC_DECISION(check_payment_run),
    SVC_DECISION(approve_payment_run),
    SVC_DECISION(send_payment_run),
    SVC_DECISION(settle_payment_run),
    SVC_DECISION(cancel_payment_run),
    SVC_DECISION(resolve_hold),
    SVC_DECISION(import_bank_results),
    SVC_DECISION(repay),
    SVC_DECISION(plan_recovery),
    SVC_DECISION(record_recovery),
    SVC_DECISION(write_off_recovery),
    SVC_END,
};
