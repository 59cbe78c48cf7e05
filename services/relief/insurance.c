/* SPDX-License-Identifier: Apache-2.0 */
/* 惠民济困保 and care agreements (RLF-43). Lists in one batch are sets: who is there stays. */
#include <string.h>

#include "decisions.h"
#include "svc/lists.h"

static Covered *
eligibility(const EnrolPersonsFacts *facts, const char *person_id)
{
	for (size_t i = 0; i < facts->n_eligible; i++) {
		if (strcmp(facts->eligible[i]->person_id, person_id) == 0)
			return facts->eligible[i];
	}
	return NULL;
}

enum rpc_code
enrol_persons(struct svc_call *c)
{
	const EnrolPersonsRequest *req = c->request;
	const EnrolPersonsFacts *facts = c->facts;
	EnrolPersonsEffects *out = c->effects;

	out->reply = svc_message(c, &enrol_persons_response__descriptor);
	for (size_t i = 0; i < req->n_person_ids; i++) {
		char *person_id = req->person_ids[i];
		Covered *eligible = eligibility(facts, person_id);

		if (svc_is_listed(facts->enrolled, facts->n_enrolled, person_id) ||
		    svc_is_listed(req->person_ids, i, person_id)) {
			out->reply->unchanged++;
		} else if (!eligible) {
			SVC_APPEND(c, out->reply, not_eligible, person_id);
		} else {
			SVC_APPEND(c, out, rows, eligible);
			out->reply->enrolled++;
		}
	}
	return RPC_OK;
}

static bool
is_enrolled(const RecordClaimsFacts *facts, const Claim *claim)
{
	for (size_t i = 0; i < facts->n_enrolled; i++) {
		if (facts->enrolled[i]->policy_year == claim->policy_year &&
		    strcmp(facts->enrolled[i]->person_id, claim->person_id) == 0)
			return true;
	}
	return false;
}

enum rpc_code
record_claims(struct svc_call *c)
{
	const RecordClaimsRequest *req = c->request;
	const RecordClaimsFacts *facts = c->facts;
	RecordClaimsEffects *out = c->effects;

	out->reply = svc_message(c, &record_claims_response__descriptor);
	for (size_t i = 0; i < req->n_claims; i++) {
		Claim *claim = req->claims[i];

		if (svc_is_listed(facts->existing, facts->n_existing, claim->id) ||
		    svc_is_repeated(req->claims, i, offsetof(Claim, id))) {
			out->reply->unchanged++;
		} else if (!is_enrolled(facts, claim)) {
			SVC_APPEND(c, out->reply, not_enrolled, claim->person_id);
		} else {
			SVC_APPEND(c, out, rows, claim);
			out->reply->recorded++;
		}
	}
	return RPC_OK;
}

/* Only dispersed tekun persons have a care agreement; its rows are checked one by one. */
enum rpc_code
sign_care_agreements(struct svc_call *c)
{
	const SignCareAgreementsRequest *req = c->request;
	const SignCareAgreementsFacts *facts = c->facts;
	SignCareAgreementsEffects *out = c->effects;

	out->reply = svc_message(c, &sign_care_agreements_response__descriptor);
	for (size_t i = 0; i < req->n_agreements; i++) {
		CareAgreement *agreement = svc_copy_message(c, req->agreements[i]);

		agreement->id = svc_id_or_new(c, agreement->id);
		if (svc_is_listed(facts->existing, facts->n_existing, agreement->id) ||
		    svc_is_repeated(req->agreements, i, offsetof(CareAgreement, id))) {
			out->reply->unchanged++;
		} else if (svc_date_before(agreement->ends_on, agreement->starts_on)) {
			svc_fail_field(c, svc_text(c, "agreements[%zu].ends_on", i),
				       "不能早于协议的开始日期");
		} else if (!svc_is_listed(facts->dispersed, facts->n_dispersed,
					  agreement->person_id)) {
			SVC_APPEND(c, out->reply, not_dispersed, agreement->person_id);
		} else if (!svc_caller_covers(c->caller, agreement->division)) {
			svc_fail_field(c, svc_text(c, "agreements[%zu].division", i),
				       "所填村（社区）不在您的辖区");
		} else {
			SVC_APPEND(c, out, rows, agreement);
			out->reply->added++;
		}
	}
	return svc_fields_checked(c);
}

enum rpc_code
end_care_agreement(struct svc_call *c)
{
	const EndCareAgreementRequest *req = c->request;
	const EndCareAgreementFacts *facts = c->facts;
	EndCareAgreementEffects *out = c->effects;

	if (!facts->agreement)
		return svc_fail(c, NOT_FOUND, "NO_AGREEMENT", "本辖区没有编号为 %s 的照料协议",
				req->id);
	if (facts->agreement->ends_on)
		return svc_fail(c, FAILED_PRECONDITION, "AGREEMENT_ENDED", "照料协议已经终止");
	if (svc_date_before(req->ends_on, facts->agreement->starts_on))
		return svc_fail_field(c, "ends_on", "不能早于协议的开始日期");
	out->reply = svc_copy_message(c, facts->agreement);
	out->reply->ends_on = req->ends_on;
	return RPC_OK;
}
