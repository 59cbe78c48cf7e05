/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_server.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_LINES = 64 };

/* Allocations that fail on purpose are meant for the client, not for its peer (alloc_fail.h). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
#define malloc  __real_malloc
#define calloc  __real_calloc
#define realloc __real_realloc
#undef strdup
#define strdup __real_strdup

static void
flush(struct fake_conn *conn)
{
	const uint8_t *bytes;
	ssize_t n;

	if (conn->closed)
		return;
	/* Past any buffer of our own, so that a close right after cannot lose it. */
	while ((n = nghttp2_session_mem_send(conn->session, &bytes)) > 0)
		if (send(bufferevent_getfd(conn->io), bytes, (size_t)n, MSG_NOSIGNAL) != n)
			return;
}

static struct fake_stream *
find(struct fake_conn *conn, int32_t id)
{
	for (size_t i = 0; i < conn->n_streams; i++)
		if (conn->streams[i].id == id)
			return &conn->streams[i];
	return NULL;
}

/* --- what comes --- */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct fake_conn *conn = user_data;

	(void)session;
	if (find(conn, frame->hd.stream_id) || conn->n_streams == FAKE_STREAMS)
		return 0;
	conn->streams[conn->n_streams++] = (struct fake_stream){
	    .conn = conn, .id = frame->hd.stream_id, .body = malloc(FAKE_BODY)};
	return 0;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	  size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
	  void *user_data)
{
	struct fake_stream *stream = find(user_data, frame->hd.stream_id);
	size_t used = stream ? strlen(stream->headers) : 0;

	(void)session;
	(void)flags;
	if (stream)
		snprintf(stream->headers + used, FAKE_HEADERS - used, "%.*s: %.*s\n",
			 (int)name_length, (const char *)name, (int)value_length,
			 (const char *)value);
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t length,
	void *user_data)
{
	struct fake_conn *conn = user_data;
	struct fake_stream *stream = find(conn, id);

	(void)flags;
	if (stream && length <= FAKE_BODY - stream->n_body) {
		memcpy(stream->body + stream->n_body, data, length);
		stream->n_body += length;
	}
	if (!conn->server->holds_window)
		nghttp2_session_consume(session, id, length);
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct fake_conn *conn = user_data;
	struct fake_server *server = conn->server;
	struct fake_stream *stream = find(conn, frame->hd.stream_id);

	(void)session;
	if (frame->hd.type == NGHTTP2_PING && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
		conn->n_pings++;
	if (!stream)
		return 0;
	if (frame->hd.type == NGHTTP2_RST_STREAM) {
		stream->reset = true;
		stream->reset_code = frame->rst_stream.error_code;
	}
	if (frame->hd.type == NGHTTP2_HEADERS) {
		server->n_requests++;
		if (server->on_request)
			server->on_request(stream, server->data);
	}
	if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
	    frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
		stream->half_closed = true;
		if (server->on_request_end)
			server->on_request_end(stream, server->data);
	}
	return 0;
}

static void
on_read(struct bufferevent *io, void *data)
{
	struct fake_conn *conn = data;
	struct evbuffer *in = bufferevent_get_input(io);
	size_t n = evbuffer_get_length(in);

	if (conn->closed ||
	    nghttp2_session_mem_recv(conn->session, evbuffer_pullup(in, -1), n) < 0) {
		fake_close(conn);
		return;
	}
	evbuffer_drain(in, n);
	flush(conn);
}

static void
on_event(struct bufferevent *io, short what, void *data)
{
	(void)io;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		fake_close(data);
}

static nghttp2_session *
new_session(struct fake_conn *conn)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_session *session;
	nghttp2_option *option;

	nghttp2_session_callbacks_new(&callbacks);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_option_new(&option);
	nghttp2_option_set_no_auto_window_update(option, 1);
	/* A test may send what a server must not. */
	nghttp2_option_set_no_http_messaging(option, 1);
	nghttp2_option_set_no_auto_ping_ack(option, conn->server->ignores_pings);
	nghttp2_session_server_new2(&session, callbacks, conn, option);
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	return session;
}

static void
conn_free(struct fake_conn *conn)
{
	fake_close(conn);
	for (size_t k = 0; k < conn->n_streams; k++) {
		free(conn->streams[k].body);
		free(conn->streams[k].out);
		free(conn->streams[k].trailers);
	}
	free(conn);
}

/* Room for one more: the oldest goes, which must be closed. */
static void
make_room(struct fake_server *server)
{
	if (server->n_conns < FAKE_CONNS)
		return;
	if (!server->conns[0]->closed)
		abort();
	conn_free(server->conns[0]);
	memmove(server->conns, server->conns + 1, (FAKE_CONNS - 1) * sizeof(server->conns[0]));
	server->n_conns--;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
	  void *data)
{
	struct fake_server *server = data;
	struct fake_conn *conn = calloc(1, sizeof *conn);
	nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, server->window};

	(void)listener;
	(void)address;
	(void)length;
	make_room(server);
	server->conns[server->n_conns++] = conn;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	conn->server = server;
	conn->io = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(conn->io, on_read, NULL, on_event, conn);
	conn->session = new_session(conn);
	if (server->mute)
		return;
	bufferevent_enable(conn->io, EV_READ);
	nghttp2_submit_settings(conn->session, 0, &window, server->window ? 1 : 0);
	flush(conn);
	/* DATA on stream 0 (RFC 9113 6.1). */
	if (server->broken)
		(void)!send(fd, "\0\0\1\0\0\0\0\0\0x", 10, MSG_NOSIGNAL);
}

