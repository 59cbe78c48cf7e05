/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trace: the stored reasons of a decision, and the proof that they carry it.
 *
 * A trace is the record of one evaluation (rules_tiers.h). trace_verify computes the decision again
 * from the trace alone, so a stored trace that does not lead to its own outcome is found without
 * the application, the policy of that day or today's code of the rules.
 */
#ifndef RELIEF_RULES_TRACE_H
#define RELIEF_RULES_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "minzheng/relief/v1/trace.pb-c.h"
#include "svc/method.h"

enum trace_verdict {
	TRACE_OK,
	TRACE_WRONG_MEMBERS,   /* counted_members is not the number of counted members */
	TRACE_WRONG_INCOME,    /* the lines do not give income_fen or income_per_capita_fen */
	TRACE_WRONG_CONDITION, /* holds or distance does not follow from value and threshold */
	TRACE_WRONG_TIER,      /* eligible is not "every condition holds" */
	TRACE_WRONG_OUTCOME,   /* outcome is not the first eligible tier */
	TRACE_WRONG_AMOUNT,    /* the amount does not follow from its parts */
};

enum trace_verdict trace_verify(const DecisionTrace *trace);

/* One question of a tier; the names of the fields are those of TraceCondition. */
struct trace_question {
	const char *rule, *text;
	int64_t value;
	TraceCondition__Comparison comparison;
	int64_t threshold;
	TraceCondition__Measure measure;
	const char *source, *threshold_source;
};

/* A new tier, eligible until a question says otherwise; and a question put to it. */
TraceTier *trace_open_tier(struct svc_call *c, DecisionTrace *trace, Award__Programme programme);
void trace_ask(struct svc_call *c, TraceTier *tier, struct trace_question question);

/* True when `value` compared with `threshold` is what the condition asks. */
bool trace_holds(TraceCondition__Comparison comparison, int64_t value, int64_t threshold);

/* standard × persons − income, never negative, − withheld + increments + care (RLF-08). */
int64_t trace_amount_fen(const TraceAmount *amount);

/* The first eligible tier, or PROGRAMME_UNSPECIFIED. */
Award__Programme trace_outcome(const DecisionTrace *trace);

/* 低保, 特困人员救助供养, … ; static. */
const char *programme_name(Award__Programme programme);

#endif
