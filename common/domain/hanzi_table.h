/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of hanzi.c, written at build time (common/domain/hanzi/table.pl). Not for others.
 *
 * character -> page of its upper bytes -> number of its set of readings -> syllables, from 1.
 */
#ifndef MZ_DOMAIN_HANZI_TABLE_H
#define MZ_DOMAIN_HANZI_TABLE_H

#include <stdint.h>

#include "domain/hanzi.h"

enum { HANZI_SYLLABLE_SIZE = 7 };

extern const char hanzi_syllable[][HANZI_SYLLABLE_SIZE];
extern const uint16_t hanzi_set[][HANZI_MAX_READINGS]; /* 0: no more readings */
extern const uint16_t hanzi_page[][256];
extern const uint16_t hanzi_page_of[];
extern const uint32_t hanzi_n_pages_of;
extern const uint32_t hanzi_variant[][2]; /* variant, common form; by variant */
extern const uint32_t hanzi_n_variants;

#endif
