/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "proto/member.h"
#include "proto/wire.h"
#include "unit_schema.h"

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
read_kinds(const void *bytes, size_t size)
{
	ProtobufCMessage *message = NULL;
	struct proto_fault fault;

	assert_int_equal(wire_read(&unit_kinds__descriptor, bytes, size, arena, &message, &fault),
			 PROTO_OK);
	return (UnitKinds *)message;
}

/* A message with something in every kind of field. */
static UnitKinds *
full_kinds(void)
{
	UnitKinds *k = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
	UnitKinds *inner = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
	UnitKinds__LabelsEntry *label =
	    (UnitKinds__LabelsEntry *)wire_new(&unit_kinds__labels_entry__descriptor, arena);

	label->key = arena_strdup(arena, "钥");
	label->value = arena_strdup(arena, "value");
	inner->an_int32 = 1;
	k->an_int32 = -1;
	k->a_sint32 = INT32_MIN;
	k->an_sfixed32 = -3;
	k->a_uint32 = UINT32_MAX;
	k->a_fixed32 = 5;
	k->an_int64 = INT64_MIN;
	k->a_sint64 = INT64_MAX;
	k->an_sfixed64 = -8;
	k->a_uint64 = UINT64_MAX;
	k->a_fixed64 = 10;
	k->a_float = 1.5F;
	k->a_double = -2.5;
	k->a_bool = 1;
	k->a_colour = UNIT_COLOUR__UNIT_COLOUR_BLUE;
	k->a_text = arena_strdup(arena, "民政 text");
	k->some_bytes = (ProtobufCBinaryData){3, arena_memdup(arena, "\0\xff\x01", 3)};
	k->inner = inner;
	for (int i = 0; i < 40; i++) {
		*(int64_t *)member_add(
		    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 20),
		    arena) = (int64_t)1 << i;
		*(int32_t *)member_add(
		    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 21),
		    arena) = -i;
		*(double *)member_add(
		    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 22),
		    arena) = i / 4.0;
		*(char **)member_add(
		    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 23),
		    arena) = arena_printf(arena, "%d", i);
		*(UnitKinds **)member_add(
		    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 25),
		    arena) = inner;
	}
	*(UnitKinds__LabelsEntry **)member_add(
	    &k->base, protobuf_c_message_descriptor_get_field(k->base.descriptor, 30), arena) =
	    label;
	k->choice_case = UNIT_KINDS__CHOICE_MESSAGE_CHOICE;
	k->message_choice = inner;
	k->_maybe_case = UNIT_KINDS___MAYBE_MAYBE;
	return k;
}

static void
writing_agrees_with_protobuf_c(void **state)
{
	UnitKinds *k = full_kinds();
	size_t size, expected_size = protobuf_c_message_get_packed_size(&k->base);
	uint8_t *bytes = wire_pack(&k->base, arena, &size),
		*expected = arena_alloc(arena, expected_size);
	UnitKinds *again;

	(void)state;
	protobuf_c_message_pack(&k->base, expected);
	assert_int_equal(size, expected_size);
	assert_memory_equal(bytes, expected, size);
	again = read_kinds(bytes, size);
	bytes = wire_pack(&again->base, arena, &size);
	assert_int_equal(size, expected_size);
	assert_memory_equal(bytes, expected, size);
	assert_int_equal(again->_maybe_case, UNIT_KINDS___MAYBE_MAYBE);
	assert_int_equal(again->numbers[39], (int64_t)1 << 39);
	assert_string_equal(again->labels[0]->key, "钥");
}

static void
an_empty_message_is_no_bytes(void **state)
{
	UnitKinds *k = read_kinds("", 0);
	size_t size = 1;

	(void)state;
	assert_non_null(wire_pack(&k->base, arena, &size));
	assert_int_equal(size, 0);
	assert_string_equal(k->a_text, "");
}

