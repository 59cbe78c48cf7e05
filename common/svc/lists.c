/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/lists.h"

#include <string.h>

bool
svc_is_listed(char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

static const char *
text_at(const void *rows, size_t i, size_t offset)
{
	const char *row, *text;

	memcpy(&row, (const char *)rows + i * sizeof row, sizeof row);
	memcpy(&text, row + offset, sizeof text);
	return text;
}

bool
svc_is_repeated(const void *rows, size_t at, size_t offset)
{
	const char *text = text_at(rows, at, offset);

	for (size_t i = 0; i < at && *text; i++)
		if (strcmp(text_at(rows, i, offset), text) == 0)
			return true;
	return false;
}
