/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/uscc.h"

#include <string.h>

enum { MODULUS = 31, ORGANISATION_AT = 8 };

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int
value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

char
uscc_check_character(const char code[static 17])
{
	int sum = 0, weight = 1;

	for (int i = 0; i < 17; i++) {
		int value = value_of(code[i]);

		if (value < 0)
			return '\0';
		sum += value * weight;
		weight = weight * 3 % MODULUS;
	}
	return alphabet[(MODULUS - sum % MODULUS) % MODULUS];
}

/* GB 11714: letters count from A = 10 without a gap. */
static int
organisation_value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

char
uscc_organisation_check_character(const char code[static 8])
{
	static const int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < 8; i++) {
		int value = organisation_value_of(code[i]);

		if (value < 0)
			return '\0';
		sum += value * weights[i];
	}
	return "0X987654321"[sum % 11];
}

enum uscc_result
uscc_check(const char *text, size_t length)
{
	if (length != USCC_LENGTH)
		return USCC_WRONG_LENGTH;
	for (int i = 0; i < USCC_LENGTH; i++)
		if (value_of(text[i]) < 0 ||
		    (i >= 2 && i < ORGANISATION_AT && value_of(text[i]) > 9))
			return USCC_WRONG_CHARACTER;
	if (uscc_organisation_check_character(text + ORGANISATION_AT) != text[16])
		return USCC_WRONG_ORGANISATION_CHECK;
	return uscc_check_character(text) == text[17] ? USCC_OK : USCC_WRONG_CHECK;
}

const char *
uscc_explain(enum uscc_result result)
{
	static const char *const texts[] = {
	    [USCC_OK] = "",
	    [USCC_WRONG_LENGTH] = "统一社会信用代码应为18位，请核对",
	    [USCC_WRONG_CHARACTER] =
		"统一社会信用代码只能是数字和大写字母（不用I、O、S、V、Z），第3至8位是数字，请核对",
	    [USCC_WRONG_ORGANISATION_CHECK] =
		"统一社会信用代码第17位（组织机构代码校验位）不对，请逐位核对",
	    [USCC_WRONG_CHECK] = "统一社会信用代码末位校验位不对，请逐位核对",
	};

	return texts[result];
}
