/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session: mz's way to the services.
 *
 * Calls are raw: JSON goes out and comes back as application/grpc+json, so no command needs code
 * for a method. Which methods stream is read from the embedded descriptors of the contract. A call
 * is made on behalf of an account, at a business time where the server allows it (--test-clock);
 * the account's token is fetched once, with the sample accounts' password.
 *
 * A service may be away for a while: restarted, replaced, or without its database. A session with
 * patience makes a request that was answered UNAVAILABLE again, as it was: its request_id gives it
 * the first answer when it had been carried out after all (design: ambiguous commits are normal).
 */
#ifndef MZ_TOOL_SESSION_H
#define MZ_TOOL_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "rpc/client.h"

struct session;

/* Where, as whom, when. Members that are NULL have their defaults. */
struct session_options {
	const char *home;    /* of keys and the password; $MINZHENG_HOME, else .minzheng */
	const char *account; /* "clerk@500114" */
	const char *at;      /* business time, RFC 3339; the server's own */
	const char *purpose; /* for x-minzheng-purpose; none */
	const char *address; /* HOST:PORT of an edge instead of the services' fixed ports */
	int patience_s;      /* how long a request is made again; 0: never */
};

/* Ends the program with a message when it cannot. */
struct session *session_open(const struct session_options *options);
void session_close(struct session *session);

struct event_base *session_base(const struct session *session);

/* The business time it was opened with; NULL when it was none. */
const char *session_at(const struct session *session);

/*
 * A method of the contract by its full name "pkg.Service/Method"; NULL when there is none. Belongs
 * to the session. Of the house's own services "relief:minzheng.svc.v1.Service/Method" turns the
 * session to the one that is named; ends the program when there is no such service.
 */
const struct rpc_method *session_method(struct session *session, const char *name);
/* From now on the house's own services (minzheng.svc.v1) are asked of the i-th service; its name,
 * or NULL past the last. At first it is the first one, identity. */
const char *session_turn_to(struct session *session, int service);
/* Calls visit with the full name of every method that contains text. */
void session_each_method(struct session *session, const char *text,
			 void (*visit)(const char *name));

/*
 * A call that is not started, with its token and time. account and at may be NULL: those of the
 * session; "" is nobody, at no time. NULL without memory. Ends the program with a message when the
 * account cannot log in.
 */
struct rpc_client_call *session_call(struct session *session, const struct rpc_method *method,
				     const struct rpc_client_hooks *hooks, void *data,
				     const char *account, const char *at);

/* A request and how often it has been made; zeroed before the first time. */
struct session_try {
	int64_t failing_since_us; /* 0: has not failed */
	int n_conflicts;
};

enum { SESSION_PAUSE_US = 300000 }; /* between two tries */

/* True when the request of a call that failed is to be made again, after the pause: the service was
 * away and the session's patience is not at its end, or it met another change (ABORTED, a few
 * times). Says once a while on stderr what it waits for. */
bool session_try_again(struct session *session, struct session_try *request,
		       const struct rpc_client_call *failed);
/* Makes a call, waits for it, and does so again as long as session_try_again says so. The last one,
 * which the caller frees. make starts a call and returns it when it has ended. */
struct rpc_client_call *session_repeat(struct session *session,
				       struct rpc_client_call *(*make)(void *data), void *data);

/*
 * Makes a unary call and waits for it, with patience. The response's text is on the heap in
 * *ret_response (NULL allowed), and is only set on RPC_OK; a failure is printed when `quiet` is
 * false.
 */
enum rpc_code session_run(struct session *session, const char *account, const char *at,
			  const char *method, const char *request, char **ret_response, bool quiet);

/* The password of the sample's accounts, or $MINZHENG_PASSWORD. Ends the program when there is
 * none. */
const char *session_password(const struct session *session);

/* The token of an account; a login at the first time. "service:operator" proves itself by the key
 * file instead. */
const char *session_token(struct session *session, const char *account);

/* Prints how a call ended, in Chinese, with its reason and bad fields, on stderr. */
void session_print_failure(const struct rpc_client_call *call);

#endif
