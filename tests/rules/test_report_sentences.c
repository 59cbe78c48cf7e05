/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of the summary: how a figure is printed, and how the published one is found in its
 * place (services/report/template.h, match.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "match.h"
#include "template.h"

static const char *
printed(const char *place, const Figure *figure, char text[static TEMPLATE_TEXT_SIZE])
{
	const char *at = place;
	struct template_piece piece;

	assert_int_equal(template_next(&at, &piece), TEMPLATE_PIECE);
	assert_true(piece.has_place);
	return template_print(&piece, figure, text) ? text : NULL;
}

static void
values_are_printed_in_their_units(void **state)
{
	static const struct {
		const char *place;
		int64_t value;
		const char *text;
	} cases[] = {
	    {"{a}", 8911, "8911"},
	    {"{a:万.1}", 61234, "6.1万"},
	    {"{a:万.1-}", 46999, "4.6万"},
	    {"{a:万元.1}", 502849999, "502.8万元"},
	    {"{a:万元.1}", 502850000, "502.9万元"},
	    {"{a:万元.3}", 25402000, "25.402万元"},
	    {"{a:亿元.2}", 17099999999, "1.71亿元"},
	    {"{a:元}", 373550, "3736元"},
	    {"{a:均未增长|一项增长|双增长}", 0, "均未增长"},
	    {"{a:均未增长|一项增长|双增长}", 2, "双增长"},
	    {"{a:无|有}", 7, "有"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		Figure figure = FIGURE__INIT;
		char text[TEMPLATE_TEXT_SIZE];

		figure.value = cases[i].value;
		figure._value_case = FIGURE___VALUE_VALUE;
		assert_string_equal(printed(cases[i].place, &figure, text), cases[i].text);
	}
}

static Figure
rate(int64_t numerator, int64_t denominator)
{
	Figure figure = FIGURE__INIT;

	figure.numerator = numerator;
	figure._numerator_case = FIGURE___NUMERATOR_NUMERATOR;
	figure.denominator = denominator;
	figure._denominator_case = FIGURE___DENOMINATOR_DENOMINATOR;
	return figure;
}

static void
rates_are_divided_when_printed(void **state)
{
	const Figure share = rate(5053, 17292), average = rate(502828200, 1346);
	const Figure nothing = rate(0, 0);
	char text[TEMPLATE_TEXT_SIZE];

	(void)state;
	assert_string_equal(printed("{a:%}", &share, text), "29%");
	assert_string_equal(printed("{a:%.2}", &share, text), "29.22%");
	assert_string_equal(printed("{a:元}", &average, text), "3736元");
	assert_string_equal(printed("{a:%}", &nothing, text), "—%");
	assert_string_equal(printed("{a:元}", &nothing, text), "—元");
	assert_null(printed("{a}", &share, text));
	assert_null(printed("{a:无|有}", &share, text));
	assert_null(printed("{a:万}", &nothing, text));
}

static void
a_template_is_read_piece_by_piece(void **state)
{
	const char *at = "共{15.households}户，{15.persons:万.1}人。";
	struct template_piece piece;

	(void)state;
	assert_int_equal(template_next(&at, &piece), TEMPLATE_PIECE);
	assert_memory_equal(piece.literal, "共", piece.literal_length);
	assert_memory_equal(piece.id, "15.households", piece.id_length);
	assert_int_equal(template_next(&at, &piece), TEMPLATE_PIECE);
	assert_memory_equal(piece.literal, "户，", piece.literal_length);
	assert_int_equal(piece.decimals, 1);
	assert_int_equal(template_next(&at, &piece), TEMPLATE_PIECE);
	assert_false(piece.has_place);
	assert_int_equal(template_next(&at, &piece), TEMPLATE_END);
}

static void
a_broken_template_is_refused(void **state)
{
	static const char *const broken[] = {"{15.households", "{a:斤}", "{a:万.9}", "{a:万.1+}"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		const char *at = broken[i];
		struct template_piece piece;

		assert_int_equal(template_next(&at, &piece), TEMPLATE_MALFORMED);
	}
}

static void
the_published_figure_stands_between_the_literals(void **state)
{
	struct match match;
	const char *figure;
	size_t length;

	(void)state;
	match_begin(&match, "一、其他。二、保障城乡特困人员2371人，发放资金3210.5万元；");
	assert_true(match_literal(&match, "保障城乡特困人员", strlen("保障城乡特困人员"), &figure,
				  &length));
	assert_true(
	    match_literal(&match, "人，发放资金", strlen("人，发放资金"), &figure, &length));
	assert_int_equal(length, 4);
	assert_memory_equal(figure, "2371", 4);
	assert_true(match_literal(&match, "；", strlen("；"), &figure, &length));
	assert_memory_equal(figure, "3210.5万元", length);
}

static void
a_sentence_that_is_not_there_has_no_figures(void **state)
{
	struct match match;
	const char *figure;
	size_t length;

	(void)state;
	match_begin(&match, "保障城乡特困人员2371人。");
	assert_true(match_literal(&match, "保障", strlen("保障"), &figure, &length));
	assert_false(match_literal(&match, "户", strlen("户"), &figure, &length));
	assert_false(match_literal(&match, "人", strlen("人"), &figure, &length));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_printed_in_their_units),
	    cmocka_unit_test(rates_are_divided_when_printed),
	    cmocka_unit_test(a_template_is_read_piece_by_piece),
	    cmocka_unit_test(a_broken_template_is_refused),
	    cmocka_unit_test(the_published_figure_stands_between_the_literals),
	    cmocka_unit_test(a_sentence_that_is_not_there_has_no_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
