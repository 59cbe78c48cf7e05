/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the build puts into a program (mz_embed of cmake/embed.cmake): SQL, descriptor sets.
 *
 *	EMBEDDED(relief_queries);
 *	parse(embedded_text(relief_queries), relief_queries_size);
 */
#ifndef MZ_BASE_EMBED_H
#define MZ_BASE_EMBED_H

#include <stddef.h>

/* Declares the bytes and their number; a NUL that is not counted follows the last byte. */
#define EMBEDDED(symbol)                     \
	extern const unsigned char symbol[]; \
	extern const size_t symbol##_size

#define embedded_text(symbol) ((const char *)(symbol))

#endif
