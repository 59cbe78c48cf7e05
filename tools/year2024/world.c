/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <err.h>
#include <stdlib.h>

enum { GROW = 4096, URBAN_YUAN = 735, RURAL_YUAN = 600, MOST_PER_CAPITA_YUAN = 560 };

void
case_add(struct case_list *list, struct random *random, const struct case_file *file)
{
	if (list->count % GROW == 0) {
		list->all = realloc(list->all, (size_t)(list->count + GROW) * sizeof *list->all);
		if (!list->all)
			err(1, "没有内存");
	}
	list->all[list->count] = *file;
	random_uuid(random, list->all[list->count].award_id);
	list->count++;
}

void
person_list_add(struct person_list *list, int person)
{
	if (list->count % GROW == 0) {
		list->all = realloc(list->all, (size_t)(list->count + GROW) * sizeof *list->all);
		if (!list->all)
			err(1, "没有内存");
	}
	list->all[list->count++] = person;
}

struct person *
case_head(const struct world *world, const struct case_file *file)
{
	return people_person(&world->people,
			     people_household(&world->people, file->household)->members[0]);
}

int
case_members(const struct world *world, const struct case_file *file)
{
	return people_household(&world->people, file->household)->n_members;
}

static struct case_file
new_case(struct world *world, int size, bool urban)
{
	int household =
	    people_add_household(&world->people, size, people_pick_village(&world->people, urban));

	people_need_account(&world->people,
			    people_household(&world->people, household)->members[0]);
	return (struct case_file){.household = household};
}

/* Urban households until the urban persons are used up; sizes in turn, so that the last ones are
 * single persons. */
static void
make_dibao_households(struct world *world)
{
	int urban_left = world->recipe.dibao_urban_persons;

	for (int size = HOUSEHOLD_MAX; size >= 1; size--) {
		int count = world->recipe.dibao[size - 1];

		for (int i = 0; i < count; i++) {
			/* A quarter of each size is urban; single persons take what is left. */
			bool urban = size == 1 ? urban_left > 0 : i % 4 == 0 && urban_left >= size;
			struct case_file file = new_case(world, size, urban);

			urban_left -= urban ? size : 0;
			case_add(&world->dibao, &world->random, &file);
		}
	}
	world->dibao_at_year_end = world->dibao.count;
}

static bool
is_urban(const struct world *world, const struct case_file *file)
{
	return world->people.villages[people_household(&world->people, file->household)->village]
	    .urban;
}

/* Incomes by random, then evened out so that a month's payments are what the recipe says, to the
 * yuan. */
static void
share_out_income(struct world *world)
{
	long standards = 0, incomes, given = 0;
	int persons = 0;

	for (int i = 0; i < world->dibao.count; i++) {
		int size = case_members(world, &world->dibao.all[i]);

		persons += size;
		standards +=
		    (long)size * (is_urban(world, &world->dibao.all[i]) ? URBAN_YUAN : RURAL_YUAN);
	}
	incomes = standards - world->recipe.dibao_month_yuan;
	for (int i = 0; i < world->dibao.count; i++) {
		int per_capita = random_between(&world->random, 0, (int)(2 * incomes / persons));

		world->dibao.all[i].per_capita_fen = per_capita * 100;
		given += (long)per_capita * case_members(world, &world->dibao.all[i]);
	}
	/* The difference goes to single persons, who stand at the end of the list. */
	for (int i = world->dibao.count - 1; i >= 0 && given != incomes; i--) {
		struct case_file *file = &world->dibao.all[i];
		long change = incomes - given, now = file->per_capita_fen / 100;

		if (case_members(world, file) != 1)
			break;
		change = change > MOST_PER_CAPITA_YUAN - now ? MOST_PER_CAPITA_YUAN - now : change;
		change = change < -now ? -now : change;
		file->per_capita_fen += (int)change * 100;
		given += change;
	}
	if (given != incomes)
		errx(1, "低保收入凑不出每月 %d 元", world->recipe.dibao_month_yuan);
}

/* Some families come in during the year; for each a family of the same make, area and income leaves
 * in that month. */
static void
make_turnover(struct world *world)
{
	size_t step = (size_t)(world->dibao_at_year_end / world->recipe.dibao_entries);

	for (int i = 0; i < world->recipe.dibao_entries; i++) {
		struct case_file *entry = &world->dibao.all[(size_t)i * step], leaver;

		entry->first_month = 2 + i % 11;
		leaver = new_case(world, case_members(world, entry), is_urban(world, entry));
		leaver.per_capita_fen = world->dibao.all[(size_t)i * step].per_capita_fen;
		leaver.stop_month = entry->first_month;
		case_add(&world->dibao, &world->random, &leaver);
	}
}

