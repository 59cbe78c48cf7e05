/* SPDX-License-Identifier: Apache-2.0 */
/* Family: a household as the JSON of relief's FamilyFile (minzheng/relief/v1/family.proto). */
#ifndef YEAR2024_FAMILY_H
#define YEAR2024_FAMILY_H

#include "people.h"

enum family_kind {
	FAMILY_ORDINARY,
	FAMILY_TEKUN_SELF, /* no capacity, no income, no supporter; 0, 2 or 5 of the six indicators
			      failed (RLF-31) */
	FAMILY_TEKUN_HALF,
	FAMILY_TEKUN_FULL,
};

/*
 * The whole file, allocated. Ordinary: the head earns per_capita_fen times the number of members a
 * month. centralised: a tekun person lives in an institution.
 */
char *family_json(const struct people *people, const struct household *household,
		  int per_capita_fen, enum family_kind kind, int centralised);

/* {"year":2024,"month":5,"day":1} */
enum { DATE_JSON_SIZE = 48 };
char *date_json(struct date date, char text[static DATE_JSON_SIZE]);

#endif
