-- SPDX-License-Identifier: Apache-2.0
-- All SQL of registry, by rpc (common/svc/queries.h).

-- == persons ==========================================================================================================

-- rpc CreatePerson load
-- rpc UpdatePerson load
-- national: an ID number has one record in the whole country; where it lies is told within the caller's divisions only
SELECT c.person_id AS claimed_by, p.id AS holder_id, v.name AS holder_village
FROM id_claim c
LEFT JOIN person o ON o.tenant = :caller.tenant AND o.id = c.person_id
LEFT JOIN person p ON p.tenant = o.tenant AND p.id = coalesce(o.merged_into, o.id) AND p.division_id = ANY(:caller.divisions)
LEFT JOIN division_version v ON v.tenant = p.tenant AND v.division_id = p.division_id AND upper_inf(v.known)
	AND :today::date <@ v.valid
WHERE c.id_index = :blind(person.id_number)
-- rpc CreatePerson load division_level
SELECT level FROM division
WHERE tenant = :caller.tenant AND id = :person.division_id AND id = ANY(:caller.divisions)
-- rpc CreatePerson store
INSERT INTO id_claim (id_index, person_id, tenant)
SELECT :blind(reply.id_number), :reply.id, :caller.tenant WHERE :reply.id_type::text <> 'TEMPORARY'
-- rpc CreatePerson store expect 1
INSERT INTO person (tenant, id, id_type, id_number, id_index, name, name_key, name_terms, sex, born_on, ethnicity,
	division_id, phone, address, recorded_at, recorded_by)
VALUES (:caller.tenant, :reply.id, :reply.id_type, CASE WHEN :reply.id_type::text <> 'TEMPORARY' THEN :reply.id_number::bytea END,
	CASE WHEN :reply.id_type::text <> 'TEMPORARY' THEN :blind(reply.id_number)::bytea END, :reply.name, :name_key,
	:name_terms, :reply.sex, :reply.born_on, :reply.ethnicity, :reply.division_id, :reply.phone, :reply.address, :now,
	:caller.id)

-- rpc GetPerson reply
SELECT id, version, state, merged_into, id_type, id_number, name, display_name(name) AS display_name, sex, born_on, ethnicity, division_id, phone, address,
	died_on
FROM person
WHERE tenant = :caller.tenant AND id = :id AND division_id = ANY(:caller.divisions)
	AND ('registry.file.open' = ANY(:caller.permissions::text[]) OR names_a_case(:caller.tenant::smallint, :caller.purpose, :id::uuid))

-- rpc FindPerson reply
SELECT p.id, p.version, p.state, p.merged_into, p.id_type, p.id_number, p.name, display_name(p.name) AS display_name, p.sex, p.born_on, p.ethnicity,
	p.division_id, p.phone, p.address, p.died_on
FROM id_claim c
JOIN person o ON o.tenant = c.tenant AND o.id = c.person_id
JOIN person p ON p.tenant = o.tenant AND p.id = coalesce(o.merged_into, o.id)
WHERE c.id_index = :blind(id_number) AND p.tenant = :caller.tenant AND p.division_id = ANY(:caller.divisions)

-- rpc SearchPersons reply hits
WITH hit AS (
	SELECT p.id, min(CASE WHEN p.name_key = :name_key THEN 0 ELSE a.distance END)::int AS distance
	FROM unnest(:alternatives.terms::text[], :alternatives.distance::int[]) AS a(terms, distance)
	JOIN person p ON p.name_terms @> string_to_array(a.terms, ' ')
	-- `+ 0`: by the names' index alone, since the divisions of a district's clerk are everybody.
	WHERE p.tenant = :caller.tenant AND p.state = 'ACTIVE' AND p.division_id + 0 = ANY(:caller.divisions)
		AND (a.distance < 2 OR names_are_near(p.name_key, :name_key))
		AND (:division_id::bigint = 0 OR p.division_id IN (
			SELECT descendant_id FROM division_closure
			WHERE tenant = :caller.tenant AND ancestor_id = :division_id))
	GROUP BY p.id
)
SELECT p.id, p.name, display_name(p.name) AS display_name, p.sex, p.born_on, p.division_id, p.id_number, p.died_on, h.distance
FROM hit h
JOIN person p ON p.tenant = :caller.tenant AND p.id = h.id
WHERE :after.id::uuid IS NULL OR (h.distance, p.name, p.id) > (:after.distance, :after.name, :after.id)
ORDER BY h.distance, p.name, p.id
LIMIT :page.limit

-- rpc UpdatePerson load person
SELECT id, version, state, merged_into, id_type, id_number, name, sex, born_on, ethnicity, division_id, phone, address,
	died_on
FROM person
WHERE tenant = :caller.tenant AND id = :person.id AND division_id = ANY(:caller.divisions)
FOR UPDATE
-- rpc UpdatePerson store expect 1
INSERT INTO person_version (tenant, person_id, version, id_type, id_number, id_index, name, sex, born_on, ethnicity,
	division_id, replaced_on, replaced_at, replaced_by, reason)
SELECT tenant, id, version, id_type, id_number, id_index, name, sex, born_on, ethnicity, division_id, :changed_on, :now,
	:caller.id, :reason
FROM person
WHERE tenant = :caller.tenant AND id = :reply.id
-- rpc UpdatePerson store
INSERT INTO id_claim (id_index, person_id, tenant)
SELECT :blind(reply.id_number), :reply.id, :caller.tenant WHERE :reply.id_type::text <> 'TEMPORARY'
ON CONFLICT (id_index) DO UPDATE SET tenant = id_claim.tenant WHERE id_claim.person_id = excluded.person_id
-- rpc UpdatePerson store expect 1
UPDATE person SET version = :reply.version, id_type = :reply.id_type,
	id_number = CASE WHEN :reply.id_type::text <> 'TEMPORARY' THEN :reply.id_number::bytea END,
	id_index = CASE WHEN :reply.id_type::text <> 'TEMPORARY' THEN :blind(reply.id_number)::bytea END,
	name = :reply.name, name_key = :name_key, name_terms = :name_terms, sex = :reply.sex, born_on = :reply.born_on,
	ethnicity = :reply.ethnicity, phone = :reply.phone, address = :reply.address
WHERE tenant = :caller.tenant AND id = :reply.id AND version = :reply.version - 1
	AND (:reply.id_type::text = 'TEMPORARY'
		OR EXISTS (SELECT FROM id_claim WHERE id_index = :blind(reply.id_number) AND person_id = :reply.id))
-- rpc UpdatePerson event registry.person.changed events

-- rpc ListPersonVersions reply versions
SELECT v.person_id, v.version, v.id_type, v.id_number, v.name, v.sex, v.born_on, v.ethnicity, v.division_id, v.replaced_on,
	v.replaced_at, v.reason
FROM person_version v
JOIN person p ON p.tenant = v.tenant AND p.id = v.person_id
WHERE v.tenant = :caller.tenant AND v.person_id = :person_id AND p.division_id = ANY(:caller.divisions)
	AND ('registry.file.open' = ANY(:caller.permissions::text[]) OR names_a_case(:caller.tenant::smallint, :caller.purpose, :person_id::uuid))
	AND (:after.person_id::uuid IS NULL OR v.version < :after.version)
ORDER BY v.version DESC
LIMIT :page.limit

-- == merges ===========================================================================================================

