/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "unit_schema.h"
#include "json/json_read.h"
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

static enum proto_result
read_kinds(const char *text, size_t size, const struct json_read_options *options,
	   ProtobufCMessage **ret_message, struct proto_fault *fault)
{
	const struct schema *schema = unit_schema();

	return json_read(schema, schema_message_of(schema, &unit_kinds__descriptor), text, size,
			 options, arena, ret_message, fault);
}

/* What is read from text, written again; NULL with the reason printed when it is refused. */
static const char *
read_and_write(const char *text, const struct json_read_options *options)
{
	ProtobufCMessage *message = NULL;
	struct proto_fault fault;
	struct buf json;

	if (read_kinds(text, strlen(text), options, &message, &fault) != PROTO_OK) {
		print_error("%s: refused: %s: %s\n", text, fault.path, fault.reason);
		return NULL;
	}
	buf_init(&json, arena, UNIT_BUDGET);
	if (json_write(unit_schema(), message, NULL, arena, &json, &fault) != PROTO_OK) {
		print_error("%s: not written: %s: %s\n", text, fault.path, fault.reason);
		return NULL;
	}
	return buf_text(&json);
}

static const struct {
	const char *text;
	const char *again; /* NULL: the same */
} accepted[] = {
    {"{}", NULL},
    {" \t\r\n{ } \n", "{}"},
    /* RPC-21: both names, json_name */
    {"{\"anInt32\":1}", NULL},
    {"{\"an_int32\":1}", "{\"anInt32\":1}"},
    {"{\"@odd\":\"x\"}", NULL},
    {"{\"odd\":\"x\"}", "{\"@odd\":\"x\"}"},
    {"{\"\\u0061n_int32\":1}", "{\"anInt32\":1}"},
    /* RPC-22: numbers */
    {"{\"anInt32\":\"12\"}", "{\"anInt32\":12}"},
    {"{\"anInt32\":1e3,\"anInt64\":\"1E3\"}", "{\"anInt32\":1000,\"anInt64\":\"1000\"}"},
    {"{\"anInt32\":1.0}", "{\"anInt32\":1}"},
    {"{\"anInt32\":150e-1}", "{\"anInt32\":15}"},
    {"{\"anInt32\":0.0015e4}", "{\"anInt32\":15}"},
    {"{\"anInt32\":-0}", "{}"},
    {"{\"anInt32\":0e999999999}", "{}"},
    {"{\"anInt32\":-2147483648,\"aUint32\":4294967295}", NULL},
    {"{\"anInt64\":-9223372036854775808}", "{\"anInt64\":\"-9223372036854775808\"}"},
    {"{\"anInt64\":9007199254740993}", "{\"anInt64\":\"9007199254740993\"}"},
    {"{\"aUint64\":18446744073709551615}", "{\"aUint64\":\"18446744073709551615\"}"},
    {"{\"aUint64\":1844674407370955161500e-2}", "{\"aUint64\":\"18446744073709551615\"}"},
    {"{\"aSint32\":-1,\"anSfixed32\":-2,\"aFixed32\":3,\"aSint64\":\"-4\",\"anSfixed64\":\"-5\","
     "\"aFixed64\":\"6\"}",
     NULL},
    /* RPC-23: floats */
    {"{\"aFloat\":0.1,\"aDouble\":0.1}", NULL},
    {"{\"aDouble\":\"NaN\",\"aFloat\":\"-Infinity\"}",
     "{\"aFloat\":\"-Infinity\",\"aDouble\":\"NaN\"}"},
    {"{\"aDouble\":\"Infinity\"}", NULL},
    {"{\"aDouble\":\"1.5\"}", "{\"aDouble\":1.5}"},
    {"{\"aDouble\":-0.0}", "{\"aDouble\":-0}"},
    {"{\"aDouble\":1e-400}", "{}"},
    {"{\"aDouble\":5e-324}", "{\"aDouble\":5e-324}"},
    {"{\"aDouble\":1.7976931348623157e308}", "{\"aDouble\":1.7976931348623157e+308}"},
    {"{\"aFloat\":3.4028235e38}", "{\"aFloat\":3.4028235e+38}"},
    {"{\"aBool\":true}", NULL},
    {"{\"aBool\":false}", "{}"},
    /* RPC-24: bytes */
    {"{\"someBytes\":\"AP8B\"}", NULL},
    {"{\"someBytes\":\"-_8\"}", "{\"someBytes\":\"+/8=\"}"},
    {"{\"someBytes\":\"+/8=\"}", NULL},
    {"{\"someBytes\":\"\"}", "{}"},
    /* RPC-25: enums */
    {"{\"aColour\":\"UNIT_COLOUR_BLUE\"}", NULL},
    {"{\"aColour\":-2}", "{\"aColour\":\"UNIT_COLOUR_BLUE\"}"},
    {"{\"aColour\":99}", NULL},
    {"{\"colours\":[0,\"UNIT_COLOUR_RED\"]}",
     "{\"colours\":[\"UNIT_COLOUR_UNSPECIFIED\",\"UNIT_COLOUR_RED\"]}"},
    /* texts */
    {"{\"aText\":\"民政\\u6c11\\n\\\"\\\\\\/\\u001f\"}",
     "{\"aText\":\"民政民\\n\\\"\\\\/\\u001f\"}"},
    {"{\"aText\":\"\\ud83d\\ude00\"}", "{\"aText\":\"😀\"}"},
    {"{\"aText\":\"\\b\\f\\n\\r\\t\"}", NULL},
    /* messages, lists, maps */
    {"{\"inner\":{}}", NULL},
    {"{\"list\":[{},{\"anInt32\":1}]}", NULL},
    {"{\"numbers\":[1,\"2\"],\"texts\":[\"\"],\"labels\":{}}",
     "{\"numbers\":[\"1\",\"2\"],\"texts\":[\"\"]}"},
    {"{\"labels\":{\"b\":\"2\",\"a\":\"1\",\"\":\"0\"}}", NULL},
    {"{\"byNumber\":{\"10\":{},\"-1\":{\"anInt32\":1}}}", NULL},
    {"{\"byBool\":{\"true\":1,\"false\":99}}",
     "{\"byBool\":{\"true\":\"UNIT_COLOUR_RED\",\"false\":99}}"},
    /* presence and oneofs */
    {"{\"maybe\":0,\"maybeText\":\"\"}", NULL},
    {"{\"textChoice\":\"\"}", NULL},
    {"{\"messageChoice\":{}}", NULL},
    {"{\"nullChoice\":null}", NULL},
    {"{\"nullChoice\":\"NULL_VALUE\"}", "{\"nullChoice\":null}"},
    {"{\"textChoice\":null,\"numberChoice\":\"1\"}", "{\"numberChoice\":\"1\"}"},
    /* RPC-27: null is absence */
    {"{\"anInt32\":null,\"aText\":null,\"inner\":null,\"list\":null,\"labels\":null,\"at\":null,"
     "\"wrapped\":null}",
     "{}"},
    {"{\"value\":null}", NULL},
    /* well-known types */
    {"{\"at\":\"2024-12-02T08:30:00Z\"}", NULL},
    {"{\"at\":\"0001-01-01T00:00:00Z\"}", NULL},
    {"{\"at\":\"9999-12-31T23:59:59.999999999Z\"}", NULL},
    {"{\"at\":\"1969-12-31T23:59:59.5Z\"}", "{\"at\":\"1969-12-31T23:59:59.500Z\"}"},
    {"{\"at\":\"2024-12-02T08:30:00.1234+08:00\"}", "{\"at\":\"2024-12-02T00:30:00.123400Z\"}"},
    {"{\"at\":\"2024-02-29T00:00:00-00:30\"}", "{\"at\":\"2024-02-29T00:30:00Z\"}"},
    {"{\"duration\":\"1.5s\"}", "{\"duration\":\"1.500s\"}"},
    {"{\"duration\":\"-0.000000001s\"}", NULL},
    {"{\"duration\":\"315576000000s\"}", NULL},
    {"{\"duration\":\"0s\"}", NULL},
    {"{\"mask\":\"a.bC,d\"}", NULL},
    {"{\"mask\":\"\"}", NULL},
    {"{\"struct\":{\"n\":1.5,\"t\":\"x\",\"b\":true,\"z\":null,\"l\":[1,[],{}],\"o\":{\"k\":{}}}}",
     NULL},
    {"{\"listValue\":[null,1,\"x\"]}", NULL},
    {"{\"values\":[null,{}]}", NULL},
    {"{\"wrapped\":\"0\"}", NULL},
    {"{\"wrappedText\":\"\"}", NULL},
    {"{\"date\":{\"year\":2024,\"month\":12,\"day\":2}}", NULL},
    {"{\"empty\":{}}", NULL},
    {"{\"any\":{}}", NULL},
    {"{\"any\":{\"@type\":\"type.googleapis.com/minzheng.unit.v1.UnitPlain\",\"text\":\"x\"}}",
     NULL},
    {"{\"any\":{\"text\":\"x\",\"@type\":\"/minzheng.unit.v1.UnitPlain\"}}",
     "{\"any\":{\"@type\":\"/minzheng.unit.v1.UnitPlain\",\"text\":\"x\"}}"},
    {"{\"any\":{\"@type\":\"a/google.protobuf.Duration\",\"value\":\"1s\"}}", NULL},
    {"{\"any\":{\"value\":\"1\",\"@type\":\"a/google.protobuf.Int64Value\"}}",
     "{\"any\":{\"@type\":\"a/google.protobuf.Int64Value\",\"value\":\"1\"}}"},
    {"{\"any\":{\"@type\":\"a/google.protobuf.Any\",\"value\":{\"@type\":\"a/"
     "google.protobuf.Empty\",\"value\":{}}}}",
     NULL},
};

