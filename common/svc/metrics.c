/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metric.h"
#include "svc/worker.h"

enum { MAX_PAGE = 4 << 20 };

#define SVC_METRICS(METRIC)                                                                       \
	METRIC(SVC_CALLS, COUNTER, "calls_total", "Calls that have ended, by status code.")       \
	METRIC(SVC_DURATION, HISTOGRAM, "call_seconds", "Time from a call's headers to its end.") \
	METRIC(SVC_BYTES_IN, COUNTER, "request_bytes_total", "Bytes of request messages.")        \
	METRIC(SVC_BYTES_OUT, COUNTER, "reply_bytes_total", "Bytes of reply messages.")

enum svc_metric { SVC_METRICS(METRIC_NAME) SVC_N_METRICS };
static struct metric metrics[] = {SVC_METRICS(METRIC_ENTRY)};

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
	return r < 0 ? r : metric_register(metrics, SVC_N_METRICS);
}

void
metrics_call_ended(const struct rpc_call *call, const struct rpc_call_record *record, void *data)
{
	(void)call;
	(void)data;
	metric_add_row(&metrics[SVC_CALLS], (uint32_t)record->code, 1);
	metric_observe_us(&metrics[SVC_DURATION], record->ended_us - record->began_us);
	metric_add(&metrics[SVC_BYTES_IN], (int64_t)record->bytes_in);
	metric_add(&metrics[SVC_BYTES_OUT], (int64_t)record->bytes_out);
	log_info(
	    "call", LOG_ID("method", record->path), LOG_ID("code", rpc_code_name(record->code)),
	    LOG_NUMBER("us", record->ended_us - record->began_us), LOG_ID("peer", record->peer),
	    LOG_ID("protocol", record->protocol), LOG_TEXT("text", record->text));
}

/* -- the page -------------------------------------------------------------------------------- */

static void
on_request(struct evhttp_request *request, void *data)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(request);
	BUF_CLEANUP struct buf page;

	(void)data;
	buf_init(&page, NULL, MAX_PAGE);
	metric_print(&page);
	if (!buf_text(&page) || evbuffer_add(body, page.data, page.length) < 0) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

int
metrics_serve(struct worker *worker, struct evhttp **ret_http)
{
	const struct options *options = worker->program->options;
	int64_t port =
	    options->metrics_port ? options->metrics_port : rpc_server_port(worker->server) + 1000;
	struct evhttp *http = evhttp_new(worker->base);
	char address[64];
	int fd;

	if (!http)
		return -ENOMEM;
	snprintf(address, sizeof(address), "127.0.0.1:%d", (int)port);
	fd = rpc_listen(address);
	if (fd < 0) {
		evhttp_free(http);
		return fd;
	}
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_max_headers_size(http, 8192);
	evhttp_set_timeout(http, 10);
	if (evhttp_set_cb(http, "/metrics", on_request, worker) < 0 ||
	    evhttp_accept_socket(http, fd) < 0) {
		close(fd);
		evhttp_free(http);
		return -ENOMEM;
	}
	*ret_http = http;
	return 0;
}
