-- SPDX-License-Identifier: Apache-2.0
-- The purpose names a case of that person (CMP-09). Cases are relief's, whose schema comes after this one: looked for when asked.
-- migrate:up
CREATE FUNCTION names_a_case(of_tenant smallint, purpose text, person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	named text := substring(purpose FROM '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
	found boolean := false;
BEGIN
	IF named IS NOT NULL AND to_regclass('relief.api_case') IS NOT NULL THEN
		EXECUTE 'SELECT EXISTS (SELECT FROM relief.api_case WHERE tenant = $1 AND case_id = $2 AND person_id = $3)'
			INTO found USING of_tenant, named::uuid, person;
	END IF;
	RETURN found;
END $$;
-- migrate:down
DROP FUNCTION names_a_case;
