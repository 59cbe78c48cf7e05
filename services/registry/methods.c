/* SPDX-License-Identifier: Apache-2.0 */
/* Registry's table of decisions. */
#include "decisions.h"
#include "facts.h"

const struct svc_decision svc_methods[] = {
    SVC_DECISION(create_person),
    SVC_DECISION(update_person),
    SVC_DECISION(search_persons),
    SVC_DECISION_WITH(propose_merge, merge_change),
    SVC_DECISION_WITH(approve_merge, merge_change),
    SVC_DECISION_WITH(undo_merge, merge_change),
    SVC_DECISION_WITH(record_fact, fact_change),
    SVC_DECISION_WITH(correct_fact, fact_change),
    SVC_DECISION_WITH(revoke_fact, fact_change),
    SVC_DECISION_WITH(create_household, household_change),
    SVC_DECISION_WITH(update_household, household_change),
    SVC_DECISION_WITH(add_members, household_change),
    SVC_DECISION_WITH(remove_members, household_change),
    SVC_DECISION_WITH(move_members, household_change),
    SVC_DECISION(propose_bank_account),
    SVC_DECISION(decide_bank_account),
    SVC_DECISION_WITH(create_division, division_change),
    SVC_DECISION_WITH(revise_division, division_change),
    SVC_DECISION(set_policy_amount),
    SVC_DECISION(set_parameter),
    SVC_DECISION(create_calendar_year),
    SVC_DECISION_WITH(create_registry_import, import_step),
    SVC_DECISION_WITH(commit_registry_import, import_step),
    SVC_DECISION_WITH(abandon_registry_import, import_step),
    SVC_DECISION_WITH(upload_persons, upload),
    SVC_DECISION_WITH(upload_households, upload),
    SVC_DECISION_WITH(upload_bank_accounts, upload),
    SVC_END,
};
