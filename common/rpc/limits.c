/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/limits.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/metric.h"

const struct rpc_limits rpc_limits_default = {
#define RPC_LIMIT_VALUE(name, value, help) .name = (value),
    RPC_LIMITS(RPC_LIMIT_VALUE)
#undef RPC_LIMIT_VALUE
};

static const struct {
	const char *name;
	size_t offset;
} limits[] = {
#define RPC_LIMIT_ENTRY(name, value, help) {#name, offsetof(struct rpc_limits, name)},
    RPC_LIMITS(RPC_LIMIT_ENTRY)
#undef RPC_LIMIT_ENTRY
};

static struct metric metrics[RPC_N_COUNTERS] = {
#define RPC_COUNTER_METRIC(name, help) \
	{METRIC_COUNTER, "rpc_server_" #name "_total", help, NULL, 0, 0},
    RPC_COUNTERS(RPC_COUNTER_METRIC)
#undef RPC_COUNTER_METRIC
};

static const char *const counter_names[] = {
#define RPC_COUNTER_NAME(name, help) #name,
    RPC_COUNTERS(RPC_COUNTER_NAME)
#undef RPC_COUNTER_NAME
};

int
rpc_server_metrics_register(void)
{
	return metric_register(metrics, RPC_N_COUNTERS);
}

void
rpc_server_metrics_count(enum rpc_counter counter)
{
	metric_add(&metrics[counter], 1);
}

const char *
rpc_counter_name(enum rpc_counter counter)
{
	return counter_names[counter];
}

int
rpc_limits_set(struct rpc_limits *ret_limits, const char *name, int64_t value)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (strcmp(limits[i].name, name) != 0)
			continue;
		if (value < 0)
			return -ERANGE;
		*(int64_t *)(void *)((char *)ret_limits + limits[i].offset) = value;
		return 0;
	}
	return -ENOENT;
}
