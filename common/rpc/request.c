/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each field is looked up once, and what RFC 9113 8.2 and 8.3 demand of a request is checked on the
 * way; nghttp2 is told not to do it again (no_http_messaging), which is a seventh of an echo. As
 * there, a request that breaks a rule is malformed, but a field with odd bytes is only left out.
 */
#include "rpc/request.h"

#include <string.h>
#include <strings.h>

#include "rpc/server_impl.h"

enum { FIELD_OVERHEAD = 32 }; /* RFC 9113 6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE */

enum kind { PSEUDO, KNOWN, HOST, CONTENT_LENGTH, TE, NOT_OURS, FORBIDDEN, UNKNOWN };
enum pseudo { METHOD, SCHEME, PATH, AUTHORITY };

static struct field {
	const char *name;
	uint8_t length, kind, id; /* enum pseudo, or enum rpc_known_header */
	uint8_t next;             /* in its chain: place + 1 */
} fields[] = {
#define FIELD(name, kind, id)                       \
	{                                           \
		name, sizeof(name) - 1, kind, id, 0 \
	}
#define KNOWN_FIELD(id, name) FIELD(name, KNOWN, RPC_KNOWN_##id),
    FIELD(":method", PSEUDO, METHOD),
    FIELD(":scheme", PSEUDO, SCHEME),
    FIELD(":path", PSEUDO, PATH),
    FIELD(":authority", PSEUDO, AUTHORITY),
    FIELD("te", TE, 0),
    RPC_KNOWN_HEADERS(KNOWN_FIELD) FIELD("content-length", CONTENT_LENGTH, 0),
    FIELD("host", HOST, 0),
    FIELD("user-agent", NOT_OURS, 0),
    FIELD("connection", FORBIDDEN, 0),
    FIELD("keep-alive", FORBIDDEN, 0),
    FIELD("proxy-connection", FORBIDDEN, 0),
    FIELD("transfer-encoding", FORBIDDEN, 0),
    FIELD("upgrade", FORBIDDEN, 0),
#undef KNOWN_FIELD
#undef FIELD
};
static const struct field unknown = {.kind = UNKNOWN};

enum { N_FIELDS = sizeof fields / sizeof *fields, N_CHAINS = 64 };
static uint8_t chains[N_CHAINS];

static uint8_t *
chain_of(const char *name, size_t length)
{
	return &chains[(length * 2 + (length ? (unsigned char)name[length - 1] : 0)) % N_CHAINS];
}

__attribute__((constructor)) static void
chain_fields(void)
{
	for (uint8_t i = N_FIELDS; i-- > 0;) {
		uint8_t *chain = chain_of(fields[i].name, fields[i].length);

		fields[i].next = *chain;
		*chain = (uint8_t)(i + 1);
	}
}

static const struct field *
find(const char *name, size_t length)
{
	for (uint8_t place = *chain_of(name, length); place; place = fields[place - 1].next) {
		const struct field *field = &fields[place - 1];

		if (field->length == length && memcmp(field->name, name, length) == 0)
			return field;
	}
	return &unknown;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Whether one of eight bytes is below 0x20 or is 0x7F. */
static bool
has_control(const char *bytes)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t word, del;

	memcpy(&word, bytes, sizeof word);
	del = word ^ ones * 0x7F;
	return (((word - ones * ' ') & ~word) | ((del - ones) & ~del)) & ones * 0x80;
}

