/* SPDX-License-Identifier: Apache-2.0 */
/* How a channel spreads over its addresses: pick_first with happy eyeballs, round_robin (RPC-39).
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/channel_impl.h"

enum { EYEBALLS_US = 250000 }; /* gRFC A61 */

static struct client_endpoint *
endpoint_after(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	return endpoint->link.next == &channel->endpoints
		   ? NULL
		   : LIST_ENTRY(endpoint->link.next, struct client_endpoint, link);
}

static bool
any_in_state(const struct rpc_channel *channel, enum endpoint_state state)
{
	LIST_FOREACH (link, &channel->endpoints)
		if (LIST_ENTRY(link, struct client_endpoint, link)->state == state)
			return true;
	return false;
}

static void
on_endpoint_timer(evutil_socket_t fd, short what, void *data)
{
	struct client_endpoint *endpoint = data;

	(void)fd;
	(void)what;
	endpoint->channel->policy->timer(endpoint->channel, endpoint);
}

int
endpoint_new(struct rpc_channel *channel, const struct rpc_address *address)
{
	struct client_endpoint *endpoint = calloc(1, sizeof *endpoint);

	if (!endpoint)
		return -ENOMEM;
	endpoint->channel = channel;
	endpoint->address = *address;
	event_assign(&endpoint->timer, channel->base, -1, 0, on_endpoint_timer, endpoint);
	list_init(&endpoint->link);
	list_append(&channel->endpoints, &endpoint->link);
	return 0;
}

void
endpoint_free(struct client_endpoint *endpoint)
{
	struct client_conn *conn = endpoint->conn;

	if (endpoint->channel->next_endpoint == endpoint)
		endpoint->channel->next_endpoint = NULL;
	event_del(&endpoint->timer);
	list_remove(&endpoint->link);
	if (conn) {
		conn->endpoint = NULL;
		client_conn_drain(conn);
	}
	free(endpoint);
}

/* --- pick_first: one after the other, the next after 250 ms or a failure; the first ready wins. */

static void
try_next(struct rpc_channel *channel)
{
	struct client_endpoint *endpoint;

	while ((endpoint = channel->next_endpoint)) {
		channel->next_endpoint = endpoint_after(channel, endpoint);
		if (client_conn_open(endpoint) == 0)
			break;
	}
	if (channel->next_endpoint)
		h2_timer_add(&channel->eyeballs_timer, EYEBALLS_US);
	else if (!any_in_state(channel, ENDPOINT_CONNECTING))
		channel_set_failed(channel, true);
}

static void
first_start(struct rpc_channel *channel)
{
	channel->next_endpoint = LIST_FIRST(&channel->endpoints, struct client_endpoint, link);
	try_next(channel);
}

static void
first_ready(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	event_del(&channel->eyeballs_timer);
	channel->next_endpoint = NULL;
	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *other = LIST_ENTRY(link, struct client_endpoint, link);

		if (other == endpoint || !other->conn)
			continue;
		other->conn->endpoint = NULL;
		h2_close(other->conn->h2, "another address was faster");
		other->conn = NULL;
		other->state = ENDPOINT_IDLE;
	}
	channel_set_ready(channel);
}

static void
first_failed(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	(void)endpoint;
	event_del(&channel->eyeballs_timer);
	try_next(channel);
}

static void
first_lost(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	(void)endpoint;
	channel->state = CHANNEL_IDLE;
	if (!list_is_empty(&channel->waiting))
		channel_connect(channel);
}

static struct client_conn *
first_pick(struct rpc_channel *channel)
{
	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (endpoint->state == ENDPOINT_READY)
			return endpoint->conn;
	}
	return NULL;
}

static void
first_timer(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	(void)endpoint;
	try_next(channel);
}

/* --- round_robin: a connection to every address, each with its own backoff; calls in turn. */

static void
back_off(struct client_endpoint *endpoint)
{
	const struct rpc_channel_options *options = &endpoint->channel->options;

	endpoint->state = ENDPOINT_BACKOFF;
	h2_timer_add(&endpoint->timer,
		     rpc_backoff_us(options->backoff_initial_us, options->backoff_max_us,
				    endpoint->n_failures++, channel_random()));
}

static void
robin_start(struct rpc_channel *channel)
{
	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (endpoint->state == ENDPOINT_IDLE && client_conn_open(endpoint) != 0)
			back_off(endpoint);
	}
	if (any_in_state(channel, ENDPOINT_READY))
		channel_set_ready(channel);
	else if (!any_in_state(channel, ENDPOINT_CONNECTING))
		channel_set_failed(channel, false);
}

static void
robin_ready(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	(void)endpoint;
	channel_set_ready(channel);
}

static void
robin_failed(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	back_off(endpoint);
	if (!any_in_state(channel, ENDPOINT_READY) && !any_in_state(channel, ENDPOINT_CONNECTING))
		channel_set_failed(channel, false);
	/* The name may have moved; the answer brings new endpoints. */
	if (channel->target.needs_dns)
		channel_resolve(channel);
}

/* A peer that is ready and gone at once, again and again, must not be hammered. */
static bool
was_short(const struct client_endpoint *endpoint)
{
	return clock_monotonic_us() - endpoint->ready_at_us <
	       endpoint->channel->options.backoff_initial_us;
}

static void
robin_lost(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	if (!any_in_state(channel, ENDPOINT_READY))
		channel->state = CHANNEL_CONNECTING;
	if (was_short(endpoint) || client_conn_open(endpoint) != 0)
		robin_failed(channel, endpoint);
}

static struct client_conn *
robin_pick(struct rpc_channel *channel)
{
	struct client_endpoint *first =
	    LIST_FIRST(&channel->endpoints, struct client_endpoint, link);
	struct client_endpoint *endpoint = channel->next_endpoint;

	if (!endpoint)
		endpoint = first;
	if (!endpoint)
		return NULL;
	for (struct client_endpoint *start = endpoint;;) {
		struct client_endpoint *next = endpoint_after(channel, endpoint);

		if (!next)
			next = first;
		if (endpoint->state == ENDPOINT_READY) {
			channel->next_endpoint = next;
			return endpoint->conn;
		}
		if (next == start)
			return NULL;
		endpoint = next;
	}
}

static void
robin_timer(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	if (endpoint && client_conn_open(endpoint) != 0)
		robin_failed(channel, endpoint);
}

static const struct channel_policy policies[] = {
    [RPC_PICK_FIRST] = {first_start, first_ready, first_failed, first_lost, first_pick,
			first_timer},
    [RPC_ROUND_ROBIN] = {robin_start, robin_ready, robin_failed, robin_lost, robin_pick,
			 robin_timer},
};

const struct channel_policy *
channel_policy_of(enum rpc_balancing balancing)
{
	return &policies[balancing];
}
