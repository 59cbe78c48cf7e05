/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registry's rules: documents of identity (3.1), names as they are searched (3.9), kinds of dated
 * facts and the weight of evidence (民法典 15). Pure functions.
 */
#ifndef MZ_REGISTRY_RULES_H
#define MZ_REGISTRY_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/date.h"
#include "facts.h"

/* -- documents --------------------------------------------------------------------------------- */

/* A fault of one field; both NULL when there is none. */
struct rule_fault {
	const char *field;  /* of Person: "id_number" */
	const char *reason; /* in Chinese, with what to do */
};

enum { RULE_NUMBER_SIZE = 41, RULE_NAME_MAX = 50 };

/* What a document says about its holder. */
struct rule_identity {
	char number[RULE_NUMBER_SIZE]; /* in the form that is stored and claimed; "" for none */
	bool tells_holder;             /* sex and born_on are known */
	Person__Sex sex;
	struct date born_on;
};

/*
 * Reads a document's number. is_import also takes 15-digit numbers, as the 18 characters they
 * became. *ret_identity is written when there is no fault.
 */
struct rule_fault rule_identity(Person__IdType type, const char *number, struct date today,
				bool is_import, struct rule_identity *ret_identity);

/* Luhn's check digit of bank cards: a warning only, old books have none (3.10). */
bool rule_card_number_fits(const char *number);

/* -- names ------------------------------------------------------------------------------------- */

/* How a name is found: its key with variants folded, and the terms of the index: pairs of
 * characters, `p:` and full pinyin, `i:` and initials. */
struct rule_name {
	char *key;
	char **terms;
	size_t n_terms;
};
/* NULL over budget. */
struct rule_name *rule_name_terms(struct arena *arena, const char *name);

/* A way in which a name can match: terms it has all of, with spaces between. */
struct rule_match {
	const char *terms;
	int distance; /* 1: contains the query; 2: may differ by one character */
};
struct rule_search {
	char *key;
	struct rule_match *matches;
	size_t n_matches; /* 0: the query has but one character */
};
/* Every way a name can match a query; NULL over budget. */
struct rule_search *rule_name_search(struct arena *arena, const char *query, bool similar);

/* -- dated facts ------------------------------------------------------------------------------- */

enum rule_step {
	RULE_BEGINS,
	RULE_ENDS,
	RULE_DIES,
	RULE_MOVES_IN,
};

struct rule_fact {
	const char *name;           /* for people: 结婚 */
	const char *const *details; /* what `detail` may be; NULL: free text */
	PersonChanged__Kind event;
	PersonFact__Kind fact;
	enum rule_step step;
	bool of_two;    /* it is a fact of a spouse too */
	bool has_level; /* 1 to 4 */
	bool replaces;  /* a new one ends the one before */
};

/* NULL for a kind that is not recorded by RecordFact. */
const struct rule_fact *rule_fact_of_event(PersonChanged__Kind kind);
/* The step that begins (or ends) a kind of fact; NULL when there is none. */
const struct rule_fact *rule_fact_step(PersonFact__Kind kind, bool begins);

/* True when detail and level are such as the kind wants. */
bool rule_fact_detail_fits(const struct rule_fact *rule, const char *detail, int level);

/* Order of 民法典 15: the smaller wins; a fact that overturns comes before the certificate of
 * death, that before the household register, that before anything else. */
int rule_evidence_rank(PersonFact__Evidence evidence);
/* 死亡证明 and so on, for people. */
const char *rule_evidence_name(PersonFact__Evidence evidence);

#endif
