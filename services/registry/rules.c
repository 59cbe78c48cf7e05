/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <ctype.h>
#include <string.h>

#include "domain/citizen_id.h"
#include "domain/hanzi.h"
#include "domain/name.h"

/* -- documents ------------------------------------------------------------------------------- */

static struct rule_fault
fault(const char *field, const char *reason)
{
	return (struct rule_fault){field, reason};
}

static bool
kind_fits(Person__IdType type, enum citizen_kind kind)
{
	switch (type) {
	case PERSON__ID_TYPE__CITIZEN_ID:
		return kind == CITIZEN_MAINLAND;
	case PERSON__ID_TYPE__HMT_PERMIT:
		return kind == CITIZEN_HONGKONG || kind == CITIZEN_MACAU || kind == CITIZEN_TAIWAN;
	default:
		return kind == CITIZEN_FOREIGN;
	}
}

static struct rule_fault
checked_number(Person__IdType type, const char *number, struct date today, bool is_import,
	       struct rule_identity *ret)
{
	struct citizen_id id;
	size_t length = strlen(number);
	enum citizen_id_result r = is_import ? citizen_id_import(number, length, today, &id)
					     : citizen_id_parse(number, length, today, &id);

	if (r != CITIZEN_ID_OK)
		return fault("id_number", citizen_id_explain(r));
	if (!kind_fits(type, id.kind))
		return fault("id_number", "号码与证件类型不符，请核对证件类型");
	memcpy(ret->number, id.text, sizeof(id.text));
	ret->tells_holder = true;
	ret->sex = id.sex == CITIZEN_MALE ? PERSON__SEX__MALE : PERSON__SEX__FEMALE;
	ret->born_on = id.born;
	return fault(NULL, NULL);
}

/* Passports and the like: letters, digits, dashes, brackets; in upper case. */
static struct rule_fault
free_number(const char *number, struct rule_identity *ret)
{
	size_t length = strlen(number);

	if (length < 4 || length >= RULE_NUMBER_SIZE)
		return fault("id_number", "证件号码应为 4 到 40 个字符，请核对");
	for (size_t i = 0; i < length; i++) {
		unsigned char letter = (unsigned char)number[i];

		if (!isalnum(letter) && !strchr("-()", letter))
			return fault("id_number", "证件号码只能有字母、数字、横线和括号，请核对");
		ret->number[i] = (char)toupper(letter);
	}
	ret->number[length] = '\0';
	return fault(NULL, NULL);
}

struct rule_fault
rule_identity(Person__IdType type, const char *number, struct date today, bool is_import,
	      struct rule_identity *ret_identity)
{
	struct rule_identity identity = {.sex = PERSON__SEX__UNKNOWN};
	struct rule_fault found = {0};

	switch (type) {
	case PERSON__ID_TYPE__CITIZEN_ID:
	case PERSON__ID_TYPE__HMT_PERMIT:
		found = checked_number(type, number, today, is_import, &identity);
		break;
	case PERSON__ID_TYPE__FOREIGN_PERMANENT:
		/* The older card has 15 characters: three letters and twelve digits. */
		found = strlen(number) == CITIZEN_ID_LEGACY_LENGTH
			    ? free_number(number, &identity)
			    : checked_number(type, number, today, is_import, &identity);
		break;
	case PERSON__ID_TYPE__PASSPORT:
	case PERSON__ID_TYPE__OTHER_DOCUMENT:
		found = free_number(number, &identity);
		break;
	case PERSON__ID_TYPE__TEMPORARY:
		if (*number)
			found = fault("id_number", "没有证件的人不填证件号码");
		break;
	default:
		found = fault("id_type", "请选择证件类型");
	}
	if (!found.field)
		*ret_identity = identity;
	return found;
}

