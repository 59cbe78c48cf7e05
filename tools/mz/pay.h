/* SPDX-License-Identifier: Apache-2.0 */
/* Pay: one month of one programme, from the draft to the settled run (PAY-02). */
#ifndef MZ_TOOL_PAY_H
#define MZ_TOOL_PAY_H

#include <jansson.h>

#include "session.h"

/* What a run needs; accounts are those of three people, since maker, checker and approver differ.
 */
struct pay_plan {
	const char *programme, *month, *batch_id, *booked_on; /* DIBAO, 2024-08, "", 2024-08-12 */
	const char *maker, *checker, *approver;
	int supplement; /* 0: the month's own run */
	int returns;    /* so many instructions come back from the bank */
};

/* Makes the run and everything behind it; a run that is there goes on where it stands. False: a
 * message is on stderr. */
bool pay_month(struct session *session, const struct pay_plan *plan, const char *at);

/* The same from {"programme":…,"month":…,"bookedOn":…,"maker":…,"checker":…,"approver":…}. */
bool pay_month_from_json(struct session *session, const json_t *plan, const char *at);

#endif