-- rpc ProposeMerge load persons
SELECT id, version, state, name, division_id FROM person
WHERE tenant = :caller.tenant AND id IN (:kept_id, :merged_id) AND division_id = ANY(:caller.divisions)
ORDER BY id
FOR UPDATE
-- rpc ProposeMerge load n_merges
-- of no division: merges with records elsewhere count too
SELECT count(*) FROM person_merge
WHERE tenant = :caller.tenant AND undone_at IS NULL
	AND (merged_id IN (:kept_id, :merged_id) OR kept_id = :merged_id)
-- rpc ProposeMerge store expect 1
INSERT INTO person_merge (tenant, id, kept_id, merged_id, reason, proposed_by, proposed_at)
VALUES (:caller.tenant, :reply.id, :kept_id, :merged_id, :reason, :caller.id, :now)

-- rpc ApproveMerge load merge
-- rpc UndoMerge load merge
SELECT m.id, m.version, m.kept_id, m.merged_id, m.reason, m.proposed_by, m.proposed_at, m.approved_by, m.approved_at,
	m.undone_at, m.undo_reason
FROM person_merge m
JOIN person k ON k.tenant = m.tenant AND k.id = m.kept_id
JOIN person g ON g.tenant = m.tenant AND g.id = m.merged_id
WHERE m.tenant = :caller.tenant AND m.id = :id AND k.division_id = ANY(:caller.divisions)
	AND g.division_id = ANY(:caller.divisions)
FOR UPDATE OF m
-- rpc ApproveMerge load persons
-- rpc UndoMerge load persons
SELECT p.id, p.version, p.state, p.merged_into, p.name, p.died_on, p.division_id
FROM person_merge m
JOIN person p ON p.tenant = m.tenant AND p.id IN (m.kept_id, m.merged_id)
WHERE m.tenant = :caller.tenant AND m.id = :id AND p.division_id = ANY(:caller.divisions)
ORDER BY p.id
FOR UPDATE OF p
-- rpc ApproveMerge load n_memberships
-- of no division: the households may be elsewhere
SELECT count(*)
FROM person_merge m
JOIN household_member h ON h.tenant = m.tenant AND h.person_id = m.merged_id
WHERE m.tenant = :caller.tenant AND m.id = :id AND upper_inf(h.known) AND h.valid && daterange(:today::date, NULL)
-- rpc ApproveMerge load n_lasting
-- of no division: whoever may merge the two sees both
SELECT count(*)
FROM person_merge m
JOIN person_fact f ON f.tenant = m.tenant AND f.person_id = m.merged_id
WHERE m.tenant = :caller.tenant AND m.id = :id AND upper_inf(f.known) AND upper_inf(f.valid) AND NOT EXISTS (
	SELECT FROM person_fact k
	WHERE k.tenant = m.tenant AND k.person_id = m.kept_id AND k.kind = f.kind AND upper_inf(k.known) AND upper_inf(k.valid))
-- rpc ApproveMerge load n_merges
-- of no division: merges with records elsewhere count too
SELECT count(*)
FROM person_merge m
JOIN person_merge o ON o.tenant = m.tenant AND o.id <> m.id AND o.undone_at IS NULL
	AND (o.merged_id IN (m.kept_id, m.merged_id) OR o.kept_id = m.merged_id)
WHERE m.tenant = :caller.tenant AND m.id = :id
-- rpc ApproveMerge store expect 1
UPDATE person_merge SET version = :reply.version, approved_by = :caller.id, approved_at = :now
WHERE tenant = :caller.tenant AND id = :id AND version = :version
-- rpc UndoMerge store expect 1
UPDATE person_merge SET version = :reply.version, undone_by = :caller.id, undone_at = :now, undo_reason = :reason
WHERE tenant = :caller.tenant AND id = :id AND version = :version
-- rpc ApproveMerge store expect cardinality(:updates.id::uuid[])
-- rpc UndoMerge store expect cardinality(:updates.id::uuid[])
UPDATE person p SET version = u.version, state = u.state, merged_into = u.merged_into
FROM unnest(:updates.id::uuid[], :updates.version::int[], :updates.state::text[], :updates.merged_into::uuid[])
	AS u(id, version, state, merged_into)
WHERE p.tenant = :caller.tenant AND p.id = u.id AND p.version = u.version - 1
-- rpc ApproveMerge event registry.person.changed events
-- rpc UndoMerge event registry.person.changed events

-- rpc ListMerges reply merges
SELECT m.id, m.version, m.kept_id, m.merged_id, m.reason, m.proposed_by, m.proposed_at, m.approved_by, m.approved_at,
	m.undone_at, m.undo_reason
FROM person_merge m
JOIN person p ON p.tenant = m.tenant AND p.id = m.kept_id
WHERE m.tenant = :caller.tenant AND p.division_id = ANY(:caller.divisions)
	AND (NOT :open_only OR m.approved_at IS NULL AND m.undone_at IS NULL)
	AND (:after.id::uuid IS NULL OR m.id < :after.id)
ORDER BY m.id DESC
LIMIT :page.limit

-- == dated facts ======================================================================================================

-- rpc RecordFact load persons
SELECT id, version, state, merged_into, born_on, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND id = ANY(ARRAY(
	SELECT p.id FROM person p
	WHERE p.tenant = :caller.tenant AND p.id = :person_id AND p.division_id = ANY(:caller.divisions)
	UNION ALL
	SELECT :other_person_id::uuid
	UNION ALL
	SELECT f.other_person_id FROM person_fact f
	WHERE f.tenant = :caller.tenant AND f.person_id = :person_id AND f.kind = 'MARRIAGE' AND upper_inf(f.known)))
ORDER BY id
FOR UPDATE
-- rpc RecordFact load facts
SELECT id, number, person_id, kind, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, lower(known) AS known_from,
	evidence, evidence_number, source, detail, other_person_id, level, sealed_level AS level
FROM person_fact
WHERE tenant = :caller.tenant AND upper_inf(known) AND person_id = ANY(ARRAY(
	SELECT p.id FROM person p
	WHERE p.tenant = :caller.tenant AND p.id = :person_id AND p.division_id = ANY(:caller.divisions)
	UNION ALL
	SELECT :other_person_id::uuid
	UNION ALL
	SELECT f.other_person_id FROM person_fact f
	WHERE f.tenant = :caller.tenant AND f.person_id = :person_id AND f.kind = 'MARRIAGE' AND upper_inf(f.known)))
-- rpc RecordFact load deaths
SELECT e.id, e.died_on, e.evidence, e.evidence_number, e.source, e.rank
FROM death_evidence e
JOIN person p ON p.tenant = e.tenant AND p.id = e.person_id
WHERE e.tenant = :caller.tenant AND e.person_id = :person_id AND e.revoked_at IS NULL
	AND p.division_id = ANY(:caller.divisions)
ORDER BY e.rank, e.recorded_at

-- rpc CorrectFact load persons
-- rpc RevokeFact load persons
SELECT id, version, state, merged_into, born_on, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND id = ANY(ARRAY(
	SELECT f.person_id FROM person_fact f
	JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id AND p.division_id = ANY(:caller.divisions)
	WHERE f.tenant = :caller.tenant AND f.id = :id
	UNION ALL
	SELECT m.other_person_id FROM person_fact f
	JOIN person_fact m ON m.tenant = f.tenant AND m.person_id = f.person_id AND m.kind = 'MARRIAGE' AND upper_inf(m.known)
	WHERE f.tenant = :caller.tenant AND f.id = :id))
