/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retry: when another try is worth it, and how long to wait for it. Pure arithmetic.
 *
 * Backoff is for connections (RPC-38), retries are for calls (RPC-40; gRFC A6), the throttle is one
 * a channel and stops retries when most calls fail anyway. `random` is any 32 random bits.
 */
#ifndef MZ_RPC_RETRY_H
#define MZ_RPC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "rpc/channel.h"
#include "rpc/status.h"

enum { RPC_MAX_ATTEMPTS = 5 };

/* Delay before the n-th new connection (0 is the first after a failure): × 1.6, ± 20 %, at most
 * max_us (before the jitter). */
int64_t rpc_backoff_us(int64_t initial_us, int64_t max_us, unsigned n, uint32_t random);

struct rpc_throttle {
	uint32_t max, tokens; /* thousandths */
	uint32_t ratio;
};

void rpc_throttle_init(struct rpc_throttle *throttle, const struct rpc_retry_policy *policy);
void rpc_throttle_success(struct rpc_throttle *throttle);

/* A try that has failed. */
struct rpc_try {
	enum rpc_code code;
	unsigned n;           /* tries made, this one included */
	bool committed;       /* response headers came, or the request is no longer buffered */
	const char *pushback; /* grpc-retry-pushback-ms, NULL for none */
};

/* True when the call is to be tried again after *ret_delay_us. Counts the failure in throttle. */
bool rpc_retry_wanted(const struct rpc_retry_policy *policy, struct rpc_throttle *throttle,
		      const struct rpc_try *failed, uint32_t random, int64_t *ret_delay_us);

#endif
