/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page: keyset paging of List methods (AIP-158; queries.h).
 *
 * A token is the last row of the page before, reduced to the columns that order the list, packed,
 * sealed for its method and in base64url. Pages so stay right while rows are added. It opens
 * nothing: the SQL filters by tenant and divisions all the same. It is sealed because a list may be
 * ordered by what its caller sees masked only, as that of persons is by their names (CMP-07).
 */
#ifndef MZ_SVC_PAGE_H
#define MZ_SVC_PAGE_H

#include "svc/task.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 1000 };

/* Sets `:page.limit` and `:after.…` from the request. False: the task has failed. */
bool page_begin(struct task *task);

/* Cuts the row beyond the page off the response and puts the next token there instead. False: the
 * task has failed. */
bool page_end(struct task *task);

#endif