ORDER BY id
FOR UPDATE
-- rpc CorrectFact load facts
-- rpc RevokeFact load facts
SELECT id, number, person_id, kind, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, lower(known) AS known_from,
	evidence, evidence_number, source, detail, other_person_id, level, sealed_level AS level
FROM person_fact
WHERE tenant = :caller.tenant AND upper_inf(known) AND person_id = ANY(ARRAY(
	SELECT f.person_id FROM person_fact f
	JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id AND p.division_id = ANY(:caller.divisions)
	WHERE f.tenant = :caller.tenant AND f.id = :id
	UNION ALL
	SELECT m.other_person_id FROM person_fact f
	JOIN person_fact m ON m.tenant = f.tenant AND m.person_id = f.person_id AND m.kind = 'MARRIAGE' AND upper_inf(m.known)
	WHERE f.tenant = :caller.tenant AND f.id = :id))
-- rpc CorrectFact load deaths
-- rpc RevokeFact load deaths
SELECT e.id, e.died_on, e.evidence, e.evidence_number, e.source, e.rank
FROM person_fact f
JOIN death_evidence e ON e.tenant = f.tenant AND e.person_id = f.person_id
JOIN person p ON p.tenant = e.tenant AND p.id = e.person_id
WHERE f.tenant = :caller.tenant AND f.id = :id AND upper_inf(f.known) AND e.revoked_at IS NULL
	AND p.division_id = ANY(:caller.divisions)
ORDER BY e.rank, e.recorded_at

-- rpc RecordFact store expect cardinality(:closed_ids::uuid[])
-- rpc CorrectFact store expect cardinality(:closed_ids::uuid[])
-- rpc RevokeFact store expect cardinality(:closed_ids::uuid[])
UPDATE person_fact SET known = tstzrange(lower(known), :known_at)
WHERE tenant = :caller.tenant AND id = ANY(:closed_ids::uuid[]) AND upper_inf(known)
-- rpc RecordFact store
-- rpc CorrectFact store
-- rpc RevokeFact store
INSERT INTO person_fact (tenant, id, number, person_id, kind, valid, known, evidence, evidence_number, source, detail,
	other_person_id, sealed_level, recorded_by)
SELECT :caller.tenant, r.id, r.number, r.person_id, r.kind, daterange(r.valid_from, r.valid_to, '[]'),
	tstzrange(:known_at, NULL), r.evidence, r.evidence_number, r.source, r.detail, r.other_person_id, r.level, :caller.id
FROM unnest(:inserted.id::uuid[], :inserted.number::int[], :inserted.person_id::uuid[], :inserted.kind::text[],
	:inserted.valid_from::date[], :inserted.valid_to::date[], :inserted.evidence::text[], :inserted.evidence_number::text[],
	:inserted.source::text[], :inserted.detail::bytea[], :inserted.other_person_id::uuid[], :inserted.level::bytea[])
	AS r(id, number, person_id, kind, valid_from, valid_to, evidence, evidence_number, source, detail, other_person_id, level)
-- rpc CorrectFact store
-- rpc RevokeFact store
UPDATE death_evidence SET revoked_at = :now
WHERE tenant = :caller.tenant AND person_id = :alive_id AND revoked_at IS NULL
-- rpc RecordFact store
-- rpc CorrectFact store
INSERT INTO death_evidence (tenant, id, person_id, died_on, evidence, evidence_number, source, rank, recorded_at, recorded_by)
SELECT :caller.tenant, r.id, :person_id, r.died_on, r.evidence, r.evidence_number, r.source, r.rank, :now, :caller.id
FROM unnest(:deaths.id::uuid[], :deaths.died_on::date[], :deaths.evidence::text[], :deaths.evidence_number::text[],
	:deaths.source::text[], :deaths.rank::int[]) AS r(id, died_on, evidence, evidence_number, source, rank)
-- rpc RecordFact store
-- rpc CorrectFact store
-- rpc RevokeFact store
-- national: nobody has two living spouses anywhere
DELETE FROM spouse_claim WHERE person_id = ANY(:freed_ids::uuid[])
-- rpc RecordFact store
-- rpc RevokeFact store
INSERT INTO spouse_claim (person_id, spouse_id, tenant)
SELECT r.person_id, r.spouse_id, :caller.tenant
FROM unnest(:claims.person_id::uuid[], :claims.spouse_id::uuid[]) AS r(person_id, spouse_id)
-- rpc RecordFact store expect cardinality(:updates.id::uuid[])
-- rpc CorrectFact store expect cardinality(:updates.id::uuid[])
-- rpc RevokeFact store expect cardinality(:updates.id::uuid[])
UPDATE person p SET version = u.version, died_on = u.died_on, division_id = u.division_id
FROM unnest(:updates.id::uuid[], :updates.version::int[], :updates.died_on::date[], :updates.division_id::bigint[])
	AS u(id, version, died_on, division_id)
WHERE p.tenant = :caller.tenant AND p.id = u.id AND p.version = u.version - 1
-- rpc RecordFact event registry.person.changed events
-- rpc CorrectFact event registry.person.changed events
-- rpc RevokeFact event registry.person.changed events

-- rpc ListFacts reply facts
SELECT f.id, f.number, f.person_id, f.kind, lower(f.valid) AS valid_from, upper(f.valid) - 1 AS valid_to,
	lower(f.known) AS known_from, upper(f.known) AS known_to, f.evidence, f.evidence_number, f.source, f.detail,
	f.other_person_id, f.level, f.sealed_level AS level
FROM person_fact f
JOIN person p ON p.tenant = f.tenant AND p.id = f.person_id
WHERE f.tenant = :caller.tenant AND coalesce(p.merged_into, p.id) = :person_id AND p.division_id = ANY(:caller.divisions)
	AND ('registry.file.open' = ANY(:caller.permissions::text[]) OR names_a_case(:caller.tenant::smallint, :caller.purpose, :person_id::uuid))
	AND (:with_history OR upper_inf(f.known))
	AND (:after.id::uuid IS NULL OR (f.id, f.number) < (:after.id, :after.number))
ORDER BY f.id DESC, f.number DESC
LIMIT :page.limit

-- == households =======================================================================================================

-- rpc CreateHousehold load persons
SELECT id, version, state, name, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND id = ANY(:household.members.person_id::uuid[]) AND division_id = ANY(:caller.divisions)
ORDER BY id
FOR UPDATE
-- rpc CreateHousehold load members
SELECT id, number, household_id, person_id, relation, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason,
	lower(known) AS known_from
FROM household_member
-- of no division: a member may belong to another household wherever that is
WHERE tenant = :caller.tenant AND upper_inf(known) AND person_id = ANY(:household.members.person_id::uuid[])
-- rpc CreateHousehold load number_taken_by
-- of no division: numbers are unique in the district
SELECT id FROM household WHERE tenant = :caller.tenant AND number = :household.number
-- rpc CreateHousehold store expect 1
INSERT INTO household (tenant, id, number, division_id, area, head_id, address, opened_on, recorded_at, recorded_by)
VALUES (:caller.tenant, :reply.id, :reply.number, :reply.division_id, :reply.area, :reply.head_id, :reply.address,
	:reply.opened_on, :now, :caller.id)

