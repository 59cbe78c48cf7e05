/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan: what the runner does for each method, worked out once at start.
 *
 * A plan joins the four places that say something about an rpc: its options and messages (schema),
 * its blocks (queries.sql), its decision (methods.c) and, for the house's own services, a function.
 * After it is built nothing is looked up by name. Every contradiction is reported with its place;
 * a program with one does not start.
 */
#ifndef MZ_SVC_PLAN_H
#define MZ_SVC_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/stmt.h"
#include "proto/schema.h"
#include "rpc/call.h"
#include "svc/queries.h"
#include "svc/service.h"

enum plan_kind {
	PLAN_READ,    /* reply blocks */
	PLAN_DERIVE,  /* a read with a decision: load, decide */
	PLAN_EXPORT,  /* server stream: one reply block, read with a cursor */
	PLAN_COMMAND, /* load, decide, store */
	PLAN_IMPORT,  /* client stream: a command for each message */
	PLAN_NATIVE,  /* the house's own: a C function (worker.h) */
};

/* What names in SQL may mean, in this order (queries.h). */
enum plan_source {
	PLAN_EFFECTS,
	PLAN_REQUEST,
	PLAN_CLOCK,
	PLAN_CALLER,
	PLAN_PAGE,
	PLAN_AFTER,
	PLAN_N_SOURCES
};

struct plan_statement {
	const struct queries_block *block;
	const struct db_stmt *stmt;
	const ProtobufCFieldDescriptor *field; /* filled by the rows; NULL: the whole message */
	struct db_source sources[PLAN_N_SOURCES];
};

struct plan_event {
	const char *type;
	const ProtobufCFieldDescriptor *field;   /* of the effects */
	const ProtobufCFieldDescriptor *subject; /* of the event's message */
};

/* A method of other services whose answers fill a field of Facts. */
struct plan_ask {
	struct rpc_method method;
	const ProtobufCFieldDescriptor *field; /* repeated, of the method's response */
};

/* A field of the response and where its value comes from. */
struct plan_copy {
	const ProtobufCFieldDescriptor *to, *from;
	enum plan_source source; /* PLAN_EFFECTS or PLAN_REQUEST */
};

/* How a List pages; item is NULL when the method does not. */
struct plan_page {
	const ProtobufCFieldDescriptor *size, *token;       /* of the request */
	const ProtobufCFieldDescriptor *items, *next_token; /* of the response */
	const ProtobufCFieldDescriptor *const *keys;        /* fields of an item named by :after. */
	size_t n_keys;
};

struct plan {
	const struct schema_method *method;
	const char *label; /* "ReliefService/ConfirmApplication" */
	const MethodRule *rule;
	enum plan_kind kind;
	const struct svc_decision *decision; /* NULL: none */
	struct plan_statement *loads, *stores, *replies;
	size_t n_loads, n_stores, n_replies;
	struct plan_event *events;
	size_t n_events;
	struct plan_ask *asks;
	size_t n_asks;
	const ProtobufCFieldDescriptor *reply; /* field of the effects that is the response */
	struct plan_copy *copies;
	size_t n_copies;
	const ProtobufCFieldDescriptor *request_id; /* of the request; NULL: it has none */
	struct plan_page page;
};

struct plans {
	struct plan *all;
	size_t n_all;
	struct db_stmts *stmts;
};

/* One contradiction, "queries.sql:12: …"; counted by whoever listens. */
typedef void plan_report_fn(void *data, const char *text);

struct plan_input {
	const struct schema *schema;
	const struct schema_service *const *contracts; /* whose methods are planned */
	size_t n_contracts;
	const struct queries *queries;
	const struct svc_decision *decisions; /* ended by SVC_END */
	bool (*is_native)(const struct schema_method *method);
	plan_report_fn *report;
	void *data;
};

/*
 * Plans all methods and adds their statements to ret_plans->stmts, which the caller has made.
 * Everything lies on arena. 0, or -ENOMEM; contradictions are only reported.
 */
int plans_make(struct arena *arena, const struct plan_input *input, struct plans *ret_plans);

/* By the method's path; NULL when there is none. */
const struct plan *plans_find(const struct plans *plans, const char *path);

#endif
