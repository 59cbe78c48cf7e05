/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rpc/channel_impl.h"
#include "rpc/client_impl.h"

static const struct rpc_channel_options defaults = {
    .user_agent = "minzheng-c/1.0",
    .max_receive_bytes = 4 << 20,
    .max_send_queue_bytes = 8 << 20,
    .retry_buffer_bytes = 256 << 10,
    .call_memory_bytes = 32 << 20,
    .connect_timeout_us = 20000000,
    .backoff_initial_us = 1000000,
    .backoff_max_us = 120000000,
    .keepalive_timeout_us = 20000000,
};

uint32_t
channel_random(void)
{
	uint32_t random = 0;

	/* Only for jitter: a failed read makes it less even, no more. */
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		random ^= (uint32_t)rand(); /* NOLINT(cert-msc30-c,cert-msc50-cpp) */
	return random;
}

/* --- state --- */

void
channel_set_ready(struct rpc_channel *channel)
{
	channel->state = CHANNEL_READY;
	channel->n_failures = 0;
	event_del(&channel->retry_timer);
	channel_flush(channel);
}

void
channel_set_failed(struct rpc_channel *channel, bool again)
{
	const struct rpc_channel_options *options = &channel->options;

	channel->state = CHANNEL_FAILED;
	LIST_FOREACH (link, &channel->waiting) {
		struct rpc_client_call *call = LIST_ENTRY(link, struct rpc_client_call, link);

		if (!call->options.wait_for_ready)
			client_call_fail(call, RPC_UNAVAILABLE, "%s", channel->failure);
	}
	if (again)
		h2_timer_add(&channel->retry_timer,
			     rpc_backoff_us(options->backoff_initial_us, options->backoff_max_us,
					    channel->n_failures++, channel_random()));
}

static void
on_retry(evutil_socket_t fd, short what, void *data)
{
	struct rpc_channel *channel = data;

	(void)fd;
	(void)what;
	channel->state = CHANNEL_IDLE;
	if (!list_is_empty(&channel->waiting))
		channel_connect(channel);
}

static void
on_eyeballs(evutil_socket_t fd, short what, void *data)
{
	struct rpc_channel *channel = data;

	(void)fd;
	(void)what;
	channel->policy->timer(channel, NULL);
}

static bool
list_has(const struct rpc_address_list *list, const struct rpc_address *address)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].length == address->length &&
		    !memcmp(&list->at[i].storage, &address->storage, address->length))
			return true;
	return false;
}

/* Endpoints become those of the list, in its order; those that stay keep their connection. */
static int
merge_endpoints(struct rpc_channel *channel, const struct rpc_address_list *list)
{
	struct list old = LIST_INIT(old);
	int r = 0;

	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (list_has(list, &endpoint->address))
			list_move(&old, link);
		else
			endpoint_free(endpoint);
	}
	for (size_t i = 0; !r && i < list->n; i++) {
		struct rpc_address_list one = {.n = 1, .at = {list->at[i]}};
		bool found = false;

		LIST_FOREACH (link, &old) {
			struct client_endpoint *endpoint =
			    LIST_ENTRY(link, struct client_endpoint, link);

			if (found || !list_has(&one, &endpoint->address))
				continue;
			list_move(&channel->endpoints, link);
			found = true;
		}
		if (!found)
			r = endpoint_new(channel, &list->at[i]);
	}
	return r;
}

static void
on_resolved(void *data, const struct rpc_address_list *addresses, const char *cause)
{
	struct rpc_channel *channel = data;
	bool has_way = !list_is_empty(&channel->endpoints);

	if (addresses && merge_endpoints(channel, addresses) == 0) {
		channel->policy->start(channel);
		return;
	}
	snprintf(channel->failure, sizeof channel->failure, "%s: resolving %s: %s",
		 channel->target_text, channel->target.host, cause ? cause : "no memory");
	/* What was known before may still be right. */
	if (has_way && channel->state == CHANNEL_CONNECTING)
		channel->policy->start(channel);
	else if (!has_way)
		channel_set_failed(channel, true);
}

void
channel_resolve(struct rpc_channel *channel)
{
	rpc_resolver_start(channel->resolver);
}

void
channel_connect(struct rpc_channel *channel)
{
	if (channel->state != CHANNEL_IDLE)
		return;
	channel->state = CHANNEL_CONNECTING;
	channel_resolve(channel);
}

/* --- calls --- */

void
channel_submit(struct rpc_channel *channel, struct rpc_client_call *call)
{
	struct client_conn *conn;

	if (channel->closing) {
		client_call_fail(call, RPC_UNAVAILABLE, "%s: the channel is closed",
				 channel->target_text);
		return;
	}
	conn = channel->policy->pick(channel);
	if (conn) {
		client_attempt_start(call, conn);
		return;
	}
	if (channel->state == CHANNEL_FAILED && !call->options.wait_for_ready) {
		client_call_fail(call, RPC_UNAVAILABLE, "%s", channel->failure);
		return;
	}
	list_move(&channel->waiting, &call->link);
	channel_connect(channel);
}

void
channel_flush(struct rpc_channel *channel)
{
	struct rpc_client_call *call;
	struct client_conn *conn;

	while ((call = LIST_FIRST(&channel->waiting, struct rpc_client_call, link)) &&
	       (conn = channel->policy->pick(channel))) {
		list_move(&channel->calls, &call->link);
		client_attempt_start(call, conn);
	}
}

