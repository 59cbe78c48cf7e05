-- SPDX-License-Identifier: Apache-2.0
-- What registry publishes to the other services; part of its contract (design 6). A merged person's rows appear under
-- the person kept, and go back by themselves when the merge is undone.
-- migrate:up
CREATE VIEW api_division_closure AS
	SELECT tenant, ancestor_id, descendant_id FROM division_closure;

-- Dated: ask with a day `<@ valid` and an instant `<@ known`.
CREATE VIEW api_division AS
	SELECT v.tenant, v.division_id, d.level, v.code, v.name, v.parent_id, v.urban, v.valid, v.known
	FROM division d
	JOIN division_version v ON v.tenant = d.tenant AND v.division_id = d.id;

-- The latest record of a person. id_number and phone are sealed as registry.person.id_number and .phone by person_id.
CREATE VIEW api_person AS
	SELECT tenant, id AS person_id, version, state, merged_into, coalesce(merged_into, id) AS current_id,
		id_type, id_number, id_index, name, name_key, name_terms, sex, born_on, ethnicity,
		division_id, phone, died_on
	FROM person;

-- Whose ID number this is; id_index is `:blind(id_number)`.
CREATE VIEW api_id_claim AS
	SELECT c.tenant, c.id_index, coalesce(p.merged_into, c.person_id) AS person_id
	FROM id_claim c
	JOIN person p ON p.tenant = c.tenant AND p.id = c.person_id;

CREATE VIEW api_household AS
	SELECT tenant, id AS household_id, version, number, division_id, area, head_id, opened_on, closed_on
	FROM household;

CREATE VIEW api_household_member AS
	SELECT m.tenant, m.id, m.household_id, coalesce(p.merged_into, m.person_id) AS person_id,
		m.relation, m.valid, m.known
	FROM household_member m
	JOIN person p ON p.tenant = m.tenant AND p.id = m.person_id;

-- detail is sealed as registry.person_fact.detail by id. Lasting facts: DEATH from the day of death on,
-- CUSTODY while it lasts, MARRIAGE, MISSING, AWAY, … .
CREATE VIEW api_person_fact AS
	SELECT f.tenant, f.id, coalesce(p.merged_into, f.person_id) AS person_id, f.kind, f.valid, f.known,
		f.evidence, f.source, f.detail, f.other_person_id, f.level
	FROM person_fact f
	JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id;

-- number is sealed as registry.bank_account.number by account_id.
CREATE VIEW api_bank_account AS
	SELECT tenant, id AS account_id, person_id, number, number_index, bank, holder, valid, approved_at
	FROM bank_account
	WHERE state = 'ACTIVE';

-- As known now. For a month as it was known at an earlier instant use the _known views.
CREATE VIEW api_policy_amount AS
	SELECT tenant, kind, amount_fen, valid FROM policy_amount WHERE upper_inf(known);
CREATE VIEW api_policy_amount_known AS
	SELECT tenant, kind, amount_fen, valid, known FROM policy_amount;

CREATE VIEW api_parameter AS
	SELECT tenant, name, value, valid FROM parameter WHERE upper_inf(known);
CREATE VIEW api_parameter_known AS
	SELECT tenant, name, value, valid, known FROM parameter;

CREATE VIEW api_workday AS
	SELECT tenant, day, working, label FROM workday;

GRANT SELECT ON api_division_closure, api_division, api_person, api_id_claim, api_household, api_household_member,
	api_person_fact, api_bank_account, api_policy_amount, api_policy_amount_known, api_parameter, api_parameter_known,
	api_workday TO minzheng;
-- migrate:down
DROP VIEW api_workday, api_parameter_known, api_parameter, api_policy_amount_known, api_policy_amount, api_bank_account,
	api_person_fact, api_household_member, api_household, api_id_claim, api_person, api_division, api_division_closure;
