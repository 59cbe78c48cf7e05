-- SPDX-License-Identifier: Apache-2.0
-- Awards. The head holds the state; contents are versions that never change; periods say which version counts for which
-- days, as known when (two times, one exclusion constraint).
-- migrate:up
CREATE TABLE award (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	programme text NOT NULL,
	unit text NOT NULL CHECK (unit IN ('HOUSEHOLD', 'PERSON')),
	household_id uuid,
	applicant_person_id uuid NOT NULL,
	division bigint NOT NULL,
	state text NOT NULL,
	area text NOT NULL,
	single_person boolean NOT NULL DEFAULT false,
	care_mode text NOT NULL DEFAULT 'CARE_MODE_UNSPECIFIED',
	recheck_class text NOT NULL DEFAULT 'RECHECK_CLASS_UNSPECIFIED',
	next_recheck_on date,
	application_id uuid,
	batch_id uuid,
	opened_on date NOT NULL,
	PRIMARY KEY (tenant, id)
);
CREATE INDEX award_running ON award (tenant, programme, id) WHERE state NOT IN ('STOPPED', 'ARCHIVED');
CREATE INDEX award_household ON award (tenant, household_id);
CREATE INDEX award_recheck ON award (tenant, next_recheck_on) WHERE state = 'PAYING';

CREATE TABLE award_content (
	tenant smallint NOT NULL,
	award_id uuid NOT NULL,
	version integer NOT NULL,
	amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
	income_per_capita_fen bigint NOT NULL DEFAULT 0,
	payee_person_id uuid,
	account_id uuid,
	care_grade text NOT NULL DEFAULT 'CARE_GRADE_UNSPECIFIED',
	rate text NOT NULL DEFAULT '',
	from_month date NOT NULL CHECK (extract(day FROM from_month) = 1),
	to_month date CHECK (extract(day FROM to_month) = 1 AND to_month >= from_month),
	reason text NOT NULL,
	known_at timestamptz NOT NULL,
	file bytea,
	trace bytea,
	recorded_by uuid NOT NULL,
	PRIMARY KEY (tenant, award_id, version)
);

CREATE TABLE award_share (
	tenant smallint NOT NULL,
	award_id uuid NOT NULL,
	version integer NOT NULL,
	person_id uuid NOT NULL,
	amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
	increment_fen bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant, award_id, version, person_id)
);
CREATE INDEX award_share_person ON award_share (tenant, person_id);

CREATE TABLE award_period (
	tenant smallint NOT NULL,
	id uuid NOT NULL DEFAULT gen_random_uuid(),
	award_id uuid NOT NULL,
	version integer NOT NULL,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL,
	PRIMARY KEY (tenant, id),
	CONSTRAINT one_version_a_day EXCLUDE USING gist (tenant WITH =, award_id WITH =, valid WITH &&, known WITH &&)
		DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX award_period_award ON award_period (tenant, award_id);

-- National rules are claims: one dibao household, one tekun place a person.
CREATE TABLE dibao_household_claim (
	person_id uuid PRIMARY KEY,
	tenant smallint NOT NULL,
	award_id uuid NOT NULL
);
CREATE INDEX dibao_household_claim_award ON dibao_household_claim (award_id);
CREATE TABLE tekun_claim (
	person_id uuid PRIMARY KEY,
	tenant smallint NOT NULL,
	award_id uuid NOT NULL
);

CREATE TABLE award_change (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL DEFAULT 1,
	award_id uuid NOT NULL,
	award_version integer NOT NULL,
	division bigint NOT NULL,
	kind text NOT NULL,
	cause text NOT NULL,
	state text NOT NULL,
	rule text NOT NULL,
	person_id uuid,
	fact_id uuid,
	fact_version integer,
	from_month date NOT NULL,
	due_on date NOT NULL,
	adverse boolean NOT NULL,
	old_amount_fen bigint NOT NULL,
	amount_fen bigint NOT NULL,
	keep_until date,
	payee_person_id uuid,
	account_id uuid,
	heard_on date,
	hearing bytea,
	decided_on date,
	proposed_by uuid NOT NULL,
	decided_by uuid,
	text text NOT NULL,
	file bytea,
	trace bytea,
	PRIMARY KEY (tenant, id),
	CONSTRAINT maker_is_not_checker CHECK (decided_by <> proposed_by),
	CONSTRAINT hearing_before_adverse_decision
		CHECK (state <> 'APPROVED' OR NOT adverse OR decided_on < '2026-07-01' OR heard_on IS NOT NULL
			OR cause IN ('DEATH', 'OWN_REQUEST')),
	UNIQUE (tenant, award_id, fact_id, fact_version)
);
CREATE INDEX award_change_open ON award_change (tenant, due_on) WHERE state IN ('PROPOSED', 'HEARD');
CREATE INDEX award_change_award ON award_change (tenant, award_id);

CREATE TABLE penalty (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	award_id uuid NOT NULL,
	division bigint NOT NULL,
	cause text NOT NULL,
	gain_fen bigint NOT NULL CHECK (gain_fen > 0),
	fine_fen bigint NOT NULL CHECK (fine_fen >= 0 AND (cause = 'FRAUD' OR fine_fen = 0)),
	decided_on date NOT NULL,
	decided_by uuid NOT NULL,
	text text NOT NULL,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE recalculation (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	state text NOT NULL,
	from_month date NOT NULL,
	programmes text[] NOT NULL,
	cursor uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
	seen integer NOT NULL DEFAULT 0,
	changed integer NOT NULL DEFAULT 0,
	text text NOT NULL,
	created_at timestamptz NOT NULL,
	created_by uuid NOT NULL,
	PRIMARY KEY (tenant, id)
);
-- migrate:down
DROP TABLE recalculation;
DROP TABLE penalty;
DROP TABLE award_change;
DROP TABLE tekun_claim;
DROP TABLE dibao_household_claim;
DROP TABLE award_period;
DROP TABLE award_share;
DROP TABLE award_content;
DROP TABLE award;
