/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation of an application, whatever its kind, and the record that is kept of it. */
#ifndef RELIEF_EVALUATE_H
#define RELIEF_EVALUATE_H

#include "relief/facts.pb-c.h"
#include "svc/method.h"

/* RPC_OK, or NO_STANDARD: amounts of that day have not been published here, and nobody may guess
 * them (domain rule 0.1). */
enum rpc_code evaluate_law_is_known(struct svc_call *c, const ReliefPolicy *policy);

/* All tiers for BASIC, the limits of temporary aid for TEMPORARY. */
DecisionTrace *evaluate_application(struct svc_call *c, const ReliefPolicy *policy,
				    const Application *application, int grants_this_year);

/* The record: trace, day, account; the text is the caller's. */
Decision *evaluate_record(struct svc_call *c, const Application *application, DecisionTrace *trace,
			  char *text);

/* Outcome, amount and first month of the trace go into the application. */
void evaluate_fill(Application *application, const DecisionTrace *trace);

#endif
