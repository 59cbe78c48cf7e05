/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/hanzi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "domain/hanzi_table.h"

enum { MIDDLE_DOT = 0xB7, MAX_CHARACTERS = 50 };

int
hanzi_readings(uint32_t character, const char *ret_readings[static HANZI_MAX_READINGS])
{
	const uint16_t *set;
	int n = 0;

	if (character >> 8 >= hanzi_n_pages_of)
		return 0;
	set = hanzi_set[hanzi_page[hanzi_page_of[character >> 8]][character & 255]];
	while (n < HANZI_MAX_READINGS && set[n] > 0) {
		ret_readings[n] = hanzi_syllable[set[n] - 1];
		n++;
	}
	return n;
}

static int
compare_variant(const void *key, const void *item)
{
	uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)item;

	return (a > b) - (a < b);
}

uint32_t
hanzi_common_form(uint32_t character)
{
	const uint32_t(*found)[2] = bsearch(&character, hanzi_variant, hanzi_n_variants,
					    sizeof(*hanzi_variant), compare_variant);

	return found ? (*found)[1] : character;
}

char *
hanzi_fold(struct arena *arena, const char *key)
{
	size_t length = strlen(key);
	/* No common form takes more bytes than UTF8_MAX_BYTES. */
	char *folded = arena_alloc(arena, length / 2 * UTF8_MAX_BYTES + UTF8_MAX_BYTES);
	char *end = folded;
	uint32_t character;
	size_t n;

	if (!folded)
		return NULL;
	for (; (n = utf8_decode(key, length, &character)) > 0; key += n, length -= n)
		end += utf8_encode(hanzi_common_form(character), end);
	*end = '\0';
	return folded;
}

/* -- spellings --------------------------------------------------------------------------------- */

/* What one character of a name contributes. */
struct spelled {
	const char *readings[HANZI_MAX_READINGS];
	int n;
	char latin[2]; /* storage of a letter that stands for itself */
};

static bool
spell_character(uint32_t character, struct spelled *s)
{
	s->n = 1;
	s->latin[0] = s->latin[1] = '\0';
	s->readings[0] = s->latin;
	if (character == MIDDLE_DOT)
		return true;
	if (character < 0x80) {
		s->latin[0] = (char)character;
		return true;
	}
	s->n = hanzi_readings(character, s->readings);
	return s->n > 0;
}

/* Splits the key; -1 when a character cannot be read. */
static int
spell(const char *key, struct spelled spelled[static MAX_CHARACTERS])
{
	size_t length = strlen(key), bytes;
	uint32_t character;
	int n = 0;

	for (; (bytes = utf8_decode(key, length, &character)) > 0; key += bytes, length -= bytes)
		if (n == MAX_CHARACTERS || !spell_character(character, &spelled[n++]))
			return -1;
	return n;
}

/* The next combination of readings, like a counter whose first wheel turns slowest; false after
 * the last. */
static bool
turn(const struct spelled *spelled, int n, int *wheel)
{
	while (n-- > 0) {
		if (++wheel[n] < spelled[n].n)
			return true;
		wheel[n] = 0;
	}
	return false;
}

/* Appends one spelling to the list unless it is there. */
static int
combine(struct arena *arena, const struct spelled *spelled, int n, const int *wheel, bool initials,
	char **list, size_t *count)
{
	size_t size = 1;
	char *text, *end;

	for (int i = 0; i < n; i++)
		size += strlen(spelled[i].readings[wheel[i]]);
	text = end = arena_alloc(arena, size);
	if (!text)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		const char *reading = spelled[i].readings[wheel[i]];
		size_t length = initials ? strnlen(reading, 1) : strlen(reading);

		memcpy(end, reading, length);
		end += length;
	}
	*end = '\0';
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], text) == 0)
			return 0;
	if (*text)
		list[(*count)++] = text;
	return 0;
}

int
hanzi_spellings(struct arena *arena, const char *key, char ***ret_full, size_t *ret_n_full,
		char ***ret_initials, size_t *ret_n_initials)
{
	struct spelled spelled[MAX_CHARACTERS];
	int n = spell(key, spelled), wheel[MAX_CHARACTERS] = {0};
	char **full = ARENA_ARRAY(arena, char *, HANZI_MAX_SPELLINGS);
	char **initials = ARENA_ARRAY(arena, char *, HANZI_MAX_SPELLINGS);
	size_t n_full = 0, n_initials = 0;

	if (!full || !initials)
		return -ENOMEM;
	for (int i = 0; n > 0 && i < HANZI_MAX_SPELLINGS; i++) {
		if (combine(arena, spelled, n, wheel, false, full, &n_full) < 0 ||
		    combine(arena, spelled, n, wheel, true, initials, &n_initials) < 0)
			return -ENOMEM;
		if (!turn(spelled, n, wheel))
			break;
	}
	*ret_full = full;
	*ret_n_full = n_full;
	*ret_initials = initials;
	*ret_n_initials = n_initials;
	return 0;
}
