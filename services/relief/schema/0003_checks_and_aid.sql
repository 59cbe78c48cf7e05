-- SPDX-License-Identifier: Apache-2.0
-- Checks with their results as evidence (added, never changed), temporary aid, leads, rescue, insurance, batches, tags.
-- migrate:up
CREATE TABLE economic_check (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	state text NOT NULL,
	purpose text NOT NULL,
	division bigint NOT NULL,
	household_id uuid,
	application_id uuid,
	award_id uuid,
	person_ids uuid[] NOT NULL CHECK (cardinality(person_ids) > 0),
	sources text[] NOT NULL CHECK (cardinality(sources) > 0),
	legal_basis text NOT NULL,
	consent text NOT NULL DEFAULT '',
	opened_on date NOT NULL,
	due_on date NOT NULL,
	done_on date,
	opened_by uuid NOT NULL,
	PRIMARY KEY (tenant, id)
);
CREATE INDEX economic_check_application ON economic_check (tenant, application_id);
CREATE INDEX economic_check_open ON economic_check (tenant, due_on) WHERE state = 'OPEN';
CREATE INDEX economic_check_done ON economic_check (tenant, done_on);

CREATE TABLE check_result (
	tenant smallint NOT NULL,
	check_id uuid NOT NULL,
	person_id uuid NOT NULL,
	source text NOT NULL,
	outcome text NOT NULL,
	found_fen bigint NOT NULL DEFAULT 0,
	finding bytea,
	recorded_on date NOT NULL,
	recorded_by uuid NOT NULL,
	PRIMARY KEY (tenant, check_id, person_id, source)
);

CREATE TABLE temp_aid (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	award_id uuid,
	application_id uuid,
	emergency_id uuid,
	person_id uuid NOT NULL,
	division bigint NOT NULL,
	aid_type text NOT NULL,
	fast boolean NOT NULL DEFAULT false,
	channel text NOT NULL,
	cause bytea,
	amount_fen bigint NOT NULL CHECK (amount_fen > 0),
	happened_on date,
	granted_on date NOT NULL,
	taken_over boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant, id)
);
CREATE INDEX temp_aid_person ON temp_aid (tenant, person_id, granted_on);
CREATE INDEX temp_aid_granted ON temp_aid (tenant, granted_on);

CREATE TABLE lead (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	state text NOT NULL,
	division bigint NOT NULL,
	person_id uuid,
	household_id uuid,
	source text NOT NULL,
	text bytea NOT NULL,
	reported_on date NOT NULL,
	due_on date NOT NULL,
	outcome text NOT NULL DEFAULT 'OUTCOME_UNSPECIFIED',
	application_id uuid,
	resolved_on date,
	reported_by uuid NOT NULL,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE facility (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	kind text NOT NULL,
	name text NOT NULL,
	division bigint NOT NULL DEFAULT 0,
	opened_on date NOT NULL,
	closed_on date CHECK (closed_on >= opened_on),
	PRIMARY KEY (tenant, id)
);

CREATE TABLE rescue (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	person_id uuid,
	facility_id uuid,
	operation text NOT NULL,
	sex text NOT NULL,
	received_by_woman boolean NOT NULL,
	help text NOT NULL,
	admitted_on date NOT NULL,
	left_on date CHECK (left_on >= admitted_on),
	departure text NOT NULL DEFAULT 'DEPARTURE_UNSPECIFIED',
	destination text NOT NULL DEFAULT '',
	recorded_by uuid NOT NULL,
	PRIMARY KEY (tenant, id),
	CHECK (sex <> 'FEMALE' OR received_by_woman)
);
CREATE INDEX rescue_admitted ON rescue (tenant, admitted_on);

CREATE TABLE rescue_visit (
	tenant smallint NOT NULL,
	rescue_id uuid NOT NULL,
	number integer NOT NULL,
	visited_on date NOT NULL,
	findings bytea NOT NULL,
	recorded_by uuid NOT NULL,
	PRIMARY KEY (tenant, rescue_id, number)
);

CREATE TABLE enrolment (
	tenant smallint NOT NULL,
	policy_year integer NOT NULL,
	person_id uuid NOT NULL,
	snapshot_on date NOT NULL,
	programme text NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (tenant, policy_year, person_id)
);

CREATE TABLE insurance_claim (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	policy_year integer NOT NULL,
	paid_on date NOT NULL,
	amount_fen bigint NOT NULL CHECK (amount_fen > 0),
	PRIMARY KEY (tenant, id)
);
CREATE INDEX insurance_claim_paid ON insurance_claim (tenant, paid_on);

CREATE TABLE care_agreement (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	division bigint NOT NULL,
	carer text NOT NULL,
	starts_on date NOT NULL,
	ends_on date CHECK (ends_on >= starts_on),
	PRIMARY KEY (tenant, id),
	EXCLUDE USING gist (tenant WITH =, person_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);

CREATE TABLE grant_batch (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	state text NOT NULL,
	programme text NOT NULL CHECK (programme IN ('ONE_OFF', 'PRICE_SUBSIDY', 'OTHER_RELIEF')),
	title text NOT NULL,
	basis text NOT NULL,
	month date NOT NULL,
	created_by uuid NOT NULL,
	approved_by uuid,
	PRIMARY KEY (tenant, id),
	CONSTRAINT maker_is_not_checker CHECK (approved_by <> created_by)
);

CREATE TABLE grant_item (
	tenant smallint NOT NULL,
	batch_id uuid NOT NULL,
	person_id uuid NOT NULL,
	division bigint NOT NULL,
	amount_fen bigint NOT NULL CHECK (amount_fen > 0),
	payee_person_id uuid,
	account_id uuid,
	category text NOT NULL DEFAULT '',
	award_id uuid,
	PRIMARY KEY (tenant, batch_id, person_id)
);
CREATE INDEX grant_item_waiting ON grant_item (tenant, batch_id, person_id) WHERE award_id IS NULL;

CREATE TABLE person_tag (
	tenant smallint NOT NULL,
	person_id uuid NOT NULL,
	tag text NOT NULL,
	starts_on date NOT NULL,
	ends_on date CHECK (ends_on >= starts_on),
	PRIMARY KEY (tenant, person_id, tag, starts_on)
);
-- migrate:down
DROP TABLE person_tag;
DROP TABLE grant_item;
DROP TABLE grant_batch;
DROP TABLE care_agreement;
DROP TABLE insurance_claim;
DROP TABLE enrolment;
DROP TABLE rescue_visit;
DROP TABLE rescue;
DROP TABLE facility;
DROP TABLE lead;
DROP TABLE temp_aid;
DROP TABLE check_result;
DROP TABLE economic_check;