/* --- what goes --- */

static size_t
split_lines(char *text, nghttp2_nv *nv)
{
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line && n < MAX_LINES; line = strtok(NULL, "\n")) {
		char *colon = strstr(line + 1, ": ");

		*colon = '\0';
		nv[n++] = (nghttp2_nv){(uint8_t *)line, (uint8_t *)colon + 2, strlen(line),
				       strlen(colon + 2), NGHTTP2_NV_FLAG_NONE};
	}
	return n;
}

static void
submit_trailers(struct fake_stream *stream)
{
	nghttp2_nv nv[MAX_LINES];
	size_t n = split_lines(stream->trailers, nv);

	nghttp2_submit_trailer(stream->conn->session, stream->id, nv, n);
	free(stream->trailers);
	stream->trailers = NULL;
}

static ssize_t
read_out(nghttp2_session *session, int32_t id, uint8_t *out, size_t length, uint32_t *flags,
	 nghttp2_data_source *source, void *user_data)
{
	struct fake_stream *stream = source->ptr;
	size_t n = stream->n_out - stream->out_at;

	(void)session;
	(void)id;
	(void)user_data;
	if (n > length)
		n = length;
	if (n)
		memcpy(out, stream->out + stream->out_at, n);
	stream->out_at += n;
	if (stream->out_at == stream->n_out && (stream->out_ends || stream->trailers)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (stream->trailers) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			submit_trailers(stream);
		}
		return (ssize_t)n;
	}
	return n ? (ssize_t)n : NGHTTP2_ERR_DEFERRED;
}

void
fake_headers(struct fake_stream *stream, const char *lines, bool end)
{
	nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_out};
	nghttp2_nv nv[MAX_LINES];
	char *text = strdup(lines ? lines : ":status: 200\ncontent-type: application/grpc\n");
	size_t n = split_lines(text, nv);

	nghttp2_submit_response(stream->conn->session, stream->id, nv, n, end ? NULL : &body);
	free(text);
	flush(stream->conn);
}

static void
go_on(struct fake_stream *stream)
{
	nghttp2_session_resume_data(stream->conn->session, stream->id);
	flush(stream->conn);
}

void
fake_data(struct fake_stream *stream, const void *bytes, size_t length, bool end)
{
	stream->out = realloc(stream->out, stream->n_out + length + 1);
	if (length)
		memcpy(stream->out + stream->n_out, bytes, length);
	stream->n_out += length;
	stream->out_ends = end;
	go_on(stream);
}

void
fake_message(struct fake_stream *stream, const void *bytes, size_t length)
{
	const uint8_t prefix[5] = {0, (uint8_t)(length >> 24), (uint8_t)(length >> 16),
				   (uint8_t)(length >> 8), (uint8_t)length};

	fake_data(stream, prefix, sizeof prefix, false);
	fake_data(stream, bytes, length, false);
}

void
fake_trailers(struct fake_stream *stream, const char *lines)
{
	stream->trailers = strdup(lines);
	go_on(stream);
}

void
fake_reply(struct fake_stream *stream, const void *bytes, size_t length)
{
	fake_headers(stream, NULL, false);
	fake_message(stream, bytes, length);
	fake_trailers(stream, "grpc-status: 0\n");
}

void
fake_reset(struct fake_stream *stream, uint32_t code)
{
	nghttp2_submit_rst_stream(stream->conn->session, 0, stream->id, code);
	flush(stream->conn);
}

void
fake_goaway(struct fake_conn *conn, int32_t last_id, uint32_t code, const char *text)
{
	nghttp2_submit_goaway(conn->session, 0, last_id, code, (const uint8_t *)text, strlen(text));
	flush(conn);
}

void
fake_open_window(struct fake_stream *stream)
{
	stream->conn->server->holds_window = false;
	nghttp2_session_consume(stream->conn->session, stream->id, stream->n_body);
	flush(stream->conn);
}

/* Leaves the streams to be looked at. */
void
fake_close(struct fake_conn *conn)
{
	if (conn->closed)
		return;
	conn->closed = true;
	bufferevent_free(conn->io);
	nghttp2_session_del(conn->session);
}

/* --- life --- */

void
fake_start(struct fake_server *server, struct event_base *base, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	ev_socklen_t size = sizeof address;

	server->base = base;
	server->listener = evconnlistener_new_bind(base, on_accept, server,
						   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
						   (struct sockaddr *)&address, sizeof address);
	if (!server->listener || getsockname(evconnlistener_get_fd(server->listener),
					     (struct sockaddr *)&address, &size) != 0)
		abort();
	server->port = ntohs(address.sin_port);
}

void
fake_stop_listening(struct fake_server *server)
{
	if (server->listener)
		evconnlistener_free(server->listener);
	server->listener = NULL;
}

void
fake_stop(struct fake_server *server)
{
	fake_stop_listening(server);
	for (size_t i = 0; i < server->n_conns; i++)
		conn_free(server->conns[i]);
	server->n_conns = 0;
}

struct fake_stream *
fake_last(struct fake_server *server)
{
	for (size_t i = server->n_conns; i-- > 0;)
		if (server->conns[i]->n_streams)
			return &server->conns[i]->streams[server->conns[i]->n_streams - 1];
	return NULL;
}

bool
fake_has_header(const struct fake_stream *stream, const char *line)
{
	const char *at = strstr(stream->headers, line);

	return at && (at == stream->headers || at[-1] == '\n') && at[strlen(line)] == '\n';
}
