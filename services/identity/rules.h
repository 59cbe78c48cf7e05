/* SPDX-License-Identifier: Apache-2.0 */
/* Identity's rules (CMP-05): passwords, the lock after wrong ones, how long a token lives. */
#ifndef MZ_IDENTITY_RULES_H
#define MZ_IDENTITY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"

#define RULE_MINUTE_US INT64_C(60000000)

enum {
	RULE_MAX_FAILURES = 5,
	RULE_PASSWORD_MIN = 10,  /* characters, of three kinds */
	RULE_PASSWORD_LONG = 20, /* characters, of any kind */
};

/* Idle sessions end; one that is kept alive ends after a working day. */
#define RULE_IDLE_US      (INT64_C(30) * RULE_MINUTE_US)
#define RULE_SESSION_US   (INT64_C(720) * RULE_MINUTE_US)
#define RULE_LOCK_US      (INT64_C(15) * RULE_MINUTE_US)
#define RULE_TOKEN_DAY_US (INT64_C(1440) * RULE_MINUTE_US)

/* What is wrong with a new password, for people; NULL: nothing. */
const char *rule_password_fault(const char *password, const char *login);

/* The new end of a session that is kept alive. */
int64_t rule_extended_until(int64_t now_us, int64_t absolute_us);

/* The role exists and is for this duty. */
bool rule_role_fits(Role *const *roles, size_t n_roles, const char *role, Account__Duty duty);
bool rule_division_exists(const int64_t *ids, size_t n_ids, int64_t id);

/* Puts roles and divisions in order, so that accounts can be compared. */
void rule_sort(Account *account);
/* True when both lists, each sorted, are the same. */
bool rule_same_roles(const Account *a, const Account *b);
bool rule_same_divisions(const Account *a, const Account *b);

/* One may stand in for another of the same duty who has the same roles or the same divisions: then
 * nobody gets a right for a place where neither had it. */
bool rule_may_stand_in(const Account *absent, const Account *deputy);

#endif
