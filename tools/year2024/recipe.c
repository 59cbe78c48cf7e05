/* SPDX-License-Identifier: Apache-2.0 */
#include "recipe.h"

const struct aid_class aid_classes[AID_CLASSES] = {{400, 1000},  {500, 2500}, {300, 5000},
						   {100, 12000}, {45, 15000}, {1, 3000}};
const struct aid_class aid_classes_before[AID_CLASSES] = {{420, 1000}, {480, 2000}, {250, 4500},
							  {60, 10000}, {20, 15000}, {1, 3000}};

static const struct recipe whole = {
    .dibao = {4110, 2569, 1180, 700, 330, 22},
    .dibao_entries = 600,
    .dibao_urban_persons = 4211,
    .dibao_month_yuan = 9768415,
    .tekun_full = 170,
    .tekun_half = 235,
    .tekun_self = 1530,
    .tekun_entries = 1,
    .care_agreements = 1046,
    .edge = {255, 569, 400, 330, 180, 40},
    .edge_before = {145, 320, 40, 20, 0, 3},
    .refused = 2500,
    .withdrawn = 487,
    .offline = 62,
    .jingjian = 24,
    .tags = 7461,
    .not_insured = 43,
    .claims = 1393,
    .one_off_tekun_yuan = 500,
    .one_off_children_yuan = 500,
    .one_off_dibao = 16246,
    .one_off_dibao_yuan = 250,
    .other_relief = 2202,
    .checks_households = 24000,
    .checks_persons = 78000,
    .rescues = 229,
    .escorted = 14,
    .follow_ups = 16,
    .rescue_points = 5,
    .children_institution = 5,
    .children_community = 228,
    .education_grants = 340,
    .disability_living = 3000,
    .disability_nursing_2 = 5303,
    .disability_nursing_1 = 1903,
    .disabled_elders = 1428,
    .disabled_elders_late = 67,
    .centenarians = 10,
    .centenarians_late = 2,
    .elders_80 = 11625,
    .elders_90 = 1373,
};

int
recipe_scale(int count, int percent)
{
	return (int)((long)count * percent / 100);
}

struct recipe
recipe_scaled(int percent)
{
	struct recipe scaled = whole;
	int *const counts[] = {&scaled.dibao_entries,
			       &scaled.dibao_urban_persons,
			       &scaled.dibao_month_yuan,
			       &scaled.tekun_full,
			       &scaled.tekun_half,
			       &scaled.tekun_self,
			       &scaled.care_agreements,
			       &scaled.refused,
			       &scaled.withdrawn,
			       &scaled.offline,
			       &scaled.jingjian,
			       &scaled.tags,
			       &scaled.not_insured,
			       &scaled.claims,
			       &scaled.one_off_dibao,
			       &scaled.other_relief,
			       &scaled.checks_households,
			       &scaled.checks_persons,
			       &scaled.rescues,
			       &scaled.escorted,
			       &scaled.follow_ups,
			       &scaled.children_community,
			       &scaled.education_grants,
			       &scaled.disability_living,
			       &scaled.disability_nursing_2,
			       &scaled.disability_nursing_1,
			       &scaled.disabled_elders,
			       &scaled.disabled_elders_late,
			       &scaled.elders_80,
			       &scaled.elders_90};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i] = recipe_scale(*counts[i], percent);
	for (int size = 0; size < HOUSEHOLD_MAX; size++) {
		scaled.dibao[size] = recipe_scale(whole.dibao[size], percent);
		scaled.edge[size] = recipe_scale(whole.edge[size], percent);
		scaled.edge_before[size] = recipe_scale(whole.edge_before[size], percent);
	}
	return scaled;
}
