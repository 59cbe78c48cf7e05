-- SPDX-License-Identifier: Apache-2.0
-- The level of a disability is a health fact (CMP-06): sealed like its category, as registry.person_fact.level by id. What was
-- recorded before stays readable in the old column, which nothing writes any more: SQL has no key to seal it.
-- migrate:up
ALTER TABLE person_fact ADD COLUMN sealed_level bytea;
COMMENT ON COLUMN person_fact.level IS 'of facts recorded before 0017; since then sealed_level';

DROP VIEW api_person_fact;
CREATE VIEW api_person_fact AS
	SELECT f.tenant, f.id, coalesce(p.merged_into, f.person_id) AS person_id, f.kind, f.valid, f.known,
		f.evidence, f.source, f.detail, f.other_person_id
	FROM person_fact f
	JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id;
GRANT SELECT ON api_person_fact TO minzheng;
-- migrate:down
DROP VIEW api_person_fact;
CREATE VIEW api_person_fact AS
	SELECT f.tenant, f.id, coalesce(p.merged_into, f.person_id) AS person_id, f.kind, f.valid, f.known,
		f.evidence, f.source, f.detail, f.other_person_id, f.level
	FROM person_fact f
	JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id;
GRANT SELECT ON api_person_fact TO minzheng;
ALTER TABLE person_fact DROP COLUMN sealed_level;