bool
rule_card_number_fits(const char *number)
{
	size_t length = strlen(number);
	int sum = 0;

	for (size_t i = 0; i < length; i++) {
		int digit = number[length - 1 - i] - '0';

		if (i % 2 == 1)
			digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* -- names ----------------------------------------------------------------------------------- */

static char *
folded_key(struct arena *arena, const char *name)
{
	char *key = name_key(arena, name, strlen(name));

	return key ? hanzi_fold(arena, key) : NULL;
}

/* Appends `p:…` or `i:…` for each spelling; false over budget. */
static bool
add_spellings(struct arena *arena, struct rule_name *name, const char *prefix, char *const *list,
	      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *term = arena_printf(arena, "%s%s", prefix, list[i]);

		if (!term)
			return false;
		name->terms[name->n_terms++] = term;
	}
	return true;
}

struct rule_name *
rule_name_terms(struct arena *arena, const char *name)
{
	char **pairs, **full, **initials, *key = folded_key(arena, name);
	size_t n_pairs = 0, n_full = 0, n_initials = 0;
	struct rule_name *result = ARENA_NEW(arena, struct rule_name);

	if (!result || !key || name_bigrams(arena, key, &pairs, &n_pairs) < 0 ||
	    hanzi_spellings(arena, key, &full, &n_full, &initials, &n_initials) < 0)
		return NULL;
	result->key = key;
	result->terms = ARENA_ARRAY(arena, char *, n_pairs + n_full + n_initials);
	if (!result->terms)
		return NULL;
	for (size_t i = 0; i < n_pairs; i++)
		result->terms[result->n_terms++] = pairs[i];
	if (!add_spellings(arena, result, "p:", full, n_full) ||
	    !add_spellings(arena, result, "i:", initials, n_initials))
		return NULL;
	return result;
}

static bool
is_latin(const char *key)
{
	return key[strspn(key, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* The pairs, without the two around the character that may differ. */
static char *
join_pairs(struct arena *arena, char *const *pairs, size_t count, size_t hole)
{
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; text && i < count; i++)
		if (i != hole && i != hole + 1)
			text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", pairs[i]);
	return text;
}

/* A name contains the query: all pairs inside of it. */
static char *
inner_pairs(struct arena *arena, char *const *pairs, size_t count)
{
	return join_pairs(arena, pairs + 1, count - 2, count);
}

static void
add_match(struct rule_search *search, const char *terms, int distance)
{
	search->matches[search->n_matches++] = (struct rule_match){terms, distance};
}

struct rule_search *
rule_name_search(struct arena *arena, const char *query, bool similar)
{
	struct rule_search *search = ARENA_NEW(arena, struct rule_search);
	char **pairs, *key = folded_key(arena, query);
	size_t n;

	if (!search || !key || name_bigrams(arena, key, &pairs, &n) < 0)
		return NULL;
	search->key = key;
	search->matches = ARENA_ARRAY(arena, struct rule_match, n + 3);
	if (!search->matches)
		return NULL;
	if (n <= 2)
		return search;
	add_match(search, inner_pairs(arena, pairs, n), 1);
	if (is_latin(key)) {
		add_match(search, arena_printf(arena, "p:%s", key), 1);
		add_match(search, arena_printf(arena, "i:%s", key), 1);
		similar = false;
	}
	/* One pair more than characters: the i-th character is in pairs i and i + 1. */
	for (size_t i = 0; similar && i + 1 < n; i++)
		add_match(search, join_pairs(arena, pairs, n, i), 2);
	for (size_t i = 0; i < search->n_matches; i++)
		if (!search->matches[i].terms)
			return NULL;
	return search;
}

/* -- dated facts ----------------------------------------------------------------------------- */

static const char *const custody_details[] = {"PRISON", "COMPULSORY_REHAB", NULL};
static const char *const school_details[] = {"COMPULSORY", "UPPER_SECONDARY", "VOCATIONAL",
					     "BACHELOR",   "POSTGRADUATE",    NULL};
static const char *const disability_details[] = {"VISION",       "HEARING", "SPEECH",   "LIMB",
						 "INTELLECTUAL", "MENTAL",  "MULTIPLE", NULL};

#define RULE(of_event, of_fact, how, said, ...)                                                  \
	{                                                                                        \
		.event = PERSON_CHANGED__KIND__##of_event, .fact = PERSON_FACT__KIND__##of_fact, \
		.step = RULE_##how, .name = said, __VA_ARGS__                                    \
	}

static const struct rule_fact fact_rules[] = {
    RULE(DEATH, DEATH, DIES, "死亡", .of_two = true),
    RULE(MARRIAGE, MARRIAGE, BEGINS, "结婚", .of_two = true),
    RULE(DIVORCE, MARRIAGE, ENDS, "离婚", .of_two = true),
    RULE(CUSTODY_BEGAN, CUSTODY, BEGINS, "服刑或强制戒毒", .details = custody_details),
    RULE(CUSTODY_ENDED, CUSTODY, ENDS, "解除羁押"),
    RULE(MISSING, MISSING, BEGINS, "失踪"),
    RULE(FOUND, MISSING, ENDS, "找回"),
    RULE(MOVED_OUT, AWAY, BEGINS, "户口迁出"),
    RULE(MOVED_IN, AWAY, MOVES_IN, "户口迁入"),
    RULE(JOB_FOUND, EMPLOYMENT, BEGINS, "就业", .replaces = true),
    RULE(JOB_ENDED, EMPLOYMENT, ENDS, "离职"),
    RULE(SCHOOL_BEGAN, SCHOOLING, BEGINS, "就学", .details = school_details, .replaces = true),
    RULE(SCHOOL_ENDED, SCHOOLING, ENDS, "离校"),
    RULE(DISABILITY_BEGAN, DISABILITY, BEGINS, "残疾人证", .details = disability_details,
	 .has_level = true, .replaces = true),
    RULE(DISABILITY_ENDED, DISABILITY, ENDS, "残疾人证注销"),
    RULE(CLERGY_BEGAN, CLERGY, BEGINS, "离家从事宗教教职"),
    RULE(CLERGY_ENDED, CLERGY, ENDS, "不再从事宗教教职"),
    RULE(MILITARY_BEGAN, MILITARY, BEGINS, "服现役"),
    RULE(MILITARY_ENDED, MILITARY, ENDS, "退役"),
};

enum { N_FACT_RULES = sizeof(fact_rules) / sizeof(*fact_rules) };

const struct rule_fact *
rule_fact_of_event(PersonChanged__Kind kind)
{
	for (size_t i = 0; i < N_FACT_RULES; i++)
		if (fact_rules[i].event == kind)
			return &fact_rules[i];
	return NULL;
}

const struct rule_fact *
rule_fact_step(PersonFact__Kind kind, bool begins)
{
	for (size_t i = 0; i < N_FACT_RULES; i++) {
		const struct rule_fact *rule = &fact_rules[i];
		bool it_begins = rule->step == RULE_BEGINS || rule->step == RULE_DIES;

		if (rule->fact == kind && it_begins == begins)
			return rule;
	}
	return NULL;
}

bool
rule_fact_detail_fits(const struct rule_fact *rule, const char *detail, int level)
{
	if (rule->has_level != (level > 0))
		return false;
	if (!rule->details)
		return true;
	for (size_t i = 0; rule->details[i]; i++)
		if (strcmp(rule->details[i], detail) == 0)
			return true;
	return false;
}

static const struct {
	int rank;
	const char *name;
} evidences[] = {
    [PERSON_FACT__EVIDENCE__OVERTURNING] = {1, "足以推翻的其他证据"},
    [PERSON_FACT__EVIDENCE__CERTIFICATE] = {2, "证明"},
    [PERSON_FACT__EVIDENCE__HOUSEHOLD_REGISTER] = {3, "户籍登记"},
    [PERSON_FACT__EVIDENCE__SHARED_DATA] = {4, "共享数据"},
    [PERSON_FACT__EVIDENCE__STATEMENT] = {5, "走访和陈述"},
};

enum { N_EVIDENCES = sizeof(evidences) / sizeof(*evidences) };

int
rule_evidence_rank(PersonFact__Evidence evidence)
{
	return (unsigned)evidence < N_EVIDENCES ? evidences[evidence].rank : N_EVIDENCES;
}

const char *
rule_evidence_name(PersonFact__Evidence evidence)
{
	const char *name = (unsigned)evidence < N_EVIDENCES ? evidences[evidence].name : NULL;

	return name ? name : "";
}
