/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a channel spreads over its addresses (RPC-39). pick_first tries one after the other, the next
 * after 250 ms or a failure, and the first ready wins; when all have failed the channel backs off.
 * round_robin connects to every address, each with its own backoff, and calls go in turn.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/channel_impl.h"

enum { EYEBALLS_US = 250000 }; /* gRFC A61 */

static struct client_endpoint *
find_ready(const struct rpc_channel *channel)
{
	LIST_FOREACH (link, &channel->endpoints) {
		struct client_endpoint *endpoint = LIST_ENTRY(link, struct client_endpoint, link);

		if (endpoint->conn && endpoint->conn->ready && !endpoint->conn->closed)
			return endpoint;
	}
	return NULL;
}

struct client_conn *
channel_pick(struct rpc_channel *channel)
{
	struct client_endpoint *endpoint = find_ready(channel);

	if (!endpoint)
		return NULL;
	/* Its next turn is after all others'. */
	list_move(&channel->endpoints, &endpoint->link);
	return endpoint->conn;
}

static bool
picks_first(const struct rpc_channel *channel)
{
	return channel->options.balancing == RPC_PICK_FIRST;
}

/* Of pick_first the channel backs off, when all have failed. */
static void
back_off(struct client_endpoint *endpoint)
{
	if (picks_first(endpoint->channel))
		return;
	channel_back_off(endpoint->channel, &endpoint->timer, &endpoint->n_failures);
}

static void
fail_if_all_have(struct rpc_channel *channel)
{
	LIST_FOREACH (link, &channel->endpoints)
		if (LIST_ENTRY(link, struct client_endpoint, link)->conn)
			return;
	channel_set_failed(channel);
}

void
balancing_go_on(struct rpc_channel *channel)
{
	struct client_endpoint *endpoint;

	while ((endpoint = channel->next_endpoint)) {
		struct list *next = endpoint->link.next;

		channel->next_endpoint = next == &channel->endpoints
					     ? NULL
					     : LIST_ENTRY(next, struct client_endpoint, link);
		if (endpoint->conn || evtimer_pending(&endpoint->timer, NULL))
			continue;
		if (client_conn_open(endpoint) != 0)
			back_off(endpoint);
		else if (picks_first(channel))
			break;
	}
	if (channel->next_endpoint)
		h2_timer_add(&channel->timer, EYEBALLS_US);
	else if (find_ready(channel))
		channel_set_ready(channel);
	else
		fail_if_all_have(channel);
}

void
balancing_start(struct rpc_channel *channel)
{
	channel->next_endpoint = LIST_FIRST(&channel->endpoints, struct client_endpoint, link);
	balancing_go_on(channel);
}

static void
leave_conn(struct client_endpoint *endpoint)
{
	struct client_conn *conn = endpoint->conn;

	endpoint->conn = NULL;
	if (!conn)
		return;
	conn->endpoint = NULL;
	client_conn_close_if_done(conn);
}

void
endpoint_ready(struct client_endpoint *endpoint)
{
	struct rpc_channel *channel = endpoint->channel;

	endpoint->n_failures = 0;
	endpoint->ready_at_us = clock_monotonic_us();
	if (picks_first(channel)) {
		channel->next_endpoint = NULL;
		LIST_FOREACH (link, &channel->endpoints)
			if (link != &endpoint->link)
				leave_conn(LIST_ENTRY(link, struct client_endpoint, link));
	}
	channel_set_ready(channel);
}

void
endpoint_failed(struct client_endpoint *endpoint)
{
	struct rpc_channel *channel = endpoint->channel;

	if (picks_first(channel)) {
		event_del(&channel->timer);
		balancing_go_on(channel);
		return;
	}
	back_off(endpoint);
	fail_if_all_have(channel);
	/* The name may have moved; the answer brings new endpoints. */
	if (channel->target.needs_dns)
		rpc_resolver_start(channel->resolver);
}

void
endpoint_lost(struct client_endpoint *endpoint)
{
	struct rpc_channel *channel = endpoint->channel;
	/* A peer that is ready and gone at once, again and again, must not be hammered. */
	bool was_short =
	    clock_monotonic_us() - endpoint->ready_at_us < channel->options.backoff_initial_us;

	if (picks_first(channel)) {
		channel_set_idle(channel);
		return;
	}
	if (!find_ready(channel))
		channel->state = CHANNEL_CONNECTING;
	if (was_short || client_conn_open(endpoint) != 0)
		endpoint_failed(endpoint);
}

/* --- life --- */

static void
on_backoff_end(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	if (client_conn_open(data) != 0)
		endpoint_failed(data);
}

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
	if (endpoint->channel->next_endpoint == endpoint)
		endpoint->channel->next_endpoint = NULL;
	event_del(&endpoint->timer);
	list_remove(&endpoint->link);
	leave_conn(endpoint);
	free(endpoint);
}
