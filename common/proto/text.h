/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that may enter a message: UTF-8 in shortest form, no surrogates, no NUL (PostgreSQL's text
 * has none of these either). Pure.
 */
#ifndef MZ_PROTO_TEXT_H
#define MZ_PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool proto_text_is_valid(const void *text, size_t length);

/* Length of the valid character at the start of text, 1 to 4; 0 when there is none (or a NUL). */
size_t proto_text_character(const void *text, size_t length);

#endif
