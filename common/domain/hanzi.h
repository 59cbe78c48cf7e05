/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Han characters: how they are read, and which one is searched for which (domain rule 3.9).
 *
 * Readings and variants are those of the Unihan database (common/domain/hanzi/). A character has at
 * most HANZI_MAX_READINGS readings, the usual one first; names are read in every way (单 as dan and
 * as shan). Pure functions over constant tables.
 */
#ifndef MZ_DOMAIN_HANZI_H
#define MZ_DOMAIN_HANZI_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
	HANZI_MAX_READINGS = 4,
	HANZI_MAX_SPELLINGS = 16, /* of a name; the rarest combinations fall away */
};

/* Pinyin without tones, ü as v. Returns how many were put into ret_readings. */
int hanzi_readings(uint32_t character, const char *ret_readings[static HANZI_MAX_READINGS]);

/* The common character (one of GB 2312) that is searched for a traditional or variant form; the
 * character itself when there is none. */
uint32_t hanzi_common_form(uint32_t character);

/* A key (name.h) with every character in its common form; NULL over budget. */
char *hanzi_fold(struct arena *arena, const char *key);

/*
 * The spellings of a key, each once: "zhangsan", and of its initials "zs". Latin letters stand for
 * themselves, middle dots are dropped; a key with a character that cannot be read has no spelling.
 * 0, or -ENOMEM over budget.
 */
int hanzi_spellings(struct arena *arena, const char *key, char ***ret_full, size_t *ret_n_full,
		    char ***ret_initials, size_t *ret_n_initials);

#endif
