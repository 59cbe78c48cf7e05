/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of persons (domain rule 3.9).
 *
 * A name is stored as it was given: no NFC or NFKC, which would rewrite CJK compatibility
 * characters. What is searched is a *key* made from it: blanks dropped, the middle dot and its
 * look-alikes (U+2022 U+2027 U+30FB U+FF0E U+002E) as U+00B7, full-width and capital Latin letters
 * as small ones. Pairs of a key's characters go into the search array; they carry marks for the
 * beginning and the end, so that a name with one wrong character still shares a pair.
 */
#ifndef MZ_DOMAIN_NAME_H
#define MZ_DOMAIN_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { NAME_MAX_CHARACTERS = 50 };

enum name_result {
	NAME_OK,
	NAME_EMPTY,
	NAME_TOO_LONG,
	NAME_NOT_UTF8,
	NAME_CONTROL,     /* control or invisible formatting characters, line ends */
	NAME_OUTER_BLANK, /* begins or ends with a blank */
};

enum name_result name_check(const char *text, size_t length);

/* What is wrong, in a sentence for people; for NAME_OK "". */
const char *name_explain(enum name_result result);

/* True when a character lies in a private use area: kept, with a flag and an image (GB 18030). */
bool name_has_private_use(const char *text, size_t length);

/* The search key; NULL over budget. text is valid UTF-8. */
char *name_key(struct arena *arena, const char *text, size_t length);

/* The pairs of a key, "^张" "张三" "三$" for 张三, each once. 0, or -ENOMEM over budget. */
int name_bigrams(struct arena *arena, const char *key, char ***ret_bigrams, size_t *ret_count);

/* True when the keys differ by at most one character: replaced, missing or added. */
bool name_nearly_equal(const char *key_a, const char *key_b);

#endif
