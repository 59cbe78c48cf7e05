/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Income and property of a family (RLF-03, RLF-04).
 *
 * Money is fen. Income is summed exactly in twelfths of a month and rounded down to the fen once,
 * at the household (RLF-08); so "strictly below" has one meaning for a wage of last month and a
 * harvest of last year.
 */
#ifndef RELIEF_RULES_INCOME_H
#define RELIEF_RULES_INCOME_H

#include "rules_family.h"

/* How one line is counted. */
struct income_line {
	int64_t counted_fen; /* over its window; negative for a deduction, 0 when not counted */
	int months;          /* 1 or 12 */
	const char *text;    /* static */
};

struct property {
	int64_t assets_fen; /* deposits, securities, claims */
	int vehicles;       /* and ships; mobility aids not */
	int houses;
};

/* RLF-03 (重庆低保条例 12; 民发〔2021〕57号 12). A window that is not 12 months counts as 1. */
struct income_line income_count(const FamilyIncome *income);

/* Monthly income of the persons counted and of the household as such, fen, never negative. */
int64_t income_of_family(const ReliefPolicy *policy, const FamilyFile *file, struct date on);

/* True when the line belongs to a counted member or to the household. */
bool income_belongs(const ReliefPolicy *policy, const FamilyFile *file, const FamilyIncome *income,
		    struct date on);

/* Twelfths to months, rounded down, never negative. */
int64_t income_monthly(int64_t twelfths_fen);

/* RLF-04 (重庆低保条例 13), of the persons counted and of the household as such. */
struct property property_of_family(const ReliefPolicy *policy, const FamilyFile *file,
				   struct date on);

#endif