/* A valid message cut anywhere is refused or, cut between two fields, shorter; it never reads past
 * its end (ASan). */
static void
every_cut_is_harmless(void **state)
{
	size_t size;
	uint8_t *bytes = wire_pack(&full_kinds()->base, arena, &size);
	struct arena *scratch = arena_new(UNIT_BUDGET);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		ProtobufCMessage *message;
		void *copy = arena_memdup(scratch, bytes, cut);
		enum proto_result r =
		    wire_read(&unit_kinds__descriptor, copy, cut, scratch, &message, NULL);

		assert_true(r == PROTO_OK || r == PROTO_MALFORMED);
		arena_reset(scratch);
	}
	arena_free(scratch);
}

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *what;
	const char *bytes;
	size_t size;
	enum proto_result result;
	const char *path;
} refusals[] = {
    {"tag cut off", BYTES("\x80"), PROTO_MALFORMED, ""},
    {"field number 0", BYTES("\x00\x01"), PROTO_MALFORMED, ""},
    {"tag of more than 32 bits", BYTES("\xf8\xff\xff\xff\xff\x01\x01"), PROTO_MALFORMED, ""},
    {"varint cut off", BYTES("\x08\xff"), PROTO_MALFORMED, "an_int32"},
    {"varint of 11 bytes", BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     PROTO_MALFORMED, "an_int32"},
    {"fixed32 cut off", BYTES("\x1d\x01\x02\x03"), PROTO_MALFORMED, "an_sfixed32"},
    {"fixed64 cut off", BYTES("\x41\x01\x02\x03\x04\x05\x06\x07"), PROTO_MALFORMED, "an_sfixed64"},
    {"length past the end", BYTES("\x7a\x02x"), PROTO_MALFORMED, "a_text"},
    {"length of 2^64-1", BYTES("\x7a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), PROTO_MALFORMED,
     "a_text"},
    {"wrong wire type", BYTES("\x0d\x01\x02\x03\x04"), PROTO_MALFORMED, "an_int32"},
    {"length for a single number", BYTES("\x0a\x01\x01"), PROTO_MALFORMED, "an_int32"},
    {"wire type 6", BYTES("\xfe\x7f\x01"), PROTO_MALFORMED, ""},
    {"group end alone", BYTES("\xfc\x7f"), PROTO_MALFORMED, ""},
    {"group that does not end", BYTES("\xfb\x7f\x08\x01"), PROTO_MALFORMED, ""},
    {"known field as group", BYTES("\x0b\x0c"), PROTO_MALFORMED, "an_int32"},
    {"unknown length past the end", BYTES("\xfa\x7f\x05x"), PROTO_MALFORMED, ""},
    {"bad inner message", BYTES("\x8a\x01\x03\x8a\x01\x05"), PROTO_MALFORMED, "inner.inner"},
    {"inner longer than outer", BYTES("\x8a\x01\x04\x7a\x05xx\x08\x01"), PROTO_MALFORMED,
     "inner.a_text"},
    {"second text of a list", BYTES("\xba\x01\x01x\xba\x01\x01\xff"), PROTO_BAD_TEXT, "texts[1]"},
    {"packed list cut off", BYTES("\xa2\x01\x02\x01\x80"), PROTO_MALFORMED, "numbers"},
    {"packed doubles cut off", BYTES("\xb2\x01\x04\x01\x02\x03\x04"), PROTO_MALFORMED, "doubles"},
    {"bad text in a map", BYTES("\xf2\x01\x04\x12\x02\xc3\x28"), PROTO_BAD_TEXT, "labels[0].value"},
    {"NUL",
     BYTES("\x7a\x03"
	   "a\0b"),
     PROTO_BAD_TEXT, "a_text"},
    {"overlong slash", BYTES("\x7a\x02\xc0\xaf"), PROTO_BAD_TEXT, "a_text"},
    {"overlong three", BYTES("\x7a\x03\xe0\x80\xaf"), PROTO_BAD_TEXT, "a_text"},
    {"surrogate", BYTES("\x7a\x03\xed\xa0\x80"), PROTO_BAD_TEXT, "a_text"},
    {"above U+10FFFF", BYTES("\x7a\x04\xf4\x90\x80\x80"), PROTO_BAD_TEXT, "a_text"},
    {"character cut off", BYTES("\x7a\x02\xe6\xb0"), PROTO_BAD_TEXT, "a_text"},
    {"continuation alone", BYTES("\x7a\x01\x80"), PROTO_BAD_TEXT, "a_text"},
};

static void
malformed_bytes_are_refused_with_their_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(refusals); i++) {
		ProtobufCMessage *message = NULL;
		struct proto_fault fault = {0};
		enum proto_result r = wire_read(&unit_kinds__descriptor, refusals[i].bytes,
						refusals[i].size, arena, &message, &fault);

		if (r != refusals[i].result || strcmp(fault.path, refusals[i].path) != 0)
			fail_msg("%s: result %d, path \"%s\"", refusals[i].what, r, fault.path);
		assert_int_equal(fault.result, r);
		assert_true(fault.reason[0] != '\0');
		assert_null(message);
	}
}

