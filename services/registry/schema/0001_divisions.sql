-- SPDX-License-Identifier: Apache-2.0
-- Divisions (3.4). Rows everywhere hold the immutable id; codes, names, parents and the urban mark are dated.
-- migrate:up
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TABLE division (
	tenant smallint NOT NULL,
	id bigint NOT NULL,
	level text NOT NULL CHECK (level IN ('DISTRICT', 'TOWNSHIP', 'VILLAGE')),
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE division_version (
	tenant smallint NOT NULL,
	division_id bigint NOT NULL,
	number integer NOT NULL,
	code text NOT NULL CHECK (code ~ '^[0-9]{6}([0-9]{3}([0-9]{3})?)?$'),
	name text NOT NULL,
	parent_id bigint,
	urban boolean NOT NULL,
	source text NOT NULL,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL DEFAULT '(,)',
	PRIMARY KEY (tenant, division_id, number),
	EXCLUDE USING gist (tenant WITH =, division_id WITH =, valid WITH &&, known WITH &&),
	EXCLUDE USING gist (tenant WITH =, code WITH =, valid WITH &&, known WITH &&)
);

CREATE INDEX division_version_code ON division_version (tenant, code);

-- Every division with itself and all above it, as of the latest version known: what jurisdiction is expanded with.
CREATE TABLE division_closure (
	tenant smallint NOT NULL,
	ancestor_id bigint NOT NULL,
	descendant_id bigint NOT NULL,
	PRIMARY KEY (tenant, ancestor_id, descendant_id)
);
CREATE INDEX division_closure_descendant ON division_closure (tenant, descendant_id);
-- migrate:down
DROP TABLE division_closure;
DROP TABLE division_version;
DROP TABLE division;
