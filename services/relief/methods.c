/* SPDX-License-Identifier: Apache-2.0 */
/* Relief's table of decisions. Those of one kind share their facts and effects (facts.proto). */
#include "decisions.h"

#define DECISION(rpc, given, says)                                   \
	{                                                            \
#rpc, rpc, &given##__descriptor, &says##__descriptor \
	}
#define STEP(rpc)   DECISION(rpc, step_facts, step_effects)
#define CHANGE(rpc) DECISION(rpc, change_facts, change_effects)
#define RESCUE(rpc) DECISION(rpc, rescue_facts, rescue_effects)

const struct svc_decision svc_methods[] = {
    STEP(create_application),
    STEP(update_application),
    STEP(submit_application),
    STEP(withdraw_application),
    STEP(request_supplement),
    STEP(accept_application),
    STEP(start_check),
    STEP(record_survey),
    STEP(record_democratic_review),
    STEP(give_first_opinion),
    STEP(publicise_application),
    STEP(raise_objection),
    STEP(resolve_objection),
    STEP(begin_county_review),
    STEP(refuse_application),
    STEP(archive_application),
    DECISION(confirm_application, step_facts, confirm_effects),
    DECISION(confirm_applications, step_facts, confirm_effects),

    SVC_DECISION(record_recheck),
    CHANGE(propose_award_change),
    CHANGE(report_elsewhere),
    CHANGE(record_hearing),
    CHANGE(approve_award_change),
    CHANGE(approve_award_changes),
    CHANGE(dismiss_award_change),
    SVC_DECISION(record_penalty),
    SVC_DECISION(take_person_events),
    SVC_DECISION(remind_birthdays),
    SVC_DECISION(create_recalculation),
    SVC_DECISION(advance_recalculations),

    SVC_DECISION(open_checks),
    SVC_DECISION(record_check_results),
    SVC_DECISION(grant_fast_aid),
    SVC_DECISION(create_facility),
    SVC_DECISION(close_facility),
    RESCUE(admit_guest),
    RESCUE(record_departure),
    RESCUE(record_follow_up),
    RESCUE(identify_guest),
    DECISION(report_lead, lead_facts, lead_effects),
    DECISION(resolve_lead, lead_facts, lead_effects),
    SVC_DECISION(enrol_persons),
    SVC_DECISION(record_claims),
    SVC_DECISION(sign_care_agreements),
    SVC_DECISION(end_care_agreement),
    DECISION(create_grant_batch, grant_batch_facts, grant_batch_effects),
    DECISION(add_grants, grant_batch_facts, add_grants_effects),
    DECISION(approve_grant_batch, grant_batch_facts, grant_batch_effects),
    DECISION(release_grants, grant_batch_facts, release_grants_effects),
    DECISION(import_awards, import_facts, import_awards_effects),
    DECISION(import_temp_aids, import_facts, import_temp_aids_effects),
    DECISION(import_tags, import_facts, import_tags_effects),

    SVC_END,
};
