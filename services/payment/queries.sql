-- SPDX-License-Identifier: Apache-2.0
-- All SQL of payment. Months are first days; a ledger row is never changed, a correction is a further row with sign.

-- rpc TakeAwards store
SELECT take_turn(:caller.tenant, programme) FROM (SELECT DISTINCT unnest(:awards.programme::text[]) AS programme ORDER BY 1) p;
-- rpc TakeAwards store
-- A version that is there already changes nothing. The award becomes dirty from the version's first month on.
WITH taken AS (
    SELECT a.award_id, a.version, a.programme, a.household_id, a.payee_id, a.account_id, a.division, a.amount_fen,
           a.from_month::date AS from_month, a.to_month::date AS to_month, a.reason, a.rate, a.batch_id, a.known_at
      FROM unnest(:awards.award_id::uuid[], :awards.version::int4[], :awards.programme::text[], :awards.household_id::uuid[],
                  :awards.payee_id::uuid[], :awards.account_id::uuid[], :awards.division::int8[], :awards.amount_fen::int8[],
                  :awards.from_on::date[], :awards.to_on::date[], :awards.reason::text[], :awards.rate::text[],
                  :awards.batch_id::text[], :awards.known_at::timestamptz[])
        AS a(award_id, version, programme, household_id, payee_id, account_id, division, amount_fen, from_month, to_month,
             reason, rate, batch_id, known_at)
), shares AS (
    SELECT award_id, version, array_agg(person_id ORDER BY person_id) AS person_ids, array_agg(fen ORDER BY person_id) AS fen
      FROM unnest(:shares.award_id::uuid[], :shares.version::int4[], :shares.person_id::uuid[], :shares.amount_fen::int8[])
        AS s(award_id, version, person_id, fen)
     GROUP BY award_id, version
), heads AS (
    INSERT INTO award (tenant, id, programme, source, first_month, dirty_from, batch_id, division)
    SELECT :caller.tenant, award_id, min(programme), 'relief', min(from_month), min(from_month), min(batch_id), min(division)
      FROM taken GROUP BY award_id
    ON CONFLICT (tenant, id) DO UPDATE
       SET first_month = least(award.first_month, excluded.first_month),
           dirty_from = least(award.dirty_from, excluded.dirty_from),
           division = excluded.division
)
INSERT INTO award_version (tenant, award_id, version, household_id, payee_id, account_id, amount_fen, person_ids, share_fen,
                           from_month, to_month, reason, rate, known_at)
SELECT :caller.tenant, t.award_id, t.version, t.household_id, t.payee_id, t.account_id, t.amount_fen,
       coalesce(s.person_ids, '{}'), coalesce(s.fen, '{}'), t.from_month, t.to_month, t.reason, t.rate, t.known_at
  FROM taken t LEFT JOIN shares s ON s.award_id = t.award_id AND s.version = t.version
ON CONFLICT (tenant, award_id, version) DO NOTHING;

-- rpc CreatePaymentRun load existing
SELECT id, version, programme, to_char(month, 'YYYY-MM') AS month, batch_id, supplement, state, snapshot_at, slices_done, slices,
       maker
  FROM payment_run
 WHERE tenant = :caller.tenant AND programme = :programme AND month = to_date(:month, 'YYYY-MM') AND batch_id = :batch_id
   AND supplement = :supplement
   AND state <> 'CANCELLED';
-- rpc CreatePaymentRun load programme_name
SELECT name FROM programme WHERE tenant = :caller.tenant AND code = :programme;
-- rpc CreatePaymentRun load awards
SELECT count(*) FROM award WHERE tenant = :caller.tenant AND programme = :programme AND (:batch_id = '' OR batch_id = :batch_id);
-- rpc CreatePaymentRun load earlier_open
SELECT to_char(min(month), 'YYYY-MM') FROM payment_run
 WHERE tenant = :caller.tenant AND programme = :programme AND batch_id = :batch_id AND month < to_date(:month, 'YYYY-MM')
   AND state = 'DRAFT';
-- rpc CreatePaymentRun load settled
SELECT EXISTS (SELECT FROM payment_run
 WHERE tenant = :caller.tenant AND programme = :programme AND month = to_date(:month, 'YYYY-MM') AND batch_id = :batch_id
   AND supplement = :supplement::int4 - 1 AND state = 'SETTLED');
-- rpc CreatePaymentRun load inbox_behind
-- A run refuses to start while its inbox is behind (EVT-02).
SELECT count(*) FROM relief.api_event e
 WHERE e.tenant = :caller.tenant AND e.type = 'relief.award.changed' AND e.number > coalesce(
       (SELECT number FROM inbox_cursor c WHERE c.tenant = :caller.tenant AND c.handler = 'TakeAwards'), 0);
-- rpc CreatePaymentRun store
INSERT INTO payment_run (tenant, id, programme, month, batch_id, supplement, state, snapshot_at, slices, maker, created_at)
SELECT :caller.tenant, :reply.id, :programme, to_date(:month, 'YYYY-MM'), :batch_id, :supplement, 'DRAFT', :now, :reply.slices,
       :caller.id, :now
 WHERE :is_new;

-- rpc AdvancePaymentRuns load run
SELECT r.* FROM (
    SELECT id, programme, month AS month_on, batch_id, snapshot_at, cursor
      FROM payment_run
     WHERE tenant = :caller.tenant AND state = 'DRAFT' AND slices_done < slices
     ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) r
 WHERE take_turn(:caller.tenant, r.programme);
