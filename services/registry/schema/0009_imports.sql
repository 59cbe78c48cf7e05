-- SPDX-License-Identifier: Apache-2.0
-- Imports: rows wait here, checked, until Commit moves them slice by slice (design 6). Staged rows are working data: those
-- of a finished import are kept as evidence of what the file said.
-- migrate:up
CREATE TABLE import (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	kind text NOT NULL CHECK (kind IN ('PERSONS', 'HOUSEHOLDS', 'BANK_ACCOUNTS')),
	file_name text NOT NULL,
	digest text NOT NULL,
	state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'COMMITTING', 'COMMITTED', 'ABANDONED')),
	last_line bigint NOT NULL DEFAULT 0,
	committed_line bigint NOT NULL DEFAULT 0,
	staged bigint NOT NULL DEFAULT 0,
	unchanged bigint NOT NULL DEFAULT 0,
	wrong bigint NOT NULL DEFAULT 0,
	committed bigint NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL,
	created_by uuid NOT NULL,
	PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX import_file ON import (tenant, kind, digest) WHERE state <> 'ABANDONED';

CREATE TABLE import_problem (
	tenant smallint NOT NULL,
	import_id uuid NOT NULL,
	line bigint NOT NULL,
	column_name text NOT NULL,
	reason text NOT NULL,
	PRIMARY KEY (tenant, import_id, line, column_name)
);

CREATE TABLE import_person (
	tenant smallint NOT NULL,
	import_id uuid NOT NULL,
	line bigint NOT NULL,
	id uuid NOT NULL,
	id_type text NOT NULL,
	id_number bytea,
	id_index bytea,
	name text NOT NULL,
	name_key text NOT NULL,
	name_terms text NOT NULL,
	sex text NOT NULL,
	born_on date,
	ethnicity text NOT NULL,
	division_id bigint NOT NULL,
	phone bytea,
	address bytea,
	PRIMARY KEY (tenant, import_id, line)
);

CREATE TABLE import_member (
	tenant smallint NOT NULL,
	import_id uuid NOT NULL,
	line bigint NOT NULL,
	id uuid NOT NULL,
	household_id uuid NOT NULL,
	number text NOT NULL,
	division_id bigint NOT NULL,
	area text NOT NULL,
	person_id uuid NOT NULL,
	relation text NOT NULL,
	joined_on date NOT NULL,
	PRIMARY KEY (tenant, import_id, line)
);
CREATE INDEX import_member_number ON import_member (tenant, import_id, number);

CREATE TABLE import_account (
	tenant smallint NOT NULL,
	import_id uuid NOT NULL,
	line bigint NOT NULL,
	id uuid NOT NULL,
	person_id uuid NOT NULL,
	number bytea NOT NULL,
	number_index bytea NOT NULL,
	bank text NOT NULL,
	holder text NOT NULL,
	PRIMARY KEY (tenant, import_id, line)
);
-- migrate:down
DROP TABLE import_account, import_member, import_person, import_problem, import;
