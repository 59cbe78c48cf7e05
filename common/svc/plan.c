/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "svc/context.pb-c.h"
#include "svc/decide.h"

/* What is being planned. */
struct planner {
	struct arena *arena;
	const struct plan_input *input;
	struct plans *plans;
	struct plan *plan;
	const ProtobufCMessageDescriptor *facts, *effects; /* svc_nothing without a decision */
	bool *used;                                        /* a flag a block */
};

static void __attribute__((format(printf, 3, 4)))
report(struct planner *p, int line, const char *format, ...)
{
	va_list args;
	char *what, *text;

	va_start(args, format);
	what = arena_vprintf(p->arena, format, args);
	va_end(args);
	text = line > 0 ? arena_printf(p->arena, "%s:%d: %s", p->input->queries->file, line, what)
			: what;
	p->input->report(p->input->data, text ? text : "out of memory");
}

static const ProtobufCFieldDescriptor *
field_of(const ProtobufCMessageDescriptor *type, const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

static const ProtobufCFieldDescriptor *
text_field(const ProtobufCMessageDescriptor *type, const char *name)
{
	const ProtobufCFieldDescriptor *field = field_of(type, name);

	return field && field->type == PROTOBUF_C_TYPE_STRING &&
		       field->label != PROTOBUF_C_LABEL_REPEATED
		   ? field
		   : NULL;
}

/* -- statements ------------------------------------------------------------------------------ */

static int
line_at(const struct queries_block *block, size_t offset)
{
	int line = block->line + 1;

	for (const char *at = block->sql; *at && (size_t)(at - block->sql) < offset; at++)
		line += *at == '\n';
	return line;
}

/* The item of a page, to which `:after.…` refers: the response's first repeated message. */
static const ProtobufCFieldDescriptor *
items_field(const ProtobufCMessageDescriptor *response)
{
	for (unsigned i = 0; i < response->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &response->fields[i];

		if (field->label == PROTOBUF_C_LABEL_REPEATED &&
		    field->type == PROTOBUF_C_TYPE_MESSAGE)
			return field;
	}
	return NULL;
}

static void
set_sources(const struct planner *p, struct plan_statement *s)
{
	const struct schema_method *method = p->plan->method;
	const ProtobufCFieldDescriptor *items = items_field(method->response->c);
	bool after = s->block->step != QUERIES_LOAD; /* the decision */
	const struct db_source sources[PLAN_N_SOURCES] = {
	    [PLAN_EFFECTS] = {NULL, after ? p->effects : &svc_nothing__descriptor},
	    [PLAN_REQUEST] = {NULL, method->request->c},
	    [PLAN_CLOCK] = {NULL, &svc_clock__descriptor},
	    [PLAN_CALLER] = {"caller", &svc_caller__descriptor},
	    [PLAN_PAGE] = {"page", &svc_page__descriptor},
	    [PLAN_AFTER] = {"after", items ? items->descriptor : &svc_nothing__descriptor},
	};

	memcpy(s->sources, sources, sizeof(sources));
}

/* What the rows fill: target is Facts or the response; NULL for a store. */
static bool
set_rows(struct planner *p, struct plan_statement *s, const ProtobufCMessageDescriptor *target,
	 struct db_stmt_def *def)
{
	if (!target)
		return true;
	def->row = target;
	if (!s->block->field)
		return true;
	s->field = field_of(target, s->block->field);
	if (!s->field) {
		report(p, s->block->line, "%s has no field `%s`", target->name, s->block->field);
		return false;
	}
	def->row = NULL;
	if (s->field->type == PROTOBUF_C_TYPE_MESSAGE)
		def->row = s->field->descriptor;
	else
		def->value = s->field;
	return true;
}

static void
add_statement(struct planner *p, struct plan_statement *s, const ProtobufCMessageDescriptor *target)
{
	struct db_fault fault = {0};
	struct db_stmt_def def = {
	    .label =
		arena_printf(p->arena, "%s %s", s->block->rpc, queries_step_name(s->block->step)),
	    .sql = s->block->sql,
	    .sources = s->sources,
	    .n_sources = PLAN_N_SOURCES,
	    .expect = s->block->expect,
	};

	set_sources(p, s);
	if (!set_rows(p, s, target, &def))
		return;
	s->stmt = db_stmts_add(p->plans->stmts, &def, &fault);
	if (!s->stmt)
		report(p, line_at(s->block, fault.offset), "%s", fault.text);
}

/* All blocks of one step, in order. */
static int
add_step(struct planner *p, enum queries_step step, const ProtobufCMessageDescriptor *target,
	 struct plan_statement **ret_statements, size_t *ret_count)
{
	const struct queries *queries = p->input->queries;
	const struct queries_block *block = NULL;
	struct plan_statement *list;
	size_t n = 0;

	while ((block = queries_next(queries, p->plan->method->name, step, block)))
		n++;
	list = ARENA_ARRAY(p->arena, struct plan_statement, n);
	if (!list)
		return -ENOMEM;
	n = 0;
	while ((block = queries_next(queries, p->plan->method->name, step, block))) {
		p->used[block - queries->blocks] = true;
		list[n].block = block;
		add_statement(p, &list[n++], target);
	}
	*ret_statements = list;
	*ret_count = n;
	return 0;
}

/* -- events ---------------------------------------------------------------------------------- */

/* `award_id` of an AwardChanged: what the message is about stands first in it. */
static const ProtobufCFieldDescriptor *
first_text_field(const ProtobufCMessageDescriptor *type)
{
	if (type->n_fields == 0 || type->fields[0].type != PROTOBUF_C_TYPE_STRING ||
	    type->fields[0].label == PROTOBUF_C_LABEL_REPEATED)
		return NULL;
	return &type->fields[0];
}

static void
resolve_event(struct planner *p, const struct queries_block *block, struct plan_event *event)
{
	const char *name = block->field ? block->field : "event";

	event->type = block->event;
	event->field = field_of(p->effects, name);
	if (!event->field || event->field->type != PROTOBUF_C_TYPE_MESSAGE) {
		report(p, block->line, "%s has no message field `%s`", p->effects->name, name);
		return;
	}
	event->subject = text_field(event->field->descriptor, "person_id");
	if (!event->subject)
		event->subject = text_field(event->field->descriptor, "id");
	if (!event->subject)
		event->subject = first_text_field(event->field->descriptor);
	if (!event->subject)
		report(p, block->line,
		       "an event needs a subject: %s has neither person_id nor id, "
		       "nor is its first field a text",
		       ((const ProtobufCMessageDescriptor *)event->field->descriptor)->name);
}

static int
add_events(struct planner *p)
{
	const struct queries *queries = p->input->queries;
	const struct queries_block *block = NULL;
	struct plan *plan = p->plan;

	plan->events = ARENA_ARRAY(p->arena, struct plan_event, queries->n_blocks);
	if (!plan->events)
		return -ENOMEM;
	while ((block = queries_next(queries, plan->method->name, QUERIES_EVENT, block))) {
		p->used[block - queries->blocks] = true;
		resolve_event(p, block, &plan->events[plan->n_events++]);
	}
	return 0;
}

/* -- asking others --------------------------------------------------------------------------- */

/* "IndicatorService/ListFigures" among everything this program has descriptors of. */
static const struct schema_method *
asked_method(const struct planner *p, const char *name)
{
	const struct schema_service *service;

	for (size_t i = 0; (service = schema_service_at(p->input->schema, i)); i++) {
		const char *point = strrchr(service->name, '.');
		const char *bare = point ? point + 1 : service->name;
		size_t length = strlen(bare);

		if (strncmp(name, bare, length) != 0 || name[length] != '/')
			continue;
		for (size_t j = 0; j < service->n_methods; j++)
			if (strcmp(service->methods[j].name, name + length + 1) == 0)
				return &service->methods[j];
	}
	return NULL;
}

static void
resolve_ask(struct planner *p, const struct queries_block *block, struct plan_ask *ask)
{
	const struct schema_method *method = asked_method(p, block->asked);

	ask->field = block->field ? field_of(p->facts, block->field) : NULL;
	if (!method || method->client_streaming || method->server_streaming) {
		report(p, block->line, "no unary method %s", block->asked);
		return;
	}
	if (!ask->field || ask->field->label != PROTOBUF_C_LABEL_REPEATED ||
	    ask->field->descriptor != method->response->c) {
		report(p, block->line, "%s needs a field that is a repeated %s", p->facts->name,
		       method->response->c->name);
		return;
	}
	ask->method.path = method->path;
	ask->method.request = method->request->c;
	ask->method.response = method->response->c;
	ask->method.no_side_effects = method->no_side_effects;
}

static int
add_asks(struct planner *p)
{
	const struct queries *queries = p->input->queries;
	const struct queries_block *block = NULL;
	struct plan *plan = p->plan;

	plan->asks = ARENA_ARRAY(p->arena, struct plan_ask, queries->n_blocks);
	if (!plan->asks)
		return -ENOMEM;
	while ((block = queries_next(queries, plan->method->name, QUERIES_ASK, block))) {
		p->used[block - queries->blocks] = true;
		resolve_ask(p, block, &plan->asks[plan->n_asks++]);
	}
	return 0;
}

/* -- the reply of a command ------------------------------------------------------------------ */

static bool
same_type(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b)
{
	bool lists = a->label == PROTOBUF_C_LABEL_REPEATED;

	return a->type == b->type && a->descriptor == b->descriptor &&
	       lists == (b->label == PROTOBUF_C_LABEL_REPEATED);
}

static bool
copy_from(const ProtobufCMessageDescriptor *type, enum plan_source source, struct plan_copy *copy)
{
	const ProtobufCFieldDescriptor *from = field_of(type, copy->to->name);

	if (!from || !same_type(from, copy->to))
		return false;
	copy->from = from;
	copy->source = source;
	return true;
}

static int
plan_reply(struct planner *p)
{
	struct plan *plan = p->plan;
	const ProtobufCMessageDescriptor *response = plan->method->response->c;

	plan->reply = field_of(p->effects, "reply");
	if (plan->reply && plan->reply->descriptor == response)
		return 0;
	plan->reply = NULL;
	plan->copies = ARENA_ARRAY(p->arena, struct plan_copy, response->n_fields);
	if (!plan->copies)
		return -ENOMEM;
	for (unsigned i = 0; i < response->n_fields; i++) {
		struct plan_copy *copy = &plan->copies[plan->n_copies];

		copy->to = &response->fields[i];
		if (copy_from(p->effects, PLAN_EFFECTS, copy) ||
		    copy_from(plan->method->request->c, PLAN_REQUEST, copy))
			plan->n_copies++;
		else
			report(p, 0, "%s: nothing fills `%s` of the reply %s", plan->label,
			       copy->to->name, response->name);
	}
	return 0;
}

/* -- paging ---------------------------------------------------------------------------------- */

static int
plan_paging(struct planner *p)
{
	struct plan *plan = p->plan;
	struct plan_page *page = &plan->page;
	const struct db_stmt *stmt = plan->n_replies > 0 ? plan->replies[0].stmt : NULL;
	const ProtobufCFieldDescriptor **keys;

	page->token = text_field(plan->method->request->c, "page_token");
	if (!page->token || !stmt)
		return 0;
	page->next_token = text_field(plan->method->response->c, "next_page_token");
	page->items = items_field(plan->method->response->c);
	page->size = field_of(plan->method->request->c, "page_size");
	keys = ARENA_ARRAY(p->arena, const ProtobufCFieldDescriptor *, stmt->n_params);
	if (!keys)
		return -ENOMEM;
	for (unsigned i = 0; i < stmt->n_params; i++)
		if (stmt->params[i].source == PLAN_AFTER)
			keys[page->n_keys++] = stmt->params[i].path.field[0];
	page->keys = keys;
	if (!page->items || !page->next_token || !page->size ||
	    page->size->type != PROTOBUF_C_TYPE_INT32)
		report(p, plan->replies[0].block->line,
		       "a paged request has `int32 page_size`, its answer a repeated message and "
		       "`string next_page_token`");
	else if (plan->replies[0].field != page->items)
		report(p, plan->replies[0].block->line, "the first reply of a List fills `%s`",
		       page->items->name);
	if (page->n_keys == 0)
		report(p, plan->replies[0].block->line,
		       "a paged answer orders by columns named in `:after.COLUMN`");
	return 0;
}

/* -- methods --------------------------------------------------------------------------------- */

static enum plan_kind
kind_of(struct planner *p)
{
	const struct plan *plan = p->plan;
	const char *name = plan->method->name;

	if (p->input->is_native && p->input->is_native(plan->method))
		return PLAN_NATIVE;
	if (plan->method->client_streaming)
		return PLAN_IMPORT;
	if (plan->method->server_streaming)
		return PLAN_EXPORT;
	if (queries_next(p->input->queries, name, QUERIES_REPLY, NULL))
		return PLAN_READ;
	if (plan->decision && plan->method->no_side_effects)
		return PLAN_DERIVE;
	if (plan->decision || queries_next(p->input->queries, name, QUERIES_STORE, NULL))
		return PLAN_COMMAND;
	return PLAN_READ;
}

/* -- what a kind must and must not have ------------------------------------------------------- */

static bool
changes(const struct plan *plan)
{
	return plan->kind == PLAN_COMMAND || plan->kind == PLAN_IMPORT;
}

static bool
streams_both_ways(const struct plan *plan)
{
	return plan->method->client_streaming && plan->method->server_streaming;
}

static bool
does_nothing(const struct plan *plan)
{
	if (changes(plan))
		return !plan->decision && plan->n_stores == 0;
	return plan->kind != PLAN_DERIVE && plan->n_replies == 0;
}

static bool
streams_other_than_rows(const struct plan *plan)
{
	return plan->kind == PLAN_EXPORT && plan->n_replies > 0 &&
	       (plan->n_replies > 1 || plan->replies[0].field);
}

static bool
loads_before_a_read(const struct plan *plan)
{
	return plan->kind == PLAN_READ && plan->decision && plan->n_loads > 0;
}

static bool
stores_in_a_read(const struct plan *plan)
{
	return !changes(plan) && plan->n_stores + plan->n_events > 0;
}

static bool
loads_for_nobody(const struct plan *plan)
{
	return !plan->decision && plan->n_loads > 0;
}

static bool
asks_outside_of_a_read(const struct plan *plan)
{
	return plan->kind != PLAN_DERIVE && plan->n_asks > 0;
}

static bool
makes_events_of_nothing(const struct plan *plan)
{
	return !plan->decision && plan->n_events > 0;
}

static const struct {
	bool (*holds)(const struct plan *plan);
	const char *text;
} contradictions[] = {
    {streams_both_ways, "streams in both directions, which blocks cannot run"},
    {does_nothing, "has neither SQL nor a decision"},
    {streams_other_than_rows, "streams from the server: one reply block without a field"},
    {loads_before_a_read, "is a read; its decision is on the request, before anything is loaded"},
    {stores_in_a_read, "says that it has no side effects, or is a read, and stores something"},
    {loads_for_nobody, "loads what nothing decides on"},
    {asks_outside_of_a_read, "asks others, which only a read that decides may"},
    {makes_events_of_nothing, "has an event, which is built from Effects, but no decision"},
};

static void
judge_steps(struct planner *p)
{
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(*contradictions); i++)
		if (contradictions[i].holds(p->plan))
			report(p, 0, "%s %s", p->plan->label, contradictions[i].text);
}

