-- SPDX-License-Identifier: Apache-2.0
-- The letter that tells a recipient what was changed or stopped, why, and what he can do (CMP-12), with its number.
-- migrate:up
ALTER TABLE award_change ADD COLUMN letter bytea, ADD COLUMN letter_number integer;
-- migrate:down
ALTER TABLE award_change DROP COLUMN letter, DROP COLUMN letter_number;
