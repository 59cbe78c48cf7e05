-- migrate:up
CREATE TABLE note (
  tenant      smallint    NOT NULL,
  id          uuid        NOT NULL,
  person_id   uuid        NOT NULL,
  title       text        NOT NULL,
  phone       bytea,
  phone_index bytea,
  division    bigint      NOT NULL,
  "on"        date,
  version     bigint      NOT NULL DEFAULT 1,
  written_at  timestamptz NOT NULL,
  labels      text[]      NOT NULL DEFAULT '{}',
  changes     bigint      NOT NULL DEFAULT 0,
  age_days    int         NOT NULL DEFAULT 0,
  wrong_words bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, id),
  CONSTRAINT title_is_kind CHECK (title <> '坏')
);
COMMENT ON CONSTRAINT title_is_kind ON note IS '标题不雅，请另取一个';
COMMENT ON CONSTRAINT note_pkey ON note IS 'NOTE_EXISTS 这个编号已有一条，请另取一个编号';
