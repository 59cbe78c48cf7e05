-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- What became of each instruction, and the views that are part of payment's contract.

CREATE VIEW payment_state AS
SELECT p.tenant, p.id, p.run_id, p.award_id, p.programme, p.instruction_no, p.payee_id, p.account_id, p.amount_fen, p.kind,
       p.repays_id, r.booked_on, h.open_hold,
       CASE WHEN r.outcome IS NOT NULL THEN r.outcome
            WHEN h.open_hold OR h.dropped THEN 'HELD'
            WHEN run.state IN ('SENT', 'SETTLED') THEN 'SENT'
            ELSE 'PENDING' END AS state,
       coalesce(r.reason, h.evidence, '') AS note
  FROM payment p
  JOIN payment_run run ON run.tenant = p.tenant AND run.id = p.run_id
  LEFT JOIN payment_result r ON r.tenant = p.tenant AND r.payment_id = p.id
  LEFT JOIN LATERAL (
       SELECT bool_or(resolution IS NULL) AS open_hold, bool_or(resolution = 'DROPPED') AS dropped,
              string_agg(evidence, '；') AS evidence
         FROM hold WHERE hold.tenant = p.tenant AND hold.payment_id = p.id) h ON true;

-- Money that has reached people: settled instructions with the programme and the day (PAY-05, cash basis).
CREATE VIEW api_settled AS
SELECT p.tenant, p.id AS payment_id, p.award_id, p.programme, p.payee_id, p.amount_fen, r.booked_on
  FROM payment p
  JOIN payment_result r ON r.tenant = p.tenant AND r.payment_id = p.id
 WHERE r.outcome = 'SETTLED';

-- Entitlement of persons by month, corrections netted (PAY-05, entitlement basis).
CREATE VIEW api_entitlement AS
SELECT tenant, award_id, programme, month, person_ids, share_fen, amount_fen, snapshot_at FROM entitlement;

-- migrate:down
DROP VIEW api_entitlement, api_settled, payment_state;
