/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that does what a test tells it: an nghttp2 session on the test's own event loop, so that
 * resets, ends, GOAWAYs and closed connections come in exactly the order that is being tested.
 *
 * It answers nothing by itself but SETTINGS and PING. Sending functions write at once.
 */
#ifndef MZ_FAKE_SERVER_H
#define MZ_FAKE_SERVER_H

#include <event2/event.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_STREAMS = 32, FAKE_BODY = 1 << 20, FAKE_CONNS = 16, FAKE_HEADERS = 4096 };

struct fake_server;

struct fake_stream {
	struct fake_conn *conn;
	int32_t id;
	bool half_closed;           /* the client's END_STREAM is in */
	bool reset;                 /* the client has reset it … */
	uint32_t reset_code;        /* … with this */
	char headers[FAKE_HEADERS]; /* "name: value\n" of the request */
	uint8_t *body;
	size_t n_body;
	/* The reply's body still to be sent. */
	uint8_t *out;
	size_t n_out, out_at;
	bool out_ends;
	char *trailers;
};

struct fake_conn {
	struct fake_server *server;
	struct bufferevent *io;
	nghttp2_session *session;
	bool closed;
	struct fake_stream streams[FAKE_STREAMS]; /* in order of arrival */
	size_t n_streams, n_pings;
};

struct fake_server {
	struct event_base *base;
	struct evconnlistener *listener;
	uint16_t port;
	bool ignores_pings;
	bool broken;       /* sends a frame that no server may send, right after its SETTINGS */
	bool mute;         /* accepts, but sends no SETTINGS */
	uint32_t window;   /* initial window of streams; 0: the default */
	bool holds_window; /* request bytes are not consumed */
	/* A request has come, its headers are in. NULL: the test looks by itself. */
	void (*on_request)(struct fake_stream *stream, void *data);
	/* … and its last byte. */
	void (*on_request_end)(struct fake_stream *stream, void *data);
	void *data;
	struct fake_conn *conns[FAKE_CONNS];
	size_t n_conns;    /* kept */
	size_t n_requests; /* ever */
};

/* On 127.0.0.1, at port (0: any). The caller sets the fields above before the first turn. */
void fake_start(struct fake_server *server, struct event_base *base, uint16_t port);
/* Closes everything. */
void fake_stop(struct fake_server *server);
/* No new connections; those there are stay. */
void fake_stop_listening(struct fake_server *server);

/* The request that came last, over all connections; NULL before the first. */
struct fake_stream *fake_last(struct fake_server *server);
/* True when the request's headers have "name: value". */
bool fake_has_header(const struct fake_stream *stream, const char *line);

/* "name: value\n…" each; headers with ":status: 200" and content-type application/grpc when NULL.
 */
void fake_headers(struct fake_stream *stream, const char *lines, bool end);
void fake_data(struct fake_stream *stream, const void *bytes, size_t length, bool end);
/* A gRPC message. */
void fake_message(struct fake_stream *stream, const void *bytes, size_t length);
/* After all data. */
void fake_trailers(struct fake_stream *stream, const char *lines);
/* headers, one message, trailers with status 0. */
void fake_reply(struct fake_stream *stream, const void *bytes, size_t length);
void fake_reset(struct fake_stream *stream, uint32_t code);
void fake_goaway(struct fake_conn *conn, int32_t last_id, uint32_t code, const char *text);
void fake_close(struct fake_conn *conn);
/* Gives the client window again for what holds_window kept back. */
void fake_open_window(struct fake_stream *stream);

#endif
