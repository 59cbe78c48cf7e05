/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a call (call.h): it ends exactly once, in whatever order the peer resets, the
 * deadline passes, the handler finishes and the server drains; and the server drains in two steps
 * without harm to running calls (RPC-13, RPC-32), also for a peer that does not care.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/health.h"
#include "server_fixture.h"
#include "unit.h"

enum { DEADLINE_MS = 60 }; /* a busy machine must not let it pass before the other steps */

#define ECHO_FRAME "\0\0\0\0\4\x0a\2hi"

enum step { RESET, TIMER, END, DRAIN, N_STEPS };

static void
on_drained(void *data)
{
	((struct fixture *)data)->n_drained++;
}

static void
do_step(struct fixture *f, struct peer_stream *stream, enum step step)
{
	switch (step) {
	case RESET:
		nghttp2_submit_rst_stream(f->peer.session, 0, stream->id, NGHTTP2_CANCEL);
		fixture_run(f);
		break;
	case TIMER:
		fixture_run_ms(f, DEADLINE_MS + 5);
		break;
	case END:
		if (f->probe.call)
			rpc_call_finish(f->probe.call, RPC_ABORTED, "ended");
		fixture_run(f);
		break;
	default:
		rpc_server_drain(f->server, on_drained, f);
		fixture_run(f);
	}
}

/* The first of the three that can end the answer decides it. */
static void
expect_end(const struct fixture *f, const struct peer_stream *stream, const enum step order[])
{
	const enum step *first = order;

	while (*first == DRAIN)
		first++;
	assert_true(stream->closed);
	if (*first == TIMER)
		assert_non_null(strstr(buf_text(&stream->headers), "grpc-status: 4\n"));
	else if (*first == END)
		assert_non_null(strstr(buf_text(&stream->headers), "grpc-status: 10\n"));
	else
		assert_int_equal(stream->headers.length, 0);
	if (*first == RESET)
		assert_int_equal(f->probe.why, RPC_CANCELLED);
	else if (*first == TIMER)
		assert_int_equal(f->probe.why, RPC_DEADLINE_EXCEEDED);
}

static void
try_order(const enum step order[], bool ignore_cancel)
{
	static const struct peer_field fields[] = {
	    {"content-type", "application/grpc"}, {"grpc-timeout", "60m"}, {NULL, NULL}};
	struct fixture f;
	struct peer_stream *stream;

	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = true;
	f.probe.ignore_cancel = ignore_cancel;
	stream = peer_request(&f.peer, "POST", PROBE("Echo"), fields, ECHO_FRAME, 9, true);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "omh");
	for (int i = 0; i < N_STEPS; i++)
		do_step(&f, stream, order[i]);
	assert_string_equal(f.probe.trace, order[0] == END || (order[0] == DRAIN && order[1] == END)
					       ? "omhx"
					       : "omhcx");
	expect_end(&f, stream, order);
	assert_int_equal(rpc_server_n_calls(f.server), 0);
	assert_int_equal(f.n_drained, 1);
	fixture_stop(&f);
}

static void
test_every_order(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		const enum step order[N_STEPS] = {i & 3, i >> 2 & 3, i >> 4 & 3, i >> 6 & 3};
		unsigned seen = 0;

		for (int j = 0; j < N_STEPS; j++)
			seen |= 1U << order[j];
		if (seen != (1U << N_STEPS) - 1)
			continue;
		try_order(order, false);
		try_order(order, true);
	}
}

/* The connection breaks while a handler works: it is told, ends when it likes, and nothing leaks.
 */
static void
test_lost_connection(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = f.probe.ignore_cancel = true;
	peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	shutdown(f.peer.fd, SHUT_RDWR);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "omhc");
	assert_int_equal(rpc_server_n_connections(f.server), 0);
	assert_int_equal(rpc_server_n_calls(f.server), 1);
	probe_send(f.probe.call, "nobody hears this");
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "omhcx");
	assert_int_equal(rpc_server_n_calls(f.server), 0);
	fixture_stop(&f);
}

/* The server goes while a handler works. */
static void
test_free_with_running_calls(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = f.probe.ignore_cancel = true;
	peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	fixture_stop(&f);
	assert_string_equal(f.probe.trace, "omhcx");
}

