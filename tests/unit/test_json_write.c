/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/wrappers.pb-c.h"
#include "proto/wire.h"
#include "unit_schema.h"
#include "json/json_write.h"

static struct arena *arena;

static int
new_arena(void **state)
{
	(void)state;
	arena = arena_new(UNIT_BUDGET);
	return arena ? 0 : -1;
}

static int
free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static UnitKinds *
new_kinds(void)
{
	return (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
}

static const char *
written(const ProtobufCMessage *message, const struct json_write_options *options)
{
	struct proto_fault fault;
	struct buf json;

	buf_init(&json, arena, UNIT_BUDGET);
	if (json_write(unit_schema(), message, options, arena, &json, &fault) != PROTO_OK)
		fail_msg("%s: %s", fault.path, fault.reason);
	return buf_text(&json);
}

static const struct {
	double value;
	const char *text;
} doubles[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {0.1, "0.1"},
    {1.0 / 3, "0.3333333333333333"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1e21, "1e+21"},
    {123456789012345680, "1.2345678901234568e+17"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {NAN, "\"NaN\""},
    {INFINITY, "\"Infinity\""},
    {-INFINITY, "\"-Infinity\""},
};

static const char *
written_double(double value)
{
	Google__Protobuf__DoubleValue message = GOOGLE__PROTOBUF__DOUBLE_VALUE__INIT;

	message.value = value;
	return written(&message.base, NULL);
}

static const char *
written_float(float value)
{
	Google__Protobuf__FloatValue message = GOOGLE__PROTOBUF__FLOAT_VALUE__INIT;

	message.value = value;
	return written(&message.base, NULL);
}

static void
doubles_are_shortest(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(doubles); i++)
		assert_string_equal(written_double(doubles[i].value), doubles[i].text);
	assert_string_equal(written_float(0.1F), "0.1");
	assert_string_equal(written_float(1.4e-45F), "1e-45");
	assert_string_equal(written_float(16777217.0F), "16777216");
}

/* Whatever the bits, the text reads back as the same number. */
static void
doubles_survive(void **state)
{
	uint64_t bits = 88172645463325252;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double value;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		arena_reset(arena);
		assert_true(strtod(written_double(value), NULL) == value);
		assert_true(isinf((float)value) ||
			    strtof(written_float((float)value), NULL) == (float)value);
	}
}

static void
options_change_the_form(void **state)
{
	static const struct json_write_options names = {.proto_names = true};
	static const struct json_write_options defaults = {.emit_defaults = true};
	UnitKinds *k = new_kinds();
	ProtobufCMessage *person = wire_new(&unit_person__descriptor, arena);

	(void)state;
	k->an_int32 = 1;
	k->a_colour = UNIT_COLOUR__UNIT_COLOUR_RED;
	assert_string_equal(written(&k->base, &names),
			    "{\"an_int32\":1,\"a_colour\":\"UNIT_COLOUR_RED\"}");
	assert_string_equal(written(person, &defaults),
			    "{\"id\":\"\",\"name\":\"\",\"idNumber\":\"\",\"phones\":{},"
			    "\"addresses\":[],\"children\":[]}");
	k = new_kinds();
	assert_non_null(strstr(written(&k->base, &defaults), "\"anInt64\":\"0\""));
	assert_non_null(
	    strstr(written(&k->base, &defaults), "\"aColour\":\"UNIT_COLOUR_UNSPECIFIED\""));
	assert_non_null(strstr(written(&k->base, &defaults), "\"someBytes\":\"\""));
	assert_null(strstr(written(&k->base, &defaults), "maybe"));
	assert_null(strstr(written(&k->base, &defaults), "Choice"));
	assert_null(strstr(written(&k->base, &defaults), "inner"));
}

static const char *
star_names(void *data, const struct schema_field *field, const char *text)
{
	(void)data;
	return field->rule && field->rule->privacy ? "*" : text;
}

static void
texts_are_masked_on_the_way(void **state)
{
	static const struct json_write_options options = {.text = star_names};
	static const char bytes[] = "\x0a\x01"
				    "1"
				    "\x12\x03李"
				    "\x22\x0b\x0a\x04home\x12\x03"
				    "023"
				    "\x2a\x01x"
				    "\x32\x05\x12\x03子";
	ProtobufCMessage *message = NULL;

	(void)state;
	assert_int_equal(
	    wire_read(&unit_person__descriptor, bytes, sizeof bytes - 1, arena, &message, NULL),
	    PROTO_OK);
	assert_string_equal(
	    written(message, &options),
	    "{\"id\":\"1\",\"name\":\"*\",\"phones\":{\"home\":\"*\"},\"addresses\":[\"*\"],"
	    "\"children\":[{\"name\":\"*\"}]}");
}

