/* SPDX-License-Identifier: Apache-2.0 */
/* A bench for registry's decisions: a caller, a clock, and the reason of the last refusal. */
#ifndef MZ_TESTS_RULES_REGISTRY_H
#define MZ_TESTS_RULES_REGISTRY_H

#include "facts.h"
#include "rules.h"
#include "svc/decide.h"
#include "unit.h"

enum { VILLAGE = 10101, OTHER_VILLAGE = 10201, FOREIGN_VILLAGE = 99999 };

/* Sets up and tears down one test: the caller is clerk of VILLAGE and OTHER_VILLAGE. */
int registry_setup(void **state);
int registry_teardown(void **state);

struct svc_call *registry_call(void);
/* The business clock, at noon. */
void registry_today(int year, int month, int day);
/* Another caller. */
void registry_be(const char *account_id);

/* Decides; `decided()` are its effects, reason() says why it was refused. */
enum rpc_code registry_decide(const char *rpc, const void *request, const void *facts);
const void *registry_effects(void);
const char *registry_reason(void);
/* True when the field is among those that are wrong. */
bool registry_field_is_wrong(const char *path);

/* Messages on the test's arena. */
Date *day_of(int year, int month, int day);
Person *person_of(const char *id);
#define NEW(type) ((void *)svc_message(registry_call(), &type##__descriptor))

/* The day of a message as YYYYMMDD; 0 when it is unset. */
int day_number(const Date *day);

#endif
