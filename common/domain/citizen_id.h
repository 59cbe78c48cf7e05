/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Citizen identity numbers (GB 11643; domain rule 3.1).
 *
 * The number is lifelong; its region part says where it was first issued, not where the person
 * lives, so it is checked against every province and prefecture code that GB/T 2260 has had since
 * 1982, and no further. The same layout covers residence permits of Hong Kong, Macau and Taiwan
 * residents (810000, 820000, 830000) and the foreign permanent resident card of 2023 (9, province,
 * country). A number says nothing about who is who: registry's person key does.
 */
#ifndef MZ_DOMAIN_CITIZEN_ID_H
#define MZ_DOMAIN_CITIZEN_ID_H

#include <stddef.h>

#include "base/date.h"

enum { CITIZEN_ID_LENGTH = 18, CITIZEN_ID_LEGACY_LENGTH = 15 };
#define CITIZEN_ID_TEXT_SIZE 19

enum citizen_id_result {
	CITIZEN_ID_OK,
	CITIZEN_ID_WRONG_LENGTH,
	CITIZEN_ID_LEGACY, /* 15 digits: never for new records, mapped on import only */
	CITIZEN_ID_WRONG_CHARACTER,
	CITIZEN_ID_UNKNOWN_REGION,
	CITIZEN_ID_NO_SUCH_DATE,
	CITIZEN_ID_IN_FUTURE,
	CITIZEN_ID_WRONG_CHECK,
};

enum citizen_kind {
	CITIZEN_MAINLAND,
	CITIZEN_HONGKONG,
	CITIZEN_MACAU,
	CITIZEN_TAIWAN,
	CITIZEN_FOREIGN,
};

/* GB/T 2261.1. */
enum citizen_sex { CITIZEN_MALE = 1, CITIZEN_FEMALE = 2 };

struct citizen_id {
	char text[CITIZEN_ID_TEXT_SIZE]; /* normalised: X in upper case */
	enum citizen_kind kind;
	enum citizen_sex sex;
	struct date born;
};

/* Reads a number of 18 characters; x counts as X. today bounds the date of birth. *ret_id is
 * written on CITIZEN_ID_OK only. */
enum citizen_id_result citizen_id_parse(const char *text, size_t length, struct date today,
					struct citizen_id *ret_id);

/* The same for an import of old files: 15 digits are mapped to the 18 characters they became
 * (sequences 996 to 999 were given to people born before 1900). */
enum citizen_id_result citizen_id_import(const char *text, size_t length, struct date today,
					 struct citizen_id *ret_id);

/* The check character of the first 17 digits (ISO 7064 MOD 11-2). */
char citizen_id_check(const char digits[static 17]);

/* What is wrong, in a sentence for people; for CITIZEN_ID_OK "". */
const char *citizen_id_explain(enum citizen_id_result result);

#endif