static void
right_texts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(accepted); i++) {
		const char *again;

		again = read_and_write(accepted[i].text, NULL);
		assert_non_null(again);
		assert_string_equal(again,
				    accepted[i].again ? accepted[i].again : accepted[i].text);
	}
}

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *text;
	size_t size;
	enum proto_result result;
	const char *path;
	const char *reason; /* a part of it */
} refused[] = {
    {BYTES(""), PROTO_MALFORMED, "", "empty"},
    {BYTES("   "), PROTO_MALFORMED, "", "ends early"},
    {BYTES("null"), PROTO_MALFORMED, "", "expected '{'"},
    {BYTES("[]"), PROTO_MALFORMED, "", "expected '{'"},
    {BYTES("{}x"), PROTO_MALFORMED, "", "more text"},
    {BYTES("{}{}"), PROTO_MALFORMED, "", "more text"},
    {BYTES("{}\0"), PROTO_MALFORMED, "", "more text"},
    {BYTES("\xEF\xBB\xBF{}"), PROTO_MALFORMED, "", "expected '{'"},
    {BYTES("{"), PROTO_MALFORMED, "", "ends early"},
    {BYTES("{\"anInt32\""), PROTO_MALFORMED, "", "ends early"},
    {BYTES("{\"anInt32\":1"), PROTO_MALFORMED, "", "ends early"},
    {BYTES("{\"anInt32\":1,}"), PROTO_MALFORMED, "", "expected '\"'"},
    {BYTES("{anInt32:1}"), PROTO_MALFORMED, "", "expected '\"'"},
    {BYTES("{'anInt32':1}"), PROTO_MALFORMED, "", "expected '\"'"},
    {BYTES("{\"anInt32\":1 /* c */}"), PROTO_MALFORMED, "", "expected '}'"},
    /* RPC-26 */
    {BYTES("{\"nothing\":1}"), PROTO_MALFORMED, "nothing", "no such field"},
    {BYTES("{\"ANINT32\":1}"), PROTO_MALFORMED, "ANINT32", "no such field"},
    {BYTES("{\"inner\":{\"list\":[{},{\"nothing\":1}]}}"), PROTO_MALFORMED, "inner.list[1].nothing",
     "no such field"},
    {BYTES("{\"anInt32\":1,\"anInt32\":1}"), PROTO_MALFORMED, "an_int32", "twice"},
    {BYTES("{\"anInt32\":1,\"an_int32\":1}"), PROTO_MALFORMED, "an_int32", "twice"},
    {BYTES("{\"anInt32\":null,\"anInt32\":1}"), PROTO_MALFORMED, "an_int32", "twice"},
    {BYTES("{\"labels\":{\"a\":\"1\",\"\\u0061\":\"2\"}}"), PROTO_MALFORMED, "labels", "twice"},
    {BYTES("{\"byNumber\":{\"1\":{},\"1.0\":{}}}"), PROTO_MALFORMED, "by_number", "twice"},
    {BYTES("{\"textChoice\":\"\",\"numberChoice\":1}"), PROTO_MALFORMED, "number_choice", "oneof"},
    /* RPC-27 */
    {BYTES("{\"numbers\":[1,null]}"), PROTO_MALFORMED, "numbers[1]", "null"},
    {BYTES("{\"list\":[null]}"), PROTO_MALFORMED, "list[0]", "null"},
    {BYTES("{\"labels\":{\"a\":null}}"), PROTO_MALFORMED, "labels", "null"},
    {BYTES("{\"labels\":{1:\"a\"}}"), PROTO_MALFORMED, "labels", "string"},
    {BYTES("{\"byBool\":{\"TRUE\":1}}"), PROTO_MALFORMED, "by_bool", "true"},
    {BYTES("{\"labels\":[]}"), PROTO_MALFORMED, "labels", "expected '{'"},
    {BYTES("{\"numbers\":{}}"), PROTO_MALFORMED, "numbers", "expected '['"},
    {BYTES("{\"numbers\":[1,]}"), PROTO_MALFORMED, "numbers[1]", "number"},
    {BYTES("{\"numbers\":[1"), PROTO_MALFORMED, "numbers", "ends early"},
    /* RPC-22 */
    {BYTES("{\"anInt32\":1.5}"), PROTO_MALFORMED, "an_int32", "fraction"},
    {BYTES("{\"anInt32\":1e-1}"), PROTO_MALFORMED, "an_int32", "fraction"},
    {BYTES("{\"anInt32\":1e-999999999999999999999}"), PROTO_MALFORMED, "an_int32", "fraction"},
    {BYTES("{\"anInt32\":2147483648}"), PROTO_MALFORMED, "an_int32", "range"},
    {BYTES("{\"anInt32\":-2147483649}"), PROTO_MALFORMED, "an_int32", "range"},
    {BYTES("{\"aUint32\":-1}"), PROTO_MALFORMED, "a_uint32", "range"},
    {BYTES("{\"aUint32\":4294967296}"), PROTO_MALFORMED, "a_uint32", "range"},
    {BYTES("{\"anInt64\":\"9223372036854775808\"}"), PROTO_MALFORMED, "an_int64", "range"},
    {BYTES("{\"aUint64\":18446744073709551616}"), PROTO_MALFORMED, "a_uint64", "range"},
    {BYTES("{\"aUint64\":1e999999999}"), PROTO_MALFORMED, "a_uint64", "range"},
    {BYTES("{\"aUint64\":100000000000000000000000000000000001}"), PROTO_MALFORMED, "a_uint64",
     "range"},
    {BYTES("{\"anInt32\":\"1 \"}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":\"\"}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":+1}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":01}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":1.}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":.5}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":1e}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"anInt32\":0x10}"), PROTO_MALFORMED, "", "expected '}'"},
    {BYTES("{\"anInt32\":true}"), PROTO_MALFORMED, "an_int32", "number"},
    {BYTES("{\"aDouble\":NaN}"), PROTO_MALFORMED, "a_double", "number"},
    {BYTES("{\"aDouble\":\"nan\"}"), PROTO_MALFORMED, "a_double", "number"},
    {BYTES("{\"aDouble\":1e309}"), PROTO_MALFORMED, "a_double", "range"},
    {BYTES("{\"aFloat\":3.5e38}"), PROTO_MALFORMED, "a_float", "range"},
    {BYTES("{\"aBool\":1}"), PROTO_MALFORMED, "a_bool", "true or false"},
    {BYTES("{\"aBool\":\"true\"}"), PROTO_MALFORMED, "a_bool", "true or false"},
    {BYTES("{\"aColour\":\"RED\"}"), PROTO_MALFORMED, "a_colour", "enum"},
    {BYTES("{\"aColour\":1.5}"), PROTO_MALFORMED, "a_colour", "fraction"},
    {BYTES("{\"someBytes\":\"A\"}"), PROTO_MALFORMED, "some_bytes", "base64"},
    {BYTES("{\"someBytes\":\"AP8B=\"}"), PROTO_MALFORMED, "some_bytes", "base64"},
    {BYTES("{\"aText\":1}"), PROTO_MALFORMED, "a_text", "expected '\"'"},
    {BYTES("{\"inner\":\"x\"}"), PROTO_MALFORMED, "inner", "expected '{'"},
    /* RPC-28 */
    {BYTES("{\"aText\":\"\xff\"}"), PROTO_BAD_TEXT, "", "UTF-8"},
    {BYTES("{\"aText\":\"\xc0\x80\"}"), PROTO_BAD_TEXT, "", "UTF-8"},
    {BYTES("{\"aText\":\"\xed\xa0\x80\"}"), PROTO_BAD_TEXT, "", "UTF-8"},
    {BYTES("{\"aText\":\"\\ud83d\"}"), PROTO_BAD_TEXT, "a_text", "surrogate"},
    {BYTES("{\"aText\":\"\\ude00\"}"), PROTO_BAD_TEXT, "a_text", "surrogate"},
    {BYTES("{\"aText\":\"\\ud83d\\u0041\"}"), PROTO_BAD_TEXT, "a_text", "surrogate"},
    {BYTES("{\"aText\":\"a\\u0000b\"}"), PROTO_BAD_TEXT, "a_text", "NUL"},
    {BYTES("{\"aText\":\"a\0b\"}"), PROTO_MALFORMED, "a_text", "control"},
    {BYTES("{\"aText\":\"a\nb\"}"), PROTO_MALFORMED, "a_text", "control"},
    {BYTES("{\"aText\":\"\\x41\"}"), PROTO_BAD_TEXT, "a_text", "escape"},
    {BYTES("{\"aText\":\"\\u12g4\"}"), PROTO_BAD_TEXT, "a_text", "escape"},
    {BYTES("{\"aText\":\"\\u12\"}"), PROTO_BAD_TEXT, "a_text", "escape"},
    {BYTES("{\"aText\":\"abc"), PROTO_MALFORMED, "a_text", "does not end"},
    {BYTES("{\"aText\":\"abc\\"), PROTO_MALFORMED, "a_text", "does not end"},
    /* well-known types */
    {BYTES("{\"at\":\"2024-12-02T08:30:00\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"2024-12-02t08:30:00Z\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"2024-02-30T00:00:00Z\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"2024-12-02T24:00:00Z\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"2024-12-02T23:59:60Z\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"2024-12-02T00:00:00.1234567891Z\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"0001-01-01T00:00:00+00:01\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"at\":\"9999-12-31T23:59:59-00:01\"}"), PROTO_MALFORMED, "at", "time"},
    {BYTES("{\"duration\":\"1\"}"), PROTO_MALFORMED, "duration", "duration"},
    {BYTES("{\"duration\":\"1.s\"}"), PROTO_MALFORMED, "duration", "duration"},
    {BYTES("{\"duration\":\"--1s\"}"), PROTO_MALFORMED, "duration", "duration"},
    {BYTES("{\"duration\":\"315576000001s\"}"), PROTO_MALFORMED, "duration", "duration"},
    {BYTES("{\"mask\":\"a_b\"}"), PROTO_MALFORMED, "mask", "underscore"},
    {BYTES("{\"struct\":[]}"), PROTO_MALFORMED, "struct.fields", "expected '{'"},
    {BYTES("{\"struct\":{\"a\":1,\"a\":2}}"), PROTO_MALFORMED, "struct.fields", "twice"},
    {BYTES("{\"value\":1e400}"), PROTO_MALFORMED, "value", "range"},
    {BYTES("{\"any\":{\"text\":\"x\"}}"), PROTO_MALFORMED, "any", "@type"},
    {BYTES("{\"any\":{\"@type\":\"minzheng.unit.v1.UnitPlain\"}}"), PROTO_MALFORMED, "any",
     "unknown type"},
    {BYTES("{\"any\":{\"@type\":\"a/b.Nothing\"}}"), PROTO_MALFORMED, "any", "unknown type"},
    {BYTES("{\"any\":{\"@type\":\"a/minzheng.unit.v1.UnitPlain\",\"@type\":\"x\"}}"),
     PROTO_MALFORMED, "any.@type", "no such field"},
    {BYTES("{\"any\":{\"@type\":\"a/google.protobuf.Duration\"}}"), PROTO_MALFORMED, "any",
     "value"},
    {BYTES("{\"any\":{\"@type\":\"a/google.protobuf.Duration\",\"value\":\"1s\",\"x\":1}}"),
     PROTO_MALFORMED, "any", "only"},
};

