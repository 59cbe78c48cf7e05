/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out-of-memory client|server PROTOCOL CASE FIRST STEP [CERTIFICATE KEY]: plays a case of
 * interop_cases.c again and again, each time between a client and a server of their own, and fails
 * an allocation of the one that is named, ours or a library's (alloc_fail.h): the FIRSTth, and
 * every STEPth from there until there is none left. PROTOCOL is grpc, grpc-web or connect, which
 * speaks JSON here; over TLS when the PEM texts are given.
 *
 * Each peer is a process of its own, so that what is made once and kept fails too. A server may
 * fail to start. A call may fail, with RESOURCE_EXHAUSTED, or UNAVAILABLE where the connection is
 * lost, but only one, and the next is well; one that claims to have ended as it should must have
 * brought all that its case wants. None may hang, and both processes must end well, under the
 * sanitizers without a leak. Exit 1 with a line for each allocation whose failure is taken
 * otherwise.
 */
#include <arpa/inet.h>
#include <event2/event.h>
#include <jansson.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "interop_service.h"
#include "interop_steps.h"
#include "proto/schema.h"
#include "rpc/tls.h"

enum {
	HANGS_S = 8,
	/* Exit statuses. */
	WELL = 0,
	WRONG = 1,
	NOTHING_FAILED = 10, /* well, too, but there is no such allocation */
};

static struct play {
	bool of_server; /* its allocations fail */
	const struct interop_case *test;
	struct suite suite;
	struct rpc_channel_options client;
	struct rpc_server_options server;
	const char *certificate, *key; /* NULL: in clear text */
	int listener, up[2];           /* a pipe on which the server says that it has started */
} play;

static long nth;
static volatile pid_t children[2];

static void
die(const char *what)
{
	fprintf(stderr, "out-of-memory: %s\n", what);
	exit(2);
}

static int
verdict(bool mine)
{
	return mine && !alloc_fail_reached() ? NOTHING_FAILED : WELL;
}

/* --- TLS --- */

static bool
make_server_tls(void)
{
	const struct rpc_tls_setup setup = {.certificate_pem = play.certificate,
					    .key_pem = play.key};
	char error[256];

	play.server.tls = rpc_tls_server_new(&setup, error, sizeof error);
	return play.server.tls;
}

static bool
make_client_tls(void)
{
	const struct rpc_tls_setup setup = {.trusted_pem = play.certificate};
	char error[256];

	play.client.tls = rpc_tls_client_new(&setup, error, sizeof error);
	return play.client.tls;
}

/* What OpenSSL makes once in a process, and tries only once: before anything fails. */
static void
warm_up_tls(void)
{
	if (!make_server_tls() || !make_client_tls())
		die("the certificate or its key");
	SSL_CTX_free(play.server.tls);
	SSL_CTX_free(play.client.tls);
}

/* --- the server --- */

static void
say_up(const struct rpc_server *server)
{
	(void)server;
	if (write(play.up[1], "", 1) != 1)
		exit(WRONG);
}

static void
forget(const struct rpc_server *server)
{
	(void)server;
}

static void
on_enough(int number)
{
	(void)number;
	alloc_fail_nth(0);
}

static int
serve(void)
{
	signal(SIGUSR2, on_enough);
	if (play.of_server)
		alloc_fail_nth(nth);
	if (!play.certificate || make_server_tls()) {
		interop_serve(&play.server, dup(play.listener), say_up, forget);
		SSL_CTX_free(play.server.tls);
	}
	return verdict(play.of_server);
}

/* --- the client --- */

static bool
play_on(struct suite *suite)
{
	bool ok;

	if (rpc_channel_new(suite->base, suite->target, &play.client, &suite->channel) != 0)
		return false;
	ok = play.test->play(suite);
	rpc_channel_close(suite->channel);
	event_base_loop(suite->base, EVLOOP_NONBLOCK);
	return ok;
}

static bool
play_once(struct suite *suite)
{
	bool ok = false;

	suite->code = RPC_RESOURCE_EXHAUSTED;
	snprintf(suite->why, sizeof suite->why, "could not begin");
	if (play.certificate && !make_client_tls())
		return false;
	suite->base = event_base_new();
	if (suite->base) {
		ok = play_on(suite);
		event_base_free(suite->base);
	}
	SSL_CTX_free(play.client.tls);
	return ok;
}

