/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lex: SQL text cut into pieces, as far as needed to find what stands outside of quotes.
 *
 * Knows PostgreSQL's lexical structure (manual, chapter 4.1): '…' with '' inside, E'…' with \, "…",
 * $tag$…$tag$, -- and nested comments. Allocates nothing.
 */
#ifndef MZ_DB_LEX_H
#define MZ_DB_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum lex_kind {
	LEX_END,
	LEX_SPACE,    /* white space and comments */
	LEX_WORD,     /* keyword or plain name */
	LEX_NAME,     /* :name or :a.b, with its colon */
	LEX_BLIND,    /* :blind( , up to and with the parenthesis */
	LEX_SYMBOL,   /* one character, or `::` or `:=` */
	LEX_QUOTED,   /* a literal, a quoted name, a number, a dollar quote */
	LEX_UNCLOSED, /* a quote or comment without an end */
};

struct lexer {
	const char *text;
	size_t length, at;
};

struct lex_token {
	enum lex_kind kind;
	const char *text; /* inside the lexer's text */
	size_t length;
};

struct lex_token lex_next(struct lexer *lexer);

/* Is the token this word? Case does not count. */
bool lex_is_word(const struct lex_token *token, const char *word);
bool lex_is_symbol(const struct lex_token *token, char symbol);

#endif
