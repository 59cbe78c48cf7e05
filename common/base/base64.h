/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648): one reader for every dialect that peers send, writers for the two alphabets.
 *
 * Reading takes the standard and the URL-safe alphabet, mixed even, padded or not (RPC-05, RPC-15,
 * RPC-24); it refuses every other character, a lone last character and wrong padding. Pure.
 */
#ifndef MZ_BASE_BASE64_H
#define MZ_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

enum base64_form {
	BASE64_PADDED,   /* + and /, padded: ProtoJSON */
	BASE64_UNPADDED, /* + and /: gRPC's -bin metadata */
	BASE64_URL,      /* - and _, unpadded: Connect GET */
};

/* Most bytes that `length` bytes of data or characters of text become; no NUL counted. */
static inline size_t
base64_encoded_max(size_t length)
{
	return (length + 2) / 3 * 4;
}

static inline size_t
base64_decoded_max(size_t length)
{
	return length / 4 * 3 + 3;
}

/* Writes the text of data to ret_text, without a NUL; returns its length. */
size_t base64_encode(const void *data, size_t length, enum base64_form form, char *ret_text);

/*
 * Writes the bytes of text to ret_data (base64_decoded_max bytes; may be text itself). False when
 * text is not base64; ret_data may then hold part of it.
 */
bool base64_decode(const char *text, size_t length, void *ret_data, size_t *ret_length);

#endif
