-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- The bank answers by instruction number: a line of its file is looked up in its run, however large the run is.
DROP INDEX payment_by_run;
CREATE INDEX payment_by_run ON payment (tenant, run_id, instruction_no);

-- migrate:down
DROP INDEX payment_by_run;
CREATE INDEX payment_by_run ON payment (tenant, run_id);
