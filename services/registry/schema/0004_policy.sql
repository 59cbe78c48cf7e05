-- SPDX-License-Identifier: Apache-2.0
-- Published amounts, parameters, working days. Two times each: from when a rule holds, and since when it is known;
-- scenario 2 (a notice of 24 September that raises September) needs both.
-- migrate:up
CREATE TABLE policy_amount (
	tenant smallint NOT NULL,
	id uuid NOT NULL DEFAULT gen_random_uuid(),
	kind text NOT NULL CHECK (kind ~ '^[A-Z][A-Z0-9_]*$'),
	amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(known)),
	source text NOT NULL,
	unconfirmed boolean NOT NULL DEFAULT false,
	recorded_by uuid,
	PRIMARY KEY (tenant, id),
	EXCLUDE USING gist (tenant WITH =, kind WITH =, valid WITH &&, known WITH &&)
);

CREATE TABLE parameter (
	tenant smallint NOT NULL,
	id uuid NOT NULL DEFAULT gen_random_uuid(),
	name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_.]*$'),
	value text NOT NULL,
	valid daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(valid)),
	known tstzrange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(known)),
	conflict text NOT NULL DEFAULT '',
	source text NOT NULL,
	unconfirmed boolean NOT NULL DEFAULT false,
	recorded_by uuid,
	PRIMARY KEY (tenant, id),
	EXCLUDE USING gist (tenant WITH =, name WITH =, valid WITH &&, known WITH &&)
);

-- A question on which two texts differ (C-1 …): both readings and the one in use, for the bureau to confirm.
CREATE TABLE conflict (
	tenant smallint NOT NULL,
	code text NOT NULL,
	question text NOT NULL,
	reading_a text NOT NULL,
	reading_b text NOT NULL,
	chosen text NOT NULL,
	parameter text NOT NULL,
	PRIMARY KEY (tenant, code)
);

-- A year whose notice is not loaded has no row here, and no working days: deadlines in it must fail (3.7).
CREATE TABLE calendar_year (
	tenant smallint NOT NULL,
	year smallint NOT NULL,
	notice text NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT now(),
	recorded_by uuid,
	PRIMARY KEY (tenant, year)
);

CREATE TABLE workday (
	tenant smallint NOT NULL,
	day date NOT NULL,
	working boolean NOT NULL,
	label text NOT NULL DEFAULT '',
	PRIMARY KEY (tenant, day)
);
-- migrate:down
DROP TABLE workday;
DROP TABLE calendar_year;
DROP TABLE conflict;
DROP TABLE parameter;
DROP TABLE policy_amount;
