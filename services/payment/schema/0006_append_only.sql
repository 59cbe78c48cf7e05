-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- Ledgers and versions are append-only for the service too (PAY-01, CMP-09); other services read the published views.
REVOKE UPDATE, DELETE ON entitlement, payment, payment_result, award_version, recovery_instalment, recovery_receipt FROM payment;
REVOKE INSERT, UPDATE, DELETE ON programme, exclusion FROM payment;
GRANT SELECT ON api_settled, api_entitlement TO minzheng;

-- migrate:down
GRANT UPDATE, DELETE ON entitlement, payment, payment_result, award_version, recovery_instalment, recovery_receipt TO payment;
GRANT INSERT, UPDATE, DELETE ON programme, exclusion TO payment;
REVOKE SELECT ON api_settled, api_entitlement FROM minzheng;
