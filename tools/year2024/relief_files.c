/* SPDX-License-Identifier: Apache-2.0 */
/* What relief had granted before 2024: running awards with their families, the grants of 2023, the
 * tags. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

static FILE *
open_lines(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		err(1, "写不了 %s", path);
	return file;
}

static void
write_award(FILE *out, const struct world *world, const struct case_file *file,
	    const char *programme, const char *from_month, long amount_fen)
{
	const struct household *household = people_household(&world->people, file->household);
	const struct person *head = case_head(world, file);
	char *family = family_json(&world->people, household, file->per_capita_fen, file->kind,
				   file->centralised);

	fprintf(out,
		"{\"awardId\":\"%s\",\"programme\":\"%s\",\"division\":\"%lld\",\"householdId\":\"%"
		"s\",\"file\":%s,"
		"\"fromMonth\":\"%s\",\"amountFen\":\"%ld\",\"payeePersonId\":\"%s\",\"accountId\":"
		"\"%s\",\"recheckClass\":\"%s\","
		"\"checkedOn\":{\"year\":2023,\"month\":12,\"day\":15}}\n",
		file->award_id, programme, (long long)world->people.villages[household->village].id,
		household->id, family, from_month, amount_fen, head->id, head->account_id,
		file->kind == FAMILY_ORDINARY ? "B" : "A");
	free(family);
}

static void
write_awards(const struct world *world, const char *dir)
{
	static const long care_fen[] = {
	    [FAMILY_TEKUN_SELF] = 5000, [FAMILY_TEKUN_HALF] = 20000, [FAMILY_TEKUN_FULL] = 30000};
	FILE *out = open_lines(dir, "awards.jsonl");

	for (int i = 0; i < world->dibao.count; i++) {
		const struct case_file *file = &world->dibao.all[i];
		bool urban =
		    world->people
			.villages[people_household(&world->people, file->household)->village]
			.urban;
		long standard = urban ? 73500 : 60000;

		if (!file->first_month)
			write_award(out, world, file, "DIBAO", "2024-01",
				    (standard - file->per_capita_fen) * case_members(world, file));
	}
	for (int i = 0; i < world->tekun.count; i++)
		if (!world->tekun.all[i].first_month)
			write_award(out, world, &world->tekun.all[i], "TEKUN", "2024-01",
				    95500 + care_fen[world->tekun.all[i].kind]);
	for (int i = 0; i < world->edge.count; i++)
		if (world->edge.all[i].before)
			write_award(out, world, &world->edge.all[i], "EDGE", "2023-12", 0);
	if (fclose(out))
		err(1, "写文件");
}

/* 精简退职: a fixed monthly allowance (RLF-41). */
static void
write_jingjian(struct world *world, FILE *out)
{

	for (int i = 0; i < world->jingjian.count; i++) {
		const struct person *person = people_person(&world->people, world->jingjian.all[i]);
		char award_id[UUID_TEXT_SIZE], born[DATE_JSON_SIZE];

		random_uuid(&world->random, award_id);
		fprintf(out,
			"{\"awardId\":\"%s\",\"programme\":\"JINGJIAN\",\"division\":\"%lld\","
			"\"file\":{\"area\":\"RURAL\",\"members\":[{"
			"\"personId\":\"%s\",\"name\":\"%s\",\"relation\":\"SELF\",\"bornOn\":%s}]}"
			",\"fromMonth\":\"2024-01\","
			"\"amountFen\":\"88200\",\"payeePersonId\":\"%s\",\"accountId\":\"%s\"}\n",
			award_id, (long long)world->people.villages[person->village].id, person->id,
			person->name, date_json(person->born, born), person->id,
			person->account_id);
	}
}

static void
write_aid_before(struct world *world, const char *dir)
{
	struct table *table =
	    table_open(dir, "temp_aids_2023.csv", OUT_UTF8,
		       "编号,人员编号,行政区划,救助类型,原因,金额（元）,救助日期");
	int n = 0;

	for (int class = 0; class < AID_CLASSES; class ++)
		for (int i = 0; i < recipe_scale(aid_classes_before[class].grants, world->percent);
		     i++, n++) {
			const struct person *person = people_person(
			    &world->people, world->strangers.all[n % world->strangers.count]);
			char id[UUID_TEXT_SIZE];

			random_uuid(&world->random, id);
			table_row(table, "%s,%s,%lld,%s,%s,%d.00,2023-%02d-%02d", id, person->id,
				  (long long)world->people.villages[person->village].id,
				  n % 2 ? "URGENT" : "SPENDING",
				  n % 2 ? "突发疾病" : "医疗支出过大",
				  aid_classes_before[class].yuan, 1 + n % 12, 1 + n % 28);
		}
	table_close(table);
}

static void
write_tags(const struct world *world, const char *dir)
{
	struct table *table = table_open(dir, "tags.csv", OUT_UTF8, "人员编号,标签,起始日期");
	int left = world->recipe.tags;

	for (int i = 0; i < world->dibao_at_year_end && left > 0; i++) {
		const struct household *household =
		    people_household(&world->people, world->dibao.all[i].household);

		for (int j = 0; j < household->n_members && left > 0; j++, left--)
			table_row(table, "%s,%s,2021-01-01",
				  people_person(&world->people, household->members[j])->id,
				  left % 10 ? "OUT_OF_POVERTY" : "MONITORED");
	}
	table_close(table);
}

void
write_relief_files(struct world *world, const char *dir)
{
	FILE *jingjian = open_lines(dir, "jingjian.jsonl");

	write_awards(world, dir);
	write_jingjian(world, jingjian);
	if (fclose(jingjian))
		err(1, "写文件");
	write_aid_before(world, dir);
	write_tags(world, dir);
}
