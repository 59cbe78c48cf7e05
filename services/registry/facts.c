/* SPDX-License-Identifier: Apache-2.0 */
/* Dated facts: recorded, corrected, revoked; late ones too (EVT-01, 2.10, scenario 14). */
#include <string.h>

#include "change.h"
#include "decisions.h"

/* -- what may not be ------------------------------------------------------------------------- */

static char *
day_text(struct svc_call *c, const Date *day)
{
	return day ? svc_text(c, "%d-%02d-%02d", day->year, day->month, day->day)
		   : svc_copy_text(c, "");
}

/* The subject is of the caller's divisions and stands for itself. */
static enum rpc_code
check_subject(struct change *k)
{
	if (!k->subject)
		return svc_fail(k->c, NOT_FOUND, "NO_PERSON", "本辖区没有这个人的记录，请核对");
	if (k->subject->state == PERSON__STATE__MERGED)
		return svc_fail(k->c, FAILED_PRECONDITION, "MERGED",
				"这条记录已并入另一条，请在保留的记录上登记");
	return RPC_OK;
}

static enum rpc_code
check_days(struct change *k, const Date *first, const Date *last)
{
	struct date from = svc_date_or(first, k->c->today), born;

	if (last && date_compare(svc_date_or(last, from), from) < 0)
		svc_fail_field(k->c, "ended_on", "结束日期不能早于开始日期");
	if (svc_date_get(k->subject->born_on, &born) && date_compare(from, born) < 0)
		svc_fail_field(k->c, "effective_on", "日期早于出生日期，请核对");
	return svc_fields_checked(k->c);
}

static enum rpc_code
fail_overlap(struct change *k, const struct rule_fact *rule, const PersonFact *fact)
{
	return svc_fail(k->c, FAILED_PRECONDITION, "ALREADY_SO",
			"自 %s 起已登记“%s”，请先登记其结束，或更正原来的登记",
			day_text(k->c, fact->valid_from), rule->name);
}

/* -- something begins ------------------------------------------------------------------------ */

static void
fill_fact(PersonFact *fact, const RecordFactRequest *req)
{
	fact->detail = req->detail;
	fact->level = req->level;
	fact->other_person_id = req->other_person_id;
}

/* The spouse's side of a marriage. */
static enum rpc_code
begin_spouse(struct change *k, const struct rule_fact *rule, const RecordFactRequest *req)
{
	const Person *spouse = change_person(k, req->other_person_id);
	const PersonFact *other;
	PersonFact *fact;

	if (!*req->other_person_id)
		return RPC_OK;
	if (!spouse || spouse == k->subject)
		return svc_fail(k->c, NOT_FOUND, "NO_SPOUSE", "没有找到配偶的记录，请核对");
	if (spouse->died_on && change_compare_last(spouse->died_on, req->effective_on) < 0)
		return svc_fail(k->c, FAILED_PRECONDITION, "DEAD", "配偶已于 %s 死亡，请核对",
				day_text(k->c, spouse->died_on));
	other = change_overlap(k, spouse->id, rule->fact, "", req->effective_on, req->ended_on);
	if (other)
		return fail_overlap(k, rule, other);
	fact = change_add(k, spouse->id, rule->fact, req->effective_on, req->ended_on);
	fill_fact(fact, req);
	fact->other_person_id = k->subject->id;
	change_tell(k, spouse, rule->event, PERSON_CHANGED__ACTION__RECORDED, req->effective_on,
		    fact);
	return RPC_OK;
}

/* A new card, school or employer ends the one before. */
static void
end_day_before(struct change *k, const PersonFact *fact, const Date *next)
{
	change_revise(k, fact)->valid_to =
	    svc_date(k->c, date_add_days(svc_date_or(next, k->c->today), -1));
}

