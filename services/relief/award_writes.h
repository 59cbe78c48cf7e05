/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Award writes: what a decision stores when it makes or changes awards, and the events it emits.
 *
 * Heads, contents, shares, claims and events are built together here, so that no version leaves
 * without its event and no event without its rows. Everything lies on the call.
 */
#ifndef RELIEF_AWARD_WRITES_H
#define RELIEF_AWARD_WRITES_H

#include "minzheng/relief/v1/events.pb-c.h"
#include "relief/facts.pb-c.h"
#include "svc/method.h"

/* Where a decision's writes go: the two fields that every such Effects has. */
struct award_sink {
	AwardWrites *writes;
	size_t *n_events;
	AwardChanged ***events;
};

#define AWARD_SINK(effects) \
	((struct award_sink){(effects)->writes, &(effects)->n_events, &(effects)->events})

/* A version to be written. Shares may be NULL. */
struct award_version {
	const AwardHead *head;
	int32_t version, supersedes;
	int64_t amount_fen;
	int64_t income_per_capita_fen;
	const char *payee_person_id, *account_id;
	Award__CareGrade care_grade;
	month_number from;
	const month_number *to; /* NULL while open */
	const char *reason;     /* stable code of the event */
	FamilyFile *file;
	DecisionTrace *trace;
	AwardShare **shares;
	size_t n_shares;
};

/* A new head; state PAYING. The id may be empty. */
AwardHead *award_add_head(struct svc_call *c, AwardWrites *writes, Award__Programme programme,
			  const char *id);

/* The version, its shares and its event. */
void award_add_version(struct svc_call *c, struct award_sink sink,
		       const struct award_version *version);

/* The national claims of a dibao household or a tekun person (design 6). */
void award_add_claims(struct svc_call *c, AwardWrites *writes, const AwardHead *head,
		      AwardShare *const *shares, size_t n_shares);

/* A claim is given up: the person left the award, or it ended. */
void award_lose_claim(struct svc_call *c, AwardWrites *writes, const char *award_id,
		      const char *person_id);

/* Household programmes are granted to a household, the others to one person. */
Award__Unit award_unit(Award__Programme programme);

/* Printed cost line: 城市低保, 农村低保, 特困全护理 …; "" for others. */
const char *award_rate(Award__Programme programme, Award__Area area, Award__CareGrade grade);

#endif
