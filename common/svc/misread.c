/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/misread.h"

#include <string.h>

#include "base/buf.h"
#include "google/type/date.pb-c.h"
#include "svc/failure.h"
#include "svc/worker.h"

enum {
	MAX_NAMES = 30, /* enough for every message and enum of the contract but a few */
	MAX_TEXT = 4 << 10,
};

/* Where a path leads. */
struct place {
	const struct schema_message *type; /* the innermost message */
	const struct schema_field *field;  /* of it; NULL: it has no field of that name */
	bool is_item;                      /* of a list */
};

/* Follows "a.b[3].c" from type; false for the message itself. */
static bool
find(const struct schema_message *type, const char *path, struct place *ret_place)
{
	struct place at = {.type = type};

	if (!*path)
		return false;
	for (size_t length; *path && type; path += length + (path[length] == '.')) {
		length = strcspn(path, ".[");
		at.type = type;
		at.field = schema_field_by_name(type, path, length);
		type = at.field ? at.field->message : NULL;
		at.is_item = path[length] == '[';
		length = strcspn(path, ".");
	}
	*ret_place = at;
	return true;
}

static const char *
name_at(const struct place *at, unsigned i)
{
	const ProtobufCEnumDescriptor *values;

	if (!at->field)
		return i < at->type->c->n_fields ? at->type->c->fields[i].name : NULL;
	values = at->field->c->descriptor;
	return i < values->n_values ? values->values[i].name : NULL;
}

/* A message's fields, an enum's values. */
static void
put_names(struct buf *out, const struct place *at)
{
	const char *name;

	for (unsigned i = 0; i < MAX_NAMES && (name = name_at(at, i)); i++)
		buf_printf(out, "%s%s", i > 0 ? "、" : "", name);
	if (name_at(at, MAX_NAMES))
		buf_puts(out, " 等");
}

static const char *
message_form(const struct schema_message *type)
{
	if (type->c == &date__descriptor)
		return "日期，如 {\"year\":2024,\"month\":12,\"day\":2}";
	if (type->wkt == SCHEMA_WKT_TIMESTAMP)
		return "时间，如 \"2024-12-02T08:30:00Z\"";
	return "花括号中的一组字段";
}

/* What belongs into a field, as JSON has it. */
static const char *
form(const struct place *at)
{
	const struct schema_field *field = at->field;

	if (field->c->label == PROTOBUF_C_LABEL_REPEATED && !at->is_item)
		return "方括号中的一列值";
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return " true 或 false";
	case PROTOBUF_C_TYPE_STRING:
		return "引号中的文字（UTF-8）";
	case PROTOBUF_C_TYPE_BYTES:
		return " base64 文字";
	case PROTOBUF_C_TYPE_MESSAGE:
		return message_form(field->message);
	case PROTOBUF_C_TYPE_ENUM:
		return "以下之一：";
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return "数";
	default:
		return "整数";
	}
}

void
misread_explain(const struct schema_message *type, const struct proto_fault *fault,
		struct arena *arena, struct svc_failure *failure)
{
	struct buf text;
	struct place at;

	if (!find(type, fault->path, &at)) {
		svc_failure_set(failure, arena,
				SVC_CATALOGUED(RPC_INVALID_ARGUMENT, "UNREADABLE",
					       "请求内容不是这个方法的消息"),
				"UNREADABLE", "请求内容不是 %s：%s", type->name, fault->reason);
		return;
	}
	buf_init(&text, arena, MAX_TEXT);
	buf_puts(&text, at.field ? "应为" : "没有这个字段，可以填写的有 ");
	if (at.field)
		buf_puts(&text, form(&at));
	if (!at.field || at.field->c->type == PROTOBUF_C_TYPE_ENUM)
		put_names(&text, &at);
	buf_printf(&text, "（%s）", fault->reason);
	svc_failure_add_field(failure, arena, fault->path, buf_text(&text) ? buf_text(&text) : "");
}

const char *
misread_tell(struct rpc_call *call, const struct proto_fault *fault, void *data)
{
	const struct program *program = ((struct worker *)data)->program;
	const struct schema_message *type =
	    schema_message_of(program->schema, rpc_call_method(call)->request);
	struct svc_failure failure = {0};

	if (!type)
		return NULL;
	misread_explain(type, fault, rpc_call_arena(call), &failure);
	failure_add_details(&failure, program->service->name, call);
	return failure.text;
}
