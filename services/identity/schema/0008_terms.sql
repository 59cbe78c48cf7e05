-- SPDX-License-Identifier: Apache-2.0
-- The system administrator sees and sets how long rows are kept; the auditor sees it.
-- migrate:up
UPDATE role SET permissions = permissions || '{svc.retention.read,svc.retention.set}' WHERE code = 'system_admin';
UPDATE role SET permissions = permissions || '{svc.retention.read}' WHERE code = 'auditor';
-- migrate:down
UPDATE role SET permissions = array_remove(array_remove(permissions, 'svc.retention.read'), 'svc.retention.set');
