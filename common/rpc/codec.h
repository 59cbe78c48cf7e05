/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codec: how one message is spelled, protobuf's bytes or ProtoJSON.
 *
 * Both read strictly into an arena (proto/wire.h, json/json_read.h) and write to a buffer; the
 * bytes of protobuf are also written in place, so that a reply is encoded where it is sent from.
 */
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

struct rpc_codec_options {
	const struct schema *schema; /* NULL: JSON is refused */
	bool ignore_unknown, emit_defaults;
};

struct rpc_message_codec {
	/* One message on arena; as wire_read. */
	enum proto_result (*read)(const struct rpc_codec_options *options,
				  const ProtobufCMessageDescriptor *type, const void *data,
				  size_t length, struct arena *arena,
				  ProtobufCMessage **ret_message, struct proto_fault *fault);
	/* Bytes of the message, to be written by `pack`; NULL when only `write` is there. */
	size_t (*size)(const ProtobufCMessage *message);
	size_t (*pack)(const ProtobufCMessage *message, uint8_t *out);
	/* Appends the message. scratch as in json_write. */
	enum proto_result (*write)(const struct rpc_codec_options *options,
				   const ProtobufCMessage *message, struct arena *scratch,
				   struct buf *out, struct proto_fault *fault);
};

/* By enum rpc_codec. */
extern const struct rpc_message_codec rpc_message_codecs[RPC_N_CODECS];

#endif