static enum rpc_code
begin_fact(struct change *k, const struct rule_fact *rule, const RecordFactRequest *req)
{
	const PersonFact *open = change_open_fact(k, k->subject->id, rule->fact);
	bool replaces =
	    rule->replaces && open && change_compare_last(open->valid_from, req->effective_on) < 0;
	const PersonFact *other;
	PersonFact *fact;
	enum rpc_code code;

	if (!rule_fact_detail_fits(rule, req->detail, req->level))
		return svc_fail_field(k->c, "detail", "“%s”缺少种类或等级，或填写不符，请核对",
				      rule->name);
	other = change_overlap(k, k->subject->id, rule->fact, replaces ? open->id : "",
			       req->effective_on, req->ended_on);
	if (other)
		return fail_overlap(k, rule, other);
	if (rule->of_two && (code = begin_spouse(k, rule, req)) != RPC_OK)
		return code;
	if (replaces)
		end_day_before(k, open, req->effective_on);
	fact = change_add(k, k->subject->id, rule->fact, req->effective_on, req->ended_on);
	fill_fact(fact, req);
	if (rule->of_two && !req->ended_on)
		change_claim(k, fact);
	change_tell(k, k->subject, rule->event, PERSON_CHANGED__ACTION__RECORDED, req->effective_on,
		    fact);
	k->out->fact = fact;
	return RPC_OK;
}

/* -- something ends -------------------------------------------------------------------------- */

/* The last day of an open fact; tells it to the person. */
static PersonFact *
end_fact_on(struct change *k, const PersonFact *fact, struct date last, PersonChanged__Kind kind,
	    PersonChanged__Action action, const Date *effective_on)
{
	const Person *person = change_person(k, fact->person_id);
	PersonFact *next = change_revise(k, fact);

	next->valid_to = svc_date(k->c, last);
	if (person)
		change_tell(k, person, kind, action, effective_on, next);
	return next;
}

static enum rpc_code
end_fact(struct change *k, const struct rule_fact *rule, const RecordFactRequest *req)
{
	const PersonFact *open = change_open_fact(k, k->subject->id, rule->fact);
	struct date last = date_add_days(svc_date_or(req->effective_on, k->c->today), -1);
	const PersonFact *twin;

	if (!open || date_compare(last, svc_date_or(open->valid_from, last)) < 0)
		return svc_fail(k->c, FAILED_PRECONDITION, "NOT_SO",
				"没有登记过在此之前的开始，不能登记“%s”", rule->name);
	k->out->fact = end_fact_on(k, open, last, rule->event, PERSON_CHANGED__ACTION__RECORDED,
				   req->effective_on);
	twin = rule->of_two ? change_twin(k, open) : NULL;
	if (twin)
		end_fact_on(k, twin, last, rule->event, PERSON_CHANGED__ACTION__RECORDED,
			    req->effective_on);
	if (rule->of_two)
		change_free(k, open);
	return RPC_OK;
}

/* Household registration comes to a village of the caller's; an absence ends (E-23). */
static enum rpc_code
move_in(struct change *k, const struct rule_fact *rule, const RecordFactRequest *req)
{
	const PersonFact *away = change_open_fact(k, k->subject->id, rule->fact);
	struct date last = date_add_days(svc_date_or(req->effective_on, k->c->today), -1);
	PersonChanged *event;

	if (!svc_caller_covers(k->c->caller, req->division_id))
		return svc_fail_field(k->c, "division_id", "请选择本辖区内的村或社区");
	if (away && date_compare(last, svc_date_or(away->valid_from, last)) < 0)
		return fail_overlap(k, rule, away);
	journal_touch(&k->journal, k->subject)->division_id = req->division_id;
	event = change_tell(k, k->subject, rule->event, PERSON_CHANGED__ACTION__RECORDED,
			    req->effective_on, away);
	event->detail = req->detail;
	event->ended_on = NULL;
	if (!away)
		return RPC_OK;
	k->out->fact = change_revise(k, away);
	k->out->fact->valid_to = svc_date(k->c, last);
	return RPC_OK;
}

/* -- death ----------------------------------------------------------------------------------- */

static void
file_death(struct change *k, const Date *died_on)
{
	DeathEvidence *paper = SVC_ADD(k->c, k->out, deaths, death_evidence);

	paper->id = svc_new_id(k->c);
	paper->died_on = svc_copy_message(k->c, died_on);
	paper->evidence = k->evidence;
	paper->evidence_number = svc_copy_text(k->c, k->evidence_number);
	paper->source = svc_copy_text(k->c, k->source);
	paper->rank = rule_evidence_rank(k->evidence);
	k->out->person_id = k->subject->id;
}

