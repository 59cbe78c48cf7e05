-- SPDX-License-Identifier: Apache-2.0
-- A gradual exit gave up the members' places when it was approved, while its money went on: another award could be had beside it
-- (RLF-15). Those who are still paid get them back; EndGradualExits gives them up.
-- migrate:up
INSERT INTO dibao_household_claim (person_id, tenant, award_id)
SELECT s.person_id, w.tenant, w.id
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND current_date <@ k.valid AND k.amount_fen > 0
  JOIN award_share s ON s.tenant = k.tenant AND s.award_id = k.award_id AND s.version = k.version
 WHERE w.programme = 'DIBAO' AND w.state NOT IN ('STOPPED', 'ARCHIVED')
   AND EXISTS (SELECT 1 FROM running_content e
                WHERE e.tenant = w.tenant AND e.award_id = w.id AND e.from_on > current_date AND e.reason = 'GRADUAL_EXIT')
ON CONFLICT DO NOTHING;
-- migrate:down
