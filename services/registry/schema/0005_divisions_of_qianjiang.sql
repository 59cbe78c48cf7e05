-- SPDX-License-Identifier: Apache-2.0
-- 黔江区 (tenant 1): its 30 townships with their codes (3.4), and 220 villages and communities whose names and last three
-- digits are made up (communities from 001, villages from 200), since no public table of them was at hand.
-- migrate:up
INSERT INTO division (tenant, id, level) VALUES (1, 1, 'DISTRICT');
INSERT INTO division_version (tenant, division_id, number, code, name, parent_id, urban, source, valid)
VALUES (1, 1, 1, '500114', '黔江区', NULL, false, 'GB/T 2260', '(,)');

CREATE TEMPORARY TABLE township (id bigint, code text, name text, urban boolean) ON COMMIT DROP;
INSERT INTO township VALUES
	(101, '500114001', '城东街道', true),
	(102, '500114002', '城南街道', true),
	(103, '500114003', '城西街道', true),
	(104, '500114004', '正阳街道', true),
	(105, '500114005', '舟白街道', true),
	(106, '500114006', '冯家街道', true),
	(107, '500114105', '阿蓬江镇', false),
	(108, '500114106', '石会镇', false),
	(109, '500114107', '黑溪镇', false),
	(110, '500114108', '黄溪镇', false),
	(111, '500114109', '黎水镇', false),
	(112, '500114110', '金溪镇', false),
	(113, '500114111', '马喇镇', false),
	(114, '500114112', '濯水镇', false),
	(115, '500114113', '石家镇', false),
	(116, '500114114', '鹅池镇', false),
	(117, '500114117', '小南海镇', false),
	(118, '500114119', '邻鄂镇', false),
	(119, '500114120', '白石镇', false),
	(120, '500114121', '中塘镇', false),
	(121, '500114122', '沙坝镇', false),
	(122, '500114123', '太极镇', false),
	(123, '500114124', '五里镇', false),
	(124, '500114125', '水市镇', false),
	(125, '500114246', '蓬东乡', false),
	(126, '500114249', '杉岭乡', false),
	(127, '500114251', '水田乡', false),
	(128, '500114252', '白土乡', false),
	(129, '500114253', '金洞乡', false),
	(130, '500114256', '新华乡', false);

