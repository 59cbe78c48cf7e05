/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Change: what RecordFact, CorrectFact and RevokeFact do to what is believed of a person.
 *
 * Facts are never overwritten: a row that is no longer believed is closed at `known_at`, and its
 * next revision (the same id, number + 1) begins there. Each person touched moves on by one version
 * and gets its events with that version. Rules live in facts.c, the bookkeeping here.
 */
#ifndef MZ_REGISTRY_CHANGE_H
#define MZ_REGISTRY_CHANGE_H

#include "journal.h"
#include "rules.h"
#include "svc/method.h"

struct change {
	struct svc_call *c;
	const FactChangeFacts *in;
	FactChangeEffects *out;
	struct journal journal;
	const Person *subject;
	/* What the request says it rests on. */
	PersonFact__Evidence evidence;
	const char *evidence_number, *source;
};

/* Starts a change; out->known_at lies after everything known so far. */
struct change change_begin(struct svc_call *c, PersonFact__Evidence evidence,
			   const char *evidence_number, const char *source);

/* Loaded persons and believed facts; NULL when there is none. */
const Person *change_person(const struct change *k, const char *person_id);
const PersonFact *change_fact(const struct change *k, const char *fact_id);
/* The fact of a kind that has not ended (or ends on `last`), of the person. */
const PersonFact *change_open_fact(const struct change *k, const char *person_id,
				   PersonFact__Kind kind);
/* The spouse's fact of the same marriage; NULL when the spouse is not registered. */
const PersonFact *change_twin(const struct change *k, const PersonFact *marriage);
/* Another believed fact of the kind that shares a day with [first, last]; last may be NULL. */
const PersonFact *change_overlap(const struct change *k, const char *person_id,
				 PersonFact__Kind kind, const char *except_id, const Date *first,
				 const Date *last);

/* A new fact; the caller fills what is its own. */
PersonFact *change_add(struct change *k, const char *person_id, PersonFact__Kind kind,
		       const Date *first, const Date *last);
/* The next revision of a believed fact; the caller changes it. */
PersonFact *change_revise(struct change *k, const PersonFact *fact);
/* Believed no longer, without another revision. */
void change_close(struct change *k, const PersonFact *fact);

/* Tells what happened to a person; fact may be NULL. */
PersonChanged *change_tell(struct change *k, const Person *person, PersonChanged__Kind kind,
			   PersonChanged__Action action, const Date *effective_on,
			   const PersonFact *fact);

/* Two people are no longer, or are, each other's living spouses; nothing when one is unknown. */
void change_free(struct change *k, const PersonFact *marriage);
void change_claim(struct change *k, const PersonFact *marriage);

/* Days of messages: -1, 0, 1; an unset last day lies after all. */
int change_compare_last(const Date *a, const Date *b);
bool change_same_day(const Date *a, const Date *b);

#endif
