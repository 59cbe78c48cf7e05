/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Check: what the fields of a record say together, by hand or from a file (3.1, 3.9, 3.10).
 *
 * The message is completed from its document; faults name its fields. One check for both ways in.
 */
#ifndef MZ_REGISTRY_CHECK_H
#define MZ_REGISTRY_CHECK_H

#include "rules.h"
#include "svc/method.h"

enum { CHECK_MAX_FAULTS = 8 };

struct check_faults {
	struct rule_fault list[CHECK_MAX_FAULTS];
	size_t n;
};

/* Notes a fault unless reason is NULL. */
void check_note(struct check_faults *faults, const char *field, const char *reason);

/* Puts the number into its stored form and fills sex and birth date that are not given. is_import
 * takes old numbers of 15 digits too. */
void check_person(struct svc_call *c, Person *person, bool is_import, struct check_faults *faults);

/* A text of a file: its length, and no formula (`=1+1`). NULL: nothing is wrong. */
const char *check_text(const char *text, size_t max_characters);
const char *check_phone(const char *phone);

#endif
