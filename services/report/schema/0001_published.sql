-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- The texts that the bureau has published; the report's own figures come from the services, never from here.
CREATE TABLE published_text (
	tenant smallint NOT NULL,
	year smallint NOT NULL,
	text text NOT NULL,
	recorded_by uuid NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (tenant, year)
);

-- migrate:down
DROP TABLE published_text;
