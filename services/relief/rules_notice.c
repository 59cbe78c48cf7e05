/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_notice.h"

#include <string.h>

#include "domain/mask.h"
#include "rules_family.h"
#include "rules_trace.h"

enum { ADULT_AGE = 18, LAW_YEAR = 2026, LAW_MONTH = 7 };

static char *
day(struct svc_call *c, struct date date)
{
	struct civil civil = date_civil(date);

	return svc_text(c, "%d年%d月%d日", civil.year, civil.month, civil.day);
}

char *
notice_public_name(struct svc_call *c, const FamilyFile *file, struct date on)
{
	const FamilyMember *applicant = family_applicant(file);

	if (!applicant)
		return svc_copy_text(c, "申请人");
	if (family_age(applicant, on) < ADULT_AGE)
		return svc_copy_text(c, mask_text(c->arena, MASK_NAME, MASK_FOR_NOTICE,
						  applicant->name, strlen(applicant->name)));
	return svc_copy_text(c, applicant->name);
}

static bool
law_of_2026(struct date on)
{
	struct civil civil = date_civil(on);

	return civil.year > LAW_YEAR || (civil.year == LAW_YEAR && civil.month >= LAW_MONTH);
}

/* What is meant to be given, in the words of the notice. */
static char *
proposal(struct svc_call *c, const FamilyFile *file, const DecisionTrace *trace)
{
	const char *name = programme_name(trace->outcome);
	const char *money = svc_yuan(c, trace->amount ? trace->amount->amount_fen : 0);

	if (trace->outcome == AWARD__PROGRAMME__TEMP_AID) /* its trace counts nobody */
		return svc_text(c, "家庭成员%zu人，拟给予%s，一次性发放%s", file->n_members, name,
				money);
	if (!trace->amount || trace->amount->amount_fen == 0)
		return svc_text(c, "家庭成员%d人，拟认定%s", trace->counted_members, name);
	return svc_text(c, "家庭成员%d人，拟认定%s，拟每月发放%s", trace->counted_members, name,
			money);
}

char *
notice_public(struct svc_call *c, const char *village, const FamilyFile *file,
	      const DecisionTrace *trace, struct date ends_on)
{
	return svc_text(
	    c,
	    "公示\n\n%s%s户，%s。\n"
	    "公示至%s。如有异议，请在公示期内向村（社区）或乡镇（街道）提出，书面、口头均可。",
	    village, notice_public_name(c, file, c->today), proposal(c, file, trace),
	    day(c, ends_on));
}

static char *
measured(struct svc_call *c, TraceCondition__Measure measure, int64_t value)
{
	switch (measure) {
	case TRACE_CONDITION__MEASURE__FEN:
		return svc_yuan(c, value);
	case TRACE_CONDITION__MEASURE__YEARS:
		return svc_text(c, "%lld岁", (long long)value);
	case TRACE_CONDITION__MEASURE__PER_MILLE:
		return svc_text(c, "%lld.%d%%", (long long)(value / 10), (int)(value % 10));
	case TRACE_CONDITION__MEASURE__YES_NO:
		return svc_copy_text(c, value ? "是" : "否");
	default:
		return svc_text(c, "%lld", (long long)value);
	}
}

char *
notice_condition(struct svc_call *c, const TraceCondition *condition)
{
	int64_t distance = condition->distance;

	if (condition->measure == TRACE_CONDITION__MEASURE__YES_NO)
		return svc_text(c, "%s：%s", condition->text, condition->holds ? "符合" : "不符合");
	if (distance == 0)
		return svc_text(c, "%s：%s，与标准相等，%s", condition->text,
				measured(c, condition->measure, condition->value),
				condition->holds ? "符合" : "不符合");
	return svc_text(c, "%s：%s，标准%s，%s%s，%s", condition->text,
			measured(c, condition->measure, condition->value),
			measured(c, condition->measure, condition->threshold),
			distance > 0 ? "高出" : "低",
			measured(c, condition->measure, distance > 0 ? distance : -distance),
			condition->holds ? "符合" : "不符合");
}

char *
notice_remedies(struct svc_call *c, struct date decided_on)
{
	return svc_text(c,
			"您如不服本决定，可以自收到本告知书之日起六十日内向区人民政府申请行政复议，"
			"也可以自收到之日起六个月内直接向人民法院提起行政诉讼（%s）。",
			law_of_2026(decided_on) ? "《中华人民共和国社会救助法》第七十六条"
						: "《社会救助暂行办法》第六十五条");
}

