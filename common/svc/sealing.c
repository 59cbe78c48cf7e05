/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/sealing.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "svc/trail.h"
#include "svc/worker.h"

enum {
	LOOK_MS = 500,
	RUN_BYTES = 96 << 20, /* a row may hold 8 KiB of changes and 1,000 persons */
	TIMEOUT_US = 10 * CLOCK_US_PER_SECOND,
	N_READS = 2,
};

struct sealing {
	struct worker *worker;
	struct event *timer;
	struct arena *arena;
	const char *tenants; /* what is left of the list in this turn */
	bool is_behind;      /* a seal of this turn was full: more rows wait */
	struct db_read *read;
	struct db_txn *txn;
	struct db_query queries[N_READS];
	struct trail_seal seal;
	int64_t numbers[TRAIL_MAX_ROWS];
	uint8_t marks[TRAIL_MAX_ROWS][TRAIL_MARK_SIZE];
	uint8_t digest[TRAIL_DIGEST_SIZE], signature[KEYS_SIGNATURE_MAX];
};

static void look(struct sealing *sealing);

static void
rest(struct sealing *sealing)
{
	const struct timeval pause = {.tv_usec = sealing->is_behind ? 0 : LOOK_MS * 1000L};

	sealing->is_behind = false;
	sealing->tenants = sealing->worker->program->options->tenants;
	evtimer_add(sealing->timer, &pause);
}

/* A conflict means that another host was first; what is lost is looked at again anyway. */
static void
give_up(struct sealing *sealing, enum db_outcome outcome, const char *text)
{
	if (outcome != DB_UNIQUE && outcome != DB_UNAVAILABLE)
		log_error("audit_seal", LOG_ID("outcome", db_outcome_name(outcome)),
			  LOG_TEXT("text", text ? text : ""));
	sealing->is_behind = false;
	rest(sealing);
}

static enum db_outcome
bind_house(struct sealing *sealing, enum house_statement statement, const void *message,
	   struct db_query *ret_query, struct db_error *ret_error)
{
	const struct program *program = sealing->worker->program;

	return house_bind(&program->house, statement, message, NULL, NULL, &program->codec,
			  sealing->arena, ret_query, ret_error);
}

/* -- writing --------------------------------------------------------------------------------- */

static void
on_sealed(void *data, const struct db_result *results, size_t n_results,
	  const struct db_error *error)
{
	struct sealing *sealing = data;

	(void)results;
	(void)n_results;
	sealing->txn = NULL;
	if (error) {
		give_up(sealing, error->outcome, error->text);
		return;
	}
	sealing->is_behind |= sealing->seal.n_rows == TRAIL_MAX_ROWS;
	look(sealing);
}

static void
write_seal(struct sealing *sealing)
{
	struct trail_seal *seal = &sealing->seal;
	SvcSeal row = SVC_SEAL__INIT;
	struct db_error error = {.text = ""};
	uint32_t key_id;
	size_t length;

	trail_digest(seal, sealing->digest);
	if (!keys_sign(&sealing->worker->program->keys, sealing->digest, sealing->signature,
		       &length, &key_id)) {
		give_up(sealing, DB_BROKEN, "SM2");
		return;
	}
	row.tenant = seal->tenant;
	row.number = seal->number;
	row.n_numbers = seal->n_rows;
	row.numbers = sealing->numbers;
	row.n_rows = (int64_t)seal->n_rows;
	row.row_digests = (ProtobufCBinaryData){seal->n_rows * TRAIL_MARK_SIZE, sealing->marks[0]};
	row.digest = (ProtobufCBinaryData){TRAIL_DIGEST_SIZE, sealing->digest};
	row.key_id = key_id;
	row.signature = (ProtobufCBinaryData){length, sealing->signature};
	error.outcome = bind_house(sealing, HOUSE_SEAL_PUT, &row, sealing->queries, &error);
	if (error.outcome == DB_OK)
		sealing->txn = db_txn_run(sealing->worker->pool, sealing->queries, 1,
					  clock_monotonic_us() + TIMEOUT_US, on_sealed, sealing,
					  &error.outcome);
	if (!sealing->txn)
		give_up(sealing, error.outcome, error.text);
}

/* -- reading --------------------------------------------------------------------------------- */