-- rpc AdvancePaymentRuns store
-- One slice: the next awards by id. Differences to the ledger, instructions, recoveries, and how far the run has come.
WITH slice AS (
    SELECT id, division, least(dirty_from, :run.month_on::date) AS since
      FROM award
     WHERE tenant = :caller.tenant AND programme = :run.programme AND (:run.batch_id = '' OR batch_id = :run.batch_id) AND id > :run.cursor
     ORDER BY id LIMIT :slice::int8
), due AS (
    SELECT s.id AS award_id, m.month::date AS month, coalesce(v.version, 0) AS version, coalesce(v.amount_fen, 0) AS amount_fen,
           coalesce(v.person_ids, '{}') AS person_ids, coalesce(v.share_fen, '{}') AS share_fen, coalesce(v.reason, '') AS cause
      FROM slice s
     CROSS JOIN LATERAL generate_series(s.since, :run.month_on::date, interval '1 month') AS m(month)
      LEFT JOIN LATERAL (
           SELECT version, amount_fen, person_ids, share_fen, reason
             FROM award_version v
            WHERE v.tenant = :caller.tenant AND v.award_id = s.id AND v.known_at <= :run.snapshot_at
              AND v.from_month <= m.month AND (v.to_month IS NULL OR v.to_month >= m.month)
            ORDER BY v.version DESC LIMIT 1) v ON true
), before AS (
    SELECT e.award_id, e.month, sum(e.amount_fen)::int8 AS amount_fen
      FROM slice s JOIN entitlement e ON e.tenant = :caller.tenant AND e.award_id = s.id AND e.month >= s.since
     GROUP BY e.award_id, e.month
), difference AS (
    SELECT d.award_id, d.month, d.version, d.cause, d.amount_fen - coalesce(b.amount_fen, 0) AS amount_fen,
           CASE WHEN b.award_id IS NULL THEN d.person_ids ELSE coalesce(moved.person_ids, '{}') END AS person_ids,
           CASE WHEN b.award_id IS NULL THEN d.share_fen ELSE coalesce(moved.fen, '{}') END AS share_fen
      FROM due d
      LEFT JOIN before b ON b.award_id = d.award_id AND b.month = d.month
      LEFT JOIN LATERAL (
           SELECT array_agg(person_id ORDER BY person_id) AS person_ids, array_agg(fen ORDER BY person_id) AS fen
             FROM (SELECT person_id, sum(fen)::int8 AS fen
                     FROM (SELECT * FROM unnest(d.person_ids, d.share_fen) AS now_due(person_id, fen)
                           UNION ALL
                           SELECT u.person_id, -u.fen
                             FROM entitlement e, unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
                            WHERE e.tenant = :caller.tenant AND e.award_id = d.award_id AND e.month = d.month) both_sides
                    WHERE b.award_id IS NOT NULL
                    GROUP BY person_id HAVING sum(fen) <> 0) changed) moved ON true
     WHERE CASE WHEN b.award_id IS NULL THEN d.amount_fen <> 0
                ELSE d.amount_fen <> b.amount_fen OR moved.person_ids IS NOT NULL END
), written AS (
    INSERT INTO entitlement (tenant, run_id, award_id, award_version, programme, month, amount_fen, reason, person_ids, share_fen,
                             snapshot_at)
    SELECT :caller.tenant, :run.id, award_id, version, :run.programme, month, amount_fen,
           CASE WHEN amount_fen < 0 THEN 'OVERPAID' WHEN month = :run.month_on THEN 'DUE' ELSE 'ARREARS' END,
           person_ids, share_fen, :run.snapshot_at
      FROM difference
), moved AS (
    SELECT award_id, sum(amount_fen) FILTER (WHERE amount_fen > 0) AS more, -sum(amount_fen) FILTER (WHERE amount_fen < 0) AS less,
           array_agg(month ORDER BY month) FILTER (WHERE amount_fen < 0) AS months,
           (array_agg(cause ORDER BY month DESC) FILTER (WHERE amount_fen < 0))[1] AS cause
      FROM difference GROUP BY award_id
), unpaid AS (
    -- Money that did not reach its payee has not been overpaid: what is held or came back is reckoned against, once.
    SELECT p.award_id, p.id AS payment_id, p.amount_fen - set_against_cases(:caller.tenant::smallint, p.id) AS amount_fen
      FROM moved m
      JOIN payment_state p ON p.tenant = :caller.tenant AND p.award_id = m.award_id AND p.state IN ('HELD', 'RETURNED')
     WHERE m.less > 0
       AND NOT EXISTS (SELECT FROM payment_remedy y WHERE y.tenant = :caller.tenant AND y.payment_id = p.id)
), remedied AS (
    INSERT INTO payment_remedy (tenant, payment_id, run_id) SELECT :caller.tenant, payment_id, :run.id FROM unpaid
), dropped AS (
    UPDATE hold SET resolution = 'DROPPED', reason = '待遇已更正，由批次 ' || :run.id::text || ' 重新核算', resolved_at = :run.snapshot_at
      FROM unpaid u WHERE hold.tenant = :caller.tenant AND hold.payment_id = u.payment_id AND hold.resolution IS NULL
), held AS (
    SELECT award_id, sum(amount_fen) AS amount_fen FROM unpaid GROUP BY award_id
), balance AS (
    SELECT m.award_id, m.months, m.cause,
           coalesce(m.more, 0) + greatest(coalesce(h.amount_fen, 0) - coalesce(m.less, 0), 0) AS pay,
           greatest(coalesce(m.less, 0) - coalesce(h.amount_fen, 0), 0) AS recover
      FROM moved m LEFT JOIN held h ON h.award_id = m.award_id
), payee AS (
    SELECT b.award_id, b.pay, b.recover, b.months, b.cause, v.payee_id, v.account_id
      FROM balance b CROSS JOIN LATERAL (
           SELECT payee_id, account_id FROM award_version v
            WHERE v.tenant = :caller.tenant AND v.award_id = b.award_id AND v.known_at <= :run.snapshot_at
              AND v.from_month <= :run.month_on -- who is paid from a later month on is not paid yet
            ORDER BY v.version DESC LIMIT 1) v
), counter AS (
    INSERT INTO instruction_counter AS c (tenant, year, last)
    SELECT :caller.tenant, extract(year FROM :run.month_on::date)::int2, count(*) FROM payee WHERE pay > 0 HAVING count(*) > 0
    ON CONFLICT (tenant, year) DO UPDATE SET last = c.last + excluded.last
    RETURNING last
), instructed AS (
    INSERT INTO payment (tenant, run_id, award_id, programme, year, instruction_no, payee_id, account_id, amount_fen, kind)
    SELECT :caller.tenant, :run.id, award_id, :run.programme, extract(year FROM :run.month_on::date)::int2,
           (SELECT last FROM counter) - count(*) OVER () + row_number() OVER (ORDER BY award_id),
           payee_id, account_id, pay, 'REGULAR'
      FROM payee WHERE pay > 0
), recoveries AS (
    INSERT INTO recovery_case (tenant, run_id, award_id, programme, payee_id, division, cause, months, amount_fen, opened_at, due_on)
    SELECT :caller.tenant, :run.id, p.award_id, :run.programme, p.payee_id, s.division, p.cause, p.months, p.recover, :now, :due_on
      FROM payee p JOIN slice s ON s.id = p.award_id WHERE p.recover > 0
), clean AS (
    -- Versions that the snapshot does not know yet stay dirty.
    UPDATE award SET dirty_from = (
           SELECT least(min(v.from_month), (:run.month_on::date + interval '1 month')::date) FROM award_version v
            WHERE v.tenant = :caller.tenant AND v.award_id = award.id AND v.known_at > :run.snapshot_at)
      FROM slice s WHERE award.tenant = :caller.tenant AND award.id = s.id
)
UPDATE payment_run
   SET cursor = coalesce((SELECT max(id::text)::uuid FROM slice), cursor),
       slices = greatest(slices, slices_done + 1),
       slices_done = CASE WHEN (SELECT count(*) FROM slice) < :slice::int8 THEN greatest(slices, slices_done + 1) ELSE slices_done + 1 END,
       version = version + 1
 WHERE tenant = :caller.tenant AND id = :run.id;