/* The text that says who is entitled, before and since the law of 2026; "" where none was read. */
static const char *
legal_basis(Award__Programme programme, struct date on)
{
	static const struct {
		const char *before, *since;
	} bases[] = {
	    [AWARD__PROGRAMME__DIBAO] = {"《重庆市城乡居民最低生活保障条例》第十条",
					 "《中华人民共和国社会救助法》第十八条"},
	    [AWARD__PROGRAMME__TEKUN] = {"《特困人员认定办法》",
					 "《中华人民共和国社会救助法》第十六条"},
	    [AWARD__PROGRAMME__EDGE] = {"《最低生活保障审核确认办法》",
					"《中华人民共和国社会救助法》第二十一条"},
	    [AWARD__PROGRAMME__RIGID] = {"《刚性支出困难家庭认定办法》",
					 "《中华人民共和国社会救助法》第二十二条"},
	    [AWARD__PROGRAMME__TEMP_AID] = {"《社会救助暂行办法》",
					    "《中华人民共和国社会救助法》第三十七条"},
	};
	size_t i = (size_t)programme;

	if (i >= sizeof(bases) / sizeof(bases[0]) || !bases[i].before)
		return "";
	return law_of_2026(on) ? bases[i].since : bases[i].before;
}

static char *
failed_conditions(struct svc_call *c, const DecisionTrace *trace, struct date on)
{
	char *text = svc_copy_text(c, "");

	for (size_t i = 0; i < trace->n_tiers; i++) {
		const TraceTier *tier = trace->tiers[i];
		const char *basis;

		if (tier->eligible)
			continue;
		basis = legal_basis(tier->programme, on);
		text = svc_text(c, "%s%s%s%s%s：\n", text, programme_name(tier->programme),
				basis[0] ? "（依据" : "", basis, basis[0] ? "）" : "");
		for (size_t k = 0; k < tier->n_conditions; k++) {
			if (!tier->conditions[k]->holds)
				text = svc_text(c, "%s  %s\n", text,
						notice_condition(c, tier->conditions[k]));
		}
	}
	return text;
}

char *
notice_refusal(struct svc_call *c, const Application *application, const DecisionTrace *trace,
	       const char *reason, struct date decided_on)
{
	const FamilyMember *applicant =
	    application->file ? family_applicant(application->file) : NULL;
	struct date submitted;
	const char *when = svc_date_get(application->submitted_on, &submitted)
			       ? svc_text(c, "于%s", day(c, submitted))
			       : "";
	const char *why;

	/* Who is eligible by the numbers is refused for the reason alone. */
	if (trace->outcome != AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		why = svc_text(c, "，决定不予确认。具体理由：\n%s\n", reason);
	else
		why = svc_text(c, "，%s，决定不予确认。具体理由：\n%s%s%s", trace->summary,
			       failed_conditions(c, trace, decided_on), reason,
			       reason[0] ? "\n" : "");
	return svc_text(c,
			"社会救助不予确认告知书\n\n%s：\n您%s提出的社会救助申请，经核对、"
			"入户调查和审核%s%s\n%s",
			applicant ? applicant->name : "申请人", when, why,
			notice_remedies(c, decided_on), day(c, decided_on));
}

char *
notice_change(struct svc_call *c, const char *name, Award__Programme programme,
	      const AwardChange *change, struct date decided_on)
{
	bool slowly = change->keep_until[0];
	month_number month = 0;
	const char *what;

	if (!month_parse(slowly ? change->keep_until : change->from_month, &month))
		month = date_month(decided_on);
	month += slowly;
	if (!change->amount_fen && !change->old_amount_fen)
		what = "终止";
	else if (!change->amount_fen)
		what = slowly ? "停发（此前为渐退期，照原标准发放）" : "停发";
	else
		what = svc_text(c, "由每月%s调整为每月%s", svc_yuan(c, change->old_amount_fen),
				svc_yuan(c, change->amount_fen));
	return svc_text(c, "社会救助变更告知书\n\n%s：\n您的%s自%d年%d月起%s。理由：%s。\n%s\n%s",
			name, programme_name(programme), month / 12, month % 12 + 1, what,
			change->text, notice_remedies(c, decided_on), day(c, decided_on));
}
