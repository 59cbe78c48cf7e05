/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <stdint.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
base64_encode(const void *data, size_t length, enum base64_form form, char *ret_text)
{
	const char *alphabet = form == BASE64_URL ? url_safe : standard;
	const uint8_t *in = data;
	char *out = ret_text;
	size_t rest = length;
	uint32_t bits;

	for (; rest >= 3; rest -= 3, in += 3) {
		bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[bits >> 6 & 63];
		*out++ = alphabet[bits & 63];
	}
	if (rest) {
		bits = (uint32_t)in[0] << 16 | (rest == 2 ? (uint32_t)in[1] << 8 : 0);
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		if (rest == 2)
			*out++ = alphabet[bits >> 6 & 63];
		for (; form == BASE64_PADDED && rest < 3; rest++)
			*out++ = '=';
	}
	return (size_t)(out - ret_text);
}

/* The six bits of a character of either alphabet; -1 for any other. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* The length without padding; SIZE_MAX when the padding is not what the length asks for. */
static size_t
unpadded_length(const char *text, size_t length)
{
	size_t padding = 0;

	while (length && text[length - 1] == '=') {
		length--;
		padding++;
	}
	if (padding && (padding > 2 || (length + padding) % 4))
		return SIZE_MAX;
	return length % 4 == 1 ? SIZE_MAX : length;
}

bool
base64_decode(const char *text, size_t length, void *ret_data, size_t *ret_length)
{
	uint8_t *out = ret_data;
	uint32_t bits = 0;
	int n_bits = 0;

	length = unpadded_length(text, length);
	if (length == SIZE_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			*out++ = (uint8_t)(bits >> n_bits);
		}
	}
	*ret_length = (size_t)(out - (uint8_t *)ret_data);
	return true;
}
