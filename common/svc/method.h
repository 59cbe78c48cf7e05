/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method: what a service sees of the house.
 *
 * A method is declared (proto options, queries.sql) and, when it changes something, decides:
 *
 *     load SQL  ->  decide (pure C)  ->  store SQL  ->  reply
 *
 * A decision reads `request` and `facts` and fills `effects`, or fails. It does nothing else: no
 * I/O, no clock but `now` and `today`, no memory but the call's. So it can be tested without a
 * database and run again after a serialization failure with the same result, ids included.
 *
 * For rpc ConfirmApplication the decision is `confirm_application`, its facts are the message
 * ConfirmApplicationFacts and its effects ConfirmApplicationEffects of services/NAME/facts.proto.
 * Facts that no row filled are unset (NULL message, empty list, zero). The reply is the effects'
 * field `reply` when there is one of the response's type; else every response field that effects,
 * or else request, has under the same name and type.
 *
 * Memory: everything here is allocated on the call and freed with it. An allocation past the
 * call's budget does not return: it leaves the decision, which owns nothing else, and the call
 * ends with RESOURCE_EXHAUSTED. So no result below needs a check.
 */
#ifndef MZ_SVC_METHOD_H
#define MZ_SVC_METHOD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/type/date.pb-c.h"
#include "rpc/status.h"

/* Who calls. Lists are sorted. */
struct svc_caller {
	int32_t tenant;   /* the district */
	const char *id;   /* account, UUID; for a system principal the nil UUID */
	const char *name; /* account name; for a system principal "service:relief" */
	bool system;      /* another service, an event or a timed job */
	const char *const *permissions;
	size_t n_permissions;
	const int64_t *divisions; /* expanded to villages */
	size_t n_divisions;
};

struct svc_call {
	struct arena *arena;
	const void *request; /* of a client stream: this batch */
	const void *facts;
	void *effects;
	const struct svc_caller *caller;
	int64_t now;         /* business clock, microseconds since 1970 */
	struct date today;   /* its day in Asia/Shanghai */
	struct svc_run *run; /* the runner's own */
};

/* -- failing ----------------------------------------------------------------------------------- */

/* An entry of the catalogue of reasons; svc_fail makes one for every place it is used. */
struct svc_reason {
	enum rpc_code code;
	const char *reason; /* UPPER_SNAKE, stable; ErrorInfo.reason */
	const char *text;   /* the format */
};

/*
 * Ends the decision: `return svc_fail(c, NOT_FOUND, "NO_APPLICATION", "本辖区没有编号为 %s
 * 的申请，请核对编号", req->id);` The text is for people and says what to do next. A reason keeps
 * one code in the whole service (`--check`). Nothing is stored; the refusal is in the audit trail.
 */
#define svc_fail(c, code, reason, ...) SVC_FAIL(svc_fail_with, c, RPC_##code, reason, __VA_ARGS__)