-- rpc GetPaymentRun reply
SELECT r.id, r.version, r.programme, to_char(r.month, 'YYYY-MM') AS month, r.batch_id, r.supplement, r.state, r.snapshot_at, r.slices_done, r.slices,
       count(p.id) AS instructions, coalesce(sum(p.amount_fen), 0)::int8 AS amount_fen,
       count(*) FILTER (WHERE p.state = 'HELD') AS held,
       coalesce(sum(p.amount_fen) FILTER (WHERE p.state = 'HELD'), 0)::int8 AS held_fen,
       count(*) FILTER (WHERE p.state = 'SETTLED') AS settled,
       coalesce(sum(p.amount_fen) FILTER (WHERE p.state = 'SETTLED'), 0)::int8 AS settled_fen,
       count(*) FILTER (WHERE p.state = 'RETURNED' AND y.payment_id IS NULL) AS returned,
       coalesce(sum(p.amount_fen - set_against_cases(p.tenant, p.id)) FILTER (WHERE p.state = 'RETURNED' AND y.payment_id IS NULL), 0)::int8
         AS returned_fen,
       r.maker, r.checker, r.approver, r.sent_at
  FROM payment_run r
  LEFT JOIN payment_state p ON p.tenant = r.tenant AND p.run_id = r.id
  LEFT JOIN payment_remedy y ON y.tenant = p.tenant AND y.payment_id = p.id
 WHERE r.tenant = :caller.tenant AND r.id = :id
 GROUP BY r.tenant, r.id;

-- rpc ListPaymentRunTotals reply totals
-- PAY-02: both breakdowns foot with the run: each instruction stands in one township and under one rate.
WITH lines AS (
    SELECT p.state, p.amount_fen, a.division, coalesce(v.rate, '') AS rate
      FROM payment_state p
      JOIN payment_run r ON r.tenant = p.tenant AND r.id = p.run_id
      JOIN award a ON a.tenant = p.tenant AND a.id = p.award_id
      LEFT JOIN LATERAL (
           SELECT rate FROM award_version v
            WHERE v.tenant = p.tenant AND v.award_id = p.award_id AND v.known_at <= r.snapshot_at AND v.amount_fen > 0
            ORDER BY v.version DESC LIMIT 1) v ON true
     WHERE p.tenant = :caller.tenant AND p.run_id = :id
), labelled AS (
    SELECT 'RATE' AS kind, 0::int8 AS division, rate AS label, state, amount_fen FROM lines
     UNION ALL
    SELECT 'TOWNSHIP', coalesce(t.division_id, 0), coalesce(t.name, ''), l.state, l.amount_fen
      FROM lines l
      LEFT JOIN LATERAL (
           SELECT d.division_id, d.name FROM registry.api_division_closure c
             JOIN registry.api_division d ON d.tenant = c.tenant AND d.division_id = c.ancestor_id AND d.level = 'TOWNSHIP'
                  AND :today::date <@ d.valid AND :now::timestamptz <@ d.known
            WHERE c.tenant = :caller.tenant AND c.descendant_id = l.division) t ON true
)
SELECT kind, division, label, count(*) AS instructions, sum(amount_fen)::int8 AS amount_fen,
       count(*) FILTER (WHERE state = 'HELD') AS held, coalesce(sum(amount_fen) FILTER (WHERE state = 'HELD'), 0)::int8 AS held_fen
  FROM labelled GROUP BY kind, division, label ORDER BY kind, division, label;

-- rpc ListPaymentRuns reply runs
SELECT id, version, programme, to_char(month, 'YYYY-MM') AS month, batch_id, supplement, state, snapshot_at, slices_done, slices,
       maker, checker,
       approver, sent_at
  FROM payment_run
 WHERE tenant = :caller.tenant AND (:programme = '' OR programme = :programme)
   AND (:month = '' OR month = to_date(:month, 'YYYY-MM'))
   AND (:after.id::uuid IS NULL OR (month, id) < (to_date(:after.month, 'YYYY-MM'), :after.id::uuid))
 ORDER BY payment_run.month DESC, id DESC LIMIT :page.limit;

