-- SPDX-License-Identifier: Apache-2.0
-- Households and their dated members; a person is in one household at a time, as known at any time.
-- migrate:up
CREATE TABLE household (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	number text NOT NULL,
	division_id bigint NOT NULL,
	area text NOT NULL CHECK (area IN ('URBAN', 'RURAL')),
	head_id uuid NOT NULL,
	address bytea,
	opened_on date NOT NULL,
	closed_on date,
	recorded_at timestamptz NOT NULL,
	recorded_by uuid,
	PRIMARY KEY (tenant, id),
	UNIQUE (tenant, number),
	CHECK (closed_on >= opened_on)
);
CREATE INDEX household_division ON household (tenant, division_id);
CREATE INDEX household_head ON household (tenant, head_id);

CREATE TABLE household_member (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	number integer NOT NULL,
	household_id uuid NOT NULL,
	person_id uuid NOT NULL,
	relation text NOT NULL,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL CHECK (NOT isempty(known)),
	reason text NOT NULL DEFAULT '',
	recorded_by uuid,
	PRIMARY KEY (tenant, id, number),
	EXCLUDE USING gist (tenant WITH =, person_id WITH =, valid WITH &&, known WITH &&)
);
CREATE INDEX household_member_person ON household_member (tenant, person_id);
CREATE INDEX household_member_household ON household_member (tenant, household_id);
-- migrate:down
DROP TABLE household_member;
DROP TABLE household;