static enum db_outcome
take_last(struct sealing *sealing, const struct db_result *result, struct db_error *error)
{
	SvcSeal last = SVC_SEAL__INIT;
	enum db_outcome outcome = DB_OK;

	if (result->n_rows > 0)
		outcome = db_fill_row(result, 0, NULL, sealing->arena, &last.base, error);
	sealing->seal.number = last.number + 1;
	memset(sealing->seal.before, 0, TRAIL_DIGEST_SIZE);
	if (last.digest.len == TRAIL_DIGEST_SIZE)
		memcpy(sealing->seal.before, last.digest.data, TRAIL_DIGEST_SIZE);
	return outcome;
}

static enum db_outcome
take_lines(struct sealing *sealing, const struct db_result *result, struct db_error *error)
{
	struct trail_seal *seal = &sealing->seal;

	seal->n_rows = 0;
	for (size_t i = 0; i < result->n_rows; i++) {
		SvcAuditLine line = SVC_AUDIT_LINE__INIT;
		enum db_outcome outcome =
		    db_fill_row(result, i, NULL, sealing->arena, &line.base, error);

		if (outcome != DB_OK)
			return outcome;
		if (!trail_add_row(seal, line.line))
			return DB_TOO_LARGE;
		sealing->numbers[i] = line.number;
		memcpy(sealing->marks[i], seal->rows[i], TRAIL_MARK_SIZE);
	}
	return DB_OK;
}

static void
on_read(void *data, const struct db_result *results, size_t n_results,
	const struct db_error *failed)
{
	struct sealing *sealing = data;
	struct db_error error = {.text = ""};

	(void)n_results;
	sealing->read = NULL;
	if (failed) {
		give_up(sealing, failed->outcome, failed->text);
		return;
	}
	error.outcome = take_last(sealing, &results[0], &error);
	if (error.outcome == DB_OK)
		error.outcome = take_lines(sealing, &results[1], &error);
	if (error.outcome != DB_OK)
		give_up(sealing, error.outcome, error.text);
	else if (sealing->seal.n_rows > 0)
		write_seal(sealing);
	else
		look(sealing);
}

static void
read_open_rows(struct sealing *sealing, int64_t tenant)
{
	SvcSealSpan span = SVC_SEAL_SPAN__INIT;
	struct db_error error = {.text = ""};

	arena_reset(sealing->arena);
	sealing->seal.tenant = span.tenant = tenant;
	span.limit = TRAIL_MAX_ROWS;
	error.outcome = bind_house(sealing, HOUSE_SEAL_LAST, &span, &sealing->queries[0], &error);
	if (error.outcome == DB_OK)
		error.outcome =
		    bind_house(sealing, HOUSE_SEAL_PENDING, &span, &sealing->queries[1], &error);
	if (error.outcome == DB_OK)
		sealing->read = db_read_start(sealing->worker->pool, sealing->queries, N_READS,
					      clock_monotonic_us() + TIMEOUT_US, on_read, sealing,
					      &error.outcome);
	if (!sealing->read)
		give_up(sealing, error.outcome, error.text);
}

/* -- by itself ------------------------------------------------------------------------------- */

/* The next tenant of the list, or a pause at its end. */
static void
look(struct sealing *sealing)
{
	char *end;
	long tenant = strtol(sealing->tenants, &end, 10);

	if (end == sealing->tenants || !db_pool_is_ready(sealing->worker->pool)) {
		rest(sealing);
		return;
	}
	sealing->tenants = *end == ',' ? end + 1 : end;
	read_open_rows(sealing, tenant);
}

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	look(data);
}

struct sealing *
sealing_new(struct worker *worker)
{
	struct sealing *sealing = calloc(1, sizeof(*sealing));

	if (!sealing)
		return NULL;
	sealing->worker = worker;
	sealing->arena = arena_new(RUN_BYTES);
	sealing->timer = evtimer_new(worker->base, on_timer, sealing);
	if (!sealing->arena || !sealing->timer) {
		sealing_free(sealing);
		return NULL;
	}
	if (worker->number == 0)
		rest(sealing);
	return sealing;
}

void
sealing_free(struct sealing *sealing)
{
	if (!sealing)
		return;
	if (sealing->read)
		db_read_abandon(sealing->read);
	if (sealing->txn)
		db_txn_abandon(sealing->txn);
	if (sealing->timer)
		event_free(sealing->timer);
	arena_free(sealing->arena);
	free(sealing);
}
