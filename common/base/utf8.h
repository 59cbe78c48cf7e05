/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629), strictly: shortest form only, no surrogates, nothing above U+10FFFF.
 *
 * A "character" is a code point. Everything but utf8_valid and utf8_decode expects valid text.
 */
#ifndef MZ_BASE_UTF8_H
#define MZ_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX_BYTES = 4 };

/* True when all bytes are valid UTF-8. NUL counts as a character like any other. */
bool utf8_valid(const void *data, size_t length);

/* Reads the character at text: its bytes (1 to 4), or 0 when length is 0 or the bytes are not
 * valid. *ret_character is then untouched. */
size_t utf8_decode(const char *text, size_t length, uint32_t *ret_character);

/* Writes the character and returns its bytes; 0 for a surrogate or anything above U+10FFFF. */
size_t utf8_encode(uint32_t character, char bytes[static UTF8_MAX_BYTES]);

/* Number of characters. */
size_t utf8_count(const char *text, size_t length);

/* Bytes of the first n_characters, or length when there are fewer. */
size_t utf8_prefix(const char *text, size_t length, size_t n_characters);

#endif
