/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masking by privacy class (CMP-07).
 *
 * For a reply or a log a value is shortened to what recognises it; for a public notice (公示) ID
 * numbers, telephones, accounts, illness and everything of an address below the village are left
 * out, and names show their first character only. Text is valid UTF-8.
 */
#ifndef MZ_DOMAIN_MASK_H
#define MZ_DOMAIN_MASK_H

#include <stddef.h>

#include "base/buf.h"

/* The numbers are those of minzheng.options.v1.Privacy. */
enum mask_class {
	MASK_NONE,      /* shown as it is */
	MASK_ID_NUMBER, /* reply: last 4; notice: nothing */
	MASK_PHONE,     /* reply: 138****1234; notice: nothing */
	MASK_ACCOUNT,   /* reply: last 4; notice: nothing */
	MASK_NAME,      /* reply: whole; notice: 张** */
	MASK_ADDRESS,   /* to the village or community, then *** (reply) or nothing (notice) */
	MASK_HEALTH,    /* reply: ***; notice: nothing */
};

enum mask_audience {
	MASK_FOR_REPLY,
	MASK_FOR_NOTICE,
};

/* Appends the value as the audience may see it. A value too short to be shortened is hidden whole.
 * An unknown class is hidden whole too. */
void mask_append(struct buf *out, enum mask_class class, enum mask_audience audience,
		 const char *text, size_t length);

/* The same as a C string on arena; NULL over budget. */
char *mask_text(struct arena *arena, enum mask_class class, enum mask_audience audience,
		const char *text, size_t length);

/* A name with all but its first character hidden, for minors and protected persons. */
void mask_name(struct buf *out, const char *name, size_t length);

#endif
