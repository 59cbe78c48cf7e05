/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server: listening sockets, their connections, and the methods they serve.
 *
 * One port speaks gRPC, gRPC-Web (also -text) and Connect (unary, GET, streams), each with proto or
 * JSON, over h2c or TLS; handlers see only calls (call.h). A server lives on one event_base and one
 * thread. Several servers may share a base: each has its own sockets, methods, limits and counters,
 * and everything of all of them that is ready in one turn of the loop leaves in one write a
 * connection.
 *
 *     struct rpc_server *s = rpc_server_new(base, &(struct rpc_server_options){0});
 *     rpc_server_add(s, methods, n_methods);
 *     health = rpc_health_new(s); rpc_reflection_add(s, …);        (health.h, reflection.h)
 *     rpc_server_listen(s, "127.0.0.1:50061");
 *     event_base_dispatch(base);
 *
 * Workers. Before the fork the parent makes the socket with rpc_listen (SO_REUSEPORT, so it can
 * also be done by each worker after the fork, one socket each: the kernel then spreads
 * connections). After the fork the worker makes its own event_base and server and calls
 * rpc_server_adopt(s, fd) with its socket. Nothing of a server survives a fork.
 *
 * Drain (RPC-32). rpc_server_drain(s, done, data), once, from SIGTERM's handler on the loop: health
 * goes NOT_SERVING (health.h), listening sockets are closed, every connection is sent GOAWAY in two
 * steps, running calls go on until grace_ms; what is left then is asked to end by `cancel` and its
 * connections are closed a second later. done(data) runs once, from the loop, when no connection is
 * left; then the application may rpc_server_free and leave its loop. Calls that arrive meanwhile
 * are refused so that any client retries them elsewhere (REFUSED_STREAM).
 */
#ifndef MZ_RPC_SERVER_H
#define MZ_RPC_SERVER_H

#include "rpc/call.h"
#include "rpc/codec.h"
#include "rpc/limits.h"

struct event_base;
struct proto_fault;
struct ssl_ctx_st;
struct rpc_server;

struct rpc_server_options {
	/* NULL: rpc_limits_default. Copied. */
	const struct rpc_limits *limits;
	/* TLS with ALPN h2 (tls.h); NULL: h2c. Must outlive the server. */
	struct ssl_ctx_st *tls;
	/* gRPC-Web and Connect from browsers: an origin, "*" for all, or NULL for none (RPC-16). */
	const char *cors_origin;
	/* Connect requests without connect-protocol-version: 1 are refused (RPC-20). */
	bool require_connect_version;
	/* Its schema knows the messages of all methods (proto/schema.h), for JSON and reflection,
	 * and must outlive the server. */
	struct rpc_json_options json;
	/* Runs when a call is over, just before its handler's `closed`; may be NULL. */
	void (*on_call_end)(const struct rpc_call *call, void *data);
	/* A request is not the message it should be. May add details; what it returns is told to
	 * the peer, NULL: the fault's own words. May be NULL. */
	const char *(*on_misread)(struct rpc_call *call, const struct proto_fault *fault,
				  void *data);
	void *data;
};

/* A server without sockets and methods. NULL without memory. */
struct rpc_server *rpc_server_new(struct event_base *base,
				  const struct rpc_server_options *options);

/*
 * Adds methods; the table must outlive the server. 0, -EEXIST when a path is there already, -EINVAL
 * when a method has no handler or no `message` hook, -ENOMEM.
 */
int rpc_server_add(struct rpc_server *server, const struct rpc_method *methods, size_t n_methods);

/*
 * A listening socket on "127.0.0.1:50061", "[::1]:0", "*:443" or "unix:/path"; close-on-exec,
 * non-blocking, SO_REUSEPORT where it is TCP. The descriptor, or -errno (-EINVAL for an address
 * that cannot be read; names are not resolved).
 */
int rpc_listen(const char *address);

/* Accepts from fd, which then belongs to the server. 0, -ENOMEM, -ESHUTDOWN while draining. */
int rpc_server_adopt(struct rpc_server *server, int fd);

/* rpc_listen and rpc_server_adopt. */
int rpc_server_listen(struct rpc_server *server, const char *address);

/* Serves a connected socket, which then belongs to the server. 0, -ESHUTDOWN while draining,
 * -EUSERS over a limit or without memory. */
int rpc_server_serve(struct rpc_server *server, int fd);

/* Port of the first TCP socket, 0 without one. */
int rpc_server_port(const struct rpc_server *server);

/* See above. A second call changes nothing. */
void rpc_server_drain(struct rpc_server *server, void (*done)(void *data), void *data);
bool rpc_server_draining(const struct rpc_server *server);

/* Ends what is left at once (handlers see cancel and closed) and frees the server. */
void rpc_server_free(struct rpc_server *server);

uint64_t rpc_server_count(const struct rpc_server *server, enum rpc_counter counter);
size_t rpc_server_n_connections(const struct rpc_server *server);
size_t rpc_server_n_calls(const struct rpc_server *server);

#endif
