-- SPDX-License-Identifier: Apache-2.0
-- Relief's figures of the annual summary, with the records behind each (svc/indicator.h). Money that has been paid is
-- payment's; the sentences are relief's, since the section is.

-- indicator 13.month unit 月 basis FLOW max
-- 一次性生活补助发放的月份：期内批次所属月份中最后的一个。
SELECT id::text AS id, title AS label, 0::int8 AS division, extract(month FROM month)::int8 AS value, month AS day FROM grant_batch
 WHERE tenant = :caller.tenant AND programme = 'ONE_OFF' AND state <> 'OPEN' AND month BETWEEN :from::date AND :to::date
 ORDER BY id;

-- indicator 14.household_times unit 户次 basis FLOW
-- 精准核查比对户次：期内完成的家庭经济状况核对，一次核对一户计一次。
SELECT id::text AS id, '核对' AS label, division, 1::int8 AS value, done_on AS day FROM economic_check
 WHERE tenant = :caller.tenant AND state = 'DONE' AND done_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 14.person_times unit 人次 basis FLOW
-- 精准核查比对人次：期内完成的核对所核查的人，一人一次核对计一次。
SELECT id::text AS id, '核对' AS label, division, cardinality(person_ids)::int8 AS value, done_on AS day FROM economic_check
 WHERE tenant = :caller.tenant AND state = 'DONE' AND done_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 14.leads unit 件 basis FLOW
-- 主动发现线索：期内办结的线索。
SELECT id::text AS id, outcome AS label, division, 1::int8 AS value, resolved_on AS day FROM lead
 WHERE tenant = :caller.tenant AND state = 'RESOLVED' AND resolved_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 15.households unit 户 basis STOCK
-- 城乡低保对象户数：期末月份在保的低保家庭，单人保计一户。
SELECT award_id::text AS id, '低保家庭' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'DIBAO' AND :to::date <@ valid
 GROUP BY award_id ORDER BY award_id;

-- indicator 15.persons unit 人 basis STOCK
-- 城乡低保对象人数：期末月份在保家庭中计入的人。
SELECT person_id::text AS id, '低保对象' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'DIBAO' AND :to::date <@ valid
 GROUP BY person_id ORDER BY person_id;

-- indicator 16.persons unit 人 basis STOCK
-- 城乡特困人员：期末月份在册的特困供养对象。
SELECT person_id::text AS id, '特困人员' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'TEKUN' AND :to::date <@ valid
 GROUP BY person_id ORDER BY person_id;

-- indicator 17.households unit 户 basis STOCK
-- 低保边缘家庭户数：期末月份认定有效的家庭。
SELECT award_id::text AS id, '低保边缘家庭' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'EDGE' AND :to::date <@ valid
 GROUP BY award_id ORDER BY award_id;

-- indicator 17.persons unit 人 basis STOCK
-- 低保边缘家庭人口：期末月份认定有效的家庭中计入的人。
SELECT person_id::text AS id, '低保边缘家庭成员' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'EDGE' AND :to::date <@ valid
 GROUP BY person_id ORDER BY person_id;

-- indicator 17.share unit % basis RATE of 17.persons by 15.persons
-- 低保边缘家庭人口占低保总人口的比例：17.persons ÷ 15.persons。

-- indicator 17.growth unit % basis RATE growth 17.persons
-- 低保边缘家庭人口同比增幅：（期末人数 − 上期末人数）÷ 上期末人数。

-- indicator 18.grants unit 人次 basis FLOW
-- 临时救助人次：期内作出救助决定的临时救助（含小额快救），一次计一人次。
SELECT id::text AS id, CASE aid_type WHEN 'URGENT' THEN '急难型' ELSE '支出型' END AS label, division, 1::int8 AS value, granted_on AS day
  FROM temp_aid WHERE tenant = :caller.tenant AND granted_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 18.granted_fen unit 分 basis FLOW
-- 临时救助决定金额：期内作出救助决定的金额（不论是否已经入账，入账的见 18.amount_fen）。
SELECT id::text AS id, CASE aid_type WHEN 'URGENT' THEN '急难型' ELSE '支出型' END AS label, division, amount_fen AS value, granted_on AS day
  FROM temp_aid WHERE tenant = :caller.tenant AND granted_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 18.average unit 元 basis RATE of 18.granted_fen by 18.grants
-- 次均救助：期内决定的临时救助金额 ÷ 人次，四舍五入到元。

-- indicator 18.grants_last_year unit 人次 basis FLOW before 18.grants
-- 上年同期临时救助人次。

-- indicator 18.average_last_year unit 元 basis RATE before 18.average
-- 上年同期次均救助。