/* As svc_fail, but what effects hold is stored and committed: a counted wrong password, a lock. */
#define svc_fail_and_store(c, code, reason, ...) \
	SVC_FAIL(svc_fail_storing, c, RPC_##code, reason, __VA_ARGS__)

/*
 * Notes one bad field, by its path in the request (`rows[3].id_number`); may be repeated. Returns
 * RPC_INVALID_ARGUMENT, so a decision may end with it, or go on and end with svc_fields_checked.
 */
enum rpc_code svc_fail_field(struct svc_call *c, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* RPC_INVALID_ARGUMENT when svc_fail_field was called, else RPC_OK. */
enum rpc_code svc_fields_checked(const struct svc_call *c);

/* -- who and what ------------------------------------------------------------------------------ */

/* Held as it is, or by a pattern: `relief.application.*`, `relief.*.read`, `relief.*.*`. A system
 * principal holds none, and is let into every method all the same. */
bool svc_caller_may(const struct svc_caller *caller, const char *permission);
/* True when the division is one of the caller's. */
bool svc_caller_covers(const struct svc_caller *caller, int64_t division);

/* A new UUIDv7 as text; the n-th one of a call is the same when the call is decided again. */
char *svc_new_id(struct svc_call *c);
/* A new UUIDv4, which tells nothing of when it was made: person keys. Repeats like svc_new_id. */
char *svc_new_key(struct svc_call *c);
/* The id that the client chose (AIP-133), or a new one when it is empty. */
char *svc_id_or_new(struct svc_call *c, const char *chosen);

/* -- memory and messages ----------------------------------------------------------------------- */

void *svc_alloc(struct svc_call *c, size_t size); /* zeroed */
char *svc_text(struct svc_call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *svc_copy_text(struct svc_call *c, const char *text);
/* Gives memory back; NULL, which functions of domain/ return over the budget, leaves the decision.
 */
void *svc_need(struct svc_call *c, void *memory);

/* An initialised message: `Award *award = svc_message(c, &award__descriptor);` */
void *svc_message(struct svc_call *c, const ProtobufCMessageDescriptor *type);
/* A deep copy. */
void *svc_copy_message(struct svc_call *c, const void *message);

/* Appends a new message to a repeated field: `Line *line = SVC_ADD(c, out, lines, line);` where
 * `line` is the message's name in lower snake case. */
#define SVC_ADD(c, message, field, type)                                                         \
	((__typeof__((message)->field[0]))svc_add((c), &(message)->n_##field, &(message)->field, \
						  &type##__descriptor))
/* Appends a text, a number, an enum or an existing message to a repeated field. */
#define SVC_APPEND(c, message, field, value)                                         \
	do {                                                                         \
		__typeof__((message)->field[0]) svc_value[1] = {(value)};            \
		svc_append((c), &(message)->n_##field, &(message)->field, svc_value, \
			   sizeof(svc_value));                                       \
	} while (0)

/* -- money and dates --------------------------------------------------------------------------- */

/* Money as people write it: 900元, 610.50元. */
char *svc_yuan(struct svc_call *c, int64_t fen);

/* False when message is NULL or no such day exists; *ret_date is then untouched. */
bool svc_date_get(const Date *message, struct date *ret_date);
/* The day, or `otherwise`. */
struct date svc_date_or(const Date *message, struct date otherwise);
/* True when both are given and the first is the earlier. */
bool svc_date_before(const Date *message, const Date *other);
Date *svc_date(struct svc_call *c, struct date date);

/* Microseconds since 1970; 0 when message is NULL. */
int64_t svc_instant_us(const Google__Protobuf__Timestamp *message);
Google__Protobuf__Timestamp *svc_instant(struct svc_call *c, int64_t instant_us);

/* -- the service's table ----------------------------------------------------------------------- */

struct svc_decision {
	const char *name; /* of the rpc, in lower snake case; NULL ends the table */
	enum rpc_code (*decide)(struct svc_call *c);
	const ProtobufCMessageDescriptor *facts, *effects;
};

/* methods.c defines `const struct svc_decision svc_methods[]`, ended by SVC_END; a service that
 * only reads has no methods.c. */
#define SVC_DECISION(rpc)                                                       \
	{                                                                       \
#rpc, rpc, &rpc##_facts__descriptor, &rpc##_effects__descriptor \
	}
/* For an rpc that shares facts and effects with others: MESSAGES_facts, MESSAGES_effects. */
#define SVC_DECISION_WITH(rpc, messages)                                                  \
	{                                                                                 \
#rpc, rpc, &messages##_facts__descriptor, &messages##_effects__descriptor \
	}
#define SVC_END   \
	{         \
		0 \
	}
extern const struct svc_decision svc_methods[];

/* -- behind the macros ------------------------------------------------------------------------- */

#define SVC_FAIL(how, c, number, name, ...)                                       \
	({                                                                        \
		static const struct svc_reason svc_reason_                        \
		    __attribute__((section("svc_reasons"), used, aligned(8))) = { \
			(number), (name), SVC_FIRST(__VA_ARGS__, 0)};             \
		(void)how((c), &svc_reason_, __VA_ARGS__);                        \
		(number);                                                         \
	})
#define SVC_FIRST(first, ...) first

enum rpc_code svc_fail_with(struct svc_call *c, const struct svc_reason *reason, const char *format,
			    ...) __attribute__((format(printf, 3, 4)));
enum rpc_code svc_fail_storing(struct svc_call *c, const struct svc_reason *reason,
			       const char *format, ...) __attribute__((format(printf, 3, 4)));
void *svc_add(struct svc_call *c, size_t *count, void *list,
	      const ProtobufCMessageDescriptor *type);
void svc_append(struct svc_call *c, size_t *count, void *list, const void *item, size_t size);

#endif