/* RPC-32: GOAWAY twice; what runs goes on, also what the peer sent before it could know. */
static void
test_drain(void **state)
{
	struct fixture f;
	struct peer_stream *running, *late;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = true;
	running = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	f.peer.deaf = true;
	rpc_server_drain(f.server, on_drained, &f);
	fixture_run(&f);
	f.probe.hold = false;
	late = peer_grpc(&f.peer, PROBE("Fail"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	f.peer.deaf = false;
	fixture_run(&f);
	assert_int_equal(f.peer.n_goaways, 2);
	assert_non_null(strstr(buf_text(&f.peer.goaway), "shutting down"));
	assert_non_null(strstr(buf_text(&late->headers), "grpc-status: 9\n"));
	assert_int_equal(f.n_drained, 0);
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	assert_non_null(strstr(buf_text(&running->headers), ":status: 200\n"));
	assert_true(f.peer.gone);
	assert_int_equal(f.n_drained, 1);
	assert_int_equal(rpc_server_serve(f.server, dup(f.peer.fd)), -ESHUTDOWN);
	fixture_stop(&f);
}

/* Grace is never endless: a handler and a peer that both ignore everything. */
static void
test_grace(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.limits.grace_ms = 100;
	fixture_start(&f);
	f.probe.hold = f.probe.ignore_cancel = true;
	peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	f.peer.deaf = true;
	rpc_server_drain(f.server, on_drained, &f);
	for (int i = 0; i < 60 && !f.n_drained; i++)
		fixture_run_ms(&f, 100);
	assert_int_equal(f.n_drained, 1);
	assert_string_equal(f.probe.trace, "omhc");
	assert_int_equal(f.probe.why, RPC_UNAVAILABLE);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_grace_over), 1);
	fixture_stop(&f);
	assert_string_equal(f.probe.trace, "omhcx");
}

/* RPC-33: Watch says the state at once, each change, and NOT_SERVING before the drain ends it. */
static void
test_health(void **state)
{
	struct fixture f;
	struct rpc_health *health;
	struct peer_stream *watch, *check;
	uint8_t body[128];
	size_t n = string_frame("unit.Probe", body);

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	health = rpc_health_new(f.server);
	assert_non_null(health);
	check = peer_grpc(&f.peer, "/grpc.health.v1.Health/Check", body, n, true);
	watch = peer_grpc(&f.peer, "/grpc.health.v1.Health/Watch", body, n, true);
	fixture_run(&f);
	assert_non_null(strstr(buf_text(&check->headers), "grpc-status: 5\n"));
	assert_memory_equal(watch->body.data, "\0\0\0\0\2\x8\3", 7);
	assert_int_equal(rpc_health_set(health, "unit.Probe", RPC_HEALTH_SERVING), 0);
	assert_int_equal(rpc_health_set(health, "unit.Probe", RPC_HEALTH_SERVING), 0);
	rpc_server_drain(f.server, on_drained, &f);
	fixture_run(&f);
	assert_int_equal(watch->body.length, 21);
	assert_memory_equal(watch->body.data + 7, "\0\0\0\0\2\x8\1\0\0\0\0\2\x8\2", 14);
	assert_non_null(strstr(buf_text(&watch->headers), "grpc-status: 14\n"));
	assert_int_equal(f.n_drained, 1);
	fixture_stop(&f);
}

/* Every allocation fails once: a call may fail for it, nothing may break or stay behind. */
static void
test_allocations(void **state)
{
	static const struct peer_field fields[] = {{"content-type", "application/grpc"},
						   {"grpc-timeout", "1S"},
						   {"x-custom", "value"},
						   {"x-data-bin", "AAEC"},
						   {NULL, NULL}};
	struct fixture f;
	bool reached = true;

	(void)state;
	for (long nth = 1; reached; nth++) {

		fixture_init(&f);
		fixture_start(&f);
		fixture_run(&f);
		alloc_fail_nth(nth);
		peer_request(&f.peer, "POST", PROBE("ClientStream"), fields, ECHO_FRAME, 9, true);
		fixture_run(&f);
		reached = alloc_fail_reached();
		alloc_fail_nth(0);
		fixture_run(&f);
		assert_int_equal(rpc_server_n_calls(f.server), 0);
		fixture_stop(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_order),
	    cmocka_unit_test(test_lost_connection),
	    cmocka_unit_test(test_free_with_running_calls),
	    cmocka_unit_test(test_drain),
	    cmocka_unit_test(test_grace),
	    cmocka_unit_test(test_health),
	    cmocka_unit_test(test_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