-- rpc UpdateHousehold load households
-- rpc AddMembers load households
-- rpc RemoveMembers load households
SELECT id, version, number, division_id, area, head_id, address, opened_on, closed_on FROM household
WHERE tenant = :caller.tenant AND id = :id AND division_id = ANY(:caller.divisions)
FOR UPDATE
-- rpc MoveMembers load households
SELECT id, version, number, division_id, area, head_id, address, opened_on, closed_on FROM household
WHERE tenant = :caller.tenant AND id IN (:id, :to_id) AND division_id = ANY(:caller.divisions)
ORDER BY id
FOR UPDATE
-- rpc UpdateHousehold load persons
-- rpc RemoveMembers load persons
SELECT id, version, state, name, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND division_id = ANY(:caller.divisions) AND id = ANY(ARRAY(
	SELECT person_id FROM household_member
	WHERE tenant = :caller.tenant AND upper_inf(known) AND household_id = :id))
ORDER BY id
FOR UPDATE
-- rpc AddMembers load persons
-- rpc MoveMembers load persons
SELECT id, version, state, name, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND division_id = ANY(:caller.divisions) AND id = ANY(:members.person_id::uuid[])
ORDER BY id
FOR UPDATE
-- rpc UpdateHousehold load members
-- rpc RemoveMembers load members
SELECT id, number, household_id, person_id, relation, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason,
	lower(known) AS known_from
FROM household_member
-- of no division: a member may belong to another household wherever that is
WHERE tenant = :caller.tenant AND upper_inf(known) AND household_id = :id
-- rpc AddMembers load members
SELECT id, number, household_id, person_id, relation, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason,
	lower(known) AS known_from
FROM household_member
-- of no division: a member may belong to another household wherever that is
WHERE tenant = :caller.tenant AND upper_inf(known)
	AND (household_id = :id OR person_id = ANY(:members.person_id::uuid[]))
-- rpc MoveMembers load members
SELECT id, number, household_id, person_id, relation, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason,
	lower(known) AS known_from
FROM household_member
-- of no division: a member may belong to another household wherever that is
WHERE tenant = :caller.tenant AND upper_inf(known)
	AND (household_id IN (:id, :to_id) OR person_id = ANY(:members.person_id::uuid[]))

-- rpc UpdateHousehold store expect cardinality(:closed_ids::uuid[])
-- rpc AddMembers store expect cardinality(:closed_ids::uuid[])
-- rpc RemoveMembers store expect cardinality(:closed_ids::uuid[])
-- rpc MoveMembers store expect cardinality(:closed_ids::uuid[])
UPDATE household_member SET known = tstzrange(lower(known), :known_at)
WHERE tenant = :caller.tenant AND id = ANY(:closed_ids::uuid[]) AND upper_inf(known)
-- rpc CreateHousehold store
-- rpc UpdateHousehold store
-- rpc AddMembers store
-- rpc RemoveMembers store
-- rpc MoveMembers store
INSERT INTO household_member (tenant, id, number, household_id, person_id, relation, valid, known, reason, recorded_by)
SELECT :caller.tenant, r.id, r.number, r.household_id, r.person_id, r.relation,
	daterange(r.valid_from, r.valid_to, '[]'), tstzrange(:known_at, NULL), r.reason, :caller.id
FROM unnest(:inserted.id::uuid[], :inserted.number::int[], :inserted.household_id::uuid[], :inserted.person_id::uuid[],
	:inserted.relation::text[], :inserted.valid_from::date[], :inserted.valid_to::date[], :inserted.reason::text[])
	AS r(id, number, household_id, person_id, relation, valid_from, valid_to, reason)
-- rpc UpdateHousehold store expect cardinality(:households.id::uuid[])
-- rpc AddMembers store expect cardinality(:households.id::uuid[])
-- rpc RemoveMembers store expect cardinality(:households.id::uuid[])
-- rpc MoveMembers store expect cardinality(:households.id::uuid[])
UPDATE household h SET version = u.version, division_id = u.division_id, area = u.area, head_id = u.head_id,
	address = u.address, closed_on = u.closed_on
FROM unnest(:households.id::uuid[], :households.version::int[], :households.division_id::bigint[],
	:households.area::text[], :households.head_id::uuid[], :households.address::bytea[], :households.closed_on::date[])
	AS u(id, version, division_id, area, head_id, address, closed_on)
WHERE h.tenant = :caller.tenant AND h.id = u.id AND h.version = u.version - 1
-- rpc CreateHousehold store expect cardinality(:updates.id::uuid[])
-- rpc AddMembers store expect cardinality(:updates.id::uuid[])
-- rpc RemoveMembers store expect cardinality(:updates.id::uuid[])
-- rpc MoveMembers store expect cardinality(:updates.id::uuid[])
UPDATE person p SET version = u.version
FROM unnest(:updates.id::uuid[], :updates.version::int[]) AS u(id, version)
WHERE p.tenant = :caller.tenant AND p.id = u.id AND p.version = u.version - 1
-- rpc CreateHousehold event registry.person.changed events
-- rpc AddMembers event registry.person.changed events
-- rpc RemoveMembers event registry.person.changed events
-- rpc MoveMembers event registry.person.changed events

-- rpc GetHousehold reply
SELECT id, version, number, division_id, area, head_id, address, opened_on, closed_on FROM household
WHERE tenant = :caller.tenant AND id = :id AND division_id = ANY(:caller.divisions)
-- rpc GetHousehold reply members
SELECT m.id, m.number, m.household_id, coalesce(p.merged_into, p.id) AS person_id, m.relation, lower(m.valid) AS valid_from,
	upper(m.valid) - 1 AS valid_to, m.reason, p.name
FROM household h
JOIN household_member m ON m.tenant = h.tenant AND m.household_id = h.id
JOIN person p ON p.tenant = m.tenant AND p.id = m.person_id
WHERE h.tenant = :caller.tenant AND h.id = :id AND h.division_id = ANY(:caller.divisions)
	AND upper_inf(m.known) AND coalesce(:on::date, :today) <@ m.valid
ORDER BY m.relation, p.born_on, m.id

-- rpc ListHouseholds reply households
SELECT id, version, number, division_id, area, head_id, address, opened_on, closed_on FROM household
WHERE tenant = :caller.tenant AND division_id = ANY(:caller.divisions) AND closed_on IS NULL
	AND (:division_id::bigint = 0 OR division_id IN (
		SELECT descendant_id FROM division_closure WHERE tenant = :caller.tenant AND ancestor_id = :division_id))
	AND (:after.id::uuid IS NULL OR number > :after.number)
ORDER BY number
LIMIT :page.limit

-- rpc ListMemberships reply memberships
SELECT m.id, m.number, m.household_id, coalesce(p.merged_into, p.id) AS person_id, m.relation, lower(m.valid) AS valid_from,
	upper(m.valid) - 1 AS valid_to, m.reason
FROM household_member m
JOIN person p ON p.tenant = m.tenant AND p.id = m.person_id
WHERE m.tenant = :caller.tenant AND m.person_id = :person_id AND p.division_id = ANY(:caller.divisions)
	AND upper_inf(m.known) AND (:after.id::uuid IS NULL OR m.id < :after.id)
