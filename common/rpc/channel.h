/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channel: the way to one service, over as many connections as its addresses need.
 *
 * A channel has a target, resolves it, connects, backs off, reconnects, spreads calls over
 * addresses, and hands its calls (client.h) to connections. It lives on one event loop and is lazy:
 * nothing happens before its first call. Names are resolved without blocking the loop, again after
 * every failure (RPC-37).
 *
 *     unix:/run/x.sock   ipv4:10.0.0.1:50061,10.0.0.2:50061   ipv6:[::1]:50061
 *     dns:name:50061     name:50061
 *
 * Its states, as calls see them: a call goes to a ready connection at once; while the channel is
 * idle or connecting it waits; after every address has failed it ends UNAVAILABLE with the cause of
 * the last failure, or waits on when it was told to wait for ready (RPC-42), until the next try.
 */
#ifndef MZ_RPC_CHANNEL_H
#define MZ_RPC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rpc/codec.h"

struct event_base;
struct ssl_ctx_st;
struct rpc_channel;

enum rpc_balancing {
	RPC_PICK_FIRST,  /* the first address that answers, happy eyeballs (RPC-39) */
	RPC_ROUND_ROBIN, /* calls in turn over all addresses that answer */
};

/* Retries (RPC-40; gRFC A6). All zero: only transparent ones (RPC-41). */
struct rpc_retry_policy {
	uint32_t max_attempts; /* the first included; at most 5 count */
	int64_t initial_backoff_us, max_backoff_us;
	uint32_t multiplier_percent; /* 160: each delay is 1.6 times the one before */
	uint32_t codes;              /* bit 1 << code: worth another try */
	/* Throttle of the whole channel: a failure takes 1000 of max_tokens * 1000, a success gives
	 * token_ratio back; retries only while more than half is left. max_tokens 0: none. */
	uint32_t max_tokens, token_ratio;
};

/* Zero in any field means the default in brackets. Pointers are kept, strings copied. */
struct rpc_channel_options {
	enum rpc_protocol protocol;
	enum rpc_codec codec;
	enum rpc_balancing balancing;
	/* For JSON with typed messages. ignore_unknown is always set: a newer server may say more.
	 */
	struct rpc_json_options json;
	/* rpc_tls_client_new; NULL: h2c. */
	struct ssl_ctx_st *tls;
	/* :authority, and the name in the server's certificate [the target's host] */
	const char *authority;
	const char *user_agent;
	struct rpc_retry_policy retry;
	uint32_t max_receive_bytes;    /* of one inflated message [4 MiB] */
	uint32_t max_send_queue_bytes; /* of one call [8 MiB] */
	uint32_t retry_buffer_bytes;   /* a call that has sent more is not retried [256 KiB] */
	size_t call_memory_bytes;      /* arena of a call, and of a message [32 MiB] */
	int64_t connect_timeout_us;    /* TCP, TLS and SETTINGS of one address [20 s] */
	int64_t backoff_initial_us;    /* RPC-38 [1 s] */
	int64_t backoff_max_us;        /* [120 s] */
	int64_t keepalive_us; /* ping after that long without a byte, 10 s at least [never] */
	int64_t keepalive_timeout_us; /* [20 s] */
	bool keepalive_without_calls;
};

/*
 * A channel to target. 0, -EINVAL when target or authority cannot be read, -ENOMEM. Freed by
 * rpc_channel_close.
 */
int rpc_channel_new(struct event_base *base, const char *target,
		    const struct rpc_channel_options *options, struct rpc_channel **ret_channel);

/*
 * Ends the channel: connections close now, calls under way end with UNAVAILABLE (from the event
 * loop, as always), and the channel is freed after the last of its calls is. NULL is allowed.
 */
void rpc_channel_close(struct rpc_channel *channel);

/* What has happened since the channel was made. */
enum rpc_channel_counter {
	RPC_CHANNEL_CONNECTS,         /* connections begun */
	RPC_CHANNEL_CONNECTS_FAILED,  /* of them not ready in time, or refused */
	RPC_CHANNEL_CONNECTIONS_LOST, /* ready connections that broke */
	RPC_CHANNEL_GOAWAYS,          /* whose peer went away, too_many_pings included */
	RPC_CHANNEL_TOO_MANY_PINGS,   /* times that the keepalive interval was doubled */
	RPC_CHANNEL_PINGS,            /* keepalive pings sent */
	RPC_CHANNEL_CALLS,            /* started */
	RPC_CHANNEL_CALLS_OK,
	RPC_CHANNEL_CALLS_FAILED,
	RPC_CHANNEL_CALLS_CANCELLED, /* of them by the caller */
	RPC_CHANNEL_CALLS_LATE,      /* of them by their deadline, here */
	RPC_CHANNEL_RETRIES,         /* tries after a failure (RPC-40) */
	RPC_CHANNEL_REPLAYS,         /* transparent retries (RPC-41) */
	RPC_CHANNEL_REFUSED,         /* responses over a limit: messages, headers, memory */
	RPC_N_CHANNEL_COUNTERS
};

uint64_t rpc_channel_count(const struct rpc_channel *channel, enum rpc_channel_counter counter);

#endif
