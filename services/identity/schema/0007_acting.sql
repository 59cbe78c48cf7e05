-- SPDX-License-Identifier: Apache-2.0
-- For whom an account acts today: itself, and those it stands in for during their leave. Work lists ask.
-- migrate:up
CREATE VIEW api_acting AS SELECT tenant, account_id, acts_as FROM acting;
GRANT SELECT ON api_acting TO minzheng;
-- migrate:down
DROP VIEW api_acting;
