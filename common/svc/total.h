/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Total: the answer to a client stream, added up from the answers to its messages.
 *
 * Integers are summed, lists appended to each other; of anything else the last value stays.
 */
#ifndef MZ_SVC_TOTAL_H
#define MZ_SVC_TOTAL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/arena.h"

/* Adds part to *total, which is NULL at first; both are of one type, part may go afterwards. False
 * without memory. */
bool total_add(struct arena *arena, ProtobufCMessage **total, const ProtobufCMessage *part);

#endif
