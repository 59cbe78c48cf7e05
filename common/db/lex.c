/* SPDX-License-Identifier: Apache-2.0 */
#include "db/lex.h"

#include <string.h>
#include <strings.h>

enum { NOT_CLOSED = 0 };

static bool
starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The character `ahead` of the lexer's place; NUL past the end. */
static char
peek(const struct lexer *l, size_t ahead)
{
	return l->at + ahead < l->length ? l->text[l->at + ahead] : '\0';
}

static size_t
name_length(const struct lexer *l, size_t ahead)
{
	size_t n = ahead;

	if (!starts_name(peek(l, n)))
		return 0;
	while (starts_name(peek(l, n)) || is_digit(peek(l, n)))
		n++;
	return n - ahead;
}

/* Length of a quote that opens `ahead` characters on, from the lexer's place; NOT_CLOSED without
 * an end. */
static size_t
quote_length(const struct lexer *l, size_t ahead, bool backslashes)
{
	char quote = peek(l, ahead);

	for (size_t n = ahead + 1; l->at + n < l->length; n++) {
		if (backslashes && peek(l, n) == '\\') {
			n++;
		} else if (peek(l, n) == quote) {
			if (peek(l, n + 1) != quote)
				return n + 1;
			n++;
		}
	}
	return NOT_CLOSED;
}

/* $tag$…$tag$; a lone dollar is a symbol of length 1. */
static size_t
dollar_length(const struct lexer *l)
{
	size_t tag = 1 + name_length(l, 1) + 1;
	const char *start = l->text + l->at, *end;

	if (peek(l, tag - 1) != '$')
		return 1;
	end = memmem(start + tag, l->length - l->at - tag, start, tag);
	return end ? (size_t)(end - start) + tag : NOT_CLOSED;
}

static size_t
block_comment_length(const struct lexer *l)
{
	size_t depth = 1, n = 2;

	for (; depth && l->at + n < l->length; n++) {
		if (peek(l, n) == '/' && peek(l, n + 1) == '*') {
			depth++;
			n++;
		} else if (peek(l, n) == '*' && peek(l, n + 1) == '/') {
			depth--;
			n++;
		}
	}
	return depth ? NOT_CLOSED : n;
}

static size_t
space_length(const struct lexer *l)
{
	size_t n = 0;

	if (peek(l, 0) == '/')
		return block_comment_length(l);
	if (peek(l, 0) == '-') {
		while (l->at + n < l->length && peek(l, n) != '\n')
			n++;
		return n;
	}
	while (is_space(peek(l, n)))
		n++;
	return n;
}

static size_t
number_length(const struct lexer *l)
{
	size_t n = 0;

	while (is_digit(peek(l, n)) || starts_name(peek(l, n)) || peek(l, n) == '.')
		n++;
	return n;
}

/* What follows a colon: `::`, `:=`, a placeholder, or nothing of ours. */
static size_t
colon_length(const struct lexer *l, enum lex_kind *kind)
{
	size_t n = 1 + name_length(l, 1);

	*kind = LEX_SYMBOL;
	if (n == 1)
		return peek(l, 1) == ':' || peek(l, 1) == '=' ? 2 : 1;
	*kind = LEX_NAME;
	if (peek(l, n) == '(' && n == strlen(":blind") &&
	    strncmp(l->text + l->at, ":blind", n) == 0) {
		*kind = LEX_BLIND;
		return n + 1;
	}
	while (peek(l, n) == '.' && name_length(l, n + 1))
		n += 1 + name_length(l, n + 1);
	return n;
}

static size_t
word_length(const struct lexer *l, enum lex_kind *kind)
{
	char first = peek(l, 0);
	size_t n = name_length(l, 0);

	if ((first == 'e' || first == 'E') && peek(l, 1) == '\'') {
		*kind = LEX_QUOTED;
		return quote_length(l, 1, true);
	}
	/* A name may have dollars inside, the tag of a quote and a placeholder may not. */
	while (peek(l, n) == '$' || is_digit(peek(l, n)) || starts_name(peek(l, n)))
		n++;
	*kind = LEX_WORD;
	return n;
}

static size_t
token_length(const struct lexer *l, enum lex_kind *kind)
{
	char c = peek(l, 0), next = peek(l, 1);

	*kind = LEX_SPACE;
	if (is_space(c) || (c == '-' && next == '-') || (c == '/' && next == '*'))
		return space_length(l);
	if (starts_name(c))
		return word_length(l, kind);
	if (c == ':')
		return colon_length(l, kind);
	*kind = LEX_QUOTED;
	if (c == '\'' || c == '"')
		return quote_length(l, 0, false);
	if (is_digit(c))
		return number_length(l);
	if (c == '$')
		return dollar_length(l);
	*kind = LEX_SYMBOL;
	return 1;
}

struct lex_token
lex_next(struct lexer *lexer)
{
	struct lex_token token = {.text = lexer->text + lexer->at};

	if (lexer->at == lexer->length)
		return token;
	token.length = token_length(lexer, &token.kind);
	if (token.length == NOT_CLOSED || token.length > lexer->length - lexer->at) {
		token.kind = LEX_UNCLOSED;
		token.length = lexer->length - lexer->at;
	}
	lexer->at += token.length;
	return token;
}

bool
lex_is_word(const struct lex_token *token, const char *word)
{
	return token->kind == LEX_WORD && token->length == strlen(word) &&
	       strncasecmp(token->text, word, token->length) == 0;
}

bool
lex_is_symbol(const struct lex_token *token, char symbol)
{
	return token->kind == LEX_SYMBOL && token->length == 1 && token->text[0] == symbol;
}