ORDER BY m.id DESC
LIMIT :page.limit

-- == bank accounts ====================================================================================================

-- rpc ProposeBankAccount load person
SELECT id, version, state, name, died_on, division_id FROM person
WHERE tenant = :caller.tenant AND id = :account.person_id AND division_id = ANY(:caller.divisions)
FOR UPDATE
-- rpc ProposeBankAccount load waiting_id
SELECT a.id FROM bank_account a
JOIN person p ON p.tenant = a.tenant AND p.id = a.person_id
WHERE a.tenant = :caller.tenant AND a.person_id = :account.person_id AND a.state = 'PROPOSED'
	AND p.division_id = ANY(:caller.divisions)
LIMIT 1
-- rpc ProposeBankAccount store expect 1
INSERT INTO bank_account (tenant, id, person_id, number, number_index, bank, holder, state, valid, proposed_by, proposed_at)
VALUES (:caller.tenant, :reply.id, :reply.person_id, :reply.number, :blind(reply.number), :reply.bank, :reply.holder,
	'PROPOSED', daterange(:reply.valid_from, NULL), :caller.id, :now)

-- rpc DecideBankAccount load account
SELECT a.id, a.version, a.person_id, a.number, a.bank, a.holder, a.state, lower(a.valid) AS valid_from,
	upper(a.valid) - 1 AS valid_to, a.proposed_by, a.proposed_at
FROM bank_account a
JOIN person p ON p.tenant = a.tenant AND p.id = a.person_id
WHERE a.tenant = :caller.tenant AND a.id = :id AND p.division_id = ANY(:caller.divisions)
FOR UPDATE
-- rpc DecideBankAccount load current
SELECT c.id, c.version, c.person_id, c.state, lower(c.valid) AS valid_from
FROM bank_account a
JOIN bank_account c ON c.tenant = a.tenant AND c.person_id = a.person_id AND c.state = 'ACTIVE' AND upper_inf(c.valid)
JOIN person p ON p.tenant = a.tenant AND p.id = a.person_id
WHERE a.tenant = :caller.tenant AND a.id = :id AND p.division_id = ANY(:caller.divisions)
FOR UPDATE OF c
-- rpc DecideBankAccount store
UPDATE bank_account SET version = version + 1,
	state = CASE WHEN :closed_on::date < lower(valid) THEN 'CLOSED' ELSE state END,
	valid = CASE WHEN :closed_on::date < lower(valid) THEN valid ELSE daterange(lower(valid), :closed_on, '[]') END
WHERE tenant = :caller.tenant AND id = :closed_id
-- rpc DecideBankAccount store expect 1
UPDATE bank_account SET version = :reply.version, state = :reply.state, valid = daterange(:reply.valid_from, NULL),
	approved_by = :caller.id, approved_at = :now
WHERE tenant = :caller.tenant AND id = :id AND version = :version AND state = 'PROPOSED'

-- rpc ListBankAccounts reply accounts
SELECT a.id, a.version, a.person_id, a.number, a.bank, a.holder, a.state, lower(a.valid) AS valid_from,
	upper(a.valid) - 1 AS valid_to, a.proposed_by, a.proposed_at, a.approved_by, a.approved_at
FROM bank_account a
JOIN person p ON p.tenant = a.tenant AND p.id = a.person_id
WHERE a.tenant = :caller.tenant AND p.division_id = ANY(:caller.divisions)
	AND (a.person_id = :person_id OR :person_id::uuid IS NULL AND a.state = 'PROPOSED')
	AND (:after.id::uuid IS NULL OR a.id < :after.id)
ORDER BY a.id DESC
LIMIT :page.limit

-- == divisions ========================================================================================================

-- rpc GetDivision reply
SELECT d.id, d.version, d.level, v.code, v.name, v.parent_id, v.urban, lower(v.valid) AS valid_from,
	upper(v.valid) - 1 AS valid_to, v.source
FROM division d
JOIN division_version v ON v.tenant = d.tenant AND v.division_id = d.id AND upper_inf(v.known)
WHERE d.tenant = :caller.tenant AND d.id = :id AND coalesce(:on::date, :today) <@ v.valid

-- rpc ListDivisions reply divisions
SELECT d.id, d.version, d.level, v.code, v.name, v.parent_id, v.urban, lower(v.valid) AS valid_from,
	upper(v.valid) - 1 AS valid_to, v.source
FROM division d
JOIN division_version v ON v.tenant = d.tenant AND v.division_id = d.id AND upper_inf(v.known)
WHERE d.tenant = :caller.tenant AND coalesce(:on::date, :today) <@ v.valid
	AND (:parent_id::bigint = 0 OR v.parent_id = :parent_id) AND (:code::text = '' OR v.code = :code)
	AND (:after.id::bigint IS NULL OR v.code > :after.code)
ORDER BY v.code
LIMIT :page.limit

-- rpc CreateDivision load division
-- rpc ReviseDivision load division
SELECT d.id, d.version, d.level, v.code, v.name, v.parent_id, v.urban, lower(v.valid) AS valid_from, v.source
FROM division d
JOIN division_version v ON v.tenant = d.tenant AND v.division_id = d.id AND upper_inf(v.known) AND upper_inf(v.valid)
WHERE d.tenant = :caller.tenant AND d.id = :division.id
FOR UPDATE OF d
-- rpc CreateDivision load parent
-- rpc ReviseDivision load parent
SELECT d.id, d.version, d.level, v.code, v.name
FROM division d
JOIN division_version v ON v.tenant = d.tenant AND v.division_id = d.id AND upper_inf(v.known)
WHERE d.tenant = :caller.tenant AND d.id = :division.parent_id AND :division.valid_from::date <@ v.valid
-- rpc CreateDivision load code_taken_by
-- rpc ReviseDivision load code_taken_by
SELECT division_id FROM division_version
WHERE tenant = :caller.tenant AND code = :division.code AND upper_inf(known) AND division_id <> :division.id
	AND valid && daterange(:division.valid_from, NULL)
LIMIT 1
-- rpc CreateDivision store expect 1
INSERT INTO division (tenant, id, level) VALUES (:caller.tenant, :reply.id, :reply.level)
-- rpc ReviseDivision store expect 1
UPDATE division SET version = :reply.version
WHERE tenant = :caller.tenant AND id = :reply.id AND version = :reply.version - 1
-- rpc ReviseDivision store expect 1
UPDATE division_version SET valid = daterange(lower(valid), :reply.valid_from)
WHERE tenant = :caller.tenant AND division_id = :reply.id AND upper_inf(known) AND upper_inf(valid)
-- rpc CreateDivision store expect 1
-- rpc ReviseDivision store expect 1
INSERT INTO division_version (tenant, division_id, number, code, name, parent_id, urban, source, valid)
VALUES (:caller.tenant, :reply.id, :reply.version, :reply.code, :reply.name, nullif(:reply.parent_id::bigint, 0),
	:reply.urban, :reply.source, daterange(:reply.valid_from, NULL))
-- rpc ReviseDivision store
DELETE FROM division_closure c
USING division_closure below
WHERE c.tenant = :caller.tenant AND below.tenant = c.tenant AND below.ancestor_id = :reply.id
	AND c.descendant_id = below.descendant_id
	AND c.ancestor_id NOT IN (
		SELECT descendant_id FROM division_closure WHERE tenant = :caller.tenant AND ancestor_id = :reply.id)
