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

static const ProtobufCFieldDescriptor *
kinds_field(const char *name)
{
	const struct schema_message *type =
	    schema_message_of(unit_schema(), &unit_kinds__descriptor);

	return schema_field_by_name(type, name, strlen(name))->c;
}

/* Adding makes every field present, clearing makes it absent and its bytes zero again. */
static void
every_field_is_added_and_cleared(void **state)
{
	(void)state;
	for (unsigned i = 0; i < unit_kinds__descriptor.n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &unit_kinds__descriptor.fields[i];
		ProtobufCMessage *message = wire_new(&unit_kinds__descriptor, arena);
		void *value;
		size_t size;

		assert_int_equal(member_count(message, field), 0);
		value = member_add(message, field, arena);
		if (field->type == PROTOBUF_C_TYPE_STRING)
			*(char **)value = arena_strdup(arena, "x");
		else
			memset(value, 1, member_size(field->type));
		assert_int_equal(member_count(message, field), 1);
		assert_ptr_equal(member_at(message, field, 0), value);
		member_clear(message, field);
		assert_int_equal(member_count(message, field), 0);
		assert_non_null(wire_pack(message, arena, &size));
		assert_int_equal(size, 0);
	}
}

static void
an_empty_plain_value_is_absent_but_an_optional_one_is_not(void **state)
{
	UnitKinds *k = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
	char **text = member_add(&k->base, kinds_field("maybe_text"), arena);

	(void)state;
	*text = arena_strdup(arena, "");
	k->a_text = *text;
	assert_int_equal(member_count(&k->base, kinds_field("maybe_text")), 1);
	assert_int_equal(member_count(&k->base, kinds_field("a_text")), 0);
	k->a_double = -0.0;
	assert_int_equal(member_count(&k->base, kinds_field("a_double")), 1);
}

static void
a_oneof_keeps_one_member(void **state)
{
	UnitKinds *k = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);
	int64_t *number = member_add(&k->base, kinds_field("number_choice"), arena);
	char **text;

	(void)state;
	*number = 7;
	assert_int_equal(member_case(&k->base, kinds_field("text_choice")), 41);
	text = member_add(&k->base, kinds_field("text_choice"), arena);
	assert_null(*text);
	assert_int_equal(member_count(&k->base, kinds_field("number_choice")), 0);
	member_clear(&k->base, kinds_field("number_choice"));
	assert_int_equal(member_count(&k->base, kinds_field("text_choice")), 1);
}

static void
lists_grow(void **state)
{
	UnitKinds *k = (UnitKinds *)wire_new(&unit_kinds__descriptor, arena);

	(void)state;
	for (int64_t i = 0; i < 1000; i++)
		*(int64_t *)member_add(&k->base, kinds_field("numbers"), arena) = i;
	assert_int_equal(k->n_numbers, 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(k->numbers[i], i);
		assert_ptr_equal(member_at(&k->base, kinds_field("numbers"), i), &k->numbers[i]);
	}
}

/* Writes "field=text;" for each text and replaces it with "*". */
static int
note_text(void *data, const struct schema_field *field, char **text)
{
	static char star[] = "*";

	buf_printf(data, "%s=%s;", field->c->name, *text);
	if (strcmp(*text, "stop") == 0)
		return 42;
	*text = star;
	return 0;
}

static UnitPerson *
family(void)
{
	ProtobufCMessage *message = NULL;
	/* id "1", name "李", phones {"home": "023"}, addresses "x", "y", children [{name "子"}],
	 * plain {text "p"} */
	static const char bytes[] = "\x0a\x01"
				    "1"
				    "\x12\x03李"
				    "\x22\x0b\x0a\x04home\x12\x03"
				    "023"
				    "\x2a\x01x\x2a\x01y"
				    "\x32\x05\x12\x03子"
				    "\x3a\x03\x0a\x01p";

	assert_int_equal(
	    wire_read(&unit_person__descriptor, bytes, sizeof bytes - 1, arena, &message, NULL),
	    PROTO_OK);
	return (UnitPerson *)message;
}

static void
private_texts_are_visited_with_their_rule(void **state)
{
	const struct schema_message *type =
	    schema_message_of(unit_schema(), &unit_person__descriptor);
	UnitPerson *person = family();
	struct buf BUF_CLEANUP seen;

	(void)state;
	buf_init(&seen, NULL, 1000);
	assert_int_equal(member_visit_texts(type, &person->base, true, note_text, &seen), 0);
	assert_string_equal(buf_text(&seen), "name=李;phones=023;addresses=x;addresses=y;name=子;");
	assert_string_equal(person->name, "*");
	assert_string_equal(person->phones[0]->value, "*");
	assert_string_equal(person->phones[0]->key, "home");
	assert_string_equal(person->children[0]->name, "*");
	assert_string_equal(person->id, "1");
	assert_string_equal(person->plain->text, "p");
}

static void
all_texts_are_visited_when_asked(void **state)
{
	const struct schema_message *type =
	    schema_message_of(unit_schema(), &unit_person__descriptor);
	struct buf BUF_CLEANUP seen;

	(void)state;
	buf_init(&seen, NULL, 1000);
	assert_int_equal(member_visit_texts(type, &family()->base, false, note_text, &seen), 0);
	assert_string_equal(buf_text(&seen),
			    "id=1;name=李;phones=023;addresses=x;addresses=y;name=子;text=p;");
}

static void
a_visit_stops_when_told(void **state)
{
	const struct schema_message *type =
	    schema_message_of(unit_schema(), &unit_person__descriptor);
	UnitPerson *person = family();
	char stop[] = "stop";
	struct buf BUF_CLEANUP seen;

	(void)state;
	person->addresses[0] = stop;
	buf_init(&seen, NULL, 1000);
	assert_int_equal(member_visit_texts(type, &person->base, true, note_text, &seen), 42);
	assert_string_equal(person->addresses[1], "y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_field_is_added_and_cleared, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(
		an_empty_plain_value_is_absent_but_an_optional_one_is_not, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(a_oneof_keeps_one_member, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(lists_grow, new_arena, free_arena),
	    cmocka_unit_test_setup_teardown(private_texts_are_visited_with_their_rule, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(all_texts_are_visited_when_asked, new_arena,
					    free_arena),
	    cmocka_unit_test_setup_teardown(a_visit_stops_when_told, new_arena, free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
