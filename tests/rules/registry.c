/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include <string.h>

static struct svc_run run;
static struct svc_caller caller;
static struct svc_call call;
static const int64_t divisions[] = {VILLAGE, OTHER_VILLAGE};

int
registry_setup(void **state)
{
	(void)state;
	run = (struct svc_run){0};
	caller = (struct svc_caller){
	    .tenant = 1,
	    .id = "00000000-0000-4000-8000-00000000000a",
	    .name = "clerk@500114",
	    .divisions = divisions,
	    .n_divisions = 2,
	};
	call = (struct svc_call){
	    .arena = arena_new(16 << 20),
	    .caller = &caller,
	    .run = &run,
	};
	/* Only a decision may leave itself; a test that has no memory for its facts may abort. */
	registry_today(2024, 12, 2);
	return 0;
}

int
registry_teardown(void **state)
{
	(void)state;
	arena_free(call.arena);
	return 0;
}

struct svc_call *
registry_call(void)
{
	return &call;
}

void
registry_today(int year, int month, int day)
{
	assert_true(date_from_civil(year, month, day, &call.today));
	call.now = date_instant(call.today) + 12 * INT64_C(3600000000);
}

void
registry_be(const char *account_id)
{
	caller.id = account_id;
}

enum rpc_code
registry_decide(const char *rpc, const void *request, const void *facts)
{
	for (const struct svc_decision *d = svc_methods; d->name; d++)
		if (strcmp(d->name, rpc) == 0) {
			call.request = request;
			call.facts = facts;
			run = (struct svc_run){0};
			return svc_decide(d, &call);
		}
	fail_msg("no decision %s", rpc);
	return RPC_INTERNAL;
}

const void *
registry_effects(void)
{
	return call.effects;
}

const char *
registry_reason(void)
{
	return run.failure.reason ? run.failure.reason : "";
}

bool
registry_field_is_wrong(const char *path)
{
	const BadRequest *bad = run.failure.fields;

	for (size_t i = 0; bad && i < bad->n_field_violations; i++)
		if (strcmp(bad->field_violations[i]->field, path) == 0)
			return true;
	return false;
}

Date *
day_of(int year, int month, int day)
{
	struct date date;

	assert_true(date_from_civil(year, month, day, &date));
	return svc_date(&call, date);
}

Person *
person_of(const char *id)
{
	Person *person = NEW(person);

	person->id = svc_copy_text(&call, id);
	person->version = 1;
	person->state = PERSON__STATE__ACTIVE;
	person->name = svc_copy_text(&call, "张三");
	person->born_on = day_of(1960, 1, 1);
	person->division_id = VILLAGE;
	return person;
}

int
day_number(const Date *day)
{
	return day ? day->year * 10000 + day->month * 100 + day->day : 0;
}
