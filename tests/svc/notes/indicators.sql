-- SPDX-License-Identifier: Apache-2.0

-- indicator 1.notes unit 条 basis STOCK
-- 期末存在的记事，
-- 按写入日计。
-- note I-0
SELECT count(*) AS value FROM note WHERE tenant = :caller.tenant AND written_at < (:to::date + 1);
-- rows 1.notes
SELECT id, title AS label, division, 1 AS value, written_at::date AS day FROM note
 WHERE tenant = :caller.tenant AND written_at < (:to::date + 1) ORDER BY id;

-- indicator 1.changed_share unit % basis RATE
-- 改过名的记事占全部记事。
SELECT count(*) FILTER (WHERE version > 1) AS numerator, count(*) AS denominator, count(*) AS records FROM note WHERE tenant = :caller.tenant;
-- rows 1.changed_share
SELECT id, title AS label, division, (version > 1)::int AS value FROM note WHERE tenant = :caller.tenant ORDER BY id;

-- sentence 1.1
-- 全年共有记事{1.notes}条，
-- 改名{1.changed_share:%}。
