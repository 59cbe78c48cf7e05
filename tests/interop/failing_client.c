/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failing-client TARGET PROTOCOL CASE [PEM]: plays a case of interop_cases.c again and
 * again, each time on a channel of its own, and fails the 1st allocation of it, the 2nd, … until
 * there is none left (alloc_fail.h). PROTOCOL is grpc, grpc-web or connect, which speaks JSON here;
 * over TLS when the PEM text of the server's certificate is given.
 *
 * A call may fail for it, then with RESOURCE_EXHAUSTED, or UNAVAILABLE where the connection is
 * lost. One that claims to have ended as it should must have brought all that its case wants. None
 * may hang. Exit 1 with a line for each failure that is taken otherwise.
 */
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "base/embed.h"
#include "interop_steps.h"
#include "proto/schema.h"
#include "rpc/tls.h"

enum { HANGS_S = 20 };

EMBEDDED(interop_set);

struct play {
	struct suite suite;
	struct rpc_channel_options options;
	const struct interop_case *test;
	int n_wrong;
};

static volatile sig_atomic_t nth;

static void
die(const char *what)
{
	fprintf(stderr, "failing-client: %s\n", what);
	exit(2);
}

static bool
is_told(enum rpc_code code)
{
	return code == RPC_RESOURCE_EXHAUSTED || code == RPC_UNAVAILABLE;
}

static bool
play_once(void *data)
{
	struct play *play = data;
	struct suite *suite = &play->suite;
	bool ok;

	nth++;
	suite->code = RPC_OK;
	alarm(HANGS_S);
	if (rpc_channel_new(suite->base, suite->target, &play->options, &suite->channel) != 0)
		return false;
	ok = play->test->play(suite);
	rpc_channel_close(suite->channel);
	event_base_loop(suite->base, EVLOOP_NONBLOCK);
	if (!ok && !is_told(suite->code)) {
		printf("allocation %d: %s\n", (int)nth, suite->why);
		play->n_wrong++;
	}
	return ok;
}

static void
on_alarm(int number)
{
	(void)number;
	dprintf(STDOUT_FILENO, "allocation %d: the case hangs\n", (int)nth);
	_exit(1);
}

static struct schema *
make_schema(void)
{
	static const ProtobufCServiceDescriptor *const services[] = {&test_service__descriptor};
	const struct schema_set set = {interop_set, interop_set_size};
	struct schema *schema;

	if (schema_new(
		&(struct schema_source){
		    .sets = &set, .n_sets = 1, .services = services, .n_services = 1},
		&schema) != 0)
		die("no schema");
	return schema;
}

static void
set_options(struct rpc_channel_options *options, const char *protocol, const char *pem)
{
	static const char *const names[RPC_N_PROTOCOLS] = {"grpc", "grpc-web", "connect"};
	char error[256];

	while (strcmp(names[options->protocol], protocol) != 0)
		if (++options->protocol == RPC_N_PROTOCOLS)
			die(protocol);
	options->codec = options->protocol == RPC_CONNECT ? RPC_JSON : RPC_PROTO;
	if (!pem)
		return;
	options->tls =
	    rpc_tls_client_new(&(struct rpc_tls_setup){.trusted_pem = pem}, error, sizeof error);
	if (!options->tls)
		die(error);
}

int
main(int argc, char **argv)
{
	struct play play = {.suite.base = event_base_new(), .test = interop_cases};
	struct schema *schema = make_schema();
	int n_made_up;

	if (argc < 4)
		die("TARGET PROTOCOL CASE [PEM]");
	play.suite.target = argv[1];
	play.options.json.schema = schema;
	set_options(&play.options, argv[2], argv[4]);
	while (strcmp(play.test->name, argv[3]) != 0)
		if (!(++play.test)->name)
			die(argv[3]);
	signal(SIGALRM, on_alarm);
	n_made_up = alloc_fail_each(play_once, &play);
	printf("%d allocations, %d of them made up for\n", (int)nth - 1, n_made_up);
	SSL_CTX_free(play.options.tls);
	schema_free(schema);
	event_base_free(play.suite.base);
	return play.n_wrong > 0;
}