static void
wrong_texts_are_refused_with_their_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
		ProtobufCMessage *message = NULL;
		struct proto_fault fault = {0};
		/* A copy of exactly this size, so that reading past the end is seen. */
		char *text = arena_memdup(arena, refused[i].text, refused[i].size);
		enum proto_result r = read_kinds(text, refused[i].size, NULL, &message, &fault);

		if (r != refused[i].result || strcmp(fault.path, refused[i].path) != 0 ||
		    !strstr(fault.reason, refused[i].reason))
			fail_msg("%s: result %d, path \"%s\", \"%s\"", refused[i].text, r,
				 fault.path, fault.reason);
		assert_null(message);
	}
}

/* open repeated n times, middle, close n times. */
static const char *
nested(const char *open, int n, const char *middle, const char *close)
{
	struct buf buf;

	buf_init(&buf, arena, UNIT_BUDGET);
	for (int i = 0; i < n; i++)
		buf_puts(&buf, open);
	buf_puts(&buf, middle);
	for (int i = 0; i < n; i++)
		buf_puts(&buf, close);
	return buf_text(&buf);
}

static void
depth_is_bounded_through_any_and_struct(void **state)
{
	static const struct {
		const char *open, *middle, *close;
	} rows[] = {
	    {"{\"inner\":", "{}", "}"},
	    {"{\"list\":[", "{}", "]}"},
	};
	ProtobufCMessage *message;
	const char *text;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		text = nested(rows[i].open, PROTO_MAX_DEPTH, rows[i].middle, rows[i].close);
		assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL), PROTO_OK);
		text = nested(rows[i].open, PROTO_MAX_DEPTH + 1, rows[i].middle, rows[i].close);
		assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL),
				 PROTO_TOO_DEEP);
	}
	text = nested("{\"a\":", 100, "0", "}");
	text = arena_printf(arena, "{\"struct\":%s}", text);
	assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL), PROTO_OK);
	text = nested("[", 101, "", "]");
	text = arena_printf(arena, "{\"value\":%s}", text);
	assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL), PROTO_TOO_DEEP);
	text = nested("{\"@type\":\"a/google.protobuf.Any\",\"value\":", 101, "{}", "}");
	text = arena_printf(arena, "{\"any\":%s}", text);
	assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL), PROTO_TOO_DEEP);
}

