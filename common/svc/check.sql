-- SPDX-License-Identifier: Apache-2.0
-- What a schema must not have so that it can be distributed by tenant later (check.h); a row is a fault, in words.
-- A claim is a national rule: its key is the person alone. Any other exception says why in the table's or the
-- constraint's comment, which begins with `national: `.
WITH own AS (
  SELECT c.oid, c.relname, c.relispartition,
         c.relname ~ '_claim$' OR c.relname = 'schema_migrations'
           OR coalesce(obj_description(c.oid, 'pg_class'), '') ~ '^national: ' AS is_national
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
), has_tenant AS (
  SELECT attrelid, attnum FROM pg_attribute WHERE attname = 'tenant'
)
SELECT format('表 %s 的唯一约束 %s 不含 tenant', own.relname, c.conname)
  FROM pg_constraint c JOIN own ON own.oid = c.conrelid
 WHERE c.contype IN ('p', 'u', 'x') AND c.conparentid = 0 AND NOT own.is_national
   AND coalesce(obj_description(c.oid, 'pg_constraint'), '') !~ '^national: '
   AND NOT EXISTS (SELECT FROM has_tenant h WHERE h.attrelid = own.oid AND h.attnum = ANY(c.conkey))
UNION ALL
SELECT format('表 %s 的唯一索引 %s 不含 tenant', own.relname, i.indexrelid::regclass)
  FROM pg_index i JOIN own ON own.oid = i.indrelid
 WHERE i.indisunique AND NOT own.is_national AND NOT own.relispartition
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
   AND NOT EXISTS (SELECT FROM has_tenant h WHERE h.attrelid = own.oid AND h.attnum = ANY(i.indkey))
UNION ALL
SELECT format('表 %s 的外键 %s 指向另一服务的表', own.relname, c.conname)
  FROM pg_constraint c JOIN own ON own.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
 WHERE c.contype = 'f' AND f.relnamespace <> c.connamespace
UNION ALL
SELECT format('表 %s 的外键 %s 不含 tenant', own.relname, c.conname)
  FROM pg_constraint c JOIN own ON own.oid = c.conrelid
 WHERE c.contype = 'f' AND c.conparentid = 0
   AND coalesce(obj_description(c.oid, 'pg_constraint'), '') !~ '^national: '
   AND NOT EXISTS (SELECT FROM has_tenant h WHERE h.attrelid = own.oid AND h.attnum = ANY(c.conkey))
