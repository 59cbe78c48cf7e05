-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
CREATE TABLE file (
	tenant smallint NOT NULL,
	id uuid NOT NULL,
	division_id bigint NOT NULL,
	title text NOT NULL,
	opened_at timestamptz NOT NULL,
	PRIMARY KEY (tenant, id)
);
-- migrate:down
DROP TABLE file;
