/* SPDX-License-Identifier: Apache-2.0 */
/* How a channel spreads over its addresses: pick_first with happy eyeballs, round_robin (RPC-39).
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/channel_impl.h"

enum { EYEBALLS_US = 250000 }; /* gRFC A61 */

static bool
any_in_state(const struct rpc_channel *channel, enum endpoint_state state)
{
	LIST_FOREACH (link, &channel->endpoints)
		if (LIST_ENTRY(link, struct client_endpoint, link)->state == state)
			return true;
	return false;
}

struct client_conn *
channel_pick(struct rpc_channel *channel)
{
	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (endpoint->state != ENDPOINT_READY)
			continue;
		/* Its next turn is after all others'. */
		list_move(&channel->endpoints, link);
		return endpoint->conn;
	}
	return NULL;
}

/* --- pick_first: one after the other, the next after 250 ms or a failure; the first ready wins. */

static void
try_next(struct rpc_channel *channel, struct client_endpoint *failed)
{
	struct client_endpoint *endpoint;

	(void)failed;
	event_del(&channel->timer);
	while ((endpoint = channel->next_endpoint)) {
		channel->next_endpoint =
		    endpoint->link.next == &channel->endpoints
			? NULL
			: LIST_ENTRY(endpoint->link.next, struct client_endpoint, link);
		if (client_conn_open(endpoint) == 0)
			break;
	}
	if (channel->next_endpoint)
		h2_timer_add(&channel->timer, EYEBALLS_US);
	else if (!any_in_state(channel, ENDPOINT_CONNECTING))
		channel_set_failed(channel, true);
}

static void
first_start(struct rpc_channel *channel)
{
	channel->next_endpoint = LIST_FIRST(&channel->endpoints, struct client_endpoint, link);
	try_next(channel, NULL);
}

static void
first_ready(struct rpc_channel *channel, const struct client_endpoint *endpoint)
{
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
first_lost(struct rpc_channel *channel, struct client_endpoint *endpoint)
{
	(void)endpoint;
	channel_set_idle(channel);
}

/* --- round_robin: a connection to every address, each with its own backoff; calls in turn. */

static void
back_off(struct client_endpoint *endpoint)
{
	endpoint->state = ENDPOINT_BACKOFF;
	channel_back_off(endpoint->channel, &endpoint->timer, &endpoint->n_failures);
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
robin_ready(struct rpc_channel *channel, const struct client_endpoint *endpoint)
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
		rpc_resolver_start(channel->resolver);
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

static void
on_backoff_end(evutil_socket_t fd, short what, void *data)
{
	struct client_endpoint *endpoint = data;

	(void)fd;
	(void)what;
	if (client_conn_open(endpoint) != 0)
		robin_failed(endpoint->channel, endpoint);
}

const struct channel_policy channel_policies[] = {
    [RPC_PICK_FIRST] = {first_start, first_ready, try_next, first_lost},
    [RPC_ROUND_ROBIN] = {robin_start, robin_ready, robin_failed, robin_lost},
};

/* --- endpoints --- */

int
endpoint_new(struct rpc_channel *channel, const struct rpc_address *address)
{
	struct client_endpoint *endpoint = calloc(1, sizeof *endpoint);

	if (!endpoint)
		return -ENOMEM;
	endpoint->channel = channel;
	endpoint->address = *address;
	event_assign(&endpoint->timer, channel->base, -1, 0, on_backoff_end, endpoint);
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
