/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

enum { FAR = 1 << 28 }; /* a day after all */

static struct date
day_or_far(const Date *day)
{
	return svc_date_or(day, (struct date){FAR});
}

int
change_compare_last(const Date *a, const Date *b)
{
	return date_compare(day_or_far(a), day_or_far(b));
}

bool
change_same_day(const Date *a, const Date *b)
{
	return change_compare_last(a, b) == 0;
}

/* -- what is known --------------------------------------------------------------------------- */

const Person *
change_person(const struct change *k, const char *person_id)
{
	return journal_person(k->in->persons, k->in->n_persons, person_id);
}

const PersonFact *
change_fact(const struct change *k, const char *fact_id)
{
	for (size_t i = 0; i < k->in->n_facts; i++)
		if (strcmp(k->in->facts[i]->id, fact_id) == 0)
			return k->in->facts[i];
	return NULL;
}

static bool
is_of(const PersonFact *fact, const char *person_id, PersonFact__Kind kind)
{
	return fact->kind == kind && strcmp(fact->person_id, person_id) == 0;
}

const PersonFact *
change_open_fact(const struct change *k, const char *person_id, PersonFact__Kind kind)
{
	for (size_t i = 0; i < k->in->n_facts; i++)
		if (is_of(k->in->facts[i], person_id, kind) && !k->in->facts[i]->valid_to)
			return k->in->facts[i];
	return NULL;
}

const PersonFact *
change_twin(const struct change *k, const PersonFact *marriage)
{
	for (size_t i = 0; i < k->in->n_facts; i++) {
		const PersonFact *fact = k->in->facts[i];

		if (is_of(fact, marriage->other_person_id, marriage->kind) &&
		    strcmp(fact->other_person_id, marriage->person_id) == 0 &&
		    change_same_day(fact->valid_from, marriage->valid_from))
			return fact;
	}
	return NULL;
}

const PersonFact *
change_overlap(const struct change *k, const char *person_id, PersonFact__Kind kind,
	       const char *except_id, const Date *first, const Date *last)
{
	for (size_t i = 0; i < k->in->n_facts; i++) {
		const PersonFact *fact = k->in->facts[i];

		if (is_of(fact, person_id, kind) && strcmp(fact->id, except_id) != 0 &&
		    change_compare_last(fact->valid_from, last) <= 0 &&
		    change_compare_last(first, fact->valid_to) <= 0)
			return fact;
	}
	return NULL;
}

/* -- what changes ---------------------------------------------------------------------------- */

struct change
change_begin(struct svc_call *c, PersonFact__Evidence evidence, const char *evidence_number,
	     const char *source)
{
	FactChangeEffects *out = c->effects;
	struct change k = {
	    .c = c,
	    .in = c->facts,
	    .out = out,
	    .journal = JOURNAL(c, out, source,
			       svc_text(c, "%s %s", rule_evidence_name(evidence), evidence_number)),
	    .evidence = evidence,
	    .evidence_number = evidence_number,
	    .source = source,
	};
	int64_t known = c->now;

	/* A row that was made at this very instant must still have been believed for a while. */
	for (size_t i = 0; i < k.in->n_facts; i++)
		if (svc_instant_us(k.in->facts[i]->known_from) >= known)
			known = svc_instant_us(k.in->facts[i]->known_from) + 1;
	k.out->known_at = svc_instant(c, known);
	return k;
}

PersonFact *
change_add(struct change *k, const char *person_id, PersonFact__Kind kind, const Date *first,
	   const Date *last)
{
	PersonFact *fact = SVC_ADD(k->c, k->out, inserted, person_fact);

	fact->id = svc_new_id(k->c);
	fact->number = 1;
	fact->person_id = svc_copy_text(k->c, person_id);
	fact->kind = kind;
	fact->valid_from = svc_copy_message(k->c, first);
	fact->valid_to = last ? svc_copy_message(k->c, last) : NULL;
	fact->known_from = k->out->known_at;
	fact->evidence = k->evidence;
	fact->evidence_number = svc_copy_text(k->c, k->evidence_number);
	fact->source = svc_copy_text(k->c, k->source);
	return fact;
}

void
change_close(struct change *k, const PersonFact *fact)
{
	SVC_APPEND(k->c, k->out, closed_ids, fact->id);
}

PersonFact *
change_revise(struct change *k, const PersonFact *fact)
{
	PersonFact *next = svc_copy_message(k->c, fact);

	change_close(k, fact);
	next->number++;
	next->known_from = k->out->known_at;
	SVC_APPEND(k->c, k->out, inserted, next);
	return next;
}

PersonChanged *
change_tell(struct change *k, const Person *person, PersonChanged__Kind kind,
	    PersonChanged__Action action, const Date *effective_on, const PersonFact *fact)
{
	PersonChanged *event = journal_tell(&k->journal, person, kind, action, effective_on);

	if (fact) {
		event->fact_id = fact->id;
		if (fact->kind != PERSON_FACT__KIND__DISABILITY) /* a health fact stays sealed */
			event->detail = fact->detail;
		event->other_person_id = fact->other_person_id;
		event->ended_on = fact->valid_to;
	}
	return event;
}

/* -- living spouses -------------------------------------------------------------------------- */

void
change_free(struct change *k, const PersonFact *marriage)
{
	if (!*marriage->other_person_id)
		return;
	SVC_APPEND(k->c, k->out, freed_ids, marriage->person_id);
	SVC_APPEND(k->c, k->out, freed_ids, marriage->other_person_id);
}

static void
claim(struct change *k, char *person_id, char *spouse_id)
{
	SpouseClaim *row = SVC_ADD(k->c, k->out, claims, spouse_claim);

	row->person_id = person_id;
	row->spouse_id = spouse_id;
}

void
change_claim(struct change *k, const PersonFact *marriage)
{
	if (!*marriage->other_person_id)
		return;
	claim(k, marriage->person_id, marriage->other_person_id);
	claim(k, marriage->other_person_id, marriage->person_id);
}
