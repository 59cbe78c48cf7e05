/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_tiers.h"

#include "rules_amount.h"
#include "rules_income.h"
#include "rules_trace.h"

enum { RATIO_WITHOUT_INCOME = 1000000 };

/* What every tier looks at. */
struct pass {
	struct svc_call *c;
	const ReliefPolicy *policy;
	const FamilyFile *file;
	const FamilyMember *applicant;
	struct date on;
	struct property property;
	DecisionTrace *trace;
	TraceTier *tier;
	const char *standard_source;
};

int64_t
dibao_standard_fen(const ReliefPolicy *policy, Award__Area area)
{
	return area == AWARD__AREA__URBAN ? policy->dibao_urban_fen : policy->dibao_rural_fen;
}

static int64_t
permille_up(int64_t value, int permille)
{
	return (value * permille + 999) / 1000;
}

int64_t
edge_bound_fen(const ReliefPolicy *policy, Award__Area area)
{
	return permille_up(dibao_standard_fen(policy, area), policy->edge_permille);
}

static void
ask(struct pass *pass, struct trace_question question)
{
	trace_ask(pass->c, pass->tier, question);
}

static void
ask_yes(struct pass *pass, const char *rule, const char *text, bool value, const char *source)
{
	ask(pass, (struct trace_question){rule, text, value, TRACE_CONDITION__COMPARISON__IS_TRUE,
					  1, TRACE_CONDITION__MEASURE__YES_NO, source, "法规"});
}

static void
open_tier(struct pass *pass, Award__Programme programme)
{
	pass->tier = trace_open_tier(pass->c, pass->trace, programme);
}

/* RLF-04: numeric limits are parameters; deposits are counted in months of the standard. */
static void
ask_property(struct pass *pass, int deposit_months)
{
	int64_t standard = dibao_standard_fen(pass->policy, pass->file->area);
	const struct property *property = &pass->property;

	ask(pass,
	    (struct trace_question){"RLF-04", "家庭存款、证券和债权不超过限额",
				    property->assets_fen, TRACE_CONDITION__COMPARISON__AT_MOST,
				    standard * deposit_months * pass->trace->counted_members,
				    TRACE_CONDITION__MEASURE__FEN, "家庭财产（申报与核对）",
				    "property.deposit_months"});
	ask(pass,
	    (struct trace_question){"RLF-04", "机动车、船舶数量不超过限额（残疾人代步车不计）",
				    property->vehicles, TRACE_CONDITION__COMPARISON__AT_MOST,
				    pass->policy->max_vehicles, TRACE_CONDITION__MEASURE__COUNT,
				    "家庭财产（申报与核对）", "property.max_vehicles"});
	ask(pass, (struct trace_question){"RLF-04", "房产数量不超过限额", property->houses,
					  TRACE_CONDITION__COMPARISON__AT_MOST,
					  pass->policy->max_houses, TRACE_CONDITION__MEASURE__COUNT,
					  "家庭财产（申报与核对）", "property.max_houses"});
}

/* Income of the family strictly below a bound. */
static void
ask_income_below(struct pass *pass, const char *rule, const char *text, int64_t bound_fen,
		 const char *threshold_source)
{
	ask(pass,
	    (struct trace_question){rule, text, pass->trace->income_per_capita_fen,
				    TRACE_CONDITION__COMPARISON__LESS, bound_fen,
				    TRACE_CONDITION__MEASURE__FEN, "income", threshold_source});
}

/* RLF-22: the file may be used for a lower tier only with the family's consent. */
static void
ask_consent(struct pass *pass)
{
	ask_yes(pass, "RLF-22", "家庭同意沿用申请材料认定其他救助类别",
		pass->file->consents_to_reuse, "申请书");
}

/* RLF-30: no capacity, no source of income, no supporter. A tekun is one person: the applicant. */
static void
tier_tekun(struct pass *pass)
{
	const FamilyMember *applicant = pass->applicant;

	open_tier(pass, AWARD__PROGRAMME__TEKUN);
	ask_yes(pass, "RLF-30", "无劳动能力（60周岁以上、未满16周岁、在校或符合残疾等级）",
		applicant && family_no_working_capacity(applicant, pass->on), "身份信息、残疾证");
	ask_income_below(pass, "RLF-30", "无生活来源（月人均收入低于低保标准）",
			 dibao_standard_fen(pass->policy, pass->file->area), pass->standard_source);
	ask_yes(pass, "RLF-30", "无法定赡养、抚养、扶养义务人或其无履行能力",
		applicant && applicant->no_able_supporter, "入户调查");
	ask_property(pass, pass->policy->deposit_months);
}

