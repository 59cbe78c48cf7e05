-- SPDX-License-Identifier: Apache-2.0
-- Nothing of the business is ever deleted by the service; only claims, which are current state, and the closure.
-- migrate:up
DO $$
BEGIN
	EXECUTE format('REVOKE DELETE ON ALL TABLES IN SCHEMA %I FROM %I', current_schema(), current_schema());
	EXECUTE format('REVOKE UPDATE ON person_version, death_evidence FROM %I', current_schema());
	EXECUTE format('GRANT UPDATE (revoked_at) ON death_evidence TO %I', current_schema());
	EXECUTE format('GRANT DELETE ON spouse_claim, division_closure, outbox, idempotency TO %I', current_schema());
END $$;
-- migrate:down
