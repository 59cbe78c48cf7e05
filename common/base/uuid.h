/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDs (RFC 9562).
 *
 * Version 4 is the person key: random, says nothing. Version 7 is every other id: begins with its
 * millisecond, so that rows of one time lie together in an index. Ids of version 7 made by one
 * process rise strictly.
 */
#ifndef MZ_BASE_UUID_H
#define MZ_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT_SIZE 37 /* 8-4-4-4-12 digits with the NUL */

struct uuid {
	uint8_t bytes[16];
};

/* Random. */
struct uuid uuid_v4(void);

/* Of an instant (microseconds since 1970), usually clock_now_us(). */
struct uuid uuid_v7(int64_t now_us);

/* Reads exactly 36 bytes of 8-4-4-4-12 lower-case hexadecimal; *ret_uuid is untouched when false.
 */
bool uuid_parse(const char *text, size_t length, struct uuid *ret_uuid);

/* Writes the text and returns it. */
char *uuid_format(const struct uuid *uuid, char text[static UUID_TEXT_SIZE]);

#endif
