-- SPDX-License-Identifier: Apache-2.0
-- After the tables, so that the same files run on a distributed engine; every one begins with the tenant.
-- migrate:up
ALTER TABLE application_step ADD FOREIGN KEY (tenant, application_id) REFERENCES application (tenant, id);
ALTER TABLE decision ADD FOREIGN KEY (tenant, application_id) REFERENCES application (tenant, id);
ALTER TABLE public_notice ADD FOREIGN KEY (tenant, application_id) REFERENCES application (tenant, id);
ALTER TABLE award_content ADD FOREIGN KEY (tenant, award_id) REFERENCES award (tenant, id);
ALTER TABLE award_share ADD FOREIGN KEY (tenant, award_id, version) REFERENCES award_content (tenant, award_id, version);
ALTER TABLE award_period ADD FOREIGN KEY (tenant, award_id, version) REFERENCES award_content (tenant, award_id, version);
ALTER TABLE award_change ADD FOREIGN KEY (tenant, award_id) REFERENCES award (tenant, id);
ALTER TABLE penalty ADD FOREIGN KEY (tenant, award_id) REFERENCES award (tenant, id);
ALTER TABLE economic_check ADD FOREIGN KEY (tenant, application_id) REFERENCES application (tenant, id);
ALTER TABLE check_result ADD FOREIGN KEY (tenant, check_id) REFERENCES economic_check (tenant, id);
ALTER TABLE rescue_visit ADD FOREIGN KEY (tenant, rescue_id) REFERENCES rescue (tenant, id);
ALTER TABLE insurance_claim ADD FOREIGN KEY (tenant, policy_year, person_id) REFERENCES enrolment (tenant, policy_year, person_id);
ALTER TABLE grant_item ADD FOREIGN KEY (tenant, batch_id) REFERENCES grant_batch (tenant, id);
-- migrate:down
ALTER TABLE grant_item DROP CONSTRAINT grant_item_tenant_batch_id_fkey;
ALTER TABLE insurance_claim DROP CONSTRAINT insurance_claim_tenant_policy_year_person_id_fkey;
ALTER TABLE rescue_visit DROP CONSTRAINT rescue_visit_tenant_rescue_id_fkey;
ALTER TABLE check_result DROP CONSTRAINT check_result_tenant_check_id_fkey;
ALTER TABLE economic_check DROP CONSTRAINT economic_check_tenant_application_id_fkey;
ALTER TABLE penalty DROP CONSTRAINT penalty_tenant_award_id_fkey;
ALTER TABLE award_change DROP CONSTRAINT award_change_tenant_award_id_fkey;
ALTER TABLE award_period DROP CONSTRAINT award_period_tenant_award_id_version_fkey;
ALTER TABLE award_share DROP CONSTRAINT award_share_tenant_award_id_version_fkey;
ALTER TABLE award_content DROP CONSTRAINT award_content_tenant_award_id_fkey;
ALTER TABLE public_notice DROP CONSTRAINT public_notice_tenant_application_id_fkey;
ALTER TABLE decision DROP CONSTRAINT decision_tenant_application_id_fkey;
ALTER TABLE application_step DROP CONSTRAINT application_step_tenant_application_id_fkey;
