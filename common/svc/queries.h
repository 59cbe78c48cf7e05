/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queries: services/NAME/queries.sql as a table of blocks.
 *
 * The file is real SQL. A block begins with a head in the first column and ends before the next
 * head; it holds one statement, with or without a `;` at its end. Other comments belong to the
 * block they stand in, or, before the first head, to the file.
 *
 *     -- rpc R ask M field          answers of other services fill Facts; no SQL
 *     -- rpc R load [field]         rows fill Facts
 *     -- rpc R store [expect N]     one statement of the write
 *     -- rpc R event TYPE [field]   an event of the same commit; no SQL
 *     -- rpc R reply [field]        rows fill the response
 *
 * Heads on lines right above each other share the statement below them: rpcs that store alike say
 * it once.
 *
 * R is the bare name of an rpc of the service; names are unique in a service. Blocks of one rpc
 * run in the order of the file, all loads in one round trip and all stores in another.
 *
 * ask     Before anything is loaded, method M (`IndicatorService/ListFigures`) is called at every
 *         service of the option `peers`, at once, on behalf of the caller; the answers, in the
 *         order of that option, fill a repeated field of Facts. M's request has the fields that it
 *         shares with R's by name and type. One failure fails the call. For reads that decide.
 * load    Without a field the columns of at most one row fill the fields of Facts of the same
 *         names. With a field: a message field takes one row or stays unset, a repeated message
 *         takes all rows, a repeated scalar all rows' only column, a scalar one value. A load of a
 *         command may end with FOR UPDATE, and may be `WITH … INSERT … RETURNING … SELECT`.
 * store   Runs after a decision that returned RPC_OK (or svc_fail_and_store). With `expect N` any
 *         other row count ends the call with ABORTED, reason CHANGED; N is a number or an SQL
 *         expression up to the end of the line, `cardinality(:rows.id::uuid[])`.
 *         A command without a decision has store blocks only and binds from Request.
 * event   TYPE is `service.noun.verb`. The field of Effects (default: `event`) is a public message:
 *         unset makes no event, set makes one, a repeated field one an item, in order.
 * reply   For reads. Without a field, the columns fill the response, and no row is NOT_FOUND; with
 *         a field as for load. In a server stream every row is a message of its own. For an rpc
 *         that begins with `List`, see paging. A read may have a decision, which sees the request
 *         only and comes first: it refuses, or makes of the request what the SQL needs.
 *
 * Parameters, anywhere outside of strings, comments and casts (`::`):
 *
 *     :name  :path.to.name          load: Request; store, reply: Effects, else Request
 *     :caller.tenant                int2
 *     :caller.id  :caller.name      uuid, text
 *     :caller.divisions             int8[], expanded to villages
 *     :caller.permissions           text[]
 *     :caller.purpose               text: what the caller gave in x-minzheng-purpose, or NULL
 *     :now  :today                  business clock: timestamptz, date
 *     :now_real                     the real one
 *     :blind(path)                  bytea: keyed index of a text, for equality search
 *     :page.limit                   int8: rows to read (page_size + 1)
 *     :after.COLUMN                 the column's value in the last row of the page before, or NULL
 *
 * A path through a repeated message is an array, one element an item:
 * `FROM unnest(:rows.person_id::uuid[], :rows.amount_fen::int8[]) AS r(person_id, amount_fen)`;
 * a repeated scalar is an array too, a whole message jsonb or bytea, a repeated message jsonb (an
 * array). Types are those of the prepared statement: text/uuid<->string,
 * int8/int4/int2/numeric(0)<-> integers, text<->enum (the value's name), date<->google.type.Date,
 * timestamptz<->Timestamp, bytea<->bytes, and bytea<->a string or message whose FieldRule is
 * `sealed`. Empty text, an unset message and an unset optional bind NULL to uuid, date,
 * timestamptz, numbers; `''` stays `''` for text unless the field is optional.
 *
 * Paging: a List rpc's request has `int32 page_size` and `string page_token`, its response a
 * repeated message and `string next_page_token`. The SQL orders by the columns it names in
 * `:after.…` and limits by :page.limit; a token holds these columns of the last row:
 *
 *     -- rpc ListApplications reply applications
 *     SELECT id, accepted_on, state FROM application
 *      WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
 *        AND (:after.id::uuid IS NULL OR (accepted_on, id) > (:after.accepted_on, :after.id))
 *      ORDER BY accepted_on, id LIMIT :page.limit
 *
 * Every statement names `:caller.tenant`, and one that reads in a method with jurisdiction names
 * `:caller.divisions`; otherwise a comment in it says why not: `-- national: …` for claims and the
 * registry of persons, `-- of no division: …` for what must be seen wherever it is (check.h).
 *
 * The parser knows nothing of descriptors; names are resolved by plan.h and proven by check.h.
 */
#ifndef MZ_SVC_QUERIES_H
#define MZ_SVC_QUERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum queries_step { QUERIES_LOAD, QUERIES_STORE, QUERIES_EVENT, QUERIES_REPLY, QUERIES_ASK };

struct queries_block {
	const char *rpc;
	enum queries_step step;
	const char *field;  /* NULL: none given */
	const char *event;  /* its type, else NULL */
	const char *asked;  /* the method of an ask, else NULL */
	const char *expect; /* rows: a number or SQL; NULL: any */
	const char *sql;    /* without `;`; "" for an event or ask */
	int line;           /* of the head */
};

struct queries {
	const char *file; /* for messages */
	struct queries_block *blocks;
	size_t n_blocks;
};

/*
 * Parses text; everything lies on arena. 0; -ENOMEM; -EINVAL with *ret_error "file:line: what is
 * wrong" on arena.
 */
int queries_parse(struct arena *arena, const char *file, const char *text,
		  struct queries *ret_queries, const char **ret_error);

/* Next block of rpc and step after `after` (NULL: the first); NULL past the last. */
const struct queries_block *queries_next(const struct queries *queries, const char *rpc,
					 enum queries_step step, const struct queries_block *after);

/* "load", "store", "event", "reply", "ask". */
const char *queries_step_name(enum queries_step step);

#endif
