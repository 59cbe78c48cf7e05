/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the interoperability cases are written with: the methods of grpc.testing and calls that a
 * case can wait for, so that it reads from top to bottom.
 */
#ifndef MZ_INTEROP_STEPS_H
#define MZ_INTEROP_STEPS_H

#include "grpc/testing/test.pb-c.h"
#include "rpc/client.h"

extern const struct rpc_method empty_call, unary_call, output_call, input_call, duplex_call,
    no_method, no_service;

struct suite {
	struct event_base *base;
	const char *target;
	struct rpc_channel *channel;
	char why[256];
};

/* A call whose hooks only note what happened, so that a case reads from top to bottom. */
struct step {
	struct rpc_client_call *call;
	const StreamingOutputCallResponse *message; /* until the next */
	unsigned n_messages;
	bool ended;
};

/* A new call, not started. */
void begin(struct suite *suite, const struct rpc_method *method, struct step *step);
/* Runs the loop until the next message (true) or the end (false). */
bool next(struct suite *suite, struct step *step);
/* Waits for the end, which must have this code; frees the call. */
bool ends(struct suite *suite, struct step *step, enum rpc_code code);
/* Says why the case has failed; always false. */
bool fail(struct suite *suite, const char *what, long expected, long actual);
/* size zeros, on the call's arena. */
Payload *zeros(struct rpc_client_call *call, size_t size);
bool size_is(struct suite *suite, const Payload *payload, size_t size);

/* interop_compression.c: the cases that only Java's client has. */
bool client_compressed_unary(struct suite *suite);
bool client_compressed_streaming(struct suite *suite);
bool server_compressed_unary(struct suite *suite);
bool server_compressed_streaming(struct suite *suite);

#endif
