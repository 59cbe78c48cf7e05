/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_family.h"

#include <string.h>

#include "svc/method.h"

enum { ADULT_AGE = 18, CAPACITY_FROM_AGE = 16, CAPACITY_TO_AGE = 60, REFUSALS_IN_A_ROW = 3 };

int
family_age(const FamilyMember *member, struct date on)
{
	struct date born;

	return svc_date_get(member->born_on, &born) ? date_age(born, on) : 0;
}

/* C-6: years of absence after which clergy no longer count. */
static bool
away_for_years(const FamilyMember *member, int years, struct date on)
{
	struct date since;

	return svc_date_get(member->absent_since, &since) &&
	       date_compare(date_add_months(since, 12 * years), on) <= 0;
}

static bool
absent(const ReliefPolicy *policy, const FamilyMember *member, struct date on,
       struct family_count *ret_count)
{
	switch (member->absence) {
	case FAMILY_MEMBER__ABSENCE__PRISON:
		*ret_count = (struct family_count){false, "RLF-01", "在监狱服刑，不计入"};
		return true;
	case FAMILY_MEMBER__ABSENCE__DRUG_REHABILITATION:
		*ret_count = (struct family_count){false, "RLF-01", "在强制隔离戒毒，不计入"};
		return true;
	case FAMILY_MEMBER__ABSENCE__MISSING:
		*ret_count = (struct family_count){false, "RLF-01", "已宣告失踪，不计入"};
		return true;
	case FAMILY_MEMBER__ABSENCE__CLERGY:
		*ret_count = (struct family_count){false, "C-6", "宗教教职人员长期离家，不计入"};
		return away_for_years(member, policy->clergy_years, on);
	case FAMILY_MEMBER__ABSENCE__ACTIVE_SERVICE:
		*ret_count = (struct family_count){false, "RLF-01", "未婚现役军人，不计入"};
		return !member->married;
	default:
		return false;
	}
}

static struct family_count
child_counts(const FamilyMember *child, struct date on)
{
	if (family_age(child, on) < ADULT_AGE)
		return (struct family_count){true, "RLF-01", "未成年子女，计入"};
	if (child->full_time_student)
		return (struct family_count){true, "RLF-01", "本科及以下全日制在读子女，计入"};
	if (!child->lives_independently)
		return (struct family_count){true, "RLF-01", "未独立生活的成年子女，计入"};
	return (struct family_count){false, "RLF-01", "已独立生活的成年子女，不计入"};
}

struct family_count
family_counts(const ReliefPolicy *policy, const FamilyMember *member, struct date on)
{
	struct family_count count;

	if (absent(policy, member, on, &count))
		return count;
	switch (member->relation) {
	case FAMILY_MEMBER__RELATION__SELF:
		return (struct family_count){true, "RLF-01", "申请人，计入"};
	case FAMILY_MEMBER__RELATION__SPOUSE:
		return (struct family_count){true, "RLF-01", "配偶，计入"};
	case FAMILY_MEMBER__RELATION__CHILD:
		return child_counts(member, on);
	default:
		if (member->shares_support_duty)
			return (struct family_count){true, "RLF-01",
						     "有法定赡养扶养抚养关系并长期共同居住，计入"};
		return (struct family_count){false, "RLF-01", "没有长期共同生活，不计入"};
	}
}

const FamilyMember *
family_applicant(const FamilyFile *file)
{
	for (size_t i = 0; i < file->n_members; i++) {
		if (file->members[i]->relation == FAMILY_MEMBER__RELATION__SELF)
			return file->members[i];
	}
	return NULL;
}

const FamilyMember *
family_member(const FamilyFile *file, const char *person_id)
{
	for (size_t i = 0; i < file->n_members; i++) {
		if (strcmp(file->members[i]->person_id, person_id) == 0)
			return file->members[i];
	}
	return NULL;
}

static bool
disabled_up_to(const MemberHealth *health, MemberHealth__Disability kind, int level)
{
	return health->disability == kind && health->level >= 1 && health->level <= level;
}

bool
family_may_apply_alone(const FamilyMember *member)
{
	const MemberHealth *health = member->health;

	if (!health)
		return false;
	return health->major_illness || (health->level >= 1 && health->level <= 2) ||
	       disabled_up_to(health, MEMBER_HEALTH__DISABILITY__INTELLECTUAL, 3) ||
	       disabled_up_to(health, MEMBER_HEALTH__DISABILITY__MENTAL, 3);
}

bool
family_no_working_capacity(const FamilyMember *member, struct date on)
{
	const MemberHealth *health = member->health;
	int age = family_age(member, on);

	if (age >= CAPACITY_TO_AGE || age < CAPACITY_FROM_AGE || member->at_school)
		return true;
	if (!health)
		return false;
	return disabled_up_to(health, MEMBER_HEALTH__DISABILITY__INTELLECTUAL, 3) ||
	       disabled_up_to(health, MEMBER_HEALTH__DISABILITY__MENTAL, 3) ||
	       disabled_up_to(health, MEMBER_HEALTH__DISABILITY__LIMB, 2) ||
	       disabled_up_to(health, MEMBER_HEALTH__DISABILITY__VISUAL, 1);
}

Award__CareGrade
family_care_grade(SelfCareTest *const *tests, size_t n_tests)
{
	unsigned failed = 0;
	int n;

	for (size_t i = 0; i < n_tests; i++) {
		if (tests[i]->failed && tests[i]->indicator >= SELF_CARE_TEST__INDICATOR__EATING &&
		    tests[i]->indicator <= SELF_CARE_TEST__INDICATOR__BATHING)
			failed |= 1U << tests[i]->indicator;
	}
	n = __builtin_popcount(failed);
	if (n == 0)
		return AWARD__CARE_GRADE__SELF_RELIANT;
	return n <= 3 ? AWARD__CARE_GRADE__HALF_CARE : AWARD__CARE_GRADE__FULL_CARE;
}

static bool
has_wage(const FamilyFile *file, const FamilyMember *member)
{
	for (size_t i = 0; i < file->n_incomes; i++) {
		if (file->incomes[i]->kind == FAMILY_INCOME__KIND__WAGE &&
		    strcmp(file->incomes[i]->person_id, member->person_id) == 0)
			return true;
	}
	return false;
}

Award__RecheckClass
family_recheck_class(const ReliefPolicy *policy, const FamilyFile *file, struct date on)
{
	bool all_frail = true;

	for (size_t i = 0; i < file->n_members; i++) {
		const FamilyMember *member = file->members[i];

		if (!family_counts(policy, member, on).counted)
			continue;
		if (member->able_to_work && !has_wage(file, member))
			return AWARD__RECHECK_CLASS__C;
		all_frail = all_frail && (family_no_working_capacity(member, on) ||
					  (member->health && member->health->major_illness));
	}
	return all_frail ? AWARD__RECHECK_CLASS__A : AWARD__RECHECK_CLASS__B;
}

bool
family_refused_work(const FamilyMember *member)
{
	return member->work_refusals >= REFUSALS_IN_A_ROW;
}
