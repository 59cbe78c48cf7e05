/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of domain rule 3.3 and acceptance row 68. */
#include "domain/uscc.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *text;
	enum uscc_result result;
} cases[] = {
    {"11500226009341047W", USCC_OK},
    {"11500223009332511P", USCC_OK},
    {"115001020086702870", USCC_OK},
    {"51500114MJ00000185", USCC_OK},
    {"52500114MJ00000182", USCC_OK},
    {"53500114MJ0000018Y", USCC_OK},
    {"51500114MJ00000186", USCC_WRONG_CHECK},
    {"51500114MJ00000195", USCC_WRONG_ORGANISATION_CHECK},
    {"51500114MJ0000018", USCC_WRONG_LENGTH},
    {"51500114MJ000001855", USCC_WRONG_LENGTH},
    {"51500114mj00000185", USCC_WRONG_CHARACTER},
    {"51500114MI00000185", USCC_WRONG_CHARACTER},
    {"51500A14MJ00000185", USCC_WRONG_CHARACTER},
    {"5150011 MJ00000185", USCC_WRONG_CHARACTER},
};

static void
test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		enum uscc_result r = uscc_check(cases[i].text, strlen(cases[i].text));

		if (r != cases[i].result)
			fail_msg("%s gives %d", cases[i].text, r);
		assert_int_equal(strlen(uscc_explain(r)) > 0, r != USCC_OK);
	}
	assert_int_equal(uscc_check("51500114MJ\00000185", 18), USCC_WRONG_CHARACTER);
}

static void
test_check_characters(void **state)
{
	(void)state;
	assert_int_equal(uscc_check_character("51500114MJ0000018"), '5');
	assert_int_equal(uscc_check_character("51500114MI0000018"), '\0');
	assert_int_equal(uscc_organisation_check_character("MJ000001"), '8');
	assert_int_equal(uscc_organisation_check_character("M-000001"), '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_codes),
	    cmocka_unit_test(test_check_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
