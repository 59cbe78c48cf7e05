/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "google/rpc/error_details.pb-c.h"
#include "unit_schema.h"

static const struct schema_field *
field_of(const struct schema_message *message, const char *name)
{
	const struct schema_field *field = schema_field_by_name(message, name, strlen(name));

	assert_non_null(field);
	return field;
}

static void
messages_are_found_by_name_url_and_descriptor(void **state)
{
	const struct schema *s = unit_schema();
	const struct schema_message *kinds =
	    schema_message_by_name(s, "minzheng.unit.v1.UnitKinds");

	(void)state;
	assert_non_null(kinds);
	assert_ptr_equal(kinds->c, &unit_kinds__descriptor);
	assert_ptr_equal(schema_message_of(s, &unit_kinds__descriptor), kinds);
	assert_ptr_equal(schema_message_by_url(s, "type.googleapis.com/minzheng.unit.v1.UnitKinds"),
			 kinds);
	assert_null(schema_message_by_url(s, "minzheng.unit.v1.UnitKinds"));
	assert_null(schema_message_by_name(s, "minzheng.unit.v1.Nothing"));
	assert_string_equal(kinds->comment, "One of each.");
	assert_string_equal(field_of(kinds, "an_int32")->comment, "A small number.");
	assert_null(field_of(kinds, "a_sint32")->comment);
}

static void
a_root_that_no_set_declares_has_default_names(void **state)
{
	const struct schema_message *info =
	    schema_message_by_name(unit_schema(), "google.rpc.ErrorInfo");

	(void)state;
	assert_non_null(info);
	assert_null(schema_file_by_symbol(unit_schema(), "google.rpc.ErrorInfo"));
	assert_true(field_of(info, "metadata")->is_map);
	assert_null(field_of(info, "reason")->rule);
}

static void
fields_are_found_by_both_names(void **state)
{
	const struct schema_message *kinds =
	    schema_message_of(unit_schema(), &unit_kinds__descriptor);

	(void)state;
	for (unsigned i = 0; i < kinds->c->n_fields; i++) {
		const struct schema_field *field = &kinds->fields[i];

		assert_ptr_equal(field_of(kinds, field->c->name), field);
		assert_ptr_equal(field_of(kinds, field->json_name), field);
	}
	assert_string_equal(field_of(kinds, "an_int32")->json_name, "anInt32");
	assert_string_equal(field_of(kinds, "odd")->json_name, "@odd");
	assert_null(schema_field_by_name(kinds, "an_int3", 7));
	assert_null(schema_field_by_name(kinds, "", 0));
	assert_ptr_equal(schema_field_by_name(kinds, "odd and more", 3), field_of(kinds, "odd"));
}

static void
presence_of_optional_is_no_oneof(void **state)
{
	const struct schema_message *kinds =
	    schema_message_of(unit_schema(), &unit_kinds__descriptor);

	(void)state;
	assert_true(field_of(kinds, "maybe")->is_optional);
	assert_int_equal(field_of(kinds, "maybe")->oneof, -1);
	assert_int_equal(field_of(kinds, "text_choice")->oneof, 0);
	assert_int_equal(field_of(kinds, "null_choice")->oneof, 0);
	assert_false(field_of(kinds, "text_choice")->is_optional);
	assert_int_equal(field_of(kinds, "a_text")->oneof, -1);
}

static void
well_known_types_are_marked(void **state)
{
	static const struct {
		const char *field;
		enum schema_wkt wkt;
	} rows[] = {
	    {"any", SCHEMA_WKT_ANY},
	    {"duration", SCHEMA_WKT_DURATION},
	    {"empty", SCHEMA_WKT_EMPTY},
	    {"mask", SCHEMA_WKT_FIELD_MASK},
	    {"struct", SCHEMA_WKT_STRUCT},
	    {"value", SCHEMA_WKT_VALUE},
	    {"list_value", SCHEMA_WKT_LIST_VALUE},
	    {"at", SCHEMA_WKT_TIMESTAMP},
	    {"wrapped", SCHEMA_WKT_WRAPPER},
	    {"wrapped_text", SCHEMA_WKT_WRAPPER},
	    {"date", SCHEMA_WKT_NONE},
	};
	const struct schema_message *kinds =
	    schema_message_of(unit_schema(), &unit_kinds__descriptor);

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(field_of(kinds, rows[i].field)->message->wkt, rows[i].wkt);
	assert_true(field_of(kinds, "labels")->is_map);
	assert_false(field_of(kinds, "list")->is_map);
}

