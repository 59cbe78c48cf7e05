/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and indicators: what is joined, and every contradiction that is named (common/svc/plan.h,
 * indicator.h). */
#include "svc/plan.h"

#include <string.h>

#include "minzheng/svc/v1/admin.pb-c.h"
#include "minzheng/svc/v1/event.pb-c.h"
#include "svc/context.pb-c.h"
#include "svc/indicator.h"
#include "unit.h"

extern const unsigned char unit_descriptors[], unit_descriptors_end[];

struct fixture {
	struct arena *arena;
	struct schema *schema;
	struct plans plans;
	char reports[4096];
	size_t n_reports;
};

static void
note(void *data, const char *text)
{
	struct fixture *f = data;

	f->n_reports++;
	strncat(f->reports, text, sizeof(f->reports) - strlen(f->reports) - 2);
	strcat(f->reports, "\n");
}

static int
set_up(void **state)
{
	static struct fixture f;
	static const ProtobufCServiceDescriptor *const services[] = {&admin_service__descriptor,
								     &event_service__descriptor};
	static const ProtobufCMessageDescriptor *const messages[] = {&svc_job__descriptor};
	const struct schema_set set = {unit_descriptors,
				       (size_t)(unit_descriptors_end - unit_descriptors)};
	const struct schema_source source = {.sets = &set,
					     .n_sets = 1,
					     .services = services,
					     .n_services = 2,
					     .messages = messages,
					     .n_messages = 1};

	f = (struct fixture){.arena = arena_new(8 << 20)};
	f.plans.stmts = db_stmts_new();
	*state = &f;
	return f.arena && f.plans.stmts ? schema_new(&source, &f.schema) : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	db_stmts_free(f->plans.stmts);
	schema_free(f->schema);
	arena_free(f->arena);
	return 0;
}

/* Plans EventService with this queries.sql. */
static void
plan(struct fixture *f, const char *sql, const struct svc_decision *decisions)
{
	static const struct svc_decision none[] = {SVC_END};
	const struct schema_service *contracts[] = {
	    schema_service_by_name(f->schema, "minzheng.svc.v1.EventService")};
	struct queries queries;
	const char *error = NULL;
	const struct plan_input input = {
	    .schema = f->schema,
	    .contracts = contracts,
	    .n_contracts = 1,
	    .queries = &queries,
	    .decisions = decisions ? decisions : none,
	    .report = note,
	    .data = f,
	};

	f->reports[0] = '\0';
	f->n_reports = 0;
	if (queries_parse(f->arena, "q.sql", sql, &queries, &error) < 0)
		fail_msg("%s", error);
	assert_int_equal(plans_make(f->arena, &input, &f->plans), 0);
}

static void
expect_report(struct fixture *f, const char *text)
{
	if (!strstr(f->reports, text))
		fail_msg("`%s` is not in:\n%s", text, f->reports);
}

static void
a_read_is_planned(void **state)
{
	struct fixture *f = *state;
	const struct plan *p;

	plan(f, "-- rpc ListEvents reply events\nSELECT number FROM event WHERE number > :after",
	     NULL);
	assert_string_equal(f->reports, "");
	p = plans_find(&f->plans, "/minzheng.svc.v1.EventService/ListEvents");
	assert_non_null(p);
	assert_int_equal(p->kind, PLAN_READ);
	assert_string_equal(p->label, "EventService/ListEvents");
	assert_int_equal(p->n_replies, 1);
	assert_string_equal(p->replies[0].field->name, "events");
	assert_string_equal(p->replies[0].stmt->sql, "SELECT number FROM event WHERE number > $1");
	assert_null(plans_find(&f->plans, "/x/y"));
}

static enum rpc_code
list_events(struct svc_call *c)
{
	(void)c;
	return RPC_OK;
}

