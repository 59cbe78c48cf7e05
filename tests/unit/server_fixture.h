/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server under test and a peer that speaks HTTP/2 by nghttp2 alone, joined by a socketpair in one
 * process, so that a test decides what arrives when, and in pieces of which size.
 *
 * The methods of "/unit.Probe/" take and give google.protobuf.StringValue; every hook of a call
 * writes a letter into probe.trace: o(pen) m(essage) h(alf_close) w(ritable) c(ancel) x (closed).
 */
#ifndef MZ_SERVER_FIXTURE_H
#define MZ_SERVER_FIXTURE_H

#include <event2/event.h>
#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "rpc/server.h"

struct probe {
	char trace[64];
	struct rpc_call *call; /* while it is open */
	enum rpc_code why;     /* of cancel */
	char text[64];         /* of the last message */
	int n_messages, n_waits;
	uint64_t bytes_in, bytes_out; /* when it was over */
	bool hold;          /* Echo: do not answer; ClientStream: do not ask for the next */
	bool ignore_cancel; /* cancel does not finish the call */
};

struct peer_stream {
	int32_t id;
	struct buf headers; /* "name: value\n" …, of both blocks */
	struct buf body;
	bool closed;
	uint32_t error;
	const uint8_t *send; /* request body */
	size_t send_length;
	bool send_end;
};

struct peer {
	nghttp2_session *session;
	int fd;
	size_t piece;    /* most bytes of a write to the server */
	bool deaf;       /* reads nothing */
	bool no_windows; /* opens no flow control windows */
	bool gone;
	struct buf goaway; /* debug texts, a line each */
	int n_goaways;
	struct peer_stream streams[256];
	size_t n_streams;
};

struct fixture {
	struct event_base *base;
	struct rpc_server *server;
	struct rpc_limits limits;
	const char *cors_origin;
	struct peer peer;
	struct probe probe;
	int n_drained;
};

/* With the limits of f->limits, which fixture_init fills with the defaults. */
void fixture_init(struct fixture *f);
void fixture_start(struct fixture *f);
void fixture_stop(struct fixture *f);

/* Moves bytes both ways until both sides are quiet. */
void fixture_run(struct fixture *f);
/* The same for that long, by the real clock. */
void fixture_run_ms(struct fixture *f, int ms);

/* One header field of a request. */
struct peer_field {
	const char *name, *value;
};

/* Submits a request; fields end with a NULL name. The body must stay. */
struct peer_stream *peer_request(struct peer *peer, const char *method, const char *path,
				 const struct peer_field *fields, const void *body, size_t length,
				 bool end);
/* POST of gRPC with te and content-type. */
struct peer_stream *peer_grpc(struct peer *peer, const char *path, const void *body, size_t length,
			      bool end);
/* More of the body, or its end. */
void peer_send(struct peer *peer, struct peer_stream *stream, const void *body, size_t length,
	       bool end);
/* Bytes that are no frames of nghttp2's. */
void peer_send_raw(struct fixture *f, const void *bytes, size_t length);

/* Sends a StringValue; false: RPC_SEND_WAIT. */
bool probe_send(struct rpc_call *call, const char *text);

#define PROBE(method) "/unit.Probe/" method

/* A gRPC frame with StringValue{text}: prefix 5, tag, length, up to 100 bytes of text. */
size_t string_frame(const char *text, uint8_t out[static 128]);

#endif
