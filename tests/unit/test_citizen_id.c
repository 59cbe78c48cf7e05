/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of domain rule 3.1 and acceptance row 66. */
#include "domain/citizen_id.h"

#include <string.h>

#include "unit.h"

static struct date
day(const char *text)
{
	struct date date = {0};

	assert_true(date_parse(text, &date));
	return date;
}

static const struct {
	const char *text;
	enum citizen_id_result result;
	const char *born;
	enum citizen_sex sex;
	enum citizen_kind kind;
} cases[] = {
    {"11010519491231002X", CITIZEN_ID_OK, "1949-12-31", CITIZEN_FEMALE, CITIZEN_MAINLAND},
    {"11010519491231002x", CITIZEN_ID_OK, "1949-12-31", CITIZEN_FEMALE, CITIZEN_MAINLAND},
    {"440524188001010014", CITIZEN_ID_OK, "1880-01-01", CITIZEN_MALE, CITIZEN_MAINLAND},
    {"500199200402290015", CITIZEN_ID_OK, "2004-02-29", CITIZEN_MALE, CITIZEN_MAINLAND},
    {"50019919241015004X", CITIZEN_ID_OK, "1924-10-15", CITIZEN_FEMALE, CITIZEN_MAINLAND},
    {"50019919650312018X", CITIZEN_ID_OK, "1965-03-12", CITIZEN_FEMALE, CITIZEN_MAINLAND},
    {"810000189901010015", CITIZEN_ID_OK, "1899-01-01", CITIZEN_MALE, CITIZEN_HONGKONG},
    {"820000189901010025", CITIZEN_ID_OK, "1899-01-01", CITIZEN_FEMALE, CITIZEN_MACAU},
    {"830000189906150029", CITIZEN_ID_OK, "1899-06-15", CITIZEN_FEMALE, CITIZEN_TAIWAN},
    {"950840199001010014", CITIZEN_ID_OK, "1990-01-01", CITIZEN_MALE, CITIZEN_FOREIGN},
    {"500199202302290017", CITIZEN_ID_NO_SUCH_DATE},
    {"500199200402290016", CITIZEN_ID_WRONG_CHECK},
    {"500199200402290025", CITIZEN_ID_WRONG_CHECK},
    {"", CITIZEN_ID_WRONG_LENGTH},
    {"50019920040229001", CITIZEN_ID_WRONG_LENGTH},
    {"5001992004022900155", CITIZEN_ID_WRONG_LENGTH},
    {"500199360229001", CITIZEN_ID_LEGACY},
    {"50019936022900X", CITIZEN_ID_WRONG_LENGTH},
    {"5001992004022900X5", CITIZEN_ID_WRONG_CHARACTER},
    {"50019920040229001Y", CITIZEN_ID_WRONG_CHARACTER},
    {"5001 9200402290015", CITIZEN_ID_WRONG_CHARACTER},
    {"000199200402290015", CITIZEN_ID_UNKNOWN_REGION},
    {"160199200402290015", CITIZEN_ID_UNKNOWN_REGION},
    {"509999200402290015", CITIZEN_ID_UNKNOWN_REGION},
    {"500100200402290015", CITIZEN_ID_UNKNOWN_REGION},
    {"810001200402290015", CITIZEN_ID_UNKNOWN_REGION},
    {"916840199001010014", CITIZEN_ID_UNKNOWN_REGION},
    {"500199200413010015", CITIZEN_ID_NO_SUCH_DATE},
    {"500199000001010015", CITIZEN_ID_NO_SUCH_DATE},
    {"500199202412030017", CITIZEN_ID_IN_FUTURE},
};

static void
test_numbers(void **state)
{
	struct date today = day("2024-12-02");

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct citizen_id id = {.text = "untouched"};
		enum citizen_id_result r =
		    citizen_id_parse(cases[i].text, strlen(cases[i].text), today, &id);

		if (r != cases[i].result)
			fail_msg("%s gives %d", cases[i].text, r);
		assert_int_equal(strlen(citizen_id_explain(r)) > 0, r != CITIZEN_ID_OK);
		if (r != CITIZEN_ID_OK) {
			assert_string_equal(id.text, "untouched");
			continue;
		}
		assert_int_equal(id.born.days, day(cases[i].born).days);
		assert_int_equal(id.sex, cases[i].sex);
		assert_int_equal(id.kind, cases[i].kind);
		assert_true(id.text[17] != 'x');
	}
}

static void
test_today_is_not_the_future(void **state)
{
	char text[] = "50019920241202001?";
	struct citizen_id id;

	(void)state;
	text[17] = citizen_id_check(text);
	assert_int_equal(citizen_id_parse(text, 18, day("2024-12-02"), &id), CITIZEN_ID_OK);
	assert_int_equal(citizen_id_parse(text, 18, day("2024-12-01"), &id), CITIZEN_ID_IN_FUTURE);
}

/* Qianjiang's three codes and others that no longer exist. */
static void
test_historical_regions(void **state)
{
	static const char *const prefixes[] = {"513523", "500239", "500114", "460022",
					       "222401", "422801", "310230", "659001"};
	char text[] = "??????19700101001?";
	struct citizen_id id;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(prefixes); i++) {
		memcpy(text, prefixes[i], 6);
		text[17] = citizen_id_check(text);
		if (citizen_id_parse(text, 18, day("2024-12-02"), &id) != CITIZEN_ID_OK)
			fail_msg("%s was refused", text);
	}
}

static void
test_any_wrong_digit_is_seen(void **state)
{
	struct citizen_id id;
	char text[] = "500199200402290015";

	(void)state;
	for (int i = 0; i < 18; i++) {
		for (int digit = 0; digit < 10; digit++) {
			char right = text[i], c = (char)('0' + digit);

			if (c == right)
				continue;
			text[i] = c;
			assert_int_not_equal(citizen_id_parse(text, 18, day("2024-12-02"), &id),
					     CITIZEN_ID_OK);
			text[i] = right;
		}
	}
}

static void
test_import_maps_15_digits(void **state)
{
	struct date today = day("2024-12-02");
	struct citizen_id id;

	(void)state;
	assert_int_equal(citizen_id_import("500199360229001", 15, today, &id), CITIZEN_ID_OK);
	assert_string_equal(id.text, "500199193602290017");
	assert_int_equal(citizen_id_import("500199980229996", 15, today, &id),
			 CITIZEN_ID_NO_SUCH_DATE);
	assert_int_equal(citizen_id_import("500199980228996", 15, today, &id), CITIZEN_ID_OK);
	assert_memory_equal(id.text, "50019918980228996", 17);
	assert_int_equal(citizen_id_import("500199200402290015", 18, today, &id), CITIZEN_ID_OK);
	assert_int_equal(citizen_id_import("50019936022900", 14, today, &id),
			 CITIZEN_ID_WRONG_LENGTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_today_is_not_the_future),
	    cmocka_unit_test(test_historical_regions),
	    cmocka_unit_test(test_any_wrong_digit_is_seen),
	    cmocka_unit_test(test_import_maps_15_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
