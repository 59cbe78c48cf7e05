-- SPDX-License-Identifier: Apache-2.0
-- Awards whose next payment waits: somebody in them draws the same in another district, where it began earlier (E-32).
-- migrate:up
CREATE VIEW api_award_hold AS
	SELECT tenant, award_id, text AS evidence FROM award_change WHERE state IN ('PROPOSED', 'HEARD') AND cause = 'DUPLICATE';
GRANT SELECT ON api_award_hold TO minzheng;
-- migrate:down
DROP VIEW api_award_hold;
