/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/citizen_id.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { RANGES_MAX = 4 };

/*
 * Every prefecture (characters 3 and 4) that a province (characters 1 and 2) has had in GB/T 2260
 * since 1982: cities from 01, former and autonomous prefectures from 21, counties under the
 * province 90. Hainan's numbers of before 1999 begin with 4600. 513523 (Sichuan) and 500239 were
 * Qianjiang.
 */
static const struct {
	unsigned char province;
	struct {
		unsigned char first, last;
	} prefectures[RANGES_MAX];
} regions[] = {
    {11, {{1, 2}}},
    {12, {{1, 2}}},
    {13, {{1, 11}, {21, 30}, {90, 90}}},
    {14, {{1, 11}, {21, 27}, {90, 90}}},
    {15, {{1, 9}, {21, 29}}},
    {21, {{1, 14}, {21, 22}, {90, 90}}},
    {22, {{1, 8}, {21, 26}, {90, 90}}},
    {23, {{1, 12}, {21, 27}, {90, 90}}},
    {31, {{1, 2}}},
    {32, {{1, 13}, {21, 27}, {90, 90}}},
    {33, {{1, 11}, {21, 28}, {90, 90}}},
    {34, {{1, 18}, {21, 29}, {90, 90}}},
    {35, {{1, 9}, {21, 28}, {90, 90}}},
    {36, {{1, 11}, {21, 26}, {90, 90}}},
    {37, {{1, 17}, {21, 29}, {90, 90}}},
    {41, {{1, 17}, {21, 30}, {90, 90}}},
    {42, {{1, 13}, {21, 29}, {90, 90}}},
    {43, {{1, 13}, {21, 31}, {90, 90}}},
    {44, {{1, 29}, {51, 53}, {90, 90}}},
    {45, {{1, 14}, {21, 28}}},
    {46, {{0, 4}, {90, 90}}},
    {50, {{1, 3}}},
    {51, {{1, 39}, {70, 70}, {90, 90}}},
    {52, {{1, 6}, {21, 27}}},
    {53, {{1, 9}, {21, 35}}},
    {54, {{1, 6}, {21, 27}}},
    {61, {{1, 10}, {21, 27}, {90, 90}}},
    {62, {{1, 12}, {21, 30}}},
    {63, {{1, 2}, {21, 28}}},
    {64, {{1, 5}, {21, 22}}},
    {65, {{1, 5}, {21, 32}, {40, 43}, {90, 90}}},
};

static const struct {
	const char *region;
	enum citizen_kind kind;
} permits[] = {
    {"810000", CITIZEN_HONGKONG},
    {"820000", CITIZEN_MACAU},
    {"830000", CITIZEN_TAIWAN},
};

static int
number(const char *digits, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

static bool
is_province(int province)
{
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
		if (regions[i].province == province)
			return true;
	return false;
}

static bool
is_prefecture(int province, int prefecture)
{
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
		if (regions[i].province != province)
			continue;
		for (int j = 0; j < RANGES_MAX && regions[i].prefectures[j].last; j++)
			if (prefecture >= regions[i].prefectures[j].first &&
			    prefecture <= regions[i].prefectures[j].last)
				return true;
	}
	return false;
}

static bool
find_kind(const char *text, enum citizen_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof permits / sizeof permits[0]; i++) {
		if (memcmp(text, permits[i].region, 6) == 0) {
			*ret_kind = permits[i].kind;
			return true;
		}
	}
	if (text[0] == '9') {
		*ret_kind = CITIZEN_FOREIGN;
		return is_province(number(text + 1, 2)) && number(text + 3, 3) > 0;
	}
	*ret_kind = CITIZEN_MAINLAND;
	return is_prefecture(number(text, 2), number(text + 2, 2)) && number(text + 4, 2) > 0;
}

char
citizen_id_check(const char digits[static 17])
{
	static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += weights[i] * (digits[i] - '0');
	return "10X98765432"[sum % 11];
}

static bool
all_digits(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* The order decides what people are told: of a number with an impossible date and a right check
 * character, the date (acceptance row 66). */
static enum citizen_id_result
check(struct citizen_id *id, struct date today)
{
	const char *text = id->text;

	if (!find_kind(text, &id->kind))
		return CITIZEN_ID_UNKNOWN_REGION;
	if (!date_from_civil(number(text + 6, 4), number(text + 10, 2), number(text + 12, 2),
			     &id->born))
		return CITIZEN_ID_NO_SUCH_DATE;
	if (date_compare(id->born, today) > 0)
		return CITIZEN_ID_IN_FUTURE;
	if (citizen_id_check(text) != text[17])
		return CITIZEN_ID_WRONG_CHECK;
	id->sex = (text[16] - '0') % 2 ? CITIZEN_MALE : CITIZEN_FEMALE;
	return CITIZEN_ID_OK;
}

enum citizen_id_result
citizen_id_parse(const char *text, size_t length, struct date today, struct citizen_id *ret_id)
{
	struct citizen_id id = {.kind = CITIZEN_MAINLAND};
	enum citizen_id_result r;

	if (length == CITIZEN_ID_LEGACY_LENGTH && all_digits(text, length))
		return CITIZEN_ID_LEGACY;
	if (length != CITIZEN_ID_LENGTH)
		return CITIZEN_ID_WRONG_LENGTH;
	memcpy(id.text, text, CITIZEN_ID_LENGTH);
	if (id.text[17] == 'x')
		id.text[17] = 'X';
	if (!all_digits(id.text, 17) || (id.text[17] != 'X' && !all_digits(id.text + 17, 1)))
		return CITIZEN_ID_WRONG_CHARACTER;
	r = check(&id, today);
	if (r == CITIZEN_ID_OK)
		*ret_id = id;
	return r;
}

enum citizen_id_result
citizen_id_import(const char *text, size_t length, struct date today, struct citizen_id *ret_id)
{
	char full[CITIZEN_ID_TEXT_SIZE];
	enum citizen_id_result r = citizen_id_parse(text, length, today, ret_id);

	if (r != CITIZEN_ID_LEGACY)
		return r;
	snprintf(full, sizeof full, "%.6s%s%.9s?", text, number(text + 12, 3) >= 996 ? "18" : "19",
		 text + 6);
	full[17] = citizen_id_check(full);
	return citizen_id_parse(full, CITIZEN_ID_LENGTH, today, ret_id);
}

const char *
citizen_id_explain(enum citizen_id_result result)
{
	static const char *const texts[] = {
	    [CITIZEN_ID_OK] = "",
	    [CITIZEN_ID_WRONG_LENGTH] = "证件号码应为18位，请核对",
	    [CITIZEN_ID_LEGACY] = "15位旧号码不能用于新登记，请填写18位号码",
	    [CITIZEN_ID_WRONG_CHARACTER] = "证件号码只能是数字，末位可为X，请核对",
	    [CITIZEN_ID_UNKNOWN_REGION] = "证件号码前6位不是有效的行政区划代码，请核对",
	    [CITIZEN_ID_NO_SUCH_DATE] = "证件号码中的出生日期不存在，请核对第7至14位",
	    [CITIZEN_ID_IN_FUTURE] = "证件号码中的出生日期晚于今天，请核对第7至14位",
	    [CITIZEN_ID_WRONG_CHECK] = "证件号码校验位不对，可能有数字输错，请逐位核对",
	};

	return texts[result];
}
