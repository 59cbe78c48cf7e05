-- SPDX-License-Identifier: Apache-2.0
-- Numbers of letters (文号): one series a year, without gaps, because a number is taken in the commit of its decision.
-- migrate:up
CREATE TABLE letter_number (
	tenant smallint NOT NULL,
	year integer NOT NULL,
	last integer NOT NULL,
	PRIMARY KEY (tenant, year)
);
ALTER TABLE decision ADD COLUMN letter integer; -- of a refusal; those decided before this column came have none
-- migrate:down
ALTER TABLE decision DROP COLUMN letter;
DROP TABLE letter_number;
