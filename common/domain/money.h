/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Money in fen, and the numbers of the printed report.
 *
 * All amounts are int64 fen; no float touches them. Sums say when they overflow. Rounding is named
 * in the call: MONEY_FLOOR is what 余 means ("1.02万余"), MONEY_HALF_UP is everything else, half
 * away from zero.
 */
#ifndef MZ_DOMAIN_MONEY_H
#define MZ_DOMAIN_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MONEY_TEXT_SIZE   24 /* "-92233720368547758.08" and its NUL fit */
#define DECIMAL_TEXT_SIZE 32

enum money_result {
	MONEY_OK,
	MONEY_NOT_A_NUMBER,
	MONEY_FRACTION_OF_FEN, /* more than two decimals */
	MONEY_TOO_LARGE,
};

enum money_rounding { MONEY_FLOOR, MONEY_HALF_UP };

/* What a printed figure is counted in. */
#define MONEY_YUAN INT64_C(100)         /* fen */
#define MONEY_WAN  INT64_C(1000000)     /* fen in 万元 */
#define MONEY_YI   INT64_C(10000000000) /* fen in 亿元 */
#define COUNT_WAN  INT64_C(10000)       /* 万人, 万户 */

/* False on overflow; *ret_fen is then untouched. */
bool money_add(int64_t a_fen, int64_t b_fen, int64_t *ret_fen);
bool money_multiply(int64_t a_fen, int64_t times, int64_t *ret_fen);

/* Yuan as people write them: "1234", "1234.5", "-1234.56"; no blanks, no signs but a minus, no
 * thousands' commas, no exponent. */
enum money_result money_parse(const char *text, size_t length, int64_t *ret_fen);

/* What is wrong, in a sentence for people; for MONEY_OK "". */
const char *money_explain(enum money_result result);

/* "1234.56": always two decimals. Returns text. */
char *money_format(int64_t fen, char text[static MONEY_TEXT_SIZE]);

/* value / divisor, rounded to a whole; divisor > 0. A floor of a negative value goes down. */
int64_t money_divide(int64_t value, int64_t divisor, enum money_rounding rounding);

/* Share number `share` (0 is the applicant) of an amount divided among n persons: equal, and the
 * remainder of some fen is the applicant's. fen >= 0, n > 0. */
int64_t money_share(int64_t fen, int64_t n, int64_t share);

/*
 * value counted in `unit`, with `decimals` (0 to 8): decimal_format(28280000, MONEY_WAN, 2, …) is
 * "28.28", decimal_format(10206, COUNT_WAN, 2, MONEY_FLOOR, …) is "1.02". Returns text.
 */
char *decimal_format(int64_t value, int64_t unit, int decimals, enum money_rounding rounding,
		     char text[static DECIMAL_TEXT_SIZE]);

/* part of whole in percent: percent_format(1, 3, 2, …) is "33.33"; whole > 0. Returns text. */
char *percent_format(int64_t part, int64_t whole, int decimals, enum money_rounding rounding,
		     char text[static DECIMAL_TEXT_SIZE]);

#endif
