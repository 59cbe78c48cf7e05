/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/metadata.h"

#include <errno.h>
#include <event2/http.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

enum { FIRST_CAPACITY = 8 };

void
rpc_metadata_init(struct rpc_metadata *metadata, struct arena *arena)
{
	*metadata = (struct rpc_metadata){.arena = arena};
}

/* The next free pair, not yet counted; NULL without memory. */
static struct rpc_pair *
next_pair(struct rpc_metadata *metadata)
{
	size_t capacity = metadata->capacity ? metadata->capacity * 2 : FIRST_CAPACITY;
	struct rpc_pair *pairs;

	if (metadata->n < metadata->capacity)
		return &metadata->pairs[metadata->n];
	pairs = ARENA_ARRAY(metadata->arena, struct rpc_pair, capacity);
	if (!pairs)
		return NULL;
	if (metadata->n)
		memcpy(pairs, metadata->pairs, metadata->n * sizeof *pairs);
	metadata->pairs = pairs;
	metadata->capacity = capacity;
	return &pairs[metadata->n];
}

static int
add(struct rpc_metadata *metadata, const char *name, size_t name_length, const void *value,
    size_t length)
{
	struct rpc_pair *pair = next_pair(metadata);

	if (!pair)
		return -ENOMEM;
	pair->name = arena_strndup(metadata->arena, name, name_length);
	pair->value = arena_strndup(metadata->arena, value, length);
	pair->length = length;
	if (!pair->name || !pair->value)
		return -ENOMEM;
	metadata->n++;
	return 0;
}

int
rpc_metadata_add(struct rpc_metadata *metadata, const char *name, const void *value, size_t length)
{
	return add(metadata, name, strlen(name), value, length);
}

int
rpc_metadata_add_text(struct rpc_metadata *metadata, const char *name, const char *value)
{
	return add(metadata, name, strlen(name), value, strlen(value));
}

static void
trim(const char **text, size_t *length)
{
	while (*length && (**text == ' ' || **text == '\t')) {
		++*text;
		--*length;
	}
	while (*length && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		--*length;
}

static enum rpc_metadata_result
add_base64(struct rpc_metadata *metadata, const char *name, size_t name_length, const char *text,
	   size_t length)
{
	char *value;
	size_t value_length;

	trim(&text, &length);
	value = arena_alloc(metadata->arena, base64_decoded_max(length));
	if (!value)
		return RPC_METADATA_NO_MEMORY;
	if (!base64_decode(text, length, value, &value_length))
		return RPC_METADATA_BAD_BASE64;
	if (add(metadata, name, name_length, value, value_length))
		return RPC_METADATA_NO_MEMORY;
	return RPC_METADATA_OK;
}

enum rpc_metadata_result
rpc_metadata_add_wire(struct rpc_metadata *metadata, const char *name, size_t name_length,
		      const char *value, size_t value_length)
{
	size_t n_before = metadata->n;
	const char *comma;

	if (!rpc_metadata_name_binary(name, name_length)) {
		trim(&value, &value_length);
		return add(metadata, name, name_length, value, value_length)
			   ? RPC_METADATA_NO_MEMORY
			   : RPC_METADATA_OK;
	}
	do {
		enum rpc_metadata_result r;
		size_t length = value_length;

		comma = memchr(value, ',', value_length);
		if (comma)
			length = (size_t)(comma - value);
		r = add_base64(metadata, name, name_length, value, length);
		if (r != RPC_METADATA_OK) {
			metadata->n = n_before;
			return r;
		}
		if (comma) {
			value += length + 1;
			value_length -= length + 1;
		}
	} while (comma);
	return RPC_METADATA_OK;
}

const char *
rpc_metadata_wire_value(const struct rpc_pair *pair, struct arena *arena, size_t *ret_length)
{
	char *text;

	if (!rpc_metadata_name_binary(pair->name, strlen(pair->name))) {
		*ret_length = pair->length;
		return pair->value;
	}
	text = arena_alloc(arena, base64_encoded_max(pair->length));
	if (text)
		*ret_length = base64_encode(pair->value, pair->length, BASE64_UNPADDED, text);
	return text;
}

const struct rpc_pair *
rpc_metadata_find(const struct rpc_metadata *metadata, const char *name)
{
	for (size_t i = 0; i < metadata->n; i++)
		if (!strcmp(metadata->pairs[i].name, name))
			return &metadata->pairs[i];
	return NULL;
}

const char *
rpc_metadata_get(const struct rpc_metadata *metadata, const char *name)
{
	const struct rpc_pair *pair = rpc_metadata_find(metadata, name);

	return pair ? pair->value : NULL;
}

bool
rpc_metadata_name_valid(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-' &&
		    c != '.')
			return false;
	}
	return length > 0;
}

bool
rpc_metadata_name_binary(const char *name, size_t length)
{
	return length >= 4 && !memcmp(name + length - 4, "-bin", 4);
}

bool
rpc_metadata_name_reserved(const char *name, size_t length)
{
	enum { N_PREFIXES = 3 };
	static const char *const reserved[] = {
	    ":",
	    "grpc-",
	    "connect-",
	    "content-type",
	    "content-length",
	    "content-encoding",
	    "accept-encoding",
	    "te",
	    "user-agent",
	    "connection",
	    "transfer-encoding",
	    "host",
	};

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		size_t n = reserved[i][0] == name[0] ? strlen(reserved[i]) : SIZE_MAX;

		if ((i < N_PREFIXES ? n <= length : n == length) && !memcmp(reserved[i], name, n))
			return true;
	}
	return false;
}

bool
rpc_metadata_value_valid(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (value[i] < 0x20 || value[i] > 0x7E)
			return false;
	return true;
}

void
rpc_percent_encode(struct buf *out, const char *text, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < length; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c >= 0x20 && c <= 0x7E && c != '%') {
			buf_putc(out, text[i]);
			continue;
		}
		buf_put(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
}

char *
rpc_percent_decode(struct arena *arena, const char *text)
{
	char *decoded = evhttp_uridecode(text, 0, NULL);
	char *copy = decoded ? arena_strdup(arena, decoded) : NULL;

	free(decoded);
	return copy;
}