-- rpc CreateDivision store
INSERT INTO division_closure (tenant, ancestor_id, descendant_id) VALUES (:caller.tenant, :reply.id, :reply.id)
-- rpc CreateDivision store
-- rpc ReviseDivision store
INSERT INTO division_closure (tenant, ancestor_id, descendant_id)
SELECT a.tenant, a.ancestor_id, b.descendant_id
FROM division_closure a
JOIN division_closure b ON b.tenant = a.tenant AND b.ancestor_id = :reply.id
WHERE a.tenant = :caller.tenant AND a.descendant_id = :reply.parent_id

-- == policy ===========================================================================================================

-- rpc ListPolicyAmounts reply amounts
SELECT kind, amount_fen, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, lower(known) AS known_from, source,
	unconfirmed
FROM policy_amount
WHERE tenant = :caller.tenant AND upper_inf(known) AND (:kind::text = '' OR kind = :kind)
	AND (:on::date IS NULL OR :on <@ valid)
	AND (:after.kind::text IS NULL OR (kind, lower(valid)) > (:after.kind, :after.valid_from))
ORDER BY kind, lower(valid)
LIMIT :page.limit

-- rpc SetPolicyAmount load current
SELECT kind, amount_fen, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, lower(known) AS known_from, source,
	unconfirmed
FROM policy_amount
WHERE tenant = :caller.tenant AND kind = :amount.kind AND upper_inf(known) AND :amount.valid_from::date <@ valid
FOR UPDATE
-- rpc SetPolicyAmount load n_later
SELECT count(*) FROM policy_amount
WHERE tenant = :caller.tenant AND kind = :amount.kind AND upper_inf(known) AND lower(valid) > :amount.valid_from
-- rpc SetPolicyAmount store
WITH before AS (
	UPDATE policy_amount SET known = tstzrange(lower(known), :known_at)
	WHERE tenant = :caller.tenant AND kind = :reply.kind AND upper_inf(known) AND :reply.valid_from::date <@ valid
	RETURNING tenant, kind, amount_fen, valid, source, unconfirmed
)
INSERT INTO policy_amount (tenant, kind, amount_fen, valid, known, source, unconfirmed, recorded_by)
SELECT tenant, kind, amount_fen, daterange(lower(valid), :reply.valid_from::date), tstzrange(:known_at, NULL), source,
	unconfirmed, :caller.id
FROM before
WHERE lower(valid) IS DISTINCT FROM :reply.valid_from
-- rpc SetPolicyAmount store expect 1
INSERT INTO policy_amount (tenant, kind, amount_fen, valid, known, source, unconfirmed, recorded_by)
VALUES (:caller.tenant, :reply.kind, :reply.amount_fen, daterange(:reply.valid_from, :reply.valid_to, '[]'),
	tstzrange(:known_at, NULL), :reply.source, :reply.unconfirmed, :caller.id)

-- rpc ListParameters reply parameters
SELECT name, value, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, conflict, source, unconfirmed
FROM parameter
WHERE tenant = :caller.tenant AND upper_inf(known) AND starts_with(name, :prefix) AND (:on::date IS NULL OR :on <@ valid)
	AND (:after.name::text IS NULL
		OR (name, coalesce(lower(valid), '-infinity')) > (:after.name, coalesce(:after.valid_from::date, '-infinity')))
ORDER BY name, coalesce(lower(valid), '-infinity')
LIMIT :page.limit

-- rpc SetParameter load current
SELECT name, value, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, conflict, source, unconfirmed
FROM parameter
WHERE tenant = :caller.tenant AND name = :parameter.name AND upper_inf(known) AND :parameter.valid_from::date <@ valid
FOR UPDATE
-- rpc SetParameter load n_later
SELECT count(*) FROM parameter
WHERE tenant = :caller.tenant AND name = :parameter.name AND upper_inf(known) AND lower(valid) > :parameter.valid_from
-- rpc SetParameter load
SELECT lower(known) AS known_from FROM parameter
WHERE tenant = :caller.tenant AND name = :parameter.name AND upper_inf(known) AND :parameter.valid_from::date <@ valid
-- rpc SetParameter store
WITH before AS (
	UPDATE parameter SET known = tstzrange(lower(known), :known_at)
	WHERE tenant = :caller.tenant AND name = :reply.name AND upper_inf(known) AND :reply.valid_from::date <@ valid
	RETURNING tenant, name, value, valid, conflict, source, unconfirmed
)
INSERT INTO parameter (tenant, name, value, valid, known, conflict, source, unconfirmed, recorded_by)
SELECT tenant, name, value, daterange(lower(valid), :reply.valid_from::date), tstzrange(:known_at, NULL), conflict, source,
	unconfirmed, :caller.id
FROM before
WHERE lower(valid) IS DISTINCT FROM :reply.valid_from
-- rpc SetParameter store expect 1
INSERT INTO parameter (tenant, name, value, valid, known, conflict, source, unconfirmed, recorded_by)
VALUES (:caller.tenant, :reply.name, :reply.value, daterange(:reply.valid_from, :reply.valid_to, '[]'),
	tstzrange(:known_at, NULL), :reply.conflict, :reply.source, :reply.unconfirmed, :caller.id)

-- rpc ListConflicts reply conflicts
SELECT c.code, c.question, c.reading_a, c.reading_b, c.chosen, c.parameter, p.value
FROM conflict c
LEFT JOIN parameter p ON p.tenant = c.tenant AND p.name = c.parameter AND upper_inf(p.known) AND :today::date <@ p.valid
WHERE c.tenant = :caller.tenant AND (:after.code::text IS NULL OR c.code > :after.code)
ORDER BY c.code
LIMIT :page.limit

-- rpc GetCalendarYear reply
SELECT year::int, notice FROM calendar_year WHERE tenant = :caller.tenant AND year = :year
-- rpc GetCalendarYear reply off
SELECT extract(year FROM day)::int AS year, extract(month FROM day)::int AS month, extract(day FROM day)::int AS day
FROM workday
WHERE tenant = :caller.tenant AND day BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31) AND NOT working
	AND label <> ''
ORDER BY workday.day
-- rpc GetCalendarYear reply working
SELECT extract(year FROM day)::int AS year, extract(month FROM day)::int AS month, extract(day FROM day)::int AS day
FROM workday
WHERE tenant = :caller.tenant AND day BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31) AND working
	AND extract(isodow FROM day) > 5
ORDER BY workday.day

-- rpc CreateCalendarYear load loaded
SELECT true FROM calendar_year WHERE tenant = :caller.tenant AND year = :calendar_year.year
-- rpc CreateCalendarYear store expect 1
INSERT INTO calendar_year (tenant, year, notice, recorded_at, recorded_by)
VALUES (:caller.tenant, :reply.year, :reply.notice, :now, :caller.id)
-- rpc CreateCalendarYear store
INSERT INTO workday (tenant, day, working, label)
SELECT :caller.tenant, d::date,
	NOT d::date = ANY(:reply.off::date[]) AND (d::date = ANY(:reply.working::date[]) OR extract(isodow FROM d) < 6),
	CASE WHEN d::date = ANY(:reply.off::date[]) THEN '放假' WHEN d::date = ANY(:reply.working::date[]) THEN '调休上班' ELSE '' END
