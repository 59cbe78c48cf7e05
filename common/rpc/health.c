/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/health.h"

#include <errno.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "rpc/server_impl.h"

struct entry {
	struct list link;
	HealthCheckResponse response;             /* to Check */
	HealthListResponse__StatusesEntry listed; /* by List */
	char name[];
};

struct watcher {
	struct list link;
	struct rpc_call *call;
	const char *name;
	int told; /* the status last sent; -1: none */
};

struct rpc_health {
	struct rpc_server *server;
	struct list entries, watchers;
	int64_t n_entries;
};

static struct entry *
find(const struct rpc_health *health, const char *name)
{
	LIST_FOREACH (member, &health->entries) {
		struct entry *entry = LIST_ENTRY(member, struct entry, link);

		if (strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

static void
tell(struct rpc_health *health, struct watcher *watcher)
{
	HealthCheckResponse response = HEALTH_CHECK_RESPONSE__INIT;
	const struct entry *entry = find(health, watcher->name);

	response.status =
	    entry ? entry->response.status : HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN;
	if (watcher->told == (int)response.status)
		return;
	watcher->told = (int)response.status;
	rpc_call_send(watcher->call, &response.base);
}

static void
tell_all(struct rpc_health *health)
{
	LIST_FOREACH (member, &health->watchers)
		tell(health, LIST_ENTRY(member, struct watcher, link));
}

static void
on_check(struct rpc_call *call, ProtobufCMessage *message)
{
	const struct entry *entry =
	    find(call->server->health, ((const HealthCheckRequest *)message)->service);

	if (!entry) {
		rpc_call_finish(call, RPC_NOT_FOUND, "unknown service");
		return;
	}
	rpc_call_send(call, &entry->response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_watch(struct rpc_call *call, ProtobufCMessage *message)
{
	struct rpc_health *health = call->server->health;
	struct watcher *watcher = ARENA_NEW(call->arena, struct watcher);

	if (!watcher) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	watcher->call = call;
	watcher->name = ((const HealthCheckRequest *)message)->service;
	watcher->told = -1;
	list_append(&health->watchers, &watcher->link);
	call->state = watcher;
	tell(health, watcher);
}

static void
on_watch_cancel(struct rpc_call *call, enum rpc_code why)
{
	struct watcher *watcher = call->state;

	if (watcher)
		list_remove(&watcher->link);
	rpc_call_finish(call, why, NULL);
}

static void
on_list(struct rpc_call *call, ProtobufCMessage *message)
{
	const struct rpc_health *health = call->server->health;
	HealthListResponse response = HEALTH_LIST_RESPONSE__INIT;

	(void)message;
	response.statuses = ARENA_ARRAY(call->arena, HealthListResponse__StatusesEntry *,
					(size_t)health->n_entries);
	if (!response.statuses) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	LIST_FOREACH (member, &health->entries)
		response.statuses[response.n_statuses++] =
		    &LIST_ENTRY(member, struct entry, link)->listed;
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

void
server_health_drain(struct rpc_health *health)
{
	struct list *watcher;

	LIST_FOREACH (member, &health->entries)
		LIST_ENTRY(member, struct entry, link)->response.status =
		    HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
	tell_all(health);
	while ((watcher = list_pop(&health->watchers)))
		rpc_call_finish(LIST_ENTRY(watcher, struct watcher, link)->call, RPC_UNAVAILABLE,
				"the server is shutting down");
}

static const struct rpc_method methods[] = {
    {.path = "/grpc.health.v1.Health/Check",
     .request = &health_check_request__descriptor,
     .response = &health_check_response__descriptor,
     .handler = &(const struct rpc_handler){.message = on_check}},
    {.path = "/grpc.health.v1.Health/Watch",
     .request = &health_check_request__descriptor,
     .response = &health_check_response__descriptor,
     .server_streaming = true,
     .handler = &(const struct rpc_handler){.message = on_watch, .cancel = on_watch_cancel}},
    {.path = "/grpc.health.v1.Health/List",
     .request = &health_list_request__descriptor,
     .response = &health_list_response__descriptor,
     .handler = &(const struct rpc_handler){.message = on_list}},
};

struct rpc_health *
rpc_health_new(struct rpc_server *server)
{
	struct rpc_health *health = ARENA_NEW(server->arena, struct rpc_health);

	if (!health)
		return NULL;
	health->server = server;
	list_init(&health->entries);
	list_init(&health->watchers);
	if (rpc_health_set(health, "", RPC_HEALTH_SERVING) != 0 ||
	    rpc_server_add(server, methods, sizeof methods / sizeof *methods) != 0)
		return NULL;
	return server->health = health;
}

int
rpc_health_set(struct rpc_health *health, const char *service, enum rpc_health_state state)
{
	struct entry *entry = find(health, service);
	size_t size = strlen(service) + 1;

	if (!entry) {
		if (health->n_entries >= health->server->limits.max_health_services)
			return -ENOSPC;
		entry = arena_alloc(health->server->arena, sizeof *entry + size);
		if (!entry)
			return -ENOMEM;
		health_check_response__init(&entry->response);
		health_list_response__statuses_entry__init(&entry->listed);
		entry->listed.key = memcpy(entry->name, service, size);
		entry->listed.value = &entry->response;
		list_append(&health->entries, &entry->link);
		health->n_entries++;
	}
	entry->response.status = (HealthCheckResponse__ServingStatus)state;
	tell_all(health);
	return 0;
}