-- rpc CheckPaymentRun load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc CheckPaymentRun store
-- PAY-03: every payee and covered person against deaths, custody, moves, accounts and other programmes. A hit holds the row.
-- No statistics know of a new run's rows, so nothing here may be a join of two sets that are both large: rows are looked up in an
-- index one by one (OFFSET 0), and who has one award only is sorted out first, by hash (IS TRUE).
WITH mine AS (
    -- What is paid again is checked with the rows of its first instruction.
    SELECT p.id AS payment_id, p.award_id, p.amount_fen, p.payee_id, coalesce(first.run_id, p.run_id) AS run_id
      FROM payment p LEFT JOIN payment first ON first.tenant = p.tenant AND first.id = p.repays_id
     WHERE p.tenant = :caller.tenant AND p.run_id = :run.id
), covered AS (
    SELECT DISTINCT m.payment_id, m.award_id, m.amount_fen, u.person_id, e.month, e.amount_fen AS due_fen
      FROM mine m
     CROSS JOIN LATERAL (
           SELECT e.month, e.amount_fen, e.person_ids, e.share_fen FROM entitlement e
            WHERE e.tenant = :caller.tenant AND e.run_id = m.run_id AND e.award_id = m.award_id OFFSET 0) e
     CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
     WHERE u.fen > 0
), people AS MATERIALIZED (
    SELECT payment_id, award_id, amount_fen, person_id FROM covered
     UNION
    SELECT payment_id, award_id, amount_fen, payee_id FROM mine
), facts AS (
    SELECT c.payment_id, c.award_id, c.amount_fen, CASE f.kind WHEN 'AWAY' THEN 'MOVED_OUT' ELSE f.kind END AS cause,
           CASE f.kind WHEN 'DEATH' THEN '已于 ' || lower(f.valid) || ' 死亡' WHEN 'CUSTODY' THEN '自 ' || lower(f.valid) || ' 起被限制人身自由'
                ELSE '户籍已于 ' || lower(f.valid) || ' 迁出' END || '（来源：' || f.source || '）' AS evidence
      FROM people c
      JOIN registry.api_person_fact f ON f.tenant = :caller.tenant AND f.person_id = c.person_id
           AND f.kind IN ('DEATH', 'CUSTODY', 'AWAY') AND f.known @> :now::timestamptz
           AND lower(f.valid) < :run.month_on::date AND f.valid @> :run.month_on::date
), other AS MATERIALIZED (
    -- What else the covered persons draw in the month, as far as it could exclude this programme; most have one award only.
    SELECT award_id, programme, person_id, fen FROM (
        SELECT e.award_id, e.programme, u.person_id, sum(u.fen) AS fen, count(*) OVER (PARTITION BY u.person_id) AS awards
          FROM entitlement e CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
         WHERE e.tenant = :caller.tenant AND e.month = :run.month_on
           AND (e.programme = :run.programme OR e.programme IN (
                SELECT x.programme FROM exclusion x WHERE x.tenant = :caller.tenant AND x.excluded = :run.programme))
         GROUP BY e.award_id, e.programme, u.person_id HAVING sum(u.fen) > 0) drawn
     WHERE awards > 1
), excluded AS (
    SELECT c.payment_id, c.award_id, c.amount_fen, CASE WHEN o.programme = :run.programme THEN 'DUPLICATE' ELSE 'EXCLUDED' END AS cause,
           '本月已享受' || g.name || CASE WHEN o.programme = :run.programme THEN '（另一份待遇）' ELSE '，依据' || x.source END AS evidence
      FROM (SELECT * FROM covered WHERE month = :run.month_on AND (person_id IN (SELECT person_id FROM other)) IS TRUE) c
      JOIN other o ON o.person_id = c.person_id AND o.award_id <> c.award_id
      JOIN programme g ON g.tenant = :caller.tenant AND g.code = o.programme
      LEFT JOIN exclusion x ON x.tenant = :caller.tenant AND x.programme = o.programme AND x.excluded = :run.programme
           AND x.valid @> :run.month_on::date AND (x.rule = 'FORBID' OR o.fen >= c.due_fen)
     WHERE x.programme IS NOT NULL OR (o.programme = :run.programme AND o.award_id < c.award_id AND g.recurring)
), no_account AS (
    SELECT p.id AS payment_id, p.award_id, p.amount_fen, 'NO_ACCOUNT' AS cause, '收款人没有生效的银行账户，请先登记账户' AS evidence
      FROM payment p
     WHERE p.tenant = :caller.tenant AND p.run_id = :run.id AND NOT EXISTS (
           SELECT FROM payment_account a WHERE a.tenant = p.tenant AND a.payment_id = p.id AND a.valid @> :today::date OFFSET 0)
), elsewhere AS (
    SELECT p.id AS payment_id, p.award_id, p.amount_fen, 'DUPLICATE' AS cause, h.evidence
      FROM relief.api_award_hold h JOIN payment p ON p.tenant = h.tenant AND p.run_id = :run.id AND p.award_id = h.award_id
     WHERE h.tenant = :caller.tenant
), hits AS (
    SELECT * FROM facts UNION ALL SELECT * FROM excluded UNION ALL SELECT * FROM no_account UNION ALL SELECT * FROM elsewhere
)
INSERT INTO hold (tenant, run_id, payment_id, award_id, cause, evidence, amount_fen)
SELECT :caller.tenant, :run.id, payment_id, award_id, cause, string_agg(DISTINCT evidence, '；'), min(amount_fen)
  FROM hits GROUP BY payment_id, award_id, cause
ON CONFLICT (tenant, payment_id, cause) DO NOTHING;
-- rpc CheckPaymentRun store expect 1
UPDATE payment_run SET state = 'CHECKED', checker = :caller.id, version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;

-- rpc ApprovePaymentRun load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker, checker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc ApprovePaymentRun store expect 1
UPDATE payment_run SET state = 'APPROVED', approver = :caller.id, version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;

-- rpc SendPaymentRun load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc SendPaymentRun store
-- An account that was closed since the check stays at home too.
INSERT INTO hold (tenant, run_id, payment_id, award_id, cause, evidence, amount_fen)
SELECT p.tenant, p.run_id, p.id, p.award_id, 'NO_ACCOUNT', '收款账户在核对之后失效，请登记新账户后由以后的批次补发', p.amount_fen
  FROM payment_state p
 WHERE p.tenant = :caller.tenant AND p.run_id = :id AND p.state = 'PENDING' AND NOT EXISTS (
       SELECT FROM payment_account a WHERE a.tenant = p.tenant AND a.payment_id = p.id AND a.valid @> :today::date OFFSET 0)
