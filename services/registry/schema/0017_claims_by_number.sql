-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- A claim is looked up by its number alone: nobody asks for the claims of a person, and every import paid for that index.
DROP INDEX id_claim_person;
-- migrate:down
CREATE INDEX id_claim_person ON id_claim (person_id);
