/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/queries.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define HEAD "-- rpc "

struct parser {
	struct arena *arena;
	const char *file;
	int line;
	const char *error;
};

static const char *const step_names[] = {
    [QUERIES_LOAD] = "load",   [QUERIES_STORE] = "store", [QUERIES_EVENT] = "event",
    [QUERIES_REPLY] = "reply", [QUERIES_ASK] = "ask",
};

const char *
queries_step_name(enum queries_step step)
{
	return step_names[step];
}

static int __attribute__((format(printf, 2, 3))) fail(struct parser *p, const char *format, ...)
{
	va_list args;
	const char *what;

	va_start(args, format);
	what = arena_vprintf(p->arena, format, args);
	va_end(args);
	p->error = arena_printf(p->arena, "%s:%d: %s", p->file, p->line, what ? what : "");
	return p->error ? -EINVAL : -ENOMEM;
}

/* The next word of a head, cut off in place; "" at its end. */
static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	char *end = word + strcspn(word, " \t");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool
is_identifier(const char *word)
{
	if (!isalpha((unsigned char)*word))
		return false;
	return word[strspn(word,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] ==
	       '\0';
}

/* relief.award.changed: at least two words with points between them. */
static bool
is_event_type(const char *word)
{
	return islower((unsigned char)*word) && strchr(word, '.') &&
	       word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_.")] == '\0' &&
	       !strstr(word, "..") && word[strlen(word) - 1] != '.';
}

static int
parse_field(struct parser *p, char **rest, const char **ret_field)
{
	char *word = next_word(rest);

	if (!*word)
		return 0;
	if (!is_identifier(word))
		return fail(p, "`%s` is not a field name", word);
	*ret_field = word;
	return 0;
}

static int
parse_expect(struct parser *p, char **rest, const char **ret_expect)
{
	char *word = next_word(rest);

	if (!*word)
		return 0;
	if (strcmp(word, "expect") != 0)
		return fail(p, "`%s`: after `store` only `expect N` may stand", word);
	*rest += strspn(*rest, " \t");
	if (!**rest)
		return fail(p, "`expect` needs a number of rows");
	*ret_expect = *rest;
	*rest += strlen(*rest);
	return 0;
}

static int
parse_arguments(struct parser *p, char **rest, struct queries_block *block)
{
	switch (block->step) {
	case QUERIES_STORE:
		return parse_expect(p, rest, &block->expect);
	case QUERIES_EVENT:
		block->event = next_word(rest);
		if (!is_event_type(block->event))
			return fail(p, "an event's type looks like `relief.award.changed`");
		return parse_field(p, rest, &block->field);
	case QUERIES_ASK:
		block->asked = next_word(rest);
		if (!strchr(block->asked, '/'))
			return fail(p, "`ask` needs a method, `IndicatorService/ListFigures`");
		break;
	case QUERIES_LOAD:
	case QUERIES_REPLY:
		break;
	}
	return parse_field(p, rest, &block->field);
}

/* `-- rpc R step …`: head is a copy without the marker. */
static int
parse_head(struct parser *p, char *head, struct queries_block *block)
{
	const char *step;
	size_t i;
	int r;

	block->line = p->line;
	block->rpc = next_word(&head);
	if (!is_identifier(block->rpc))
		return fail(p, "`-- rpc` needs the name of an rpc");
	step = next_word(&head);
	for (i = 0; i < sizeof(step_names) / sizeof(*step_names); i++)
		if (strcmp(step, step_names[i]) == 0)
			break;
	if (i == sizeof(step_names) / sizeof(*step_names))
		return fail(p, "`%s` is none of load, store, event, reply, ask", step);
	block->step = (enum queries_step)i;
	r = parse_arguments(p, &head, block);
	if (r < 0)
		return r;
	if (*next_word(&head))
		return fail(p, "too many words in the head");
	return 0;
}

static size_t
trimmed(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	return length;
}

/* True when nothing but white space and comments of a line is in the text. */
static bool
is_blank(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length) {
		const char *end;

		if (isspace((unsigned char)text[i])) {
			i++;
			continue;
		}
		if (length - i < 2 || text[i] != '-' || text[i + 1] != '-')
			return false;
		end = memchr(text + i, '\n', length - i);
		i = end ? (size_t)(end - text) : length;
	}
	return true;
}

