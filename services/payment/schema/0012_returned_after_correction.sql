-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- Money that the bank returns after its award was corrected comes back to the case that the correction opened: a receipt that
-- names the instruction (PAY-04).
ALTER TABLE recovery_receipt ADD COLUMN payment_id uuid;
CREATE INDEX recovery_receipt_by_payment ON recovery_receipt (tenant, payment_id) WHERE payment_id IS NOT NULL;

-- How much of an instruction that came back has been set against cases, and is not to be paid again.
CREATE FUNCTION set_against_cases(of_tenant smallint, payment uuid) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT coalesce(sum(r.amount_fen), 0)::bigint
          FROM recovery_receipt r
          JOIN recovery_case c ON c.tenant = r.tenant AND c.id = r.case_id AND c.state <> 'CANCELLED'
         WHERE r.tenant = of_tenant AND r.payment_id = payment);

-- migrate:down
DROP FUNCTION set_against_cases;
ALTER TABLE recovery_receipt DROP COLUMN payment_id;