static int
plan_method(struct planner *p)
{
	struct plan *plan = p->plan;
	const ProtobufCMessageDescriptor *response = plan->method->response->c;
	int r;

	plan->decision = svc_decision_find(p->input->decisions, plan->method->name);
	plan->rule = plan->method->rule;
	plan->kind = kind_of(p);
	plan->request_id = text_field(plan->method->request->c, "request_id");
	p->facts = plan->decision ? plan->decision->facts : &svc_nothing__descriptor;
	p->effects = plan->decision ? plan->decision->effects : &svc_nothing__descriptor;
	if (!plan->rule)
		report(p, 0, "%s declares no (minzheng.options.v1.method)", plan->label);
	if (plan->kind == PLAN_NATIVE)
		return 0;
	if ((r = add_step(p, QUERIES_LOAD, p->facts, &plan->loads, &plan->n_loads)) < 0 ||
	    (r = add_step(p, QUERIES_STORE, NULL, &plan->stores, &plan->n_stores)) < 0 ||
	    (r = add_step(p, QUERIES_REPLY, response, &plan->replies, &plan->n_replies)) < 0 ||
	    (r = add_events(p)) < 0 || (r = add_asks(p)) < 0)
		return r;
	judge_steps(p);
	if (plan->kind == PLAN_READ)
		return plan_paging(p);
	return plan->kind == PLAN_EXPORT ? 0 : plan_reply(p);
}

