/* SPDX-License-Identifier: Apache-2.0 */
/* Field rules (common/svc/fields.h), on the options of the house's own requests and of FieldRule's
 * formats. */
#include "svc/fields.h"

#include <stdint.h>
#include <string.h>

#include "google/type/date.pb-c.h"
#include "minzheng/svc/v1/admin.pb-c.h"
#include "minzheng/svc/v1/event.pb-c.h"
#include "minzheng/svc/v1/indicator.pb-c.h"
#include "svc/misread.h"
#include "unit.h"
#include "json/json_read.h"

extern const unsigned char unit_descriptors[], unit_descriptors_end[];

static struct schema *schema;
static struct fields *fields;

static int
set_up(void **state)
{
	static const ProtobufCServiceDescriptor *const services[] = {
	    &admin_service__descriptor, &event_service__descriptor, &indicator_service__descriptor};
	const struct schema_set set = {unit_descriptors,
				       (size_t)(unit_descriptors_end - unit_descriptors)};
	const struct schema_source source = {
	    .sets = &set, .n_sets = 1, .services = services, .n_services = 3};

	(void)state;
	if (schema_new(&source, &schema) < 0)
		return -1;
	return fields_new(schema, &fields);
}

static int
tear_down(void **state)
{
	(void)state;
	fields_free(fields);
	schema_free(schema);
	return 0;
}

/* The first violation as "field: description", or "" when there is none. */
static const char *
first_wrong(struct arena *arena, const void *message, size_t *ret_n)
{
	const ProtobufCMessage *m = message;
	struct svc_failure failure = {0};
	enum rpc_code code = fields_check(fields, schema_message_of(schema, m->descriptor), m,
					  (struct date){0}, arena, &failure);

	assert_int_equal(code, failure.code);
	*ret_n = failure.fields ? failure.fields->n_field_violations : 0;
	if (*ret_n == 0)
		return "";
	assert_int_equal(code, RPC_INVALID_ARGUMENT);
	return arena_printf(arena, "%s: %s", failure.fields->field_violations[0]->field,
			    failure.fields->field_violations[0]->description);
}

static void
a_right_request_passes(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	ListAuditRowsRequest request = LIST_AUDIT_ROWS_REQUEST__INIT;
	char id[] = "018f3a1e-7c2b-7d40-9a51-2f6c1b0e8d3a";
	size_t n;

	(void)state;
	request.person_id = id;
	request.page_size = 1000;
	assert_string_equal(first_wrong(arena, &request, &n), "");
	arena_free(arena);
}

static void
every_wrong_field_is_named(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	ListAuditRowsRequest request = LIST_AUDIT_ROWS_REQUEST__INIT;
	char bad[] = "018F3A1E";
	size_t n;

	(void)state;
	request.person_id = bad;
	request.account_id = bad;
	request.page_size = -1;
	assert_non_null(strstr(first_wrong(arena, &request, &n), "person_id: 应为小写的 UUID"));
	assert_int_equal(n, 3);
	request.person_id = request.account_id = (char *)(uintptr_t)protobuf_c_empty_string;
	assert_string_equal(first_wrong(arena, &request, &n), "page_size: 不能小于 0");
	request.page_size = 1001;
	assert_string_equal(first_wrong(arena, &request, &n), "page_size: 不能大于 1000");
	arena_free(arena);
}

static void
what_is_required_must_be_there(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	ListFigureRowsRequest request = LIST_FIGURE_ROWS_REQUEST__INIT;
	size_t n;

	(void)state;
	assert_string_equal(first_wrong(arena, &request, &n), "id: 必须填写");
	assert_int_equal(n, 3);
	arena_free(arena);
}

static void
days_must_exist(void **state)
{
	static const struct {
		int year, month, day;
		bool exists;
	} cases[] = {
	    {2024, 2, 29, true}, {2023, 2, 29, false}, {0, 1, 1, false}, {2024, 13, 1, false}};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ListFiguresRequest request = LIST_FIGURES_REQUEST__INIT;
		Date date = DATE__INIT;
		size_t n;

		date.year = cases[i].year;
		date.month = cases[i].month;
		date.day = cases[i].day;
		request.from = &date;
		assert_int_equal(*first_wrong(arena, &request, &n) == '\0', cases[i].exists);
	}
	arena_free(arena);
}

