/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the client share: a fake server, a channel to it in raw mode, and calls whose
 * hooks count.
 */
#ifndef MZ_CLIENT_FIXTURE_H
#define MZ_CLIENT_FIXTURE_H

#include "fake_server.h"
#include "rpc/client.h"
#include "unit.h"

#define GRPC     ":status: 200\ncontent-type: application/grpc\n"
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

struct fixture {
	struct event_base *base;
	struct fake_server server;
	char target[64];
	struct rpc_channel *channel;
};

struct outcome {
	struct rpc_client_call *call;
	unsigned n_headers, n_messages, n_writable, n_ends;
	bool always_next;   /* asks for the next message inside the hook */
	unsigned cancel_at; /* cancels inside the hook of that message */
};

extern const struct rpc_method unary, client_stream, server_stream, duplex;
extern const struct rpc_client_hooks hooks;

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* In place of the fixture's channel. */
void fixture_open(struct fixture *f, const char *target, const struct rpc_channel_options *options);

/* One turn of the loop; the test fails when nothing happens for seconds. */
void turn(struct fixture *f);
/* Turns until nothing is ready any more. */
void settle(struct fixture *f);

struct rpc_client_call *begin(struct fixture *f, const struct rpc_method *method,
			      struct outcome *outcome);
void send_unary(struct rpc_client_call *call, const char *text);
/* The n-th request ever: its headers are in; its end, too. */
struct fake_stream *wait_request(struct fixture *f, size_t n);
struct fake_stream *wait_request_end(struct fixture *f, size_t n);

/* Waits for the end, looks a little longer whether there is a second. text: a part of the status's,
 * "" for none at all, NULL for any. */
void assert_end(struct fixture *f, const struct outcome *outcome, enum rpc_code code,
		const char *text);
void assert_response(const struct outcome *outcome, const char *text);
void assert_no_response(const struct outcome *outcome);
void end(struct outcome *outcome);

#endif
