/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields: the rules that a request's fields declare (FieldRule of the proto options).
 *
 * Checked before anything is read or decided, all at once: the caller learns every field that is
 * wrong, each with a Chinese sentence that says what to write instead. Bounds that no rule states
 * hold too: 1,000 characters of a text, 1,000 items of a list, dates and instants that exist.
 */
#ifndef MZ_SVC_FIELDS_H
#define MZ_SVC_FIELDS_H

#include "base/date.h"
#include "proto/schema.h"
#include "svc/decide.h"

struct fields;

/* Compiles the patterns of all messages of the schema. 0, -ENOMEM, or -EINVAL with a line on the
 * log for a pattern that is none. Freed by fields_free; NULL is allowed there. */
int fields_new(const struct schema *schema, struct fields **ret_fields);
void fields_free(struct fields *fields);

/* RPC_OK, or INVALID_ARGUMENT with failure->fields filled; today is that of the business clock. */
enum rpc_code fields_check(const struct fields *fields, const struct schema_message *type,
			   const ProtobufCMessage *message, struct date today, struct arena *arena,
			   struct svc_failure *failure);

#endif