ON CONFLICT (tenant, payment_id, cause) DO UPDATE SET resolution = NULL, reason = '', resolved_by = NULL, resolved_at = NULL,
   evidence = excluded.evidence;
-- rpc SendPaymentRun store expect 1
UPDATE payment_run SET state = 'SENT', sent_at = :now, version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;

-- rpc SettlePaymentRun load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc SettlePaymentRun load unanswered
SELECT count(*) FROM payment_state WHERE tenant = :caller.tenant AND run_id = :id AND state = 'SENT';
-- rpc SettlePaymentRun store expect 1
UPDATE payment_run SET state = 'SETTLED', version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;

-- rpc CancelPaymentRun load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc CancelPaymentRun load
SELECT FROM payment_run WHERE tenant = :caller.tenant AND id = :id AND take_turn(tenant, programme);
-- rpc CancelPaymentRun store
-- The ledger keeps what the run wrote; rows with the other sign undo it, and the awards are reckoned again.
WITH undone AS (
    INSERT INTO entitlement (tenant, run_id, award_id, award_version, programme, month, amount_fen, reason, person_ids, share_fen,
                             snapshot_at)
    SELECT tenant, run_id, award_id, award_version, programme, month, -amount_fen, 'CANCELLED', person_ids,
           ARRAY(SELECT -fen FROM unnest(share_fen) AS fen), snapshot_at
      FROM entitlement WHERE tenant = :caller.tenant AND run_id = :id AND reason <> 'CANCELLED'
    RETURNING award_id, month
), cases AS (
    UPDATE recovery_case SET state = 'CANCELLED', version = version + 1 WHERE tenant = :caller.tenant AND run_id = :id
), unpaid AS (
    -- What the run had set right is open again: what it would have paid again, and the holds that it dropped.
    DELETE FROM payment_remedy WHERE tenant = :caller.tenant AND run_id = :id RETURNING payment_id
), reopened AS (
    UPDATE hold SET resolution = NULL, reason = '', resolved_at = NULL
      FROM unpaid n WHERE hold.tenant = :caller.tenant AND hold.payment_id = n.payment_id AND hold.resolved_by IS NULL
)
UPDATE award SET dirty_from = least(award.dirty_from, u.month)
  FROM (SELECT award_id, min(month) AS month FROM undone GROUP BY award_id) u
 WHERE award.tenant = :caller.tenant AND award.id = u.award_id;
-- rpc CancelPaymentRun store expect 1
UPDATE payment_run SET state = 'CANCELLED', version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;

-- rpc ListHolds reply
SELECT id, run_id, award_id, cause, evidence, amount_fen, resolution IS NOT NULL AS resolved,
       concat_ws('：', resolution, nullif(reason, '')) AS resolution
  FROM hold WHERE tenant = :caller.tenant AND run_id = :id ORDER BY award_id, cause;

-- rpc ResolveHold load hold
SELECT h.id, h.cause, h.resolution IS NOT NULL AS resolved, r.state AS run_state FROM hold h
  JOIN payment_run r ON r.tenant = h.tenant AND r.id = h.run_id
 WHERE h.tenant = :caller.tenant AND h.id = :id FOR UPDATE OF h;
-- rpc ResolveHold store expect 1
UPDATE hold SET resolution = :outcome, reason = :reason, resolved_by = :caller.id, resolved_at = :now
 WHERE tenant = :caller.tenant AND id = :id AND resolution IS NULL;

-- rpc ListPayments reply
SELECT id, run_id, award_id, programme, instruction_no, payee_id AS payee_person_id, account_id, amount_fen, kind, state, note,
       booked_on AS settled_on, repays_id
  FROM payment_state WHERE tenant = :caller.tenant AND run_id = :id ORDER BY instruction_no;

-- rpc ListEntitlements reply
SELECT id, run_id, award_id, award_version, programme, to_char(month, 'YYYY-MM') AS month, amount_fen, reason, person_ids, share_fen
  FROM entitlement WHERE tenant = :caller.tenant AND run_id = :id ORDER BY award_id, month, reason;

-- rpc ExportBankFile reply
-- Held rows stay at home. OFFSET 0: each row's account is looked up, not joined with those of all years.
SELECT p.instruction_no, a.account_id, a.number AS account_number, a.holder, a.bank, p.amount_fen,
       g.name || ' ' || to_char(r.month, 'YYYY-MM') AS purpose
  FROM payment_state p
  JOIN payment_run r ON r.tenant = p.tenant AND r.id = p.run_id
  JOIN programme g ON g.tenant = p.tenant AND g.code = p.programme
 CROSS JOIN LATERAL (SELECT * FROM payment_account a WHERE a.tenant = p.tenant AND a.payment_id = p.id
                        AND a.valid @> (r.sent_at AT TIME ZONE 'Asia/Shanghai')::date OFFSET 0) a
 WHERE p.tenant = :caller.tenant AND p.run_id = :id AND p.state IN ('SENT', 'SETTLED', 'RETURNED')
 ORDER BY p.instruction_no;

-- rpc ImportBankResults load run_state
SELECT state FROM payment_run WHERE tenant = :caller.tenant AND id = :run_id FOR SHARE;
-- rpc ImportBankResults load
SELECT FROM payment_run WHERE tenant = :caller.tenant AND id = :run_id AND take_turn(tenant, programme);
-- rpc ImportBankResults load instructions
SELECT p.instruction_no, p.id AS payment_id, p.amount_fen, p.state
  FROM unnest(:results.instruction_no::int8[]) AS line(instruction_no)
 CROSS JOIN LATERAL (SELECT * FROM payment_state s WHERE s.tenant = :caller.tenant AND s.run_id = :run_id
                        AND s.instruction_no = line.instruction_no OFFSET 0) p;
