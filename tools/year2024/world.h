/* SPDX-License-Identifier: Apache-2.0 */
/*
 * World: who is who in the sample year, before anything is written.
 *
 * Families get what the recipe needs of them: a programme, an income, a month of entry or stop. The
 * files are then written from here, each by a file of its own.
 */
#ifndef YEAR2024_WORLD_H
#define YEAR2024_WORLD_H

#include "family.h"
#include "out.h"
#include "people.h"
#include "recipe.h"

/* A family in a programme, or on its way in or out. */
struct case_file {
	char award_id[UUID_TEXT_SIZE];
	int household;
	int per_capita_fen;
	enum family_kind kind;
	int centralised;
	int first_month; /* of 2024; 0: ran before the year, and is imported */
	int stop_month;  /* first month of 2024 without it; 0: runs on */
	int before;      /* edge: recognised in 2023 already */
};

struct case_list {
	struct case_file *all;
	int count;
};

struct person_list {
	int *all;
	int count;
};

struct world {
	struct random random;
	struct people people;
	struct recipe recipe;
	int percent;
	struct case_list dibao; /* the stopped ones at the end */
	int dibao_at_year_end;
	struct case_list tekun;
	struct case_list edge;
	struct case_list refused;
	struct person_list jingjian;
	struct person_list children;
	struct person_list disabled;  /* not in dibao: nursing subsidies */
	struct person_list elders;    /* 80 and over; those of 90 and over at the end */
	struct person_list strangers; /* background: temporary aid, relatives who are checked */
};

void world_make(struct world *world, uint64_t seed, int percent, const char *divisions_file);
void world_free(struct world *world);

void case_add(struct case_list *list, struct random *random, const struct case_file *file);
void person_list_add(struct person_list *list, int person);

/* Head of a case: the applicant and payee. */
struct person *case_head(const struct world *world, const struct case_file *file);
int case_members(const struct world *world, const struct case_file *file);

/* -- the writers, one a file ------------------------------------------------------------------- */

void write_registry_files(struct world *world, const char *dir); /* registry_files.c */
void write_relief_files(struct world *world, const char *dir);   /* relief_files.c */
void write_other_lines(struct world *world, const char *dir);    /* other_lines.c */
struct check_count {
	int households, persons;
};
/* Counts the checks that it opens. */
void add_applications(struct world *world, struct calls *calls,
		      struct check_count *checks); /* applications.c */
void add_checks(struct world *world, struct calls *calls, int households,
		int persons); /* checks.c */
void add_year_of_relief(struct world *world,
			struct calls *calls); /* season.c: rescue, insurance, batches, raise */

#endif
