/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journal: the persons a command touches, and what it tells of them (EVT-01).
 *
 * Each person touched moves on by one version, whatever happens to it in the command; its events
 * carry that version. The lists are fields of the command's effects.
 */
#ifndef MZ_REGISTRY_JOURNAL_H
#define MZ_REGISTRY_JOURNAL_H

#include "facts.h"
#include "svc/method.h"

struct journal {
	struct svc_call *c;
	const char *source, *evidence; /* of every event */
	size_t *n_updates, *n_events;
	PersonUpdate ***updates;
	PersonChanged ***events;
};

/* For effects with fields `updates` and `events`. */
#define JOURNAL(call, effects, by, paper)                                           \
	{                                                                           \
		.c = (call), .source = (by), .evidence = (paper),                   \
		.n_updates = &(effects)->n_updates, .updates = &(effects)->updates, \
		.n_events = &(effects)->n_events, .events = &(effects)->events,     \
	}

/* The person's next version; made once. */
PersonUpdate *journal_touch(const struct journal *j, const Person *person);
/* Tells something; the person is touched. The caller adds what is its own. */
PersonChanged *journal_tell(const struct journal *j, const Person *person, PersonChanged__Kind kind,
			    PersonChanged__Action action, const Date *effective_on);

/* A loaded person; NULL when it is not in the list. */
const Person *journal_person(Person *const *persons, size_t count, const char *id);

#endif
