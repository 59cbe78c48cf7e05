/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wire: protobuf's binary form, read into an arena and written to a buffer, by generated
 * descriptor.
 *
 * Reading is one pass that checks and builds at once. It exists beside protobuf_c_message_unpack
 * because that one has no depth limit (a 29 kB message crashes the process), lets any bytes pass as
 * text, and multiplies a hostile message ninetyfold in memory. Here depth is bounded, strings are
 * UTF-8 in shortest form without surrogates and NUL (PostgreSQL's text has none either), and every
 * byte comes from the arena's budget. Messages that occur twice are merged; unknown fields (groups
 * among them) and unknown enum numbers are kept.
 *
 * Messages made here must not be given to protobuf_c_message_free_unpacked: the arena owns them.
 */
#ifndef MZ_PROTO_WIRE_H
#define MZ_PROTO_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proto/fault.h"

/*
 * Reads size bytes as a message of this type. Nothing in it points into bytes, but where those lie
 * on the same arena (a large request): then its `bytes` fields do, instead of being copied. On
 * refusal *ret_message is untouched and *fault (may be NULL) says why; what was built stays on the
 * arena.
 */
enum proto_result wire_read(const ProtobufCMessageDescriptor *type, const void *bytes, size_t size,
			    struct arena *arena, ProtobufCMessage **ret_message,
			    struct proto_fault *fault);

/* As above, into a message on this arena (or just initialised): its fields are kept, replaced or
 * merged as the wire rules say. */
enum proto_result wire_merge(ProtobufCMessage *message, const void *bytes, size_t size,
			     struct arena *arena, struct proto_fault *fault);

/* An empty message with its defaults, on the arena; NULL over budget. */
ProtobufCMessage *wire_new(const ProtobufCMessageDescriptor *type, struct arena *arena);

/* Appends the message's bytes, fields in order of their numbers, unknown ones last. Past buf's
 * limit buf is failed, as always. */
void wire_write(const ProtobufCMessage *message, struct buf *buf);

/* The bytes on the arena; NULL over budget. */
void *wire_pack(const ProtobufCMessage *message, struct arena *arena, size_t *ret_size);

#endif
