/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keepalive of a client's connection (RPC-31; gRFC A8), as arithmetic on the clock.
 *
 * A ping goes out when nothing has been read for the interval; when nothing is read for the timeout
 * after it, the peer is dead. A peer that says too_many_pings doubles the interval.
 */
#ifndef MZ_RPC_KEEPALIVE_H
#define MZ_RPC_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#define RPC_KEEPALIVE_MIN_US INT64_C(10000000)

struct rpc_keepalive {
	int64_t interval_us, timeout_us; /* interval 0: never */
	bool without_calls;
	int64_t ping_sent_us; /* 0: none is out */
};

enum rpc_keepalive_action { RPC_KEEPALIVE_WAIT, RPC_KEEPALIVE_PING, RPC_KEEPALIVE_DEAD };

/*
 * What to do now, and after how many microseconds to ask again (0: not before a call begins). PING
 * counts as sent.
 */
enum rpc_keepalive_action rpc_keepalive_check(struct rpc_keepalive *keepalive, int64_t now_us,
					      int64_t last_read_us, bool has_calls,
					      int64_t *ret_wait_us);

#endif
