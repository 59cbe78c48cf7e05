-- SPDX-License-Identifier: Apache-2.0
-- Published amounts of Chongqing and the parameters of the rules, for 黔江区 (domain rules 0.2 and 2.1).
-- migrate:up

-- One line a notice: amount in yuan from a month on, and the day the notice became known (NULL: before anything here).
-- An amount of NULL ends a series: what held after it is not known, and asking for it must fail.
CREATE TEMPORARY TABLE notice (
	kind text, yuan integer, starts date, announced date, source text, unconfirmed boolean
) ON COMMIT DROP;
INSERT INTO notice VALUES
	('DIBAO_URBAN', 636, '2021-09-01', NULL, '2021-08-06 报道', false),
	('DIBAO_URBAN', 717, '2022-10-01', NULL, '待核', true),
	('DIBAO_URBAN', 735, '2023-09-01', NULL, '重庆日报 2024-09-24（起始月待核）', false),
	('DIBAO_URBAN', 750, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('DIBAO_URBAN', 770, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('DIBAO_RURAL', 515, '2021-09-01', NULL, '2021-08-06 报道', false),
	('DIBAO_RURAL', 581, '2022-10-01', NULL, '待核', true),
	('DIBAO_RURAL', 600, '2023-09-01', NULL, '重庆日报 2024-09-24（起始月待核）', false),
	('DIBAO_RURAL', 610, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('DIBAO_RURAL', 630, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('TEKUN_BASIC', 827, '2021-09-01', NULL, '2021-08-06 报道', false),
	('TEKUN_BASIC', NULL, '2022-10-01', NULL, '', false),
	('TEKUN_BASIC', 955, '2023-09-01', NULL, '重庆日报 2024-09-24（起始月待核）', false),
	('TEKUN_BASIC', 975, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('TEKUN_BASIC', 1001, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('TEKUN_CARE_FULL', 300, '2023-09-01', NULL, '待核', true),
	('TEKUN_CARE_HALF', 200, '2023-09-01', NULL, '待核', true),
	('TEKUN_CARE_SELF', 50, '2023-09-01', NULL, '待核', true),
	('ORPHAN_INSTITUTION', 1605, '2023-09-01', NULL, '重庆日报 2024-09-24（起始月待核）', false),
	('ORPHAN_INSTITUTION', 1825, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('ORPHAN_INSTITUTION', 1851, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('CHILD_COMMUNITY', 1405, '2023-09-01', NULL, '重庆日报 2024-09-24（起始月待核）', false),
	('CHILD_COMMUNITY', 1625, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('CHILD_COMMUNITY', 1651, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('RESCUE_LIVING', 750, '2024-09-01', '2024-09-24', '重庆日报 2024-09-24', false),
	('RESCUE_LIVING', 770, '2025-07-01', '2025-07-09', '重庆日报 2025-07-09', false),
	('DISABILITY_LIVING', 70, '2021-09-01', NULL, '2024-08 网页', false),
	('DISABILITY_LIVING', 80, '2022-10-01', NULL, '2022-10 报道', false),
	('DISABILITY_LIVING', 90, '2024-10-01', NULL, '总结：2024 年提标；金额和月份待核', true),
	('DISABILITY_NURSING_1', 80, '2021-09-01', NULL, '2024-08 网页', false),
	('DISABILITY_NURSING_1', 90, '2022-10-01', NULL, '2022-10 报道', false),
	('DISABILITY_NURSING_1', 100, '2024-10-01', NULL, '总结：2024 年提标；金额和月份待核', true),
	('DISABILITY_NURSING_2', 70, '2021-09-01', NULL, '2024-08 网页', false),
	('DISABILITY_NURSING_2', 80, '2022-10-01', NULL, '2022-10 报道', false),
	('DISABILITY_NURSING_2', 90, '2024-10-01', NULL, '总结：2024 年提标；金额和月份待核', true),
	('ELDER_DISABLED', 200, '2023-09-01', NULL, '待核', true),
	('CENTENARIAN', 200, '2023-09-01', NULL, '待核', true);

-- Before the next notice was known an amount had no end (scenario 2).
INSERT INTO policy_amount (tenant, kind, amount_fen, valid, known, source, unconfirmed)
WITH series AS (
	SELECT *, announced::timestamp AT TIME ZONE 'Asia/Shanghai' AS known_from,
		lead(starts) OVER w AS ends,
		lead(announced::timestamp AT TIME ZONE 'Asia/Shanghai') OVER w AS end_known
	FROM notice WINDOW w AS (PARTITION BY kind ORDER BY starts)
)
SELECT 1, kind, yuan * 100, daterange(starts, NULL), tstzrange(known_from, end_known), source, unconfirmed
FROM series WHERE yuan IS NOT NULL AND (ends IS NULL OR end_known IS NOT NULL)
UNION ALL
SELECT 1, kind, yuan * 100, daterange(starts, ends), tstzrange(coalesce(end_known, known_from), NULL), source, unconfirmed
FROM series WHERE yuan IS NOT NULL AND ends IS NOT NULL;

INSERT INTO parameter (tenant, name, value, valid, conflict, source, unconfirmed) VALUES
	(1, 'dibao.first_month', 'SAME_MONTH', '(,)', 'C-1', '重庆低保条例 22；与渝民发〔2023〕3 号核对', true),
	(1, 'dibao.limit_clock', 'EARLIER', '(,)', 'C-2', '两种期限都计，按先到的提醒', true),
	(1, 'dibao.limit_days', '30', '(,)', 'C-2', '重庆低保条例 19（不含评议、公示）', false),
	(1, 'dibao.limit_workdays', '30', '(,)', 'C-2', '民发〔2021〕57 号', true),
	(1, 'dibao.limit_workdays_special', '45', '(,)', 'C-2', '民发〔2021〕57 号', true),
	(1, 'dibao.recheck_rule', 'LOCAL', '(,)', 'C-3', '重庆低保条例 26', true),
	(1, 'dibao.recheck_months_a', '12', '(,)', 'C-3', '重庆低保条例 26', false),
	(1, 'dibao.recheck_months_b', '6', '(,)', 'C-3', '重庆低保条例 26', false),
	(1, 'dibao.recheck_months_c_urban', '1', '(,)', 'C-3', '重庆低保条例 26', false),
	(1, 'dibao.recheck_months_c_rural', '3', '(,)', 'C-3', '重庆低保条例 26', false),
	(1, 'fraud.max_multiple', '3', '(,2026-07-01)', 'C-4', '重庆低保条例 36', false),
	(1, 'fraud.max_multiple', '2', '[2026-07-01,)', 'C-4', '社会救助法 73', false),
	(1, 'notice.rule', 'BOTH', '(,)', 'C-5', '重庆低保条例 18；社会救助法 45', false),
	(1, 'notice.days', '7', '(,)', 'C-5', '重庆低保条例 18', false),
	(1, 'notice.days_after_recheck', '3', '(,)', 'C-5', '重庆低保条例 18', false),
	(1, 'dibao.clergy_years', '3', '(,)', 'C-6', '民发〔2021〕57 号 7', true),
	(1, 'hearing.required', 'NO', '(,2026-07-01)', 'C-7', '重庆低保条例 28', false),
	(1, 'hearing.required', 'YES', '[2026-07-01,)', 'C-7', '社会救助法 48', false),
	(1, 'check.start_workdays', '3', '(,)', '', '民发〔2021〕57 号', false),
	(1, 'refusal.notice_workdays', '3', '(,)', '', '民发〔2021〕57 号', false),
	(1, 'survey.min_investigators', '2', '(,)', '', '各地文件；待核', true),
	(1, 'pay.day', '10', '(,)', '', '低保资金管理办法；待核', true),
	(1, 'edge.ratio_percent', '150', '(,)', '', '民发〔2021〕57 号 8', false),
	(1, 'gradual_exit.months', '6', '(,)', '', '民发〔2021〕57 号 30；期限待核', true),
	(1, 'gradual_exit.ceiling_percent', '150', '(,)', '', '待核', true),
	(1, 'work_refusals.limit', '3', '(,)', '', '社会救助暂行办法 45；重庆低保条例 29', false),
	(1, 'rigid.valid_months', '12', '(,)', '', '刚性支出困难家庭认定办法', false),
	(1, 'rigid.spending_ratio_percent', '60', '(,)', '', '比例由市里定，待核', true),
	(1, 'temp.township_limit_fen', '100000', '(,)', '', '待核', true),
	(1, 'temp.max_amount_fen', '2000000', '(,)', '', '待核', true),
	(1, 'temp.max_per_year', '2', '(,)', '', '待核', true),
	(1, 'temp.quick_days', '3', '[2026-01-01,)', '', '小额快救（民政部、财政部 2026-01 意见）', false),
	(1, 'temp.quick_months', '1', '[2026-01-01,)', '', '不超过一个月低保标准（2026-01 意见）', false),
	(1, 'rescue.stay_days', '10', '(,)', '', '救助管理实施细则', false),
	(1, 'rescue.unidentified_months', '3', '(,)', '', '各地通知；待核', true);

INSERT INTO conflict (tenant, code, question, reading_a, reading_b, chosen, parameter) VALUES
	(1, 'C-1', '低保金从哪个月发起', '批准的当月（重庆低保条例 22）', '确认决定的次月（民发〔2021〕57 号）',
		'按 A：地方性法规效力高于部门文件；待与渝民发〔2023〕3 号核对', 'dibao.first_month'),
	(1, 'C-2', '办理期限', '受理之日起 30 日，不含评议和公示（重庆低保条例 19）',
		'30 个工作日，特殊情况 45 个（民发〔2021〕57 号）', '两种都计，按先到的提醒', 'dibao.limit_clock'),
	(1, 'C-3', '复核间隔', '重病重残且稳定每年、基本稳定每半年、有劳动能力未就业城市每月农村每季（重庆低保条例 26）',
		'变化不大每年、收入不稳或有劳动能力每半年（民发〔2021〕57 号）', '按 A', 'dibao.recheck_rule'),
	(1, 'C-4', '骗取的处罚', '情节严重处 1 至 3 倍罚款（重庆低保条例 36）', '2 倍以下罚款（社会救助法 73）',
		'2026-07-01 前的决定按 A，之后按 B', 'fraud.max_multiple'),
	(1, 'C-5', '公示', '决定前公示 7 日，复查后 3 日，并长期公布名单（重庆低保条例 18）', '公布确认决定（社会救助法 45）',
		'两样都做', 'notice.rule'),
	(1, 'C-6', '宗教教职人员离家多久不计入家庭', '1 年以上（重庆低保条例 11）', '3 年以上（民发〔2021〕57 号 7）',
		'按 B（较新）', 'dibao.clergy_years'),
	(1, 'C-7', '不利决定的程序', '书面说明理由（重庆低保条例 28）', '先听取意见，再书面说明理由（社会救助法 48）',
		'2026-07-01 起按 B', 'hearing.required');

ANALYZE policy_amount, parameter, conflict;
-- migrate:down
DELETE FROM conflict WHERE tenant = 1;
DELETE FROM parameter WHERE tenant = 1;
DELETE FROM policy_amount WHERE tenant = 1;
