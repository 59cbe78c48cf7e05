/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "db/migrate.h"
#include "svc/decide.h"

EMBEDDED(svc_check_sql);

static void __attribute__((format(printf, 3, 4)))
fault(struct program *program, const struct plan *plan, const char *format, ...)
{
	char text[512];
	va_list args;
	int length = plan ? snprintf(text, sizeof(text), "%s: ", plan->label) : 0;

	va_start(args, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, args);
	va_end(args);
	program_report(program, text);
}

/* -- options --------------------------------------------------------------------------------- */

static void
check_options(struct program *program, const struct plan *plan)
{
	const MethodRule *rule = plan->rule;
	bool needs_none = rule->public_ || rule->system || *rule->every || rule->n_on_event > 0;
	bool changes = plan->kind == PLAN_COMMAND || plan->kind == PLAN_IMPORT;

	if (!*rule->permission && !needs_none)
		fault(program, plan, "declares no permission");
	if (rule->jurisdiction == JURISDICTION__JURISDICTION_UNSPECIFIED)
		fault(program, plan, "declares no jurisdiction");
	if (rule->audit == AUDIT__AUDIT_UNSPECIFIED)
		fault(program, plan, "declares no audit kind");
	if (changes && plan->n_stores > 0 && rule->audit != AUDIT__AUDIT_COMMAND)
		fault(program, plan, "stores something, so its audit kind is AUDIT_COMMAND");
	if (changes && plan->n_stores > 0 && !plan->request_id && !needs_none)
		fault(program, plan, "a command's request has `string request_id`");
}

/* -- statements ------------------------------------------------------------------------------ */

/* Why a statement need not name the tenant, or the divisions, stands in it: `-- national: …`
 * (claims and the person registry, design §6) and `-- of no division: …`. */
static bool
says(const struct plan_statement *statement, const char *why)
{
	return strstr(statement->block->sql, why) != NULL;
}

static void
check_statement(struct program *program, const struct plan *plan,
		const struct plan_statement *statement)
{
	bool is_store = statement->block->step == QUERIES_STORE;
	bool is_national = says(statement, "-- national: ");

	if (!statement->stmt)
		return; /* reported when it was planned */
	if (plan->rule->jurisdiction != JURISDICTION__JURISDICTION_NONE && !is_national &&
	    !db_stmt_uses(statement->stmt, statement->sources, "caller", "tenant"))
		fault(program, plan, "queries.sql:%d: names no :caller.tenant",
		      statement->block->line);
	if (plan->rule->jurisdiction == JURISDICTION__JURISDICTION_DIVISIONS && !is_store &&
	    !is_national && !says(statement, "-- of no division: ") &&
	    !db_stmt_uses(statement->stmt, statement->sources, "caller", "divisions"))
		fault(program, plan,
		      "queries.sql:%d: a row of another division could be read: "
		      "names no :caller.divisions",
		      statement->block->line);
}

static void
check_statements(struct program *program, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_loads; i++)
		check_statement(program, plan, &plan->loads[i]);
	for (size_t i = 0; i < plan->n_stores; i++)
		check_statement(program, plan, &plan->stores[i]);
	for (size_t i = 0; i < plan->n_replies; i++)
		check_statement(program, plan, &plan->replies[i]);
}

/* -- reasons --------------------------------------------------------------------------------- */

static void
check_reasons(struct program *program)
{
	const struct svc_reason *end = __stop_svc_reasons;

	for (const struct svc_reason *a = __start_svc_reasons; a < end; a++)
		for (const struct svc_reason *b = a + 1; b < end; b++)
			if (strcmp(a->reason, b->reason) == 0 && a->code != b->code)
				fault(program, NULL, "reason %s has two codes, %s and %s",
				      a->reason, rpc_code_name(a->code), rpc_code_name(b->code));
}

int
check_program(struct program *program)
{
	const struct plans *plans = &program->plans;
	int n;

	for (size_t i = 0; i < plans->n_all; i++) {
		if (!plans->all[i].rule)
			continue; /* reported when it was planned */
		check_options(program, &plans->all[i]);
		check_statements(program, &plans->all[i]);
	}
	check_reasons(program);
	n = db_check(program->options->db, program->service->name, program->stmts, program_report,
		     program);
	if (n >= 0)
		n = db_lines(program->options->db, program->service->name,
			     embedded_text(svc_check_sql), program_report, program);
	if (n == -ENOTCONN)
		fault(program, NULL, "连不上数据库，SQL 没有核对：%s", program->options->db);
	if (program->n_faults == 0)
		printf("%s: %zu 个方法，%zu 条语句，没有问题\n", program->service->name,
		       plans->n_all, db_stmts_count(program->stmts));
	return program->n_faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
