-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
ALTER TABLE award_version ADD FOREIGN KEY (tenant, award_id) REFERENCES award;
ALTER TABLE award ADD FOREIGN KEY (tenant, programme) REFERENCES programme;
ALTER TABLE award_import_row ADD FOREIGN KEY (tenant, import_id) REFERENCES award_import;
ALTER TABLE payment_run ADD FOREIGN KEY (tenant, programme) REFERENCES programme;
ALTER TABLE entitlement ADD FOREIGN KEY (tenant, run_id) REFERENCES payment_run;
ALTER TABLE payment ADD FOREIGN KEY (tenant, run_id) REFERENCES payment_run;
ALTER TABLE payment_result ADD FOREIGN KEY (tenant, payment_id) REFERENCES payment;
ALTER TABLE hold ADD FOREIGN KEY (tenant, payment_id) REFERENCES payment;
ALTER TABLE recovery_instalment ADD FOREIGN KEY (tenant, case_id) REFERENCES recovery_case;
ALTER TABLE recovery_receipt ADD FOREIGN KEY (tenant, case_id) REFERENCES recovery_case;

-- migrate:down
ALTER TABLE recovery_receipt DROP CONSTRAINT recovery_receipt_tenant_case_id_fkey;
ALTER TABLE recovery_instalment DROP CONSTRAINT recovery_instalment_tenant_case_id_fkey;
ALTER TABLE hold DROP CONSTRAINT hold_tenant_payment_id_fkey;
ALTER TABLE payment_result DROP CONSTRAINT payment_result_tenant_payment_id_fkey;
ALTER TABLE payment DROP CONSTRAINT payment_tenant_run_id_fkey;
ALTER TABLE entitlement DROP CONSTRAINT entitlement_tenant_run_id_fkey;
ALTER TABLE payment_run DROP CONSTRAINT payment_run_tenant_programme_fkey;
ALTER TABLE award_import_row DROP CONSTRAINT award_import_row_tenant_import_id_fkey;
ALTER TABLE award DROP CONSTRAINT award_tenant_programme_fkey;
ALTER TABLE award_version DROP CONSTRAINT award_version_tenant_award_id_fkey;
