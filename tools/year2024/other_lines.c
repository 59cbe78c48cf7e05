/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Awards of lines whose services come later: child welfare, disability, elder allowances. Payment
 * takes them as they are, with their source and programme.
 */
#include <stdio.h>

#include "world.h"

struct line {
	struct table *table;
	struct world *world;
};

/* One version of one award; to_month "" while it is open. */
static void
put(struct line *line, const char *award_id, int version, const char *programme, int person,
    int yuan, const char *from_month, const char *to_month, const char *reason, const char *rate)
{
	const struct person *who = people_person(&line->world->people, person);

	table_row(line->table, "%s,%d,%s,%s,%s,%lld,%d.00,%s,%s,%s,%s", award_id, version,
		  programme, who->id, who->account_id,
		  (long long)line->world->people.villages[who->village].id, yuan, from_month,
		  to_month, reason, rate);
}

/* An award all year, raised once; raise_from "" when it is not. */
static void
put_year(struct line *line, const char *programme, int person, int yuan, const char *raise_from,
	 int raised_yuan, const char *rate)
{
	char award_id[UUID_TEXT_SIZE];

	random_uuid(&line->world->random, award_id);
	put(line, award_id, 1, programme, person, yuan, "2024-01", "", "GRANTED", rate);
	if (raise_from[0])
		put(line, award_id, 2, programme, person, raised_yuan, raise_from, "", "RAISED",
		    rate);
}

/* One month only. */
static void
put_once(struct line *line, const char *programme, int person, int yuan, const char *month,
	 const char *rate)
{
	char award_id[UUID_TEXT_SIZE];

	random_uuid(&line->world->random, award_id);
	put(line, award_id, 1, programme, person, yuan, month, month, "GRANTED", rate);
}

/*
 * Children in the community: 1,695 person-months at the old rate and 817 at the new one. Everybody
 * starts in January and leaves after as many months as make up these sums.
 */
static void
put_children(struct line *line)
{
	const struct recipe *recipe = &line->world->recipe;
	const struct person_list *children = &line->world->children;
	int old_months = recipe_scale(1695, line->world->percent),
	    new_months = recipe_scale(817, line->world->percent);
	int community = children->count - recipe->children_institution;

	for (int i = 0; i < recipe->children_institution; i++)
		put_year(line, "CHILD_SUPPORT", children->all[i], 1605, "2024-09", 1825,
			 "机构集中养育");
	for (int i = 0; i < community; i++) {
		int left = community - i, child = children->all[recipe->children_institution + i];
		int news = new_months / left > 4 ? 4 : (new_months + left - 1) / left,
		    olds = old_months / left;
		char award_id[UUID_TEXT_SIZE], first[24];

		/* Who has months at the new rate has had the last ones at the old rate too. */
		olds = olds > 8 ? 8 : olds;
		news = news > 4 ? 4 : news;
		random_uuid(&line->world->random, award_id);
		snprintf(first, sizeof first, "2024-%02d", 9 - olds);
		put(line, award_id, 1, "CHILD_SUPPORT", child, 1405, first, "2024-08", "GRANTED",
		    "社会散居");
		if (news) {
			char last[24];

			snprintf(last, sizeof last, "2024-%02d", 8 + news);
			put(line, award_id, 2, "CHILD_SUPPORT", child, 1625, "2024-09", last,
			    "RAISED", "社会散居");
		}
		old_months -= olds;
		new_months -= news;
	}
	for (int i = 0; i < recipe->education_grants; i++)
		put_once(line, "EDUCATION_GRANT", children->all[i % children->count],
			 i == recipe->education_grants - 1 ? 1104 : 1064,
			 i < children->count ? "2024-03" : "2024-09", "助学金");
}

static void
put_disability(struct line *line)
{
	const struct world *world = line->world;
	const struct recipe *recipe = &world->recipe;
	int given = 0;

	for (int i = 0; i < world->disabled.count; i++)
		if (i < recipe->disability_nursing_1)
			put_year(line, "DISABILITY_NURSING", world->disabled.all[i], 90, "2024-10",
				 100, "护理补贴一级");
		else
			put_year(line, "DISABILITY_NURSING", world->disabled.all[i], 80, "2024-10",
				 90, "护理补贴二级");
	/* The living subsidy is for members of dibao families (DIS-01), here for heads who draw it
	 * all year. */
	for (int i = 0; i < world->dibao_at_year_end && given < recipe->disability_living; i++) {
		const struct case_file *file = &world->dibao.all[i];

		if (file->first_month)
			continue;
		put_year(line, "DISABILITY_LIVING",
			 people_household(&world->people, file->household)->members[0], 80,
			 "2024-10", 90, "生活补贴");
		given++;
	}
}

static void
put_elders(struct line *line)
{
	const struct world *world = line->world;
	const struct recipe *recipe = &world->recipe;
	int first_centenarian = world->elders.count - recipe->centenarians;

	for (int i = 0; i < recipe->disabled_elders; i++) {
		char award_id[UUID_TEXT_SIZE];

		random_uuid(&line->world->random, award_id);
		put(line, award_id, 1, "DISABLED_ELDER", world->elders.all[i], 200,
		    i < recipe->disabled_elders_late ? "2024-08" : "2024-01", "", "GRANTED",
		    "高龄失能");
	}
	for (int i = first_centenarian; i < world->elders.count; i++) {
		char award_id[UUID_TEXT_SIZE];

		random_uuid(&line->world->random, award_id);
		put(line, award_id, 1, "CENTENARIAN", world->elders.all[i], 200,
		    i - first_centenarian < recipe->centenarians_late ? "2024-09" : "2024-01", "",
		    "GRANTED", "百岁");
	}
	for (int i = 0; i < world->elders.count; i++)
		put_once(line, "ELDER_ALLOWANCE", world->elders.all[i],
			 i < recipe->elders_80 ? 10 : 50, "2024-12",
			 i < recipe->elders_80 ? "80至89周岁" : "90周岁以上");
}

void
write_other_lines(struct world *world, const char *dir)
{
	struct line line = {table_open(dir, "other_lines.csv", OUT_UTF8,
				       "待遇编号,版本,待遇项目,人员编号,账户编号,行政区划,"
				       "月标准（元）,起始月份,截止月份,原因,档次"),
			    world};

	put_children(&line);
	put_disability(&line);
	put_elders(&line);
	table_close(line.table);
}
