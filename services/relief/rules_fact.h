/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts: what an event in a person's life does to a running award (domain rule 2.10).
 *
 * An event changes no money by itself: it proposes, with a first month and a day by which to
 * decide, and payment holds the next instalment meanwhile. A late or corrected event reaches back
 * to the month it is about, never to the month it was told.
 */
#ifndef RELIEF_RULES_FACT_H
#define RELIEF_RULES_FACT_H

#include "minzheng/registry/v1/events.pb-c.h"
#include "rules_family.h"

enum fact_effect {
	FACT_NOTHING,
	FACT_STOP,        /* the award ends */
	FACT_DROP_MEMBER, /* the person and his or her income leave the family */
	FACT_UNCOUNT,     /* still of the family, no longer counted */
	FACT_RECHECK,     /* look again at members, income, property */
};

enum fact_due { FACT_DUE_WORKDAYS_5, FACT_DUE_WORKDAYS_10, FACT_DUE_MONTH };

struct fact_rule {
	PersonChanged__Kind kind;
	Award__Programme programme;
	enum fact_effect effect;
	enum fact_due due;
	bool of_same_month; /* counts from the month of the event, not the next (E-12) */
	const char *rule;   /* "E-01" */
	const char *text;   /* for the work list */
};

/* The row for an event and a programme; NULL when the matrix has none. */
const struct fact_rule *fact_rule(PersonChanged__Kind kind, Award__Programme programme);

/* First month in which the award changes: the earlier of the day and the day told before. */
month_number fact_first_month(const struct fact_rule *rule, struct date effective_on,
			      const struct date *previous_on);

/* True when an award of one person ends with this event, or the household's last counted member
 * is gone. */
bool fact_ends_award(const ReliefPolicy *policy, const struct fact_rule *rule,
		     const FamilyFile *file, const char *person_id, struct date on);

/* Takes the person out of the family (E-01) or marks the absence (E-19, E-28) in file, in place. */
void fact_apply(FamilyFile *file, const struct fact_rule *rule, const char *person_id,
		PersonChanged__Kind kind);

/* E-13, RLF-32: month after which a minor's tekun ends: the month of the 18th birthday, or of the
 * end of school when that is later. */
month_number fact_minor_until(struct date born_on, const struct date *school_until);

/* E-32: true when our award is the later one and gives way; of two that began in the same month
 * ours does, until it is decided. */
bool fact_gives_way(month_number ours, month_number theirs);

#endif