static void
the_last_of_equal_keys_counts(void **state)
{
	static const char bytes[] = "\xf2\x01\x06\x0a\x01"
				    "b"
				    "\x12\x01"
				    "1"
				    "\xf2\x01\x06\x0a\x01"
				    "a"
				    "\x12\x01"
				    "2"
				    "\xf2\x01\x06\x0a\x01"
				    "b"
				    "\x12\x01"
				    "3"
				    "\xfa\x01\x02\x08\x05";
	ProtobufCMessage *message = NULL;

	(void)state;
	assert_int_equal(
	    wire_read(&unit_kinds__descriptor, bytes, sizeof bytes - 1, arena, &message, NULL),
	    PROTO_OK);
	assert_string_equal(written(message, NULL),
			    "{\"labels\":{\"a\":\"2\",\"b\":\"3\"},\"byNumber\":{\"5\":{}}}");
}

static void
refused(UnitKinds *k, const char *path, const char *reason)
{
	struct proto_fault fault = {0};
	struct buf BUF_CLEANUP json;

	buf_init(&json, NULL, UNIT_BUDGET);
	assert_int_not_equal(json_write(unit_schema(), &k->base, NULL, arena, &json, &fault),
			     PROTO_OK);
	assert_string_equal(fault.path, path);
	assert_non_null(strstr(fault.reason, reason));
}

static void
what_has_no_json_form_is_refused(void **state)
{
	Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
	Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
	Google__Protobuf__Value value = GOOGLE__PROTOBUF__VALUE__INIT;
	Google__Protobuf__Any *any =
	    (Google__Protobuf__Any *)wire_new(&google__protobuf__any__descriptor, arena);
	Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
	char upper[] = "aB", url[] = "a/b.C";
	char *paths[] = {upper};
	UnitKinds *k = new_kinds(), *outer = new_kinds();

	(void)state;
	outer->inner = k;
	k->at = &at;
	at.seconds = 253402300800;
	refused(outer, "inner.at", "Timestamp");
	at.seconds = -62135596801;
	refused(outer, "inner.at", "Timestamp");
	at.seconds = 0;
	at.nanos = 1000000000;
	refused(outer, "inner.at", "Timestamp");
	at.nanos = -1;
	refused(outer, "inner.at", "Timestamp");
	k->at = NULL;
	k->duration = &duration;
	duration.seconds = 315576000001;
	refused(outer, "inner.duration", "Duration");
	duration.seconds = INT64_MIN;
	refused(outer, "inner.duration", "Duration");
	duration.seconds = 1;
	duration.nanos = -1;
	refused(outer, "inner.duration", "two signs");
	k->duration = NULL;
	k->value = &value;
	refused(outer, "inner.value", "not set");
	value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
	value.number_value = NAN;
	refused(outer, "inner.value", "finite");
	k->value = NULL;
	k->mask = &mask;
	mask.n_paths = 1;
	mask.paths = paths;
	refused(outer, "inner.mask", "FieldMask");
	k->mask = NULL;
	k->any = any;
	any->type_url = url;
	refused(outer, "inner.any", "unknown type a/b.C");
	any->type_url = arena_strdup(arena, "a/minzheng.unit.v1.UnitPlain");
	any->value = (ProtobufCBinaryData){1, arena_memdup(arena, "\xff", 1)};
	refused(outer, "inner.any", "tag");
}

static void
a_message_outside_the_schema_is_refused(void **state)
{
	const ProtobufCMessage *options =
	    wire_new(&google__protobuf__file_options__descriptor, arena);
	struct proto_fault fault;
	struct buf BUF_CLEANUP json;

	(void)state;
	buf_init(&json, NULL, 1000);
	assert_int_equal(json_write(unit_schema(), options, NULL, arena, &json, &fault),
			 PROTO_MALFORMED);
}

static void
depth_is_bounded(void **state)
{
	UnitKinds *k = new_kinds(), *outer;
	struct proto_fault fault;
	struct buf BUF_CLEANUP json;

	(void)state;
	for (int i = 0; i < PROTO_MAX_DEPTH; i++) {
		outer = new_kinds();
		outer->inner = k;
		k = outer;
	}
	written(&k->base, NULL);
	outer = new_kinds();
	outer->inner = k;
	buf_init(&json, NULL, UNIT_BUDGET);
	assert_int_equal(json_write(unit_schema(), &outer->base, NULL, arena, &json, &fault),
			 PROTO_TOO_DEEP);
}

static void
a_buffer_at_its_limit_is_reported(void **state)
{
	UnitKinds *k = new_kinds();
	struct proto_fault fault;
	struct buf BUF_CLEANUP json;

	(void)state;
	k->a_text = arena_strdup(arena, "0123456789");
	buf_init(&json, NULL, 20);
	assert_int_equal(json_write(unit_schema(), &k->base, NULL, arena, &json, &fault),
			 PROTO_EXHAUSTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(doubles_are_shortest, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(doubles_survive, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(options_change_the_form, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(texts_are_masked_on_the_way, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(the_last_of_equal_keys_counts, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(what_has_no_json_form_is_refused, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(a_message_outside_the_schema_is_refused, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(depth_is_bounded, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(a_buffer_at_its_limit_is_reported, new_arena,
					    free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
