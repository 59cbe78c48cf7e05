/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth: who holds a bearer token.
 *
 * A session's token is looked up by its digest in identity.api_session; the answer is remembered
 * for at most a second, so a revoked account is out within a second on every worker (design §4).
 * Calls that ask for the same token meanwhile share one lookup.
 *
 * A system principal (another service, an event, a timed job) has no session: its token
 * `service.NAME.TENANT.HOUR.HMAC` is made and verified with the key file that only our processes
 * read, and is good for the hour it names and its neighbours.
 *
 * One thread, that of the pool.
 */
#ifndef MZ_SVC_AUTH_H
#define MZ_SVC_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "svc/context.pb-c.h"
#include "svc/method.h"

struct auth;
struct worker;

enum auth_result {
	AUTH_OK,
	AUTH_WAIT,        /* the answer comes through the wait's hook */
	AUTH_UNKNOWN,     /* no such token, or expired, or revoked */
	AUTH_BUSY,        /* too many lookups at once */
	AUTH_UNAVAILABLE, /* the database did not answer */
};

/* Who it is; shared by its calls. */
struct principal {
	struct svc_caller caller;
	const SvcCaller *row;
};

/* A call that waits; lives in the call. */
struct auth_wait {
	struct list link;
	/* Exactly once, unless auth_cancel; principal is NULL unless AUTH_OK and is held. */
	void (*done)(struct auth_wait *wait, enum auth_result result, struct principal *principal);
};

struct auth *auth_new(struct worker *worker);
/* No call may be waiting. NULL is allowed. */
void auth_free(struct auth *auth);

/*
 * Finds the principal of a token. AUTH_OK: *ret_principal is held, give it back with auth_release.
 * AUTH_WAIT: wait's hook will run, from the event loop.
 */
enum auth_result auth_find(struct auth *auth, const char *token, struct auth_wait *wait,
			   struct principal **ret_principal);
/* The system principal of this service itself; as auth_find. */
enum auth_result auth_find_self(struct auth *auth, int32_t tenant, struct auth_wait *wait,
				struct principal **ret_principal);
void auth_cancel(struct auth_wait *wait);
void auth_release(struct principal *principal);

#endif
