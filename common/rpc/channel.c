/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/client_impl.h"

enum { CHANNEL_MEMORY = 1 << 20 };

/* --- state --- */

void
channel_back_off(const struct rpc_channel *channel, struct event *timer, unsigned *n_failures)
{
	h2_timer_add(timer, rpc_backoff_us(channel->options.backoff_initial_us,
					   channel->options.backoff_max_us, (*n_failures)++,
					   arc4random()));
}

static void
connect_if_idle(struct rpc_channel *channel)
{
	if (channel->state != CHANNEL_IDLE)
		return;
	channel->state = CHANNEL_CONNECTING;
	rpc_resolver_start(channel->resolver);
}

void
channel_set_idle(struct rpc_channel *channel)
{
	channel->state = CHANNEL_IDLE;
	if (!list_is_empty(&channel->waiting))
		connect_if_idle(channel);
}

void
channel_set_ready(struct rpc_channel *channel)
{
	struct rpc_client_call *call;
	struct client_conn *conn;

	channel->state = CHANNEL_READY;
	channel->n_failures = 0;
	event_del(&channel->timer);
	while ((call = LIST_FIRST(&channel->waiting, struct rpc_client_call, link)) &&
	       (conn = channel_pick(channel))) {
		list_move(&channel->calls, &call->link);
		client_attempt_start(call, conn);
	}
}

/* Those that wait for a connection may be told to wait for a better time, too. */
static void
fail_calls(struct rpc_channel *channel, struct list *calls, bool all)
{
	LIST_FOREACH (link, calls) {
		struct rpc_client_call *call = LIST_ENTRY(link, struct rpc_client_call, link);

		if (all || !call->options.wait_for_ready)
			client_call_fail(call, RPC_UNAVAILABLE, "%s", channel->failure);
	}
}

void
channel_set_failed(struct rpc_channel *channel)
{
	channel->state = CHANNEL_FAILED;
	fail_calls(channel, &channel->waiting, false);
	if (channel->options.balancing == RPC_PICK_FIRST || list_is_empty(&channel->endpoints))
		channel_back_off(channel, &channel->timer, &channel->n_failures);
}

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	struct rpc_channel *channel = data;

	(void)fd;
	(void)what;
	if (channel->state == CHANNEL_FAILED)
		channel_set_idle(channel);
	else
		balancing_go_on(channel);
}

static struct client_endpoint *
find_endpoint(struct list *endpoints, const struct rpc_address *address)
{
	LIST_FOREACH (link, endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (endpoint->address.length == address->length &&
		    !memcmp(&endpoint->address.storage, &address->storage, address->length))
			return endpoint;
	}
	return NULL;
}

/* Endpoints become those of the list, in its order; those that stay keep their connection. */
static int
merge_endpoints(struct rpc_channel *channel, const struct rpc_address_list *list)
{
	struct list old = LIST_INIT(old);
	struct client_endpoint *endpoint;
	int r = 0;

	LIST_FOREACH (link, &channel->endpoints)
		list_move(&old, link);
	for (size_t i = 0; !r && i < list->n; i++) {
		endpoint = find_endpoint(&old, &list->at[i]);
		if (endpoint)
			list_move(&channel->endpoints, &endpoint->link);
		else
			r = endpoint_new(channel, &list->at[i]);
	}
	while ((endpoint = LIST_FIRST(&old, struct client_endpoint, link)))
		endpoint_free(endpoint);
	return r;
}

static void
on_resolved(void *data, const struct rpc_address_list *addresses, const char *cause)
{
	struct rpc_channel *channel = data;

	if (addresses && merge_endpoints(channel, addresses) == 0) {
		balancing_start(channel);
		return;
	}
	snprintf(channel->failure, sizeof channel->failure, "%s: resolving %s: %s",
		 channel->target_text, channel->target.host, cause ? cause : "no memory");
	/* What was known before may still be right. */
	if (list_is_empty(&channel->endpoints))
		channel_set_failed(channel);
	else if (channel->state == CHANNEL_CONNECTING)
		balancing_start(channel);
}

/* --- calls --- */

void
channel_submit(struct rpc_channel *channel, struct rpc_client_call *call)
{
	struct client_conn *conn = channel->closing ? NULL : channel_pick(channel);

	if (conn) {
		client_attempt_start(call, conn);
	} else if (channel->closing ||
		   (channel->state == CHANNEL_FAILED && !call->options.wait_for_ready)) {
		client_call_fail(call, RPC_UNAVAILABLE, "%s", channel->failure);
	} else {
		list_move(&channel->waiting, &call->link);
		connect_if_idle(channel);
	}
}

/* --- life --- */

