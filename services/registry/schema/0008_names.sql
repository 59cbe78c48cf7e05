-- SPDX-License-Identifier: Apache-2.0
-- Two names that differ by one character: another one, one more or one less (3.9). Candidates come from the index.
-- migrate:up
CREATE FUNCTION names_are_near(a text, b text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE char_length(a) - char_length(b)
	WHEN 0 THEN (SELECT count(*) FROM generate_series(1, char_length(a)) i WHERE substr(a, i, 1) <> substr(b, i, 1)) <= 1
	WHEN 1 THEN EXISTS (SELECT FROM generate_series(1, char_length(a)) i WHERE left(a, i - 1) || substr(a, i + 1) = b)
	WHEN -1 THEN EXISTS (SELECT FROM generate_series(1, char_length(b)) i WHERE left(b, i - 1) || substr(b, i + 1) = a)
	ELSE false
END;
-- migrate:down
DROP FUNCTION names_are_near;
