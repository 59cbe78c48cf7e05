-- SPDX-License-Identifier: Apache-2.0
-- How long the house's rows are kept. First answers (idempotency): 90 days, by months, so that an old month goes at once
-- and a lookup meets few partitions. Audit, seals and events: never dropped by software; they follow the archive's term.
-- migrate:up
CREATE FUNCTION house_keep(today date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
DECLARE
  first_day date;
  old       text;
BEGIN
  -- This month and the next. One whose rows are in the default partition already stays there.
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
       AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= today - 90
  LOOP
    EXECUTE format('DROP TABLE %I', old);
  END LOOP;
  DELETE FROM idempotency_rest WHERE day < today - 90;
END $$;

DO $$
BEGIN
  REVOKE EXECUTE ON FUNCTION house_keep(date) FROM PUBLIC;
  EXECUTE format('GRANT EXECUTE ON FUNCTION house_keep(date) TO %I', current_schema());
END $$;
SELECT house_keep(current_date);
