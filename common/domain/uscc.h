/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified social credit codes (GB 32100-2015; domain rule 3.3).
 *
 * 18 characters: registering authority, kind, region (6 digits), organisation code of 9 characters
 * (GB 11714) with a check of its own, and a check over all.
 */
#ifndef MZ_DOMAIN_USCC_H
#define MZ_DOMAIN_USCC_H

#include <stddef.h>

enum { USCC_LENGTH = 18 };

enum uscc_result {
	USCC_OK,
	USCC_WRONG_LENGTH,
	USCC_WRONG_CHARACTER, /* lower case, or one of I O S V Z */
	USCC_WRONG_ORGANISATION_CHECK,
	USCC_WRONG_CHECK,
};

enum uscc_result uscc_check(const char *text, size_t length);

/* The last character of a code, from the 17 before it; 0 when one of them is not allowed. */
char uscc_check_character(const char code[static 17]);

/* The last character of an organisation code, from the 8 before it; 0 as above. */
char uscc_organisation_check_character(const char code[static 8]);

/* What is wrong, in a sentence for people; for USCC_OK "". */
const char *uscc_explain(enum uscc_result result);

#endif
