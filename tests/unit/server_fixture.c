/* SPDX-License-Identifier: Apache-2.0 */
#include "server_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "google/protobuf/wrappers.pb-c.h"
#include "unit.h"

static struct probe *
probe_of(struct rpc_call *call)
{
	return rpc_call_method(call)->data;
}

static void
note(struct rpc_call *call, char letter)
{
	struct probe *probe = probe_of(call);
	size_t n = strlen(probe->trace);

	if (n + 1 < sizeof probe->trace)
		probe->trace[n] = letter;
}

static void
on_open(struct rpc_call *call)
{
	probe_of(call)->call = call;
	note(call, 'o');
}

static void
on_half_close(struct rpc_call *call)
{
	note(call, 'h');
}

static void
on_writable(struct rpc_call *call)
{
	note(call, 'w');
}

static void
on_cancel(struct rpc_call *call, enum rpc_code why)
{
	note(call, 'c');
	probe_of(call)->why = why;
	if (!probe_of(call)->ignore_cancel)
		rpc_call_finish(call, why, "asked to end");
}

static void
on_closed(struct rpc_call *call)
{
	note(call, 'x');
	probe_of(call)->call = NULL;
	probe_of(call)->bytes_in = rpc_call_info(call)->bytes_in;
	probe_of(call)->bytes_out = rpc_call_info(call)->bytes_out;
}

static void
on_echo(struct rpc_call *call, ProtobufCMessage *message)
{
	struct probe *probe = probe_of(call);

	note(call, 'm');
	snprintf(probe->text, sizeof probe->text, "%s",
		 ((Google__Protobuf__StringValue *)message)->value);
	if (probe->hold)
		return;
	rpc_call_send(call, message);
	rpc_call_finish(call, RPC_OK, NULL);
}

/* Adds up; answers at the end. */
static void
on_item(struct rpc_call *call, ProtobufCMessage *message)
{
	struct probe *probe = probe_of(call);

	note(call, 'm');
	snprintf(probe->text, sizeof probe->text, "%s",
		 ((Google__Protobuf__StringValue *)message)->value);
	probe->n_messages++;
	if (!probe->hold)
		rpc_call_next(call);
}

static void
on_items_end(struct rpc_call *call)
{
	Google__Protobuf__StringValue sum = GOOGLE__PROTOBUF__STRING_VALUE__INIT;
	char text[16];

	note(call, 'h');
	snprintf(text, sizeof text, "%d", probe_of(call)->n_messages);
	sum.value = text;
	rpc_call_send(call, &sum.base);
	rpc_call_finish(call, RPC_OK, NULL);
}

static void
on_fail(struct rpc_call *call, ProtobufCMessage *message)
{
	note(call, 'm');
	rpc_call_add_trailer(call, "x-unit", "1", 1);
	rpc_call_add_detail(call, message);
	rpc_call_finish(call, RPC_FAILED_PRECONDITION, "不行 100%");
}

static const struct rpc_handler echo = {.open = on_open,
					.message = on_echo,
					.half_close = on_half_close,
					.writable = on_writable,
					.cancel = on_cancel,
					.closed = on_closed};
static const struct rpc_handler items = {.open = on_open,
					 .message = on_item,
					 .half_close = on_items_end,
					 .cancel = on_cancel,
					 .closed = on_closed};
static const struct rpc_handler fail = {.message = on_fail};

static void
add_methods(struct fixture *f)
{
	static struct rpc_method methods[4];
	const struct {
		const char *path;
		bool client, server, safe;
		const struct rpc_handler *handler;
	} list[] = {
	    {PROBE("Echo"), false, false, true, &echo},
	    {PROBE("ServerStream"), false, true, false, &echo},
	    {PROBE("ClientStream"), true, false, false, &items},
	    {PROBE("Fail"), false, false, false, &fail},
	};

	for (size_t i = 0; i < UNIT_COUNT(list); i++)
		methods[i] = (struct rpc_method){
		    .path = list[i].path,
		    .request = &google__protobuf__string_value__descriptor,
		    .response = &google__protobuf__string_value__descriptor,
		    .client_streaming = list[i].client,
		    .server_streaming = list[i].server,
		    .no_side_effects = list[i].safe,
		    .handler = list[i].handler,
		    .data = &f->probe,
		};
	assert_int_equal(rpc_server_add(f->server, methods, UNIT_COUNT(list)), 0);
}