static void
field_rules_are_read_and_merged(void **state)
{
	const struct schema_message *person =
	    schema_message_of(unit_schema(), &unit_person__descriptor);
	const FieldRule *rule = field_of(person, "id_number")->rule;

	(void)state;
	assert_non_null(rule);
	assert_true(rule->required);
	assert_int_equal(rule->format, FORMAT__FORMAT_CITIZEN_ID);
	assert_int_equal(rule->privacy, PRIVACY__PRIVACY_ID_NUMBER);
	assert_int_equal(rule->min, -5);
	assert_int_equal(rule->_min_case, FIELD_RULE___MIN_MIN);
	assert_int_equal(rule->_max_case, FIELD_RULE___MAX__NOT_SET);
	rule = field_of(person, "phones")->rule;
	assert_int_equal(rule->privacy, PRIVACY__PRIVACY_PHONE);
	assert_int_equal(rule->max_items, 3);
	assert_null(field_of(person, "id")->rule);
}

static void
privacy_below_is_known_above(void **state)
{
	const struct schema *s = unit_schema();

	(void)state;
	assert_true(schema_message_of(s, &unit_person__descriptor)->reaches_privacy);
	assert_true(schema_message_of(s, &unit_household__descriptor)->reaches_privacy);
	assert_false(schema_message_of(s, &unit_plain__descriptor)->reaches_privacy);
	assert_false(schema_message_of(s, &unit_kinds__descriptor)->reaches_privacy);
}

static void
methods_say_all_that_is_declared(void **state)
{
	const struct schema *s = unit_schema();
	const struct schema_service *service =
	    schema_service_by_name(s, "minzheng.unit.v1.UnitService");
	const struct schema_method *get =
	    schema_method_by_path(s, "/minzheng.unit.v1.UnitService/GetUnit");
	const struct schema_method *watch, *import, *chat;

	(void)state;
	assert_non_null(service);
	assert_ptr_equal(schema_service_at(s, 0), service);
	assert_null(schema_service_at(s, 1));
	assert_string_equal(service->comment, "Serves the tests.");
	assert_int_equal(service->n_methods, 4);
	assert_ptr_equal(get, &service->methods[0]);
	assert_string_equal(get->name, "GetUnit");
	assert_string_equal(get->comment, "Gets one.\n\nIn two paragraphs.");
	assert_true(get->no_side_effects && get->idempotent);
	assert_false(get->client_streaming || get->server_streaming);
	assert_string_equal(get->rule->permission, "unit.thing.get");
	assert_int_equal(get->rule->jurisdiction, JURISDICTION__JURISDICTION_DIVISIONS);
	assert_int_equal(get->rule->n_on_event, 2);
	assert_string_equal(get->rule->on_event[1], "c.d");
	assert_ptr_equal(get->request->c, &unit_person__descriptor);
	assert_ptr_equal(get->response->c, &unit_kinds__descriptor);
	watch = &service->methods[1];
	import = &service->methods[2];
	chat = &service->methods[3];
	assert_true(watch->server_streaming && !watch->client_streaming && !watch->rule &&
		    !watch->idempotent);
	assert_true(import->client_streaming && !import->server_streaming);
	assert_true(import->idempotent && !import->no_side_effects);
	assert_true(chat->client_streaming && chat->server_streaming);
	assert_null(schema_method_by_path(s, "/minzheng.unit.v1.UnitService/getunit"));
}

