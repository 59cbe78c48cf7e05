/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/codec.h"

#include "proto/wire.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum proto_result
rpc_codec_read(enum rpc_codec codec, const struct rpc_json_options *options,
	       const ProtobufCMessageDescriptor *type, const void *data, size_t length,
	       struct arena *arena, ProtobufCMessage **ret_message, struct proto_fault *fault)
{
	const struct json_read_options how = {.ignore_unknown = options->ignore_unknown};
	const struct schema_message *schema_type;

	if (codec == RPC_PROTO)
		return wire_read(type, data, length, arena, ret_message, fault);
	schema_type = options->schema ? schema_message_of(options->schema, type) : NULL;
	if (!schema_type)
		return proto_fault_set(fault, PROTO_MALFORMED, "no JSON for %s here", type->name);
	return json_read(options->schema, schema_type, data, length, &how, arena, ret_message,
			 fault);
}

enum proto_result
rpc_codec_write(enum rpc_codec codec, const struct rpc_json_options *options,
		const ProtobufCMessage *message, struct arena *scratch, struct buf *out,
		struct proto_fault *fault)
{
	const struct json_write_options how = {.emit_defaults = options->emit_defaults};

	if (codec == RPC_PROTO) {
		wire_write(message, out);
		return out->failed ? PROTO_EXHAUSTED : PROTO_OK;
	}
	if (!options->schema)
		return proto_fault_set(fault, PROTO_MALFORMED, "no JSON here");
	return json_write(options->schema, message, &how, scratch, out, fault);
}
