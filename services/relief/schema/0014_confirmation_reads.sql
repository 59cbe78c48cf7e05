-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- What a confirmation looks at, whether of one application or of many (`ConfirmApplication`, `ConfirmApplications`).
-- Whom of an application's persons an award covers already, and since when until when.
CREATE VIEW application_covered AS
SELECT a.tenant, a.id, a.division, s.person_id, w.programme, w.id AS award_id, k.valid
  FROM application a
  JOIN award_share s ON s.tenant = a.tenant AND s.person_id = ANY(a.person_ids)
  JOIN current_content k ON k.tenant = s.tenant AND k.award_id = s.award_id AND k.version = s.version
  JOIN award w ON w.tenant = s.tenant AND w.id = s.award_id AND w.programme IN ('DIBAO', 'TEKUN', 'EDGE', 'RIGID')
 WHERE a.kind = 'BASIC';

-- Who of them is claimed: one dibao household and one tekun place a person in the whole country.
CREATE VIEW application_claimed AS
SELECT a.tenant, a.id, a.division, c.person_id
  FROM application a
  JOIN (SELECT person_id FROM dibao_household_claim UNION ALL SELECT person_id FROM tekun_claim) c ON c.person_id = ANY(a.person_ids)
 WHERE a.kind = 'BASIC';

-- Temporary aid that a person has had in the year of a day.
CREATE FUNCTION grants_in_year(of_tenant smallint, person uuid, day date) RETURNS integer
LANGUAGE sql STABLE
RETURN (SELECT count(*)::int4 FROM temp_aid t
         WHERE t.tenant = of_tenant AND t.person_id = person AND date_trunc('year', t.granted_on) = date_trunc('year', day));

-- migrate:down
DROP FUNCTION grants_in_year;
DROP VIEW application_claimed;
DROP VIEW application_covered;