/* n messages inside each other below the outer one. */
static size_t
nest(uint8_t *bytes, size_t capacity, int n)
{
	size_t start = capacity;

	for (int i = 0; i < n; i++) {
		size_t length = capacity - start;

		if (length >= 128)
			bytes[--start] = (uint8_t)(length >> 7);
		bytes[--start] = (uint8_t)(length >= 128 ? length | 0x80 : length);
		bytes[--start] = 0x01;
		bytes[--start] = 0x8a;
	}
	return start;
}

static void
bytes_on_the_arena_are_not_copied(void **state)
{
	enum { LENGTH = 5000 };
	uint8_t *bytes = arena_zalloc(arena, 1, LENGTH + 4), heap[LENGTH + 4];

	(void)state;
	memcpy(bytes, "\x82\x01\x88\x27", 4);
	memcpy(heap, bytes, sizeof heap);
	assert_ptr_equal(read_kinds(bytes, LENGTH + 4)->some_bytes.data, bytes + 4);
	assert_int_equal(read_kinds(bytes, LENGTH + 4)->some_bytes.len, LENGTH);
	assert_true(arena_holds(arena, read_kinds(heap, LENGTH + 4)->some_bytes.data));
	assert_false(arena_holds(arena, heap));
}

static void
depth_is_bounded(void **state)
{
	uint8_t bytes[1024];
	ProtobufCMessage *message = NULL;
	struct proto_fault fault = {0};
	size_t start = nest(bytes, sizeof bytes, PROTO_MAX_DEPTH);

	(void)state;
	assert_int_equal(wire_read(&unit_kinds__descriptor, bytes + start, sizeof bytes - start,
				   arena, &message, NULL),
			 PROTO_OK);
	start = nest(bytes, sizeof bytes, PROTO_MAX_DEPTH + 1);
	assert_int_equal(wire_read(&unit_kinds__descriptor, bytes + start, sizeof bytes - start,
				   arena, &message, &fault),
			 PROTO_TOO_DEEP);
	/* A path longer than its room keeps its end. */
	assert_string_equal(fault.path + strlen(fault.path) - 12, ".inner.inner");
	assert_true(strlen(fault.path) < sizeof fault.store);
}

static void
groups_are_bounded_too(void **state)
{
	uint8_t bytes[4 * (PROTO_MAX_DEPTH + 1)];
	ProtobufCMessage *message;

	(void)state;
	for (size_t i = 0; i < sizeof bytes / 2; i += 2)
		memcpy(bytes + i, "\xfb\x7f", 2);
	for (size_t i = sizeof bytes / 2; i < sizeof bytes; i += 2)
		memcpy(bytes + i, "\xfc\x7f", 2);
	assert_int_equal(
	    wire_read(&unit_kinds__descriptor, bytes, sizeof bytes, arena, &message, NULL),
	    PROTO_TOO_DEEP);
	assert_int_equal(
	    wire_read(&unit_kinds__descriptor, bytes + 2, sizeof bytes - 4, arena, &message, NULL),
	    PROTO_OK);
}

