-- SPDX-License-Identifier: Apache-2.0
-- Seals of the audit trail (common/svc/sealing.h). A seal covers rows that no seal before it covers and is chained to it
-- by its digest, so a row or a seal that was changed, removed or swapped is found by whoever has the public key.
-- migrate:up
CREATE TABLE audit_seal (
  tenant      smallint       NOT NULL,
  number      bigint         NOT NULL CHECK (number > 0),
  sealed_at   timestamptz    NOT NULL DEFAULT clock_timestamp(),
  numbers     int8multirange NOT NULL, -- of the rows
  n_rows      integer        NOT NULL,
  row_digests bytea          NOT NULL, -- the first 8 bytes of each row's SM3, in order: they name the row that was changed
  digest      bytea          NOT NULL CHECK (length(digest) = 32),
  key_id      integer        NOT NULL,
  signature   bytea          NOT NULL,
  PRIMARY KEY (tenant, number)
);

-- A row as the text that is digested. Any change of a column changes it; settings of the session do not.
CREATE VIEW audit_line AS
SELECT tenant, number,
       json_build_array(tenant, number, (extract(epoch FROM recorded_at) * 1000000)::bigint,
                        (extract(epoch FROM happened_at) * 1000000)::bigint, account_id, account_name, purpose, method,
                        outcome, reason, person_ids, changes, unmasked)::text AS line
  FROM audit;

DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE ON audit_seal FROM %I', current_schema());
END $$;
