/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/keeping.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "svc/worker.h"

enum {
	FIRST_S = 60, /* not in the way of a start */
	PAUSE_S = 3600,
	ARENA_BYTES = 16 << 10,
	TIMEOUT_US = 30 * CLOCK_US_PER_SECOND,
};

struct keeping {
	struct worker *worker;
	struct event *timer;
	struct arena *arena;
	struct db_query query;
	struct db_txn *txn;
};

static void
rest(struct keeping *keeping, int seconds)
{
	const struct timeval pause = {.tv_sec = seconds};

	evtimer_add(keeping->timer, &pause);
}

static void
on_kept(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct keeping *keeping = data;

	(void)results;
	(void)n_results;
	keeping->txn = NULL;
	if (error)
		log_warning("keeping", LOG_ID("outcome", db_outcome_name(error->outcome)),
			    LOG_TEXT("text", error->text));
	rest(keeping, error ? FIRST_S : PAUSE_S);
}

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	struct keeping *keeping = data;
	const struct program *program = keeping->worker->program;
	struct db_error error = {.text = ""};

	(void)fd;
	(void)what;
	arena_reset(keeping->arena);
	error.outcome = house_bind(&program->house, HOUSE_KEEP, NULL, NULL, NULL, &program->codec,
				   keeping->arena, &keeping->query, &error);
	if (error.outcome == DB_OK)
		keeping->txn =
		    db_txn_run(keeping->worker->pool, &keeping->query, 1,
			       clock_monotonic_us() + TIMEOUT_US, on_kept, keeping, &error.outcome);
	if (!keeping->txn)
		rest(keeping, FIRST_S);
}

struct keeping *
keeping_new(struct worker *worker)
{
	struct keeping *keeping = calloc(1, sizeof(*keeping));

	if (!keeping)
		return NULL;
	keeping->worker = worker;
	keeping->arena = arena_new(ARENA_BYTES);
	keeping->timer = evtimer_new(worker->base, on_timer, keeping);
	if (!keeping->arena || !keeping->timer) {
		keeping_free(keeping);
		return NULL;
	}
	if (worker->number == 0)
		rest(keeping, FIRST_S);
	return keeping;
}

void
keeping_free(struct keeping *keeping)
{
	if (!keeping)
		return;
	if (keeping->txn)
		db_txn_abandon(keeping->txn);
	if (keeping->timer)
		event_free(keeping->timer);
	arena_free(keeping->arena);
	free(keeping);
}
