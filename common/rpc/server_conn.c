/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of a server: nghttp2's events become calls, and the reverse. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/framing.h"
#include "rpc/request.h"
#include "rpc/server_impl.h"
#include "rpc/target.h"

enum {
	BOMB_FACTOR = 8, /* times max_header_bytes */
	STALL_HEAD_START_MS = 5000,
};

static struct server_conn *
conn_of(void *user_data)
{
	return ((struct h2_conn *)user_data)->owner;
}

/* Once we have given a peer up, the rest of what it has sent is not worth reading. */
static int
on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *header, void *user_data)
{
	(void)session;
	(void)header;
	return h2_is_open(user_data) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* Nothing to read in a frame of unknown type; on_frame_recv counts it. */
static int
on_unknown_frame(nghttp2_session *session, void **payload, const nghttp2_frame_hd *header,
		 void *user_data)
{
	(void)session;
	(void)header;
	(void)user_data;
	*payload = NULL;
	return 0;
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	struct rpc_server *server = conn->server;
	struct rpc_call *call = NULL;

	conn->incoming = NULL;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
		conn->incoming = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
		return 0;
	}
	conn->headers_began_us = server_now_us(server);
	if ((int64_t)conn->n_calls < server->limits.max_calls_per_connection &&
	    !conn->last_goaway_sent && h2_is_open(conn->h2))
		call = call_new(conn, frame->hd.stream_id);
	conn->incoming = call;
	if (call)
		return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
	server_count(server, RPC_COUNT_calls_refused);
	return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
					 NGHTTP2_REFUSED_STREAM);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	  size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
	  void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	struct rpc_call *call = conn->incoming;

	(void)session;
	(void)frame;
	(void)flags;
	if (!call)
		return 0;
	request_add_field(call, (const char *)name, name_length, (const char *)value, value_length);
	/* Far beyond mistake: an HPACK bomb. Unpacking the rest would only cost time. */
	if (!call->request.too_large ||
	    (int64_t)call->request.n_bytes <= conn->server->limits.max_header_bytes * BOMB_FACTOR)
		return 0;
	server_conn_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, RPC_COUNT_headers_refused,
			 "header block far too large: max_header_bytes");
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* Request trailers say nothing in any of the three protocols, but end the request. */
static bool
is_malformed(const struct rpc_call *call, bool ends)
{
	const struct rpc_request *request = &call->request;

	if (call->headers_done)
		return request->malformed || !ends;
	return !request->too_large && !request_is_complete(request);
}

static void
on_headers(struct server_conn *conn, const nghttp2_frame *frame)
{
	bool ends = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	struct rpc_call *call = conn->incoming;

	conn->headers_began_us = 0;
	conn->incoming = NULL;
	if (!call)
		return;
	if (is_malformed(call, ends)) {
		call_reset(call, NGHTTP2_PROTOCOL_ERROR, RPC_CANCELLED);
		return;
	}
	if (!call->headers_done) {
		if (call->request.too_large) {
			server_count(conn->server, RPC_COUNT_headers_refused);
			server_watch_reset(conn);
		}
		call_begin(call);
	}
	if (ends)
		call_receive_end(call);
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	struct rpc_call *call;

	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		on_headers(conn, frame);
		break;
	case NGHTTP2_DATA:
		if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
			call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
			if (call)
				call_receive_end(call);
		} else if (frame->hd.length <= frame->data.padlen) {
			server_watch_idle_frame(conn);
		}
		break;
	case NGHTTP2_RST_STREAM:
		server_watch_reset(conn);
		break;
	case NGHTTP2_SETTINGS:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			conn->settings_sent_us = 0;
		else
			conn->new_settings = true;
		server_watch_idle_frame(conn);
		break;
	case NGHTTP2_PING:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			server_watch_pong(conn);
		else
			server_watch_ping(conn);
		break;
	default:
		server_watch_idle_frame(conn);
	}
	return 0;
}

/* Not for every frame: an eighth of the window may wait. */
void
server_conn_consume(struct server_conn *conn)
{
	const struct rpc_limits *limits = &conn->server->limits;

	if ((int64_t)conn->unconsumed < limits->connection_window_bytes / 8 ||
	    (int64_t)conn->held_bytes > limits->max_connection_bytes / 2)
		return;
	nghttp2_session_consume_connection(conn->h2->session, conn->unconsumed);
	conn->unconsumed = 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *data,
	size_t length, void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	struct rpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);

	server_watch_progress(conn);
	if (call) {
		call->last_frame = flags & NGHTTP2_FLAG_END_STREAM;
		call_receive(call, data, length);
	}
	conn->unconsumed += length;
	server_conn_consume(conn);
	return server_watch_share(conn);
}