/* RFC 9113 8.2.1: no control characters but tabs, no blanks at the ends. */
static bool
is_clean(const char *value, size_t length)
{
	size_t i = 0;

	if (length > 0 && (is_blank(value[0]) || is_blank(value[length - 1])))
		return false;
	/* The last eight may overlap those before. */
	while (length >= 8 && i < length &&
	       !has_control(value + (i <= length - 8 ? i : length - 8)))
		i += 8;
	for (; i < length; i++) {
		unsigned char c = (unsigned char)value[i];

		if ((c < ' ' && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

enum name { NAME_GOOD, NAME_ODD, NAME_MALFORMED };

/* RFC 9110 5.6.2, in lower case. */
static enum name
check_name(const char *name, size_t length)
{
	enum name result = length > 0 ? NAME_GOOD : NAME_ODD;

	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')
			continue;
		if ((c >= 'A' && c <= 'Z') || name[0] == ':')
			return NAME_MALFORMED;
		if (c == '\0' || !strchr("!#$%&'*+.^_`|~", c))
			result = NAME_ODD;
	}
	return result;
}

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
add_pseudo(struct rpc_call *call, enum pseudo id, const char *value, size_t length)
{
	struct rpc_request *request = &call->request;
	bool is_usual = id == SCHEME && equal(value, length, "http");

	if (id == METHOD) {
		request->http_method = method_of(value, length);
		is_usual = request->http_method == RPC_HTTP_POST;
	}
	if (request->pseudo & 1U << id || request->has_regular || call->headers_done ||
	    length == 0 || (!is_usual && !is_clean(value, length)))
		request->malformed = true;
	else if (id == PATH)
		add_path(call, value, length);
	request->pseudo |= 1U << id;
}

static void
add_content_length(struct rpc_request *request, const char *value, size_t length)
{
	int64_t number = 0;

	if (request->content_length >= 0 || length == 0 || length > 18)
		request->malformed = true;
	for (size_t i = 0; i < length && !request->malformed; i++) {
		if (value[i] < '0' || value[i] > '9')
			request->malformed = true;
		number = number * 10 + (value[i] - '0');
	}
	request->content_length = number;
}

static bool
is_over_limit(struct rpc_request *request, const struct rpc_limits *limits,
	      const struct field *field, size_t length)
{
	/* A Connect GET carries its message in the path: that has a limit of its own. */
	if (field->kind == PSEUDO && field->id == PATH)
		request->too_large |= length > (size_t)limits->max_query_bytes;
	else
		request->n_bytes += length;
	request->n_bytes += FIELD_OVERHEAD;
	request->n_fields++;
	request->too_large |= request->n_bytes > (size_t)limits->max_header_bytes ||
			      request->n_fields > (size_t)limits->max_header_fields;
	return request->too_large;
}

static void
add_unknown(struct rpc_call *call, const char *name, size_t name_length, const char *value,
	    size_t length)
{
	struct rpc_request *request = &call->request;
	enum name kind = check_name(name, name_length);
	enum rpc_metadata_result result;

	request->malformed |= kind == NAME_MALFORMED;
	if (kind != NAME_GOOD || call->headers_done || !is_clean(value, length) ||
	    rpc_metadata_name_reserved(name, name_length))
		return;
	result = rpc_metadata_add_wire(&request->metadata, name, name_length, value, length);
	request->bad_metadata |= result == RPC_METADATA_BAD_BASE64;
	request->no_memory |= result == RPC_METADATA_NO_MEMORY;
}

void
request_add_field(struct rpc_call *call, const char *name, size_t name_length, const char *value,
		  size_t length)
{
	struct rpc_request *request = &call->request;
	const struct field *field = find(name, name_length);

	if (is_over_limit(request, &call->server->limits, field, name_length + length))
		return;
	switch ((enum kind)field->kind) {
	case PSEUDO:
		add_pseudo(call, field->id, value, length);
		return;
	case KNOWN:
		if (!call->headers_done && is_clean(value, length))
			keep(request, &request->known[field->id], call->arena, value, length);
		break;
	case HOST: /* in place of :authority, or beside it */
		request->pseudo |= 1U << AUTHORITY;
		break;
	case CONTENT_LENGTH:
		add_content_length(request, value, length);
		break;
	case TE:
		request->te_trailers = equal(value, length, "trailers") ||
				       (length == 8 && strncasecmp(value, "trailers", 8) == 0);
		request->malformed |= !request->te_trailers;
		break;
	case NOT_OURS:
		break;
	case FORBIDDEN:
		request->malformed = true;
		break;
	case UNKNOWN:
		add_unknown(call, name, name_length, value, length);
	}
	request->has_regular = true;
}

bool
request_is_complete(const struct rpc_request *request)
{
	const unsigned all = 1U << METHOD | 1U << SCHEME | 1U << PATH | 1U << AUTHORITY;

	return !request->malformed && request->pseudo == all &&
	       (!request->path.data || request->path.data[0] == '/' ||
		(request->http_method == RPC_HTTP_OPTIONS && request->path.data[0] == '*'));
}
