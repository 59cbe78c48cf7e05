/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks beyond those of applications: the year's re-checks of running awards (RLF-12) and
 * cross-matching. A check covers the household and relatives with a duty of support, so it has more
 * persons than the household.
 */
#include <err.h>
#include <stdlib.h>

#include "accounts.h"
#include "base/buf.h"
#include "world.h"

enum { BATCH = 200, MOST_PERSONS = 12 };

struct batch {
	struct buf checks, results;
	int count;
	char key[UUID_TEXT_SIZE];
};

static void
flush(struct world *world, struct calls *calls, struct batch *batch, struct date day)
{
	char first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];

	if (!batch->count)
		return;
	if (batch->checks.failed || batch->results.failed)
		errx(1, "没有内存");
	random_uuid(&world->random, batch->key);
	random_uuid(&world->random, first);
	random_uuid(&world->random, second);
	calls_add(calls, day, 8 * 3600 + 1800, WORKER, RELIEF "CheckService/OpenChecks", batch->key,
		  "{\"requestId\":\"%s\",\"checks\":[%s]}", first, buf_text(&batch->checks));
	calls_add(calls, date_add_days(day, 1), 8 * 3600 + 1800, WORKER,
		  RELIEF "CheckService/RecordCheckResults", batch->key,
		  "{\"requestId\":\"%s\",\"results\":[%s]}", second, buf_text(&batch->results));
	buf_clear(&batch->checks);
	buf_clear(&batch->results);
	batch->count = 0;
}

static const struct person *
checked_person(const struct world *world, const struct household *household, int place, int number)
{
	if (place < household->n_members)
		return people_person(&world->people, household->members[place]);
	return people_person(&world->people,
			     world->strangers.all[(number * 7 + place) % world->strangers.count]);
}

static void
add_check(struct world *world, struct batch *batch, const struct case_file *file, int persons,
	  int number)
{
	const struct household *household = people_household(&world->people, file->household);
	char id[UUID_TEXT_SIZE];

	random_uuid(&world->random, id);
	buf_printf(
	    &batch->checks,
	    "%s{\"id\":\"%s\",\"purpose\":\"%s\",\"division\":\"%lld\",\"householdId\":\"%s\","
	    "\"awardId\":\"%s\","
	    "\"sources\":[\"税务\"],\"legalBasis\":\"社会救助暂行办法第十三条\",\"personIds\":[",
	    batch->count ? "," : "", id, number % 3 ? "RECHECK" : "CROSS_MATCH",
	    (long long)world->people.villages[household->village].id, household->id,
	    file->award_id);
	for (int i = 0; i < persons; i++) {
		const char *person_id = checked_person(world, household, i, number)->id;

		buf_printf(&batch->checks, "%s\"%s\"", i ? "," : "", person_id);
		buf_printf(&batch->results,
			   "%s{\"checkId\":\"%s\",\"personId\":\"%s\",\"source\":\"税务\","
			   "\"outcome\":\"CONSISTENT\"}",
			   batch->count || i ? "," : "", id, person_id);
	}
	buf_puts(&batch->checks, "]}");
	batch->count++;
}

/* Awards that run all year, in turn. */
static const struct case_file *
checked_case(const struct world *world, int number)
{
	const struct case_list *lists[] = {&world->dibao, &world->dibao, &world->tekun,
					   &world->dibao};
	const struct case_list *list = lists[number % 4];
	int limit = list == &world->dibao ? world->dibao_at_year_end : list->count,
	    i = number / 4 % limit;

	while (list->all[i].first_month)
		i = (i + 1) % limit;
	return &list->all[i];
}

void
add_checks(struct world *world, struct calls *calls, int households, int persons)
{
	struct batch batch = {0};
	struct date day;

	buf_init(&batch.checks, NULL, 1 << 24);
	buf_init(&batch.results, NULL, 1 << 24);
	for (int i = 0; i < households; i++) {
		int left = households - i,
		    covered = persons / left + (i % 2 && persons % left != 0);

		/* The last ones take what is left; nobody is checked without one person. */
		covered = left == 1 ? persons : covered;
		if (covered < 1 || covered > MOST_PERSONS)
			errx(1, "核查人次凑不齐：还剩 %d 户 %d 人", left, persons);
		add_check(world, &batch, checked_case(world, i), covered, i);
		persons -= covered;
		if (batch.count == BATCH || left == 1) {
			date_from_civil(2024, 1 + i / BATCH % 12, 2 + i / BATCH % 25, &day);
			flush(world, calls, &batch, day);
		}
	}
	buf_free(&batch.checks);
	buf_free(&batch.results);
}
