/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: what a decision asks of the rows of a batch and of the ids that are there already.
 *
 * By comparing one after the other: a batch has 2,000 rows at most.
 */
#ifndef MZ_SVC_LISTS_H
#define MZ_SVC_LISTS_H

#include <stdbool.h>
#include <stddef.h>

/* True when the text is one of the list. */
bool svc_is_listed(char *const *list, size_t n, const char *text);
/* True when one before rows[at] has the same text in a field, `svc_is_repeated(req->checks, i,
 * offsetof(Check, id))`; an empty text repeats none. rows: pointers to messages of one type. */
bool svc_is_repeated(const void *rows, size_t at, size_t offset);

#endif