/* Looking for an @type that comes last must not make the cost grow with the square of the text. */
static void
types_at_the_end_of_nested_anys_are_bounded(void **state)
{
	const char *filler = nested("x", 100000, "", "");
	const char *text = nested("{\"value\":", 90, "{}", ",\"@type\":\"a/google.protobuf.Any\"}");
	struct proto_fault fault = {0};
	ProtobufCMessage *message;

	(void)state;
	text = arena_printf(arena, "{\"aText\":\"%s\",\"any\":%s}", filler, text);
	assert_int_equal(read_kinds(text, strlen(text), NULL, &message, NULL), PROTO_OK);
	text = nested("{\"value\":", 90,
		      arena_printf(arena,
				   "{\"@type\":\"a/google.protobuf.StringValue\",\"value\":\"%s\"}",
				   filler),
		      ",\"@type\":\"a/google.protobuf.Any\"}");
	text = arena_printf(arena, "{\"any\":%s}", text);
	assert_int_equal(read_kinds(text, strlen(text), NULL, &message, &fault), PROTO_TOO_DEEP);
	assert_non_null(strstr(fault.reason, "@type"));
}

static void
unknown_is_ignored_when_asked(void **state)
{
	static const struct json_read_options options = {.ignore_unknown = true};
	ProtobufCMessage *message;
	const char *deep;

	(void)state;
	assert_string_equal(
	    read_and_write(
		"{\"x\":[1,{\"y\":\"\\n\",\"z\":[true,false,null,-1.5e3]}],\"anInt32\":1}",
		&options),
	    "{\"anInt32\":1}");
	assert_string_equal(
	    read_and_write("{\"aColour\":\"X\",\"colours\":[\"X\",1],\"byBool\":{\"true\":\"X\"}}",
			   &options),
	    "{\"colours\":[\"UNIT_COLOUR_RED\"]}");
	deep = arena_printf(arena, "{\"x\":%s}", nested("[", 101, "", "]"));
	assert_int_equal(read_kinds(deep, strlen(deep), &options, &message, NULL), PROTO_TOO_DEEP);
	assert_int_equal(read_kinds(BYTES("{\"x\":[1,}"), &options, &message, NULL),
			 PROTO_MALFORMED);
	assert_int_equal(read_kinds(BYTES("{\"x\":tru}"), &options, &message, NULL),
			 PROTO_MALFORMED);
}