-- rpc ImportBankResults load cases
-- Open cases of awards whose money comes back: what is wrong in the months that the instruction was for. Other months of a case
-- were paid by other instructions; setting this one off against them would need consent (PAY-04).
SELECT c.id AS case_id, c.run_id, p.id AS payment_id,
       c.amount_fen - coalesce((SELECT sum(r.amount_fen) FROM recovery_receipt r WHERE r.tenant = c.tenant AND r.case_id = c.id), 0)::int8
         AS open_fen,
       coalesce((SELECT -sum(o.amount_fen) FROM entitlement o
         WHERE o.tenant = c.tenant AND o.run_id = c.run_id AND o.award_id = c.award_id AND o.reason = 'OVERPAID'
           AND EXISTS (SELECT FROM entitlement e WHERE e.tenant = c.tenant AND e.run_id = p.due_by AND e.award_id = c.award_id
                          AND e.month = o.month AND e.amount_fen > 0)), 0)::int8 AS wrong_fen
  FROM (SELECT instruction_no FROM unnest(:results.instruction_no::int8[], :results.returned::bool[]) AS l(instruction_no, returned)
         WHERE returned) line
 CROSS JOIN LATERAL (
       SELECT p.id, p.award_id, coalesce(first.run_id, p.run_id) AS due_by
         FROM payment p LEFT JOIN payment first ON first.tenant = p.tenant AND first.id = p.repays_id
        WHERE p.tenant = :caller.tenant AND p.run_id = :run_id AND p.instruction_no = line.instruction_no OFFSET 0) p
  JOIN recovery_case c ON c.tenant = :caller.tenant AND c.award_id = p.award_id AND c.state NOT IN ('RECOVERED', 'CANCELLED')
 ORDER BY c.opened_at, c.id FOR UPDATE OF c;
-- rpc ImportBankResults store
INSERT INTO payment_result (tenant, payment_id, outcome, booked_on, amount_fen, reason, known_at)
SELECT :caller.tenant, r.payment_id, r.outcome, r.booked_on, r.amount_fen, r.reason, :now
  FROM unnest(:taken.payment_id::uuid[], :taken.outcome::text[], :taken.booked_on::date[], :taken.amount_fen::int8[],
              :taken.reason::text[]) AS r(payment_id, outcome, booked_on, amount_fen, reason)
ON CONFLICT (tenant, payment_id) DO NOTHING;
-- rpc ImportBankResults store
INSERT INTO recovery_receipt (tenant, id, case_id, amount_fen, received_on, receipt_no, known_at, payment_id)
SELECT :caller.tenant, r.id, r.case_id, r.amount_fen, r.received_on, r.receipt_no, :now, r.payment_id
  FROM unnest(:came_back.receipt_id::uuid[], :came_back.case_id::uuid[], :came_back.amount_fen::int8[], :came_back.booked_on::date[],
              :came_back.receipt_no::text[], :came_back.payment_id::uuid[])
    AS r(id, case_id, amount_fen, received_on, receipt_no, payment_id);
-- rpc ImportBankResults store
UPDATE recovery_case c SET state = CASE WHEN r.closes THEN 'RECOVERED' ELSE c.state END, version = c.version + 1
  FROM (SELECT case_id, bool_or(closes) AS closes FROM unnest(:came_back.case_id::uuid[], :came_back.closes_case::bool[])
          AS r(case_id, closes) GROUP BY case_id) r
 WHERE c.tenant = :caller.tenant AND c.id = r.case_id;
-- rpc ImportBankResults store
-- Nothing of it is to be paid again: the run that corrected the award has set it right.
INSERT INTO payment_remedy (tenant, payment_id, run_id)
SELECT :caller.tenant, r.payment_id, r.run_id FROM unnest(:came_back.payment_id::uuid[], :came_back.used_up_by::uuid[])
       AS r(payment_id, run_id)
 WHERE r.run_id IS NOT NULL;

-- rpc Repay load unpaid
SELECT p.id, p.award_id, p.programme, p.payee_id AS payee_person_id,
       p.amount_fen - set_against_cases(:caller.tenant::smallint, p.id) AS amount_fen, p.state
  FROM payment_state p
  JOIN payment_run r ON r.tenant = p.tenant AND r.id = p.run_id
 WHERE p.tenant = :caller.tenant AND p.id = :payment_id
   AND (p.state = 'RETURNED' OR (p.state = 'HELD' AND r.state IN ('SENT', 'SETTLED')));
-- rpc Repay load remedied_by
SELECT run_id::text FROM payment_remedy WHERE tenant = :caller.tenant AND payment_id = :payment_id;
-- rpc Repay load correction_open
-- A run that set part of it against its case may still be cancelled, and what another run repaid would then be too little.
SELECT u.id::text FROM recovery_receipt r
  JOIN recovery_case c ON c.tenant = r.tenant AND c.id = r.case_id
  JOIN payment_run u ON u.tenant = c.tenant AND u.id = c.run_id AND u.state IN ('DRAFT', 'CHECKED') AND u.id <> :run_id
 WHERE r.tenant = :caller.tenant AND r.payment_id = :payment_id LIMIT 1;
-- rpc Repay load run
SELECT id, version, programme, month AS month_on, state, slices_done, slices, maker FROM payment_run
 WHERE tenant = :caller.tenant AND id = :run_id FOR UPDATE;
-- rpc Repay store
WITH counter AS (
    INSERT INTO instruction_counter AS c (tenant, year, last)
    VALUES (:caller.tenant, extract(year FROM :run.month_on::date)::int2, 1)
    ON CONFLICT (tenant, year) DO UPDATE SET last = c.last + 1
    RETURNING year, last
)
INSERT INTO payment (tenant, id, run_id, award_id, programme, year, instruction_no, payee_id, amount_fen, kind, repays_id)
SELECT :caller.tenant, :reply.id, :run.id, :reply.award_id, :reply.programme, year, last, :reply.payee_person_id, :reply.amount_fen,
       'REPAYMENT', :payment_id
  FROM counter;
-- rpc Repay store
INSERT INTO payment_remedy (tenant, payment_id, run_id) VALUES (:caller.tenant, :payment_id, :run.id);
-- rpc Repay store
UPDATE hold SET resolution = 'DROPPED', reason = '由批次 ' || :run.id::text || ' 补发', resolved_at = :now
 WHERE tenant = :caller.tenant AND payment_id = :payment_id AND resolution IS NULL;