/* RLF-10: 单人保. */
static void
ask_single_person(struct pass *pass)
{
	ask_yes(pass, "RLF-10", "重度残疾、三级智力精神残疾或重病患者，可单人申请",
		pass->applicant && family_may_apply_alone(pass->applicant), "残疾证、诊断证明");
	ask(pass,
	    (struct trace_question){
		"RLF-10", "所在家庭符合低保边缘家庭收入条件", pass->file->household_per_capita_fen,
		TRACE_CONDITION__COMPARISON__LESS, edge_bound_fen(pass->policy, pass->file->area),
		TRACE_CONDITION__MEASURE__FEN, "所在家庭核对结果", "edge.ratio"});
}

/* RLF-02: strictly below the standard, property within the rules. */
static void
tier_dibao(struct pass *pass)
{
	open_tier(pass, AWARD__PROGRAMME__DIBAO);
	if (pass->file->single_person)
		ask_single_person(pass);
	ask_income_below(pass, "RLF-02", "月人均收入低于低保标准（等于不符合）",
			 dibao_standard_fen(pass->policy, pass->file->area), pass->standard_source);
	ask_property(pass, pass->policy->deposit_months);
}

static void
tier_edge(struct pass *pass)
{
	open_tier(pass, AWARD__PROGRAMME__EDGE);
	ask_consent(pass);
	ask_income_below(pass, "RLF-20", "月人均收入低于低保标准的1.5倍（等于不符合）",
			 edge_bound_fen(pass->policy, pass->file->area), "edge.ratio");
	ask_property(pass, pass->policy->edge_deposit_months);
}

/* RLF-21: spending of 12 months as a share of a year's income; without income any spending is
 * above every ratio. */
static int64_t
rigid_permille(const struct pass *pass)
{
	int64_t year = pass->trace->income_fen * 12;

	if (year == 0)
		return pass->file->rigid_spending_fen > 0 ? RATIO_WITHOUT_INCOME : 0;
	return pass->file->rigid_spending_fen * 1000 / year;
}

static void
tier_rigid(struct pass *pass)
{
	const ReliefPolicy *policy = pass->policy;
	int64_t disposable = pass->file->area == AWARD__AREA__URBAN ? policy->disposable_urban_fen
								    : policy->disposable_rural_fen;

	if (policy->rigid_permille == 0)
		return; /* before the law of it nobody was refused it */
	open_tier(pass, AWARD__PROGRAMME__RIGID);
	ask_consent(pass);
	ask_income_below(pass, "RLF-21", "月人均收入低于上年度当地人均可支配收入", disposable,
			 "rigid.disposable_income");
	ask(pass, (struct trace_question){
		      "RLF-21", "近12个月刚性支出占家庭收入的比例超过规定", rigid_permille(pass),
		      TRACE_CONDITION__COMPARISON__GREATER, policy->rigid_permille,
		      TRACE_CONDITION__MEASURE__PER_MILLE, "支出凭证与核对", "rigid.ratio"});
	ask_property(pass, policy->edge_deposit_months);
}

static void
trace_members(struct pass *pass)
{
	for (size_t i = 0; i < pass->file->n_members; i++) {
		const FamilyMember *member = pass->file->members[i];
		struct family_count count = family_counts(pass->policy, member, pass->on);
		TraceMember *line = SVC_ADD(pass->c, pass->trace, members, trace_member);

		line->person_id = svc_copy_text(pass->c, member->person_id);
		line->counted = count.counted;
		line->rule = svc_copy_text(pass->c, count.rule);
		line->text = svc_copy_text(pass->c, count.text);
		pass->trace->counted_members += count.counted;
	}
}