-- indicator 18.grown unit 项 basis FLOW
-- 临时救助人次、救助水平（次均）两项中比上年同期增长的项数，两项都增长即“双增长”。
SELECT measure AS id, measure AS label, 0::int8 AS division, 1::int8 AS value, :to::date AS day
  FROM (SELECT count(*) FILTER (WHERE granted_on >= :from::date) AS n, avg(amount_fen) FILTER (WHERE granted_on >= :from::date) AS mean,
               count(*) FILTER (WHERE granted_on < :from::date) AS n_before,
               avg(amount_fen) FILTER (WHERE granted_on < :from::date) AS mean_before
          FROM temp_aid
         WHERE tenant = :caller.tenant AND granted_on BETWEEN :from::date - interval '1 year' AND :to::date) AS years
 CROSS JOIN LATERAL (VALUES ('救助人次', n > n_before), ('次均救助', coalesce(mean, 0) > coalesce(mean_before, 0))) AS m(measure, grown)
 WHERE grown ORDER BY measure;

-- indicator 19.persons unit 人 basis STOCK
-- 精简退职对象：期末月份在册领取生活补助的人。
SELECT person_id::text AS id, '精简退职老职工' AS label, min(division) AS division, 1::int8 AS value, min(lower(valid)) AS day
  FROM api_coverage WHERE tenant = :caller.tenant AND programme = 'JINGJIAN' AND :to::date <@ valid
 GROUP BY person_id ORDER BY person_id;

-- indicator 20.persons unit 人 basis STOCK
-- 兜底保障的已脱贫户、监测户：期末月份在保低保、特困对象中带有该标记的人。
SELECT c.person_id::text AS id, '已脱贫户、监测户' AS label, min(c.division) AS division, 1::int8 AS value, :to::date AS day
  FROM api_coverage c JOIN api_person_tag t ON t.tenant = c.tenant AND t.person_id = c.person_id AND :to::date <@ t.valid
 WHERE c.tenant = :caller.tenant AND c.programme IN ('DIBAO', 'TEKUN') AND :to::date <@ c.valid
 GROUP BY c.person_id ORDER BY c.person_id;

-- indicator 21.enrolled unit 人 basis STOCK
-- 资助参加“民政惠民济困保”的困难对象：期末所在年度已参保的人。
-- note I-11：参保名单以参保截止日的在册人员为准，与期末在册人数相差截止日后的变动
SELECT person_id::text AS id, programme AS label, 0::int8 AS division, 1::int8 AS value, snapshot_on AS day FROM enrolment
 WHERE tenant = :caller.tenant AND policy_year = extract(year FROM :to::date) ORDER BY person_id;

-- indicator 21.claims unit 人次 basis FLOW
-- “民政惠民济困保”理赔人次：期内保险公司支付的理赔。
SELECT id::text AS id, '理赔' AS label, 0::int8 AS division, 1::int8 AS value, paid_on AS day FROM insurance_claim
 WHERE tenant = :caller.tenant AND paid_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 21.claims_fen unit 分 basis MONEY
-- “民政惠民济困保”理赔金额：期内保险公司支付的金额（保险公司账，不在支付台账内）。
SELECT id::text AS id, '理赔' AS label, 0::int8 AS division, amount_fen AS value, paid_on AS day FROM insurance_claim
 WHERE tenant = :caller.tenant AND paid_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 22.alliances unit 个 basis STOCK
-- 区级社会救助服务联合体：期末在运行的。
SELECT id::text AS id, name AS label, division, 1::int8 AS value, opened_on AS day
  FROM facility
 WHERE tenant = :caller.tenant AND kind = 'ALLIANCE' AND opened_on <= :to::date AND (closed_on IS NULL OR closed_on >= :to::date)
 ORDER BY id;

-- indicator 23.persons unit 人 basis STOCK
-- “解需暖心”：期末有照料护理协议的散居特困人员。
SELECT person_id::text AS id, '照料护理协议' AS label, min(division) AS division, 1::int8 AS value, min(starts_on) AS day
  FROM care_agreement
 WHERE tenant = :caller.tenant AND starts_on <= :to::date AND (ends_on IS NULL OR ends_on >= :to::date)
 GROUP BY person_id ORDER BY person_id;

-- indicator 24.online unit 件次 basis FLOW
-- “渝悦·救助通”线上申请量：期内提交的、渠道为线上的申请。
SELECT id::text AS id, kind || ' ' || channel AS label, division, 1::int8 AS value, submitted_on AS day FROM application
 WHERE tenant = :caller.tenant AND submitted_on BETWEEN :from::date AND :to::date AND channel = 'ONLINE' ORDER BY id;

-- indicator 24.applications unit 件次 basis FLOW
-- 申请量：期内提交的全部申请，不分渠道。
SELECT id::text AS id, kind || ' ' || channel AS label, division, 1::int8 AS value, submitted_on AS day FROM application
 WHERE tenant = :caller.tenant AND submitted_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 24.rate unit % basis RATE of 24.online by 24.applications
-- 线上申办率：期内线上申请 ÷ 期内全部申请。
-- note I-8：总结未说明申办率口径，另有办结率 24.handled_rate，两个读数并列，待区民政局确认

