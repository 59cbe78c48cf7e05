/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics: counters and histograms of all workers of a service, as Prometheus text.
 *
 * A concern keeps one list that carries its prose, and includes it twice:
 *
 *	#define POOL_METRICS(METRIC)                                                         \
 *		METRIC(POOL_WAITS, COUNTER, "db_pool_waits_total", "Calls that had to wait.") \
 *		METRIC(POOL_WAIT, HISTOGRAM, "db_pool_wait_seconds", "How long they waited.")
 *	enum pool_metric { POOL_METRICS(METRIC_NAME) POOL_METRIC_COUNT };
 *	struct metric pool_metrics[] = {POOL_METRICS(METRIC_ENTRY)};
 *
 *	metric_add(&pool_metrics[POOL_WAITS], 1);
 *
 * Values lie in one shared mapping made before the fork, a slab for each worker. A worker writes
 * only its own slab, so counting is one plain add, without a lock or a shared cache line; whoever
 * prints sums the slabs. What a worker has counted outlives it. A metric that was not registered
 * counts into nothing.
 *
 * Registering happens in one process, before the fork. Names begin with `minzheng_` in the output.
 */
#ifndef MZ_BASE_METRIC_H
#define MZ_BASE_METRIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum metric_kind {
	METRIC_COUNTER,   /* only rises; its name ends in _total */
	METRIC_HISTOGRAM, /* durations; its name ends in _seconds */
};

struct metric {
	enum metric_kind kind;
	const char *name;
	const char *help;
	/* A counter with labels has one value a row, and its owner sets these before registering. A
	 * row is the whole label set: `method="Get",code="OK"`. The texts must outlive the metric.
	 */
	const char *const *rows;
	uint32_t n_rows;
	uint32_t cell; /* the first of its cells; 0: not registered */
};

#define METRIC_NAME(id, kind, name, help)  id,
#define METRIC_ENTRY(id, kind, name, help) {METRIC_##kind, (name), (help), NULL, 0, 0},

/* Maps the slabs of n_workers, and one for the parent; once, before registering. 0, -errno. */
int metric_open(unsigned n_workers);

/* Gives the metrics their cells. 0, -ENOSPC. */
int metric_register(struct metric *metrics, size_t count);

/* After the fork: this process is worker number 0 … n_workers-1. */
void metric_become_worker(unsigned worker);

/* Adds to a counter, or to one row of it. */
void metric_add(const struct metric *metric, int64_t amount);
void metric_add_row(const struct metric *metric, uint32_t row, int64_t amount);

/* Notes one duration in a histogram. */
void metric_observe_us(const struct metric *metric, int64_t us);

/* Appends every registered metric in the Prometheus text format 0.0.4. */
void metric_print(struct buf *out);

#endif
