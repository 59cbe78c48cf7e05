/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Check: `NAME --check`, also a gate of CI (design §4, §5, §8).
 *
 * Beyond what plans refuse at every start, it prepares every statement against the database and
 * compares names and types, and it holds the service to the house's conventions:
 *
 *  - every rpc declares permission, jurisdiction and audit kind; a command that records has a
 *    request_id
 *  - every statement names `:caller.tenant`, and every load and reply of a DIVISIONS method names
 *    `:caller.divisions`
 *  - every unique or exclusion constraint of a table contains the tenant, except in claims and the
 *    person registry; no foreign key crosses schemas or tenants (check.sql)
 *  - a reason has one code
 */
#ifndef MZ_SVC_CHECK_H
#define MZ_SVC_CHECK_H

#include "svc/worker.h"

/* Prints a line a fault on stderr; exit status. */
int check_program(struct program *program);

#endif
