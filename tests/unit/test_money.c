/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/money.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *text;
	enum money_result result;
	int64_t fen;
} cases[] = {
    {"0", MONEY_OK, 0},
    {"1234", MONEY_OK, 123400},
    {"1234.5", MONEY_OK, 123450},
    {"1234.56", MONEY_OK, 123456},
    {"-0.01", MONEY_OK, -1},
    {"000.10", MONEY_OK, 10},
    {"92233720368547758.07", MONEY_OK, INT64_MAX},
    {"92233720368547758.08", MONEY_TOO_LARGE},
    {"92233720368547759", MONEY_TOO_LARGE},
    {"99999999999999999999999999", MONEY_TOO_LARGE},
    {"0.001", MONEY_FRACTION_OF_FEN},
    {"1.000", MONEY_FRACTION_OF_FEN},
    {"", MONEY_NOT_A_NUMBER},
    {"-", MONEY_NOT_A_NUMBER},
    {".5", MONEY_NOT_A_NUMBER},
    {"5.", MONEY_NOT_A_NUMBER},
    {"+5", MONEY_NOT_A_NUMBER},
    {"1,234", MONEY_NOT_A_NUMBER},
    {" 1", MONEY_NOT_A_NUMBER},
    {"1 ", MONEY_NOT_A_NUMBER},
    {"1e3", MONEY_NOT_A_NUMBER},
    {"1.2.3", MONEY_NOT_A_NUMBER},
    {"１２", MONEY_NOT_A_NUMBER},
    {"12元", MONEY_NOT_A_NUMBER},
    {"=1+1", MONEY_NOT_A_NUMBER},
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		int64_t fen = 42;
		enum money_result r = money_parse(cases[i].text, strlen(cases[i].text), &fen);

		if (r != cases[i].result)
			fail_msg("%s gives %d", cases[i].text, r);
		assert_int_equal(fen, r == MONEY_OK ? cases[i].fen : 42);
		assert_int_equal(strlen(money_explain(r)) > 0, r != MONEY_OK);
	}
}

static void
test_format(void **state)
{
	char text[MONEY_TEXT_SIZE];

	(void)state;
	assert_string_equal(money_format(0, text), "0.00");
	assert_string_equal(money_format(5, text), "0.05");
	assert_string_equal(money_format(-5, text), "-0.05");
	assert_string_equal(money_format(123456, text), "1234.56");
	assert_string_equal(money_format(INT64_MIN, text), "-92233720368547758.08");
	assert_string_equal(money_format(INT64_MAX, text), "92233720368547758.07");
}

static void
test_overflow_is_told(void **state)
{
	int64_t fen = 42;

	(void)state;
	assert_false(money_add(INT64_MAX, 1, &fen));
	assert_false(money_multiply(INT64_MAX / 2, 3, &fen));
	assert_int_equal(fen, 42);
	assert_true(money_add(1, 2, &fen));
	assert_int_equal(fen, 3);
	assert_true(money_multiply(-61000, 3, &fen));
	assert_int_equal(fen, -183000);
}

static void
test_division(void **state)
{
	(void)state;
	/* Acceptance row 25: 1,346 grants of 5,028,000 yuan print as 3736元. */
	assert_int_equal(money_divide(502800000, 1346 * MONEY_YUAN, MONEY_HALF_UP), 3736);
	assert_int_equal(money_divide(502800000, 1346 * MONEY_YUAN, MONEY_FLOOR), 3735);
	assert_int_equal(money_divide(5, 2, MONEY_HALF_UP), 3);
	assert_int_equal(money_divide(-5, 2, MONEY_HALF_UP), -3);
	assert_int_equal(money_divide(-5, 2, MONEY_FLOOR), -3);
	assert_int_equal(money_divide(4, 3, MONEY_HALF_UP), 1);
	assert_int_equal(money_divide(INT64_MAX, 1, MONEY_HALF_UP), INT64_MAX);
	assert_int_equal(money_divide(INT64_MIN, 2, MONEY_FLOOR), INT64_MIN / 2);
}

static void
test_shares_add_up(void **state)
{
	(void)state;
	for (int64_t n = 1; n < 12; n++) {
		int64_t sum = 0;

		for (int64_t i = 0; i < n; i++)
			sum += money_share(100001, n, i);
		assert_int_equal(sum, 100001);
	}
	assert_int_equal(money_share(1000, 3, 0), 334);
	assert_int_equal(money_share(1000, 3, 2), 333);
}

/* The summary's own figures. */
static void
test_printed_figures(void **state)
{
	char text[DECIMAL_TEXT_SIZE];

	(void)state;
	assert_string_equal(decimal_format(28280000, MONEY_WAN, 2, MONEY_HALF_UP, text), "28.28");
	assert_string_equal(decimal_format(25402000, MONEY_WAN, 3, MONEY_HALF_UP, text), "25.402");
	assert_string_equal(decimal_format(189000000, MONEY_WAN, 0, MONEY_HALF_UP, text), "189");
	assert_string_equal(decimal_format(2442800000, MONEY_WAN, 1, MONEY_HALF_UP, text),
			    "2442.8");
	assert_string_equal(decimal_format(17200000000, MONEY_YI, 2, MONEY_HALF_UP, text), "1.72");
	assert_string_equal(decimal_format(17089902000, MONEY_YI, 2, MONEY_HALF_UP, text), "1.71");
	assert_string_equal(decimal_format(10206, COUNT_WAN, 2, MONEY_FLOOR, text), "1.02");
	assert_string_equal(decimal_format(12998, COUNT_WAN, 1, MONEY_HALF_UP, text), "1.3");
	assert_string_equal(decimal_format(12998, COUNT_WAN, 1, MONEY_FLOOR, text), "1.2");
	assert_string_equal(percent_format(9398, 10000, 2, MONEY_HALF_UP, text), "93.98");
	assert_string_equal(percent_format(2, 3, 0, MONEY_HALF_UP, text), "67");
	assert_string_equal(percent_format(2, 3, 1, MONEY_FLOOR, text), "66.6");
}

static void
test_edges_of_printing(void **state)
{
	char text[DECIMAL_TEXT_SIZE];

	(void)state;
	assert_string_equal(decimal_format(-50, MONEY_YUAN, 0, MONEY_HALF_UP, text), "-1");
	assert_string_equal(decimal_format(-1, MONEY_WAN, 2, MONEY_HALF_UP, text), "0.00");
	assert_string_equal(decimal_format(-1, MONEY_WAN, 2, MONEY_FLOOR, text), "-0.01");
	assert_string_equal(decimal_format(INT64_MAX, 1, 8, MONEY_FLOOR, text),
			    "9223372036854775807.00000000");
	assert_string_equal(decimal_format(INT64_MIN, 1, 99, MONEY_FLOOR, text),
			    "-9223372036854775808.00000000");
	assert_string_equal(percent_format(INT64_MAX, INT64_MAX, 2, MONEY_HALF_UP, text), "100.00");
	assert_string_equal(decimal_format(5, 1, -1, MONEY_FLOOR, text), "5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_format),
	    cmocka_unit_test(test_overflow_is_told),
	    cmocka_unit_test(test_division),
	    cmocka_unit_test(test_shares_add_up),
	    cmocka_unit_test(test_printed_figures),
	    cmocka_unit_test(test_edges_of_printing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
