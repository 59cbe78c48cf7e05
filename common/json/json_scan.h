/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scanner: the grammar of JSON (RFC 8259) in one pass over a text, without building a tree.
 *
 * jansson, otherwise the house's JSON reader, gives 1e3 as a real, rounds what does not fit a
 * double, and has no place of its own for "which field was this": ProtoJSON's number rules and the
 * paths of faults would need the text a second time. Every function here takes what it names, white
 * space around it included, or sets a fault and says so. The text has been checked to be UTF-8.
 */
#ifndef MZ_JSON_JSON_SCAN_H
#define MZ_JSON_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "proto/fault.h"

struct json_scanner {
	const char *start, *at, *end;
	struct arena *arena;
	struct proto_fault *fault;
	bool keep_nul; /* json_read_options */
};

struct json_slice {
	const char *text;
	size_t length;
};

/* A refusal at the current place: "reason at byte N". */
enum proto_result json_refuse(struct json_scanner *s, const char *reason);
enum proto_result json_exhausted(struct json_scanner *s);

/* The first character of the next token; 0 at the end. */
char json_peek(struct json_scanner *s);

/* Takes this one punctuation character, if it is next. */
bool json_take(struct json_scanner *s, char c);
enum proto_result json_expect(struct json_scanner *s, char c);

/* Takes the literal (null, true, false), if it is next. */
bool json_take_literal(struct json_scanner *s, const char *literal);

/* A string, decoded: inside the text itself when it has no escapes, else on the arena. */
enum proto_result json_scan_string(struct json_scanner *s, struct json_slice *ret_text);

/* The name of a member, with the colon behind it. */
enum proto_result json_scan_name(struct json_scanner *s, struct json_slice *ret_name);

/* A number, by its grammar only. */
enum proto_result json_scan_number(struct json_scanner *s, struct json_slice *ret_number);

/* True when the whole slice is a JSON number; for numbers in quotes. */
bool json_is_number(struct json_slice slice);

/* Takes any value; max_depth more levels may open in it. */
enum proto_result json_skip_value(struct json_scanner *s, int max_depth);

enum json_number_result { JSON_NUMBER_OK, JSON_NUMBER_FRACTION, JSON_NUMBER_RANGE };

/*
 * The exact value of a number (1e3 and 1.0 are integers, 1.5 is none). The slice has passed the
 * grammar; untouched unless OK.
 */
enum json_number_result json_number_integer(struct json_slice number, bool *ret_negative,
					    uint64_t *ret_magnitude);
enum json_number_result json_number_int64(struct json_slice number, int64_t min, int64_t max,
					  int64_t *ret_value);
enum json_number_result json_number_uint64(struct json_slice number, uint64_t max,
					   uint64_t *ret_value);

/* Rounded to nearest; RANGE when it is too large for the type. */
enum json_number_result json_number_double(struct json_slice number, struct arena *arena,
					   double *ret_value);
enum json_number_result json_number_float(struct json_slice number, struct arena *arena,
					  float *ret_value);

#endif
