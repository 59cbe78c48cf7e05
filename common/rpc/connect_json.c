/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/connect_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "proto/wire.h"

/* Appends data as a JSON string of base64; the alphabet needs no escapes. */
static void
put_base64(struct buf *out, const void *data, size_t length)
{
	char *at;

	buf_putc(out, '"');
	at = buf_extend(out, base64_encoded_max(length));
	if (at) {
		out->length -= base64_encoded_max(length);
		out->length += base64_encode(data, length, BASE64_UNPADDED, at);
	}
	buf_putc(out, '"');
}

static const char *
after_last_slash(const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash ? slash + 1 : url;
}

static void
put_details(const Status *status, struct buf *out)
{
	buf_puts(out, ",\"details\":[");
	for (size_t i = 0; i < status->n_details; i++) {
		const Google__Protobuf__Any *any = status->details[i];
		const char *type = after_last_slash(any->type_url);

		buf_puts(out, i ? ",{\"type\":" : "{\"type\":");
		buf_put_json(out, type, strlen(type));
		buf_puts(out, ",\"value\":");
		put_base64(out, any->value.data, any->value.len);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

void
rpc_connect_error_write(const Status *status, struct buf *out)
{
	buf_printf(out, "{\"code\":\"%s\"", rpc_code_connect_name((enum rpc_code)status->code));
	if (status->message && *status->message) {
		buf_puts(out, ",\"message\":");
		buf_put_json(out, status->message, strlen(status->message));
	}
	if (status->n_details)
		put_details(status, out);
	buf_putc(out, '}');
}

static void
put_value(const struct rpc_pair *pair, struct buf *out)
{
	if (rpc_metadata_name_binary(pair->name, strlen(pair->name)))
		put_base64(out, pair->value, pair->length);
	else
		buf_put_json(out, pair->value, pair->length);
}

/* True when an earlier pair has the same name, so that its list is written already. */
static bool
written(const struct rpc_metadata *metadata, size_t i)
{
	return rpc_metadata_find(metadata, metadata->pairs[i].name) != &metadata->pairs[i];
}

static void
put_metadata(const struct rpc_metadata *metadata, struct buf *out)
{
	const char *separator = "";

	buf_putc(out, '{');
	for (size_t i = 0; i < metadata->n; i++) {
		const struct rpc_pair *first = &metadata->pairs[i];

		if (written(metadata, i))
			continue;
		buf_puts(out, separator);
		buf_put_json(out, first->name, strlen(first->name));
		buf_puts(out, ":[");
		put_value(first, out);
		for (size_t k = i + 1; k < metadata->n; k++) {
			if (strcmp(metadata->pairs[k].name, first->name) != 0)
				continue;
			buf_putc(out, ',');
			put_value(&metadata->pairs[k], out);
		}
		buf_putc(out, ']');
		separator = ",";
	}
	buf_putc(out, '}');
}

void
rpc_connect_end_write(const Status *status, const struct rpc_metadata *trailers, struct buf *out)
{
	bool failed = status && status->code != RPC_OK;

	buf_putc(out, '{');
	if (failed) {
		buf_puts(out, "\"error\":");
		rpc_connect_error_write(status, out);
	}
	if (trailers && trailers->n) {
		buf_puts(out, failed ? ",\"metadata\":" : "\"metadata\":");
		put_metadata(trailers, out);
	}
	buf_putc(out, '}');
}

Status *
rpc_status_new(struct arena *arena, int code, const char *text)
{
	Status *status = (Status *)wire_new(&status__descriptor, arena);

	if (!status)
		return NULL;
	status->code = code;
	status->message = arena_strdup(arena, text ? text : "");
	return status->message ? status : NULL;
}

static int
add_any(struct arena *arena, Status *status, char *type_url, void *value, size_t length)
{
	Google__Protobuf__Any *any =
	    (Google__Protobuf__Any *)wire_new(&google__protobuf__any__descriptor, arena);
	Google__Protobuf__Any **details =
	    ARENA_ARRAY(arena, Google__Protobuf__Any *, status->n_details + 1);

	if (!any || !details || !type_url || !value)
		return -ENOMEM;
	for (size_t i = 0; i < status->n_details; i++)
		details[i] = status->details[i];
	any->type_url = type_url;
	any->value = (ProtobufCBinaryData){length, value};
	details[status->n_details++] = any;
	status->details = details;
	return 0;
}

static char *
url_of(struct arena *arena, const char *type)
{
	return arena_printf(arena, "type.googleapis.com/%s", type);
}

int
rpc_status_add_detail(struct arena *arena, Status *status, const ProtobufCMessage *detail)
{
	const Google__Protobuf__Any *any = (const Google__Protobuf__Any *)detail;
	size_t length;
	void *bytes;

	if (detail->descriptor == &google__protobuf__any__descriptor)
		return add_any(arena, status, arena_strdup(arena, any->type_url),
			       arena_memdup(arena, any->value.data, any->value.len),
			       any->value.len);
	bytes = wire_pack(detail, arena, &length);
	return add_any(arena, status, url_of(arena, detail->descriptor->name), bytes, length);
}

/* Details are an extra: one that cannot be read is left out. */
static void
read_detail(struct arena *arena, const json_t *detail, Status *status)
{
	const char *type = json_string_value(json_object_get(detail, "type"));
	const json_t *value = json_object_get(detail, "value");
	size_t length = json_string_length(value);
	void *bytes;

	if (!type || !json_is_string(value))
		return;
	bytes = arena_alloc(arena, base64_decoded_max(length));
	if (bytes && base64_decode(json_string_value(value), length, bytes, &length))
		add_any(arena, status, url_of(arena, type), bytes, length);
}

static Status *
read_error(struct arena *arena, const json_t *error, enum rpc_code fallback)
{
	const char *code_name = json_string_value(json_object_get(error, "code"));
	const char *text = json_string_value(json_object_get(error, "message"));
	enum rpc_code code = code_name ? rpc_code_of_name(code_name) : fallback;
	const json_t *details = json_object_get(error, "details");
	Status *status;

	if (code_name && (strcmp(code_name, rpc_code_connect_name(code)) != 0 || code == RPC_OK))
		code = fallback;
	status = rpc_status_new(arena, (int)code, text);
	for (size_t i = 0; status && i < json_array_size(details); i++)
		read_detail(arena, json_array_get(details, i), status);
	return status;
}

bool
rpc_connect_error_read(struct arena *arena, const char *text, size_t length, enum rpc_code fallback,
		       Status **ret_status)
{
	json_t *error = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	Status *status = json_is_object(error) ? read_error(arena, error, fallback) : NULL;

	json_decref(error);
	if (!status)
		return false;
	*ret_status = status;
	return true;
}

/* False when a value is no list of texts. */
static bool
read_values(const char *name, const json_t *values, struct rpc_metadata *trailers)
{
	if (!json_is_array(values))
		return false;
	for (size_t i = 0; i < json_array_size(values); i++) {
		const json_t *value = json_array_get(values, i);

		if (!json_is_string(value))
			return false;
		/* Undecodable -bin values are dropped (RPC-05). */
		if (rpc_metadata_add_wire(trailers, name, strlen(name), json_string_value(value),
					  json_string_length(value)) == RPC_METADATA_NO_MEMORY)
			return false;
	}
	return true;
}

static bool
read_metadata(struct arena *arena, json_t *metadata, struct rpc_metadata *trailers)
{
	const char *name;
	json_t *values;

	json_object_foreach (metadata, name, values) {
		char *lower = arena_strdup(arena, name);

		if (!lower)
			return false;
		for (char *c = lower; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c |= 0x20;
		if (!read_values(lower, values, trailers))
			return false;
	}
	return true;
}

static bool
read_end(struct arena *arena, const json_t *end, Status **ret_status, struct rpc_metadata *trailers)
{
	const json_t *error = json_object_get(end, "error");
	json_t *metadata = json_object_get(end, "metadata");
	Status *status = NULL;

	if (!json_is_object(end))
		return false;
	if (error && !json_is_null(error)) {
		status = read_error(arena, error, RPC_UNKNOWN);
		if (!status)
			return false;
	}
	if (metadata && !json_is_null(metadata) &&
	    (!json_is_object(metadata) || !read_metadata(arena, metadata, trailers)))
		return false;
	*ret_status = status;
	return true;
}

bool
rpc_connect_end_read(struct arena *arena, const char *text, size_t length, Status **ret_status,
		     struct rpc_metadata *trailers)
{
	json_t *end = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	bool ok = read_end(arena, end, ret_status, trailers);

	json_decref(end);
	return ok;
}
