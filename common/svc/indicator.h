/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicator: services/NAME/indicators.sql, the figures a service offers to the report.
 *
 * Like queries.sql it is real SQL under heads; the comment lines right below a head are prose:
 *
 *     -- indicator 15.households unit 户 basis STOCK
 *     -- 城乡低保在保家庭，以期末为准。
 *     -- note I-4
 *     SELECT count(*) AS value FROM award WHERE tenant = :caller.tenant AND valid @> :to
 *     -- rows 15.households
 *     SELECT id, household_name AS label, division, 1 AS value, lower(valid) AS day FROM award
 *      WHERE tenant = :caller.tenant AND valid @> :to
 *     -- sentence 2.3
 *     -- 全区城乡低保对象{15.households}户。
 *
 * indicator  One row: `value`, or `numerator` and `denominator` of a RATE; `records`, how many
 *            records are behind it, is the value when it is not given. Basis as in
 *            minzheng.svc.v1.Indicator.Basis.
 * rows       The records behind the figure of that id: columns of minzheng.svc.v1.FigureRow. Every
 *            indicator has them.
 * sentence   No SQL: its prose is the template of a sentence of the summary.
 *
 * Parameters: `:from` and `:to` (first and last day), `:caller.…`, `:now`, `:today`.
 */
#ifndef MZ_SVC_INDICATOR_H
#define MZ_SVC_INDICATOR_H

#include "minzheng/svc/v1/indicator.pb-c.h"
#include "svc/plan.h"

struct indicator {
	Indicator about;
	struct plan_statement figure, rows;
};

struct indicators {
	struct indicator *all;
	size_t n_all;
	Sentence *sentences;
	size_t n_sentences;
};

/*
 * Reads text and adds its statements to stmts; everything lies on arena. 0 or -ENOMEM; mistakes
 * are reported, "indicators.sql:12: …".
 */
int indicators_make(struct arena *arena, const char *file, const char *text, struct db_stmts *stmts,
		    plan_report_fn *report, void *data, struct indicators *ret_indicators);

/* NULL when there is none. */
const struct indicator *indicators_find(const struct indicators *indicators, const char *id);

#endif
