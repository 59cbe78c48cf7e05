/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP/2 connection of a channel: connecting, SETTINGS, keepalive, GOAWAY, the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/channel_impl.h"
#include "rpc/client_impl.h"

enum {
	STREAM_WINDOW = 256 << 10,
	CONNECTION_WINDOW = 4 << 20,
	OUT_HIGH = 1 << 20,
};

void
client_conn_explain(const struct client_conn *conn, const char *phase, const char *cause,
		    int64_t since_us, char text[static CHANNEL_CAUSE_SIZE])
{
	snprintf(text, CHANNEL_CAUSE_SIZE, "%s: %s: %s%s%s (after %lld ms)", conn->peer, phase,
		 cause, conn->goaway[0] ? "; " : "", conn->goaway,
		 (long long)(clock_monotonic_us() - since_us) / 1000);
}

static void
explain(struct client_conn *conn, const char *cause)
{
	client_conn_explain(conn, conn->ready ? "connection lost" : "connecting", cause,
			    conn->began_us, conn->channel->failure);
}

/* The endpoint hears once of the end of its connection. */
static void
leave_endpoint(struct client_conn *conn)
{
	struct client_endpoint *endpoint = conn->endpoint;

	if (!endpoint)
		return;
	conn->endpoint = NULL;
	endpoint->conn = NULL;
	if (conn->channel->closing)
		return;
	if (conn->ready) {
		endpoint_lost(endpoint);
		return;
	}
	conn->channel->counts[RPC_CHANNEL_CONNECTS_FAILED]++;
	endpoint_failed(endpoint);
}

static void
on_closed(struct h2_conn *h2, const char *cause)
{
	struct client_conn *conn = h2->owner;
	struct rpc_channel *channel = conn->channel;
	struct rpc_client_call *call;

	conn->closed = true; /* calls that go back to the channel do not find it again */
	if (conn->ready && conn->endpoint && !channel->closing)
		channel->counts[RPC_CHANNEL_CONNECTIONS_LOST]++;
	explain(conn, cause);
	while ((call = LIST_FIRST(&conn->attempts, struct rpc_client_call, attempt.link)))
		client_attempt_lost(call, cause);
	leave_endpoint(conn);
	event_del(&conn->timer);
	list_remove(&conn->link);
	free(conn);
	channel_maybe_free(channel);
}

static const struct h2_hooks hooks = {.closed = on_closed};

static void
on_timer(evutil_socket_t fd, short what, void *data)
{
	struct client_conn *conn = data;

	(void)fd;
	(void)what;
	if (conn->ready)
		client_conn_watch(conn);
	else
		h2_close(conn->h2, "timed out");
}

void
client_conn_watch(struct client_conn *conn)
{
	struct rpc_channel *channel = conn->channel;
	int64_t wait_us;

	conn->keepalive.interval_us = channel->keepalive_us;
	switch (rpc_keepalive_check(&conn->keepalive, clock_monotonic_us(), conn->h2->last_read_us,
				    !list_is_empty(&conn->attempts), &wait_us)) {
	case RPC_KEEPALIVE_PING:
		channel->counts[RPC_CHANNEL_PINGS]++;
		h2_submitted(conn->h2,
			     nghttp2_submit_ping(conn->h2->session, NGHTTP2_FLAG_NONE, NULL));
		break;
	case RPC_KEEPALIVE_DEAD:
		h2_close(conn->h2, "keepalive: the peer does not answer");
		return;
	case RPC_KEEPALIVE_WAIT:
		break;
	}
	if (wait_us)
		h2_timer_add(&conn->timer, wait_us);
}

/* A socket that is connecting, or -errno. */
static int
begin_connect(const struct rpc_address *address)
{
	int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address->storage, address->length) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int
