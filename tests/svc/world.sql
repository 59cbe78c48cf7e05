-- SPDX-License-Identifier: Apache-2.0
-- What the runner reads of identity and registry (common/svc/house_sql.h), in the smallest form: accounts of the tests.
CREATE SCHEMA identity;
CREATE SCHEMA registry;
CREATE TABLE identity.api_session (
  token_hash bytea PRIMARY KEY, tenant smallint, account_id uuid, account_name text, permissions text[],
  division_roots bigint[], system boolean, expires_at timestamptz);
CREATE TABLE registry.api_division_closure (tenant smallint, ancestor_id bigint, descendant_id bigint);
INSERT INTO registry.api_division_closure VALUES (1, 100, 100), (1, 100, 101), (1, 100, 102), (1, 101, 101), (1, 102, 102), (2, 200, 200);
GRANT USAGE ON SCHEMA identity, registry TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA identity, registry TO PUBLIC;
