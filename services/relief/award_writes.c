/* SPDX-License-Identifier: Apache-2.0 */
#include "award_writes.h"

#include "rules_amount.h"

Award__Unit
award_unit(Award__Programme programme)
{
	switch (programme) {
	case AWARD__PROGRAMME__DIBAO:
	case AWARD__PROGRAMME__EDGE:
	case AWARD__PROGRAMME__RIGID:
		return AWARD__UNIT__HOUSEHOLD;
	default:
		return AWARD__UNIT__PERSON;
	}
}

const char *
award_rate(Award__Programme programme, Award__Area area, Award__CareGrade grade)
{
	if (programme == AWARD__PROGRAMME__DIBAO)
		return area == AWARD__AREA__URBAN ? "城市低保" : "农村低保";
	if (programme != AWARD__PROGRAMME__TEKUN)
		return "";
	if (grade == AWARD__CARE_GRADE__FULL_CARE)
		return "特困全护理";
	return grade == AWARD__CARE_GRADE__HALF_CARE ? "特困半护理" : "特困全自理";
}

AwardHead *
award_add_head(struct svc_call *c, AwardWrites *writes, Award__Programme programme, const char *id)
{
	AwardHead *head = SVC_ADD(c, writes, heads, award_head);

	head->id = svc_id_or_new(c, id);
	head->programme = programme;
	head->unit = award_unit(programme);
	head->state = AWARD__STATE__PAYING;
	return head;
}

static void
add_content(struct svc_call *c, AwardWrites *writes, const struct award_version *version)
{
	const AwardHead *head = version->head;
	AwardContent *content = SVC_ADD(c, writes, contents, award_content);

	content->award_id = head->id;
	content->version = version->version;
	content->amount_fen = version->amount_fen;
	content->income_per_capita_fen = version->income_per_capita_fen;
	content->payee_person_id = svc_copy_text(c, version->payee_person_id);
	content->account_id = svc_copy_text(c, version->account_id);
	content->care_grade = version->care_grade;
	content->rate =
	    svc_copy_text(c, award_rate(head->programme, head->area, version->care_grade));
	content->from_on = svc_date(c, month_first(version->from));
	if (version->to)
		content->to_on = svc_date(c, month_first(*version->to));
	content->reason = svc_copy_text(c, version->reason);
	content->file = version->file;
	content->trace = version->trace;
	for (size_t i = 0; i < version->n_shares; i++) {
		ShareRow *row = SVC_ADD(c, writes, shares, share_row);

		row->award_id = head->id;
		row->version = version->version;
		row->person_id = version->shares[i]->person_id;
		row->amount_fen = version->shares[i]->amount_fen;
		row->increment_fen = version->shares[i]->increment_fen;
	}
}

static void
add_event(struct svc_call *c, struct award_sink sink, const struct award_version *version)
{
	const AwardHead *head = version->head;
	AwardChanged *event = svc_add(c, sink.n_events, sink.events, &award_changed__descriptor);

	event->award_id = head->id;
	event->version = version->version;
	event->supersedes = version->supersedes;
	event->unit = head->unit;
	event->programme = head->programme;
	event->household_id = head->household_id;
	event->applicant_person_id = head->applicant_person_id;
	event->division = head->division;
	event->payee_person_id = svc_copy_text(c, version->payee_person_id);
	event->account_id = svc_copy_text(c, version->account_id);
	event->amount_fen = version->amount_fen;
	event->n_shares = version->n_shares;
	event->shares = version->shares;
	event->from_month = amount_month_text(c, version->from);
	event->to_month = version->to ? amount_month_text(c, *version->to) : svc_copy_text(c, "");
	event->reason = svc_copy_text(c, version->reason);
	event->known_at = svc_instant(c, c->now);
	event->batch_id = head->batch_id;
	event->rate =
	    svc_copy_text(c, award_rate(head->programme, head->area, version->care_grade));
}

void
award_add_version(struct svc_call *c, struct award_sink sink, const struct award_version *version)
{
	add_content(c, sink.writes, version);
	add_event(c, sink, version);
}

void
award_add_claims(struct svc_call *c, AwardWrites *writes, const AwardHead *head,
		 AwardShare *const *shares, size_t n_shares)
{
	for (size_t i = 0; i < n_shares; i++) {
		ClaimRow *claim;

		if (head->programme == AWARD__PROGRAMME__DIBAO)
			claim = SVC_ADD(c, writes, dibao_claims, claim_row);
		else if (head->programme == AWARD__PROGRAMME__TEKUN)
			claim = SVC_ADD(c, writes, tekun_claims, claim_row);
		else
			return;
		claim->person_id = shares[i]->person_id;
		claim->award_id = head->id;
	}
}

void
award_lose_claim(struct svc_call *c, AwardWrites *writes, const char *award_id,
		 const char *person_id)
{
	ClaimRow *claim = SVC_ADD(c, writes, lost_claims, claim_row);

	claim->person_id = svc_copy_text(c, person_id);
	claim->award_id = svc_copy_text(c, award_id);
}
