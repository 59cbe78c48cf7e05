/* SPDX-License-Identifier: Apache-2.0 */
/* Codec: how one message is spelled, protobuf's bytes (proto/wire.h) or ProtoJSON (json/). */
#ifndef MZ_RPC_CODEC_H
#define MZ_RPC_CODEC_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proto/fault.h"
#include "rpc/protocol.h"

struct schema;

struct rpc_json_options {
	const struct schema *schema; /* NULL: JSON is refused */
	bool ignore_unknown;         /* fields, in what is read (RPC-26) */
	bool emit_defaults;          /* also fields that have their default value (RPC-28) */
};

/* Reads one message strictly on to arena; as wire_read. */
enum proto_result rpc_codec_read(enum rpc_codec codec, const struct rpc_json_options *options,
				 const ProtobufCMessageDescriptor *type, const void *data,
				 size_t length, struct arena *arena, ProtobufCMessage **ret_message,
				 struct proto_fault *fault);
/* Appends the message. scratch as in json_write. */
enum proto_result rpc_codec_write(enum rpc_codec codec, const struct rpc_json_options *options,
				  const ProtobufCMessage *message, struct arena *scratch,
				  struct buf *out, struct proto_fault *fault);

#endif
