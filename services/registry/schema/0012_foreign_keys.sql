-- SPDX-License-Identifier: Apache-2.0
-- Kept apart, so that the same tables stand on a distributed engine; none of them crosses a distribution (design 8).
-- migrate:up
ALTER TABLE division_version ADD FOREIGN KEY (tenant, division_id) REFERENCES division (tenant, id);
ALTER TABLE person ADD FOREIGN KEY (tenant, division_id) REFERENCES division (tenant, id);
ALTER TABLE person_version ADD FOREIGN KEY (tenant, person_id) REFERENCES person (tenant, id);
ALTER TABLE person_merge
	ADD FOREIGN KEY (tenant, kept_id) REFERENCES person (tenant, id),
	ADD FOREIGN KEY (tenant, merged_id) REFERENCES person (tenant, id);
ALTER TABLE person_fact ADD FOREIGN KEY (tenant, person_id) REFERENCES person (tenant, id);
ALTER TABLE death_evidence ADD FOREIGN KEY (tenant, person_id) REFERENCES person (tenant, id);
ALTER TABLE bank_account ADD FOREIGN KEY (tenant, person_id) REFERENCES person (tenant, id);
ALTER TABLE household
	ADD FOREIGN KEY (tenant, division_id) REFERENCES division (tenant, id),
	ADD FOREIGN KEY (tenant, head_id) REFERENCES person (tenant, id);
ALTER TABLE household_member
	ADD FOREIGN KEY (tenant, household_id) REFERENCES household (tenant, id),
	ADD FOREIGN KEY (tenant, person_id) REFERENCES person (tenant, id);
ALTER TABLE workday ADD COLUMN year smallint GENERATED ALWAYS AS (extract(year FROM day)) STORED;
ALTER TABLE workday ADD FOREIGN KEY (tenant, year) REFERENCES calendar_year (tenant, year);
-- migrate:down
