-- SPDX-License-Identifier: Apache-2.0
-- What relief publishes, and what even its own role may not do: evidence is added, never changed; nothing but a claim is
-- deleted.
-- migrate:up

-- Who is covered by which programme in which days, as known now.
CREATE VIEW api_coverage AS
	SELECT w.tenant, s.person_id, w.programme, w.id AS award_id, w.household_id, w.division, p.valid
	  FROM award w
	  JOIN award_period p ON p.tenant = w.tenant AND p.award_id = w.id AND upper_inf(p.known)
	  JOIN award_share s ON s.tenant = w.tenant AND s.award_id = w.id AND s.version = p.version;
CREATE VIEW api_person_tag AS
	SELECT tenant, person_id, tag, daterange(starts_on, ends_on, '[]') AS valid FROM person_tag;
GRANT SELECT ON api_coverage, api_person_tag TO minzheng;

REVOKE UPDATE, DELETE ON application_step, decision, public_notice, award_content, award_share, check_result, rescue_visit,
	enrolment, insurance_claim, penalty, temp_aid, person_tag FROM relief;
REVOKE DELETE ON application, award, award_period, award_change, recalculation, economic_check, lead, facility, rescue,
	care_agreement, grant_batch, grant_item FROM relief;
-- migrate:down
GRANT UPDATE, DELETE ON application_step, decision, public_notice, award_content, award_share, check_result, rescue_visit,
	enrolment, insurance_claim, penalty, temp_aid, person_tag TO relief;
GRANT DELETE ON application, award, award_period, award_change, recalculation, economic_check, lead, facility, rescue,
	care_agreement, grant_batch, grant_item TO relief;
DROP VIEW api_person_tag, api_coverage;
