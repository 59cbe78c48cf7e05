/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of house.h: HOUSE(NAME, source message, row message, rows expected, SQL), included more
 * than once. Names without a schema are in the service's own.
 */

/* clang-format off */

/* Who holds a token (design §4). The divisions are expanded to villages. */
HOUSE(SESSION, svc_token, svc_caller, NULL,
      "SELECT s.tenant, s.account_id AS id, s.account_name AS name, s.system, s.expires_at,"
      " ARRAY(SELECT unnest(s.permissions) ORDER BY 1) AS permissions,"
      " ARRAY(SELECT DISTINCT d.descendant_id FROM registry.api_division_closure d"
      "  WHERE d.tenant = s.tenant AND d.ancestor_id = ANY(s.division_roots) ORDER BY 1) AS divisions"
      " FROM identity.api_session s"
      " WHERE s.token_hash = :token_hash AND s.expires_at > :now_real")

/* A system principal works for the whole district. */
HOUSE(SYSTEM, svc_token, svc_caller, NULL,
      "SELECT ARRAY(SELECT DISTINCT descendant_id FROM registry.api_division_closure"
      " WHERE tenant = :tenant ORDER BY 1) AS divisions")

/* The answer that was given to this request_id before. */
HOUSE(ANSWER_FIND, svc_answer, svc_answer, NULL,
      "SELECT digest, response FROM idempotency WHERE tenant = :caller.tenant"
      " AND account_id = :caller.id AND method = :method AND request_id = :request_id LIMIT 1")

/*
 * A key lives in the partition of its day. Around midnight two tries of one call could fall on two
 * days and not see each other, so in a day's first minutes the key is kept under the day before
 * too: no call lives longer than that.
 */
HOUSE(ANSWER_PUT, svc_answer, svc_nothing, NULL,
      "INSERT INTO idempotency (day, tenant, account_id, method, request_id, digest, response)"
      " SELECT DISTINCT day, :caller.tenant::int2, :caller.id::uuid, :method::text,"
      " :request_id::text, :digest::bytea, :response::bytea"
      " FROM unnest(ARRAY[(:now_real::timestamptz - interval '10 minutes')::date,"
      " :now_real::timestamptz::date]) AS day")

/* Events of a commit; their numbers come from the outbox's sequence. */
HOUSE(EVENTS_PUT, svc_events, svc_nothing, NULL,
      "INSERT INTO outbox (tenant, type, subject, happened_at, payload)"
      " SELECT :caller.tenant, type, subject, :now, payload"
      " FROM unnest(:events.type::text[], :events.subject::text[], :events.payload::bytea[])"
      " AS e(type, subject, payload)")

/* Rows of the audit trail: of one command, or of a group of reads. */
HOUSE(AUDIT_PUT, svc_audits, svc_nothing, NULL,
      "INSERT INTO audit (tenant, account_id, account_name, purpose, method, outcome, reason,"
      " person_ids, changes, unmasked, happened_at)"
      " SELECT tenant, account_id, account_name, purpose, method, outcome, reason,"
      " person_ids::uuid[], changes::jsonb, unmasked, happened_at"
      " FROM unnest(:rows.tenant::int2[], :rows.account_id::uuid[], :rows.account_name::text[],"
      " :rows.purpose::text[], :rows.method::text[], :rows.outcome::text[], :rows.reason::text[],"
      " :rows.person_ids::text[], :rows.changes::text[], :rows.unmasked::bool[],"
      " :rows.happened_at::timestamptz[]) AS r(tenant, account_id, account_name, purpose, method,"
      " outcome, reason, person_ids, changes, unmasked, happened_at)")

/*
 * The first job that is due; a new one is due at once. A daily job runs at the time it was due, and
 * missed days are made up for, at most 400; a shorter one only goes on where it stopped, so it runs
 * for the present, once.
 */
