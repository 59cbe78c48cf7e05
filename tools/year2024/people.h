/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People: synthetic persons and households of the sample year.
 *
 * ID numbers have the region 500199, which is assigned to nobody, a birth date and a right check
 * character (GB 11643); no two persons share one. Names, telephones and accounts are made up.
 * Villages are the registry's own, read from its list. Everything is kept in arrays that only grow;
 * people are named by their index.
 */
#ifndef YEAR2024_PEOPLE_H
#define YEAR2024_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "random.h"

struct village {
	int64_t id; /* the registry's immutable division id */
	char code[13];
	bool urban;
};

struct person {
	char id[UUID_TEXT_SIZE];
	char account_id[UUID_TEXT_SIZE]; /* "" while nobody pays to this person */
	char id_number[19];
	char name[32];
	bool female;
	struct date born;
	const char *ethnicity; /* GB/T 3304 */
	int village;
	int household; /* -1: none */
};

enum { HOUSEHOLD_MAX = 6 };

struct household {
	char id[UUID_TEXT_SIZE];
	int village;
	int n_members;
	int members[HOUSEHOLD_MAX]; /* the first is the head and the applicant */
};

struct people {
	struct random *random;
	struct village *villages;
	int n_villages;
	struct person *persons;
	int n_persons;
	struct household *households;
	int n_households;
	uint16_t (*sequences)[2]; /* by birth date and sex: the last used */
};

/* Reads the villages from answers of DivisionService/ListDivisions, as JSON. Ends the program with
 * a message when it cannot. */
void people_init(struct people *people, struct random *random, const char *divisions_file);
void people_free(struct people *people);

/* A person of an age between low and high years at the end of 2023, living in the village. */
int people_add_person(struct people *people, int low_age, int high_age, int village);
/* A household of so many members, its head an adult; ages as families have them. */
int people_add_household(struct people *people, int size, int village);
/* A new ID number, after the birth date has been changed. */
void people_renumber(struct people *people, struct person *person);
/* Gives a person a bank account, once. */
void people_need_account(struct people *people, int person);

/* A village, urban or rural as asked. */
int people_pick_village(struct people *people, bool urban);

struct person *people_person(const struct people *people, int person);
struct household *people_household(const struct people *people, int household);

#endif
