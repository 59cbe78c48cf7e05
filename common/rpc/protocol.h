/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocol: which of the three protocols, and which codec, a call speaks; told by its content type
 * (RPC-02).
 *
 *     application/grpc[+proto|+json]                 gRPC
 *     application/grpc-web[-text][+proto|+json]      gRPC-Web
 *     application/connect+proto|+json                Connect, streams
 *     application/proto|json                         Connect, unary
 */
#ifndef MZ_RPC_PROTOCOL_H
#define MZ_RPC_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

enum rpc_protocol { RPC_GRPC, RPC_GRPC_WEB, RPC_CONNECT, RPC_N_PROTOCOLS };

enum rpc_codec { RPC_PROTO, RPC_JSON, RPC_N_CODECS };

struct rpc_content_type {
	enum rpc_protocol protocol;
	enum rpc_codec codec;
	bool text;  /* gRPC-Web in base64 (RPC-15) */
	bool unary; /* Connect: the body is the bare message (RPC-17) */
};

enum rpc_content_type_result {
	RPC_CONTENT_TYPE_OK,
	RPC_CONTENT_TYPE_UNKNOWN_CODEC, /* of our protocols, but +xml or the like; protocol is set
					 */
	RPC_CONTENT_TYPE_UNKNOWN,       /* none of ours */
};

/* "proto", "json". */
const char *rpc_codec_name(enum rpc_codec codec);

/* Reads a content type in any case; parameters (";charset=utf-8") are ignored. */
enum rpc_content_type_result rpc_content_type_parse(const char *text, size_t length,
						    struct rpc_content_type *ret_type);

/* The content type's text; a constant. */
const char *rpc_content_type_text(const struct rpc_content_type *type);

#endif