static size_t
count_methods(const struct plan_input *input)
{
	size_t n = 0;

	for (size_t i = 0; i < input->n_contracts; i++)
		n += input->contracts[i]->n_methods;
	return n;
}

static bool
is_planned(const struct plans *plans, const char *name)
{
	for (size_t i = 0; i < plans->n_all; i++)
		if (strcmp(plans->all[i].method->name, name) == 0)
			return true;
	return false;
}

/* Blocks and decisions that no rpc uses. */
static void
report_unused(struct planner *p)
{
	const struct queries *queries = p->input->queries;
	const struct svc_decision *d;

	for (size_t i = 0; i < queries->n_blocks; i++)
		if (!p->used[i])
			report(p, queries->blocks[i].line, "no rpc %s uses this block",
			       queries->blocks[i].rpc);
	for (d = p->input->decisions; d->name; d++) {
		bool found = false;

		for (size_t i = 0; i < p->plans->n_all; i++)
			found |= p->plans->all[i].decision == d;
		if (!found)
			report(p, 0, "methods.c: no rpc is decided by %s", d->name);
	}
}

static int
plan_contract(struct planner *p, const struct schema_service *contract)
{
	const char *point = strrchr(contract->name, '.');
	int r;

	for (size_t i = 0; i < contract->n_methods; i++) {
		const struct schema_method *method = &contract->methods[i];

		if (is_planned(p->plans, method->name))
			report(p, 0, "%s: another rpc has this name", method->path);
		p->plan = &p->plans->all[p->plans->n_all];
		p->plan->method = method;
		p->plan->label = arena_printf(p->arena, "%s/%s", point ? point + 1 : contract->name,
					      method->name);
		if (!p->plan->label)
			return -ENOMEM;
		if ((r = plan_method(p)) < 0)
			return r;
		p->plans->n_all++;
	}
	return 0;
}

int
plans_make(struct arena *arena, const struct plan_input *input, struct plans *ret_plans)
{
	struct planner p = {.arena = arena, .input = input, .plans = ret_plans};
	int r;

	ret_plans->n_all = 0;
	ret_plans->all = ARENA_ARRAY(arena, struct plan, count_methods(input));
	p.used = ARENA_ARRAY(arena, bool, input->queries->n_blocks);
	if (!ret_plans->all || !p.used)
		return -ENOMEM;
	for (size_t i = 0; i < input->n_contracts; i++)
		if ((r = plan_contract(&p, input->contracts[i])) < 0)
			return r;
	report_unused(&p);
	return 0;
}

const struct plan *
plans_find(const struct plans *plans, const char *path)
{
	for (size_t i = 0; i < plans->n_all; i++)
		if (strcmp(plans->all[i].method->path, path) == 0)
			return &plans->all[i];
	return NULL;
}
