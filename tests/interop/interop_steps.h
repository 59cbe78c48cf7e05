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

enum { MAX_ZEROS = 271828 };

struct suite {
	struct event_base *base;
	const char *target;
	struct rpc_channel *channel;
	enum rpc_code code; /* of the last call that has not ended as its case wants */
	char why[256];
};

struct interop_case {
	const char *name; /* NULL: the end of the table */
	bool (*play)(struct suite *suite);
	bool by_name; /* only when it is named: grpc-go's server lacks it */
};

extern const struct interop_case interop_cases[];

/* A call whose hooks only note what happened, so that a case reads from top to bottom. */
struct step {
	struct rpc_client_call *call;
	const StreamingOutputCallResponse *message; /* until the next */
	unsigned n_messages;
	bool ended;
	Payload payload; /* of `zeros` */
};

/* A channel to the suite's target; ends the program where that cannot be read. */
void open_channel(struct suite *suite);
/* A new call, not started. */
void begin(struct suite *suite, const struct rpc_method *method, struct step *step);
/* Runs the loop until the next message (true) or the end (false). */
bool next(struct suite *suite, struct step *step);
/* Waits for the end, which must have this code; frees the call. */
bool ends(struct suite *suite, struct step *step, enum rpc_code code);
/* Says why the case has failed; always false. */
bool fail(struct suite *suite, const char *what, long expected, long actual);
/* At most MAX_ZEROS of them, until the next. */
Payload *zeros(struct step *step, size_t size);
bool size_is(struct suite *suite, const Payload *payload, size_t size);

/* interop_compression.c: the cases that only Java's client has. */
bool client_compressed_unary(struct suite *suite);
bool client_compressed_streaming(struct suite *suite);
bool server_compressed_unary(struct suite *suite);
bool server_compressed_streaming(struct suite *suite);

#endif
