-- SPDX-License-Identifier: Apache-2.0
-- Persons: one record per ID number, in the whole country (id_claim); changes keep the version before (E-31).
-- migrate:up
CREATE TABLE person (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'MERGED')),
	merged_into uuid,
	id_type text NOT NULL
		CHECK (id_type IN ('CITIZEN_ID', 'HMT_PERMIT', 'FOREIGN_PERMANENT', 'PASSPORT', 'OTHER_DOCUMENT', 'TEMPORARY')),
	id_number bytea,
	id_index bytea,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 50),
	name_key text NOT NULL,
	name_terms text[] NOT NULL,
	sex text NOT NULL CHECK (sex IN ('UNKNOWN', 'MALE', 'FEMALE', 'NOT_STATED')),
	born_on date,
	ethnicity text NOT NULL DEFAULT '',
	division_id bigint NOT NULL,
	phone bytea,
	address bytea,
	died_on date,
	recorded_at timestamptz NOT NULL,
	recorded_by uuid,
	PRIMARY KEY (tenant, id),
	CHECK ((state = 'MERGED') = (merged_into IS NOT NULL)),
	CHECK ((id_index IS NULL) = (id_type = 'TEMPORARY'))
);
CREATE INDEX person_name ON person USING gin (name_terms);
CREATE INDEX person_division ON person (tenant, division_id);
CREATE INDEX person_born ON person (tenant, born_on);

-- National: the blind index of an ID number belongs to one person for ever; a changed number adds a row.
CREATE TABLE id_claim (
	id_index bytea PRIMARY KEY,
	person_id uuid NOT NULL,
	tenant smallint NOT NULL
);
CREATE INDEX id_claim_person ON id_claim (person_id);

-- What a person's record said before a change. The ciphertext stays bound to the person's column and id.
CREATE TABLE person_version (
	tenant smallint NOT NULL,
	person_id uuid NOT NULL,
	version integer NOT NULL,
	id_type text NOT NULL,
	id_number bytea,
	id_index bytea,
	name text NOT NULL,
	sex text NOT NULL,
	born_on date,
	ethnicity text NOT NULL,
	division_id bigint NOT NULL,
	replaced_on date NOT NULL,
	replaced_at timestamptz NOT NULL,
	replaced_by uuid,
	reason text NOT NULL,
	PRIMARY KEY (tenant, person_id, version)
);

-- Two records of one human being. Undoing sets the last columns; both histories were never touched.
CREATE TABLE person_merge (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	kept_id uuid NOT NULL,
	merged_id uuid NOT NULL,
	reason text NOT NULL,
	proposed_by uuid NOT NULL,
	proposed_at timestamptz NOT NULL,
	approved_by uuid,
	approved_at timestamptz,
	undone_by uuid,
	undone_at timestamptz,
	undo_reason text,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id),
	CHECK (kept_id <> merged_id),
	CONSTRAINT maker_is_not_checker CHECK (approved_by <> proposed_by)
);
CREATE UNIQUE INDEX person_merge_once ON person_merge (tenant, merged_id) WHERE undone_at IS NULL;
CREATE INDEX person_merge_kept ON person_merge (tenant, kept_id);

-- Dated facts, two times each: when it was so (valid) and since when we know (known). A correction is a new row of the
-- same id with the next number.
CREATE TABLE person_fact (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	number integer NOT NULL,
	person_id uuid NOT NULL,
	kind text NOT NULL,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL CHECK (NOT isempty(known)),
	evidence text NOT NULL,
	evidence_number text NOT NULL DEFAULT '',
	source text NOT NULL,
	detail bytea,
	other_person_id uuid,
	level smallint NOT NULL DEFAULT 0,
	recorded_by uuid,
	PRIMARY KEY (tenant, id, number),
	EXCLUDE USING gist (tenant WITH =, person_id WITH =, kind WITH =, valid WITH &&, known WITH &&)
);
CREATE INDEX person_fact_person ON person_fact (tenant, person_id);

-- Every paper that gives a death date, the better ones and the others (民法典 15, scenario 14).
CREATE TABLE death_evidence (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	died_on date NOT NULL,
	evidence text NOT NULL,
	evidence_number text NOT NULL DEFAULT '',
	source text NOT NULL,
	rank smallint NOT NULL,
	recorded_at timestamptz NOT NULL,
	recorded_by uuid,
	revoked_at timestamptz,
	PRIMARY KEY (tenant, id)
);
CREATE INDEX death_evidence_person ON death_evidence (tenant, person_id);

-- National: nobody has two living spouses. A divorce or a death deletes both rows; the history is in person_fact.
CREATE TABLE spouse_claim (
	person_id uuid PRIMARY KEY,
	spouse_id uuid NOT NULL,
	tenant smallint NOT NULL,
	CHECK (person_id <> spouse_id)
);

-- Where a person's money goes (3.10). A change is proposed by one and approved by another.
CREATE TABLE bank_account (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	number bytea NOT NULL,
	number_index bytea NOT NULL,
	bank text NOT NULL,
	holder text NOT NULL,
	state text NOT NULL CHECK (state IN ('PROPOSED', 'ACTIVE', 'REFUSED', 'CLOSED')),
	valid daterange NOT NULL,
	proposed_by uuid NOT NULL,
	proposed_at timestamptz NOT NULL,
	approved_by uuid,
	approved_at timestamptz,
	import_id uuid,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id),
	CONSTRAINT maker_is_not_checker CHECK (approved_by <> proposed_by),
	CONSTRAINT active_is_approved CHECK (state <> 'ACTIVE' OR approved_by IS NOT NULL OR import_id IS NOT NULL),
	EXCLUDE USING gist (tenant WITH =, person_id WITH =, valid WITH &&) WHERE (state = 'ACTIVE')
);
CREATE INDEX bank_account_person ON bank_account (tenant, person_id);
CREATE INDEX bank_account_number ON bank_account (tenant, number_index);
-- migrate:down
DROP TABLE bank_account;
DROP TABLE spouse_claim;
DROP TABLE death_evidence;
DROP TABLE person_fact;
DROP TABLE person_merge;
DROP TABLE person_version;
DROP TABLE id_claim;
DROP TABLE person;
