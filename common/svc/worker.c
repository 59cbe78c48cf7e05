/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "rpc/health.h"
#include "rpc/reflection.h"
#include "rpc/server.h"
#include "svc/ask.h"
#include "svc/audit.h"
#include "svc/auth.h"
#include "svc/front.h"
#include "svc/jobs.h"
#include "svc/keeping.h"
#include "svc/metrics.h"
#include "svc/misread.h"
#include "svc/sealing.h"

enum { READ_TIMEOUT_MS = 15000 };

/* -- what happens around the calls ----------------------------------------------------------- */

static void
on_pool_log(void *data, bool is_error, const char *text)
{
	(void)data;
	if (is_error)
		log_warning("database", LOG_TEXT("text", text));
	else
		log_info("database", LOG_TEXT("text", text));
}

/* Under the name "" and under each service's own. */
static void
set_health(const struct worker *worker, bool is_ready)
{
	enum rpc_health_state state = is_ready ? RPC_HEALTH_SERVING : RPC_HEALTH_NOT_SERVING;
	const struct schema_service *service;

	rpc_health_set(worker->health, "", state);
	for (size_t i = 0; (service = schema_service_at(worker->program->schema, i)); i++)
		rpc_health_set(worker->health, service->name, state);
}

/* The worker is healthy while it can reach the database. */
static void
on_pool_state(void *data, bool is_ready)
{
	const struct worker *worker = data;

	set_health(worker, is_ready);
	log_info(is_ready ? "ready" : "not_ready", LOG_NUMBER("worker", worker->number));
}

static void
on_drained(void *data)
{
	struct worker *worker = data;

	event_base_loopexit(worker->base, NULL); /* what is deferred is still done */
}

static void
on_signal(evutil_socket_t number, short what, void *data)
{
	struct worker *worker = data;

	(void)number;
	(void)what;
	if (!rpc_server_draining(worker->server))
		log_info("draining", LOG_NUMBER("worker", worker->number));
	rpc_server_drain(worker->server, on_drained, worker);
}

/* -- making ---------------------------------------------------------------------------------- */

static int
make_pool(struct worker *worker)
{
	const struct program *program = worker->program;
	const struct options *options = program->options;
	const struct db_pool_options pool = {
	    .conninfo = options->db,
	    .application_name = program->service->name,
	    .search_path = program->service->name,
	    .shared_connections = (unsigned)options->db_shared,
	    .leased_connections = (unsigned)options->db_leased,
	    .read_timeout_ms = READ_TIMEOUT_MS,
	    .log = on_pool_log,
	    .state_changed = on_pool_state,
	    .data = worker,
	};

	worker->pool = db_pool_new(worker->base, program->stmts, &pool);
	return worker->pool ? 0 : -ENOMEM;
}

static int
make_server(struct worker *worker)
{
	const struct options *options = worker->program->options;
	struct rpc_limits limits = rpc_limits_default;
	const struct rpc_server_options server = {
	    .limits = &limits,
	    .tls = worker->program->tls,
	    .cors_origin = options->cors_origin,
	    .json.schema = worker->program->schema,
	    .on_call_end = metrics_call_ended,
	    .on_misread = misread_tell,
	    .data = worker,
	};
	int r;

	limits.grace_ms = options->drain_ms;
	worker->server = rpc_server_new(worker->base, &server);
	worker->health = worker->server ? rpc_health_new(worker->server) : NULL;
	if (!worker->health)
		return -ENOMEM;
	set_health(worker, false);
	r = rpc_reflection_add(worker->server);
	return r < 0 ? r : front_add(worker);
}

static int
make(struct worker *worker)
{
	int r;

	worker->base = event_base_new();
	if (!worker->base)
		return -ENOMEM;
	if ((r = make_server(worker)) < 0 || (r = make_pool(worker)) < 0)
		return r;
	worker->auth = auth_new(worker);
	worker->audit = audit_new(worker);
	worker->jobs = jobs_new(worker);
	worker->keeping = keeping_new(worker);
	worker->sealing = sealing_new(worker);
	worker->peers = peers_new(worker);
	return worker->auth && worker->audit && worker->jobs && worker->keeping &&
		       worker->sealing && worker->peers
		   ? 0
		   : -ENOMEM;
}

static void
unmake(struct worker *worker)
{
	if (worker->server)
		rpc_server_free(worker->server);
	sealing_free(worker->sealing);
	keeping_free(worker->keeping);
	jobs_free(worker->jobs);
	peers_free(worker->peers);
	audit_free(worker->audit);
	auth_free(worker->auth);
	if (worker->pool)
		db_pool_free(worker->pool);
	if (!worker->base)
		return;
	/* Connections that were told why they end have a second to read it (rpc/h2.h). */
	event_base_dispatch(worker->base);
	event_base_free(worker->base);
}

static int
serve(struct worker *worker, int fd)
{
	struct event *terms[] = {
	    evsignal_new(worker->base, SIGTERM, on_signal, worker),
	    evsignal_new(worker->base, SIGINT, on_signal, worker),
	};
	struct metrics_page *page = NULL;
	int r = rpc_server_adopt(worker->server, fd);

	if (r == 0)
		r = metrics_page_new(worker, &page);
	for (size_t i = 0; i < 2; i++)
		if (!terms[i] || event_add(terms[i], NULL) < 0)
			r = -ENOMEM;
	if (r == 0)
		event_base_dispatch(worker->base);
	for (size_t i = 0; i < 2; i++)
		if (terms[i])
			event_free(terms[i]);
	metrics_page_free(page);
	return r;
}

int
worker_run(struct program *program, unsigned number, int fd)
{
	struct worker worker = {.program = program, .number = number};
	int r = make(&worker);

	if (r == 0)
		r = serve(&worker, fd);
	if (r < 0)
		log_error("worker", LOG_NUMBER("worker", number), LOG_ERRNO(r));
	unmake(&worker);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