-- Communities carry the urban mark, and the streets.
CREATE TEMPORARY TABLE village (township_id bigint, list text) ON COMMIT DROP;
INSERT INTO village VALUES
	(101, '001青山社区 002龙山社区 003石山社区 004白山社区 200金山村 201大山村 202小山村 203新山村'),
	(102, '001双山社区 002长山社区 003官山社区 004杨山社区 200高山村 201红山村 202黄山村'),
	(103, '001太山社区 002水山社区 003三山社区 004玉山社区 200云山村 201青坝村 202龙坝村'),
	(104, '001石坝社区 002白坝社区 003金坝社区 004大坝社区 200小坝村 201新坝村 202双坝村 203长坝村'),
	(105, '001官坝社区 002杨坝社区 003高坝社区 004红坝社区 200黄坝村 201太坝村 202水坝村'),
	(106, '001三坝社区 002玉坝社区 003云坝社区 004青溪社区 200龙溪村 201石溪村 202白溪村'),
	(107, '001金溪社区 200大溪村 201小溪村 202新溪村 203双溪村 204长溪村 205官溪村 206杨溪村'),
	(108, '001高溪社区 200红溪村 201黄溪村 202太溪村 203水溪村 204三溪村 205玉溪村'),
	(109, '001云溪社区 200青沟村 201龙沟村 202石沟村 203白沟村 204金沟村 205大沟村'),
	(110, '001小沟社区 200新沟村 201双沟村 202长沟村 203官沟村 204杨沟村 205高沟村 206红沟村'),
	(111, '001黄沟社区 200太沟村 201水沟村 202三沟村 203玉沟村 204云沟村 205青坪村'),
	(112, '001龙坪社区 200石坪村 201白坪村 202金坪村 203大坪村 204小坪村 205新坪村'),
	(113, '001双坪社区 200长坪村 201官坪村 202杨坪村 203高坪村 204红坪村 205黄坪村 206太坪村'),
	(114, '001水坪社区 200三坪村 201玉坪村 202云坪村 203青岩村 204龙岩村 205石岩村'),
	(115, '001白岩社区 200金岩村 201大岩村 202小岩村 203新岩村 204双岩村 205长岩村'),
	(116, '001官岩社区 200杨岩村 201高岩村 202红岩村 203黄岩村 204太岩村 205水岩村 206三岩村'),
	(117, '001玉岩社区 200云岩村 201青桥村 202龙桥村 203石桥村 204白桥村 205金桥村'),
	(118, '001大桥社区 200小桥村 201新桥村 202双桥村 203长桥村 204官桥村 205杨桥村'),
	(119, '001高桥社区 200红桥村 201黄桥村 202太桥村 203水桥村 204三桥村 205玉桥村 206云桥村'),
	(120, '001青塘社区 200龙塘村 201石塘村 202白塘村 203金塘村 204大塘村 205小塘村'),
	(121, '001新塘社区 200双塘村 201长塘村 202官塘村 203杨塘村 204高塘村 205红塘村'),
	(122, '001黄塘社区 200太塘村 201水塘村 202三塘村 203玉塘村 204云塘村 205青林村 206龙林村'),
	(123, '001石林社区 200白林村 201金林村 202大林村 203小林村 204新林村 205双林村'),
	(124, '001长林社区 200官林村 201杨林村 202高林村 203红林村 204黄林村 205太林村'),
	(125, '001水林社区 200三林村 201玉林村 202云林村 203青坡村 204龙坡村 205石坡村 206白坡村'),
	(126, '001金坡社区 200大坡村 201小坡村 202新坡村 203双坡村 204长坡村 205官坡村'),
	(127, '001杨坡社区 200高坡村 201红坡村 202黄坡村 203太坡村 204水坡村 205三坡村'),
	(128, '001玉坡社区 200云坡村 201青湾村 202龙湾村 203石湾村 204白湾村 205金湾村 206大湾村'),
	(129, '001小湾社区 200新湾村 201双湾村 202长湾村 203官湾村 204杨湾村 205高湾村'),
	(130, '001红湾社区 200黄湾村 201太湾村 202水湾村 203三湾村 204玉湾村 205云湾村');

INSERT INTO division (tenant, id, level) SELECT 1, id, 'TOWNSHIP' FROM township;
INSERT INTO division_version (tenant, division_id, number, code, name, parent_id, urban, source, valid)
SELECT 1, id, 1, code, name, 1, urban, 'GB/T 10114', '(,)' FROM township;

CREATE TEMPORARY TABLE place ON COMMIT DROP AS
SELECT t.id * 100 + p.position AS id, t.code || left(p.item, 3) AS code, substr(p.item, 4) AS name, t.id AS parent_id
FROM village v
JOIN township t ON t.id = v.township_id
CROSS JOIN LATERAL unnest(string_to_array(v.list, ' ')) WITH ORDINALITY AS p(item, position);

INSERT INTO division (tenant, id, level) SELECT 1, id, 'VILLAGE' FROM place;
INSERT INTO division_version (tenant, division_id, number, code, name, parent_id, urban, source, valid)
SELECT 1, id, 1, code, name, parent_id, name LIKE '%社区', 'synthetic', '(,)' FROM place;

INSERT INTO division_closure (tenant, ancestor_id, descendant_id)
WITH RECURSIVE up AS (
	SELECT division_id AS descendant_id, division_id AS ancestor_id FROM division_version
	UNION ALL
	SELECT up.descendant_id, v.parent_id FROM up JOIN division_version v ON v.division_id = up.ancestor_id
	WHERE v.parent_id IS NOT NULL
)
SELECT 1, ancestor_id, descendant_id FROM up;

ANALYZE division, division_version, division_closure;
-- migrate:down
DELETE FROM division_closure WHERE tenant = 1;
DELETE FROM division_version WHERE tenant = 1;
DELETE FROM division WHERE tenant = 1;
