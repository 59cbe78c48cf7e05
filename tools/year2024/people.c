/* SPDX-License-Identifier: Apache-2.0 */
#include "people.h"

#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/citizen_id.h"

enum {
	FIRST_YEAR = 1905,
	LAST_YEAR = 2024,
	N_DAYS = (LAST_YEAR - FIRST_YEAR + 1) *
		 372, /* 12 months of 31 days, so that a day is found without a table */
	GROW = 4096,
};

static const char *const surnames[] = {"李", "王", "张", "冉", "田", "向", "彭", "龚",
				       "谢", "陈", "杨", "吴", "罗", "庞", "何", "周",
				       "秦", "石", "侯", "姚", "郑", "黄", "刘", "孙"};
static const char *const given[] = {"明", "华", "芳", "秀", "英", "国", "建", "平", "德", "兴",
				    "光", "荣", "美", "玉", "琴", "文", "武", "春", "秋", "桂",
				    "兰", "成", "云", "海", "洪", "贵", "富", "忠", "孝", "仁"};

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

/* Room for one more item of an array that grows by GROW. */
#define MAKE_ROOM(array, n)                                                                  \
	do {                                                                                 \
		if ((n) % GROW == 0) {                                                       \
			(array) = realloc((array), (size_t)((n) + GROW) * sizeof(*(array))); \
			if (!(array))                                                        \
				err(1, "没有内存");                                          \
		}                                                                            \
	} while (0)

static void
add_village(struct people *people, const json_t *division)
{
	const char *level = json_string_value(json_object_get(division, "level"));
	const char *code = json_string_value(json_object_get(division, "code"));
	const char *id = json_string_value(json_object_get(division, "id"));
	struct village *village;

	if (!level || strcmp(level, "VILLAGE") != 0)
		return;
	if (!code || strlen(code) != 12 || !id)
		errx(1, "行政区划清单里有一行没有 12 位代码或编号");
	MAKE_ROOM(people->villages, people->n_villages);
	village = &people->villages[people->n_villages++];
	*village = (struct village){.id = strtoll(id, NULL, 10),
				    .urban = json_is_true(json_object_get(division, "urban"))};
	memcpy(village->code, code, sizeof village->code);
}

void
people_init(struct people *people, struct random *random, const char *divisions_file)
{
	FILE *file = fopen(divisions_file, "r");
	json_error_t error;
	json_t *page, *division;
	size_t i;

	if (!file)
		err(1, "打不开行政区划清单 %s", divisions_file);
	*people = (struct people){.random = random};
	while ((page = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error))) {
		json_array_foreach(json_object_get(page, "divisions"), i, division)
		    add_village(people, division);
		json_decref(page);
	}
	fclose(file);
	if (people->n_villages == 0)
		errx(1, "行政区划清单 %s 里没有村（社区）：%s", divisions_file, error.text);
	people->sequences = calloc(N_DAYS, sizeof *people->sequences);
	if (!people->sequences)
		err(1, "没有内存");
}

void
people_free(struct people *people)
{
	free(people->villages);
	free(people->persons);
	free(people->households);
	free(people->sequences);
}

void
people_renumber(struct people *people, struct person *person)
{
	struct civil day = date_civil(person->born);
	int index = (day.year - FIRST_YEAR) * 372 + (day.month - 1) * 31 + day.day - 1;
	uint16_t *last = &people->sequences[index][person->female];
	char text[64];

	/* Odd numbers are men's, even ones women's; 1 to 995, for 996 to 999 meant centenarians. */
	*last = (uint16_t)(*last == 0 ? (person->female ? 2 : 1) : *last + 2);
	if (*last > 995)
		errx(1, "一天出生的人太多：%04d-%02d-%02d", day.year, day.month, day.day);
	snprintf(text, sizeof text, "500199%04d%02d%02d%03d", day.year, day.month, day.day, *last);
	memcpy(person->id_number, text, 17);
	person->id_number[17] = citizen_id_check(text);
	person->id_number[18] = '\0';
}

int
people_add_person(struct people *people, int low_age, int high_age, int village)
{
	struct random *random = people->random;
	struct person *person;
	struct date last, first;
	const char *second;

	MAKE_ROOM(people->persons, people->n_persons);
	person = &people->persons[people->n_persons];
	*person =
	    (struct person){.village = village, .household = -1, .female = random_below(random, 2)};
	random_uuid(random, person->id);
	/* Born so that the completed years on 2023-12-31 lie between both ages. */
	date_from_civil(2023 - low_age, 12, 31, &last);
	date_from_civil(2022 - high_age, 12, 31, &first);
	person->born = date_add_days(first, random_between(random, 1, last.days - first.days));
	people_renumber(people, person);
	second = random_below(random, 3) ? given[random_below(random, COUNT(given))] : "";
	snprintf(person->name, sizeof person->name, "%s%s%s",
		 surnames[random_below(random, COUNT(surnames))],
		 given[random_below(random, COUNT(given))], second);
	person->ethnicity = random_below(random, 100) < 60   ? "15"
			    : random_below(random, 100) < 60 ? "06"
							     : "01";
	return people->n_persons++;
}

/* Ages by place in the family: head, spouse, child, child, parent, parent. */
static const struct {
	int low, high;
} ages[HOUSEHOLD_MAX] = {{35, 58}, {33, 56}, {3, 15}, {3, 15}, {61, 78}, {61, 78}};

int
people_add_household(struct people *people, int size, int village)
{
	struct household *household;
	int index = people->n_households;

	MAKE_ROOM(people->households, people->n_households);
	household = &people->households[people->n_households++];
	*household = (struct household){.village = village, .n_members = size};
	random_uuid(people->random, household->id);
	for (int i = 0; i < size; i++) {
		int person = people_add_person(people, ages[i].low, ages[i].high, village);

		people->persons[person].household = index;
		people->households[index].members[i] = person;
	}
	return index;
}

void
people_need_account(struct people *people, int person)
{
	if (!people->persons[person].account_id[0])
		random_uuid(people->random, people->persons[person].account_id);
}

int
people_pick_village(struct people *people, bool urban)
{
	int village;

	do
		village = (int)random_below(people->random, (uint32_t)people->n_villages);
	while (people->villages[village].urban != urban);
	return village;
}

struct person *
people_person(const struct people *people, int person)
{
	return &people->persons[person];
}

struct household *
people_household(const struct people *people, int household)
{
	return &people->households[household];
}
