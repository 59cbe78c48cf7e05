/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/keepalive.h"

enum rpc_keepalive_action
rpc_keepalive_check(struct rpc_keepalive *keepalive, int64_t now_us, int64_t last_read_us,
		    bool has_calls, int64_t *ret_wait_us)
{
	int64_t due_us;

	*ret_wait_us = 0;
	if (!keepalive->interval_us)
		return RPC_KEEPALIVE_WAIT;
	if (keepalive->ping_sent_us && last_read_us < keepalive->ping_sent_us) {
		due_us = keepalive->ping_sent_us + keepalive->timeout_us;
		if (now_us >= due_us)
			return RPC_KEEPALIVE_DEAD;
		*ret_wait_us = due_us - now_us;
		return RPC_KEEPALIVE_WAIT;
	}
	keepalive->ping_sent_us = 0;
	if (!has_calls && !keepalive->without_calls)
		return RPC_KEEPALIVE_WAIT;
	due_us = last_read_us + keepalive->interval_us;
	if (now_us < due_us) {
		*ret_wait_us = due_us - now_us;
		return RPC_KEEPALIVE_WAIT;
	}
	keepalive->ping_sent_us = now_us;
	*ret_wait_us = keepalive->timeout_us;
	return RPC_KEEPALIVE_PING;
}
