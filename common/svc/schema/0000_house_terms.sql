-- SPDX-License-Identifier: Apache-2.0
-- How long the house's rows are kept: AdminService shows and sets it (GetRetention, SetRetention), an hourly turn keeps it.
--
-- AUDIT   rows of the trail with their seals. They are evidence and follow the archive's term: 30 years unless set
--         otherwise, never less than the six months of 网络安全法 23 (CMP-04, CMP-10).
-- EVENT   the log that other services and departments follow: 10 years; at least one, so that whoever was away finds it.
-- ANSWER  first answers under a request_id: 90 days (design §4).
--
-- The trail is cut at its beginning only, by whole seals. The newest seal whose time is over stays with its rows: its
-- signature covers the digest of the seal before, which `audit_cut` remembers, so a chain that was cut still proves itself; and
-- its rows are older than six months, so nobody can hide something recent by cutting.
-- migrate:up
CREATE FUNCTION retention_least(what text) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN CASE what WHEN 'AUDIT' THEN 184 WHEN 'EVENT' THEN 366 WHEN 'ANSWER' THEN 7 END;
CREATE VIEW retention_kind AS
  SELECT what, retention_least(what) AS least_days, days FROM (VALUES ('AUDIT', 10957), ('EVENT', 3653), ('ANSWER', 90)) AS k(what, days);

CREATE TABLE retention (
  tenant smallint    NOT NULL,
  what   text        NOT NULL CHECK (what IN ('AUDIT', 'EVENT', 'ANSWER')),
  days   integer     NOT NULL,
  set_at timestamptz NOT NULL,
  set_by text        NOT NULL,
  PRIMARY KEY (tenant, what),
  CONSTRAINT not_below_the_law CHECK (days >= retention_least(what))
);
COMMENT ON CONSTRAINT not_below_the_law ON retention IS
  '保存期太短：审计记录不得少于六个月（网络安全法第二十三条），变动事件不得少于一年，首次答复不得少于七天';
CREATE FUNCTION retention_days(of_tenant smallint, of_what text) RETURNS integer LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT coalesce((SELECT days FROM retention WHERE tenant = of_tenant AND what = of_what),
                  (SELECT days FROM retention_kind WHERE what = of_what))
$$;

-- Where the trail begins now: the last seal that was removed.
CREATE TABLE audit_cut (
  tenant smallint    PRIMARY KEY,
  seal   bigint      NOT NULL,
  digest bytea       NOT NULL,
  n_rows bigint      NOT NULL, -- removed in all
  cut_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- At most 2,000 seals a turn: a turn is short, and there are 24 a day.
CREATE FUNCTION house_cut_audit(of_tenant smallint, today date) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  over   timestamptz := today - retention_days(of_tenant, 'AUDIT');
  last   bigint;
  n_gone bigint;
BEGIN
  SELECT max(number) - 1 INTO last
    FROM (SELECT number, sealed_at FROM audit_seal WHERE tenant = of_tenant ORDER BY number LIMIT 2001) AS first_seals
   WHERE sealed_at < over;
  IF NOT EXISTS (SELECT FROM audit_seal WHERE tenant = of_tenant AND number = last) THEN
    RETURN;
  END IF;
  DELETE FROM audit a
   USING (SELECT unnest(numbers) AS n FROM audit_seal WHERE tenant = of_tenant AND number <= last) AS r
   WHERE a.tenant = of_tenant AND a.number >= lower(r.n) AND a.number < upper(r.n);
  GET DIAGNOSTICS n_gone = ROW_COUNT;
  INSERT INTO audit_cut AS c (tenant, seal, digest, n_rows)
  SELECT tenant, number, digest, n_gone FROM audit_seal WHERE tenant = of_tenant AND number = last
  ON CONFLICT (tenant) DO UPDATE
     SET seal = excluded.seal, digest = excluded.digest, n_rows = c.n_rows + excluded.n_rows, cut_at = excluded.cut_at;
  DELETE FROM audit_seal WHERE tenant = of_tenant AND number <= last;
END $$;

-- Numbers and days of the log go up together, but for business days that were set in a test.
CREATE FUNCTION house_cut_events(of_tenant smallint, today date) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
  DELETE FROM event WHERE tenant = of_tenant AND number <=
    (SELECT max(number) FROM (SELECT number, happened_at FROM event WHERE tenant = of_tenant ORDER BY number LIMIT 20000) AS oldest
      WHERE happened_at < today - retention_days(of_tenant, 'EVENT'))
$$;

-- As before, with the terms that are set. Partitions are shared: the longest term of all districts counts.
CREATE OR REPLACE FUNCTION house_keep(today date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
DECLARE
  first_day   date;
  old         text;
  of_tenant   smallint;
  answer_days integer := coalesce((SELECT max(days) FROM retention WHERE what = 'ANSWER'),
                                  (SELECT days FROM retention_kind WHERE what = 'ANSWER'));
BEGIN
  FOR first_day IN SELECT generate_series(date_trunc('month', today), today + interval '1 month', interval '1 month') LOOP
    IF to_regclass(format('idempotency_%s', to_char(first_day, 'YYYYMM'))) IS NULL
       AND NOT EXISTS (SELECT FROM idempotency_rest WHERE day >= first_day AND day < first_day + interval '1 month') THEN
      EXECUTE format('CREATE TABLE idempotency_%s PARTITION OF idempotency FOR VALUES FROM (%L) TO (%L)',
                     to_char(first_day, 'YYYYMM'), first_day, (first_day + interval '1 month')::date);
    END IF;
  END LOOP;
  FOR old IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'idempotency'::regclass AND c.relname ~ '^idempotency_\d{6}$'
       AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= today - answer_days
  LOOP
    EXECUTE format('DROP TABLE %I', old);
  END LOOP;
  DELETE FROM idempotency_rest WHERE day < today - answer_days;

  of_tenant := (SELECT min(tenant) FROM audit_seal);
  WHILE of_tenant IS NOT NULL LOOP
    PERFORM house_cut_audit(of_tenant, today);
    PERFORM house_cut_events(of_tenant, today);
    of_tenant := (SELECT min(tenant) FROM audit_seal WHERE tenant > of_tenant);
  END LOOP;
END $$;

DO $$
BEGIN
  REVOKE EXECUTE ON FUNCTION house_cut_audit(smallint, date), house_cut_events(smallint, date) FROM PUBLIC;
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON audit_cut FROM %I', current_schema());
  EXECUTE format('REVOKE DELETE ON retention FROM %I', current_schema());
END $$;