FROM generate_series(make_date(:reply.year, 1, 1)::timestamp, make_date(:reply.year, 12, 31), '1 day') d

-- == imports ==========================================================================================================

-- rpc CreateRegistryImport load import
SELECT id, version, kind, file_name, state, last_line, staged, unchanged, wrong, committed, created_at FROM import
WHERE tenant = :caller.tenant AND kind = :kind AND digest = :digest AND state <> 'ABANDONED'
-- rpc CreateRegistryImport store
INSERT INTO import (tenant, id, kind, file_name, digest, created_at, created_by)
SELECT :caller.tenant, :reply.id, :kind, :file_name, :digest, :now, :caller.id
WHERE :is_new

-- rpc GetRegistryImport reply
SELECT id, version, kind, file_name, state, last_line, staged, unchanged, wrong, committed, created_at FROM import
WHERE tenant = :caller.tenant AND id = :id

-- rpc ListRegistryImports reply imports
SELECT id, version, kind, file_name, state, last_line, staged, unchanged, wrong, committed, created_at FROM import
WHERE tenant = :caller.tenant AND (:after.id::uuid IS NULL OR id < :after.id)
ORDER BY id DESC
LIMIT :page.limit

-- rpc ListRegistryImportProblems reply problems
SELECT line, column_name AS "column", reason FROM import_problem
WHERE tenant = :caller.tenant AND import_id = :id
	AND (:after.line::bigint IS NULL OR (line, column_name) > (:after.line, :after.column))
ORDER BY line, column_name
LIMIT :page.limit

-- rpc UploadPersons load import
-- rpc UploadHouseholds load import
-- rpc UploadBankAccounts load import
SELECT id, version, kind, state, last_line FROM import
WHERE tenant = :caller.tenant AND id = :import_id
FOR UPDATE
-- rpc UploadPersons load divisions
-- rpc UploadHouseholds load divisions
SELECT division_id AS id, code FROM division_version
WHERE tenant = :caller.tenant AND code = ANY(:rows.division_code::text[]) AND char_length(code) = 12 AND upper_inf(known)
	AND :today::date <@ valid
-- rpc UploadPersons load found
SELECT r.place, c.person_id, p.name, p.sex, p.born_on, p.division_id, q.id IS NOT NULL AS id_taken
FROM unnest(:blind(rows.id_number)::bytea[], :rows.id::uuid[]) WITH ORDINALITY AS r(id_index, id, place)
LEFT JOIN id_claim c ON c.id_index = r.id_index
LEFT JOIN person p ON p.tenant = :caller.tenant AND p.id = c.person_id
LEFT JOIN person q ON q.tenant = :caller.tenant AND q.id = r.id
WHERE c.person_id IS NOT NULL OR q.id IS NOT NULL
ORDER BY r.place
-- rpc UploadHouseholds load found
SELECT r.place, p.id AS person_id, p.name, h.number AS household_number
FROM unnest(:rows.person_id::uuid[], :blind(rows.id_number)::bytea[]) WITH ORDINALITY AS r(id, id_index, place)
LEFT JOIN id_claim c ON c.id_index = r.id_index
JOIN person o ON o.tenant = :caller.tenant AND o.id = coalesce(r.id, c.person_id)
JOIN person p ON p.tenant = o.tenant AND p.id = coalesce(o.merged_into, o.id)
LEFT JOIN household_member m ON m.tenant = p.tenant AND m.person_id = p.id AND upper_inf(m.known) AND upper_inf(m.valid)
LEFT JOIN household h ON h.tenant = m.tenant AND h.id = m.household_id
ORDER BY r.place
-- rpc UploadBankAccounts load found
SELECT r.place, p.id AS person_id, p.name, a.id AS account_id, coalesce(a.number_index = r.number_index, false) AS same_account
FROM unnest(:rows.person_id::uuid[], :blind(rows.id_number)::bytea[], :blind(rows.number)::bytea[])
	WITH ORDINALITY AS r(id, id_index, number_index, place)
LEFT JOIN id_claim c ON c.id_index = r.id_index
JOIN person o ON o.tenant = :caller.tenant AND o.id = coalesce(r.id, c.person_id)
JOIN person p ON p.tenant = o.tenant AND p.id = coalesce(o.merged_into, o.id)
LEFT JOIN bank_account a ON a.tenant = p.tenant AND a.person_id = p.id AND a.state = 'ACTIVE' AND upper_inf(a.valid)
ORDER BY r.place

-- rpc UploadPersons store
INSERT INTO import_person (tenant, import_id, line, id, id_type, id_number, id_index, name, name_key, name_terms, sex,
	born_on, ethnicity, division_id, phone, address)
SELECT :caller.tenant, :import_id, r.line, r.id, r.id_type, CASE WHEN r.id_type <> 'TEMPORARY' THEN r.id_number END,
	CASE WHEN r.id_type <> 'TEMPORARY' THEN r.id_index END, r.name, r.name_key, r.name_terms, r.sex, r.born_on,
	r.ethnicity, r.division_id, r.phone, r.address
FROM unnest(:persons.line::bigint[], :persons.person.id::uuid[], :persons.person.id_type::text[],
	:persons.person.id_number::bytea[], :blind(persons.person.id_number)::bytea[], :persons.person.name::text[],
	:persons.name_key::text[], :persons.name_terms::text[], :persons.person.sex::text[], :persons.person.born_on::date[],
	:persons.person.ethnicity::text[], :persons.person.division_id::bigint[], :persons.person.phone::bytea[],
	:persons.person.address::bytea[])
	AS r(line, id, id_type, id_number, id_index, name, name_key, name_terms, sex, born_on, ethnicity, division_id, phone,
		address)
-- rpc UploadHouseholds store
INSERT INTO import_member (tenant, import_id, line, id, household_id, number, division_id, area, person_id, relation,
	joined_on)
SELECT :caller.tenant, :import_id, r.line, r.id, r.household_id, r.number, r.division_id, r.area, r.person_id, r.relation,
	r.joined_on
FROM unnest(:members.line::bigint[], :members.id::uuid[], :members.household_id::uuid[], :members.number::text[],
	:members.division_id::bigint[], :members.area::text[], :members.person_id::uuid[], :members.relation::text[],
	:members.joined_on::date[])
	AS r(line, id, household_id, number, division_id, area, person_id, relation, joined_on)
-- rpc UploadBankAccounts store
INSERT INTO import_account (tenant, import_id, line, id, person_id, number, number_index, bank, holder)
SELECT :caller.tenant, :import_id, r.line, r.id, r.person_id, r.number, r.number_index, r.bank, r.holder
FROM unnest(:accounts.line::bigint[], :accounts.account.id::uuid[], :accounts.account.person_id::uuid[],
	:accounts.account.number::bytea[], :blind(accounts.account.number)::bytea[], :accounts.account.bank::text[],
	:accounts.account.holder::text[])
	AS r(line, id, person_id, number, number_index, bank, holder)
-- rpc UploadPersons store
-- rpc UploadHouseholds store
-- rpc UploadBankAccounts store
INSERT INTO import_problem (tenant, import_id, line, column_name, reason)
SELECT :caller.tenant, :import_id, f.line, f.column_name, f.reason
FROM unnest(:faults.line::bigint[], :faults.column::text[], :faults.reason::text[]) AS f(line, column_name, reason)
ON CONFLICT DO NOTHING
-- rpc UploadPersons store expect 1
-- rpc UploadHouseholds store expect 1
-- rpc UploadBankAccounts store expect 1
UPDATE import SET version = version + 1, last_line = :last_line, staged = staged + :staged, unchanged = unchanged + :unchanged,
	wrong = wrong + :wrong