/* A server without memory for its answer resets the stream: INTERNAL. */
static bool
is_told(enum rpc_code code)
{
	return code == RPC_RESOURCE_EXHAUSTED || code == RPC_UNAVAILABLE ||
	       (play.of_server && code == RPC_INTERNAL);
}

/* A play in which something may fail, and one in which nothing does. */
static int
call(void)
{
	bool told;

	if (!play.of_server)
		alloc_fail_nth(nth);
	told = play_once(&play.suite) || is_told(play.suite.code);
	alloc_fail_nth(0);
	kill(children[0], SIGUSR2);
	if (told && play_once(&play.suite))
		return verdict(!play.of_server);
	printf("allocation %ld, %s: %s\n", nth, told ? "the call after" : "its call",
	       play.suite.why);
	return WRONG;
}

/* --- both --- */

static void
on_alarm(int number)
{
	(void)number;
	for (int i = 0; i < 2; i++)
		if (children[i] > 0)
			kill(children[i], SIGKILL);
	dprintf(STDOUT_FILENO, "allocation %ld: hangs\n", nth);
	_exit(1);
}

static pid_t
begin_process(int (*run)(void))
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0) {
		alarm(0);
		exit(run());
	}
	return child;
}

/* NOTHING_FAILED when that is its status; counts what is worse. */
static int
end_process(pid_t child, const char *name, int *n_wrong)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("waitpid");
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == WELL || WEXITSTATUS(status) == NOTHING_FAILED))
		return WEXITSTATUS(status);
	printf("allocation %ld: the %s has ended with status %x\n", nth, name, (unsigned)status);
	(*n_wrong)++;
	return WRONG;
}

static bool
is_up(void)
{
	char byte;
	bool up;

	close(play.up[1]);
	up = read(play.up[0], &byte, 1) == 1;
	close(play.up[0]);
	return up;
}

/* False when no allocation has failed any more. */
static bool
play_pair(int *n_wrong)
{
	int status = WELL;

	if (pipe(play.up) != 0)
		die("pipe");
	alarm(HANGS_S);
	children[0] = begin_process(serve);
	if (is_up()) {
		children[1] = begin_process(call);
		status = end_process(children[1], "client", n_wrong);
		children[1] = 0;
		kill(children[0], SIGTERM);
	}
	return end_process(children[0], "server", n_wrong) != NOTHING_FAILED &&
	       status != NOTHING_FAILED;
}

static void
set_protocol(const char *name)
{
	static const char *const names[RPC_N_PROTOCOLS] = {"grpc", "grpc-web", "connect"};

	while (strcmp(names[play.client.protocol], name) != 0)
		if (++play.client.protocol == RPC_N_PROTOCOLS)
			die(name);
	play.client.codec = play.client.protocol == RPC_CONNECT ? RPC_JSON : RPC_PROTO;
}

static void
set_case(const char *name)
{
	for (play.test = interop_cases; strcmp(play.test->name, name) != 0;)
		if (!(++play.test)->name)
			die(name);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = {0};
	socklen_t size = sizeof address;
	char target[32];
	int n_plays = 0, n_wrong = 0;
	long step;

	if (argc != 6 && argc != 8)
		die("client|server PROTOCOL CASE FIRST STEP [CERTIFICATE KEY]");
	play.of_server = !strcmp(argv[1], "server");
	set_protocol(argv[2]);
	set_case(argv[3]);
	nth = strtol(argv[4], NULL, 10);
	step = strtol(argv[5], NULL, 10);
	play.certificate = argv[6];
	play.key = argc > 7 ? argv[7] : NULL;
	if (play.certificate)
		warm_up_tls();
	/* jansson takes no notice when a string's buffer does not grow, and cuts the string. */
	json_set_alloc_funcs(alloc_sure, free);
	play.client.json.schema = play.server.json.schema = interop_schema_new();
	play.listener = rpc_listen("127.0.0.1:0");
	if (getsockname(play.listener, (struct sockaddr *)&address, &size) != 0)
		die("cannot listen");
	snprintf(target, sizeof target, "127.0.0.1:%d", ntohs(address.sin_port));
	play.suite.target = target;
	signal(SIGALRM, on_alarm);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (; play_pair(&n_wrong); nth += step)
		n_plays++;
	printf("%d allocations of a %s\n", n_plays, argv[1]);
	close(play.listener);
	schema_free((struct schema *)(uintptr_t)play.client.json.schema);
	return n_wrong > 0;
}
