/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <string.h>

PersonUpdate *
journal_touch(const struct journal *j, const Person *person)
{
	PersonUpdate *update;

	for (size_t i = 0; i < *j->n_updates; i++)
		if (strcmp((*j->updates)[i]->id, person->id) == 0)
			return (*j->updates)[i];
	update = svc_add(j->c, j->n_updates, j->updates, &person_update__descriptor);
	update->id = person->id;
	update->version = person->version + 1;
	update->died_on = person->died_on;
	update->division_id = person->division_id;
	update->state = person->state;
	update->merged_into = person->merged_into;
	return update;
}

PersonChanged *
journal_tell(const struct journal *j, const Person *person, PersonChanged__Kind kind,
	     PersonChanged__Action action, const Date *effective_on)
{
	const PersonUpdate *update = journal_touch(j, person);
	PersonChanged *event = svc_add(j->c, j->n_events, j->events, &person_changed__descriptor);

	event->person_id = person->id;
	event->kind = kind;
	event->action = action;
	event->effective_on = svc_copy_message(j->c, effective_on);
	event->reported_at = svc_instant(j->c, j->c->now);
	event->source = svc_copy_text(j->c, j->source);
	event->evidence = svc_copy_text(j->c, j->evidence);
	event->version = update->version;
	event->division_id = update->division_id;
	return event;
}

const Person *
journal_person(Person *const *persons, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(persons[i]->id, id) == 0)
			return persons[i];
	return NULL;
}