/* The marriage that the person's death ended on a day, or that has not ended. */
static const PersonFact *
marriage_until(const struct change *k, const Date *died_on)
{
	for (size_t i = 0; i < k->in->n_facts; i++) {
		const PersonFact *fact = k->in->facts[i];

		if (fact->kind == PERSON_FACT__KIND__MARRIAGE &&
		    strcmp(fact->person_id, k->subject->id) == 0 &&
		    (died_on ? change_same_day(fact->valid_to, died_on) : !fact->valid_to))
			return fact;
	}
	return NULL;
}

/* The surviving spouse is widowed from the day of death on (E-05). */
static void
widow(struct change *k, const PersonFact *marriage, const Date *died_on, const Date *before,
      PersonChanged__Action action)
{
	const PersonFact *twin = marriage ? change_twin(k, marriage) : NULL;
	const Person *spouse = twin ? change_person(k, twin->person_id) : NULL;
	PersonChanged *event;
	PersonFact *next;

	if (!marriage)
		return;
	change_revise(k, marriage)->valid_to = svc_copy_message(k->c, died_on);
	if (!before)
		change_free(k, marriage);
	if (!spouse)
		return;
	next = change_revise(k, twin);
	next->valid_to = svc_copy_message(k->c, died_on);
	event = change_tell(k, spouse, PERSON_CHANGED__KIND__WIDOWED, action, died_on, next);
	if (before)
		event->previous_on = svc_copy_message(k->c, before);
}

/* The day of death is now `died_on`; before, it was another one or the person lived. Nobody marries
 * after death: one of the two records is wrong, and only people can tell which. */
static enum rpc_code
believe_death(struct change *k, const PersonFact *death, const Date *died_on)
{
	const Date *before = death ? death->valid_from : NULL;
	const PersonFact *marriage = marriage_until(k, before);
	PersonChanged__Action action =
	    before ? PERSON_CHANGED__ACTION__CORRECTED : PERSON_CHANGED__ACTION__RECORDED;
	PersonFact *fact;
	PersonChanged *event;

	if (marriage && change_compare_last(marriage->valid_from, died_on) > 0)
		return svc_fail(
		    k->c, FAILED_PRECONDITION, "ALREADY_SO",
		    "自 %s 起已登记“结婚”，晚于死亡日期：请核对，先更正或撤销登记错的一项",
		    day_text(k->c, marriage->valid_from));
	if (death) {
		fact = change_revise(k, death);
		fact->valid_from = svc_copy_message(k->c, died_on);
		fact->evidence = k->evidence;
		fact->evidence_number = svc_copy_text(k->c, k->evidence_number);
		fact->source = svc_copy_text(k->c, k->source);
	} else {
		fact = change_add(k, k->subject->id, PERSON_FACT__KIND__DEATH, died_on, NULL);
	}
	journal_touch(&k->journal, k->subject)->died_on = fact->valid_from;
	event = change_tell(k, k->subject, PERSON_CHANGED__KIND__DEATH, action, died_on, fact);
	if (before)
		event->previous_on = svc_copy_message(k->c, before);
	widow(k, marriage, died_on, before, action);
	k->out->fact = fact;
	return RPC_OK;
}

/* Certificate before household register before anything else (民法典 15): weaker evidence is filed
 * beside the better one; better evidence moves the day. */
static enum rpc_code
record_death(struct change *k, const RecordFactRequest *req)
{
	const PersonFact *death = change_open_fact(k, k->subject->id, PERSON_FACT__KIND__DEATH);
	const DeathEvidence *best = k->in->n_deaths > 0 ? k->in->deaths[0] : NULL;
	bool same = death && change_same_day(death->valid_from, req->effective_on);

	if (best && best->rank == rule_evidence_rank(k->evidence) && !same)
		return svc_fail(k->c, FAILED_PRECONDITION, "SAME_EVIDENCE",
				"已有同等证据写明死于 %s；如原来的登记有误，请用更正",
				day_text(k->c, best->died_on));
	file_death(k, req->effective_on);
	if (same || (best && best->rank < rule_evidence_rank(k->evidence))) {
		k->out->outcome = RECORD_FACT_RESPONSE__OUTCOME__FILED;
		k->out->fact = death ? svc_copy_message(k->c, death) : NULL;
		return RPC_OK;
	}
	return believe_death(k, death, req->effective_on);
}

