/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Match: what the published text has in the places of a template.
 *
 * The template's literal pieces are looked for in order; what stands between two of them is the
 * published figure. So the bureau's figures are read from the bureau's own text, and stand nowhere
 * else.
 */
#ifndef MZ_REPORT_MATCH_H
#define MZ_REPORT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

enum {
	MATCH_FIGURE_MAX = 60
}; /* bytes of a printed figure; more means that the sentences differ */

struct match {
	const char *at; /* where in the text the next literal is expected; NULL: the sentence is not
			   there */
	bool begun;
};

/* Begins a sentence anywhere in text ("" when nothing is published). */
void match_begin(struct match *match, const char *text);

/*
 * Passes a literal piece; before it stood the figure of the piece before, which is returned in
 * *ret_figure (not ended by a NUL). False when the literal is not there: the sentence differs from
 * here on, and every later call returns false.
 */
bool match_literal(struct match *match, const char *literal, size_t length, const char **ret_figure,
		   size_t *ret_figure_length);

#endif
