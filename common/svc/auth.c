/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "db/pool.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/keys.h"
#include "svc/worker.h"

enum {
	MAX_SESSIONS = 20000,
	SESSION_BYTES = 256 << 10, /* a caller with all its divisions, read twice */
	FRESH_US = 1 * CLOCK_US_PER_SECOND,
	SYSTEM_FRESH_US = 60 * CLOCK_US_PER_SECOND,
};

#define NIL_UUID "00000000-0000-0000-0000-000000000000"

/* A token that is known or being looked up. Its references: one for being in the table, one for
 * each holder. */
struct session {
	struct principal principal;
	struct auth *auth;
	struct arena *arena;
	uint8_t hash[KEYS_DIGEST_SIZE];
	int64_t fresh_until_us;
	struct list aged;  /* in auth.aged, oldest first */
	struct list waits; /* not empty only while it is looked up */
	struct db_read *read;
	SvcCaller row;
	char system_name[KEYS_NAME_SIZE]; /* "" for a session of identity's */
	unsigned refs;
};

struct auth {
	struct worker *worker;
	struct map sessions; /* by hash */
	struct list aged;
};

struct auth *
auth_new(struct worker *worker)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	if (!auth)
		return NULL;
	auth->worker = worker;
	map_init(&auth->sessions, NULL, MAX_SESSIONS);
	list_init(&auth->aged);
	return auth;
}

static void
session_unref(struct session *session)
{
	if (--session->refs > 0)
		return;
	arena_free(session->arena); /* on which it lies itself */
}

/* Takes the session out of the table: the next call looks it up anew. */
static void
forget(struct session *session)
{
	if (list_is_empty(&session->aged))
		return;
	list_remove(&session->aged);
	map_remove(&session->auth->sessions, session->hash, sizeof(session->hash));
	if (session->read)
		db_read_abandon(session->read);
	session->read = NULL;
	session_unref(session);
}

void
auth_free(struct auth *auth)
{
	if (!auth)
		return;
	while (!list_is_empty(&auth->aged))
		forget(LIST_ENTRY(auth->aged.next, struct session, aged));
	map_free(&auth->sessions);
	free(auth);
}

void
auth_release(struct principal *principal)
{
	session_unref(LIST_ENTRY(principal, struct session, principal));
}

void
auth_cancel(struct auth_wait *wait)
{
	list_remove(&wait->link);
}

/* Tells all who wait; each of them gets a reference of its own. */
static void
answer(struct session *session, enum auth_result result)
{
	session->refs++; /* hooks may release the last one */
	while (!list_is_empty(&session->waits)) {
		struct auth_wait *wait = LIST_FIRST(&session->waits, struct auth_wait, link);

		list_remove(&wait->link);
		if (result == AUTH_OK)
			session->refs++;
		wait->done(wait, result, result == AUTH_OK ? &session->principal : NULL);
	}
	if (result != AUTH_OK)
		forget(session);
	session_unref(session);
}

static void
become_system(struct session *session)
{
	session->row.id = lend(NIL_UUID);
	session->row.name = session->system_name;
	session->row.system = true;
}

static void
set_caller(struct session *session)
{
	SvcCaller *row = &session->row;

	session->principal.row = row;
	session->principal.caller = (struct svc_caller){
	    .tenant = (int32_t)row->tenant,
	    .id = row->id,
	    .name = row->name,
	    .system = row->system,
	    .permissions = (const char *const *)row->permissions,
	    .n_permissions = row->n_permissions,
	    .divisions = row->divisions,
	    .n_divisions = row->n_divisions,
	};
}

static void
on_row(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct session *session = data;
	struct auth *auth = session->auth;
	int64_t tenant = session->row.tenant;
	struct db_error why;

	(void)n_results;
	session->read = NULL;
	if (error) {
		answer(session, AUTH_UNAVAILABLE);
		return;
	}
	if (results[0].n_rows == 0) {
		answer(session, AUTH_UNKNOWN);
		return;
	}
	svc_caller__init(&session->row);
	if (db_fill_row(&results[0], 0, &auth->worker->program->codec, session->arena,
			&session->row.base, &why) != DB_OK) {
		answer(session, AUTH_UNAVAILABLE);
		return;
	}
	if (session->system_name[0]) {
		session->row.tenant = tenant;
		become_system(session);
	}
	set_caller(session);
	session->fresh_until_us =
	    clock_monotonic_us() + (session->system_name[0] ? SYSTEM_FRESH_US : FRESH_US);
	answer(session, AUTH_OK);
}

