/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <string.h>

void
match_begin(struct match *match, const char *text)
{
	*match = (struct match){.at = text};
}

bool
match_literal(struct match *match, const char *literal, size_t length, const char **ret_figure,
	      size_t *ret_figure_length)
{
	const char *found;

	if (!match->at)
		return false;
	/* The end of a template has no literal: its last figure cannot be told from what follows.
	 */
	found = length ? memmem(match->at, strlen(match->at), literal, length) : NULL;
	if (!found || (match->begun && found - match->at > MATCH_FIGURE_MAX)) {
		match->at = NULL;
		return false;
	}
	*ret_figure = match->at;
	*ret_figure_length = (size_t)(found - match->at);
	match->at = found + length;
	match->begun = true;
	return true;
}
