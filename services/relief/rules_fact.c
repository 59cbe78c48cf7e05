/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_fact.h"

#include <string.h>

#include "svc/method.h"

enum { MAJORITY_AGE = 18 };

/* clang-format off */
#define ON(kind)  PERSON_CHANGED__KIND__##kind
#define FOR(name) AWARD__PROGRAMME__##name
static const struct fact_rule matrix[] = {
    {ON(DEATH), FOR(DIBAO), FACT_DROP_MEMBER, FACT_DUE_WORKDAYS_5, false, "E-01",
     "成员死亡：减员，重新计算"},
    {ON(DEATH), FOR(EDGE), FACT_DROP_MEMBER, FACT_DUE_WORKDAYS_5, false, "E-01",
     "成员死亡：减员，重新认定"},
    {ON(DEATH), FOR(RIGID), FACT_DROP_MEMBER, FACT_DUE_WORKDAYS_5, false, "E-01",
     "成员死亡：减员，重新认定"},
    {ON(DEATH), FOR(TEKUN), FACT_STOP, FACT_DUE_WORKDAYS_5, false, "E-02",
     "特困人员死亡：次月停发，终止照料协议，释放床位"},
    {ON(DEATH), FOR(JINGJIAN), FACT_STOP, FACT_DUE_WORKDAYS_5, false, "E-02",
     "精简退职人员死亡：次月停发"},
    {ON(MARRIAGE), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "E-09",
     "结婚：建议合并家庭，复核收入和财产"},
    {ON(MARRIAGE), FOR(EDGE), FACT_RECHECK, FACT_DUE_MONTH, false, "E-09",
     "结婚：建议合并家庭，复核收入和财产"},
    {ON(MARRIAGE), FOR(TEKUN), FACT_RECHECK, FACT_DUE_MONTH, false, "E-10",
     "结婚：配偶是法定扶养人，复核特困条件"},
    {ON(DIVORCE), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "E-11",
     "离婚：拆分家庭，核算抚养费，放弃的法定抚养费照计"},
    {ON(DIVORCE), FOR(EDGE), FACT_RECHECK, FACT_DUE_MONTH, false, "E-11",
     "离婚：拆分家庭，核算抚养费"},
    {ON(JOINED_HOUSEHOLD), FOR(DIBAO), FACT_RECHECK, FACT_DUE_WORKDAYS_10, true, "E-12",
     "新增家庭成员：从登记当月起增员"},
    {ON(LEFT_HOUSEHOLD), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "RLF-12",
     "成员离开家庭：复核"},
    {ON(CUSTODY_BEGAN), FOR(DIBAO), FACT_UNCOUNT, FACT_DUE_WORKDAYS_10, false, "E-19",
     "成员服刑或强制戒毒：次月起不计入"},
    {ON(CUSTODY_BEGAN), FOR(EDGE), FACT_UNCOUNT, FACT_DUE_WORKDAYS_10, false, "E-19",
     "成员服刑或强制戒毒：次月起不计入"},
    {ON(CUSTODY_BEGAN), FOR(TEKUN), FACT_STOP, FACT_DUE_WORKDAYS_5, false, "E-20",
     "特困人员服刑：次月停发"},
    {ON(CUSTODY_ENDED), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "RLF-12",
     "成员释放：复核"},
    {ON(MOVED_OUT), FOR(DIBAO), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "E-22",
     "户籍迁出本区：当月发完，移交档案，次月停发"},
    {ON(MOVED_OUT), FOR(EDGE), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "E-22",
     "户籍迁出本区：移交档案，次月终止"},
    {ON(MOVED_OUT), FOR(RIGID), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "E-22",
     "户籍迁出本区：移交档案，次月终止"},
    {ON(MOVED_OUT), FOR(TEKUN), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "E-22",
     "户籍迁出本区：当月发完，移交档案，次月停发"},
    {ON(MOVED_OUT), FOR(JINGJIAN), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "E-22",
     "户籍迁出本区：当月发完，移交档案，次月停发"},
    {ON(JOB_FOUND), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "E-24",
     "成员就业：复核收入，符合条件的给予渐退期"},
    {ON(JOB_FOUND), FOR(EDGE), FACT_RECHECK, FACT_DUE_MONTH, false, "E-24",
     "成员就业：复核收入"},
    {ON(DISABILITY_BEGAN), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "E-25",
     "残疾等级变化：复核分类救助"},
    {ON(DISABILITY_ENDED), FOR(DIBAO), FACT_RECHECK, FACT_DUE_MONTH, false, "E-25",
     "残疾证失效：复核分类救助"},
    {ON(DISABILITY_ENDED), FOR(TEKUN), FACT_RECHECK, FACT_DUE_MONTH, false, "RLF-33",
     "残疾证失效：复核有无劳动能力"},
    {ON(SCHOOL_ENDED), FOR(TEKUN), FACT_RECHECK, FACT_DUE_WORKDAYS_10, false, "E-13",
     "离校：成年特困人员不再就读，复核"},
    {ON(MISSING), FOR(DIBAO), FACT_UNCOUNT, FACT_DUE_WORKDAYS_10, false, "E-28",
     "成员宣告失踪：次月起不计入"},
    {ON(MISSING), FOR(EDGE), FACT_UNCOUNT, FACT_DUE_WORKDAYS_10, false, "E-28",
     "成员宣告失踪：次月起不计入"},
    {ON(MISSING), FOR(TEKUN), FACT_STOP, FACT_DUE_WORKDAYS_10, false, "RLF-33",
     "特困人员宣告失踪：次月停发"},
};
#undef ON
#undef FOR
/* clang-format on */