-- rpc RecomputeMonth reply
-- The run's month once more, from the versions its snapshot knew, against what the ledger said at that snapshot.
WITH run AS (
    SELECT id, programme, batch_id, month, snapshot_at FROM payment_run WHERE tenant = :caller.tenant AND id = :id
), again AS (
    SELECT a.id AS award_id, v.amount_fen
      FROM run JOIN award a ON a.tenant = :caller.tenant AND a.programme = run.programme AND (run.batch_id = '' OR a.batch_id = run.batch_id)
     CROSS JOIN LATERAL (
           SELECT amount_fen FROM award_version v
            WHERE v.tenant = :caller.tenant AND v.award_id = a.id AND v.known_at <= run.snapshot_at
              AND v.from_month <= run.month AND (v.to_month IS NULL OR v.to_month >= run.month)
            ORDER BY v.version DESC LIMIT 1) v
     WHERE v.amount_fen <> 0
), ledger AS (
    SELECT e.award_id, sum(e.amount_fen)::int8 AS amount_fen
      FROM run JOIN entitlement e ON e.tenant = :caller.tenant AND e.month = run.month AND e.programme = run.programme
      JOIN award a ON a.tenant = :caller.tenant AND a.id = e.award_id AND (run.batch_id = '' OR a.batch_id = run.batch_id)
     WHERE e.snapshot_at <= run.snapshot_at
     GROUP BY e.award_id HAVING sum(e.amount_fen) <> 0
)
SELECT (SELECT count(*) FROM ledger) AS rows, (SELECT coalesce(sum(amount_fen), 0)::int8 FROM ledger) AS amount_fen,
       (SELECT encode(sha256(convert_to(coalesce(string_agg(award_id || ' ' || amount_fen, E'\n' ORDER BY award_id), ''), 'UTF8')), 'hex')
          FROM ledger) AS ledger_digest,
       (SELECT encode(sha256(convert_to(coalesce(string_agg(award_id || ' ' || amount_fen, E'\n' ORDER BY award_id), ''), 'UTF8')), 'hex')
          FROM again) AS recomputed_digest
 WHERE EXISTS (SELECT FROM run);

-- rpc CreateAwardImport load import
SELECT id, version, source AS file_name, state, created_at FROM award_import
 WHERE tenant = :caller.tenant AND (id = :id OR (digest = :digest AND state <> 'ABANDONED')) ORDER BY id = :id DESC LIMIT 1;
-- rpc CreateAwardImport store
INSERT INTO award_import (tenant, id, source, digest, state, created_by, created_at)
SELECT :caller.tenant, :reply.id, :file_name, nullif(:digest, ''), 'OPEN', :caller.id, :now WHERE :is_new;

-- rpc UploadAwardRows load import
SELECT id, version, source AS file_name, state FROM award_import WHERE tenant = :caller.tenant AND id = :import_id FOR SHARE;
-- rpc UploadAwardRows load taken
SELECT line FROM award_import_row WHERE tenant = :caller.tenant AND import_id = :import_id AND line = ANY(:rows.line::int8[])
 ORDER BY line;
-- rpc UploadAwardRows load programmes
SELECT code FROM programme WHERE tenant = :caller.tenant AND line <> 'relief' OR (tenant = :caller.tenant AND code IN ('ONE_OFF', 'OTHER_RELIEF'));
-- rpc UploadAwardRows load known_persons
SELECT person_id FROM registry.api_person WHERE tenant = :caller.tenant AND person_id = ANY(:rows.person_id::uuid[])
 ORDER BY api_person.person_id;
-- rpc UploadAwardRows load others
-- Awards of other programmes, relief's among them, that the file must not touch.
SELECT DISTINCT a.id::text FROM unnest(:rows.award_id::uuid[], :rows.programme::text[]) AS r(award_id, programme)
  JOIN award a ON a.tenant = :caller.tenant AND a.id = r.award_id
   AND (a.programme <> r.programme OR a.source = 'relief');
-- rpc UploadAwardRows store
INSERT INTO award_import_row (tenant, import_id, line, award_id, version, programme, person_id, account_id, division, amount_fen,
                              from_month, to_month, batch_id, reason, rate, error, error_column)
SELECT :caller.tenant, :import_id, r.line, r.award_id, r.version, r.programme, r.person_id, r.account_id, r.division, r.amount_fen,
       r.from_on, r.to_on, r.batch_id, r.reason, r.rate, nullif(r.error, ''), nullif(r.error_column, '')
  FROM unnest(:staged.line::int8[], :staged.award_id::uuid[], :staged.version::int4[], :staged.programme::text[],
              :staged.person_id::uuid[], :staged.account_id::uuid[], :staged.division::int8[], :staged.amount_fen::int8[],
              :staged.from_on::date[], :staged.to_on::date[], :staged.batch_id::text[], :staged.reason::text[], :staged.rate::text[],
              :staged.error::text[], :staged.error_column::text[])
    AS r(line, award_id, version, programme, person_id, account_id, division, amount_fen, from_on, to_on, batch_id, reason, rate,
         error, error_column)
ON CONFLICT (tenant, import_id, line) DO NOTHING;

-- rpc GetAwardImport reply
SELECT i.id, i.version, i.source AS file_name, i.state, i.created_at, n.*
  FROM award_import i CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE i.state = 'OPEN' AND error IS NULL) AS staged, count(error) AS wrong,
              count(*) FILTER (WHERE i.state = 'COMMITTED' AND error IS NULL) AS committed
         FROM award_import_row WHERE tenant = i.tenant AND import_id = i.id) n
 WHERE i.tenant = :caller.tenant AND i.id = :id;

-- rpc ListAwardImportProblems reply problems
SELECT line, error_column AS "column", error AS reason FROM award_import_row
 WHERE tenant = :caller.tenant AND import_id = :id AND error IS NOT NULL AND (:after.line::int8 IS NULL OR line > :after.line)
 ORDER BY line LIMIT :page.limit;

