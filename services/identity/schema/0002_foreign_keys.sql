-- SPDX-License-Identifier: Apache-2.0
-- A role can be held only by an account of the same duty: that is the split of the three administrators.
-- migrate:up
ALTER TABLE account_role
	ADD FOREIGN KEY (tenant, account_id, duty) REFERENCES account (tenant, id, duty),
	ADD FOREIGN KEY (tenant, role, duty) REFERENCES role (tenant, code, duty);
ALTER TABLE account_division ADD FOREIGN KEY (tenant, account_id) REFERENCES account (tenant, id);
ALTER TABLE rights_change ADD FOREIGN KEY (tenant, account_id) REFERENCES account (tenant, id);
ALTER TABLE session ADD FOREIGN KEY (tenant, account_id) REFERENCES account (tenant, id);
ALTER TABLE delegation
	ADD FOREIGN KEY (tenant, from_account_id) REFERENCES account (tenant, id),
	ADD FOREIGN KEY (tenant, to_account_id) REFERENCES account (tenant, id);
-- migrate:down
ALTER TABLE delegation
	DROP CONSTRAINT delegation_tenant_from_account_id_fkey,
	DROP CONSTRAINT delegation_tenant_to_account_id_fkey;
ALTER TABLE session DROP CONSTRAINT session_tenant_account_id_fkey;
ALTER TABLE rights_change DROP CONSTRAINT rights_change_tenant_account_id_fkey;
ALTER TABLE account_division DROP CONSTRAINT account_division_tenant_account_id_fkey;
ALTER TABLE account_role
	DROP CONSTRAINT account_role_tenant_account_id_duty_fkey,
	DROP CONSTRAINT account_role_tenant_role_duty_fkey;
