/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metric.h"
#include "db/pool.h"
#include "svc/worker.h"

enum { MAX_PAGE = 4 << 20 };

#define SVC_METRICS(METRIC)                                                                       \
	METRIC(SVC_CALLS, COUNTER, "calls_total", "Calls that have ended, by status code.")       \
	METRIC(SVC_DURATION, HISTOGRAM, "call_seconds", "Time from a call's headers to its end.") \
	METRIC(SVC_BYTES_IN, COUNTER, "request_bytes_total", "Bytes of request messages.")        \
	METRIC(SVC_BYTES_OUT, COUNTER, "reply_bytes_total", "Bytes of reply messages.")

enum svc_metric { SVC_METRICS(METRIC_NAME) SVC_N_METRICS };
static struct metric metrics[] = {SVC_METRICS(METRIC_ENTRY)};

/* The counters of rpc and db: their lists carry the prose. */
#define RPC_METRIC(name, help) {METRIC_COUNTER, "rpc_server_" #name "_total", help, NULL, 0, 0},
#define DB_METRIC(name, help)  {METRIC_COUNTER, "db_" #name "_total", help, NULL, 0, 0},
#define DB_ONE(name, help)     +1
static struct metric rpc_metrics[] = {RPC_COUNTERS(RPC_METRIC)};
static struct metric db_metrics[] = {DB_COUNTERS(DB_METRIC)};
enum { DB_N_COUNTERS = 0 DB_COUNTERS(DB_ONE) };

/* One row a status code. */
static const char *const code_rows[RPC_N_CODES] = {
    "code=\"OK\"",
    "code=\"CANCELLED\"",
    "code=\"UNKNOWN\"",
    "code=\"INVALID_ARGUMENT\"",
    "code=\"DEADLINE_EXCEEDED\"",
    "code=\"NOT_FOUND\"",
    "code=\"ALREADY_EXISTS\"",
    "code=\"PERMISSION_DENIED\"",
    "code=\"RESOURCE_EXHAUSTED\"",
    "code=\"FAILED_PRECONDITION\"",
    "code=\"ABORTED\"",
    "code=\"OUT_OF_RANGE\"",
    "code=\"UNIMPLEMENTED\"",
    "code=\"INTERNAL\"",
    "code=\"UNAVAILABLE\"",
    "code=\"DATA_LOSS\"",
    "code=\"UNAUTHENTICATED\"",
};

int
metrics_make(unsigned n_workers)
{
	int r = metric_open(n_workers);

	metrics[SVC_CALLS].rows = code_rows;
	metrics[SVC_CALLS].n_rows = RPC_N_CODES;
	if (r < 0 || (r = metric_register(metrics, SVC_N_METRICS)) < 0 ||
	    (r = metric_register(rpc_metrics, RPC_N_COUNTERS)) < 0)
		return r;
	return metric_register(db_metrics, DB_N_COUNTERS);
}

void
metrics_call_ended(const struct rpc_call *call, void *data)
{
	const struct rpc_call_info *info = rpc_call_info(call);

	(void)data;
	metric_add_row(&metrics[SVC_CALLS], (uint32_t)info->code, 1);
	metric_observe_us(&metrics[SVC_DURATION], info->ended_us - info->began_us);
	metric_add(&metrics[SVC_BYTES_IN], (int64_t)info->bytes_in);
	metric_add(&metrics[SVC_BYTES_OUT], (int64_t)info->bytes_out);
	log_info("call", LOG_ID("method", info->path), LOG_ID("code", rpc_code_name(info->code)),
		 LOG_NUMBER("us", info->ended_us - info->began_us), LOG_ID("peer", info->peer),
		 LOG_ID("protocol", info->protocol), LOG_TEXT("text", info->text));
}

/* -- the page -------------------------------------------------------------------------------- */

struct metrics_page {
	struct worker *worker;
	struct evhttp *http;
	struct event *second;
	uint64_t rpc[RPC_N_COUNTERS], db[DB_N_COUNTERS]; /* what has been added already */
};

static void
add_growth(const struct metric *metric, uint64_t now, uint64_t *added)
{
	metric_add(metric, (int64_t)(now - *added));
	*added = now;
}

static void
add_counters(struct metrics_page *page)
{
	/* Nothing but uint64_t, in the order of DB_COUNTERS. */
	const uint64_t *db = (const uint64_t *)db_pool_counters(page->worker->pool);

	for (unsigned i = 0; i < DB_N_COUNTERS; i++)
		add_growth(&db_metrics[i], db[i], &page->db[i]);
	for (unsigned i = 0; i < RPC_N_COUNTERS; i++)
		add_growth(&rpc_metrics[i], rpc_server_count(page->worker->server, i),
			   &page->rpc[i]);
}

static void
on_second(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	add_counters(data);
}

static void
on_request(struct evhttp_request *request, void *data)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(request);
	BUF_CLEANUP struct buf text;

	add_counters(data);
	buf_init(&text, NULL, MAX_PAGE);
	metric_print(&text);
	if (!buf_text(&text) || evbuffer_add(body, text.data, text.length) < 0) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

/* The socket is the server's once it is accepted from. */
static int
listen_for_http(struct metrics_page *page)
{
	const struct options *options = page->worker->program->options;
	int64_t port = options->metrics_port ? options->metrics_port
					     : rpc_server_port(page->worker->server) + 1000;
	char address[64];
	int fd;

	snprintf(address, sizeof(address), "127.0.0.1:%d", (int)port);
	fd = rpc_listen(address);
	if (fd < 0)
		return fd;
	if (evhttp_set_cb(page->http, "/metrics", on_request, page) < 0 ||
	    evhttp_accept_socket(page->http, fd) < 0) {
		close(fd);
		return -ENOMEM;
	}
	return 0;
}

int
metrics_page_new(struct worker *worker, struct metrics_page **ret_page)
{
	const struct timeval second = {.tv_sec = 1};
	struct metrics_page *page = calloc(1, sizeof(*page));
	int r = -ENOMEM;

	if (!page)
		return r;
	page->worker = worker;
	page->http = evhttp_new(worker->base);
	page->second = event_new(worker->base, -1, EV_PERSIST, on_second, page);
	if (page->http && page->second && event_add(page->second, &second) == 0) {
		evhttp_set_allowed_methods(page->http, EVHTTP_REQ_GET);
		evhttp_set_max_body_size(page->http, 0);
		evhttp_set_max_headers_size(page->http, 8192);
		evhttp_set_timeout(page->http, 10);
		r = listen_for_http(page);
	}
	if (r < 0)
		metrics_page_free(page);
	else
		*ret_page = page;
	return r;
}

void
metrics_page_free(struct metrics_page *page)
{
	if (!page)
		return;
	add_counters(page);
	if (page->http)
		evhttp_free(page->http);
	if (page->second)
		event_free(page->second);
	free(page);
}
