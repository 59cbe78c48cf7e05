-- SPDX-License-Identifier: Apache-2.0
-- Money figures of the summary: what reached people in the period, by the day the bank booked it (PAY-05, cash basis). Returned
-- instructions are not in them until they are paid again (scenario 70).

-- indicator 11.amount_fen unit 分 basis MONEY
-- 累计发放各项救助保障金：期内银行已入账的全部救助类资金（口径为项目表中 in_relief 的项目，现金制）。
-- note I-1：总结所列各分项合计为1.71亿元，缺口由“其他救助”单列，口径待区民政局确认
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND in_relief AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 13.amount_fen unit 分 basis MONEY
-- 一次性生活补助：期内银行已入账的金额（现金制，支付台账）。
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND programme = 'ONE_OFF' AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 15.amount_fen unit 分 basis MONEY
-- 低保救助资金：期内银行已入账的金额（现金制，支付台账）。
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND programme = 'DIBAO' AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 16.amount_fen unit 分 basis MONEY
-- 特困供养资金：期内银行已入账的金额（现金制，支付台账）。
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND programme = 'TEKUN' AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 18.amount_fen unit 分 basis MONEY
-- 临时救助资金：期内银行已入账的金额（现金制，支付台账）。
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND programme = 'TEMP_AID' AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 19.amount_fen unit 分 basis MONEY
-- 精简退职人员生活补助：期内银行已入账的金额（现金制，支付台账）。
SELECT id, label, division, value, day FROM settled_row
 WHERE tenant = :caller.tenant AND programme = 'JINGJIAN' AND day BETWEEN :from AND :to ORDER BY day, id;

-- indicator 12.benefits unit 人次 basis STOCK
-- 定期定量保障对象（按待遇计）：期末月份有应发金额的定期待遇所覆盖的人，一人享受几项计几次。
-- note I-2：总结4.6万余人没有自然的合计口径，同时给出按待遇和按人两种读数，待区民政局确认
SELECT person_id AS id, label, division, 1 AS value, month AS day FROM benefit_row
 WHERE tenant = :caller.tenant AND month = date_trunc('month', :to::date)::date ORDER BY label, person_id;

-- indicator 12.persons unit 人 basis STOCK
-- 定期定量保障对象（按人计）：期末月份有应发金额的定期待遇所覆盖的不同的人。
-- note I-2：见 12.benefits
SELECT person_id AS id, string_agg(label, '、' ORDER BY label) AS label, min(division) AS division, 1 AS value, min(month) AS day
  FROM benefit_row WHERE tenant = :caller.tenant AND month = date_trunc('month', :to::date)::date
 GROUP BY person_id ORDER BY person_id;
