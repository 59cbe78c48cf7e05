/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/indicator.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "svc/context.pb-c.h"
#include "svc/copy.h"

enum { MAX_PROSE = 4096, MAX_WORDS = 8 };

struct reader {
	struct arena *arena;
	const char *file;
	struct db_stmts *stmts;
	plan_report_fn *report;
	void *data;
	struct indicators *out;
	int line;
};

/* One head with what stands below it. */
struct section {
	char *words[MAX_WORDS]; /* of the head, without "--" */
	size_t n_words;
	const char *prose, *note; /* comment lines below the head */
	const char *sql;          /* "" when there is none */
	int line;                 /* of the head */
	int sql_line;
};

static void __attribute__((format(printf, 3, 4)))
report(struct reader *r, int line, const char *format, ...)
{
	va_list args;
	char *what, *text;

	va_start(args, format);
	what = arena_vprintf(r->arena, format, args);
	va_end(args);
	text = arena_printf(r->arena, "%s:%d: %s", r->file, line, what ? what : "");
	r->report(r->data, text ? text : "out of memory");
}

const struct indicator *
indicators_find(const struct indicators *indicators, const char *id)
{
	for (size_t i = 0; i < indicators->n_all; i++)
		if (strcmp(indicators->all[i].about.id, id) == 0)
			return &indicators->all[i];
	return NULL;
}

/* -- statements ------------------------------------------------------------------------------ */

static void
add_statement(struct reader *r, const struct section *section, struct plan_statement *statement,
	      const ProtobufCMessageDescriptor *row)
{
	const struct db_source sources[PLAN_N_SOURCES] = {
	    [PLAN_EFFECTS] = {NULL, &svc_nothing__descriptor},
	    [PLAN_REQUEST] = {NULL, &svc_period__descriptor},
	    [PLAN_CLOCK] = {NULL, &svc_clock__descriptor},
	    [PLAN_CALLER] = {"caller", &svc_caller__descriptor},
	    [PLAN_PAGE] = {"page", &svc_nothing__descriptor},
	    [PLAN_AFTER] = {"after", &svc_nothing__descriptor},
	};
	const struct db_stmt_def def = {
	    .label = arena_printf(r->arena, "%s %s", section->words[0], section->words[1]),
	    .sql = section->sql,
	    .sources = statement->sources,
	    .n_sources = PLAN_N_SOURCES,
	    .row = row,
	};
	struct db_fault fault = {0};

	memcpy(statement->sources, sources, sizeof(sources));
	statement->stmt = db_stmts_add(r->stmts, &def, &fault);
	if (!statement->stmt)
		report(r, section->sql_line, "%s", fault.text);
}

/* -- the three kinds of sections ------------------------------------------------------------- */

static void
read_indicator(struct reader *r, const struct section *section)
{
	struct indicator *indicator = &r->out->all[r->out->n_all];
	const ProtobufCEnumValue *basis;

	if (section->n_words != 6 || strcmp(section->words[2], "unit") != 0 ||
	    strcmp(section->words[4], "basis") != 0) {
		report(r, section->line, "a head is `-- indicator ID unit UNIT basis BASIS`");
		return;
	}
	basis = protobuf_c_enum_descriptor_get_value_by_name(&indicator__basis__descriptor,
							     section->words[5]);
	if (!basis || indicators_find(r->out, section->words[1])) {
		report(r, section->line, "%s: unknown basis, or an id that is there twice",
		       section->words[1]);
		return;
	}
	indicator__init(&indicator->about);
	indicator->about.id = section->words[1];
	indicator->about.unit = section->words[3];
	indicator->about.basis = (Indicator__Basis)basis->value;
	indicator->about.definition = lend(section->prose);
	indicator->about.note = lend(section->note);
	if (!*section->prose)
		report(r, section->line, "%s has no definition", section->words[1]);
	r->out->n_all++;
	add_statement(r, section, &indicator->figure, &figure__descriptor);
}

static void
read_rows(struct reader *r, const struct section *section)
{
	for (size_t i = 0; i < r->out->n_all; i++)
		if (strcmp(r->out->all[i].about.id, section->words[1]) == 0) {
			add_statement(r, section, &r->out->all[i].rows, &figure_row__descriptor);
			return;
		}
	report(r, section->line, "no indicator %s stands before its rows", section->words[1]);
}

