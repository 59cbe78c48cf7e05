/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/health.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/client.h"
#include "svc/tls.h"

enum { TIMEOUT_US = 5 * CLOCK_US_PER_SECOND };

/* grpc.health.v1.HealthCheckResponse with status = SERVING, and nothing else. */
static const char serving[] = {0x08, 0x01};

static const struct rpc_method check = {.path = "/grpc.health.v1.Health/Check"};

/* Asks for the health of the whole process, which is the service with the empty name. */
static bool
is_serving(struct rpc_channel *channel)
{
	struct rpc_client_call *call = rpc_client_new(channel, &check, NULL, NULL);
	const struct rpc_client_result *result;
	bool yes;

	if (!call)
		return false;
	rpc_client_options(call)->timeout_us = TIMEOUT_US;
	rpc_client_unary_raw(call, "", 0);
	rpc_client_run(call);
	result = rpc_client_result(call);
	yes = result->raw_length == sizeof(serving) &&
	      memcmp(result->raw, serving, sizeof(serving)) == 0;
	if (!yes)
		fprintf(stderr, "%s %s\n", rpc_code_name(result->code), result->status->message);
	rpc_client_free(call);
	return yes;
}

int
health_ask(const struct options *options)
{
	struct rpc_channel_options channel_options = {0};
	struct event_base *base = event_base_new();
	struct rpc_channel *channel = NULL;
	bool yes = base && tls_self(options, &channel_options.tls) == 0 &&
		   rpc_channel_new(base, options->listen, &channel_options, &channel) == 0 &&
		   is_serving(channel);

	rpc_channel_close(channel);
	SSL_CTX_free(channel_options.tls);
	if (base)
		event_base_free(base);
	puts(yes ? "健康" : "不健康");
	return yes ? EXIT_SUCCESS : EXIT_FAILURE;
}
