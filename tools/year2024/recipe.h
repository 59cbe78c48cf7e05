/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recipe: how many of everything the sample year has.
 *
 * Counts and amounts that give the printed figures of 2024 when they are summed up as records; the
 * totals themselves are written nowhere. All amounts are yuan. `--scale 110` makes everything a
 * tenth larger (then the figures are other ones, and must equal whatever the ledgers sum up to).
 */
#ifndef YEAR2024_RECIPE_H
#define YEAR2024_RECIPE_H

#include "people.h"

struct recipe {
	int dibao[HOUSEHOLD_MAX]; /* households at the end of the year, by size 1 to 6 */
	int dibao_entries; /* of them confirmed during the year, each balanced by a stop of the same
			      make */
	int dibao_urban_persons;
	int dibao_month_yuan; /* paid a month before the standards rose in September */
	int tekun_full, tekun_half, tekun_self; /* all year, by care grade */
	int tekun_entries;                      /* self-reliant, from September */
	int care_agreements;                    /* dispersed tekun elders with a carer */
	int edge[HOUSEHOLD_MAX];                /* at the end of the year */
	int edge_before[HOUSEHOLD_MAX];         /* of them at the end of the year before */
	int refused;                            /* applications of families above every bound */
	int withdrawn;
	int offline; /* applications that did not come in online */
	int jingjian;
	int tags;        /* 已脱贫户、监测户 among dibao and tekun persons */
	int not_insured; /* eligible persons not yet enrolled at the end of the year */
	int claims;      /* all of one amount but the last */
	int one_off_tekun_yuan, one_off_children_yuan, one_off_dibao, one_off_dibao_yuan;
	int other_relief; /* persons; all of one amount but the last */
	int checks_households, checks_persons;
	int rescues, escorted, follow_ups, rescue_points;
	int children_institution, children_community, education_grants;
	int disability_living, disability_nursing_2, disability_nursing_1;
	int disabled_elders, disabled_elders_late; /* the late ones are missing seven months */
	int centenarians, centenarians_late;       /* the late ones are missing eight months */
	int elders_80, elders_90;
};

/* Temporary aid: so many grants of so many yuan. */
struct aid_class {
	int grants, yuan;
};
enum { AID_CLASSES = 6 };
extern const struct aid_class aid_classes[AID_CLASSES]; /* of 2024 */
extern const struct aid_class
    aid_classes_before[AID_CLASSES]; /* of 2023: fewer, and lower on average */

/* The recipe scaled by percent. */
struct recipe recipe_scaled(int percent);
int recipe_scale(int count, int percent);

#endif