static void
lists_and_texts_are_bounded(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	ListEventsRequest request = LIST_EVENTS_REQUEST__INIT;
	char *types[51], longer[102];
	size_t n;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i < 51; i++)
		types[i] = longer + 1;
	request.types = types;
	request.n_types = 51;
	assert_string_equal(first_wrong(arena, &request, &n), "types: 最多 50 项，现有 51 项");
	assert_int_equal(n, 1);
	request.n_types = 50;
	assert_string_equal(first_wrong(arena, &request, &n), "");
	types[7] = longer;
	assert_string_equal(first_wrong(arena, &request, &n),
			    "types[7]: 最多 100 个字，现有 101 个");
	/* A file full of mistakes does not become a longer answer than anyone reads. */
	for (size_t i = 0; i < 50; i++)
		types[i] = longer;
	first_wrong(arena, &request, &n);
	assert_int_equal(n, 50);
	arena_free(arena);
}

static void
no_memory_is_said(void **state)
{
	ListFigureRowsRequest request = LIST_FIGURE_ROWS_REQUEST__INIT;

	(void)state;
	for (size_t budget = 0; budget < 2048; budget += 8) {
		struct arena *arena = arena_new(budget);
		struct svc_failure failure = {0};
		enum rpc_code code =
		    fields_check(fields, schema_message_of(schema, request.base.descriptor),
				 &request.base, (struct date){0}, arena, &failure);

		assert_true(code == RPC_INVALID_ARGUMENT || code == RPC_RESOURCE_EXHAUSTED);
		arena_free(arena);
	}
}

/* What callers are told whose JSON is not the message: where, and what would be right there. */
static void
misread_json_is_explained(void **state)
{
	static const struct {
		const ProtobufCMessageDescriptor *type;
		const char *json, *reason, *text; /* its beginning */
	} table[] = {
	    {&list_figures_request__descriptor, "{\"yaer\":2024}", "BAD_FIELDS",
	     "yaer：没有这个字段，可以填写的有 from、to、ids、year（there is no such field at "},
	    {&list_figures_request__descriptor, "{\"from\":{\"moon\":1}}", "BAD_FIELDS",
	     "from.moon：没有这个字段，可以填写的有 year、month、day（"},
	    {&list_figures_request__descriptor, "{\"from\":\"2024-12-02\"}", "BAD_FIELDS",
	     "from：应为日期，如 {\"year\":2024,\"month\":12,\"day\":2}（expected '{' at "},
	    {&list_figures_request__descriptor, "{\"ids\":\"a\"}", "BAD_FIELDS",
	     "ids：应为方括号中的一列值（"},
	    {&list_figures_request__descriptor, "{\"ids\":[\"a\",7]}", "BAD_FIELDS",
	     "ids[1]：应为引号中的文字（UTF-8）（"},
	    {&list_figures_request__descriptor, "{\"year\":\"甲\"}", "BAD_FIELDS",
	     "year：应为整数（expected a number at "},
	    {&list_audit_rows_request__descriptor, "{\"refusedOnly\":1}", "BAD_FIELDS",
	     "refused_only：应为 true 或 false（"},
	    {&list_audit_rows_response__descriptor, "{\"rows\":[{\"recordedAt\":1}]}", "BAD_FIELDS",
	     "rows[0].recorded_at：应为时间，如 \"2024-12-02T08:30:00Z\"（"},
	    {&list_indicators_response__descriptor, "{\"indicators\":[{\"basis\":\"GOLD\"}]}",
	     "BAD_FIELDS",
	     "indicators[0].basis：应为以下之一：BASIS_UNSPECIFIED、STOCK、FLOW、MONEY、RATE（"},
	    {&list_figures_request__descriptor, "year=2024", "UNREADABLE",
	     "请求内容不是 minzheng.svc.v1.ListFiguresRequest：expected '{' at "},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct arena *arena = arena_new(1 << 20);
		const struct schema_message *type = schema_message_of(schema, table[i].type);
		struct svc_failure failure = {0};
		struct proto_fault fault;
		ProtobufCMessage *message;

		assert_int_not_equal(json_read(schema, type, table[i].json, strlen(table[i].json),
					       NULL, arena, &message, &fault),
				     PROTO_OK);
		misread_explain(type, &fault, arena, &failure);
		assert_int_equal(failure.code, RPC_INVALID_ARGUMENT);
		assert_string_equal(failure.reason, table[i].reason);
		if (strncmp(failure.text, table[i].text, strlen(table[i].text)) != 0)
			fail_msg("%s: %s", table[i].json, failure.text);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_right_request_passes),
	    cmocka_unit_test(every_wrong_field_is_named),
	    cmocka_unit_test(what_is_required_must_be_there),
	    cmocka_unit_test(days_must_exist),
	    cmocka_unit_test(lists_and_texts_are_bounded),
	    cmocka_unit_test(no_memory_is_said),
	    cmocka_unit_test(misread_json_is_explained),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