HOUSE(JOB_NEXT, svc_jobs, svc_job, NULL,
      "WITH asked AS (SELECT name, every::interval AS every, every::interval < '1 day' AS short"
      "  FROM unnest(:names::text[], :everys::text[]) AS a(name, every)),"
      " made AS (INSERT INTO job (tenant, name, due_at)"
      "  SELECT :tenant::int2, name, :until::timestamptz FROM asked"
      "  ON CONFLICT DO NOTHING RETURNING name, due_at)"
      " SELECT name, due_at, CASE WHEN short THEN :until ELSE due_at END AS runs_at,"
      "  greatest(due_at + every, CASE WHEN short THEN :until + interval '1 microsecond'"
      "   ELSE :until - 400 * every END) AS next_at"
      " FROM (SELECT name, due_at FROM job WHERE tenant = :tenant AND due_at <= :until"
      "  UNION ALL SELECT name, due_at FROM made) AS due JOIN asked USING (name)"
      " ORDER BY due_at, name LIMIT 1")

/* In the commit of the job's last slice; whoever comes second is refused. */
HOUSE(JOB_DONE, svc_job, svc_nothing, "1",
      "UPDATE job SET due_at = :next_at WHERE tenant = :tenant AND name = :name AND due_at = :due_at")

/*
 * The sequencer, two statements of one transaction. Only who holds the head's row lock goes on, so
 * numbers are given by one at a time and a reader of the log never meets a gap that fills later.
 * Numbers of the outbox were drawn while the subject's row was locked; their order is each
 * subject's.
 */
HOUSE(SEQUENCE_LOCK, svc_cursor, svc_nothing, NULL,
      "INSERT INTO event_head (tenant, number) VALUES (:tenant, 0)"
      " ON CONFLICT (tenant) DO UPDATE SET number = event_head.number")
HOUSE(SEQUENCE_MOVE, svc_cursor, svc_cursor, NULL,
      "WITH taken AS (DELETE FROM outbox WHERE tenant = :tenant AND number IN"
      "  (SELECT number FROM outbox WHERE tenant = :tenant ORDER BY number LIMIT 1000)"
      "  RETURNING tenant, number, type, subject, happened_at, payload),"
      " placed AS (INSERT INTO event (tenant, number, type, subject, happened_at, payload)"
      "  SELECT tenant, (SELECT h.number FROM event_head h WHERE h.tenant = :tenant)"
      "   + row_number() OVER (ORDER BY number), type, subject, happened_at, payload"
      "  FROM taken RETURNING number)"
      " UPDATE event_head SET number = number + (SELECT count(*) FROM placed)"
      " WHERE tenant = :tenant AND EXISTS (SELECT FROM placed) RETURNING number")

/* A handler's place in its producer's log. */
HOUSE(CURSOR_GET, svc_cursor, svc_cursor, NULL,
      "SELECT number FROM inbox_cursor WHERE tenant = :tenant AND handler = :handler")
HOUSE(CURSOR_SET, svc_cursor, svc_nothing, "1",
      "INSERT INTO inbox_cursor (tenant, handler, number) VALUES (:tenant, :handler, :number)"
      " ON CONFLICT (tenant, handler) DO UPDATE SET number = excluded.number"
      " WHERE inbox_cursor.number = :before")

/*
 * Sealing. Numbers are drawn before their rows are committed, so a row may appear behind others that
 * are sealed already: what is open is not "after the last seal" but the gaps between all numbers that
 * seals of the last ten minutes of sealing cover, and no transaction lives as long as that. Both looks
 * into the trail go by its key, gap by gap and row by row: a join might read it whole, twice a second.
 */
HOUSE(SEAL_LAST, svc_seal_span, svc_seal, NULL,
      "SELECT number, digest FROM audit_seal WHERE tenant = :tenant ORDER BY number DESC LIMIT 1")