static void
make_tekun(struct world *world)
{
	const struct recipe *recipe = &world->recipe;
	const struct {
		enum family_kind kind;
		int count, first_month;
	} groups[] = {
	    {FAMILY_TEKUN_FULL, recipe->tekun_full, 0},
	    {FAMILY_TEKUN_HALF, recipe->tekun_half, 0},
	    {FAMILY_TEKUN_SELF, recipe->tekun_self, 0},
	    {FAMILY_TEKUN_SELF, recipe->tekun_entries, 9},
	};

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (int i = 0; i < groups[g].count; i++) {
			struct case_file file = new_case(world, 1, i % 6 == 0);
			struct person *person = case_head(world, &file);

			/* Elders: the head's age by family is that of a worker. */
			date_from_civil(random_between(&world->random, 1935, 1960), 1 + i % 12,
					1 + i % 28, &person->born);
			people_renumber(&world->people, person);
			file.kind = groups[g].kind;
			file.centralised = groups[g].kind == FAMILY_TEKUN_FULL;
			file.first_month = groups[g].first_month;
			case_add(&world->tekun, &world->random, &file);
		}
}

/* Per-capita income between the standard and one and a half times it, on either side of the raise.
 */
static int
edge_income_fen(struct world *world, bool urban)
{
	return random_between(&world->random, urban ? 760 : 620, urban ? 1090 : 890) * 100;
}

static void
make_edge(struct world *world)
{
	int entries = 0;

	for (int size = 1; size <= HOUSEHOLD_MAX; size++)
		for (int i = 0; i < world->recipe.edge[size - 1]; i++) {
			struct case_file file = new_case(world, size, i % 4 == 0);

			file.per_capita_fen = edge_income_fen(world, i % 4 == 0);
			file.before = i < world->recipe.edge_before[size - 1];
			file.first_month = file.before ? 0 : 2 + entries++ % 11;
			case_add(&world->edge, &world->random, &file);
		}
}

static void
make_refused(struct world *world)
{
	for (int i = 0; i < world->recipe.refused + world->recipe.withdrawn; i++) {
		struct case_file file = new_case(world, 1 + i % 3, i % 4 == 0);

		file.per_capita_fen = random_between(&world->random, 1300, 2600) * 100;
		file.first_month = 1 + i % 12;
		case_add(&world->refused, &world->random, &file);
	}
}

static void
make_persons(struct world *world, struct person_list *list, int count, int low_age, int high_age,
	     bool paid)
{
	for (int i = 0; i < count; i++) {
		int person = people_add_person(&world->people, low_age, high_age,
					       people_pick_village(&world->people, i % 4 == 0));

		if (paid)
			people_need_account(&world->people, person);
		person_list_add(list, person);
	}
}

void
world_make(struct world *world, uint64_t seed, int percent, const char *divisions_file)
{
	const struct recipe *recipe = &world->recipe;

	*world = (struct world){.percent = percent, .recipe = recipe_scaled(percent)};
	random_seed(&world->random, seed);
	people_init(&world->people, &world->random, divisions_file);
	make_dibao_households(world);
	share_out_income(world);
	make_turnover(world);
	make_tekun(world);
	make_edge(world);
	make_refused(world);
	make_persons(world, &world->jingjian, recipe->jingjian, 78, 95, true);
	make_persons(world, &world->children,
		     recipe->children_institution + recipe->children_community, 2, 15, true);
	make_persons(world, &world->disabled,
		     recipe->disability_nursing_1 + recipe->disability_nursing_2, 18, 70, true);
	make_persons(world, &world->elders, recipe->elders_80, 80, 88, true);
	make_persons(world, &world->elders, recipe->elders_90 - recipe->centenarians, 90, 97, true);
	make_persons(world, &world->elders, recipe->centenarians, 100, 105, true);
	make_persons(world, &world->strangers, recipe_scale(24000, percent), 25, 75, false);
}

void
world_free(struct world *world)
{
	free(world->dibao.all);
	free(world->tekun.all);
	free(world->edge.all);
	free(world->refused.all);
	free(world->jingjian.all);
	free(world->children.all);
	free(world->disabled.all);
	free(world->elders.all);
	free(world->strangers.all);
	people_free(&world->people);
}