static void
channel_free(struct rpc_channel *channel)
{
	struct client_endpoint *endpoint;

	while ((endpoint = LIST_FIRST(&channel->endpoints, struct client_endpoint, link)))
		endpoint_free(endpoint);
	rpc_resolver_free(channel->resolver);
	if (channel->loop)
		event_del(&channel->timer);
	h2_setup_free(&channel->setup);
	h2_loop_put(channel->loop);
	arena_free(channel->arena);
}

void
channel_maybe_free(struct rpc_channel *channel)
{
	if (channel->closing && list_is_empty(&channel->calls) &&
	    list_is_empty(&channel->waiting) && list_is_empty(&channel->conns))
		channel_free(channel);
}

void
rpc_channel_close(struct rpc_channel *channel)
{
	if (!channel || channel->closing)
		return;
	channel->closing = true;
	LIST_FOREACH (link, &channel->conns)
		h2_close(LIST_ENTRY(link, struct client_conn, link)->h2, "the channel is closed");
	snprintf(channel->failure, sizeof channel->failure, "%s: the channel is closed",
		 channel->target_text);
	fail_calls(channel, &channel->waiting, true);
	fail_calls(channel, &channel->calls, true);
	channel_maybe_free(channel);
}

static void
fill_defaults(struct rpc_channel_options *options)
{
#define DEFAULT(field, value) \
	if (!options->field)  \
	options->field = (value)
	options->json.ignore_unknown = true;
	DEFAULT(user_agent, "minzheng-c/1.0");
	DEFAULT(max_receive_bytes, 4 << 20);
	DEFAULT(max_send_queue_bytes, 8 << 20);
	DEFAULT(retry_buffer_bytes, 256 << 10);
	DEFAULT(call_memory_bytes, 32 << 20);
	DEFAULT(connect_timeout_us, 20000000);
	DEFAULT(backoff_initial_us, 1000000);
	DEFAULT(backoff_max_us, 120000000);
	DEFAULT(keepalive_timeout_us, 20000000);
#undef DEFAULT
	if (options->keepalive_us && options->keepalive_us < RPC_KEEPALIVE_MIN_US)
		options->keepalive_us = RPC_KEEPALIVE_MIN_US;
}

/* Copies of the strings, and the name in the certificate: the authority's host, when it is given
 * and no number in brackets. */
static int
init_strings(struct rpc_channel *channel, const char *target)
{
	struct rpc_channel_options *options = &channel->options;
	const char *given = options->authority;

	if (given && *given != '[')
		snprintf(channel->tls_name, sizeof channel->tls_name, "%.*s",
			 (int)strcspn(given, ":"), given);
	else
		snprintf(channel->tls_name, sizeof channel->tls_name, "%s", channel->target.host);
	channel->target_text = arena_strdup(channel->arena, target);
	options->authority =
	    arena_strdup(channel->arena, given ? given : channel->target.authority);
	options->user_agent = arena_strdup(channel->arena, options->user_agent);
	return channel->target_text && options->authority && options->user_agent ? 0 : -ENOMEM;
}

static int
init_parts(struct rpc_channel *channel, struct event_base *base)
{
	channel->loop = h2_loop_get(base);
	if (!channel->loop)
		return -ENOMEM;
	event_assign(&channel->timer, base, -1, 0, on_timer, channel);
	channel->resolver = rpc_resolver_new(base, &channel->target, on_resolved, channel);
	return channel->resolver ? client_conn_setup(channel) : -ENOMEM;
}

int
rpc_channel_new(struct event_base *base, const char *target,
		const struct rpc_channel_options *options, struct rpc_channel **ret_channel)
{
	struct arena *arena = arena_new(CHANNEL_MEMORY);
	struct rpc_channel *channel = arena ? ARENA_NEW(arena, struct rpc_channel) : NULL;
	int r;

	if (!channel) {
		arena_free(arena);
		return -ENOMEM;
	}
	channel->arena = arena;
	channel->base = base;
	list_init(&channel->endpoints);
	list_init(&channel->conns);
	list_init(&channel->calls);
	list_init(&channel->waiting);
	if (options)
		channel->options = *options;
	fill_defaults(&channel->options);
	channel->keepalive_us = channel->options.keepalive_us;
	rpc_throttle_init(&channel->throttle, &channel->options.retry);
	r = rpc_target_parse(target, &channel->target);
	if (!r)
		r = init_strings(channel, target);
	if (!r)
		r = init_parts(channel, base);
	if (r) {
		channel_free(channel);
		return r;
	}
	*ret_channel = channel;
	return 0;
}

uint64_t
rpc_channel_count(const struct rpc_channel *channel, enum rpc_channel_counter counter)
{
	return channel->counts[counter];
}