client_conn_open(struct client_endpoint *endpoint)
{
	struct rpc_channel *channel = endpoint->channel;
	struct client_conn *conn = calloc(1, sizeof *conn);
	int fd, r;

	if (!conn)
		return -ENOMEM;
	conn->channel = channel;
	conn->began_us = clock_monotonic_us();
	conn->keepalive.timeout_us = channel->options.keepalive_timeout_us;
	conn->keepalive.without_calls = channel->options.keepalive_without_calls;
	snprintf(conn->peer, sizeof conn->peer, "%s", endpoint->address.text);
	list_init(&conn->link);
	list_init(&conn->attempts);
	fd = begin_connect(&endpoint->address);
	if (fd >= 0)
		conn->h2 = h2_open(channel->loop, fd, &channel->setup, conn);
	r = fd < 0 ? fd : conn->h2 ? 0 : -ENOMEM;
	channel->counts[RPC_CHANNEL_CONNECTS]++;
	if (r) {
		channel->counts[RPC_CHANNEL_CONNECTS_FAILED]++;
		explain(conn, strerror(-r));
		free(conn);
		return r;
	}
	event_assign(&conn->timer, channel->base, -1, 0, on_timer, conn);
	if (h2_timer_add(&conn->timer, channel->options.connect_timeout_us) != 0)
		h2_close(conn->h2, "no memory");
	list_append(&channel->conns, &conn->link);
	conn->endpoint = endpoint;
	endpoint->conn = conn;
	return 0;
}

void
client_conn_close_if_done(struct client_conn *conn)
{
	if (!conn->endpoint && !conn->closed && list_is_empty(&conn->attempts))
		h2_close(conn->h2, "drained");
}

void
client_conn_drain(struct client_conn *conn)
{
	leave_endpoint(conn);
	client_conn_close_if_done(conn);
}

static void
on_goaway(struct client_conn *conn, const nghttp2_goaway *goaway)
{
	struct rpc_channel *channel = conn->channel;
	const int length = goaway->opaque_data_len < 100 ? (int)goaway->opaque_data_len : 100;

	snprintf(conn->goaway, sizeof conn->goaway, "peer said %s%s%.*s",
		 nghttp2_http2_strerror(goaway->error_code), length ? ": " : "", length,
		 length ? (const char *)goaway->opaque_data : "");
	if (goaway->error_code == NGHTTP2_ENHANCE_YOUR_CALM &&
	    strstr(conn->goaway, ": too_many_pings")) {
		channel->keepalive_us *= 2;
		channel->counts[RPC_CHANNEL_TOO_MANY_PINGS]++;
	}
	if (conn->endpoint)
		channel->counts[RPC_CHANNEL_GOAWAYS]++;
	explain(conn, "the peer goes away");
	client_conn_drain(conn);
}

static void
on_settings(struct client_conn *conn)
{
	if (conn->ready)
		return;
	conn->ready = true;
	event_del(&conn->timer);
	if (conn->endpoint)
		endpoint_ready(conn->endpoint);
	client_conn_watch(conn);
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct client_conn *conn = ((struct h2_conn *)user_data)->owner;
	struct rpc_client_call *call;

	switch (frame->hd.type) {
	case NGHTTP2_SETTINGS:
		if (!(frame->hd.flags & NGHTTP2_FLAG_ACK))
			on_settings(conn);
		break;
	case NGHTTP2_GOAWAY:
		on_goaway(conn, &frame->goaway);
		break;
	case NGHTTP2_HEADERS:
	case NGHTTP2_DATA:
		call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
		if (call)
			client_response_frame(call, frame);
		break;
	default:
		break;
	}
	return 0;
}

int
client_conn_setup(struct rpc_channel *channel)
{
	const struct rpc_channel_options *options = &channel->options;
	struct h2_setup *setup = &channel->setup;

	*setup = (struct h2_setup){
	    .hooks = &hooks,
	    .tls = options->tls,
	    .tls_name = channel->tls_name,
	    .settings = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
			 {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
			 {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, CLIENT_HEADER_BYTES}},
	    .window = CONNECTION_WINDOW,
	    .out_high = OUT_HIGH,
	};
	/* gRFC A18: a peer that acknowledges nothing is found by the kernel, too. */
	if (options->keepalive_us)
		setup->user_timeout_ms = (unsigned)(options->keepalive_timeout_us / 1000);
	if (h2_setup_init(setup) != 0)
		return -ENOMEM;
	nghttp2_session_callbacks_set_on_frame_recv_callback(setup->callbacks, on_frame_recv);
	client_attempt_setup(setup->callbacks);
	return 0;
}
