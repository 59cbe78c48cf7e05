-- SPDX-License-Identifier: Apache-2.0
-- Methods that every service serves from its own tables (queries.h, house.h).

-- rpc ListEvents reply events
SELECT number, type, subject, happened_at, payload FROM event
 WHERE tenant = :caller.tenant AND number > :after
   AND (cardinality(:types::text[]) = 0 OR type = ANY(:types::text[]))
   AND (:subject::text = '' OR subject = :subject)
 ORDER BY number LIMIT CASE WHEN :limit::int4 = 0 THEN 100 ELSE :limit::int4 END;

-- rpc GetRetention reply terms
SELECT k.what, coalesce(r.days, k.days) AS days, k.least_days, r.set_at, r.set_by
  FROM retention_kind k LEFT JOIN retention r ON r.tenant = :caller.tenant AND r.what = k.what
 ORDER BY k.what;

-- rpc SetRetention store expect 1
INSERT INTO retention (tenant, what, days, set_at, set_by) VALUES (:caller.tenant, :what, :days, :now_real, :caller.name)
ON CONFLICT (tenant, what) DO UPDATE SET days = excluded.days, set_at = excluded.set_at, set_by = excluded.set_by;

-- rpc ListAuditRows reply rows
-- Of who touched a thousand, an import, only the person that was asked for, or the first twenty; `persons` says how many.
SELECT number, recorded_at, account_id, account_name, purpose, method, outcome, reason,
       CASE WHEN :person_id::uuid IS NULL THEN person_ids[1:20] ELSE ARRAY[:person_id::uuid] END AS person_ids,
       cardinality(person_ids) AS persons, changes::text AS changes, unmasked
  FROM audit
 WHERE tenant = :caller.tenant
   AND (:person_id::uuid IS NULL OR person_ids @> ARRAY[:person_id::uuid])
   AND (:account_id::uuid IS NULL OR account_id = :account_id::uuid)
   AND (NOT :refused_only OR outcome IN ('PERMISSION_DENIED', 'NOT_FOUND'))
   AND (:after.number::int8 IS NULL OR number < :after.number::int8)
 ORDER BY number DESC LIMIT :page.limit;
