-- SPDX-License-Identifier: Apache-2.0
-- The tables that every service's schema begins with (common/svc/house.h). `migrate` runs this as the owner, which
-- has no login of the serving process; the process logs in as the role that is named like the schema.
-- migrate:up
DO $$
DECLARE
  role text := current_schema();
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'minzheng') THEN
    CREATE ROLE minzheng NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
    EXECUTE format('CREATE ROLE %I LOGIN', role);
  END IF;
  EXECUTE format('GRANT minzheng TO %I', role);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO minzheng', role);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', role, role);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO %I', role, role);
END $$;

-- Who did or read what. Append-only for everybody.
CREATE TABLE audit (
  tenant       smallint    NOT NULL,
  number       bigint      GENERATED ALWAYS AS IDENTITY,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  happened_at  timestamptz NOT NULL,
  account_id   uuid        NOT NULL,
  account_name text        NOT NULL,
  purpose      text        NOT NULL,
  method       text        NOT NULL,
  outcome      text        NOT NULL,
  reason       text        NOT NULL,
  person_ids   uuid[]      NOT NULL,
  changes      jsonb       NOT NULL,
  unmasked     boolean     NOT NULL,
  PRIMARY KEY (tenant, number)
);
CREATE INDEX audit_person ON audit USING gin (person_ids);
CREATE INDEX audit_account ON audit (tenant, account_id, number);

-- First answers, so that a retry is given the same one (design §4).
CREATE TABLE idempotency (
  tenant     smallint NOT NULL,
  account_id uuid     NOT NULL,
  method     text     NOT NULL,
  request_id text     NOT NULL,
  day        date     NOT NULL,
  digest     bytea    NOT NULL,
  response   bytea    NOT NULL,
  PRIMARY KEY (tenant, account_id, method, request_id, day)
) PARTITION BY RANGE (day);
CREATE TABLE idempotency_rest PARTITION OF idempotency DEFAULT;

-- Events as they are committed; the sequencer moves them to `event`, in order (design §7).
CREATE SEQUENCE outbox_number;
CREATE TABLE outbox (
  tenant      smallint    NOT NULL,
  number      bigint      NOT NULL DEFAULT nextval('outbox_number'),
  type        text        NOT NULL,
  subject     text        NOT NULL,
  happened_at timestamptz NOT NULL,
  payload     bytea       NOT NULL,
  PRIMARY KEY (tenant, number)
);

-- The log that consumers and other departments follow.
CREATE TABLE event_head (
  tenant smallint PRIMARY KEY,
  number bigint   NOT NULL
);
CREATE TABLE event (
  tenant      smallint    NOT NULL,
  number      bigint      NOT NULL,
  type        text        NOT NULL,
  subject     text        NOT NULL,
  happened_at timestamptz NOT NULL,
  payload     bytea       NOT NULL,
  PRIMARY KEY (tenant, number)
);
CREATE VIEW api_event AS SELECT tenant, number, type, subject, happened_at, payload FROM event;

-- How far this service has taken in the events of others, one row a handler.
CREATE TABLE inbox_cursor (
  tenant  smallint NOT NULL,
  handler text     NOT NULL,
  number  bigint   NOT NULL,
  PRIMARY KEY (tenant, handler)
);

-- Timed jobs: when each is due next, by the business clock.
CREATE TABLE job (
  tenant smallint    NOT NULL,
  name   text        NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, name)
);

DO $$
DECLARE
  role text := current_schema();
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE ON audit, event FROM %I', role);
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', role, role);
  GRANT SELECT ON api_event TO minzheng;
END $$;