-- rpc CommitAwardImport load import
-- rpc AbandonAwardImport load import
SELECT id, version, source AS file_name, state, created_at FROM award_import
 WHERE tenant = :caller.tenant AND id = :id FOR UPDATE;
-- rpc CommitAwardImport load
-- rpc AbandonAwardImport load
SELECT count(*) FILTER (WHERE error IS NULL) AS good, count(error) AS wrong
  FROM award_import_row WHERE tenant = :caller.tenant AND import_id = :id;
-- rpc CommitAwardImport store
SELECT take_turn(:caller.tenant, programme)
  FROM (SELECT DISTINCT programme FROM award_import_row WHERE tenant = :caller.tenant AND import_id = :id ORDER BY programme) p;
-- rpc CommitAwardImport store
WITH good AS (
    SELECT r.*, i.source FROM award_import_row r JOIN award_import i ON i.tenant = r.tenant AND i.id = r.import_id
     WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.error IS NULL AND i.state = 'OPEN'
       AND NOT EXISTS (SELECT FROM award a WHERE a.tenant = r.tenant AND a.id = r.award_id
                          AND (a.programme <> r.programme OR a.source = 'relief'))
), heads AS (
    INSERT INTO award (tenant, id, programme, source, first_month, dirty_from, batch_id, division)
    SELECT tenant, award_id, min(programme), min(source), min(from_month), min(from_month), min(batch_id), min(division)
      FROM good GROUP BY tenant, award_id
    ON CONFLICT (tenant, id) DO UPDATE
       SET first_month = least(award.first_month, excluded.first_month), dirty_from = least(award.dirty_from, excluded.dirty_from)
)
INSERT INTO award_version (tenant, award_id, version, payee_id, account_id, amount_fen, person_ids, share_fen, from_month, to_month,
                           reason, rate, known_at)
SELECT tenant, award_id, version, person_id, account_id, amount_fen, CASE WHEN amount_fen = 0 THEN '{}' ELSE ARRAY[person_id] END,
       CASE WHEN amount_fen = 0 THEN '{}'::int8[] ELSE ARRAY[amount_fen] END, from_month, to_month, reason, rate, :now
  FROM good
ON CONFLICT (tenant, award_id, version) DO NOTHING;
-- rpc CommitAwardImport store expect 1
-- rpc AbandonAwardImport store expect 1
UPDATE award_import SET state = :reply.state, version = :reply.version WHERE tenant = :caller.tenant AND id = :id;

-- rpc GetRecoveryCase reply
SELECT c.id, c.version, c.award_id, c.programme, c.payee_id AS payee_person_id, c.cause, c.months, c.amount_fen, c.at_fault, c.state, c.plan,
       coalesce((SELECT sum(amount_fen) FROM recovery_receipt r WHERE r.tenant = c.tenant AND r.case_id = c.id), 0)::int8 AS recovered_fen,
       c.opened_at, c.due_on
  FROM recovery_case c WHERE c.tenant = :caller.tenant AND c.id = :id AND c.division = ANY(:caller.divisions);

-- rpc ListRecoveryCases reply cases
SELECT c.id, c.version, c.award_id, c.programme, c.payee_id AS payee_person_id, c.cause, c.months, c.amount_fen, c.at_fault, c.state, c.plan,
       coalesce((SELECT sum(amount_fen) FROM recovery_receipt r WHERE r.tenant = c.tenant AND r.case_id = c.id), 0)::int8 AS recovered_fen,
       c.opened_at, c.due_on
  FROM recovery_case c
 WHERE c.tenant = :caller.tenant AND c.division = ANY(:caller.divisions)
   AND (:award_id::uuid IS NULL OR c.award_id = :award_id)
   AND (NOT :overdue OR (c.state = 'OPEN' AND c.due_on < :today))
   AND (:after.id::uuid IS NULL OR (c.due_on, c.id) > (:after.due_on::date, :after.id::uuid))
 ORDER BY c.due_on, c.id LIMIT :page.limit;

-- rpc PlanRecovery load
-- rpc RecordRecovery load
SELECT FROM recovery_case WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions) AND take_turn(tenant, programme);
-- rpc PlanRecovery load recovery
-- rpc RecordRecovery load recovery
SELECT c.id, c.version, c.state, c.amount_fen,
       coalesce((SELECT sum(amount_fen) FROM recovery_receipt r WHERE r.tenant = c.tenant AND r.case_id = c.id), 0)::int8 AS recovered_fen
  FROM recovery_case c
 WHERE c.tenant = :caller.tenant AND c.id = :id AND c.division = ANY(:caller.divisions) FOR UPDATE;
-- rpc PlanRecovery store expect 1
UPDATE recovery_case SET state = 'PLANNED', plan = :plan, at_fault = :at_fault, legal_basis = :legal_basis, consent = :consent,
       version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;
-- rpc PlanRecovery store
INSERT INTO recovery_instalment (tenant, case_id, number, due_on, amount_fen)
SELECT :caller.tenant, :id, number, due_on, amount_fen
  FROM unnest(:instalments.due_on::date[], :instalments.amount_fen::int8[]) WITH ORDINALITY AS i(due_on, amount_fen, number);

-- rpc RecordRecovery store expect 1
INSERT INTO recovery_receipt (tenant, id, case_id, amount_fen, received_on, receipt_no, known_at)
VALUES (:caller.tenant, :receipt_id, :id, :amount_fen, :received_on, :receipt_no, :now);
-- rpc RecordRecovery store expect 1
UPDATE recovery_case SET state = :reply.state, version = version + 1 WHERE tenant = :caller.tenant AND id = :id;

-- rpc WriteOffRecovery load recovery
SELECT id, version, state, amount_fen, asked_by FROM recovery_case
 WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions) FOR UPDATE;
-- rpc WriteOffRecovery store expect 1
UPDATE recovery_case SET state = :reply.state, asked_by = coalesce(asked_by, :caller.id),
       approved_by = CASE WHEN :reply.state = 'WRITTEN_OFF' THEN :caller.id END, version = version + 1
 WHERE tenant = :caller.tenant AND id = :id AND version = :version;
