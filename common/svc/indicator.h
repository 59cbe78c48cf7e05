/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicator: services/NAME/indicators.sql, the figures a service offers to the report.
 *
 * Like queries.sql it is real SQL under heads; the comment lines right below a head are prose. The
 * SQL of a figure is the list of the records behind it (columns of minzheng.svc.v1.FigureRow), and
 * its value is made from that list; so no figure can differ from what stands behind it:
 *
 *     -- indicator 15.persons unit 人 basis STOCK
 *     -- 城乡低保对象人数，以期末为准。
 *     -- note I-4
 *     SELECT person_id AS id, '低保对象' AS label, division, 1 AS value, lower(valid) AS day
 *       FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'DIBAO' AND :to <@ valid
 *     -- indicator 17.share unit % basis RATE of 17.persons by 15.persons
 *     -- 低保边缘家庭人口占低保总人口的比例。
 *     -- sentence 2.3
 *     -- 全区城乡低保对象{15.persons}人。
 *
 * indicator  Its value is the sum of its rows' values. Words behind the basis change that:
 *            `max`        the greatest value of a row;
 *            `of A by B`  the value of A divided by that of B, with A's rows;
 *            `growth A`   what A has gained over the year before, divided by the year before;
 *            `before A`   A in the year before.
 *            The last three have no SQL; A and B stand above. Basis as in Indicator.Basis.
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
	const char *rows_sql, *aggregate;
	const char *numerator, *denominator; /* of a rate; else NULL */
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
