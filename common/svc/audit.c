/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/audit.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/pool.h"
#include "svc/worker.h"

enum {
	MAX_WAITING = 20000,
	MAX_GROUP = 1000,
	GROUP_BYTES = 16 << 20,
	GROUP_TIMEOUT_US = 10 * CLOCK_US_PER_SECOND,
};

struct audit {
	struct worker *worker;
	struct list gathering;  /* waits whose rows are in no group yet */
	struct list committing; /* waits of the group on its way */
	size_t n_gathering;
	struct arena *arena;     /* of the group on its way */
	struct db_txn *txn;      /* NULL: no group is on its way */
	struct event *turn_ends; /* sends what one turn of the loop has gathered */
};

static void send_group(struct audit *audit);

static void
on_turn_end(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	send_group(data);
}

struct audit *
audit_new(struct worker *worker)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return NULL;
	audit->worker = worker;
	list_init(&audit->gathering);
	list_init(&audit->committing);
	audit->arena = arena_new(GROUP_BYTES);
	audit->turn_ends = event_new(worker->base, -1, 0, on_turn_end, audit);
	if (!audit->arena || !audit->turn_ends) {
		audit_free(audit);
		return NULL;
	}
	return audit;
}

void
audit_free(struct audit *audit)
{
	if (!audit)
		return;
	if (audit->txn)
		db_txn_abandon(audit->txn);
	if (audit->turn_ends)
		event_free(audit->turn_ends);
	arena_free(audit->arena);
	free(audit);
}

static void
answer(struct list *waits, enum db_outcome outcome)
{
	while (!list_is_empty(waits)) {
		struct audit_wait *wait = LIST_FIRST(waits, struct audit_wait, link);

		list_remove(&wait->link);
		wait->done(wait, outcome);
	}
}

static void
on_committed(void *data, const struct db_result *results, size_t n_results,
	     const struct db_error *error)
{
	struct audit *audit = data;
	struct list done;

	(void)results;
	(void)n_results;
	audit->txn = NULL;
	list_init(&done);
	while (!list_is_empty(&audit->committing))
		list_move(&done, audit->committing.next);
	send_group(audit);
	if (!error)
		answer(&done, DB_OK);
	else /* the group's time is not the call's: what is late here may be asked for again */
		answer(&done, error->outcome == DB_TIMEOUT ? DB_UNAVAILABLE : error->outcome);
}

static void
leave_gathering(struct audit *audit, struct audit_wait *wait)
{
	list_remove(&wait->link);
	audit->n_gathering--;
	wait->gathered_by = NULL;
}

/* Takes up to a group's worth of rows; their bytes are copied when they are bound. */
static SvcAudits *
take_group(struct audit *audit)
{
	SvcAudits *group = ARENA_NEW(audit->arena, SvcAudits);
	SvcAudit **rows = ARENA_ARRAY(audit->arena, SvcAudit *, MAX_GROUP);

	if (!group || !rows)
		return NULL;
	svc_audits__init(group);
	group->rows = rows;
	LIST_FOREACH (member, &audit->gathering) {
		struct audit_wait *wait = LIST_ENTRY(member, struct audit_wait, link);

		if (group->n_rows == MAX_GROUP)
			break;
		rows[group->n_rows++] = (SvcAudit *)(uintptr_t)wait->row;
		leave_gathering(audit, wait);
		list_append(&audit->committing, member);
	}
	return group;
}

static enum db_outcome
start_commit(struct audit *audit)
{
	const struct program *program = audit->worker->program;
	struct db_query *query = ARENA_NEW(audit->arena, struct db_query);
	SvcAudits *group = take_group(audit);
	struct db_error error;
	enum db_outcome outcome;

	if (!query || !group)
		return DB_TOO_LARGE;
	outcome = house_bind(&program->house, HOUSE_AUDIT_PUT, group, NULL, NULL, &program->codec,
			     audit->arena, query, &error);
	if (outcome == DB_OK)
		audit->txn = db_txn_run(audit->worker->pool, query, 1,
					clock_monotonic_us() + GROUP_TIMEOUT_US, on_committed,
					audit, &outcome);
	return outcome;
}

static void
send_group(struct audit *audit)
{
	struct list failed;
	enum db_outcome outcome;

	if (audit->txn || list_is_empty(&audit->gathering))
		return;
	arena_reset(audit->arena);
	outcome = start_commit(audit);
	if (audit->txn)
		return;
	list_init(&failed);
	LIST_FOREACH (member, &audit->gathering) {
		leave_gathering(audit, LIST_ENTRY(member, struct audit_wait, link));
		list_append(&audit->committing, member);
	}
	while (!list_is_empty(&audit->committing))
		list_move(&failed, audit->committing.next);
	answer(&failed, outcome);
}

enum db_outcome
audit_note(struct audit *audit, struct audit_wait *wait)
{
	if (audit->n_gathering >= MAX_WAITING)
		return DB_BUSY;
	list_append(&audit->gathering, &wait->link);
	wait->gathered_by = audit;
	audit->n_gathering++;
	event_active(audit->turn_ends, EV_TIMEOUT, 0);
	return DB_OK;
}

void
audit_cancel(struct audit_wait *wait)
{
	if (wait->gathered_by)
		leave_gathering(wait->gathered_by, wait);
	list_remove(&wait->link);
}