static void
trace_incomes(struct pass *pass)
{
	for (size_t i = 0; i < pass->file->n_incomes; i++) {
		const FamilyIncome *income = pass->file->incomes[i];
		struct income_line counted = income_count(income);
		TraceIncome *line = SVC_ADD(pass->c, pass->trace, incomes, trace_income);
		bool belongs = income_belongs(pass->policy, pass->file, income, pass->on);

		line->person_id = svc_copy_text(pass->c, income->person_id);
		line->rule = svc_copy_text(pass->c, "RLF-03");
		line->text = svc_copy_text(pass->c, belongs ? counted.text
							    : "不计入家庭的人员的收入，不计入");
		line->found_fen = income->amount_fen;
		line->months = counted.months;
		line->counted_fen = belongs ? counted.counted_fen : 0;
		line->source =
		    svc_copy_text(pass->c, income->source[0] ? income->source : "declared");
	}
	pass->trace->income_fen = income_of_family(pass->policy, pass->file, pass->on);
	if (pass->trace->counted_members > 0)
		pass->trace->income_per_capita_fen =
		    pass->trace->income_fen / pass->trace->counted_members;
}

static char *
standard_source(struct svc_call *c, const ReliefPolicy *policy, Award__Area area)
{
	struct date since;
	char day[DATE_TEXT_SIZE];
	const char *name = area == AWARD__AREA__URBAN ? "dibao.urban" : "dibao.rural";

	if (!svc_date_get(policy->standard_since, &since))
		return svc_copy_text(c, name);
	return svc_text(c, "%s（%s起）", name, date_format(since, day));
}

static char *
summary(struct svc_call *c, const DecisionTrace *trace)
{
	const char *name = programme_name(trace->outcome);

	if (trace->outcome == AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		return svc_text(c, "家庭%d人，月人均收入%lld.%02d元，不符合各类社会救助条件",
				trace->counted_members,
				(long long)(trace->income_per_capita_fen / 100),
				(int)(trace->income_per_capita_fen % 100));
	if (trace->amount && trace->amount->amount_fen > 0)
		return svc_text(c, "符合%s条件，%s，从%s起发放", name, trace->amount->text,
				trace->amount->first_month);
	return svc_text(c, "符合%s条件，不发放救助金，可享受相应专项救助", name);
}

/* In the order of RLF-22. */
static const struct {
	void (*judge)(struct pass *pass);
	Award__Programme programme;
	bool of_household; /* not for one person out of an edge household (RLF-10) */
} tiers[] = {
    {tier_tekun, AWARD__PROGRAMME__TEKUN, false},
    {tier_dibao, AWARD__PROGRAMME__DIBAO, false},
    {tier_edge, AWARD__PROGRAMME__EDGE, true},
    {tier_rigid, AWARD__PROGRAMME__RIGID, true},
};

bool
tiers_judge(Award__Programme programme)
{
	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++) {
		if (tiers[i].programme == programme)
			return true;
	}
	return false;
}

/* The tier of `first` before all others. */
static void
judge_tiers(struct pass *pass, Award__Programme first)
{
	for (int others = 0; others <= 1; others++) {
		for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++) {
			if (others == (tiers[i].programme != first) &&
			    !(tiers[i].of_household && pass->file->single_person))
				tiers[i].judge(pass);
		}
	}
}

DecisionTrace *
tiers_evaluate_as(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
		  struct date on, Award__Programme first)
{
	struct pass pass = {.c = c,
			    .policy = policy,
			    .file = file,
			    .applicant = family_applicant(file),
			    .on = on,
			    .property = property_of_family(policy, file, on),
			    .trace = svc_message(c, &decision_trace__descriptor),
			    .standard_source = standard_source(c, policy, file->area)};
	DecisionTrace *trace = pass.trace;

	trace->rules_version = RELIEF_RULES_VERSION;
	trace->decided_on = svc_date(c, on);
	trace->computed_at = svc_instant(c, c->now);
	trace->area = file->area;
	trace_members(&pass);
	trace_incomes(&pass);
	judge_tiers(&pass, first);
	trace->outcome = trace_outcome(trace);
	if (trace->outcome != AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED)
		trace->amount = amount_of_outcome(c, policy, file, trace, on);
	trace->summary = summary(c, trace);
	return trace;
}

DecisionTrace *
tiers_evaluate(struct svc_call *c, const ReliefPolicy *policy, const FamilyFile *file,
	       struct date on)
{
	return tiers_evaluate_as(c, policy, file, on, AWARD__PROGRAMME__PROGRAMME_UNSPECIFIED);
}
