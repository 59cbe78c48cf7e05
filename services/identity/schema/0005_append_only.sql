-- SPDX-License-Identifier: Apache-2.0
-- Accounts, changes of rights, sessions and delegations are never deleted; what an account may do now is replaced, and
-- rights_change keeps what it was.
-- migrate:up
DO $$
BEGIN
	EXECUTE format('REVOKE DELETE ON ALL TABLES IN SCHEMA %I FROM %I', current_schema(), current_schema());
	EXECUTE format('GRANT DELETE ON account_role, account_division, outbox TO %I', current_schema());
	EXECUTE format('REVOKE INSERT, UPDATE ON role FROM %I', current_schema());
END $$;
-- migrate:down
