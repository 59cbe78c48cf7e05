/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/indicator.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "svc/context.pb-c.h"
#include "svc/copy.h"

enum { MAX_PROSE = 4096, MAX_WORDS = 10, MAX_SQL = 16384 };

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
	      const char *sql, const ProtobufCMessageDescriptor *row)
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
	    .sql = sql,
	    .sources = statement->sources,
	    .n_sources = PLAN_N_SOURCES,
	    .row = row,
	};
	struct db_fault fault = {0};

	memcpy(statement->sources, sources, sizeof(sources));
	statement->stmt = sql ? db_stmts_add(r->stmts, &def, &fault) : NULL;
	if (!statement->stmt)
		report(r, section->sql_line, "%s", sql ? fault.text : "out of memory");
}

/* The sum of the rows' values, or the greatest, as SQL. */
static const char *
value_sql(struct reader *r, const struct indicator *indicator)
{
	return arena_printf(r->arena, "(SELECT coalesce(%s(value), 0)::int8 FROM (%s\n) AS r)",
			    indicator->aggregate, indicator->rows_sql);
}

/* sql for the year before: `:from` and `:to` replaced by its first and last day. */
static const char *
shift_sql(struct reader *r, const char *sql)
{
	static const struct {
		const char *name, *before;
	} days[] = {
	    {":from", "(:from::date - interval '1 year')::date"},
	    {":to", "(:from::date - 1)"},
	};
	struct buf out;

	buf_init(&out, r->arena, MAX_SQL);
	for (const char *at = sql; at && *at;) {
		size_t skip = 1;

		for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
			size_t length = strlen(days[i].name);

			if (strncmp(at, days[i].name, length) == 0 &&
			    !isalnum((unsigned char)at[length]) && at[length] != '_') {
				buf_puts(&out, days[i].before);
				skip = length;
			}
		}
		if (skip == 1)
			buf_putc(&out, *at);
		at += skip;
	}
	return buf_text(&out);
}

/* -- how a figure comes from its rows -------------------------------------------------------- */

/* `of A by B` */
static void
divide(struct reader *r, struct indicator *indicator, const struct indicator *a,
       const struct indicator *b)
{
	indicator->rows_sql = a->rows_sql;
	indicator->numerator = value_sql(r, a);
	indicator->denominator = value_sql(r, b);
}

/* `growth A` */
static void
grow(struct reader *r, struct indicator *indicator, const struct indicator *a,
     const struct indicator *b)
{
	const char *now = value_sql(r, a);

	(void)b;
	indicator->rows_sql = a->rows_sql;
	indicator->denominator = shift_sql(r, now);
	indicator->numerator = arena_printf(r->arena, "%s - %s", now, indicator->denominator);
}

/* `before A` */
static void
look_back(struct reader *r, struct indicator *indicator, const struct indicator *a,
	  const struct indicator *b)
{
	(void)b;
	indicator->aggregate = a->aggregate;
	indicator->rows_sql = shift_sql(r, a->rows_sql);
	if (a->denominator) {
		indicator->numerator = shift_sql(r, a->numerator);
		indicator->denominator = shift_sql(r, a->denominator);
	}
}

static const struct {
	const char *word;
	size_t n_words; /* of a head with it */
	void (*derive)(struct reader *r, struct indicator *indicator, const struct indicator *a,
		       const struct indicator *b);
} hows[] = {
    {"of", 10, divide},
    {"growth", 8, grow},
    {"before", 8, look_back},
};

/* What follows the basis: an aggregate, or other indicators. False: neither. */
static bool
derive(struct reader *r, const struct section *section, struct indicator *indicator)
{
	char *const *words = section->words;

	indicator->aggregate = "sum";
	indicator->rows_sql = section->sql;
	if (section->n_words == 7 && strcmp(words[6], "max") == 0)
		indicator->aggregate = "max";
	if (section->n_words == 6 || strcmp(indicator->aggregate, "max") == 0)
		return *section->sql != '\0';
	for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++)
		if (section->n_words == hows[i].n_words && strcmp(words[6], hows[i].word) == 0) {
			const struct indicator *a = indicators_find(r->out, words[7]);
			const struct indicator *b =
			    section->n_words == 10 ? indicators_find(r->out, words[9]) : a;

			if (!a || !b || *section->sql)
				return false;
			hows[i].derive(r, indicator, a, b);
			return true;
		}
	return false;
}

static const char *
figure_sql(struct reader *r, const struct indicator *indicator)
{
	if (indicator->denominator)
		return arena_printf(r->arena, "SELECT %s AS numerator, %s AS denominator",
				    indicator->numerator, indicator->denominator);
	return arena_printf(r->arena,
			    "SELECT coalesce(%s(value), 0)::int8 AS value, count(*) AS records "
			    "FROM (%s\n) AS r",
			    indicator->aggregate, indicator->rows_sql);
}

/* -- the two kinds of sections --------------------------------------------------------------- */

static void
read_indicator(struct reader *r, const struct section *section)
{
	struct indicator *indicator = &r->out->all[r->out->n_all];
	const ProtobufCEnumValue *basis;

	if (section->n_words < 6 || strcmp(section->words[2], "unit") != 0 ||
	    strcmp(section->words[4], "basis") != 0) {
		report(r, section->line, "a head is `-- indicator ID unit UNIT basis BASIS …`");
		return;
	}
	basis = protobuf_c_enum_descriptor_get_value_by_name(&indicator__basis__descriptor,
							     section->words[5]);
	if (!basis || indicators_find(r->out, section->words[1])) {
		report(r, section->line, "%s: unknown basis, or an id that is there twice",
		       section->words[1]);
		return;
	}
	if (!derive(r, section, indicator)) {
		report(r, section->line, "%s has neither rows of its own nor those of others",
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
	add_statement(r, section, &indicator->rows, indicator->rows_sql, &figure_row__descriptor);
	if (indicator->rows.stmt)
		add_statement(r, section, &indicator->figure, figure_sql(r, indicator),
			      &figure__descriptor);
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
	return 0;
}