static void
on_work(evutil_socket_t fd, short what, void *data)
{
	struct rpc_channel *channel = data;
	struct rpc_client_call *call;

	(void)fd;
	(void)what;
	channel->in_work = true;
	while ((call = LIST_FIRST(&channel->work, struct rpc_client_call, work_link))) {
		list_remove(&call->work_link);
		client_call_work(call);
	}
	channel->in_work = false;
	channel_maybe_free(channel);
}

void
channel_schedule_work(struct rpc_channel *channel)
{
	event_active(&channel->work_event, EV_TIMEOUT, 0);
}

/* --- life --- */

static void
channel_free(struct rpc_channel *channel)
{
	struct client_endpoint *endpoint;

	while ((endpoint = LIST_FIRST(&channel->endpoints, struct client_endpoint, link)))
		endpoint_free(endpoint);
	rpc_resolver_free(channel->resolver);
	if (channel->loop) {
		event_del(&channel->retry_timer);
		event_del(&channel->eyeballs_timer);
		event_del(&channel->work_event);
	}
	h2_setup_free(&channel->setup);
	h2_loop_put(channel->loop);
	free(channel->target_text);
	free(channel->authority);
	free(channel->user_agent);
	free(channel);
}

void
channel_maybe_free(struct rpc_channel *channel)
{
	if (channel->closing && !channel->in_work && !channel->n_calls &&
	    list_is_empty(&channel->conns))
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
	LIST_FOREACH (link, &channel->waiting)
		client_call_fail(LIST_ENTRY(link, struct rpc_client_call, link), RPC_UNAVAILABLE,
				 "%s: the channel is closed", channel->target_text);
	LIST_FOREACH (link, &channel->calls)
		client_call_fail(LIST_ENTRY(link, struct rpc_client_call, link), RPC_UNAVAILABLE,
				 "%s: the channel is closed", channel->target_text);
	channel_maybe_free(channel);
}

static void
fill_defaults(struct rpc_channel_options *options)
{
#define FILL(field)          \
	if (!options->field) \
	options->field = defaults.field
	FILL(user_agent);
	FILL(max_receive_bytes);
	FILL(max_send_queue_bytes);
	FILL(retry_buffer_bytes);
	FILL(call_memory_bytes);
	FILL(connect_timeout_us);
	FILL(backoff_initial_us);
	FILL(backoff_max_us);
	FILL(keepalive_timeout_us);
#undef FILL
	if (options->keepalive_us && options->keepalive_us < RPC_KEEPALIVE_MIN_US)
		options->keepalive_us = RPC_KEEPALIVE_MIN_US;
}

/* The host of an authority, for SNI and the certificate's name. */
static void
set_tls_name(struct rpc_channel *channel)
{
	const char *authority = channel->authority, *end = strrchr(authority, ':');

	if (channel->options.authority && authority[0] != '[') {
		snprintf(channel->tls_name, sizeof channel->tls_name, "%.*s",
			 end ? (int)(end - authority) : (int)strlen(authority), authority);
		return;
	}
	snprintf(channel->tls_name, sizeof channel->tls_name, "%s", channel->target.host);
}

static int
init_strings(struct rpc_channel *channel, const char *target)
{
	struct rpc_channel_options *options = &channel->options;

	channel->target_text = strdup(target);
	channel->authority =
	    strdup(options->authority ? options->authority : channel->target.authority);
	channel->user_agent = strdup(options->user_agent);
	if (!channel->target_text || !channel->authority || !channel->user_agent)
		return -ENOMEM;
	set_tls_name(channel);
	options->authority = NULL;
	options->user_agent = NULL;
	return 0;
}

static int
init_parts(struct rpc_channel *channel, struct event_base *base)
{
	channel->loop = h2_loop_get(base);
	if (!channel->loop)
		return -ENOMEM;
	event_assign(&channel->retry_timer, base, -1, 0, on_retry, channel);
	event_assign(&channel->eyeballs_timer, base, -1, 0, on_eyeballs, channel);
	event_assign(&channel->work_event, base, -1, 0, on_work, channel);
	channel->resolver = rpc_resolver_new(base, &channel->target, on_resolved, channel);
	return channel->resolver ? client_conn_setup(&channel->setup) : -ENOMEM;
}

int
rpc_channel_new(struct event_base *base, const char *target,
		const struct rpc_channel_options *options, struct rpc_channel **ret_channel)
{
	struct rpc_channel *channel = calloc(1, sizeof *channel);
	int r;

	if (!channel)
		return -ENOMEM;
	channel->base = base;
	list_init(&channel->endpoints);
	list_init(&channel->conns);
	list_init(&channel->calls);
	list_init(&channel->waiting);
	list_init(&channel->work);
	if (options)
		channel->options = *options;
	fill_defaults(&channel->options);
	channel->policy = channel_policy_of(channel->options.balancing);
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

const char *
rpc_channel_target(const struct rpc_channel *channel)
{
	return channel->target_text;
}

uint64_t
rpc_channel_count(const struct rpc_channel *channel, enum rpc_channel_counter counter)
{
	return channel->counts[counter];
}

const char *
rpc_channel_counter_name(enum rpc_channel_counter counter)
{
	static const char *const names[RPC_N_CHANNEL_COUNTERS] = {
#define COUNTER_NAME(name, help) [RPC_CHANNEL_##name] = #name,
	    RPC_CHANNEL_COUNTERS(COUNTER_NAME)
#undef COUNTER_NAME
	};

	return names[counter];
}
