-- SPDX-License-Identifier: Apache-2.0

-- indicator 1.notes unit 条 basis STOCK
-- 期末存在的记事，
-- 按写入日计。
-- note I-0
SELECT id, title AS label, division, 1 AS value, written_at::date AS day FROM note
 WHERE tenant = :caller.tenant AND written_at < (:to::date + 1) ORDER BY id;

-- indicator 1.changed unit 条 basis STOCK
-- 期末存在的改过名的记事。
SELECT id, title AS label, division, 1 AS value FROM note
 WHERE tenant = :caller.tenant AND version > 1 AND written_at < (:to::date + 1) ORDER BY id;

-- indicator 1.changed_share unit % basis RATE of 1.changed by 1.notes
-- 改过名的记事占全部记事。

-- indicator 1.growth unit % basis RATE growth 1.notes
-- 记事比上年末增长。

-- sentence 1.1
-- 全年共有记事{1.notes}条，
-- 改名{1.changed_share:%}。