static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	int32_t id = frame->hd.stream_id;

	switch (frame->hd.type) {
	case NGHTTP2_RST_STREAM:
		if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
			server_watch_reset(conn);
		return 0;
	case NGHTTP2_GOAWAY:
		/* Not by one of our limits: the peer broke a rule. */
		if (frame->goaway.error_code != NGHTTP2_NO_ERROR && !conn->failed)
			server_count(conn->server, RPC_COUNT_protocol_errors);
		return 0;
	case NGHTTP2_HEADERS:
		conn->new_settings = false;
		/* fall through */
	case NGHTTP2_DATA:
		conn->ping_strikes = 0;
		server_watch_progress(conn);
		break;
	default:
		return 0;
	}
	/* RPC-10: answered before the request's end; the peer may stop sending. */
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM &&
	    !nghttp2_session_get_stream_remote_close(session, id))
		return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
	return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *user_data)
{
	struct server_conn *conn = conn_of(user_data);
	struct rpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);

	(void)error;
	if (!call)
		return 0;
	if (conn->incoming == call)
		conn->incoming = NULL;
	rpc_queue_spend(&call->out, &conn->spent);
	call_stream_closed(call);
	return 0;
}

/* A frame that nghttp2 ignores or answers by itself costs as much as one that we see. */
static int
on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error, void *user_data)
{
	(void)session;
	(void)frame;
	(void)error;
	server_watch_idle_frame(conn_of(user_data));
	return 0;
}

static void
on_ready(struct h2_conn *h2)
{
	struct server_conn *conn = h2->owner;

	conn->settings_sent_us = conn->idle_since_us = server_now_us(conn->server);
}

static void
on_flushed(struct h2_conn *h2)
{
	struct server_conn *conn = h2->owner;
	struct list *member;

	rpc_chunks_free(conn->spent);
	conn->spent = NULL;
	while ((member = list_pop(&conn->writable)))
		call_drained(LIST_ENTRY(member, struct rpc_call, next));
	server_reap(conn->server);
}

/* The calls live on until their handlers have ended, without us. */
static void
orphan_calls(struct server_conn *conn)
{
	struct rpc_call *call;

	while ((call = LIST_FIRST(&conn->calls, struct rpc_call, link))) {
		const char *peer = arena_strdup(call->arena, conn->peer);

		list_move(&conn->server->orphans, &call->link);
		call->info.peer = peer ? peer : "";
		rpc_queue_spend(&call->out, &conn->spent);
		call_stream_closed(call);
		call->conn = NULL;
	}
}

static void
free_conn(struct server_conn *conn)
{
	struct server_address *address = conn ? conn->address : NULL;

	if (address && --address->n == 0) {
		map_remove(&conn->server->addresses, address->text, address->length);
		free(address);
	}
	free(conn);
}

/* Ends that h2 alone knows of. */
static void
count_cause(struct rpc_server *server, const char *cause)
{
	static const struct {
		const char *start;
		enum rpc_counter counter;
	} counted[] = {
	    {"TLS handshake:", RPC_COUNT_tls_failed},
	    {"TLS:", RPC_COUNT_tls_broken},
	    {"HTTP/1 ", RPC_COUNT_http1_refused},
	};

	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		if (strncmp(cause, counted[i].start, strlen(counted[i].start)) == 0)
			server_count(server, counted[i].counter);
}

static void
on_closed(struct h2_conn *h2, const char *cause)
{
	struct server_conn *conn = h2->owner;
	struct rpc_server *server = conn->server;

	count_cause(server, cause);
	server_count(server, RPC_COUNT_connections_closed);
	orphan_calls(conn);
	rpc_chunks_free(conn->spent);
	list_remove(&conn->link);
	server->n_conns--;
	server->trims_due = TRIMS;
	free_conn(conn);
	server_drain_check(server);
}

static const struct h2_hooks hooks = {
    .ready = on_ready,
    .flushed = on_flushed,
    .closed = on_closed,
};

