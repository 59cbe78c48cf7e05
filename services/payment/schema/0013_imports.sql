-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- Imports in the shape that all services have (minzheng/svc/v1/import.proto): known by their file, and given up by rpc.
ALTER TABLE award_import ADD COLUMN digest text;
ALTER TABLE award_import DROP CONSTRAINT award_import_state_check;
ALTER TABLE award_import ADD CONSTRAINT award_import_state_check CHECK (state IN ('OPEN', 'COMMITTED', 'ABANDONED'));
CREATE UNIQUE INDEX award_import_file ON award_import (tenant, digest) WHERE state <> 'ABANDONED';

-- migrate:down
DROP INDEX award_import_file;
ALTER TABLE award_import DROP CONSTRAINT award_import_state_check;
ALTER TABLE award_import ADD CONSTRAINT award_import_state_check CHECK (state IN ('OPEN', 'COMMITTED', 'DISCARDED'));
ALTER TABLE award_import DROP COLUMN digest;
