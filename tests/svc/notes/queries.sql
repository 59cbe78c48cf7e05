-- SPDX-License-Identifier: Apache-2.0

-- rpc GetNote reply
SELECT id, person_id, title, phone, division, "on", version, written_at, labels, changes, age_days FROM note
 WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions);

-- rpc ListNotes reply notes
SELECT id, person_id, title, division, written_at FROM note
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (:after.id::uuid IS NULL OR (title, id) > (:after.title::text, :after.id::uuid))
 ORDER BY title, id LIMIT :page.limit;

-- rpc FindNote reply notes
SELECT id, title, phone FROM note
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) AND phone_index = :blind(phone)
   AND (:after.id::uuid IS NULL OR id > :after.id::uuid) ORDER BY id LIMIT 100;

-- rpc SummariseNotes load notes
SELECT count(*) FROM note WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions);
-- rpc SummariseNotes load titles
SELECT title FROM note WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) ORDER BY title LIMIT 2;

-- rpc SummariseNotes ask IndicatorService/ListFigures figures

-- rpc ExportNotes reply
SELECT id, title, phone, division FROM note
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) ORDER BY id;

-- rpc CreateNote load namesake
SELECT id FROM note WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) AND title = :title LIMIT 1;
-- rpc CreateNote store expect 1
INSERT INTO note (tenant, id, person_id, title, phone, phone_index, division, "on", written_at, labels)
SELECT :caller.tenant, :reply.id, :reply.person_id, :reply.title, :reply.phone, :blind(reply.phone), :reply.division::int8, :reply.on, :reply.written_at, :reply.labels
 WHERE :reply.division::int8 = ANY(:caller.divisions);
-- rpc CreateNote event notes.note.changed

-- rpc RenameNote load note
SELECT id, person_id, title, phone, division, "on", version, written_at, labels FROM note
 WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions);
-- rpc RenameNote store expect 1
UPDATE note SET title = :title, version = version + 1 WHERE tenant = :caller.tenant AND id = :id AND version = :version;
-- rpc RenameNote event notes.note.changed

-- rpc UnlockNote load note
SELECT id, title, division, version FROM note
 WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions) FOR UPDATE;
-- rpc UnlockNote load wrong_words
SELECT wrong_words FROM note WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions);
-- rpc UnlockNote store
UPDATE note SET wrong_words = :wrong_words WHERE tenant = :caller.tenant AND id = :id;

-- rpc DropNote store expect 1
DELETE FROM note WHERE tenant = :caller.tenant AND id = :id AND division = ANY(:caller.divisions);

-- rpc ImportNotes load known
SELECT id FROM note WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) AND id = ANY(:rows.id::uuid[]);
-- rpc ImportNotes store expect cardinality(:stored.id::uuid[])
INSERT INTO note (tenant, id, person_id, title, phone, phone_index, division, written_at)
SELECT :caller.tenant, r.id, r.person_id, r.title, r.phone, r.phone_index, r.division, :now
  FROM unnest(:stored.id::uuid[], :stored.person_id::uuid[], :stored.title::text[], :stored.phone::bytea[], :blind(stored.phone)::bytea[], :stored.division::int8[])
    AS r(id, person_id, title, phone, phone_index, division);
-- rpc ImportNotes event notes.note.changed

-- rpc CountChanges store
UPDATE note SET changes = changes + e.n FROM (SELECT id, count(*) AS n FROM unnest(:events.id::uuid[]) AS id GROUP BY id) AS e
 WHERE tenant = :caller.tenant AND note.id = e.id;

-- rpc AgeNotes load ids
SELECT id FROM note WHERE tenant = :caller.tenant AND age_days < :today::date - (written_at AT TIME ZONE 'Asia/Shanghai')::date
 ORDER BY id LIMIT 2 FOR UPDATE;
-- rpc AgeNotes store
UPDATE note SET age_days = :today::date - (written_at AT TIME ZONE 'Asia/Shanghai')::date WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]);
