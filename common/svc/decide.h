/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decide: one run of a decision, and how it failed.
 *
 * Everything the functions of method.h need besides the call itself is in a struct svc_run. The
 * runner keeps one for each call; a test of a decision puts one on its stack:
 *
 *     struct svc_run run = {0};
 *     struct svc_call c = {.arena = arena, .run = &run, .request = &req, .facts = &facts, …};
 *     code = svc_decide(&svc_methods[i], &c);
 *
 * Not for services themselves.
 */
#ifndef MZ_SVC_DECIDE_H
#define MZ_SVC_DECIDE_H

#include <setjmp.h>

#include "google/rpc/error_details.pb-c.h"
#include "svc/method.h"

/* Why a call fails; everything on its arena. */
struct svc_failure {
	enum rpc_code code;  /* RPC_OK: it does not */
	const char *reason;  /* ErrorInfo.reason; NULL for none */
	const char *text;    /* for people */
	BadRequest *fields;  /* NULL: none is wrong */
	bool stores_effects; /* svc_fail_and_store */
};

struct svc_run {
	struct svc_failure failure;
	char **ids; /* made so far; a later run of the same decision gets the same */
	size_t n_ids, n_ids_used;
	bool is_deciding;
	jmp_buf out_of_memory;
};

/*
 * Runs the decision on fresh effects (c->effects is replaced). RPC_OK, or the code of
 * c->run->failure, which is then filled.
 */
enum rpc_code svc_decide(const struct svc_decision *decision, struct svc_call *c);

/* What an earlier run of the decision made at this place (an id, a secret), or NULL; then the
 * function that makes it hands it to svc_keep_made, which returns a copy. */
char *svc_made(struct svc_call *c);
char *svc_keep_made(struct svc_call *c, const char *text);

/* The decision of an rpc by its name in the proto, `ConfirmApplication`; NULL when there is none.
 */
const struct svc_decision *svc_decision_find(const struct svc_decision *decisions, const char *rpc);

/* Fails from the runner itself, outside of a decision; returns code. */
enum rpc_code svc_failure_set(struct svc_failure *failure, struct arena *arena, enum rpc_code code,
			      const char *reason, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Adds one bad field. False without memory. */
bool svc_failure_add_field(struct svc_failure *failure, struct arena *arena, const char *path,
			   const char *text);

/* Puts a reason of the runner's own into the catalogue, as svc_fail does for a service's; its value
 * is the code. All three are constants. */
#define SVC_CATALOGUED(number, name, ...)                                         \
	({                                                                        \
		static const struct svc_reason svc_known_                         \
		    __attribute__((section("svc_reasons"), used, aligned(8))) = { \
			(number), (name), SVC_FIRST(__VA_ARGS__, 0)};             \
		svc_known_.code;                                                  \
	})

/* The catalogue of reasons of this program: [begin, end). */
extern const struct svc_reason __start_svc_reasons[] __attribute__((weak));
extern const struct svc_reason __stop_svc_reasons[] __attribute__((weak));

#endif
