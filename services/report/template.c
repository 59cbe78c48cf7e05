/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <stdio.h>
#include <string.h>

enum unit_kind { UNIT_COUNT, UNIT_FEN, UNIT_PERCENT };

struct template_unit {
	const char *text;
	enum unit_kind kind;
	int64_t size;
};

/* Longer names first: 万元 before 万. */
static const struct template_unit units[] = {
    {"亿元", UNIT_FEN, MONEY_YI},  {"万元", UNIT_FEN, MONEY_WAN},
    {"元", UNIT_FEN, MONEY_YUAN},  {"亿", UNIT_COUNT, COUNT_WAN *COUNT_WAN},
    {"万", UNIT_COUNT, COUNT_WAN}, {"%", UNIT_PERCENT, 1},
    {"", UNIT_COUNT, 1},
};

static const struct template_unit plain_unit = {"", UNIT_COUNT, 1};

/* "UNIT.DECIMALS-" or words between `:` and `}`. */
static bool
parse_format(const char *text, const char *end, struct template_piece *piece)
{
	size_t i = 0;

	if (memchr(text, '|', (size_t)(end - text))) {
		piece->words = text;
		return true;
	}
	while (strncmp(text, units[i].text, strlen(units[i].text)) != 0)
		i++; /* the empty unit ends the search */
	piece->unit = &units[i];
	text += strlen(units[i].text);
	if (*text == '.' && text[1] >= '0' && text[1] <= '8') {
		piece->decimals = text[1] - '0';
		text += 2;
	}
	if (*text == '-') {
		piece->rounding = MONEY_FLOOR;
		text++;
	}
	return text == end;
}

enum template_result
template_next(const char **at, struct template_piece *ret_piece)
{
	const char *open = strchr(*at, '{'), *colon, *close;
	struct template_piece piece = {
	    .literal = *at, .unit = &plain_unit, .rounding = MONEY_HALF_UP};

	if (!**at)
		return TEMPLATE_END;
	if (!open) {
		piece.literal_length = strlen(*at);
		*at += piece.literal_length;
		*ret_piece = piece;
		return TEMPLATE_PIECE;
	}
	close = strchr(open, '}');
	if (!close)
		return TEMPLATE_MALFORMED;
	colon = memchr(open, ':', (size_t)(close - open));
	piece.literal_length = (size_t)(open - *at);
	piece.has_place = true;
	piece.id = open + 1;
	piece.id_length = (size_t)((colon ? colon : close) - piece.id);
	if (colon && !parse_format(colon + 1, close, &piece))
		return TEMPLATE_MALFORMED;
	*at = close + 1;
	*ret_piece = piece;
	return TEMPLATE_PIECE;
}

#define OF_NOTHING "—" /* what a rate prints whose denominator is nothing */

/* A rate in 元 is an average: fen by count, whole or with decimals. */
static void
print_average(const struct template_piece *piece, const Figure *figure,
	      char number[static DECIMAL_TEXT_SIZE])
{
	decimal_format(figure->numerator, piece->unit->size * figure->denominator, piece->decimals,
		       piece->rounding, number);
}

static void
print_word(const char *words, int64_t value, char text[static TEMPLATE_TEXT_SIZE])
{
	size_t length = strcspn(words, "|}");

	for (; value > 0 && words[length] == '|'; value--) {
		words += length + 1;
		length = strcspn(words, "|}");
	}
	snprintf(text, TEMPLATE_TEXT_SIZE, "%.*s", (int)length, words);
}

bool
template_print(const struct template_piece *piece, const Figure *figure,
	       char text[static TEMPLATE_TEXT_SIZE])
{
	bool is_rate = figure->_denominator_case == FIGURE___DENOMINATOR_DENOMINATOR;
	char number[DECIMAL_TEXT_SIZE];

	if (piece->words && !is_rate) {
		print_word(piece->words, figure->value, text);
		return true;
	}
	if (is_rate ? piece->unit->kind != UNIT_PERCENT && piece->unit->kind != UNIT_FEN
		    : piece->unit->kind == UNIT_PERCENT)
		return false;
	if (is_rate && figure->denominator <= 0) {
		snprintf(number, sizeof number, "%s", OF_NOTHING);
	} else if (piece->unit->kind == UNIT_PERCENT) {
		percent_format(figure->numerator, figure->denominator, piece->decimals,
			       piece->rounding, number);
	} else if (is_rate) {
		print_average(piece, figure, number);
	} else {
		decimal_format(figure->value, piece->unit->size, piece->decimals, piece->rounding,
			       number);
	}
	snprintf(text, TEMPLATE_TEXT_SIZE, "%s%s", number, piece->unit->text);
	return true;
}