/* -- RecordFact ------------------------------------------------------------------------------ */

enum rpc_code
record_fact(struct svc_call *c)
{
	const RecordFactRequest *req = c->request;
	const struct rule_fact *rule = rule_fact_of_event(req->kind);
	struct change k = change_begin(c, req->evidence, req->evidence_number, req->source);
	enum rpc_code code;

	k.subject = change_person(&k, req->person_id);
	if (!rule)
		return svc_fail_field(c, "kind", "这一类变动不在此登记，请用相应的办理事项");
	if ((code = check_subject(&k)) != RPC_OK ||
	    (code = check_days(&k, req->effective_on, req->ended_on)) != RPC_OK)
		return code;
	if (k.subject->died_on && rule->step != RULE_DIES &&
	    change_compare_last(k.subject->died_on, req->effective_on) < 0)
		return svc_fail(c, FAILED_PRECONDITION, "DEAD", "此人已于 %s 死亡，请核对",
				day_text(c, k.subject->died_on));
	k.out->outcome = RECORD_FACT_RESPONSE__OUTCOME__EFFECTIVE;
	switch (rule->step) {
	case RULE_DIES:
		return record_death(&k, req);
	case RULE_BEGINS:
		return begin_fact(&k, rule, req);
	case RULE_ENDS:
		return end_fact(&k, rule, req);
	case RULE_MOVES_IN:
		break;
	}
	return move_in(&k, rule, req);
}

/* -- CorrectFact ----------------------------------------------------------------------------- */

static Date *
day_after(struct svc_call *c, const Date *last)
{
	return svc_date(c, date_add_days(svc_date_or(last, c->today), 1));
}

/* Tells what of a fact has moved: its first day, its last day, or both. */
static void
tell_correction(struct change *k, const PersonFact *before, const PersonFact *after)
{
	const struct rule_fact *begins = rule_fact_step(before->kind, true);
	const struct rule_fact *ends = rule_fact_step(before->kind, false);
	const Person *person = change_person(k, before->person_id);
	const Date *last = after->valid_to ? after->valid_to : before->valid_to;

	if (!person)
		return;
	if (!change_same_day(before->valid_from, after->valid_from) ||
	    change_same_day(before->valid_to, after->valid_to))
		change_tell(k, person, begins->event, PERSON_CHANGED__ACTION__CORRECTED,
			    after->valid_from, after)
		    ->previous_on = svc_copy_message(k->c, before->valid_from);
	if (!ends || change_same_day(before->valid_to, after->valid_to))
		return;
	PersonChanged *event = change_tell(k, person, ends->event,
					   after->valid_to ? PERSON_CHANGED__ACTION__CORRECTED
							   : PERSON_CHANGED__ACTION__REVOKED,
					   day_after(k->c, last), after);
	if (before->valid_to)
		event->previous_on = day_after(k->c, before->valid_to);
}

static PersonFact *
correct_one(struct change *k, const PersonFact *fact, const CorrectFactRequest *req)
{
	PersonFact *next = change_revise(k, fact);

	next->valid_from = req->valid_from;
	next->valid_to = req->valid_to;
	next->evidence = req->evidence;
	next->evidence_number = req->evidence_number;
	next->source = req->source;
	if (*req->detail)
		next->detail = req->detail;
	if (req->level > 0)
		next->level = req->level;
	tell_correction(k, fact, next);
	return next;
}

static enum rpc_code
correct_death(struct change *k, const PersonFact *death, const CorrectFactRequest *req)
{
	const DeathEvidence *best = k->in->n_deaths > 0 ? k->in->deaths[0] : NULL;

	if (best && best->rank < rule_evidence_rank(req->evidence))
		return svc_fail(k->c, FAILED_PRECONDITION, "WEAKER_EVIDENCE",
				"更正的证据弱于原来的“%s”，不能更正死亡日期",
				rule_evidence_name(best->evidence));
	k->out->alive_id = k->subject->id; /* the papers before count no longer */
	file_death(k, req->valid_from);
	return believe_death(k, death, req->valid_from);
}

