/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits: every bound a server puts on its peers, and a counter for every refusal.
 *
 * One list each; a limit's name is also its configuration key and its name in GOAWAY debug text, so
 * that whoever is refused learns which value to look at (rpc.md c; nghttp2#1984). The defaults
 * protect a fresh install. 0 turns a limit off where that makes sense (times, rates, ages).
 */
#ifndef MZ_RPC_LIMITS_H
#define MZ_RPC_LIMITS_H

#include <stdint.h>

/* X(name, default, help) */
#define RPC_LIMITS(X)                                                                              \
	X(max_connections, 10000, "connections of one server")                                     \
	X(max_connections_per_address, 1000, "connections of one peer address; proxies need many") \
	X(max_calls_per_connection, 200, "running calls, cancelled ones that still work included") \
	X(max_receive_bytes, 4 << 20, "one request message, inflated (RPC-36)")                    \
	X(max_inflate_ratio, 200, "a message of more than 1 MiB to its compressed form")           \
	X(max_send_queue_bytes, 8 << 20, "replies of one call waiting for a slow reader")          \
	X(send_high_bytes, 64 << 10, "replies waiting before a handler is told to wait (RPC-30)")  \
	X(max_connection_bytes, 10 << 20, "requests of one connection, arriving or decoded")       \
	X(call_memory_bytes, 32 << 20, "arena of one call")                                        \
	X(stream_window_bytes, 256 << 10, "HTTP/2 initial window of a stream")                     \
	X(connection_window_bytes, 1 << 20, "HTTP/2 window of a connection")                       \
	X(max_header_bytes, 8 << 10, "header block: names + values + 32 each (RPC-29)")            \
	X(max_header_fields, 100, "fields of a header block")                                      \
	X(max_query_bytes, 8 << 10, "path and query of a Connect GET (RPC-19)")                    \
	X(setup_ms, 10000, "TLS, preface, SETTINGS ACK and a header block, each")                  \
	X(silent_stream_ms, 30000, "a stream without its first message")                           \
	X(slow_message_ms, 10000, "a message may be slower than min_message_rate this long")       \
	X(min_message_rate, 1024, "bytes a second of a message after that")                        \
	X(write_stall_ms, 20000, "a write the peer does not take")                                 \
	X(stream_stall_ms, 55000, "a reply without send progress")                                 \
	X(reset_burst, 200, "streams reset by or because of the peer, at once (CVE-2023-44487)")   \
	X(reset_rate, 20, "and a second, CVE-2025-8671 included")                                  \
	X(idle_frames_rate, 1000, "frames without progress a second (CVE-2019-9513, 9518)")        \
	X(out_high_bytes, 64 << 10, "control frames waiting before reading stops")                 \
	X(ping_interval_ms, 300000, "shortest interval of a client's pings (RPC-31)")              \
	X(ping_strikes, 2, "pings sooner than that before GOAWAY too_many_pings")                  \
	X(keepalive_ms, 7200000, "idle time before the server pings")                              \
	X(keepalive_timeout_ms, 20000, "wait for the answer; TCP_USER_TIMEOUT too")                \
	X(max_idle_ms, 0, "a connection without calls")                                            \
	X(max_age_ms, 0, "a connection's life, with 10 % jitter (RPC-32)")                         \
	X(grace_ms, 30000, "time for running calls after the last GOAWAY; never endless")          \
	X(max_health_services, 100, "names in one health List (A90)")                              \
	X(compress_min_bytes, 1024, "replies smaller than this are not compressed")

struct rpc_limits {
#define RPC_LIMIT_FIELD(name, value, help) int64_t name;
	RPC_LIMITS(RPC_LIMIT_FIELD)
#undef RPC_LIMIT_FIELD
};

extern const struct rpc_limits rpc_limits_default;

/* X(name, help) */
#define RPC_COUNTERS(X)                                                                         \
	X(connections, "accepted")                                                              \
	X(connections_refused, "over max_connections or max_connections_per_address")           \
	X(accept_pauses, "no descriptors or memory for a connection; they wait in the backlog") \
	X(connections_closed, "ended, whatever the cause")                                      \
	X(tls_failed, "handshakes that failed, ALPN other than h2 included")                    \
	X(tls_broken, "ended without close_notify, or by what is no record")                    \
	X(http1_refused, "peers that spoke HTTP/1 instead of HTTP/2, and were told so")         \
	X(calls, "begun")                                                                       \
	X(calls_ok, "ended with OK")                                                            \
	X(calls_failed, "ended with another code by their handler")                             \
	X(calls_cancelled, "ended by the peer")                                                 \
	X(calls_late, "ended by their deadline")                                                \
	X(calls_refused, "over max_calls_per_connection, or while draining")                    \
	X(messages_in, "request messages delivered")                                            \
	X(messages_out, "response messages queued")                                             \
	X(message_too_large, "over max_receive_bytes")                                          \
	X(message_bad, "frames, compression, protobuf or JSON that cannot be read")             \
	X(memory_refused, "over call_memory_bytes or max_connection_bytes")                     \
	X(send_queue_refused, "over max_send_queue_bytes")                                      \
	X(headers_refused, "over max_header_bytes or max_header_fields")                        \
	X(http_refused, "requests that are no call: 404, 405, 415, bad query")                  \
	X(no_te_trailers, "gRPC requests without te: trailers, served all the same (RPC-02)")   \
	X(setup_timeouts, "over setup_ms")                                                      \
	X(silent_streams, "over silent_stream_ms")                                              \
	X(slow_messages, "slower than min_message_rate")                                        \
	X(write_stalls, "over write_stall_ms or stream_stall_ms")                               \
	X(protocol_errors, "connections ended for breaking HTTP/2")                             \
	X(reset_floods, "over reset_burst and reset_rate")                                      \
	X(idle_frame_floods, "over idle_frames_rate")                                           \
	X(ping_floods, "over ping_strikes")                                                     \
	X(keepalive_failed, "no answer to our ping")                                            \
	X(idle_closed, "over max_idle_ms")                                                      \
	X(aged, "over max_age_ms")                                                              \
	X(grace_over, "connections with calls left when grace_ms was over")

enum rpc_counter {
#define RPC_COUNTER_MEMBER(name, help) RPC_COUNT_##name,
	RPC_COUNTERS(RPC_COUNTER_MEMBER)
#undef RPC_COUNTER_MEMBER
	    RPC_N_COUNTERS
};

/* "calls_refused". */
const char *rpc_counter_name(enum rpc_counter counter);

/* Sets the limit of that name. -ENOENT when there is none, -ERANGE when negative. */
int rpc_limits_set(struct rpc_limits *limits, const char *name, int64_t value);

#endif
