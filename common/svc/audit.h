/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit: a row for every call that changes or reads personal data (CMP-05, design §7).
 *
 * A command's row is a statement of its own commit (audit_bind). The rows of reads, of chunks of
 * streams and of refused commands are written in groups: while one group is being committed the
 * next one gathers, and each waiting call is answered only when the group that holds its row is
 * durable. So no read goes unrecorded, and many share one commit.
 *
 * One thread, that of the pool.
 */
#ifndef MZ_SVC_AUDIT_H
#define MZ_SVC_AUDIT_H

#include "base/list.h"
#include "db/bind.h"
#include "svc/context.pb-c.h"

struct audit;
struct worker;

/* A call that waits for its row; lives in the call. */
struct audit_wait {
	struct list link;
	struct audit *gathered_by; /* NULL once its group has been sent */
	const SvcAudit *row;
	/* Exactly once, from the event loop, unless audit_cancel: DB_OK when the row is durable. */
	void (*done)(struct audit_wait *wait, enum db_outcome outcome);
};

struct audit *audit_new(struct worker *worker);
/* No call may be waiting. NULL is allowed. */
void audit_free(struct audit *audit);

/* Puts the row into the next group; it and the wait must live until done. DB_OK, or DB_BUSY when
 * too many wait. */
enum db_outcome audit_note(struct audit *audit, struct audit_wait *wait);
/* The call ends: nothing was shown, so a row that has not been sent is forgotten. */
void audit_cancel(struct audit_wait *wait);

#endif
