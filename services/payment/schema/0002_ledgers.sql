-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- The two ledgers (PAY-01), append-only for every role, and the runs that write them (PAY-02).

CREATE TABLE payment_run (
    tenant      smallint    NOT NULL,
    id          uuid        NOT NULL,
    programme   text        NOT NULL,
    month       date        NOT NULL CHECK (extract(day FROM month) = 1),
    batch_id    text        NOT NULL DEFAULT '',
    state       text        NOT NULL CHECK (state IN ('DRAFT', 'CHECKED', 'APPROVED', 'SENT', 'SETTLED', 'CANCELLED')),
    version     integer     NOT NULL DEFAULT 1,
    snapshot_at timestamptz NOT NULL,
    slices      integer     NOT NULL,
    slices_done integer     NOT NULL DEFAULT 0 CHECK (slices_done <= slices),
    cursor      uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- last award reckoned
    maker       uuid        NOT NULL,
    checker     uuid        CHECK (checker <> maker),
    approver    uuid        CHECK (approver <> maker),
    created_at  timestamptz NOT NULL,
    sent_at     timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (state IN ('DRAFT', 'CANCELLED') OR (checker IS NOT NULL AND slices_done = slices)),
    CHECK (state IN ('DRAFT', 'CHECKED', 'CANCELLED') OR approver IS NOT NULL)
);
-- The same month is never run twice (acceptance scenario 71).
CREATE UNIQUE INDEX payment_run_once ON payment_run (tenant, programme, month, batch_id) WHERE state <> 'CANCELLED';
CREATE INDEX payment_run_unfinished ON payment_run (tenant, created_at) WHERE state = 'DRAFT' AND slices_done < slices;

CREATE TABLE entitlement (
    tenant        smallint    NOT NULL,
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    run_id        uuid        NOT NULL,
    award_id      uuid        NOT NULL,
    award_version integer     NOT NULL,        -- 0: no version covers the month any more
    programme     text        NOT NULL,
    month         date        NOT NULL,
    amount_fen    bigint      NOT NULL,        -- 0 when only the persons' shares moved
    reason        text        NOT NULL CHECK (reason IN ('DUE', 'ARREARS', 'OVERPAID', 'CANCELLED')),
    person_ids    uuid[]      NOT NULL,
    share_fen     bigint[]    NOT NULL,
    snapshot_at   timestamptz NOT NULL,        -- of its run
    PRIMARY KEY (tenant, id)
);
CREATE INDEX entitlement_by_award ON entitlement (tenant, award_id, month);
CREATE INDEX entitlement_by_run ON entitlement (tenant, run_id, award_id);
CREATE INDEX entitlement_by_month ON entitlement (tenant, month, award_id);

CREATE TABLE payment (
    tenant         smallint NOT NULL,
    id             uuid     NOT NULL DEFAULT gen_random_uuid(),
    run_id         uuid     NOT NULL,
    award_id       uuid     NOT NULL,
    programme      text     NOT NULL,
    year           smallint NOT NULL,          -- of the instruction number
    instruction_no bigint   NOT NULL,
    payee_id       uuid     NOT NULL,
    account_id     uuid,
    amount_fen     bigint   NOT NULL CHECK (amount_fen > 0),
    kind           text     NOT NULL CHECK (kind IN ('REGULAR', 'REPAYMENT')),
    repays_id      uuid,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX payment_instruction ON payment (tenant, year, instruction_no);
CREATE UNIQUE INDEX payment_repaid_once ON payment (tenant, repays_id) WHERE repays_id IS NOT NULL;
CREATE UNIQUE INDEX payment_once_a_run ON payment (tenant, run_id, award_id) WHERE kind = 'REGULAR';
CREATE INDEX payment_by_award ON payment (tenant, award_id);

CREATE TABLE payment_result (
    tenant     smallint    NOT NULL,
    payment_id uuid        NOT NULL,
    outcome    text        NOT NULL CHECK (outcome IN ('SETTLED', 'RETURNED')),
    booked_on  date        NOT NULL,
    amount_fen bigint      NOT NULL,
    reason     text        NOT NULL DEFAULT '',
    known_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, payment_id)
);
CREATE INDEX payment_result_by_day ON payment_result (tenant, booked_on);