static void
nul_is_kept_when_asked(void **state)
{
	static const struct json_read_options options = {.keep_nul = true};

	(void)state;
	assert_string_equal(read_and_write("{\"aText\":\"a\\u0000b\"}", &options),
			    "{\"aText\":\"a\\u0000b\"}");
}

static void
memory_is_bounded(void **state)
{
	const struct schema *schema = unit_schema();
	const char *text = arena_printf(arena, "{\"list\":[%s{}]}", nested("{},", 1000, "", ""));
	struct arena *small = arena_new(16 << 10);
	ProtobufCMessage *message = NULL;

	(void)state;
	assert_int_equal(json_read(schema, schema_message_of(schema, &unit_kinds__descriptor), text,
				   strlen(text), NULL, small, &message, NULL),
			 PROTO_EXHAUSTED);
	assert_null(message);
	arena_free(small);
}

static bool
read_once(void *context)
{
	const struct schema *schema = unit_schema();
	const char *text = context;
	struct arena *own = arena_new(UNIT_BUDGET);
	ProtobufCMessage *message = NULL;
	enum proto_result r;

	if (!own)
		return false;
	r = json_read(schema, schema_message_of(schema, &unit_kinds__descriptor), text,
		      strlen(text), NULL, own, &message, NULL);
	arena_free(own);
	return r == PROTO_OK;
}

static void
every_failed_allocation_is_reported(void **state)
{
	char text[] =
	    "{\"aText\":\"\\u6c11\",\"someBytes\":\"AAAA\",\"labels\":{\"a\":\"b\"},\"mask\":\"a,"
	    "bC\",\"struct\":{\"a\":[1]},"
	    "\"any\":{\"@type\":\"a/"
	    "minzheng.unit.v1.UnitPlain\",\"text\":\"x\"},\"aColour\":\"UNIT_COLOUR_RED\","
	    "\"list\":[{},{},{},{},{}],\"aDouble\":0."
	    "0000000000000000000000000000000000000000000000000000000000000000001}";

	(void)state;
	unit_schema();
	assert_int_equal(alloc_fail_each(read_once, text), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(right_texts_are_read, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(wrong_texts_are_refused_with_their_path, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(depth_is_bounded_through_any_and_struct, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(types_at_the_end_of_nested_anys_are_bounded, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(unknown_is_ignored_when_asked, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(nul_is_kept_when_asked, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(memory_is_bounded, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(every_failed_allocation_is_reported, new_arena,
					    free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
