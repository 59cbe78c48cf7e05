-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- What payment knows of awards: versions from relief's events, and from imports for lines whose service does not exist yet.
-- Versions are never changed; a month is a function of the versions known at a snapshot (PAY-01, E-33).

CREATE TABLE programme (
    tenant     smallint NOT NULL,
    code       text     NOT NULL,
    name       text     NOT NULL,          -- as the summary prints it
    unit       text     NOT NULL CHECK (unit IN ('HOUSEHOLD', 'PERSON')),
    recurring  boolean  NOT NULL,          -- 定期定量 (I-2)
    in_relief  boolean  NOT NULL,          -- counted into 救助保障金 (I-1): the bureau's scope is a parameter
    line       text     NOT NULL,          -- the bureau's line: relief, child, disability, eldercare
    summary_row smallint,                  -- row of the summary inventory
    PRIMARY KEY (tenant, code)
);

-- Programme × programme for one person and one month: FORBID holds the later one, HIGHER holds the lower one (RLF-34, ELD-11).
CREATE TABLE exclusion (
    tenant      smallint  NOT NULL,
    programme   text      NOT NULL,
    excluded    text      NOT NULL,
    rule        text      NOT NULL CHECK (rule IN ('FORBID', 'HIGHER')),
    source      text      NOT NULL,
    valid       daterange NOT NULL,
    PRIMARY KEY (tenant, programme, excluded, valid)
);

CREATE TABLE award (
    tenant      smallint NOT NULL,
    id          uuid     NOT NULL,
    programme   text     NOT NULL,
    source      text     NOT NULL,         -- `relief`, or the import's source for other lines
    first_month date     NOT NULL,         -- earliest month of any version
    dirty_from  date,                      -- earliest month to be reckoned again; NULL when all is reckoned
    batch_id    text     NOT NULL DEFAULT '',
    division    bigint   NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX award_by_programme ON award (tenant, programme, id);

CREATE TABLE award_version (
    tenant       smallint    NOT NULL,
    award_id     uuid        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    household_id uuid,
    payee_id     uuid        NOT NULL,
    account_id   uuid,
    amount_fen   bigint      NOT NULL CHECK (amount_fen >= 0),
    person_ids   uuid[]      NOT NULL,
    share_fen    bigint[]    NOT NULL,
    from_month   date        NOT NULL CHECK (extract(day FROM from_month) = 1),
    to_month     date        CHECK (to_month >= from_month AND extract(day FROM to_month) = 1),
    reason       text        NOT NULL,
    rate         text        NOT NULL DEFAULT '',
    known_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, award_id, version),
    CHECK (cardinality(person_ids) = cardinality(share_fen))
);
CREATE INDEX award_version_by_person ON award_version USING gin (person_ids);

-- An import is a resource: rows stand here, checked, until the commit.
CREATE TABLE award_import (
    tenant     smallint    NOT NULL,
    id         uuid        NOT NULL,
    source     text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('OPEN', 'COMMITTED', 'DISCARDED')),
    version    integer     NOT NULL DEFAULT 1,
    created_by uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE award_import_row (
    tenant     smallint NOT NULL,
    import_id  uuid     NOT NULL,
    line       bigint   NOT NULL,
    award_id   uuid     NOT NULL,
    version    integer  NOT NULL,
    programme  text     NOT NULL,
    person_id  uuid     NOT NULL,
    account_id uuid,
    division   bigint   NOT NULL,
    amount_fen bigint   NOT NULL,
    from_month date     NOT NULL,
    to_month   date,
    batch_id   text     NOT NULL,
    reason     text     NOT NULL,
    rate       text     NOT NULL,
    error      text,                       -- NULL: good
    error_column text,
    PRIMARY KEY (tenant, import_id, line)
);

-- migrate:down
DROP TABLE award_import_row, award_import, award_version, award, exclusion, programme;
