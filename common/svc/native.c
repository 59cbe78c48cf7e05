/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/native.h"

#include <string.h>

static const struct {
	const char *path;
	void (*start)(struct task *task);
} table[] = {
    {"/minzheng.svc.v1.AdminService/ListReasons", admin_list_reasons},
    {"/minzheng.svc.v1.AdminService/RunDue", admin_run_due},
    {"/minzheng.svc.v1.AdminService/VerifyAuditTrail", admin_verify_audit_trail},
    {"/minzheng.svc.v1.IndicatorService/ListIndicators", indicator_list},
    {"/minzheng.svc.v1.IndicatorService/ListFigures", indicator_figures},
    {"/minzheng.svc.v1.IndicatorService/ListFigureRows", indicator_rows},
};

static void (*find(const struct schema_method *method))(struct task *task)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(table[i].path, method->path) == 0)
			return table[i].start;
	return NULL;
}

bool
native_is(const struct schema_method *method)
{
	return find(method) != NULL;
}

void
native_start(struct task *task)
{
	find(task->plan->method)(task);
}