enum rpc_code
correct_fact(struct svc_call *c)
{
	const CorrectFactRequest *req = c->request;
	struct change k = change_begin(c, req->evidence, req->evidence_number, req->source);
	const PersonFact *fact = change_fact(&k, req->id), *twin, *other;
	const struct rule_fact *rule = fact ? rule_fact_step(fact->kind, true) : NULL;
	enum rpc_code code;

	k.subject = fact ? change_person(&k, fact->person_id) : NULL;
	if (!fact || !k.subject)
		return svc_fail(c, NOT_FOUND, "NO_FACT", "本辖区没有这条登记，请核对");
	if ((code = check_days(&k, req->valid_from, req->valid_to)) != RPC_OK)
		return code;
	k.out->outcome = RECORD_FACT_RESPONSE__OUTCOME__EFFECTIVE;
	if (rule->step == RULE_DIES)
		return correct_death(&k, fact, req);
	if (rule->of_two && (!fact->valid_to) != (!req->valid_to))
		return svc_fail_field(c, "valid_to", "婚姻的开始和结束请分别登记或撤销");
	other = change_overlap(&k, fact->person_id, fact->kind, fact->id, req->valid_from,
			       req->valid_to);
	if (other)
		return fail_overlap(&k, rule, other);
	k.out->fact = correct_one(&k, fact, req);
	twin = rule->of_two ? change_twin(&k, fact) : NULL;
	if (twin)
		correct_one(&k, twin, req);
	return RPC_OK;
}

/* -- RevokeFact ------------------------------------------------------------------------------ */

static void
revoke_one(struct change *k, const PersonFact *fact)
{
	const struct rule_fact *rule = rule_fact_step(fact->kind, true);
	const Person *person = change_person(k, fact->person_id);

	change_close(k, fact);
	if (person)
		change_tell(k, person, rule->event, PERSON_CHANGED__ACTION__REVOKED,
			    fact->valid_from, fact)
		    ->previous_on = fact->valid_from;
}

/* The marriage goes on, unless the spouse has married again (民法典 51; E-29). */
static void
revive_marriage(struct change *k, const PersonFact *marriage)
{
	const PersonFact *twin = change_twin(k, marriage);
	const Person *spouse = twin ? change_person(k, twin->person_id) : NULL;
	PersonFact *next;

	if (twin &&
	    change_overlap(k, twin->person_id, twin->kind, twin->id, twin->valid_from, NULL))
		return;
	next = change_revise(k, marriage);
	next->valid_to = NULL;
	if (!spouse)
		return;
	change_claim(k, next);
	next = change_revise(k, twin);
	next->valid_to = NULL;
	change_tell(k, spouse, PERSON_CHANGED__KIND__WIDOWED, PERSON_CHANGED__ACTION__REVOKED,
		    twin->valid_to, next)
	    ->previous_on = twin->valid_to;
}

static void
revoke_death(struct change *k, const PersonFact *death)
{
	const PersonFact *marriage = marriage_until(k, death->valid_from);

	k->out->alive_id = k->subject->id;
	journal_touch(&k->journal, k->subject)->died_on = NULL;
	if (marriage)
		revive_marriage(k, marriage);
}

enum rpc_code
revoke_fact(struct svc_call *c)
{
	const RevokeFactRequest *req = c->request;
	struct change k = change_begin(c, req->evidence, req->evidence_number, req->source);
	const PersonFact *fact = change_fact(&k, req->id), *twin;

	k.subject = fact ? change_person(&k, fact->person_id) : NULL;
	if (!fact || !k.subject)
		return svc_fail(c, NOT_FOUND, "NO_FACT", "本辖区没有这条登记，请核对");
	k.out->outcome = RECORD_FACT_RESPONSE__OUTCOME__EFFECTIVE;
	k.out->fact = svc_copy_message(c, fact);
	k.out->fact->known_to = k.out->known_at;
	revoke_one(&k, fact);
	if (fact->kind == PERSON_FACT__KIND__DEATH)
		revoke_death(&k, fact);
	if (fact->kind != PERSON_FACT__KIND__MARRIAGE)
		return RPC_OK;
	twin = change_twin(&k, fact);
	if (twin)
		revoke_one(&k, twin);
	if (!fact->valid_to)
		change_free(&k, fact);
	return RPC_OK;
}
