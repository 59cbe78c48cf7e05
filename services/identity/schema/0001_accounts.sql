-- SPDX-License-Identifier: Apache-2.0
-- Accounts, roles, sessions. The split of three administrators and maker ≠ checker are constraints here (CMP-05):
-- no role of the database, and no administrator, is exempt.
-- migrate:up
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

-- BUSINESS works on files; SYSTEM keeps accounts, SECURITY grants rights, AUDIT reads trails. One account, one duty.
CREATE TABLE role (
	tenant smallint NOT NULL,
	code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
	duty text NOT NULL CHECK (duty IN ('BUSINESS', 'SYSTEM', 'SECURITY', 'AUDIT')),
	name text NOT NULL,
	permissions text[] NOT NULL,
	PRIMARY KEY (tenant, code),
	UNIQUE (tenant, code, duty)
);

CREATE TABLE account (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	login text NOT NULL CHECK (login ~ '^[a-z0-9][a-z0-9._-]{1,39}@[0-9]{6,12}$'),
	kind text NOT NULL CHECK (kind IN ('STAFF', 'DEPARTMENT')),
	duty text NOT NULL CHECK (duty IN ('BUSINESS', 'SYSTEM', 'SECURITY', 'AUDIT')),
	name text NOT NULL,
	department text NOT NULL DEFAULT '',
	state text NOT NULL CHECK (state IN ('PROPOSED', 'ACTIVE', 'DISABLED')),
	password_hash text NOT NULL DEFAULT '',
	must_change boolean NOT NULL DEFAULT true,
	password_set_at timestamptz,
	failures integer NOT NULL DEFAULT 0,
	locked_until timestamptz,
	proposed_by uuid,
	proposed_at timestamptz NOT NULL,
	approved_by uuid,
	approved_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id),
	UNIQUE (tenant, login),
	UNIQUE (tenant, id, duty),
	CONSTRAINT maker_is_not_checker CHECK (approved_by <> proposed_by),
	CONSTRAINT active_is_approved CHECK (state <> 'ACTIVE' OR proposed_by IS NULL OR approved_by IS NOT NULL)
);

CREATE TABLE account_role (
	tenant smallint NOT NULL,
	account_id uuid NOT NULL,
	role text NOT NULL,
	duty text NOT NULL,
	PRIMARY KEY (tenant, account_id, role)
);

CREATE TABLE account_division (
	tenant smallint NOT NULL,
	account_id uuid NOT NULL,
	division_id bigint NOT NULL,
	PRIMARY KEY (tenant, account_id, division_id)
);

-- A wish to change an account's rights: proposed by one administrator, approved by another. Kept for ever.
CREATE TABLE rights_change (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	account_id uuid NOT NULL,
	roles text[] NOT NULL,
	divisions bigint[] NOT NULL,
	reason text NOT NULL,
	state text NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'REFUSED')),
	proposed_by uuid NOT NULL,
	proposed_at timestamptz NOT NULL,
	decided_by uuid,
	decided_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id),
	CONSTRAINT maker_is_not_checker CHECK (decided_by <> proposed_by),
	CHECK ((state = 'PROPOSED') = (decided_by IS NULL))
);
CREATE UNIQUE INDEX rights_change_open ON rights_change (tenant, account_id) WHERE state = 'PROPOSED';

-- Sessions and access tokens. Only the SM3 of a token is here.
CREATE TABLE session (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	account_id uuid NOT NULL,
	token_hash bytea NOT NULL,
	kind text NOT NULL CHECK (kind IN ('SESSION', 'ACCESS_TOKEN')),
	label text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	absolute_until timestamptz NOT NULL,
	revoked_at timestamptz,
	revoked_by uuid,
	PRIMARY KEY (tenant, id),
	CHECK (expires_at <= absolute_until)
);
-- Not by tenant: the token alone says whose it is.
CREATE INDEX account_login ON account (login);
CREATE UNIQUE INDEX session_token ON session (token_hash, tenant);
CREATE INDEX session_account ON session (tenant, account_id);

-- Someone stands in for someone on leave, with the rights both have (never more than the absent one's division).
CREATE TABLE delegation (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	from_account_id uuid NOT NULL,
	to_account_id uuid NOT NULL,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	reason text NOT NULL,
	created_at timestamptz NOT NULL,
	ended_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant, id),
	CHECK (from_account_id <> to_account_id),
	EXCLUDE USING gist (tenant WITH =, from_account_id WITH =, valid WITH &&) WHERE (ended_at IS NULL)
);
CREATE INDEX delegation_to ON delegation (tenant, to_account_id);
-- migrate:down
DROP TABLE delegation, session, rights_change, account_division, account_role, account, role;