static void
reflection_finds_files_by_symbol_and_extension(void **state)
{
	static const char *const symbols[] = {
	    "minzheng.unit.v1.UnitKinds",           "minzheng.unit.v1.UnitKinds.an_int32",
	    "minzheng.unit.v1.UnitKinds.choice",    "minzheng.unit.v1.UnitKinds.LabelsEntry",
	    "minzheng.unit.v1.UnitPerson.Mood",     "minzheng.unit.v1.UnitPerson.CALM",
	    "minzheng.unit.v1.UNIT_COLOUR_RED",     "minzheng.unit.v1.UnitService",
	    "minzheng.unit.v1.UnitService.GetUnit", "minzheng.unit.v1.unit_note",
	};
	const struct schema *s = unit_schema();
	const struct schema_file *file = schema_file_by_name(s, "unit_types.proto");
	size_t n = 0;

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < UNIT_COUNT(symbols); i++)
		assert_ptr_equal(schema_file_by_symbol(s, symbols[i]), file);
	assert_null(schema_file_by_symbol(s, "minzheng.unit.v1"));
	assert_ptr_equal(schema_file_by_extension(s, "google.protobuf.FieldOptions", 50999), file);
	assert_string_equal(
	    schema_file_by_extension(s, "google.protobuf.FieldOptions", 50501)->name,
	    "minzheng/options/v1/options.proto");
	assert_null(schema_file_by_extension(s, "google.protobuf.FieldOptions", 1));
	while (schema_extension_number_at(s, "google.protobuf.FieldOptions", n))
		n++;
	assert_int_equal(n, 2);
	assert_int_equal(file->proto->n_service, 1);
	for (n = 0; schema_file_at(s, n); n++)
		assert_ptr_equal(schema_file_by_name(s, schema_file_at(s, n)->name),
				 schema_file_at(s, n));
	assert_int_equal(n, 11);
}

static void
a_file_in_two_sets_counts_once(void **state)
{
	struct schema_set twice[2] = {unit_schema_source.sets[0], unit_schema_source.sets[0]};
	struct schema_source source = unit_schema_source;
	struct schema *s = NULL;

	(void)state;
	source.sets = twice;
	source.n_sets = 2;
	assert_int_equal(schema_new(&source, &s), 0);
	assert_non_null(schema_file_at(s, 10));
	assert_null(schema_file_at(s, 11));
	schema_free(s);
}

static void
broken_sets_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} rows[] = {
	    {"\x0a", 1},         {"\x0a\x05xx", 4},
	    {"\x12\x00", 2},     {"\x0a\xff\xff\xff\xff\xff\x01", 7},
	    {"\x0a\x01\xff", 3},
	};
	struct schema *s = NULL;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct schema_set set = {rows[i].bytes, rows[i].size};
		struct schema_source source = {.sets = &set, .n_sets = 1};

		assert_int_equal(schema_new(&source, &s), -EINVAL);
	}
	assert_null(s);
}

static void
a_service_without_declaration_is_refused(void **state)
{
	struct schema_source source = unit_schema_source;
	struct schema *s = NULL;

	(void)state;
	source.n_sets = 0;
	assert_int_equal(schema_new(&source, &s), -EINVAL);
	assert_null(s);
}

static bool
build_once(void *context)
{
	struct schema *s = NULL;

	if (schema_new(context, &s) < 0)
		return false;
	schema_free(s);
	return true;
}

/* Of a set with one file only: the full one has so many allocations that failing each takes long.
 */
static void
every_failed_allocation_is_reported(void **state)
{
	static const ProtobufCMessageDescriptor *const roots[] = {&unit_person__descriptor};
	const struct schema_file *file =
	    schema_file_by_name(unit_schema(), "google/type/date.proto");
	struct schema_set set;
	struct schema_source source = {
	    .sets = &set, .n_sets = 1, .messages = roots, .n_messages = 1};
	struct buf BUF_CLEANUP bytes;

	(void)state;
	buf_init(&bytes, NULL, 1 << 20);
	buf_putc(&bytes, 0x0a);
	buf_putc(&bytes, (char)(file->size | 0x80));
	buf_putc(&bytes, (char)(file->size >> 7));
	assert_true(file->size >= 128 && file->size < 1 << 14);
	buf_put(&bytes, file->bytes, file->size);
	set = (struct schema_set){bytes.data, bytes.length};
	assert_int_equal(alloc_fail_each(build_once, &source), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_are_found_by_name_url_and_descriptor),
	    cmocka_unit_test(a_root_that_no_set_declares_has_default_names),
	    cmocka_unit_test(fields_are_found_by_both_names),
	    cmocka_unit_test(presence_of_optional_is_no_oneof),
	    cmocka_unit_test(well_known_types_are_marked),
	    cmocka_unit_test(field_rules_are_read_and_merged),
	    cmocka_unit_test(privacy_below_is_known_above),
	    cmocka_unit_test(methods_say_all_that_is_declared),
	    cmocka_unit_test(reflection_finds_files_by_symbol_and_extension),
	    cmocka_unit_test(a_file_in_two_sets_counts_once),
	    cmocka_unit_test(broken_sets_are_refused),
	    cmocka_unit_test(a_service_without_declaration_is_refused),
	    cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
