/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relief's decisions, one an rpc; each is pure (svc/method.h). What they may refuse stands in the
 * proto; the table of all of them is methods.c.
 */
#ifndef RELIEF_DECISIONS_H
#define RELIEF_DECISIONS_H

#include "relief/facts.pb-c.h"
#include "svc/method.h"

/* application.c: up to the first opinion. */
enum rpc_code create_application(struct svc_call *c);
enum rpc_code update_application(struct svc_call *c);
enum rpc_code submit_application(struct svc_call *c);
enum rpc_code withdraw_application(struct svc_call *c);
enum rpc_code request_supplement(struct svc_call *c);
enum rpc_code accept_application(struct svc_call *c);
enum rpc_code start_check(struct svc_call *c);
enum rpc_code record_survey(struct svc_call *c);
enum rpc_code record_democratic_review(struct svc_call *c);
enum rpc_code raise_objection(struct svc_call *c);
enum rpc_code resolve_objection(struct svc_call *c);
enum rpc_code begin_county_review(struct svc_call *c);
enum rpc_code archive_application(struct svc_call *c);

/* opinion.c, confirm.c: the evaluation and what follows from it. */
enum rpc_code give_first_opinion(struct svc_call *c);
enum rpc_code publicise_application(struct svc_call *c);
enum rpc_code refuse_application(struct svc_call *c);
enum rpc_code confirm_application(struct svc_call *c);
enum rpc_code confirm_applications(struct svc_call *c);

/* award.c, person_events.c, recalculation.c: running awards. */
enum rpc_code record_recheck(struct svc_call *c);
enum rpc_code propose_award_change(struct svc_call *c);
enum rpc_code report_elsewhere(struct svc_call *c);
enum rpc_code record_hearing(struct svc_call *c);
enum rpc_code approve_award_change(struct svc_call *c);
enum rpc_code approve_award_changes(struct svc_call *c);
enum rpc_code dismiss_award_change(struct svc_call *c);
enum rpc_code record_penalty(struct svc_call *c);
enum rpc_code take_person_events(struct svc_call *c);
enum rpc_code remind_birthdays(struct svc_call *c);
enum rpc_code create_recalculation(struct svc_call *c);
enum rpc_code advance_recalculations(struct svc_call *c);

/* check.c, aid.c, insurance.c, grant_batch.c, import.c. */
enum rpc_code open_checks(struct svc_call *c);
enum rpc_code record_check_results(struct svc_call *c);
enum rpc_code grant_fast_aid(struct svc_call *c);
enum rpc_code create_facility(struct svc_call *c);
enum rpc_code close_facility(struct svc_call *c);
enum rpc_code admit_guest(struct svc_call *c);
enum rpc_code record_departure(struct svc_call *c);
enum rpc_code record_follow_up(struct svc_call *c);
enum rpc_code identify_guest(struct svc_call *c);
enum rpc_code report_lead(struct svc_call *c);
enum rpc_code resolve_lead(struct svc_call *c);
enum rpc_code enrol_persons(struct svc_call *c);
enum rpc_code record_claims(struct svc_call *c);
enum rpc_code sign_care_agreements(struct svc_call *c);
enum rpc_code end_care_agreement(struct svc_call *c);
enum rpc_code create_grant_batch(struct svc_call *c);
enum rpc_code add_grants(struct svc_call *c);
enum rpc_code approve_grant_batch(struct svc_call *c);
enum rpc_code release_grants(struct svc_call *c);
enum rpc_code import_awards(struct svc_call *c);
enum rpc_code import_temp_aids(struct svc_call *c);
enum rpc_code import_tags(struct svc_call *c);

#endif