-- indicator 24.handled unit 件次 basis FLOW
-- 线上申请已有结果的：期内提交的线上申请中已确认、不予确认、撤回或归档的。
SELECT id::text AS id, kind || ' ' || channel AS label, division, 1::int8 AS value, submitted_on AS day FROM application
 WHERE tenant = :caller.tenant AND submitted_on BETWEEN :from::date AND :to::date AND channel = 'ONLINE'
   AND state IN ('CONFIRMED', 'REFUSED', 'WITHDRAWN', 'ARCHIVED') ORDER BY id;

-- indicator 24.handled_rate unit % basis RATE of 24.handled by 24.online
-- 线上办结率：期内提交的线上申请中已有结果的 ÷ 期内线上申请。
-- note I-8：见 24.rate

-- indicator 25.points unit 个 basis STOCK
-- 城区流浪乞讨临时救助点：期末在运行的。
SELECT id::text AS id, name AS label, division, 1::int8 AS value, opened_on AS day
  FROM facility
 WHERE tenant = :caller.tenant AND kind = 'RESCUE_POINT' AND opened_on <= :to::date AND (closed_on IS NULL OR closed_on >= :to::date)
 ORDER BY id;

-- indicator 26.person_times unit 人次 basis FLOW
-- 救助流浪乞讨人员：期内接收的救助，一次计一人次。
SELECT id::text AS id, operation AS label, 0::int8 AS division, 1::int8 AS value, admitted_on AS day FROM rescue
 WHERE tenant = :caller.tenant AND admitted_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 26.escorted unit 人次 basis FLOW
-- 护送返乡：期内由救助机构护送离站的人次。
SELECT id::text AS id, operation AS label, 0::int8 AS division, 1::int8 AS value, left_on AS day FROM rescue
 WHERE tenant = :caller.tenant AND departure = 'ESCORTED' AND left_on BETWEEN :from::date AND :to::date ORDER BY id;

-- indicator 26.visits unit 人 basis FLOW
-- 回访：期内登记的回访，一次计一人。
SELECT rescue_id::text AS id, '回访' AS label, 0::int8 AS division, 1::int8 AS value, visited_on AS day FROM rescue_visit
 WHERE tenant = :caller.tenant AND visited_on BETWEEN :from::date AND :to::date ORDER BY rescue_id, number;

-- sentence 2.01
-- 秉持温情救助理念，织牢民生兜底“保障网”。持续实施“精准保障”行动，落实落细各项社会救助政策，累计发放各项救助保障金{11.amount_fen:亿元.2}，定期定量保障对象{12.persons:万.1-}余人，确保困难对象应保尽保、应救尽救。
-- sentence 2.02
-- 按照全国全市统一部署，{13.month}月份圆满完成向特困人员、孤儿等困难群众发放一次性生活补助{13.amount_fen:万元.1}，及时传递了党和政府对困难群众的关心关爱。
-- sentence 2.03
-- 持续完善主动发现、精准核查比对机制，不断提升社会救助规范化管理水平，累计核查{14.household_times:万.1}户次{14.person_times:万.1}人次，共保障城乡低保对象{15.households}户{15.persons}人，发放低保救助资金{15.amount_fen:亿元.2}；
-- sentence 2.04
-- 保障城乡特困人员{16.persons}人，发放特困供养资金{16.amount_fen:万元.1}；
-- sentence 2.05
-- 认定低保边缘家庭人口{17.households}户{17.persons}人，占低保总人口的{17.share:%}，同比上年增幅{17.growth:%}；
-- sentence 2.06
-- 累计实施临时救助{18.grants}人次{18.amount_fen:万元.1}，次均救助{18.average:元}，临时救助人次、救助水平同比上年{18.grown:均未增长|一项增长|双增长}；
-- sentence 2.07
-- 保障精简退职对象{19.persons}人{19.amount_fen:万元.3}，兜底保障已脱贫户、监测户{20.persons}人。
-- sentence 2.08
-- 资助{21.enrolled}名困难对象参加“民政惠民济困保”保险，理赔{21.claims}人次{21.claims_fen:万元}。
-- sentence 2.09
-- 建成{22.alliances}个区级社会救助服务联合体，探索推进“解需暖心”实事，{23.persons}名散居特困老人照料护理服务更到位，经验做法获《民政部简报》刊载。
-- sentence 2.10
-- 深入实施社会救助“一网通办”，“渝悦·救助通”线上申请量{24.online}件次、申办率达{24.rate:%}，实现让“数据多跑路、群众少跑腿”。
-- sentence 2.11
-- 建设{25.points}个城区流浪乞讨临时救助点，积极开展了“夏季送清凉”、“冬季送温暖”等专项救助行动，全年共救助流浪乞讨人员{26.person_times}人次，护送返乡{26.escorted}人次，回访{26.visits}人，成功竞得国家级救助管理区域性中心试点项目。