static void
unknown_fields_are_kept(void **state)
{
	static const char bytes[] = "\xf8\x7f\x96\x01"
				    "\xf9\x7f"
				    "12345678"
				    "\xfd\x7f"
				    "1234"
				    "\xfa\x7f\x03"
				    "abc"
				    "\xfb\x7f\x08\x01\xfc\x7f"
				    "\xfa\x7f\x00";
	UnitKinds *k = read_kinds(bytes, sizeof bytes - 1);
	uint8_t expected[64];
	size_t size;
	uint8_t *again = wire_pack(&k->base, arena, &size);

	(void)state;
	assert_int_equal(k->base.n_unknown_fields, 6);
	assert_int_equal(size, sizeof bytes - 1);
	assert_memory_equal(again, bytes, size);
	/* protobuf-c's own packer takes them too. */
	assert_int_equal(protobuf_c_message_pack(&k->base, expected), size);
	assert_memory_equal(expected, bytes, size);
}

static void
unknown_enum_numbers_are_kept(void **state)
{
	(void)state;
	assert_int_equal(read_kinds(BYTES("\x70\x63"))->a_colour, 99);
}

static void
fields_that_come_twice_merge(void **state)
{
	/* inner {an_int32 1, numbers 5}, then inner {a_uint32 2, numbers 6}; a_text "a", then "b"
	 */
	UnitKinds *k = read_kinds(BYTES("\x8a\x01\x05\x08\x01\xa0\x01\x05"
					"\x8a\x01\x05\x20\x02\xa0\x01\x06"
					"\x7a\x01"
					"a"
					"\x7a\x01"
					"b"));

	(void)state;
	assert_int_equal(k->inner->an_int32, 1);
	assert_int_equal(k->inner->a_uint32, 2);
	assert_int_equal(k->inner->n_numbers, 2);
	assert_int_equal(k->inner->numbers[1], 6);
	assert_string_equal(k->a_text, "b");
}

static void
the_last_member_of_a_oneof_counts(void **state)
{
	/* text, number; then a message in two parts, which merge */
	UnitKinds *k = read_kinds(BYTES("\xc2\x02\x01x\xc8\x02\x07"));

	(void)state;
	assert_int_equal(k->choice_case, UNIT_KINDS__CHOICE_NUMBER_CHOICE);
	assert_int_equal(k->number_choice, 7);
	k = read_kinds(BYTES("\xc8\x02\x07\xd2\x02\x02\x08\x01\xd2\x02\x02\x20\x02"));
	assert_int_equal(k->choice_case, UNIT_KINDS__CHOICE_MESSAGE_CHOICE);
	assert_int_equal(k->message_choice->an_int32, 1);
	assert_int_equal(k->message_choice->a_uint32, 2);
}

static void
lists_come_packed_and_not(void **state)
{
	UnitKinds *k = read_kinds(BYTES("\xa0\x01\x01\xa2\x01\x02\x02\x03\xa0\x01\x04"
					"\xaa\x01\x02\x01\x02\xa8\x01\x03"));

	(void)state;
	assert_int_equal(k->n_numbers, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(k->numbers[i], i + 1);
	assert_int_equal(k->n_loose_numbers, 3);
	assert_int_equal(k->loose_numbers[0], -1);
	assert_int_equal(k->loose_numbers[2], -2);
}

static void
numbers_keep_their_low_bits(void **state)
{
	/* an_int32 and a_uint32 of 64 bits; a_bool 256; a_sint32 of 33 bits */
	UnitKinds *k =
	    read_kinds(BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x20\x80\x80\x80\x80\x10"
			     "\x68\x80\x02\x10\x81\x80\x80\x80\x10"));

	(void)state;
	assert_int_equal(k->an_int32, -1);
	assert_int_equal(k->a_uint32, 0);
	assert_int_equal(k->a_bool, 1);
	assert_int_equal(k->a_sint32, -1);
}