static void
contradictions_are_named(void **state)
{
	static const struct svc_decision stray[] = {
	    {"list_things", list_events, &svc_job__descriptor, &svc_job__descriptor}, SVC_END};
	static const struct svc_decision decided[] = {
	    {"list_events", list_events, &svc_job__descriptor, &svc_job__descriptor}, SVC_END};
	static const struct {
		const char *sql, *report;
		const struct svc_decision *decisions;
	} cases[] = {
	    {"", "EventService/ListEvents has neither SQL nor a decision", NULL},
	    {"-- rpc ListThings reply\nSELECT 1", "q.sql:1: no rpc ListThings uses this block",
	     NULL},
	    {"-- rpc ListEvents reply evnts\nSELECT 1", "has no field `evnts`", NULL},
	    {"-- rpc ListEvents reply events\nSELECT 1\n WHERE :aftr = 1", "q.sql:3: ", NULL},
	    {"-- rpc ListEvents load x\nSELECT 1\n-- rpc ListEvents reply events\nSELECT 1",
	     "loads what nothing decides on", NULL},
	    {"-- rpc ListEvents reply events\nSELECT 1\n-- rpc ListEvents event a.b\n",
	     "has an event, which is built from Effects", NULL},
	    {"-- rpc ListEvents reply events\nSELECT 1", "no rpc is decided by list_things", stray},
	    {"-- rpc ListEvents load name\nSELECT 'x'", "nothing fills `events` of the reply",
	     decided},
	    {"-- rpc ListEvents load nam\nSELECT 'x'", "has no field `nam`", decided},
	    {"-- rpc ListEvents store\nUPDATE x SET a = 1", "no side effects", decided},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		plan(f, cases[i].sql, cases[i].decisions);
		expect_report(f, cases[i].report);
	}
}

static void
indicators_are_read(void **state)
{
	struct fixture *f = *state;
	struct indicators indicators;
	const char *text = "-- comment of the file\n"
			   "-- indicator 1.a unit 户 basis STOCK\n"
			   "-- 第一行，\n"
			   "-- 第二行。\n"
			   "-- note I-4\n"
			   "SELECT id FROM a WHERE day <= :to::date;\n"
			   "-- indicator 1.b unit % basis RATE growth 1.a\n"
			   "-- 增幅。\n"
			   "-- indicator 1.c unit 户 basis STOCK before 1.a\n"
			   "-- 上年。\n"
			   "-- sentence 1.1\n"
			   "-- 共{1.a}户。\n";

	assert_int_equal(
	    indicators_make(f->arena, "i.sql", text, f->plans.stmts, note, f, &indicators), 0);
	assert_string_equal(f->reports, "");
	assert_int_equal(indicators.n_all, 3);
	assert_string_equal(indicators.all[0].about.definition, "第一行，第二行。");
	assert_string_equal(indicators.all[0].about.note, "I-4");
	assert_string_equal(indicators.all[0].about.unit, "户");
	assert_int_equal(indicators.all[0].about.basis, INDICATOR__BASIS__STOCK);
	assert_string_equal(indicators.all[0].rows.stmt->sql,
			    "SELECT id FROM a WHERE day <= $1::date");
	assert_string_equal(indicators.all[0].figure.stmt->sql,
			    "SELECT coalesce(sum(value), 0)::int8 AS value, count(*) AS records "
			    "FROM (SELECT id FROM a WHERE day <= $1::date\n) AS r");
	assert_string_equal(indicators.all[1].denominator,
			    "(SELECT coalesce(sum(value), 0)::int8 FROM (SELECT id FROM a "
			    "WHERE day <= (:from::date - 1)::date\n) AS r)");
	assert_string_equal(indicators.all[2].rows.stmt->sql,
			    "SELECT id FROM a WHERE day <= ($1::date - 1)::date");
	assert_int_equal(indicators.n_sentences, 1);
	assert_string_equal(indicators.sentences[0].template_, "共{1.a}户。");
	assert_ptr_equal(indicators_find(&indicators, "1.a"), &indicators.all[0]);
	assert_null(indicators_find(&indicators, "1"));
}

static void
mistakes_in_indicators_are_named(void **state)
{
	static const struct {
		const char *text, *report;
	} cases[] = {
	    {"-- indicator 1.a\n-- x\nSELECT 1", "i.sql:1: a head is"},
	    {"-- indicator 1.a unit 户 basis STOK\n-- x\nSELECT 1", "unknown basis"},
	    {"-- indicator 1.a unit 户 basis FLOW\nSELECT 1", "has no definition"},
	    {"-- indicator 1.a unit 户 basis FLOW\n-- x\n", "1.a has neither rows"},
	    {"-- indicator 1.a unit % basis RATE of 1.b by 1.c\n-- x\n", "nor those of others"},
	    {"-- sentence 1.1\n-- x\nSELECT 1", "a sentence has no SQL"},
	    {"-- indicator 1.a unit 户 basis FLOW\n-- x\n\nSELECT :nothing", "i.sql:3: "},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct indicators indicators;

		f->reports[0] = '\0';
		assert_int_equal(indicators_make(f->arena, "i.sql", cases[i].text, f->plans.stmts,
						 note, f, &indicators),
				 0);
		expect_report(f, cases[i].report);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_read_is_planned, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(contradictions_are_named, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(indicators_are_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(mistakes_in_indicators_are_named, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