/* --- the peer --- */

static struct peer_stream *
stream_of(struct peer *peer, int32_t id)
{
	for (size_t i = 0; i < peer->n_streams; i++) {
		if (peer->streams[i].id == id)
			return &peer->streams[i];
	}
	return NULL;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	  size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
	struct peer_stream *stream = stream_of(data, frame->hd.stream_id);

	(void)session;
	(void)flags;
	buf_put(&stream->headers, name, name_length);
	buf_puts(&stream->headers, ": ");
	buf_put(&stream->headers, value, value_length);
	buf_puts(&stream->headers, "\n");
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t length,
	void *data)
{
	struct peer *peer = data;

	(void)flags;
	buf_put(&stream_of(peer, id)->body, bytes, length);
	if (!peer->no_windows)
		nghttp2_session_consume(session, id, length);
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct peer *peer = data;

	(void)session;
	if (frame->hd.type != NGHTTP2_GOAWAY)
		return 0;
	peer->n_goaways++;
	buf_put(&peer->goaway, frame->goaway.opaque_data, frame->goaway.opaque_data_len);
	buf_puts(&peer->goaway, "\n");
	return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *data)
{
	struct peer_stream *stream = stream_of(data, id);

	(void)session;
	stream->closed = true;
	stream->error = error;
	return 0;
}

static void
peer_init(struct peer *peer, int fd)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;

	memset(peer, 0, sizeof *peer);
	peer->fd = fd;
	peer->piece = SIZE_MAX;
	buf_init(&peer->goaway, NULL, 4096);
	assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	assert_int_equal(nghttp2_option_new(&option), 0);
	nghttp2_option_set_no_auto_window_update(option, 1);
	assert_int_equal(nghttp2_session_client_new2(&peer->session, callbacks, peer, option), 0);
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

