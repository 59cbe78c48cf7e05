-- SPDX-License-Identifier: Apache-2.0
-- Whom a case is about: what a clerk may name when a person's file is opened (CMP-09).
-- migrate:up
CREATE VIEW api_case AS
	SELECT tenant, id AS case_id, unnest(person_ids) AS person_id FROM application
	UNION ALL
	SELECT tenant, award_id, person_id FROM award_share
	UNION ALL
	SELECT tenant, id, person_id FROM lead WHERE person_id IS NOT NULL;
GRANT SELECT ON api_case TO minzheng;
-- migrate:down
DROP VIEW api_case;
