/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/request.h"

#include <string.h>

#include "rpc/server_impl.h"

enum { FIELD_OVERHEAD = 32 }; /* RFC 9113 6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE */

static const struct {
	const char *name;
	size_t length;
} known[RPC_N_KNOWN] = {
#define RPC_KNOWN_ENTRY(id, name) {name, sizeof(name) - 1},
    RPC_KNOWN_HEADERS(RPC_KNOWN_ENTRY)
#undef RPC_KNOWN_ENTRY
};

/* A bit for each length that a known name has (the longest has 30). */
#define RPC_KNOWN_LENGTH(id, name) | 1U << (sizeof(name) - 1)
static const uint32_t known_lengths = 0 RPC_KNOWN_HEADERS(RPC_KNOWN_LENGTH);
#undef RPC_KNOWN_LENGTH

static bool
equal(const char *a, size_t length, const char *b)
{
	return strlen(b) == length && memcmp(a, b, length) == 0;
}

static enum rpc_http_method
method_of(const char *value, size_t length)
{
	if (equal(value, length, "POST"))
		return RPC_HTTP_POST;
	if (equal(value, length, "GET"))
		return RPC_HTTP_GET;
	return equal(value, length, "OPTIONS") ? RPC_HTTP_OPTIONS : RPC_HTTP_OTHER;
}

static void
keep(struct rpc_request *request, struct rpc_text *text, struct arena *arena, const char *value,
     size_t length)
{
	char *copy = arena_strndup(arena, value, length);

	if (!copy) {
		request->no_memory = true;
		return;
	}
	*text = (struct rpc_text){copy, length};
}

static void
add_path(struct rpc_call *call, const char *value, size_t length)
{
	struct rpc_request *request = &call->request;
	char *mark;

	keep(request, &request->path, call->arena, value, length);
	mark = request->path.data ? memchr(request->path.data, '?', length) : NULL;
	if (!mark)
		return;
	*mark = '\0';
	request->query = mark + 1;
	request->path.length = (size_t)(mark - request->path.data);
}

static void
add_pseudo(struct rpc_call *call, const char *name, size_t name_length, const char *value,
	   size_t length)
{
	if (equal(name, name_length, ":method"))
		call->request.http_method = method_of(value, length);
	else if (equal(name, name_length, ":path"))
		add_path(call, value, length);
}

static void
add_metadata(struct rpc_call *call, const char *name, size_t name_length, const char *value,
	     size_t length)
{
	struct rpc_request *request = &call->request;

	if (rpc_metadata_name_reserved(name, name_length))
		return;
	switch (rpc_metadata_add_wire(&request->metadata, name, name_length, value, length)) {
	case RPC_METADATA_OK:
		break;
	case RPC_METADATA_BAD_BASE64:
		request->bad_metadata = true;
		break;
	case RPC_METADATA_NO_MEMORY:
		request->no_memory = true;
		break;
	}
}

static struct rpc_text *
find_known(struct rpc_request *request, const char *name, size_t length)
{
	if (length >= 32 || !(known_lengths >> length & 1))
		return NULL;
	for (size_t i = 0; i < RPC_N_KNOWN; i++) {
		if (known[i].length == length && memcmp(known[i].name, name, length) == 0)
			return &request->known[i];
	}
	return NULL;
}

void
request_add_field(struct rpc_call *call, const char *name, size_t name_length, const char *value,
		  size_t value_length)
{
	struct rpc_request *request = &call->request;
	const struct rpc_limits *limits = &call->server->limits;
	/* A Connect GET carries its message in the path: that has a limit of its own. */
	bool is_path = equal(name, name_length, ":path");
	size_t n = is_path ? 0 : value_length;
	struct rpc_text *text;

	request->n_fields++;
	request->n_bytes += name_length + n + FIELD_OVERHEAD;
	if (request->n_bytes > (size_t)limits->max_header_bytes ||
	    request->n_fields > (size_t)limits->max_header_fields ||
	    (is_path && value_length > (size_t)limits->max_query_bytes))
		request->too_large = true;
	if (request->too_large)
		return;
	if (name[0] == ':') {
		add_pseudo(call, name, name_length, value, value_length);
		return;
	}
	text = find_known(request, name, name_length);
	if (text)
		keep(request, text, call->arena, value, value_length);
	else
		add_metadata(call, name, name_length, value, value_length);
}
