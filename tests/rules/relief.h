/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of relief's rules share: a call without a runner, the law of a day, and families
 * in a line each. Amounts are in yuan here, since the scenarios of domain rules 5 are.
 */
#ifndef TEST_RELIEF_H
#define TEST_RELIEF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "minzheng/relief/v1/family.pb-c.h"
#include "relief/facts.pb-c.h"
#include "svc/decide.h"
#include "svc/method.h"

struct relief_test {
	struct svc_call c;
	struct svc_run run;
	ReliefPolicy policy;
	FamilyFile file;
};

/* A call on a fresh arena on the day, with the law of that day. */
struct relief_test *relief_test_new(const char *today);
void relief_test_free(struct relief_test *t);

/* Another day: the clock and the law. */
void relief_test_day(struct relief_test *t, const char *today);

/* Adds a member; born "1980-01-01". */
FamilyMember *relief_member(struct relief_test *t, const char *id, FamilyMember__Relation relation,
			    const char *born);
MemberHealth *relief_health(struct relief_test *t, FamilyMember *member,
			    MemberHealth__Disability kind, int level);
FamilyIncome *relief_income(struct relief_test *t, const char *person_id, FamilyIncome__Kind kind,
			    int64_t yuan, int months);
FamilyProperty *relief_property(struct relief_test *t, FamilyProperty__Kind kind, int64_t yuan);

/* Applicant, spouse and child, one wage of the applicant. */
void relief_family_of_three(struct relief_test *t, Award__Area area, int64_t wage_yuan);

struct date relief_day(const char *text);
const char *relief_day_text(struct date day);

#define FEN(yuan) ((int64_t)((yuan)*INT64_C(100)))

#endif
