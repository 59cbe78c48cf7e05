-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- A month has its own run and, once that is settled, supplements (补发) for what has become due since: temporary aid does not
-- wait for the next month (RLF-40). Each of them is run once (acceptance scenario 71).
ALTER TABLE payment_run ADD supplement integer NOT NULL DEFAULT 0 CHECK (supplement >= 0);
DROP INDEX payment_run_once;
CREATE UNIQUE INDEX payment_run_once ON payment_run (tenant, programme, month, batch_id, supplement) WHERE state <> 'CANCELLED';

-- migrate:down
DROP INDEX payment_run_once;
DELETE FROM payment_run WHERE supplement > 0 AND state = 'CANCELLED';
CREATE UNIQUE INDEX payment_run_once ON payment_run (tenant, programme, month, batch_id) WHERE state <> 'CANCELLED';
ALTER TABLE payment_run DROP supplement;
