/* SPDX-License-Identifier: Apache-2.0 */
/* Persons, households and bank accounts, as the bureau's old system gives them: GB18030 tables. */
#include <stdio.h>

#include "world.h"

static void
write_persons(const struct world *world, const char *dir)
{
	struct table *table = table_open(dir, "persons.csv", OUT_GB18030,
					 "人员编号,身份证号,姓名,民族,村（社区）代码,联系电话");

	for (int i = 0; i < world->people.n_persons; i++) {
		const struct person *person = &world->people.persons[i];

		table_row(table, "%s,%s,%s,%s,%s,139%08d", person->id, person->id_number,
			  person->name, person->ethnicity,
			  world->people.villages[person->village].code, 10000000 + i);
	}
	table_close(table);
}

static void
write_households(const struct world *world, const char *dir)
{
	/* GB/T 4761 by place in the family: head, spouse, child, child, parent, parent. */
	static const char *const relations[HOUSEHOLD_MAX] = {"01", "10", "20", "30", "51", "52"};
	struct table *table =
	    table_open(dir, "households.csv", OUT_GB18030,
		       "家庭编号,户号,村（社区）代码,城乡,人员编号,与户主关系,加入日期");

	for (int i = 0; i < world->people.n_households; i++) {
		const struct household *household = &world->people.households[i];
		const struct village *village = &world->people.villages[household->village];

		for (int j = 0; j < household->n_members; j++)
			table_row(table, "%s,%s%06d,%s,%s,%s,%s,2023-01-01", household->id, "H",
				  i + 1, village->code, village->urban ? "URBAN" : "RURAL",
				  world->people.persons[household->members[j]].id, relations[j]);
	}
	table_close(table);
}

static void
write_accounts(const struct world *world, const char *dir)
{
	struct table *table =
	    table_open(dir, "bank_accounts.csv", OUT_GB18030, "账户编号,人员编号,账号,开户行,户名");

	for (int i = 0; i < world->people.n_persons; i++) {
		const struct person *person = &world->people.persons[i];

		if (person->account_id[0])
			table_row(table, "%s,%s,6217%012d,%s,%s", person->account_id, person->id,
				  100000000 + i,
				  i % 3 ? "重庆农村商业银行黔江支行" : "中国邮政储蓄银行黔江支行",
				  person->name);
	}
	table_close(table);
}

void
write_registry_files(struct world *world, const char *dir)
{
	write_persons(world, dir);
	write_households(world, dir);
	write_accounts(world, dir);
}
