-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- What became of money that did not reach its payee: a later run pays it again, or reckons a correction of the award against it.
-- At most one of the two, once; a run that is cancelled takes its rows back.
CREATE TABLE payment_remedy (
    tenant     smallint NOT NULL,
    payment_id uuid     NOT NULL,               -- held or returned
    run_id     uuid     NOT NULL,               -- the run that sets it right
    PRIMARY KEY (tenant, payment_id),
    FOREIGN KEY (tenant, payment_id) REFERENCES payment,
    FOREIGN KEY (tenant, run_id) REFERENCES payment_run
);
CREATE INDEX payment_remedy_by_run ON payment_remedy (tenant, run_id);
INSERT INTO payment_remedy (tenant, payment_id, run_id)
SELECT tenant, repays_id, run_id FROM payment WHERE repays_id IS NOT NULL;
DROP INDEX payment_repaid_once;
REVOKE UPDATE ON payment_remedy FROM payment;

CREATE OR REPLACE VIEW payment_state AS
SELECT p.tenant, p.id, p.run_id, p.award_id, p.programme, p.instruction_no, p.payee_id, p.account_id, p.amount_fen, p.kind,
       p.repays_id, r.booked_on, h.open_hold,
       CASE WHEN r.outcome IS NOT NULL THEN r.outcome
            WHEN run.state = 'CANCELLED' THEN 'CANCELLED'
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

-- Where an instruction may go: the award's account, or any of the payee's when the award names none; `valid` says when.
CREATE VIEW payment_account AS
SELECT p.tenant, p.id AS payment_id, a.account_id, a.number, a.holder, a.bank, a.valid
  FROM payment p JOIN registry.api_bank_account a ON a.tenant = p.tenant AND a.account_id = p.account_id
 UNION ALL
SELECT p.tenant, p.id, a.account_id, a.number, a.holder, a.bank, a.valid
  FROM payment p JOIN registry.api_bank_account a ON p.account_id IS NULL AND a.tenant = p.tenant AND a.person_id = p.payee_id;

-- migrate:down
DROP VIEW payment_account;
CREATE UNIQUE INDEX payment_repaid_once ON payment (tenant, repays_id) WHERE repays_id IS NOT NULL;
DROP TABLE payment_remedy;