/* Events are built from Effects, asked answers come from others. */
static bool
has_sql(const struct queries_block *block)
{
	return block->step != QUERIES_EVENT && block->step != QUERIES_ASK;
}

/* Heads right above a block's own head share its statement. */
static int
share_statement(struct parser *p, struct queries *queries, const struct queries_block *block)
{
	for (size_t i = queries->n_blocks - 1; i-- > 0 && !queries->blocks[i].sql;) {
		struct queries_block *above = &queries->blocks[i];

		p->line = above->line;
		if (!has_sql(block))
			return fail(p, "%s %s has no SQL", above->rpc, step_names[above->step]);
		above->sql = block->sql;
	}
	return 0;
}

static int
finish_block(struct parser *p, struct queries *queries, const char *sql, size_t length)
{
	struct queries_block *block = &queries->blocks[queries->n_blocks - 1];
	bool blank = is_blank(sql, length);

	p->line = block->line;
	if (length == 0 && *sql && has_sql(block))
		return 0;
	if (!has_sql(block) && !blank)
		return fail(p, "an %s has no SQL", step_names[block->step]);
	if (has_sql(block) && blank)
		return fail(p, "%s %s has no SQL", block->rpc, step_names[block->step]);
	length = trimmed(sql, length);
	if (length > 0 && sql[length - 1] == ';')
		length--;
	block->sql = arena_strndup(p->arena, blank ? "" : sql, blank ? 0 : length);
	return block->sql ? share_statement(p, queries, block) : -ENOMEM;
}

static size_t
count_heads(const char *text)
{
	size_t n = strncmp(text, HEAD, sizeof(HEAD) - 1) == 0;

	while ((text = strstr(text, "\n" HEAD))) {
		text++;
		n++;
	}
	return n;
}

/* Walks over the lines; a block is finished when the next head, or the end, is seen. */
static int
parse_lines(struct parser *p, const char *text, struct queries *queries)
{
	struct queries_block *block = NULL;
	const char *body = text;
	int r, line = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *next = text + length + (text[length] == '\n');

		p->line = ++line;
		if (strncmp(text, HEAD, sizeof(HEAD) - 1) != 0) {
			text = next;
			continue;
		}
		if (block && (r = finish_block(p, queries, body, (size_t)(text - body))) < 0)
			return r;
		if (!block && !is_blank(body, (size_t)(text - body)))
			return fail(p, "SQL before the first `-- rpc` head");
		block = &queries->blocks[queries->n_blocks++];
		p->line = line;
		char *head = arena_strndup(p->arena, text + sizeof(HEAD) - 1,
					   trimmed(text, length) - (sizeof(HEAD) - 1));
		if (!head)
			return -ENOMEM;
		if ((r = parse_head(p, head, block)) < 0)
			return r;
		text = body = next;
	}
	if (block)
		return finish_block(p, queries, body, strlen(body));
	p->line = line;
	return is_blank(body, strlen(body)) ? 0 : fail(p, "SQL without a `-- rpc` head");
}

int
queries_parse(struct arena *arena, const char *file, const char *text, struct queries *ret_queries,
	      const char **ret_error)
{
	struct parser p = {.arena = arena, .file = file};
	struct queries queries = {.file = file};
	int r;

	queries.blocks = ARENA_ARRAY(arena, struct queries_block, count_heads(text));
	if (!queries.blocks)
		return -ENOMEM;
	r = parse_lines(&p, text, &queries);
	if (r == -EINVAL)
		*ret_error = p.error;
	if (r == 0)
		*ret_queries = queries;
	return r;
}

const struct queries_block *
queries_next(const struct queries *queries, const char *rpc, enum queries_step step,
	     const struct queries_block *after)
{
	const struct queries_block *end = queries->blocks + queries->n_blocks;

	for (after = after ? after + 1 : queries->blocks; after < end; after++)
		if (after->step == step && strcmp(after->rpc, rpc) == 0)
			return after;
	return NULL;
}
