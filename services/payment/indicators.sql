-- SPDX-License-Identifier: Apache-2.0
-- Money figures of the summary: what reached people in the period, by the day the bank booked it (PAY-05, cash basis). Returned
-- instructions are not in them until they are paid again (scenario 70).

-- indicator 11.amount_fen unit 分 basis MONEY
-- 累计发放各项救助保障金：期内银行已入账的全部救助类资金（口径为项目表中 in_relief 的项目，现金制）。
-- note I-1：总结所列各分项合计为1.71亿元，缺口由“其他救助”单列，口径待区民政局确认
SELECT coalesce(sum(s.amount_fen), 0)::int8 AS value, count(*) AS records
  FROM api_settled s JOIN programme g ON g.tenant = s.tenant AND g.code = s.programme
 WHERE s.tenant = :caller.tenant AND s.booked_on BETWEEN :from AND :to AND g.in_relief;
-- rows 11.amount_fen
SELECT s.payment_id AS id, g.name AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN programme g ON g.tenant = s.tenant AND g.code = s.programme
  JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.booked_on BETWEEN :from AND :to AND g.in_relief
 ORDER BY s.booked_on, s.payment_id;

-- indicator 13.amount_fen unit 分 basis MONEY
-- 一次性生活补助：期内银行已入账的金额（现金制，支付台账）。
SELECT coalesce(sum(amount_fen), 0)::int8 AS value, count(*) AS records FROM api_settled
 WHERE tenant = :caller.tenant AND programme = 'ONE_OFF' AND booked_on BETWEEN :from AND :to;
-- rows 13.amount_fen
SELECT s.payment_id AS id, '一次性生活补助' AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.programme = 'ONE_OFF' AND s.booked_on BETWEEN :from AND :to
 ORDER BY s.booked_on, s.payment_id;

-- indicator 15.amount_fen unit 分 basis MONEY
-- 低保救助资金：期内银行已入账的金额（现金制，支付台账）。
SELECT coalesce(sum(amount_fen), 0)::int8 AS value, count(*) AS records FROM api_settled
 WHERE tenant = :caller.tenant AND programme = 'DIBAO' AND booked_on BETWEEN :from AND :to;
-- rows 15.amount_fen
SELECT s.payment_id AS id, '低保救助资金' AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.programme = 'DIBAO' AND s.booked_on BETWEEN :from AND :to
 ORDER BY s.booked_on, s.payment_id;

-- indicator 16.amount_fen unit 分 basis MONEY
-- 特困供养资金：期内银行已入账的金额（现金制，支付台账）。
SELECT coalesce(sum(amount_fen), 0)::int8 AS value, count(*) AS records FROM api_settled
 WHERE tenant = :caller.tenant AND programme = 'TEKUN' AND booked_on BETWEEN :from AND :to;
-- rows 16.amount_fen
SELECT s.payment_id AS id, '特困供养资金' AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.programme = 'TEKUN' AND s.booked_on BETWEEN :from AND :to
 ORDER BY s.booked_on, s.payment_id;

-- indicator 18.amount_fen unit 分 basis MONEY
-- 临时救助资金：期内银行已入账的金额（现金制，支付台账）。
SELECT coalesce(sum(amount_fen), 0)::int8 AS value, count(*) AS records FROM api_settled
 WHERE tenant = :caller.tenant AND programme = 'TEMP_AID' AND booked_on BETWEEN :from AND :to;
-- rows 18.amount_fen
SELECT s.payment_id AS id, '临时救助资金' AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.programme = 'TEMP_AID' AND s.booked_on BETWEEN :from AND :to
 ORDER BY s.booked_on, s.payment_id;

-- indicator 19.amount_fen unit 分 basis MONEY
-- 精简退职人员生活补助：期内银行已入账的金额（现金制，支付台账）。
SELECT coalesce(sum(amount_fen), 0)::int8 AS value, count(*) AS records FROM api_settled
 WHERE tenant = :caller.tenant AND programme = 'JINGJIAN' AND booked_on BETWEEN :from AND :to;
-- rows 19.amount_fen
SELECT s.payment_id AS id, '精简退职人员生活补助' AS label, a.division, s.amount_fen AS value, s.booked_on AS day
  FROM api_settled s JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id
 WHERE s.tenant = :caller.tenant AND s.programme = 'JINGJIAN' AND s.booked_on BETWEEN :from AND :to
 ORDER BY s.booked_on, s.payment_id;

-- indicator 12.benefits unit 人次 basis STOCK
-- 定期定量保障对象（按待遇计）：期末月份有应发金额的定期待遇所覆盖的人，一人享受几项计几次。
-- note I-2：总结4.6万余人没有自然的合计口径，同时给出按待遇和按人两种读数，待区民政局确认
SELECT count(*) AS value FROM (
    SELECT e.programme, u.person_id
      FROM entitlement e JOIN programme g ON g.tenant = e.tenant AND g.code = e.programme
     CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
     WHERE e.tenant = :caller.tenant AND g.recurring AND e.month = date_trunc('month', :to::date)::date
     GROUP BY e.programme, u.person_id HAVING sum(u.fen) > 0) covered;
-- rows 12.benefits
SELECT u.person_id AS id, g.name AS label, min(a.division) AS division, 1 AS value, min(e.month) AS day
  FROM entitlement e JOIN programme g ON g.tenant = e.tenant AND g.code = e.programme
  JOIN award a ON a.tenant = e.tenant AND a.id = e.award_id
 CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
 WHERE e.tenant = :caller.tenant AND g.recurring AND e.month = date_trunc('month', :to::date)::date
 GROUP BY g.name, u.person_id HAVING sum(u.fen) > 0
 ORDER BY g.name, u.person_id;

-- indicator 12.persons unit 人 basis STOCK
-- 定期定量保障对象（按人计）：期末月份有应发金额的定期待遇所覆盖的不同的人。
-- note I-2：见 12.benefits
SELECT count(DISTINCT person_id) AS value FROM (
    SELECT e.programme, u.person_id
      FROM entitlement e JOIN programme g ON g.tenant = e.tenant AND g.code = e.programme
     CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
     WHERE e.tenant = :caller.tenant AND g.recurring AND e.month = date_trunc('month', :to::date)::date
     GROUP BY e.programme, u.person_id HAVING sum(u.fen) > 0) covered;
-- rows 12.persons
SELECT person_id AS id, string_agg(label, '、' ORDER BY label) AS label, min(division) AS division, 1 AS value, min(day) AS day FROM (
    SELECT u.person_id, g.name AS label, min(a.division) AS division, min(e.month) AS day
      FROM entitlement e JOIN programme g ON g.tenant = e.tenant AND g.code = e.programme
      JOIN award a ON a.tenant = e.tenant AND a.id = e.award_id
     CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
     WHERE e.tenant = :caller.tenant AND g.recurring AND e.month = date_trunc('month', :to::date)::date
     GROUP BY g.name, u.person_id HAVING sum(u.fen) > 0) covered
 GROUP BY person_id ORDER BY person_id;
