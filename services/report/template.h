/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template: a sentence of the summary with places for figures.
 *
 *     累计核查{14.household_times:万.1}户次，保障{15.households}户，发放{15.paid_fen:亿元.2}，占{17.share:%}
 *
 * A place is `{ID}`, `{ID:UNIT}`, `{ID:UNIT.DECIMALS}` or `{ID:UNIT.DECIMALS-}`; the unit is
 * printed behind the number. Units: 万, 亿 (counts), 元, 万元, 亿元 (values in fen), % (numerator
 * by denominator). Rounding is half up; a `-` at the end means downwards, which is what 余 says. 元
 * of a rate whose numerator is in fen is an average; a rate of nothing prints —.
 *
 * Nothing here knows a figure: values come from the services, digits only from values.
 */
#ifndef MZ_REPORT_TEMPLATE_H
#define MZ_REPORT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/money.h"
#include "minzheng/svc/v1/indicator.pb-c.h"

/* One piece of a template: literal text, and the place behind it. */
struct template_piece {
	const char *literal;
	size_t literal_length;
	bool has_place; /* only the last piece may have none */
	const char *id;
	size_t id_length;
	const char *words; /* up to `}`; NULL: a number in unit */
	const struct template_unit *unit;
	int decimals;
	enum money_rounding rounding;
};

enum template_result {
	TEMPLATE_PIECE, /* *ret_piece is filled, *at has moved on */
	TEMPLATE_END,
	TEMPLATE_MALFORMED, /* an unclosed place or an unknown unit */
};

/* The next piece of a template; *at points to where it begins. */
enum template_result template_next(const char **at, struct template_piece *ret_piece);

enum { TEMPLATE_TEXT_SIZE = 64 };

/* The figure as the piece prints it, with its unit. False when the figure has not what the unit
 * needs (a share of what is no rate, a plain place for a rate). */
bool template_print(const struct template_piece *piece, const Figure *figure,
		    char text[static TEMPLATE_TEXT_SIZE]);

#endif
