-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- Every step of a run looks at its payments, repayments among them; one year has 100 runs.
CREATE INDEX payment_by_run ON payment (tenant, run_id);

-- migrate:down
DROP INDEX payment_by_run;
