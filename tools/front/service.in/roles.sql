-- SPDX-License-Identifier: Apache-2.0
-- Who works with example.
-- migrate:up
UPDATE role SET permissions = permissions || '{example.*.*}' WHERE code IN ('township_clerk', 'bureau_clerk');
-- migrate:down
UPDATE role SET permissions = array_remove(permissions, 'example.*.*');