WHERE tenant = :caller.tenant AND id = :import_id

-- rpc CommitRegistryImport load import
-- rpc AbandonRegistryImport load import
SELECT id, version, kind, file_name, state, last_line, staged, unchanged, wrong, committed, created_at FROM import
WHERE tenant = :caller.tenant AND id = :id
FOR UPDATE
-- rpc CommitRegistryImport load
SELECT committed_line, CASE WHEN committed_line < last_line THEN least(committed_line + 20000, last_line) ELSE 0 END AS slice_end
FROM import
WHERE tenant = :caller.tenant AND id = :id

-- A slice is some thousand lines of a file; the tables it goes into may be large. Sub-selects are looked up row by row
-- in an index, where a join might read the whole table for every slice.
-- Persons: the claim decides whose a number is; who does not get it is a problem of that line, and so is a second row of one
-- number or person id, which no upload has seen when it stood in another batch. IN within an OR is looked up in a hash, whatever
-- statistics say.
-- rpc CommitRegistryImport store
WITH slice AS (
	SELECT *, row_number() OVER (PARTITION BY id ORDER BY line) = 1 AS is_first_of_id,
		row_number() OVER (PARTITION BY id_index ORDER BY line) = 1 AS is_first_of_number
	FROM import_person
	WHERE tenant = :caller.tenant AND import_id = :id AND line > :slice_start AND line <= :slice_end
), fresh AS (
	SELECT * FROM slice s
	WHERE is_first_of_id AND (is_first_of_number OR id_index IS NULL)
		AND NOT EXISTS (SELECT FROM person p WHERE p.tenant = s.tenant AND p.id = s.id OFFSET 0)
), claimed AS (
	INSERT INTO id_claim (id_index, person_id, tenant)
	SELECT id_index, id, tenant FROM fresh WHERE id_index IS NOT NULL ORDER BY id_index
	ON CONFLICT DO NOTHING
	RETURNING id_index
), taken AS (
	INSERT INTO person (tenant, id, id_type, id_number, id_index, name, name_key, name_terms, sex, born_on, ethnicity,
		division_id, phone, address, recorded_at, recorded_by)
	SELECT tenant, id, id_type, id_number, id_index, name, name_key, string_to_array(name_terms, ' '), sex, born_on, ethnicity,
		division_id, phone, address, :now, :caller.id
	FROM fresh
	WHERE id_index IS NULL OR id_index IN (SELECT id_index FROM claimed)
	ORDER BY id
	RETURNING id
)
INSERT INTO import_problem (tenant, import_id, line, column_name, reason)
SELECT tenant, import_id, line, 'id_number', '该证件号码或人员编号已登记，或在文件中重复：请核对，是同一人的删去这一行，不是的请更正'
FROM slice
WHERE line NOT IN (SELECT f.line FROM fresh f JOIN taken t ON t.id = f.id)
ON CONFLICT DO NOTHING

-- Households: opened by their first row that has a head; a person who is in another household stays there.
-- rpc CommitRegistryImport store
INSERT INTO household (tenant, id, number, division_id, area, head_id, opened_on, recorded_at, recorded_by)
SELECT DISTINCT ON (r.number) r.tenant, r.household_id, r.number, r.division_id, r.area, h.person_id, h.joined_on, :now,
	:caller.id
FROM import_member r
CROSS JOIN LATERAL (
	SELECT person_id, joined_on FROM import_member
	WHERE tenant = r.tenant AND import_id = r.import_id AND number = r.number AND relation = '01'
	ORDER BY line
	LIMIT 1
) h
WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
ORDER BY r.number, r.line
ON CONFLICT DO NOTHING
-- rpc CommitRegistryImport store
INSERT INTO household_member (tenant, id, number, household_id, person_id, relation, valid, known, reason, recorded_by)
SELECT DISTINCT ON (r.person_id) r.tenant, r.id, 1, h.id, r.person_id, r.relation, daterange(r.joined_on, NULL),
	tstzrange(:now, NULL), '导入', :caller.id
FROM import_member r
CROSS JOIN LATERAL (SELECT id FROM household WHERE tenant = r.tenant AND number = r.number LIMIT 1) h
WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
	AND NOT EXISTS (
		SELECT FROM household_member m
		WHERE m.tenant = r.tenant AND m.person_id = r.person_id AND upper_inf(m.known)
			AND m.valid && daterange(r.joined_on, NULL)
		OFFSET 0)
ORDER BY r.person_id, r.line
-- rpc CommitRegistryImport store
INSERT INTO import_problem (tenant, import_id, line, column_name, reason)
SELECT r.tenant, r.import_id, r.line, 'number', '这一户没有户主（关系代码 01），或此人已在另一户或在文件中重复'
FROM import_member r
WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
	AND NOT EXISTS (SELECT FROM household_member m WHERE m.tenant = r.tenant AND m.id = r.id OFFSET 0)
ON CONFLICT DO NOTHING

-- rpc CommitRegistryImport store
INSERT INTO bank_account (tenant, id, person_id, number, number_index, bank, holder, state, valid, proposed_by, proposed_at,
	import_id)
SELECT DISTINCT ON (r.person_id) r.tenant, r.id, r.person_id, r.number, r.number_index, r.bank, r.holder, 'ACTIVE', '(,)',
	:caller.id, :now, r.import_id
FROM import_account r
WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
	AND NOT EXISTS (
		SELECT FROM bank_account a WHERE a.tenant = r.tenant AND a.person_id = r.person_id AND a.state = 'ACTIVE' OFFSET 0)
ORDER BY r.person_id, r.line
-- rpc CommitRegistryImport store
INSERT INTO import_problem (tenant, import_id, line, column_name, reason)
SELECT r.tenant, r.import_id, r.line, 'number', '此人已有在用的账户，或在文件中重复'
FROM import_account r
WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
	AND NOT EXISTS (SELECT FROM bank_account a WHERE a.tenant = r.tenant AND a.id = r.id OFFSET 0)
ON CONFLICT DO NOTHING

-- rpc CommitRegistryImport store expect 1
UPDATE import i SET version = i.version + 1, state = :reply.state, committed_line = greatest(i.committed_line, :slice_end),
	staged = i.staged - n.taken, committed = i.committed + n.taken - n.refused, wrong = i.wrong + n.refused
FROM (
	SELECT count(*) AS taken, count(p.line) AS refused
	FROM (
		SELECT line FROM import_person r
		WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
		UNION ALL
		SELECT line FROM import_member r
		WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
		UNION ALL
		SELECT line FROM import_account r
		WHERE r.tenant = :caller.tenant AND r.import_id = :id AND r.line > :slice_start AND r.line <= :slice_end
	) r
	LEFT JOIN import_problem p ON p.tenant = :caller.tenant AND p.import_id = :id AND p.line = r.line
) n
WHERE i.tenant = :caller.tenant AND i.id = :id
-- rpc AbandonRegistryImport store expect 1
UPDATE import SET version = version + 1, state = 'ABANDONED' WHERE tenant = :caller.tenant AND id = :id
