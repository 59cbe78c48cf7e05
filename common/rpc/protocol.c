/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/protocol.h"

#include <string.h>
#include <strings.h>

/* The first entry of each (protocol, codec, text, unary) is the one that we write. */
static const struct {
	const char *text;
	struct rpc_content_type type;
} types[] = {
    {"application/grpc+proto", {RPC_GRPC, RPC_PROTO, false, false}},
    {"application/grpc", {RPC_GRPC, RPC_PROTO, false, false}},
    {"application/grpc+json", {RPC_GRPC, RPC_JSON, false, false}},
    {"application/grpc-web+proto", {RPC_GRPC_WEB, RPC_PROTO, false, false}},
    {"application/grpc-web", {RPC_GRPC_WEB, RPC_PROTO, false, false}},
    {"application/grpc-web+json", {RPC_GRPC_WEB, RPC_JSON, false, false}},
    {"application/grpc-web-text+proto", {RPC_GRPC_WEB, RPC_PROTO, true, false}},
    {"application/grpc-web-text", {RPC_GRPC_WEB, RPC_PROTO, true, false}},
    {"application/grpc-web-text+json", {RPC_GRPC_WEB, RPC_JSON, true, false}},
    {"application/connect+proto", {RPC_CONNECT, RPC_PROTO, false, false}},
    {"application/connect+json", {RPC_CONNECT, RPC_JSON, false, false}},
    {"application/proto", {RPC_CONNECT, RPC_PROTO, false, true}},
    {"application/json", {RPC_CONNECT, RPC_JSON, false, true}},
};
enum { N_TYPES = sizeof types / sizeof types[0] };

static const char *const codec_names[RPC_N_CODECS] = {"proto", "json"};

const char *
rpc_codec_name(enum rpc_codec codec)
{
	return codec_names[codec];
}

/* The length without parameters and the blanks before them. */
static size_t
bare_length(const char *text, size_t length)
{
	const char *semicolon = memchr(text, ';', length);

	if (semicolon)
		length = (size_t)(semicolon - text);
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	return length;
}

enum rpc_content_type_result
rpc_content_type_parse(const char *text, size_t length, struct rpc_content_type *ret_type)
{
	length = bare_length(text, length);
	for (size_t i = 0; i < N_TYPES; i++) {
		if (strlen(types[i].text) != length ||
		    (memcmp(text, types[i].text, length) != 0 &&
		     strncasecmp(text, types[i].text, length) != 0))
			continue;
		*ret_type = types[i].type;
		return RPC_CONTENT_TYPE_OK;
	}
	for (size_t i = 0; i < N_TYPES; i++) {
		/* With its '+', or a NUL that no text has. */
		size_t n = strcspn(types[i].text, "+") + 1;

		if (length < n || strncasecmp(text, types[i].text, n) != 0)
			continue;
		*ret_type = (struct rpc_content_type){.protocol = types[i].type.protocol};
		return RPC_CONTENT_TYPE_UNKNOWN_CODEC;
	}
	return RPC_CONTENT_TYPE_UNKNOWN;
}

const char *
rpc_content_type_text(const struct rpc_content_type *type)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (types[i].type.protocol == type->protocol &&
		    types[i].type.codec == type->codec && types[i].type.text == type->text &&
		    types[i].type.unary == type->unary)
			return types[i].text;
	return "application/octet-stream";
}
