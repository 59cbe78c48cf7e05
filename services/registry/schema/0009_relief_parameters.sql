-- SPDX-License-Identifier: Apache-2.0
-- Property limits and incomes that relief's rules compare with (RLF-04, RLF-21). Numbers of 渝府办发〔2022〕128 号 and of the
-- statistical yearbook have not been read here: all are to be confirmed.
-- migrate:up
INSERT INTO parameter (tenant, name, value, valid, conflict, source, unconfirmed) VALUES
	(1, 'property.deposit_months', '24', '(,)', '', '渝府办发〔2022〕128 号；限额待核', true),
	(1, 'property.edge_deposit_months', '36', '(,)', '', '渝府办发〔2022〕128 号；限额待核', true),
	(1, 'property.max_vehicles', '0', '(,)', '', '渝府办发〔2022〕128 号；限额待核', true),
	(1, 'property.max_houses', '1', '(,)', '', '渝府办发〔2022〕128 号；限额待核', true);
INSERT INTO policy_amount (tenant, kind, amount_fen, valid, source, unconfirmed) VALUES
	(1, 'DISPOSABLE_INCOME_URBAN', 395300, '[2024-11-01,)', '上年度人均可支配收入（月均）；待核', true),
	(1, 'DISPOSABLE_INCOME_RURAL', 173500, '[2024-11-01,)', '上年度人均可支配收入（月均）；待核', true);
-- migrate:down
DELETE FROM policy_amount WHERE tenant = 1 AND kind IN ('DISPOSABLE_INCOME_URBAN', 'DISPOSABLE_INCOME_RURAL');
DELETE FROM parameter WHERE tenant = 1 AND name LIKE 'property.%';