static ssize_t
on_read(nghttp2_session *session, int32_t id, uint8_t *out, size_t length, uint32_t *flags,
	nghttp2_data_source *source, void *data)
{
	struct peer_stream *stream = source->ptr;
	size_t n = stream->send_length < length ? stream->send_length : length;

	(void)session;
	(void)id;
	(void)data;
	if (n == 0 && !stream->send_end)
		return NGHTTP2_ERR_DEFERRED;
	if (n)
		memcpy(out, stream->send, n);
	stream->send += n;
	stream->send_length -= n;
	if (stream->send_length == 0 && stream->send_end)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

struct peer_stream *
peer_request(struct peer *peer, const char *method, const char *path,
	     const struct peer_field *fields, const void *body, size_t length, bool end)
{
	struct peer_stream *stream = &peer->streams[peer->n_streams++];
	nghttp2_data_provider provider = {.source = {.ptr = stream}, .read_callback = on_read};
	const struct peer_field pseudo[] = {
	    {":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "unit"}};
	nghttp2_nv nv[160];
	size_t n = 0;

	for (size_t i = 0; i < UNIT_COUNT(pseudo) || (fields && fields->name); i++) {
		const struct peer_field *field = i < UNIT_COUNT(pseudo) ? &pseudo[i] : fields++;

		nv[n++] = (nghttp2_nv){(uint8_t *)(uintptr_t)field->name,
				       (uint8_t *)(uintptr_t)field->value, strlen(field->name),
				       strlen(field->value), NGHTTP2_NV_FLAG_NO_COPY_NAME};
	}
	assert_true(peer->n_streams <= UNIT_COUNT(peer->streams));
	buf_init(&stream->headers, NULL, 1 << 20);
	buf_init(&stream->body, NULL, 64 << 20);
	stream->send = body;
	stream->send_length = length;
	stream->send_end = end;
	stream->id = nghttp2_submit_request(peer->session, NULL, nv, n, &provider, NULL);
	assert_true(stream->id > 0);
	return stream;
}

struct peer_stream *
peer_grpc(struct peer *peer, const char *path, const void *body, size_t length, bool end)
{
	static const struct peer_field fields[] = {
	    {"content-type", "application/grpc"}, {"te", "trailers"}, {NULL, NULL}};

	return peer_request(peer, "POST", path, fields, body, length, end);
}

void
peer_send(struct peer *peer, struct peer_stream *stream, const void *body, size_t length, bool end)
{
	stream->send = body;
	stream->send_length = length;
	stream->send_end = end;
	nghttp2_session_resume_data(peer->session, stream->id);
}

static bool
peer_write(struct fixture *f)
{
	struct peer *peer = &f->peer;
	const uint8_t *bytes;
	ssize_t n = nghttp2_session_mem_send(peer->session, &bytes);

	if (n <= 0)
		return false;
	peer_send_raw(f, bytes, (size_t)n);
	return true;
}

void
peer_send_raw(struct fixture *f, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	while (length > 0) {
		size_t piece = length < f->peer.piece ? length : f->peer.piece;
		ssize_t n = send(f->peer.fd, at, piece, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
}

static bool
peer_read(struct peer *peer)
{
	uint8_t bytes[65536];
	ssize_t n;

	if (peer->deaf || peer->gone)
		return false;
	n = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		peer->gone = true;
	if (n <= 0)
		return false;
	assert_int_equal(nghttp2_session_mem_recv(peer->session, bytes, (size_t)n), n);
	return true;
}

/* --- the fixture --- */

void
fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	f->limits = rpc_limits_default;
}

void
fixture_start(struct fixture *f)
{
	int fds[2];

	f->base = event_base_new();
	f->server =
	    rpc_server_new(f->base, &(struct rpc_server_options){.limits = &f->limits,
								 .cors_origin = f->cors_origin});
	assert_non_null(f->server);
	add_methods(f);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(rpc_server_serve(f->server, fds[0]), 0);
	peer_init(&f->peer, fds[1]);
}

void
fixture_run(struct fixture *f)
{
	bool busy = true;

	for (int quiet = 0; quiet < 3; quiet = busy ? 0 : quiet + 1) {
		busy = peer_write(f);
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		busy |= peer_read(&f->peer);
	}
}

void
fixture_run_ms(struct fixture *f, int ms)
{
	struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < ms; i++) {
		fixture_run(f);
		nanosleep(&pause, NULL);
	}
	fixture_run(f);
}

void
fixture_stop(struct fixture *f)
{
	nghttp2_session_del(f->peer.session);
	close(f->peer.fd);
	for (size_t i = 0; i < f->peer.n_streams; i++) {
		buf_free(&f->peer.streams[i].headers);
		buf_free(&f->peer.streams[i].body);
	}
	buf_free(&f->peer.goaway);
	rpc_server_free(f->server);
	event_base_free(f->base);
}

size_t
string_frame(const char *text, uint8_t out[static 128])
{
	size_t n = strlen(text);

	memset(out, 0, 4);
	out[4] = (uint8_t)(n + 2);
	out[5] = 0x0a;
	out[6] = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		out[7 + i] = (uint8_t)text[i];
	return n + 7;
}

bool
probe_send(struct rpc_call *call, const char *text)
{
	Google__Protobuf__StringValue message = GOOGLE__PROTOBUF__STRING_VALUE__INIT;

	message.value = (char *)(uintptr_t)text;
	return rpc_call_send(call, &message.base) == RPC_SEND_OK;
}
