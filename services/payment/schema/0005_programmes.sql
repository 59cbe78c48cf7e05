-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- Programmes of the district and what may not be drawn together. The scope of 救助保障金 (I-1) is `in_relief`.
INSERT INTO programme (tenant, code, name, unit, recurring, in_relief, line, summary_row) VALUES
    (1, 'DIBAO',              '最低生活保障',           'HOUSEHOLD', true,  true,  'relief',     15),
    (1, 'TEKUN',              '特困人员救助供养',       'PERSON',    true,  true,  'relief',     16),
    (1, 'TEMP_AID',           '临时救助',               'PERSON',    false, true,  'relief',     18),
    (1, 'JINGJIAN',           '精简退职人员生活补助',   'PERSON',    true,  true,  'relief',     19),
    (1, 'ONE_OFF',            '一次性生活补助',         'PERSON',    false, true,  'relief',     13),
    (1, 'PRICE_SUBSIDY',      '价格临时补贴',           'PERSON',    false, true,  'relief',     11),
    (1, 'OTHER_RELIEF',       '其他救助',               'PERSON',    false, true,  'relief',     11),
    (1, 'CHILD_SUPPORT',      '孤儿等儿童基本生活保障', 'PERSON',    true,  true,  'child',      41),
    (1, 'EDUCATION_GRANT',    '助学金',                 'PERSON',    false, true,  'child',      42),
    (1, 'DISABILITY_LIVING',  '困难残疾人生活补贴',     'PERSON',    true,  true,  'disability', 70),
    (1, 'DISABILITY_NURSING', '重度残疾人护理补贴',     'PERSON',    true,  true,  'disability', 70),
    (1, 'DISABLED_ELDER',     '高龄失能老人养老服务补贴', 'PERSON',  true,  true,  'eldercare',  38),
    (1, 'CENTENARIAN',        '百岁老人生活补贴',       'PERSON',    true,  true,  'eldercare',  39),
    (1, 'ELDER_ALLOWANCE',    '高龄津贴',               'PERSON',    true,  true,  'eldercare',  40);

INSERT INTO exclusion (tenant, programme, excluded, rule, source, valid) VALUES
    (1, 'TEKUN', 'DIBAO',              'FORBID', 'RLF-34 国发〔2016〕14号', '[2016-02-01,)'),
    (1, 'TEKUN', 'CHILD_SUPPORT',      'FORBID', 'RLF-34 国发〔2016〕14号', '[2016-02-01,)'),
    (1, 'TEKUN', 'DISABILITY_LIVING',  'FORBID', 'RLF-34 国发〔2016〕14号', '[2016-02-01,)'),
    (1, 'TEKUN', 'DISABILITY_NURSING', 'FORBID', 'RLF-34 国发〔2016〕14号', '[2016-02-01,)'),
    (1, 'CHILD_SUPPORT', 'DISABILITY_LIVING', 'FORBID', 'DIS-01 国发〔2015〕52号', '[2016-01-01,)'),
    (1, 'DISABLED_ELDER', 'DISABILITY_NURSING', 'HIGHER', 'ELD-11 国发〔2015〕52号', '[2016-01-01,)');

-- migrate:down
DELETE FROM exclusion;
DELETE FROM programme;
