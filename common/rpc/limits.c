/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/limits.h"

#include <errno.h>
#include <string.h>

const struct rpc_limits rpc_limits_default = {
#define RPC_LIMIT_VALUE(name, value, help) .name = (value),
    RPC_LIMITS(RPC_LIMIT_VALUE)
#undef RPC_LIMIT_VALUE
};

static const char *const limit_names[] = {
#define RPC_LIMIT_NAME(name, value, help) #name,
    RPC_LIMITS(RPC_LIMIT_NAME)
#undef RPC_LIMIT_NAME
};

static const char *const counter_names[] = {
#define RPC_COUNTER_NAME(name, help) #name,
    RPC_COUNTERS(RPC_COUNTER_NAME)
#undef RPC_COUNTER_NAME
};

const char *
rpc_counter_name(enum rpc_counter counter)
{
	return counter_names[counter];
}

int
rpc_limits_set(struct rpc_limits *ret_limits, const char *name, int64_t value)
{
	for (size_t i = 0; i < sizeof limit_names / sizeof *limit_names; i++) {
		if (strcmp(limit_names[i], name) != 0)
			continue;
		if (value < 0)
			return -ERANGE;
		/* Nothing but int64_t, in the order of RPC_LIMITS. */
		((int64_t *)ret_limits)[i] = value;
		return 0;
	}
	return -ENOENT;
}