HOUSE(SEAL_PENDING, svc_seal_span, svc_audit_line, NULL,
      "WITH old AS (SELECT number, upper(numbers) AS sealed FROM audit_seal WHERE tenant = :tenant"
      "  AND sealed_at < (SELECT sealed_at FROM audit_seal WHERE tenant = :tenant"
      "   ORDER BY number DESC LIMIT 1) - interval '10 minutes' ORDER BY number DESC LIMIT 1),"
      " known AS (SELECT range_agg(numbers) AS numbers FROM audit_seal WHERE tenant = :tenant"
      "  AND number > coalesce((SELECT number FROM old), 0)),"
      " gap AS (SELECT unnest(int8multirange(int8range(coalesce((SELECT sealed FROM old), 1), NULL))"
      "  - coalesce((SELECT numbers FROM known), '{}')) AS numbers)"
      " SELECT l.number, l.line FROM gap CROSS JOIN LATERAL (SELECT number, line FROM audit_line"
      "  WHERE tenant = :tenant AND number >= lower(gap.numbers)"
      "  AND number < coalesce(upper(gap.numbers), 9223372036854775807)"
      "  ORDER BY number LIMIT :limit) l ORDER BY l.number LIMIT :limit")
HOUSE(SEAL_PUT, svc_seal, svc_nothing, NULL,
      "INSERT INTO audit_seal (tenant, number, numbers, n_rows, row_digests, digest, key_id,"
      " signature) SELECT :tenant::int2, :number::int8,"
      " (SELECT range_agg(int8range(n, n, '[]')) FROM unnest(:numbers::int8[]) AS n),"
      " :n_rows::int4, :row_digests::bytea, :digest::bytea, :key_id::int4, :signature::bytea")

/*
 * Verifying: seals, the rows of one (a missing one without its line), and rows that no seal covers
 * although they are older than a minute. Where the trail was cut (schema/0000_house_terms.sql) the
 * list begins with what is remembered of the last seal removed, if the rows of the first one that
 * is left are old enough for that.
 */
HOUSE(SEAL_LIST, svc_seal_span, svc_seal, NULL,
      "(SELECT c.seal AS number, 0 AS n_rows, ''::bytea AS row_digests, c.digest, 0 AS key_id,"
      "  ''::bytea AS signature, true AS cut FROM audit_cut c"
      "  WHERE c.tenant = :tenant AND c.seal >= :number AND NOT EXISTS (SELECT FROM audit_seal s"
      "   CROSS JOIN unnest(s.numbers) AS r JOIN audit a ON a.tenant = s.tenant"
      "   AND a.number >= lower(r) AND a.number < upper(r) WHERE s.tenant = :tenant"
      "   AND s.number = c.seal + 1 AND a.recorded_at > now() - interval '6 months'))"
      " UNION ALL (SELECT number, n_rows, row_digests, digest, key_id, signature, false"
      "  FROM audit_seal WHERE tenant = :tenant AND number >= :number ORDER BY number LIMIT :limit)"
      " ORDER BY number LIMIT :limit")
HOUSE(SEAL_LINES, svc_seal_span, svc_audit_line, NULL,
      "SELECT n AS number, l.line FROM audit_seal s, unnest(s.numbers) AS r,"
      " generate_series(lower(r), upper(r) - 1) AS n"
      " LEFT JOIN audit_line l ON l.tenant = :tenant AND l.number = n"
      " WHERE s.tenant = :tenant AND s.number = :number ORDER BY n")
HOUSE(SEAL_MISSED, svc_seal_span, svc_audit_line, NULL,
      "SELECT a.number FROM audit a WHERE a.tenant = :tenant"
      " AND a.recorded_at < now() - interval '1 minute' AND NOT a.number <@ coalesce((SELECT"
      " range_agg(numbers) FROM audit_seal WHERE tenant = :tenant), '{}')"
      " ORDER BY a.number LIMIT :limit")

/* Makes the next partitions and drops those whose time is over; today is the real day. */
HOUSE(KEEP, svc_nothing, svc_nothing, NULL, "SELECT house_keep(current_date)")
