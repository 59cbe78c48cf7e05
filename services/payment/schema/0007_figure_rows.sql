-- SPDX-License-Identifier: Apache-2.0
-- What the figures count (indicators.sql): one instruction that reached its payee, one benefit of one person in one month.
-- migrate:up
CREATE VIEW settled_row AS
SELECT s.tenant, s.payment_id AS id, g.name AS label, a.division, s.amount_fen AS value, s.booked_on AS day, s.programme, g.in_relief
  FROM api_settled s
  JOIN programme g ON g.tenant = s.tenant AND g.code = s.programme
  JOIN award a ON a.tenant = s.tenant AND a.id = s.award_id;

CREATE VIEW benefit_row AS
SELECT e.tenant, e.month, u.person_id, g.name AS label, min(a.division) AS division
  FROM entitlement e
  JOIN programme g ON g.tenant = e.tenant AND g.code = e.programme AND g.recurring
  JOIN award a ON a.tenant = e.tenant AND a.id = e.award_id
 CROSS JOIN LATERAL unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
 GROUP BY e.tenant, e.month, u.person_id, g.name HAVING sum(u.fen) > 0;

-- migrate:down
DROP VIEW benefit_row, settled_row;