CREATE TABLE hold (
    tenant      smallint NOT NULL,
    id          uuid     NOT NULL DEFAULT gen_random_uuid(),
    run_id      uuid     NOT NULL,
    payment_id  uuid     NOT NULL,
    award_id    uuid     NOT NULL,
    cause       text     NOT NULL CHECK (cause IN ('DEATH', 'CUSTODY', 'MOVED_OUT', 'EXCLUDED', 'NO_ACCOUNT', 'DUPLICATE')),
    evidence    text     NOT NULL,
    amount_fen  bigint   NOT NULL,
    resolution  text     CHECK (resolution IN ('RELEASED', 'DROPPED')),
    reason      text     NOT NULL DEFAULT '',
    resolved_by uuid,
    resolved_at timestamptz,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX hold_once ON hold (tenant, payment_id, cause);
CREATE INDEX hold_by_run ON hold (tenant, run_id);
CREATE INDEX hold_open ON hold (tenant, award_id) WHERE resolution IS NULL;

-- Instruction numbers are gap-free, a counter a district and year, taken in the transaction of the run's slice.
CREATE TABLE instruction_counter (
    tenant smallint NOT NULL,
    year   smallint NOT NULL,
    last   bigint   NOT NULL,
    PRIMARY KEY (tenant, year)
);

-- Overpayments (PAY-04).
CREATE TABLE recovery_case (
    tenant     smallint    NOT NULL,
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    run_id     uuid        NOT NULL,           -- the run that found it
    award_id   uuid        NOT NULL,
    programme  text        NOT NULL,
    payee_id   uuid        NOT NULL,
    division   bigint      NOT NULL,
    cause      text        NOT NULL,           -- reason of the award version: DEATH, STOPPED, …
    months     date[]      NOT NULL,
    amount_fen bigint      NOT NULL CHECK (amount_fen > 0),
    at_fault   boolean     NOT NULL DEFAULT false, -- false: return without a fine (RLF-45)
    state      text        NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'PLANNED', 'RECOVERED', 'WRITE_OFF_ASKED', 'WRITTEN_OFF', 'CANCELLED')),
    plan       text        CHECK (plan IN ('REFUND', 'OFFSET', 'HEIRS', 'INSTALMENTS')),
    legal_basis text       NOT NULL DEFAULT '',
    consent    text        NOT NULL DEFAULT '',
    asked_by   uuid,
    approved_by uuid       CHECK (approved_by <> asked_by),
    version    integer     NOT NULL DEFAULT 1,
    opened_at  timestamptz NOT NULL,
    due_on     date        NOT NULL,           -- five working days (E-04)
    PRIMARY KEY (tenant, id),
    CHECK (plan IS DISTINCT FROM 'OFFSET' OR consent <> '' OR legal_basis <> ''),
    CHECK (state <> 'WRITTEN_OFF' OR approved_by IS NOT NULL)
);
CREATE INDEX recovery_case_open ON recovery_case (tenant, due_on) WHERE state IN ('OPEN', 'PLANNED', 'WRITE_OFF_ASKED');
CREATE INDEX recovery_case_by_award ON recovery_case (tenant, award_id);

CREATE TABLE recovery_instalment (
    tenant     smallint NOT NULL,
    case_id    uuid     NOT NULL,
    number     integer  NOT NULL,
    due_on     date     NOT NULL,
    amount_fen bigint   NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (tenant, case_id, number)
);

CREATE TABLE recovery_receipt (
    tenant      smallint    NOT NULL,
    id          uuid        NOT NULL,
    case_id     uuid        NOT NULL,
    amount_fen  bigint      NOT NULL CHECK (amount_fen > 0),
    received_on date        NOT NULL,
    receipt_no  text        NOT NULL,
    known_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, case_id, receipt_no)
);

-- migrate:down
DROP TABLE recovery_receipt, recovery_instalment, recovery_case, instruction_counter, hold, payment_result, payment,
    entitlement, payment_run;
