/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/decide.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define OUT_OF_MEMORY "本次请求的内容过多，请分批提交"

static enum rpc_code __attribute__((format(printf, 5, 0)))
failure_vset(struct svc_failure *failure, struct arena *arena, enum rpc_code code,
	     const char *reason, const char *format, va_list args)
{
	char *text = arena_vprintf(arena, format, args);

	failure->code = code;
	failure->reason = reason;
	failure->text = text ? text : OUT_OF_MEMORY;
	return code;
}

enum rpc_code
svc_failure_set(struct svc_failure *failure, struct arena *arena, enum rpc_code code,
		const char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	failure_vset(failure, arena, code, reason, format, args);
	va_end(args);
	return code;
}

/* Grows the list of violations by one; a power of two is where it is full. */
static BadRequest__FieldViolation **
violation_place(BadRequest *fields, struct arena *arena)
{
	size_t n = fields->n_field_violations;

	if ((n & (n - 1)) == 0) {
		void *grown = ARENA_ARRAY(arena, BadRequest__FieldViolation *, n == 0 ? 1 : 2 * n);

		if (!grown)
			return NULL;
		if (n > 0)
			memcpy(grown, fields->field_violations, n * sizeof(void *));
		fields->field_violations = grown;
	}
	return &fields->field_violations[n];
}

bool
svc_failure_add_field(struct svc_failure *failure, struct arena *arena, const char *path,
		      const char *text)
{
	BadRequest__FieldViolation **place, *violation;

	if (!failure->fields) {
		failure->fields = ARENA_NEW(arena, BadRequest);
		if (!failure->fields)
			return false;
		bad_request__init(failure->fields);
	}
	place = violation_place(failure->fields, arena);
	violation = ARENA_NEW(arena, BadRequest__FieldViolation);
	if (!place || !violation)
		return false;
	bad_request__field_violation__init(violation);
	violation->field = arena_strdup(arena, path);
	violation->description = arena_strdup(arena, text);
	if (!violation->field || !violation->description)
		return false;
	*place = violation;
	failure->fields->n_field_violations++;
	failure->code = RPC_INVALID_ARGUMENT;
	failure->reason = "BAD_FIELDS";
	if (!failure->text)
		failure->text = arena_printf(arena, "%s：%s", path, text);
	return true;
}

enum rpc_code
svc_fail_with(struct svc_call *c, const struct svc_reason *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	failure_vset(&c->run->failure, c->arena, reason->code, reason->reason, format, args);
	va_end(args);
	return reason->code;
}

enum rpc_code
svc_fail_storing(struct svc_call *c, const struct svc_reason *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	failure_vset(&c->run->failure, c->arena, reason->code, reason->reason, format, args);
	va_end(args);
	c->run->failure.stores_effects = true;
	return reason->code;
}

enum rpc_code
svc_fail_field(struct svc_call *c, const char *path, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(c->arena, format, args);
	va_end(args);
	if (!text || !svc_failure_add_field(&c->run->failure, c->arena, path, text))
		return svc_failure_set(&c->run->failure, c->arena, RPC_RESOURCE_EXHAUSTED, NULL,
				       OUT_OF_MEMORY);
	return RPC_INVALID_ARGUMENT;
}

enum rpc_code
svc_fields_checked(const struct svc_call *c)
{
	return c->run->failure.fields ? RPC_INVALID_ARGUMENT : RPC_OK;
}

/* The only way out of a decision that has used up its memory (method.h). */
static enum rpc_code
run_guarded(const struct svc_decision *decision, struct svc_call *c)
{
	struct svc_run *run = c->run;

	if (setjmp(run->out_of_memory))
		return svc_failure_set(&run->failure, c->arena, RPC_RESOURCE_EXHAUSTED,
				       "OUT_OF_MEMORY", OUT_OF_MEMORY);
	c->effects = svc_message(c, decision->effects);
	return decision->decide(c);
}

enum rpc_code
svc_decide(const struct svc_decision *decision, struct svc_call *c)
{
	struct svc_run *run = c->run;
	enum rpc_code code;

	memset(&run->failure, 0, sizeof(run->failure));
	run->n_ids_used = 0;
	run->is_deciding = true;
	code = run_guarded(decision, c);
	run->is_deciding = false;
	if (code != RPC_OK && run->failure.code != code)
		return svc_failure_set(&run->failure, c->arena, RPC_INTERNAL, "BROKEN_DECISION",
				       "系统内部错误：%s 的判定没有说明原因", decision->name);
	if (code == RPC_OK)
		memset(&run->failure, 0, sizeof(run->failure));
	return code;
}

/* ConfirmApplication is confirm_application. */
static bool
is_snake_of(const char *snake, const char *camel)
{
	const char *first = camel;

	for (; *camel; camel++) {
		if (isupper((unsigned char)*camel) && camel > first && *snake++ != '_')
			return false;
		if (*snake++ != tolower((unsigned char)*camel))
			return false;
	}
	return *snake == '\0';
}

const struct svc_decision *
svc_decision_find(const struct svc_decision *decisions, const char *rpc)
{
	for (; decisions->name; decisions++)
		if (is_snake_of(decisions->name, rpc))
			return decisions;
	return NULL;
}
