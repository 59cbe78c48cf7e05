/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics and the access log: one line and a few counts a call, and a page for Prometheus.
 *
 * Each worker answers on the same port; whichever is asked sums the slabs of all (base/metric.h).
 */
#ifndef MZ_SVC_METRICS_H
#define MZ_SVC_METRICS_H

#include "rpc/server.h"

struct metrics_page;
struct worker;

/* Before the fork: makes the page for all workers. 0 or -errno. */
int metrics_make(unsigned n_workers);

/* rpc_server_options.on_call_end; data is the worker. */
void metrics_call_ended(const struct rpc_call *call, void *data);

/*
 * Serves GET /metrics, and once a second adds what the counters of rpc and db have gained to the
 * page. 0 or -errno.
 */
int metrics_page_new(struct worker *worker, struct metrics_page **ret_page);
void metrics_page_free(struct metrics_page *page);

#endif