/* Without it nghttp2 would skip frames of unknown types without a word, however many there are. */
static void
see_unknown_frames(nghttp2_option *option)
{
	for (unsigned type = NGHTTP2_CONTINUATION + 1; type <= UINT8_MAX; type++)
		nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
}

/* A peer that reads nothing is ended by us, with RST: the kernel would only forget it. */
static unsigned
user_timeout_ms(const struct rpc_limits *limits)
{
	const int64_t least_ms = limits->write_stall_ms + STALL_HEAD_START_MS;

	if (limits->keepalive_timeout_ms == 0 || limits->keepalive_timeout_ms >= least_ms)
		return (unsigned)limits->keepalive_timeout_ms;
	return (unsigned)least_ms;
}

int
server_conn_setup(struct rpc_server *server)
{
	const struct rpc_limits *limits = &server->limits;
	struct h2_setup *setup = &server->setup;
	nghttp2_session_callbacks *callbacks;

	/*
	 * NO_RFC7540_PRIORITIES is not announced: with it nghttp2 forgets closed streams at once
	 * and can no longer tell one from an idle stream (RFC 9113 5.1, h2spec). PRIORITY frames
	 * are no progress and so are limited by idle_frames_rate.
	 */
	*setup = (struct h2_setup){
	    .server = true,
	    .hooks = &hooks,
	    .tls = server->options.tls,
	    .settings = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
			  (uint32_t)limits->max_calls_per_connection},
			 {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
			  (uint32_t)limits->stream_window_bytes},
			 {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
			  (uint32_t)limits->max_header_bytes}},
	    .window = (int32_t)limits->connection_window_bytes,
	    .out_high = (size_t)limits->out_high_bytes,
	    .user_timeout_ms = user_timeout_ms(limits),
	};
	if (h2_setup_init(setup) != 0)
		return -ENOMEM;
	see_unknown_frames(setup->option);
	/* request.c does it. */
	nghttp2_option_set_no_http_messaging(setup->option, 1);
	callbacks = setup->callbacks;
	nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
	nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, on_unknown_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	nghttp2_session_callbacks_set_send_data_callback(callbacks, call_on_send);
	return 0;
}

/* NULL without memory or over max_connections_per_address. */
static struct server_address *
count_address(struct rpc_server *server, const char *text)
{
	const char *port = strrchr(text, ':');
	size_t length = port ? (size_t)(port - text) : strlen(text);
	struct server_address *address = map_get(&server->addresses, text, length);

	if (address) {
		if ((int64_t)address->n >= server->limits.max_connections_per_address)
			return NULL;
		address->n++;
		return address;
	}
	address = malloc(sizeof *address + length);
	if (!address)
		return NULL;
	*address = (struct server_address){.n = 1, .length = length};
	memcpy(address->text, text, length);
	if (map_add(&server->addresses, address->text, length, address) != 0) {
		free(address);
		return NULL;
	}
	return address;
}

/* NULL without memory or over a limit. */
static struct server_conn *
new_conn(struct rpc_server *server, int fd)
{
	struct sockaddr_storage sockaddr = {.ss_family = AF_UNIX};
	socklen_t size = sizeof sockaddr;
	struct rpc_address peer;
	struct server_conn *conn = NULL;

	getpeername(fd, (struct sockaddr *)&sockaddr, &size);
	rpc_address_set(&peer, (const struct sockaddr *)&sockaddr, size);
	if ((int64_t)server->n_conns < server->limits.max_connections)
		conn = calloc(1, sizeof *conn + strlen(peer.text) + 1);
	if (!conn)
		return NULL;
	conn->server = server;
	list_init(&conn->calls);
	list_init(&conn->writable);
	memcpy(conn->peer, peer.text, strlen(peer.text));
	conn->address = count_address(server, peer.text);
	if (conn->address)
		return conn;
	free_conn(conn);
	return NULL;
}

int
rpc_server_serve(struct rpc_server *server, int fd)
{
	struct server_conn *conn = server->draining ? NULL : new_conn(server, fd);

	if (conn)
		conn->h2 = h2_open(server->loop, fd, &server->setup, conn);
	else
		close(fd);
	if (server->draining)
		return -ESHUTDOWN;
	if (!conn || !conn->h2) {
		server_count(server, RPC_COUNT_connections_refused);
		free_conn(conn);
		return -EUSERS;
	}
	server_watch_begin(conn);
	list_append(&server->conns, &conn->link);
	server->n_conns++;
	server_count(server, RPC_COUNT_connections);
	return 0;
}
