/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "rpc/server_impl.h"

enum { N_METHODS = 3 };

struct entry {
	struct list link;
	HealthCheckResponse__ServingStatus status;
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
	struct rpc_method methods[N_METHODS];
};

static struct entry *
find(const struct rpc_health *health, const char *name)
{
	for (struct list *at = health->entries.next; at != &health->entries; at = at->next) {
		struct entry *entry = LIST_ENTRY(at, struct entry, link);

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
	    entry ? entry->status : HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN;
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
	const struct rpc_health *health = rpc_call_method(call)->data;
	const HealthCheckRequest *request = (const HealthCheckRequest *)message;
	HealthCheckResponse response = HEALTH_CHECK_RESPONSE__INIT;
	const struct entry *entry = find(health, request->service);

	if (!entry) {
		rpc_call_finish(call, RPC_NOT_FOUND, "unknown service");
		return;
	}
	response.status = entry->status;
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_watch(struct rpc_call *call, ProtobufCMessage *message)
{
	struct rpc_health *health = rpc_call_method(call)->data;
	struct watcher *watcher = ARENA_NEW(rpc_call_arena(call), struct watcher);

	if (!watcher) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	watcher->call = call;
	watcher->name = ((const HealthCheckRequest *)message)->service;
	watcher->told = -1;
	list_append(&health->watchers, &watcher->link);
	rpc_call_set_state(call, watcher);
	tell(health, watcher);
}

static void
forget(struct rpc_call *call)
{
	struct watcher *watcher = rpc_call_state(call);

	if (watcher)
		list_remove(&watcher->link);
}

static void
on_watch_cancel(struct rpc_call *call, enum rpc_code why)
{
	forget(call);
	rpc_call_finish(call, why, NULL);
}

static bool
add_status(struct arena *arena, HealthListResponse *response, const struct entry *entry)
{
	HealthListResponse__StatusesEntry *status =
	    ARENA_NEW(arena, HealthListResponse__StatusesEntry);
	HealthCheckResponse *value = ARENA_NEW(arena, HealthCheckResponse);

	if (!status || !value)
		return false;
	health_list_response__statuses_entry__init(status);
	health_check_response__init(value);
	value->status = entry->status;
	status->key = (char *)(uintptr_t)entry->name;
	status->value = value;
	response->statuses[response->n_statuses++] = status;
	return true;
}

static void
on_list(struct rpc_call *call, ProtobufCMessage *message)
{
	const struct rpc_health *health = rpc_call_method(call)->data;
	struct arena *arena = rpc_call_arena(call);
	HealthListResponse response = HEALTH_LIST_RESPONSE__INIT;
	bool complete = true;

	(void)message;
	response.statuses =
	    ARENA_ARRAY(arena, HealthListResponse__StatusesEntry *, (size_t)health->n_entries);
	complete = response.statuses != NULL;
	for (struct list *at = health->entries.next; complete && at != &health->entries;
	     at = at->next)
		complete = add_status(arena, &response, LIST_ENTRY(at, struct entry, link));
	if (!complete) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	rpc_call_send(call, &response.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

/* NOT_SERVING first, so that whoever watches goes elsewhere before the connection does. */
static void
on_drain(void *data)
{
	struct rpc_health *health = data;
	struct list *watcher;

	LIST_FOREACH (member, &health->entries)
		LIST_ENTRY(member, struct entry, link)->status =
		    HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
	tell_all(health);
	while ((watcher = list_pop(&health->watchers)))
		rpc_call_finish(LIST_ENTRY(watcher, struct watcher, link)->call, RPC_UNAVAILABLE,
				"the server is shutting down");
}

static void
release(void *data)
{
	struct rpc_health *health = data;
	struct list *member;

	while ((member = list_pop(&health->entries)))
		free(LIST_ENTRY(member, struct entry, link));
	free(health);
}

struct rpc_health *
rpc_health_new(struct rpc_server *server)
{
	static const struct rpc_handler check = {.message = on_check}, list = {.message = on_list};
	static const struct rpc_handler watch = {.message = on_watch, .cancel = on_watch_cancel};
	const struct rpc_method methods[N_METHODS] = {
	    {.path = "/grpc.health.v1.Health/Check",
	     .request = &health_check_request__descriptor,
	     .response = &health_check_response__descriptor,
	     .handler = &check},
	    {.path = "/grpc.health.v1.Health/Watch",
	     .request = &health_check_request__descriptor,
	     .response = &health_check_response__descriptor,
	     .server_streaming = true,
	     .handler = &watch},
	    {.path = "/grpc.health.v1.Health/List",
	     .request = &health_list_request__descriptor,
	     .response = &health_list_response__descriptor,
	     .handler = &list},
	};
	struct rpc_health *health = calloc(1, sizeof *health);

	if (!health)
		return NULL;
	health->server = server;
	list_init(&health->entries);
	list_init(&health->watchers);
	memcpy(health->methods, methods, sizeof methods);
	for (int i = 0; i < N_METHODS; i++)
		health->methods[i].data = health;
	if (rpc_health_set(health, "", RPC_HEALTH_SERVING) != 0 ||
	    server_attach(server, health, on_drain, release) != 0) {
		release(health);
		return NULL;
	}
	return rpc_server_add(server, health->methods, N_METHODS) == 0 ? health : NULL;
}

int
rpc_health_set(struct rpc_health *health, const char *service, enum rpc_health_state state)
{
	struct entry *entry = find(health, service);
	size_t size = strlen(service) + 1;

	if (!entry) {
		if (health->n_entries >= health->server->limits.max_health_services)
			return -ENOSPC;
		entry = calloc(1, sizeof *entry + size);
		if (!entry)
			return -ENOMEM;
		memcpy(entry->name, service, size);
		list_append(&health->entries, &entry->link);
		health->n_entries++;
	}
	entry->status = (HealthCheckResponse__ServingStatus)state;
	tell_all(health);
	return 0;
}
