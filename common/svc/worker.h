/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker: one process of a service, with its loop, its pool, and its listening socket.
 *
 * Workers share nothing but PostgreSQL and the page of metrics. `struct program` is what the parent
 * makes before the fork and nobody changes after; `struct worker` is what each makes for itself.
 */
#ifndef MZ_SVC_WORKER_H
#define MZ_SVC_WORKER_H

#include <event2/event.h>

#include "db/bind.h"
#include "db/pool.h"
#include "proto/schema.h"
#include "svc/codec.h"
#include "svc/failure.h"
#include "svc/house.h"
#include "svc/inbox.h"
#include "svc/indicator.h"
#include "svc/options.h"
#include "svc/plan.h"

struct audit;
struct auth;
struct fields;
struct peers;
struct jobs;
struct keeping;
struct rpc_health;
struct rpc_server;
struct ssl_ctx_st;
struct sealing;
struct task;

struct program {
	const struct svc_service *service;
	const struct options *options;
	struct arena *arena;
	struct schema *schema;
	struct db_stmts *stmts;
	struct house house;
	struct plans plans;       /* of the service */
	struct plans house_plans; /* of IndicatorService, EventService, AdminService */
	struct inbox_handlers handlers;
	struct indicators indicators;
	struct fields *fields;
	struct words words;
	struct ssl_ctx_st *tls; /* NULL: plain text */
	struct keys keys;
	struct codec codec_state;
	struct db_codec codec;
	size_t n_faults; /* contradictions that were reported while it was made */
};

/*
 * Makes everything that can be made before the fork. Contradictions are printed on stderr and
 * counted. 0 or -errno; program_free undoes it either way.
 */
int program_make(struct program *program, const struct svc_service *service,
		 const struct options *options);
void program_free(struct program *program);

/* One line about something wrong in the program itself; counted. data is the program. */
void program_report(void *data, const char *text);

struct worker {
	struct program *program;
	unsigned number;
	struct event_base *base;
	struct db_pool *pool;
	struct auth *auth;
	struct audit *audit;
	struct peers *peers;
	struct jobs *jobs;
	struct keeping *keeping;
	struct sealing *sealing;
	struct rpc_server *server;
	struct rpc_health *health;
};

/* Serves fd (a listening socket) until SIGTERM or SIGINT; returns the exit status. */
int worker_run(struct program *program, unsigned number, int fd);

#endif
