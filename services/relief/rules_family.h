/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Family: who counts as a member, and who has which health or school claim.
 *
 * Pure functions over the family file; they neither allocate nor read a clock. Ages are completed
 * years on the day given (domain rule 3.8).
 */
#ifndef RELIEF_RULES_FAMILY_H
#define RELIEF_RULES_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/date.h"
#include "minzheng/relief/v1/family.pb-c.h"
#include "relief/facts.pb-c.h"

/* Why a member counts or not, in words for the trace. */
struct family_count {
	bool counted;
	const char *rule; /* "RLF-01", "C-6" */
	const char *text; /* static */
};

/* RLF-01: 共同生活家庭成员 (民发〔2021〕57号 7; 重庆低保条例 11). */
struct family_count family_counts(const ReliefPolicy *policy, const FamilyMember *member,
				  struct date on);

/* The applicant, or NULL when the file names none. */
const FamilyMember *family_applicant(const FamilyFile *file);

/* The member of that person key, or NULL. */
const FamilyMember *family_member(const FamilyFile *file, const char *person_id);

/* Birthday-based age; 0 when no birthday is given. */
int family_age(const FamilyMember *member, struct date on);

/* RLF-10: may apply alone out of an edge household (民发〔2021〕57号 8). */
bool family_may_apply_alone(const FamilyMember *member);

/* RLF-30: 无劳动能力 (民发〔2021〕43号); RLF-32: a pupil past 16 keeps it while at school. */
bool family_no_working_capacity(const FamilyMember *member, struct date on);

/* RLF-31: 0 failed = self-reliant, 1-3 = half care, 4-6 = full care. The answers are counted by
 * indicator, so one given twice counts once. */
Award__CareGrade family_care_grade(SelfCareTest *const *tests, size_t n_tests);

/* RLF-12: C when someone able to work has no wage, A when all are old, ill or disabled, else B. */
Award__RecheckClass family_recheck_class(const ReliefPolicy *policy, const FamilyFile *file,
					 struct date on);

/* RLF-14: three refusals of suitable work in a row. */
bool family_refused_work(const FamilyMember *member);

#endif