static void
read_sentence(struct reader *r, const struct section *section)
{
	Sentence *sentence = &r->out->sentences[r->out->n_sentences++];

	sentence__init(sentence);
	sentence->id = section->words[1];
	sentence->template_ = lend(section->prose);
	if (*section->sql)
		report(r, section->line, "a sentence has no SQL");
}

static const struct {
	const char *head;
	void (*read)(struct reader *r, const struct section *section);
} kinds[] = {
    {"indicator", read_indicator},
    {"rows", read_rows},
    {"sentence", read_sentence},
};
enum { N_KINDS = sizeof(kinds) / sizeof(*kinds) };

/* -- lines ----------------------------------------------------------------------------------- */

static bool
is_head(const char *line)
{
	for (size_t i = 0; i < N_KINDS; i++) {
		size_t length = strlen(kinds[i].head);

		if (strncmp(line, "-- ", 3) == 0 && strncmp(line + 3, kinds[i].head, length) == 0 &&
		    line[3 + length] == ' ')
			return true;
	}
	return false;
}

static const char *
next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

static void
split_head(struct reader *r, const char *line, struct section *section)
{
	char *rest = arena_strndup(r->arena, line + 3, strcspn(line, "\n") - 3);
	char *word;

	while (rest && (word = strsep(&rest, " \t")) && section->n_words < MAX_WORDS)
		if (*word)
			section->words[section->n_words++] = word;
}

/* Comment lines below a head: a `note` and the prose, lines joined as Chinese is, without blanks.
 */
static const char *
read_prose(struct reader *r, const char *line, struct section *section)
{
	struct buf prose;

	buf_init(&prose, r->arena, MAX_PROSE);
	for (; strncmp(line, "--", 2) == 0 && !is_head(line); line = next_line(line), r->line++) {
		size_t length = strcspn(line, "\n");

		if (strncmp(line, "-- note ", 8) == 0)
			section->note = arena_strndup(r->arena, line + 8, length - 8);
		else if (length > 3)
			buf_put(&prose, line + 3, length - 3);
	}
	section->prose = buf_text(&prose);
	return line;
}

static const char *
read_sql(struct reader *r, const char *line, struct section *section)
{
	const char *begin = line;
	size_t length;

	section->sql_line = r->line;
	for (; *line && !is_head(line); line = next_line(line))
		r->line++;
	length = (size_t)(line - begin);
	while (length > 0 && strchr(" \t\n;", begin[length - 1]))
		length--;
	section->sql = arena_strndup(r->arena, begin, length);
	return line;
}

/* Reads the section whose head is at line; the next head, or the end. */
static const char *
read_section(struct reader *r, const char *line)
{
	struct section section = {.note = "", .line = r->line};

	split_head(r, line, &section);
	r->line++;
	line = read_sql(r, read_prose(r, next_line(line), &section), &section);
	if (section.n_words < 2 || !section.prose || !section.sql || !section.note) {
		report(r, section.line, "a head needs an id, and its prose is at most %d bytes",
		       MAX_PROSE);
		return line;
	}
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(section.words[0], kinds[i].head) == 0)
			kinds[i].read(r, &section);
	return line;
}

static size_t
count_heads(const char *text)
{
	size_t n = 0;

	for (; *text; text = next_line(text))
		n += is_head(text);
	return n;
}

int
indicators_make(struct arena *arena, const char *file, const char *text, struct db_stmts *stmts,
		plan_report_fn *report_fn, void *data, struct indicators *ret_indicators)
{
	struct reader r = {arena, file, stmts, report_fn, data, ret_indicators, 1};
	size_t n = count_heads(text);

	*ret_indicators = (struct indicators){
	    .all = ARENA_ARRAY(arena, struct indicator, n),
	    .sentences = ARENA_ARRAY(arena, Sentence, n),
	};
	if (!ret_indicators->all || !ret_indicators->sentences)
		return -ENOMEM;
	for (; *text && !is_head(text); text = next_line(text))
		r.line++;
	while (*text)
		text = read_section(&r, text);
	for (size_t i = 0; i < ret_indicators->n_all; i++)
		if (!ret_indicators->all[i].rows.stmt)
			report(&r, r.line, "%s has no rows: nobody could see what it counts",
			       ret_indicators->all[i].about.id);
	return 0;
}
