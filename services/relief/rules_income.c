/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_income.h"

enum { FARM_WINDOW_MONTHS = 12 };

/* What RLF-03 does with a kind of income. */
static const struct {
	int sign; /* 1 counted, 0 not, -1 deducted */
	const char *text;
} kinds[] = {
    [FAMILY_INCOME__KIND__KIND_UNSPECIFIED] = {1, "收入，计入"},
    [FAMILY_INCOME__KIND__WAGE] = {1, "工资性收入，计入"},
    [FAMILY_INCOME__KIND__OPERATING] = {1, "经营净收入（扣除生产成本），计入"},
    [FAMILY_INCOME__KIND__PROPERTY] = {1, "财产净收入，计入"},
    [FAMILY_INCOME__KIND__TRANSFER] = {1, "转移净收入，计入"},
    [FAMILY_INCOME__KIND__ALIMONY] = {1, "赡养抚养扶养费，计入"},
    [FAMILY_INCOME__KIND__WAIVED_SUPPORT] = {1, "放弃的法定赡养抚养扶养费，按应得计入"},
    [FAMILY_INCOME__KIND__PREFERENTIAL_PENSION] = {0, "优待抚恤金，不计入"},
    [FAMILY_INCOME__KIND__FAMILY_PLANNING_REWARD] = {0, "计划生育奖励扶助，不计入"},
    [FAMILY_INCOME__KIND__SCHOLARSHIP] = {0, "奖学金，不计入"},
    [FAMILY_INCOME__KIND__BRAVERY_AWARD] = {0, "见义勇为奖励，不计入"},
    [FAMILY_INCOME__KIND__GOVERNMENT_RELIEF] = {0, "政府救助款物，不计入"},
    [FAMILY_INCOME__KIND__BASIC_PENSION] = {0, "中央确定的基础养老金，不计入"},
    [FAMILY_INCOME__KIND__ILLNESS_COST] = {-1, "因病因残增加的刚性支出，扣减"},
    [FAMILY_INCOME__KIND__JOB_COST] = {-1, "必要的就业成本，扣减"},
};

struct income_line
income_count(const FamilyIncome *income)
{
	size_t kind = (size_t)income->kind < sizeof(kinds) / sizeof(kinds[0])
			  ? (size_t)income->kind
			  : FAMILY_INCOME__KIND__KIND_UNSPECIFIED;
	int64_t net = income->amount_fen;

	if (income->kind == FAMILY_INCOME__KIND__OPERATING)
		net = net > income->cost_fen ? net - income->cost_fen : 0;
	return (struct income_line){
	    .counted_fen = kinds[kind].sign * net,
	    .months = income->months == FARM_WINDOW_MONTHS ? FARM_WINDOW_MONTHS : 1,
	    .text = kinds[kind].text,
	};
}

static bool
owner_counts(const ReliefPolicy *policy, const FamilyFile *file, const char *person_id,
	     struct date on)
{
	const FamilyMember *member;

	if (!person_id[0])
		return true;
	member = family_member(file, person_id);
	return member && family_counts(policy, member, on).counted;
}

bool
income_belongs(const ReliefPolicy *policy, const FamilyFile *file, const FamilyIncome *income,
	       struct date on)
{
	return owner_counts(policy, file, income->person_id, on);
}

int64_t
income_monthly(int64_t twelfths_fen)
{
	return twelfths_fen > 0 ? twelfths_fen / FARM_WINDOW_MONTHS : 0;
}

int64_t
income_of_family(const ReliefPolicy *policy, const FamilyFile *file, struct date on)
{
	int64_t twelfths = 0;

	for (size_t i = 0; i < file->n_incomes; i++) {
		struct income_line line = income_count(file->incomes[i]);

		if (income_belongs(policy, file, file->incomes[i], on))
			twelfths += line.counted_fen * (FARM_WINDOW_MONTHS / line.months);
	}
	return income_monthly(twelfths);
}

struct property
property_of_family(const ReliefPolicy *policy, const FamilyFile *file, struct date on)
{
	struct property sum = {0};

	for (size_t i = 0; i < file->n_properties; i++) {
		const FamilyProperty *item = file->properties[i];

		if (!owner_counts(policy, file, item->person_id, on))
			continue;
		switch (item->kind) {
		case FAMILY_PROPERTY__KIND__VEHICLE:
		case FAMILY_PROPERTY__KIND__SHIP:
			sum.vehicles += !item->mobility_aid;
			break;
		case FAMILY_PROPERTY__KIND__HOUSE:
			sum.houses++;
			break;
		default:
			sum.assets_fen += item->value_fen;
		}
	}
	return sum;
}
