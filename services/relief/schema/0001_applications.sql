-- SPDX-License-Identifier: Apache-2.0
-- Applications, their steps and decisions (RLF-05). A family file, a trace and a decision's text are encrypted whole.
-- migrate:up
CREATE TABLE application (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	kind text NOT NULL CHECK (kind IN ('BASIC', 'TEMPORARY')),
	state text NOT NULL,
	division bigint NOT NULL,
	household_id uuid,
	applicant_person_id uuid NOT NULL,
	person_ids uuid[] NOT NULL,
	file bytea NOT NULL,
	channel text NOT NULL,
	check_consent text NOT NULL DEFAULT '',
	relative_of_staff boolean NOT NULL DEFAULT false,
	aid_type text NOT NULL,
	cause bytea,
	need_fen bigint NOT NULL DEFAULT 0,
	emergency_id uuid,
	account_id uuid,
	payee_person_id uuid,
	submitted_on date,
	accepted_on date,
	publicised_on date,
	notice_ends_on date,
	due_on date,
	decided_on date,
	outcome text NOT NULL DEFAULT 'PROGRAMME_UNSPECIFIED',
	amount_fen bigint NOT NULL DEFAULT 0,
	first_month text NOT NULL DEFAULT '',
	award_id uuid,
	maker uuid NOT NULL,
	complained boolean NOT NULL DEFAULT false,
	missing text NOT NULL DEFAULT '',
	county_visited boolean NOT NULL DEFAULT false,
	opinion_by uuid,
	decided_by uuid,
	PRIMARY KEY (tenant, id),
	-- Who gave the opinion does not decide; true for every role, also the owner's.
	CONSTRAINT maker_is_not_checker CHECK (decided_by <> opinion_by),
	CONSTRAINT confirmed_has_award CHECK ((state = 'CONFIRMED') <= (award_id IS NOT NULL))
);
CREATE INDEX application_open ON application (tenant, state, due_on) WHERE state NOT IN ('CONFIRMED', 'REFUSED', 'WITHDRAWN', 'ARCHIVED');
CREATE INDEX application_person ON application (tenant, applicant_person_id);
CREATE INDEX application_submitted ON application (tenant, submitted_on);
CREATE INDEX application_division ON application (tenant, division, id);

CREATE TABLE application_step (
	tenant smallint NOT NULL,
	application_id uuid NOT NULL,
	version integer NOT NULL,
	state text NOT NULL,
	acted_on date NOT NULL,
	recorded_at timestamptz NOT NULL,
	account_id uuid NOT NULL,
	account_name text NOT NULL,
	text bytea,
	persons text[] NOT NULL DEFAULT '{}',
	PRIMARY KEY (tenant, application_id, version)
);

CREATE TABLE decision (
	tenant smallint NOT NULL,
	application_id uuid NOT NULL,
	version integer NOT NULL,
	outcome text NOT NULL,
	trace bytea NOT NULL,
	text bytea NOT NULL,
	decided_on date NOT NULL,
	account_id uuid NOT NULL,
	PRIMARY KEY (tenant, application_id, version)
);

CREATE TABLE public_notice (
	tenant smallint NOT NULL,
	application_id uuid NOT NULL,
	version integer NOT NULL,
	division bigint NOT NULL,
	posted_on date NOT NULL,
	ends_on date NOT NULL,
	text text NOT NULL,
	PRIMARY KEY (tenant, application_id, version)
);
-- migrate:down
DROP TABLE public_notice;
DROP TABLE decision;
DROP TABLE application_step;
DROP TABLE application;
