-- SPDX-License-Identifier: Apache-2.0
-- registry.file.open: may open a person's file with a stated purpose alone. Who has it not, as the clerks of townships and
-- subdistricts, names a case of that person (CMP-09, acceptance scenario 72).
-- migrate:up
UPDATE role SET permissions = permissions || '{registry.file.open}'
 WHERE code IN ('bureau_clerk', 'bureau_approver', 'accountant', 'rescue_station', 'data_importer', 'department');
-- migrate:down
UPDATE role SET permissions = array_remove(permissions, 'registry.file.open');
