/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Native: methods of the house's own services that are C functions, because they need more than
 * SQL.
 *
 * The other methods of IndicatorService, EventService and AdminService are blocks like those of any
 * service, in house_queries.sql.
 */
#ifndef MZ_SVC_NATIVE_H
#define MZ_SVC_NATIVE_H

#include <stdbool.h>

#include "svc/task.h"

/* True for a method that native_start runs. */
bool native_is(const struct schema_method *method);

/* -- the functions, by file ------------------------------------------------------------------ */

void admin_list_reasons(struct task *task);
void admin_run_due(struct task *task);
void admin_verify_audit_trail(struct task *task);
void indicator_list(struct task *task);
void indicator_figures(struct task *task);
void indicator_rows(struct task *task);

#endif