const struct fact_rule *
fact_rule(PersonChanged__Kind kind, Award__Programme programme)
{
	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		if (matrix[i].kind == kind && matrix[i].programme == programme)
			return &matrix[i];
	}
	return NULL;
}

month_number
fact_first_month(const struct fact_rule *rule, struct date effective_on,
		 const struct date *previous_on)
{
	struct date day = effective_on;

	if (previous_on && date_compare(*previous_on, day) < 0)
		day = *previous_on;
	return date_month(day) + !rule->of_same_month;
}

/* A household award goes on for the others when someone else than the applicant moves away. */
static bool
concerns_all(const struct fact_rule *rule, const FamilyFile *file, const char *person_id)
{
	const FamilyMember *applicant = family_applicant(file);

	if (rule->effect != FACT_STOP)
		return false;
	return !applicant || strcmp(applicant->person_id, person_id) == 0;
}

bool
fact_ends_award(const ReliefPolicy *policy, const struct fact_rule *rule, const FamilyFile *file,
		const char *person_id, struct date on)
{
	int others = 0;

	if (concerns_all(rule, file, person_id))
		return true;
	if (rule->effect == FACT_RECHECK)
		return false;
	for (size_t i = 0; i < file->n_members; i++) {
		if (strcmp(file->members[i]->person_id, person_id) != 0)
			others += family_counts(policy, file->members[i], on).counted;
	}
	return others == 0;
}

/* The eldest who is left becomes the applicant, so that the award has someone to go on for. */
static void
name_new_applicant(FamilyFile *file)
{
	FamilyMember *eldest = NULL;
	struct date born, eldest_born = {INT32_MAX};

	if (family_applicant(file))
		return;
	for (size_t i = 0; i < file->n_members; i++) {
		if (svc_date_get(file->members[i]->born_on, &born) &&
		    (!eldest || date_compare(born, eldest_born) < 0)) {
			eldest = file->members[i];
			eldest_born = born;
		}
	}
	if (eldest)
		eldest->relation = FAMILY_MEMBER__RELATION__SELF;
}

/* Keeps the items of a list for which the person is not the owner. */
#define DROP_OWNED(file, list, person)                                          \
	do {                                                                    \
		size_t kept_ = 0;                                               \
		for (size_t i_ = 0; i_ < (file)->n_##list; i_++) {              \
			if (strcmp((file)->list[i_]->person_id, (person)) != 0) \
				(file)->list[kept_++] = (file)->list[i_];       \
		}                                                               \
		(file)->n_##list = kept_;                                       \
	} while (0)

void
fact_apply(FamilyFile *file, const struct fact_rule *rule, const char *person_id,
	   PersonChanged__Kind kind)
{
	if (rule->effect == FACT_DROP_MEMBER || rule->effect == FACT_STOP) {
		DROP_OWNED(file, members, person_id);
		DROP_OWNED(file, incomes, person_id);
		DROP_OWNED(file, properties, person_id);
		name_new_applicant(file);
		return;
	}
	for (size_t i = 0; rule->effect == FACT_UNCOUNT && i < file->n_members; i++) {
		if (strcmp(file->members[i]->person_id, person_id) == 0)
			file->members[i]->absence = kind == PERSON_CHANGED__KIND__MISSING
							? FAMILY_MEMBER__ABSENCE__MISSING
							: FAMILY_MEMBER__ABSENCE__PRISON;
	}
}

month_number
fact_minor_until(struct date born_on, const struct date *school_until)
{
	month_number until = date_month(date_add_months(born_on, 12 * MAJORITY_AGE));

	if (school_until && date_month(*school_until) > until)
		until = date_month(*school_until);
	return until;
}

bool
fact_gives_way(month_number ours, month_number theirs)
{
	return ours >= theirs;
}
