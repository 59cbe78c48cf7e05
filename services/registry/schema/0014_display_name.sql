-- SPDX-License-Identifier: Apache-2.0
-- A name as it is shown: look-alikes of the middle dot as U+00B7, all else as stored (3.9). A full stop counts only between two
-- characters that are not ASCII.
-- migrate:up
CREATE FUNCTION display_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(translate(name, U&'\2022\2027\30FB\FF0E', repeat(U&'\00B7', 4)), U&'(?<=[^\0001-\007F])[.](?=[^\0001-\007F])',
	U&'\00B7', 'g');
-- migrate:down
DROP FUNCTION display_name;