static void
memory_is_bounded(void **state)
{
	uint8_t bytes[3000];
	struct arena *small = arena_new(16 << 10);
	ProtobufCMessage *message = NULL;
	struct proto_fault fault = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i += 3)
		memcpy(bytes + i, "\xca\x01\x00", 3); /* empty messages in `list` */
	assert_int_equal(
	    wire_read(&unit_kinds__descriptor, bytes, sizeof bytes, small, &message, &fault),
	    PROTO_EXHAUSTED);
	assert_int_equal(fault.result, PROTO_EXHAUSTED);
	assert_null(message);
	arena_reset(small);
	for (size_t i = 0; i < sizeof bytes; i += 3)
		memcpy(bytes + i, "\xf8\x7f\x00", 3); /* unknown fields */
	assert_int_equal(
	    wire_read(&unit_kinds__descriptor, bytes, sizeof bytes, small, &message, NULL),
	    PROTO_EXHAUSTED);
	arena_free(small);
}

static void
a_buffer_at_its_limit_fails(void **state)
{
	UnitKinds *k = full_kinds();
	size_t size;
	struct buf buf;

	(void)state;
	wire_pack(&k->base, arena, &size);
	for (size_t limit = 0; limit < size; limit++) {
		buf_init(&buf, NULL, limit);
		wire_write(&k->base, &buf);
		assert_true(buf.failed);
		buf_free(&buf);
	}
	buf_init(&buf, NULL, size + 16);
	buf_puts(&buf, "x");
	wire_write(&k->base, &buf);
	assert_false(buf.failed);
	assert_int_equal(buf.length, size + 1);
	assert_int_equal(buf.data[buf.length], '\0');
	buf_free(&buf);
}

static void
nul_in_text_is_written_from_its_kept_form(void **state)
{
	UnitKinds *k = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
	char text[] = "a\xC0\x80"
		      "b";
	size_t size;
	uint8_t *bytes;

	(void)state;
	k->a_text = text;
	bytes = wire_pack(&k->base, arena, &size);
	assert_int_equal(size, 5);
	assert_memory_equal(bytes,
			    "\x7a\x03"
			    "a\0b",
			    5);
}

static bool
read_once(void *context)
{
	struct buf *buf = context;
	struct arena *own = arena_new(UNIT_BUDGET);
	ProtobufCMessage *message = NULL;
	enum proto_result r;

	if (!own)
		return false;
	r = wire_read(&unit_kinds__descriptor, buf->data, buf->length, own, &message, NULL);
	arena_free(own);
	return r == PROTO_OK;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, NULL, SIZE_MAX / 2);
	wire_write(&full_kinds()->base, &buf);
	assert_int_equal(alloc_fail_each(read_once, &buf), 0);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(writing_agrees_with_protobuf_c, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(an_empty_message_is_no_bytes, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(every_cut_is_harmless, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(malformed_bytes_are_refused_with_their_path, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(bytes_on_the_arena_are_not_copied, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(depth_is_bounded, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(groups_are_bounded_too, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(unknown_fields_are_kept, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(unknown_enum_numbers_are_kept, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(fields_that_come_twice_merge, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(the_last_member_of_a_oneof_counts, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(lists_come_packed_and_not, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(numbers_keep_their_low_bits, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(memory_is_bounded, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(a_buffer_at_its_limit_fails, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(nul_in_text_is_written_from_its_kept_form, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(every_failed_allocation_is_reported, new_arena,
					    free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