static enum auth_result
look_up(struct session *session)
{
	struct worker *worker = session->auth->worker;
	bool is_system = session->system_name[0] != '\0';
	SvcToken token;
	SvcClock clock;
	Google__Protobuf__Timestamp now;
	struct db_query *query = ARENA_NEW(session->arena, struct db_query);
	struct db_error error;
	enum db_outcome outcome;

	svc_token__init(&token);
	svc_clock__init(&clock);
	google__protobuf__timestamp__init(&now);
	now.seconds = clock_now_us() / CLOCK_US_PER_SECOND;
	clock.now_real = &now;
	token.token_hash = (ProtobufCBinaryData){sizeof(session->hash), session->hash};
	token.tenant = session->row.tenant;
	if (!query)
		return AUTH_BUSY;
	outcome =
	    house_bind(&worker->program->house, is_system ? HOUSE_SYSTEM : HOUSE_SESSION, &token,
		       &clock, NULL, &worker->program->codec, session->arena, query, &error);
	if (outcome == DB_OK)
		session->read =
		    db_read_start(worker->pool, query, 1, INT64_MAX, on_row, session, &outcome);
	if (session->read)
		return AUTH_WAIT;
	return outcome == DB_BUSY ? AUTH_BUSY : AUTH_UNAVAILABLE;
}

/* The oldest entries are looked at whenever one is added, so that nothing stays long. */
static void
forget_stale(struct auth *auth, int64_t now_us)
{
	while (!list_is_empty(&auth->aged)) {
		struct session *oldest = LIST_ENTRY(auth->aged.next, struct session, aged);

		if (oldest->read || oldest->fresh_until_us > now_us)
			return;
		forget(oldest);
	}
}

static struct session *
session_new(struct auth *auth, const uint8_t hash[static KEYS_DIGEST_SIZE])
{
	struct arena *arena = arena_new(SESSION_BYTES);
	struct session *session = arena ? ARENA_NEW(arena, struct session) : NULL;

	if (!session) {
		arena_free(arena);
		return NULL;
	}
	session->arena = arena;
	session->auth = auth;
	session->refs = 1;
	memcpy(session->hash, hash, KEYS_DIGEST_SIZE);
	svc_caller__init(&session->row);
	list_init(&session->aged);
	list_init(&session->waits);
	if (map_add(&auth->sessions, session->hash, sizeof(session->hash), session) < 0) {
		session_unref(session);
		return NULL;
	}
	list_append(&auth->aged, &session->aged);
	return session;
}

/* A token is a service's own, or a session's. False: it claims to be a service's and is not. */
static bool
read_token(const struct auth *auth, const char *token, struct session *session)
{
	int32_t tenant;

	if (!keys_is_service_token(token))
		return true;
	if (!keys_verify_service_token(&auth->worker->program->keys, token, clock_now_us(),
				       session->system_name, &tenant))
		return false;
	session->row.tenant = tenant;
	return true;
}

enum auth_result
auth_find(struct auth *auth, const char *token, struct auth_wait *wait,
	  struct principal **ret_principal)
{
	int64_t now_us = clock_monotonic_us();
	uint8_t hash[KEYS_DIGEST_SIZE];
	struct session *session;
	enum auth_result result;

	keys_digest(token, strlen(token), hash);
	session = map_get(&auth->sessions, hash, sizeof(hash));
	if (session && !session->read) {
		if (session->fresh_until_us > now_us) {
			session->refs++;
			*ret_principal = &session->principal;
			return AUTH_OK;
		}
		forget(session);
		session = NULL;
	}
	if (!session) {
		forget_stale(auth, now_us);
		session = session_new(auth, hash);
		if (!session)
			return AUTH_BUSY;
		result = read_token(auth, token, session) ? look_up(session) : AUTH_UNKNOWN;
		if (result != AUTH_WAIT) {
			forget(session);
			return result;
		}
	}
	list_append(&session->waits, &wait->link);
	return AUTH_WAIT;
}

enum auth_result
auth_find_self(struct auth *auth, int32_t tenant, struct auth_wait *wait,
	       struct principal **ret_principal)
{
	const struct program *program = auth->worker->program;
	char token[KEYS_TOKEN_SIZE];

	keys_service_token(&program->keys, program->service->name, tenant, clock_now_us(), token);
	return auth_find(auth, token, wait, ret_principal);
}
