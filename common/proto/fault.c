/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum proto_result
proto_fault_set(struct proto_fault *fault, enum proto_result result, const char *format, ...)
{
	va_list args;

	if (!fault)
		return result;
	fault->result = result;
	fault->store[sizeof fault->store - 1] = '\0';
	fault->path = fault->store + sizeof fault->store - 1;
	va_start(args, format);
	vsnprintf(fault->reason, sizeof fault->reason, format, args);
	va_end(args);
	return result;
}

/* Puts as much of the end of text before the path as there is room for. */
static void
prepend(struct proto_fault *fault, const char *text)
{
	size_t length = strlen(text), room = (size_t)(fault->path - fault->store);

	if (length > room) {
		text += length - room;
		length = room;
	}
	fault->path -= length;
	memcpy(fault->store + (fault->path - fault->store), text, length);
}

void
proto_fault_within(struct proto_fault *fault, const char *name, long index)
{
	char brackets[24];

	if (!fault)
		return;
	if (*fault->path && *fault->path != '[')
		prepend(fault, ".");
	if (index != PROTO_NO_INDEX) {
		snprintf(brackets, sizeof brackets, "[%ld]", index);
		prepend(fault, brackets);
	}
	prepend(fault, name);
}
