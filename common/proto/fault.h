/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault: why bytes or text are not the message they should be, and where.
 *
 * Readers (wire.h, json/json_read.h) fill one on refusal. The path is built from the inside out
 * while they unwind, so reading what is right costs nothing for it. Both texts are English, for the
 * log and for developers of foreign clients.
 */
#ifndef MZ_PROTO_FAULT_H
#define MZ_PROTO_FAULT_H

#include <stddef.h>

enum proto_result {
	PROTO_OK,
	PROTO_MALFORMED, /* not this message */
	PROTO_TOO_DEEP,  /* more than PROTO_MAX_DEPTH messages inside each other */
	PROTO_BAD_TEXT,  /* a string that is not UTF-8 or has a NUL */
	PROTO_EXHAUSTED, /* the arena's budget is used up: RESOURCE_EXHAUSTED, the others are
			    INVALID_ARGUMENT */
};

enum { PROTO_MAX_DEPTH = 100, PROTO_NO_INDEX = -1 };

struct proto_fault {
	enum proto_result result;
	const char *path; /* "a.b[3]", inside store; "" for the message itself; its front is cut
			     when too long */
	char reason[96];
	char store[256];
};

/* Starts a fault: empty path, reason as printf. Returns result. fault may be NULL, here and below.
 */
enum proto_result proto_fault_set(struct proto_fault *fault, enum proto_result result,
				  const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts `name` or `name[index]` before the path; index PROTO_NO_INDEX for a single field. */
void proto_fault_within(struct proto_fault *fault, const char *name, long index);

#endif
