-- SPDX-License-Identifier: Apache-2.0
-- All SQL of relief, by rpc (common/svc/queries.h). Heads above one another share a statement. The law is asked for with
-- the divisions too, though it belongs to none: a caller without any is answered nothing.

-- == applications =====================================================================================================

-- rpc CreateApplication load existing
SELECT id::text FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc CreateApplication load unknown_persons
SELECT m::text FROM unnest(:application.file.members.person_id::uuid[]) AS m
 WHERE cardinality(:caller.divisions::int8[]) > 0
   AND NOT EXISTS (SELECT 1 FROM registry.api_person p WHERE p.tenant = :caller.tenant AND p.person_id = m)
-- rpc RecordSurvey load unchecked_persons
-- rpc ResolveObjection load unchecked_persons
SELECT m::text FROM unnest(:file.members.person_id::uuid[]) AS m
 WHERE NOT EXISTS (SELECT 1 FROM economic_check k
                    WHERE k.tenant = :caller.tenant AND k.application_id = :id::uuid AND k.division = ANY(:caller.divisions)
                      AND k.state = 'DONE' AND m = ANY(k.person_ids))
-- rpc UpdateApplication load unknown_persons
-- rpc RecordSurvey load unknown_persons
-- rpc ResolveObjection load unknown_persons
SELECT m::text FROM unnest(:file.members.person_id::uuid[]) AS m
 WHERE cardinality(:caller.divisions::int8[]) > 0
   AND NOT EXISTS (SELECT 1 FROM registry.api_person p WHERE p.tenant = :caller.tenant AND p.person_id = m)
-- rpc CreateApplication store expect 1
INSERT INTO application (tenant, id, kind, state, division, household_id, applicant_person_id, person_ids, file, channel,
	check_consent, relative_of_staff, aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, maker)
VALUES (:caller.tenant, :application.id, :application.kind, :application.state, :application.division,
	:application.household_id, :application.applicant_person_id, :person_ids::uuid[], :application.file,
	:application.channel, :application.check_consent, :application.relative_of_staff, :application.aid_type,
	:application.cause, :application.need_fen, :application.emergency_id, :application.account_id,
	:application.payee_person_id, :application.submitted_on, :caller.id)

-- An application that a step is taken on; the evaluating ones see its family file.
-- rpc UpdateApplication load application
-- rpc SubmitApplication load application
-- rpc WithdrawApplication load application
-- rpc RequestSupplement load application
-- rpc AcceptApplication load application
-- rpc StartCheck load application
-- rpc RecordSurvey load application
-- rpc RecordDemocraticReview load application
-- rpc RaiseObjection load application
-- rpc ResolveObjection load application
-- rpc BeginCountyReview load application
-- rpc ArchiveApplication load application
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing
  FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) FOR UPDATE
-- rpc GiveFirstOpinion load application
-- rpc PubliciseApplication load application
-- rpc RefuseApplication load application
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing, file
  FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) FOR UPDATE
-- rpc AcceptApplication load policy
-- rpc StartCheck load policy
-- rpc GiveFirstOpinion load policy
-- rpc PubliciseApplication load policy
-- rpc RefuseApplication load policy
-- rpc ConfirmApplication load policy
-- rpc ConfirmApplications load policy
-- rpc OpenChecks load policy
-- rpc ProposeAwardChange load policy
-- rpc ReportElsewhere load policy
-- rpc ApproveAwardChange load policy
-- rpc ApproveAwardChanges load policy
-- rpc RecordRecheck load policy
-- rpc RecordPenalty load policy
-- rpc GrantFastAid load policy
-- rpc ImportAwards load policy
-- rpc AdmitGuest load policy
-- rpc TakePersonEvents load policy
-- rpc RemindBirthdays load policy
SELECT * FROM policy_on(:caller.tenant, :today, :now) WHERE cardinality(:caller.divisions::int8[]) >= 0
-- rpc StartCheck load days
-- Its clock has run since the acceptance.
SELECT w.day, w.working
  FROM application a CROSS JOIN LATERAL working_days(a.tenant, coalesce(a.accepted_on, :today::date)) AS w
 WHERE a.tenant = :caller.tenant AND a.id = :id::uuid AND a.division = ANY(:caller.divisions)
-- rpc AcceptApplication load days
-- rpc PubliciseApplication load days
-- rpc OpenChecks load days
-- rpc TakePersonEvents load days
-- rpc ReportElsewhere load days
-- rpc RemindBirthdays load days
SELECT day, working FROM working_days(:caller.tenant, :today) WHERE cardinality(:caller.divisions::int8[]) >= 0
-- rpc RecordSurvey load
SELECT count(*) FILTER (WHERE state = 'OPEN')::int4 AS checks_open, count(*) FILTER (WHERE state = 'DONE')::int4 AS checks_done
  FROM economic_check
 WHERE tenant = :caller.tenant AND application_id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc GiveFirstOpinion load grants_this_year
-- rpc PubliciseApplication load grants_this_year
-- rpc RefuseApplication load grants_this_year
SELECT grants_in_year(tenant, applicant_person_id, :today) FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc RefuseApplication load opinion_by
SELECT coalesce(opinion_by::text, '') FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc PubliciseApplication load village
SELECT d.name FROM application a
  JOIN registry.api_division d ON d.tenant = a.tenant AND d.division_id = a.division AND :today::date <@ d.valid AND :now::timestamptz <@ d.known
 WHERE a.tenant = :caller.tenant AND a.id = :id::uuid AND a.division = ANY(:caller.divisions)

-- What every step stores: the file in its next state, the journal, and what the step has of its own.
-- rpc UpdateApplication store expect 1
-- rpc SubmitApplication store expect 1
-- rpc WithdrawApplication store expect 1
-- rpc RequestSupplement store expect 1
-- rpc AcceptApplication store expect 1
-- rpc StartCheck store expect 1
-- rpc RecordSurvey store expect 1
-- rpc RecordDemocraticReview store expect 1
-- rpc RaiseObjection store expect 1
-- rpc ResolveObjection store expect 1
-- rpc BeginCountyReview store expect 1
-- rpc ArchiveApplication store expect 1
-- rpc GiveFirstOpinion store expect 1
-- rpc PubliciseApplication store expect 1
-- rpc RefuseApplication store expect 1
UPDATE application
   SET state = :application.state, version = version + 1, maker = :caller.id,
       file = CASE WHEN :replaces_file THEN :application.file ELSE file END,
       person_ids = CASE WHEN :replaces_file THEN :person_ids::uuid[] ELSE person_ids END,
       cause = :application.cause, need_fen = :application.need_fen, account_id = :application.account_id,
       submitted_on = :application.submitted_on, accepted_on = :application.accepted_on, due_on = :application.due_on,
       publicised_on = :application.publicised_on, notice_ends_on = :application.notice_ends_on,
       decided_on = :application.decided_on, outcome = :application.outcome, amount_fen = :application.amount_fen,
       first_month = :application.first_month, complained = :application.complained, missing = :application.missing,
       opinion_by = CASE WHEN :gives_opinion THEN :caller.id ELSE opinion_by END,
       decided_by = CASE WHEN :decides THEN :caller.id ELSE decided_by END,
       county_visited = county_visited OR :visits
 WHERE tenant = :caller.tenant AND id = :application.id AND version = :application.version::int4 - 1
-- rpc CreateApplication store expect 1
-- rpc UpdateApplication store expect 1
-- rpc SubmitApplication store expect 1
-- rpc WithdrawApplication store expect 1
-- rpc RequestSupplement store expect 1
-- rpc AcceptApplication store expect 1
-- rpc StartCheck store expect 1
-- rpc RecordSurvey store expect 1
-- rpc RecordDemocraticReview store expect 1
-- rpc RaiseObjection store expect 1
-- rpc ResolveObjection store expect 1
-- rpc BeginCountyReview store expect 1
-- rpc ArchiveApplication store expect 1
-- rpc GiveFirstOpinion store expect 1
-- rpc PubliciseApplication store expect 1
-- rpc RefuseApplication store expect 1
INSERT INTO application_step (tenant, application_id, version, state, acted_on, recorded_at, account_id, account_name, text, persons)
VALUES (:caller.tenant, :application.id, :step.version, :step.state, :today, :now, :caller.id, :caller.name, :step.text::bytea,
	:step.persons::text[])
-- rpc RefuseApplication store
WITH n AS (
	INSERT INTO letter_number AS n (tenant, year, last) VALUES (:caller.tenant, extract(year FROM :today::date), 1)
	ON CONFLICT (tenant, year) DO UPDATE SET last = n.last + 1
	RETURNING tenant, last
)
INSERT INTO decision (tenant, application_id, version, outcome, trace, text, decided_on, account_id, letter)
SELECT n.tenant, :application.id, :decision.version, :application.outcome, :decision.trace, :decision.text, :today,
	:caller.id, n.last
  FROM n WHERE n.tenant = :caller.tenant
-- rpc GiveFirstOpinion store expect 1
INSERT INTO decision (tenant, application_id, version, outcome, trace, text, decided_on, account_id)
VALUES (:caller.tenant, :application.id, :decision.version, :application.outcome, :decision.trace::bytea, :decision.text::bytea,
	:today, :caller.id)
-- rpc PubliciseApplication store expect 1
INSERT INTO public_notice (tenant, application_id, version, division, posted_on, ends_on, text)
VALUES (:caller.tenant, :application.id, :application.version, :application.division, :today, :application.notice_ends_on, :notice)
-- rpc StartCheck store expect 1
INSERT INTO economic_check (tenant, id, state, purpose, division, household_id, application_id, person_ids, sources,
	legal_basis, consent, opened_on, due_on, opened_by)
SELECT a.tenant, :check.id, :check.state, :check.purpose, a.division, a.household_id, a.id, a.person_ids, :sources::text[],
	:legal_basis, a.check_consent, :today, :check.due_on, :caller.id
  FROM application a WHERE a.tenant = :caller.tenant AND a.id = :application.id

-- == confirmation =====================================================================================================

-- rpc ConfirmApplication load applications
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing, file
  FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) FOR UPDATE
-- rpc ConfirmApplications load applications
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing, file
  FROM application
 WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]) AND division = ANY(:caller.divisions) ORDER BY id FOR UPDATE
-- rpc ConfirmApplication load opinions
SELECT id::text AS id, coalesce(opinion_by::text, '') AS opinion_by, county_visited,
       grants_in_year(tenant, applicant_person_id, :today) AS grants_this_year
  FROM application WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc ConfirmApplications load opinions
SELECT id::text AS id, coalesce(opinion_by::text, '') AS opinion_by, county_visited,
       grants_in_year(tenant, applicant_person_id, :today) AS grants_this_year
  FROM application WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]) AND division = ANY(:caller.divisions)
-- rpc ConfirmApplication load covered
SELECT person_id::text AS person_id, programme, award_id::text AS award_id FROM application_covered
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) AND :today::date <@ valid
-- rpc ConfirmApplications load covered
SELECT person_id::text AS person_id, programme, award_id::text AS award_id FROM application_covered
 WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]) AND division = ANY(:caller.divisions) AND :today::date <@ valid
-- rpc ConfirmApplication load claimed
SELECT person_id::text FROM application_claimed
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc ConfirmApplications load claimed
SELECT person_id::text FROM application_claimed
 WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]) AND division = ANY(:caller.divisions)
-- rpc ConfirmApplication store expect cardinality(:applications.id::uuid[])
-- rpc ConfirmApplications store expect cardinality(:applications.id::uuid[])
UPDATE application a
   SET state = n.state, version = a.version + 1, maker = :caller.id, decided_by = :caller.id, decided_on = :today,
       outcome = n.outcome, amount_fen = n.amount_fen, first_month = n.first_month, award_id = n.award_id
  FROM unnest(:applications.id::uuid[], :applications.version::int4[], :applications.state::text[], :applications.outcome::text[],
	:applications.amount_fen::int8[], :applications.first_month::text[], :applications.award_id::uuid[])
       AS n(id, version, state, outcome, amount_fen, first_month, award_id)
 WHERE a.tenant = :caller.tenant AND a.id = n.id AND a.version = n.version - 1
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
INSERT INTO application_step (tenant, application_id, version, state, acted_on, recorded_at, account_id, account_name)
SELECT :caller.tenant, n.id, n.version, n.state, :today, :now, :caller.id, :caller.name
  FROM unnest(:applications.id::uuid[], :applications.version::int4[], :applications.state::text[]) AS n(id, version, state)
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
INSERT INTO decision (tenant, application_id, version, outcome, trace, text, decided_on, account_id)
SELECT :caller.tenant, n.id, n.version, n.outcome, n.trace, n.text, :today, :caller.id
  FROM unnest(:decisions.application_id::uuid[], :decisions.version::int4[], :applications.outcome::text[],
	:decisions.trace::bytea[], :decisions.text::bytea[]) AS n(id, version, outcome, trace, text)
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc GrantFastAid store
INSERT INTO temp_aid (tenant, id, award_id, application_id, emergency_id, person_id, division, aid_type, fast, channel, cause,
	amount_fen, happened_on, granted_on)
SELECT :caller.tenant, n.id, n.award_id, n.application_id, n.emergency_id, n.person_id, n.division, n.aid_type, n.fast, n.channel,
       n.cause, n.amount_fen, n.happened_on, n.granted_on
  FROM unnest(:temp_aids.id::uuid[], :temp_aids.award_id::uuid[], :temp_aids.application_id::uuid[],
	:temp_aids.emergency_id::uuid[], :temp_aids.person_id::uuid[], :temp_aids.division::int8[], :temp_aids.aid_type::text[],
	:temp_aids.fast::bool[], :temp_aids.channel::text[], :temp_aids.cause::bytea[], :temp_aids.amount_fen::int8[],
	:temp_aids.happened_on::date[], :temp_aids.granted_on::date[])
       AS n(id, award_id, application_id, emergency_id, person_id, division, aid_type, fast, channel, cause, amount_fen,
            happened_on, granted_on)

-- == whatever makes or changes awards =================================================================================

-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ReleaseGrants store
-- rpc GrantFastAid store
-- rpc ImportAwards store
INSERT INTO award (tenant, id, programme, unit, household_id, applicant_person_id, division, state, area, single_person, care_mode,
	recheck_class, next_recheck_on, application_id, batch_id, opened_on)
SELECT :caller.tenant, n.id, n.programme, n.unit, n.household_id, n.applicant_person_id, n.division, n.state, n.area,
       n.single_person, n.care_mode, n.recheck_class, n.next_recheck_on, n.application_id, n.batch_id, :today
  FROM unnest(:writes.heads.id::uuid[], :writes.heads.programme::text[], :writes.heads.unit::text[],
	:writes.heads.household_id::uuid[], :writes.heads.applicant_person_id::uuid[], :writes.heads.division::int8[],
	:writes.heads.state::text[], :writes.heads.area::text[], :writes.heads.single_person::bool[],
	:writes.heads.care_mode::text[], :writes.heads.recheck_class::text[], :writes.heads.next_recheck_on::date[],
	:writes.heads.application_id::uuid[], :writes.heads.batch_id::uuid[])
       AS n(id, programme, unit, household_id, applicant_person_id, division, state, area, single_person, care_mode,
            recheck_class, next_recheck_on, application_id, batch_id)
-- rpc ApproveAwardChange store expect cardinality(:writes.moves.id::uuid[])
-- rpc ApproveAwardChanges store expect cardinality(:writes.moves.id::uuid[])
-- rpc AdvanceRecalculations store expect cardinality(:writes.moves.id::uuid[])
-- rpc ProposeAwardChange store expect cardinality(:writes.moves.id::uuid[])
-- rpc ReportElsewhere store expect cardinality(:writes.moves.id::uuid[])
-- rpc RecordHearing store expect cardinality(:writes.moves.id::uuid[])
-- rpc DismissAwardChange store expect cardinality(:writes.moves.id::uuid[])
UPDATE award a SET state = n.state, version = n.version
  FROM unnest(:writes.moves.id::uuid[], :writes.moves.version::int4[], :writes.moves.state::text[]) AS n(id, version, state)
 WHERE a.tenant = :caller.tenant AND a.id = n.id
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- rpc AdvanceRecalculations store
-- rpc ReleaseGrants store
-- rpc GrantFastAid store
-- rpc ImportAwards store
INSERT INTO award_content (tenant, award_id, version, amount_fen, income_per_capita_fen, payee_person_id, account_id, care_grade,
	rate, from_month, to_month, reason, known_at, file, trace, recorded_by)
SELECT :caller.tenant, n.award_id, n.version, n.amount_fen, n.income_per_capita_fen, n.payee_person_id, n.account_id, n.care_grade,
       n.rate, n.from_on, n.to_on, n.reason, :now, n.file, n.trace, :caller.id
  FROM unnest(:writes.contents.award_id::uuid[], :writes.contents.version::int4[], :writes.contents.amount_fen::int8[],
	:writes.contents.income_per_capita_fen::int8[], :writes.contents.payee_person_id::uuid[],
	:writes.contents.account_id::uuid[], :writes.contents.care_grade::text[], :writes.contents.rate::text[],
	:writes.contents.from_on::date[], :writes.contents.to_on::date[], :writes.contents.reason::text[],
	:writes.contents.file::bytea[], :writes.contents.trace::bytea[])
       AS n(award_id, version, amount_fen, income_per_capita_fen, payee_person_id, account_id, care_grade, rate, from_on, to_on,
            reason, file, trace)
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- rpc AdvanceRecalculations store
-- rpc ReleaseGrants store
-- rpc GrantFastAid store
-- rpc ImportAwards store
INSERT INTO award_share (tenant, award_id, version, person_id, amount_fen, increment_fen)
SELECT :caller.tenant, n.award_id, n.version, n.person_id, n.amount_fen, n.increment_fen
  FROM unnest(:writes.shares.award_id::uuid[], :writes.shares.version::int4[], :writes.shares.person_id::uuid[],
	:writes.shares.amount_fen::int8[], :writes.shares.increment_fen::int8[])
       AS n(award_id, version, person_id, amount_fen, increment_fen)
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- rpc AdvanceRecalculations store
-- What counted until now is known to have counted; what is left of it outside of the new months is known anew.
WITH n AS (
	SELECT award_id, version, daterange(from_on, (to_on + interval '1 month')::date) AS valid
	  FROM unnest(:writes.contents.award_id::uuid[], :writes.contents.version::int4[], :writes.contents.from_on::date[],
		:writes.contents.to_on::date[]) AS n(award_id, version, from_on, to_on)
), span AS (
	SELECT award_id, range_agg(valid) AS valid FROM n GROUP BY award_id
), closed AS (
	UPDATE award_period p SET known = tstzrange(lower(p.known), :now)
	  FROM span
	 WHERE p.tenant = :caller.tenant AND p.award_id = span.award_id AND upper_inf(p.known) AND p.valid && span.valid
	RETURNING p.award_id, p.version, p.valid, span.valid AS taken
)
INSERT INTO award_period (tenant, award_id, version, valid, known)
SELECT :caller.tenant, award_id, version, valid, tstzrange(:now, NULL) FROM n
UNION ALL
SELECT :caller.tenant, award_id, version, unnest(datemultirange(valid) - taken), tstzrange(:now, NULL) FROM closed
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ReleaseGrants store
-- rpc GrantFastAid store
-- rpc ImportAwards store
INSERT INTO award_period (tenant, award_id, version, valid, known)
SELECT :caller.tenant, award_id, version, daterange(from_on, (to_on + interval '1 month')::date), tstzrange(:now, NULL)
  FROM unnest(:writes.contents.award_id::uuid[], :writes.contents.version::int4[], :writes.contents.from_on::date[],
	:writes.contents.to_on::date[]) AS n(award_id, version, from_on, to_on)
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- rpc AdvanceRecalculations store
DELETE FROM dibao_household_claim c USING unnest(:writes.lost_claims.person_id::uuid[], :writes.lost_claims.award_id::uuid[])
       AS n(person_id, award_id)
 WHERE c.person_id = n.person_id AND c.award_id = n.award_id AND c.tenant = :caller.tenant
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- rpc AdvanceRecalculations store
DELETE FROM tekun_claim c USING unnest(:writes.lost_claims.person_id::uuid[], :writes.lost_claims.award_id::uuid[])
       AS n(person_id, award_id)
 WHERE c.person_id = n.person_id AND c.award_id = n.award_id AND c.tenant = :caller.tenant
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
-- With a tekun place its care agreement ends, on the last day that is still paid (E-02).
UPDATE care_agreement a SET ends_on = greatest(a.starts_on, k.from_on - 1)
  FROM unnest(:writes.lost_claims.person_id::uuid[], :writes.lost_claims.award_id::uuid[]) AS n(person_id, award_id)
  JOIN unnest(:writes.contents.award_id::uuid[], :writes.contents.from_on::date[]) AS k(award_id, from_on) ON k.award_id = n.award_id
  JOIN award w ON w.tenant = :caller.tenant AND w.id = n.award_id AND w.programme = 'TEKUN'
 WHERE a.tenant = :caller.tenant AND a.person_id = n.person_id AND (a.ends_on IS NULL OR a.ends_on >= k.from_on)
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ImportAwards store
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
INSERT INTO dibao_household_claim (person_id, tenant, award_id)
SELECT n.person_id, :caller.tenant, n.award_id
  FROM unnest(:writes.dibao_claims.person_id::uuid[], :writes.dibao_claims.award_id::uuid[]) AS n(person_id, award_id)
 WHERE NOT EXISTS (SELECT 1 FROM dibao_household_claim c WHERE c.person_id = n.person_id AND c.award_id = n.award_id)
-- rpc ConfirmApplication store
-- rpc ConfirmApplications store
-- rpc ImportAwards store
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
INSERT INTO tekun_claim (person_id, tenant, award_id)
SELECT n.person_id, :caller.tenant, n.award_id
  FROM unnest(:writes.tekun_claims.person_id::uuid[], :writes.tekun_claims.award_id::uuid[]) AS n(person_id, award_id)
 WHERE NOT EXISTS (SELECT 1 FROM tekun_claim c WHERE c.person_id = n.person_id AND c.award_id = n.award_id)
-- rpc ConfirmApplication event relief.award.changed events
-- rpc ConfirmApplications event relief.award.changed events
-- rpc ApproveAwardChange event relief.award.changed events
-- rpc ApproveAwardChanges event relief.award.changed events
-- rpc AdvanceRecalculations event relief.award.changed events
-- rpc ReleaseGrants event relief.award.changed events
-- rpc GrantFastAid event relief.award.changed events
-- rpc ImportAwards event relief.award.changed events

-- == reading applications =============================================================================================

-- rpc GetApplication reply
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing, file
  FROM application
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc ListApplications reply applications
SELECT id, version, kind, state, division, household_id, applicant_person_id, channel, check_consent, relative_of_staff,
       aid_type, cause, need_fen, emergency_id, account_id, payee_person_id, submitted_on, accepted_on, publicised_on,
       notice_ends_on, due_on, decided_on, outcome, amount_fen, first_month, award_id, maker, complained, missing
  FROM application
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (:state::text = 'STATE_UNSPECIFIED' OR state = :state)
   AND (:kind::text = 'KIND_UNSPECIFIED' OR kind = :kind)
   AND (:outcome::text = 'PROGRAMME_UNSPECIFIED' OR outcome = :outcome)
   AND (:division::int8 = 0 OR division = :division)
   AND (:applicant_person_id::uuid IS NULL OR applicant_person_id = :applicant_person_id)
   AND (:after.id::uuid IS NULL OR id < :after.id)
 ORDER BY id DESC LIMIT :page.limit
-- rpc ListApplicationSteps reply steps
SELECT s.application_id, s.version, s.state, s.acted_on, s.account_id, s.account_name, s.text, s.persons
  FROM application_step s
  JOIN application a ON a.tenant = s.tenant AND a.id = s.application_id
 WHERE a.tenant = :caller.tenant AND a.id = :id::uuid AND a.division = ANY(:caller.divisions)
   AND (:after.version::int4 IS NULL OR s.version > :after.version)
 ORDER BY s.version LIMIT :page.limit
-- rpc GetDecision reply
SELECT d.application_id, d.version, d.trace, d.decided_on, d.text, d.account_id
  FROM decision d
  JOIN application a ON a.tenant = d.tenant AND a.id = d.application_id
 WHERE a.tenant = :caller.tenant AND a.id = :id::uuid AND a.division = ANY(:caller.divisions)
 ORDER BY d.version DESC LIMIT 1

-- == documents ========================================================================================================

-- rpc GetPublicNotice reply
SELECT n.application_id, n.text, n.posted_on AS issued_on, n.ends_on,
	t.name || CASE WHEN t.name LIKE '%街道' THEN '办事处' ELSE '人民政府' END AS issuer
  FROM public_notice n
  JOIN registry.api_division v ON v.tenant = n.tenant AND v.division_id = n.division AND n.posted_on <@ v.valid AND upper_inf(v.known)
  JOIN registry.api_division t ON t.tenant = v.tenant AND t.division_id = v.parent_id AND n.posted_on <@ t.valid AND upper_inf(t.known)
 WHERE n.tenant = :caller.tenant AND n.application_id = :application_id AND n.division = ANY(:caller.divisions)
 ORDER BY n.version DESC LIMIT 1
-- rpc GetRefusalLetter reply
SELECT d.application_id, d.text, d.decided_on AS issued_on, t.name || '民政局' AS issuer,
	t.name || '民救告〔' || extract(year FROM d.decided_on) || '〕' || d.letter || '号' AS number
  FROM application a
  JOIN decision d ON d.tenant = a.tenant AND d.application_id = a.id
  JOIN registry.api_division t ON t.tenant = a.tenant AND t.level = 'DISTRICT' AND d.decided_on <@ t.valid AND upper_inf(t.known)
 WHERE a.tenant = :caller.tenant AND a.id = :application_id AND a.division = ANY(:caller.divisions)
   AND a.state IN ('REFUSED', 'ARCHIVED') AND a.outcome = 'PROGRAMME_UNSPECIFIED' AND a.decided_on IS NOT NULL
 ORDER BY d.version DESC LIMIT 1

-- rpc GetChangeLetter reply
SELECT c.id AS change_id, c.letter AS text, c.decided_on AS issued_on, t.name || '民政局' AS issuer,
	t.name || '民救告〔' || extract(year FROM c.decided_on) || '〕' || c.letter_number || '号' AS number
  FROM award_change c
  JOIN registry.api_division t ON t.tenant = c.tenant AND t.level = 'DISTRICT' AND c.decided_on <@ t.valid AND upper_inf(t.known)
 WHERE c.tenant = :caller.tenant AND c.id = :change_id AND c.division = ANY(:caller.divisions) AND c.letter IS NOT NULL

-- == running awards ===================================================================================================

-- rpc GetAward reply
SELECT w.id, k.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.single_person,
       k.amount_fen, k.income_per_capita_fen, to_char(k.from_month, 'YYYY-MM') AS from_month,
       coalesce(to_char(k.to_month, 'YYYY-MM'), '') AS to_month, k.payee_person_id, k.account_id,
       coalesce((SELECT jsonb_agg(jsonb_build_object('person_id', s.person_id, 'amount_fen', s.amount_fen::text,
                        'increment_fen', s.increment_fen::text) ORDER BY s.person_id)
                   FROM award_share s WHERE s.tenant = k.tenant AND s.award_id = k.award_id AND s.version = k.version),
                '[]') AS shares,
       k.care_grade, w.care_mode, w.recheck_class, w.next_recheck_on, w.application_id, k.reason, k.known_at
  FROM award w
  JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id
 WHERE w.tenant = :caller.tenant AND w.id = :id::uuid AND w.division = ANY(:caller.divisions)
 ORDER BY k.version = (SELECT p.version FROM current_content p
                        WHERE p.tenant = w.tenant AND p.award_id = w.id AND :today::date <@ p.valid) DESC NULLS LAST, k.version DESC
 LIMIT 1
-- rpc ListAwards reply awards
SELECT w.id, k.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.single_person,
       k.amount_fen, k.income_per_capita_fen, to_char(k.from_month, 'YYYY-MM') AS from_month,
       coalesce(to_char(k.to_month, 'YYYY-MM'), '') AS to_month, k.payee_person_id, k.account_id,
       coalesce((SELECT jsonb_agg(jsonb_build_object('person_id', s.person_id, 'amount_fen', s.amount_fen::text,
                        'increment_fen', s.increment_fen::text) ORDER BY s.person_id)
                   FROM award_share s WHERE s.tenant = k.tenant AND s.award_id = k.award_id AND s.version = k.version),
                '[]') AS shares,
       k.care_grade, w.care_mode, w.recheck_class, w.next_recheck_on, w.application_id, k.reason, k.known_at
  FROM award w
  JOIN LATERAL (SELECT * FROM award_content x WHERE x.tenant = w.tenant AND x.award_id = w.id
                 ORDER BY x.version DESC LIMIT 1) k ON true
 WHERE w.tenant = :caller.tenant AND w.division = ANY(:caller.divisions)
   AND (:programme::text = 'PROGRAMME_UNSPECIFIED' OR w.programme = :programme)
   AND (:state::text = 'STATE_UNSPECIFIED' OR w.state = :state)
   AND (:household_id::uuid IS NULL OR w.household_id = :household_id)
   AND (:person_id::uuid IS NULL OR w.id IN (SELECT award_id FROM award_share
                                              WHERE tenant = :caller.tenant AND person_id = :person_id::uuid))
   AND (:division::int8 = 0 OR w.division = :division)
   AND (:after.id::uuid IS NULL OR w.id > :after.id)
 ORDER BY w.id LIMIT :page.limit
-- rpc ListAwardVersions reply versions
SELECT w.id, k.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.single_person,
       k.amount_fen, k.income_per_capita_fen, to_char(k.from_month, 'YYYY-MM') AS from_month,
       coalesce(to_char(k.to_month, 'YYYY-MM'), '') AS to_month, k.payee_person_id, k.account_id,
       coalesce((SELECT jsonb_agg(jsonb_build_object('person_id', s.person_id, 'amount_fen', s.amount_fen::text,
                        'increment_fen', s.increment_fen::text) ORDER BY s.person_id)
                   FROM award_share s WHERE s.tenant = k.tenant AND s.award_id = k.award_id AND s.version = k.version),
                '[]') AS shares,
       k.care_grade, w.care_mode, w.recheck_class, w.next_recheck_on, w.application_id, k.reason, k.known_at
  FROM award w
  JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id
 WHERE w.tenant = :caller.tenant AND w.id = :id::uuid AND w.division = ANY(:caller.divisions)
   AND (:after.version::int4 IS NULL OR k.version > :after.version)
 ORDER BY k.version LIMIT :page.limit

-- rpc ListAwardTraces reply
SELECT k.award_id, k.version, k.amount_fen, k.trace
  FROM award w
  JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id
 WHERE w.tenant = :caller.tenant AND w.id = :award_id::uuid AND w.division = ANY(:caller.divisions) AND k.trace IS NOT NULL
 ORDER BY k.version

-- rpc RecordRecheck load award
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND :today::date <@ k.valid
 WHERE w.tenant = :caller.tenant AND w.id = :id::uuid AND w.division = ANY(:caller.divisions) FOR UPDATE OF w
-- rpc ReportElsewhere load first_month
SELECT to_char(min(k.from_month), 'YYYY-MM') FROM award w JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id
 WHERE w.tenant = :caller.tenant AND w.id = :award_id::uuid AND w.division = ANY(:caller.divisions)
-- rpc ReportElsewhere load award
-- rpc ProposeAwardChange load award
-- rpc RecordPenalty load award
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND :today::date <@ k.valid
 WHERE w.tenant = :caller.tenant AND w.id = :award_id::uuid AND w.division = ANY(:caller.divisions) FOR UPDATE OF w
-- rpc RecordHearing load award
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND :today::date <@ k.valid
 WHERE w.tenant = :caller.tenant AND w.division = ANY(:caller.divisions)
   AND w.id = (SELECT award_id FROM award_change WHERE tenant = :caller.tenant AND id = :id::uuid) FOR UPDATE OF w
-- rpc RecordHearing load change
SELECT c.id, c.version, c.award_id, c.award_version, c.kind, c.cause, c.state, c.rule, c.person_id,
       to_char(c.from_month, 'YYYY-MM') AS from_month, c.due_on, c.adverse, c.old_amount_fen, c.amount_fen,
       coalesce(to_char(c.keep_until, 'YYYY-MM'), '') AS keep_until, c.heard_on, c.decided_on, c.proposed_by, c.decided_by,
       c.text, c.payee_person_id, c.account_id
  FROM award_change c
 WHERE c.tenant = :caller.tenant AND c.id = :id::uuid AND c.division = ANY(:caller.divisions) FOR UPDATE
-- rpc ApproveAwardChange load awards
-- rpc DismissAwardChange load awards
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on, k.until_on,
       k.newest, k.reason, k.income_per_capita_fen, k.care_grade, k.trace, k.shares
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.valid && daterange(:today::date, NULL)
 WHERE w.tenant = :caller.tenant AND w.division = ANY(:caller.divisions)
   AND w.id = (SELECT award_id FROM award_change WHERE tenant = :caller.tenant AND id = :id::uuid)
 ORDER BY k.from_on FOR UPDATE OF w
-- rpc ApproveAwardChanges load awards
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on, k.until_on,
       k.newest, k.reason, k.income_per_capita_fen, k.care_grade, k.trace, k.shares
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.valid && daterange(:today::date, NULL)
 WHERE w.tenant = :caller.tenant AND w.division = ANY(:caller.divisions)
   AND w.id IN (SELECT award_id FROM award_change WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]))
 ORDER BY w.id, k.from_on FOR UPDATE OF w
-- rpc ApproveAwardChange load changes
-- rpc DismissAwardChange load changes
SELECT c.id, c.version, c.award_id, c.award_version, c.kind, c.cause, c.state, c.rule, c.person_id,
       to_char(c.from_month, 'YYYY-MM') AS from_month, c.due_on, c.adverse, c.old_amount_fen, c.amount_fen,
       coalesce(to_char(c.keep_until, 'YYYY-MM'), '') AS keep_until, c.heard_on, c.decided_on, c.proposed_by, c.decided_by,
       c.text, c.payee_person_id, c.account_id, c.file, c.trace
  FROM award_change c
 WHERE c.tenant = :caller.tenant AND c.id = :id::uuid AND c.division = ANY(:caller.divisions) FOR UPDATE
-- rpc ApproveAwardChanges load changes
SELECT c.id, c.version, c.award_id, c.award_version, c.kind, c.cause, c.state, c.rule, c.person_id,
       to_char(c.from_month, 'YYYY-MM') AS from_month, c.due_on, c.adverse, c.old_amount_fen, c.amount_fen,
       coalesce(to_char(c.keep_until, 'YYYY-MM'), '') AS keep_until, c.heard_on, c.decided_on, c.proposed_by, c.decided_by,
       c.text, c.payee_person_id, c.account_id, c.file, c.trace
  FROM award_change c
 WHERE c.tenant = :caller.tenant AND c.id = ANY(:ids::uuid[]) AND c.division = ANY(:caller.divisions) ORDER BY c.id FOR UPDATE
-- rpc DismissAwardChange load others_open
SELECT count(*)::int4 FROM award_change d
  JOIN award_change c ON c.tenant = d.tenant AND c.award_id = d.award_id AND c.id <> d.id
 WHERE d.tenant = :caller.tenant AND d.id = :id::uuid AND d.division = ANY(:caller.divisions)
   AND c.state IN ('PROPOSED', 'HEARD') AND c.kind <> 'RECHECK'
-- rpc ApproveAwardChange load policies
-- The law month by month, from the earliest month that is reached back to.
SELECT p.* FROM generate_series(least((SELECT min(from_month) FROM award_change
                                        WHERE tenant = :caller.tenant AND id = :id::uuid),
                                      date_trunc('month', :today::date)::date)::timestamp, :today::date, '1 month') AS m(month)
 CROSS JOIN LATERAL policy_on(:caller.tenant, m.month::date, :now) AS p
 WHERE cardinality(:caller.divisions::int8[]) >= 0 ORDER BY m.month
-- rpc ApproveAwardChanges load policies
-- The law month by month, from the earliest month that is reached back to.
SELECT p.* FROM generate_series(least((SELECT min(from_month) FROM award_change
                                        WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[])),
                                      date_trunc('month', :today::date)::date)::timestamp, :today::date, '1 month') AS m(month)
 CROSS JOIN LATERAL policy_on(:caller.tenant, m.month::date, :now) AS p
 WHERE cardinality(:caller.divisions::int8[]) >= 0 ORDER BY m.month
-- rpc RecordRecheck store expect 1
UPDATE award SET recheck_class = :reply.recheck_class, next_recheck_on = :reply.next_recheck_on
 WHERE tenant = :caller.tenant AND id = :id::uuid AND version = :version
-- rpc ProposeAwardChange store expect 1
-- rpc ReportElsewhere store expect 1
INSERT INTO award_change (tenant, id, award_id, award_version, division, kind, cause, state, rule, person_id, from_month, due_on, adverse,
	old_amount_fen, amount_fen, keep_until, payee_person_id, account_id, proposed_by, text, file, trace)
SELECT a.tenant, :change.id, a.id, :change.award_version, a.division, :change.kind, :change.cause, :change.state, :change.rule,
       :change.person_id::uuid, :from_on, :change.due_on, :change.adverse, :change.old_amount_fen, :change.amount_fen, :keep_until_on,
       :payee_person_id::uuid, :account_id::uuid, :caller.id, :change.text, :change.file::bytea, :change.trace::bytea
  FROM award a WHERE a.tenant = :caller.tenant AND a.id = :change.award_id
-- rpc RecordHearing store expect 1
UPDATE award_change SET state = :change.state, version = version + 1, heard_on = :held_on, hearing = :statement
 WHERE tenant = :caller.tenant AND id = :change.id AND version = :change.version::int4 - 1
-- rpc ApproveAwardChange store
-- rpc ApproveAwardChanges store
INSERT INTO letter_number AS n (tenant, year, last)
SELECT :caller.tenant, extract(year FROM :today::date), cardinality(:letters.id::uuid[]) WHERE cardinality(:letters.id::uuid[]) > 0
ON CONFLICT (tenant, year) DO UPDATE SET last = n.last + excluded.last
-- rpc ApproveAwardChange store expect cardinality(:letters.id::uuid[])
-- rpc ApproveAwardChanges store expect cardinality(:letters.id::uuid[])
UPDATE award_change c
   SET letter = l.text, letter_number = n.last - cardinality(:letters.id::uuid[]) + l.place
  FROM unnest(:letters.id::uuid[], :letters.text::bytea[]) WITH ORDINALITY AS l(id, text, place), letter_number n
 WHERE c.tenant = :caller.tenant AND c.id = l.id AND n.tenant = c.tenant AND n.year = extract(year FROM :today::date)
-- rpc ApproveAwardChange store expect cardinality(:changes.id::uuid[])
-- rpc ApproveAwardChanges store expect cardinality(:changes.id::uuid[])
-- rpc DismissAwardChange store expect cardinality(:changes.id::uuid[])
UPDATE award_change c
   SET state = n.state, version = c.version + 1, decided_on = :today, decided_by = :caller.id
  FROM unnest(:changes.id::uuid[], :changes.version::int4[], :changes.state::text[]) AS n(id, version, state)
 WHERE c.tenant = :caller.tenant AND c.id = n.id AND c.version = n.version - 1
-- rpc ListAwardChanges reply changes
SELECT c.id, c.version, c.award_id, c.award_version, c.kind, c.cause, c.state, c.rule, c.person_id,
       to_char(c.from_month, 'YYYY-MM') AS from_month, c.due_on, c.adverse, c.old_amount_fen, c.amount_fen,
       coalesce(to_char(c.keep_until, 'YYYY-MM'), '') AS keep_until, c.heard_on, c.decided_on, c.proposed_by, c.decided_by,
       c.text, c.payee_person_id, c.account_id
  FROM award_change c
 WHERE c.tenant = :caller.tenant AND c.division = ANY(:caller.divisions)
   AND (:state::text = 'STATE_UNSPECIFIED' OR c.state = :state)
   AND (:award_id::uuid IS NULL OR c.award_id = :award_id)
   AND (:after.id::uuid IS NULL OR (c.due_on, c.id) > (:after.due_on, :after.id))
 ORDER BY c.due_on, c.id LIMIT :page.limit
-- rpc RecordPenalty store expect 1
INSERT INTO penalty (tenant, id, award_id, division, cause, gain_fen, fine_fen, decided_on, decided_by, text)
VALUES (:caller.tenant, :reply.id, :reply.award_id, :division, :reply.cause, :reply.gain_fen, :reply.fine_fen, :today, :caller.id,
	:reply.text)
-- rpc ListPenalties reply penalties
SELECT id, award_id, cause, gain_fen, fine_fen, decided_on, decided_by, text
  FROM penalty
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions) AND (:award_id::uuid IS NULL OR award_id = :award_id)
   AND (:after.id::uuid IS NULL OR id < :after.id)
 ORDER BY id DESC LIMIT :page.limit

-- rpc CreateRecalculation store expect 1
INSERT INTO recalculation (tenant, id, state, from_month, programmes, text, created_at, created_by)
VALUES (:caller.tenant, :reply.id, :reply.state, :from_on, :reply.programmes::text[], :reply.text, :now, :caller.id)
-- rpc GetRecalculation reply
SELECT id, state, to_char(from_month, 'YYYY-MM') AS from_month, programmes, cursor, seen, changed, text
  FROM recalculation WHERE tenant = :caller.tenant AND id = :id::uuid
-- rpc AdvanceRecalculations load run
SELECT id, state, to_char(from_month, 'YYYY-MM') AS from_month, programmes, cursor, seen, changed, text
  FROM recalculation WHERE tenant = :caller.tenant AND state = 'RUNNING' ORDER BY created_at, id LIMIT 1 FOR UPDATE
-- rpc AdvanceRecalculations load awards
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on, k.until_on,
       k.newest
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.valid && daterange(:today::date, NULL)
 WHERE w.tenant = :caller.tenant
   AND w.id IN (SELECT n.id FROM award n -- 渐退 keeps the old amount (RLF-15)
                 WHERE n.tenant = :caller.tenant AND n.state NOT IN ('STOPPED', 'ARCHIVED', 'GRADUAL_EXIT')
                   AND n.id > (SELECT cursor FROM recalculation WHERE tenant = :caller.tenant AND state = 'RUNNING'
                                ORDER BY created_at, id LIMIT 1)
                   AND n.programme = ANY((SELECT programmes FROM recalculation WHERE tenant = :caller.tenant AND state = 'RUNNING'
                                           ORDER BY created_at, id LIMIT 1)::text[])
                 ORDER BY n.id LIMIT 250)
 ORDER BY w.id, k.from_on FOR UPDATE OF w
-- rpc AdvanceRecalculations load policies
SELECT p.* FROM generate_series(least((SELECT from_month FROM recalculation WHERE tenant = :caller.tenant AND state = 'RUNNING'
                                        ORDER BY created_at, id LIMIT 1), date_trunc('month', :today::date)::date)::timestamp,
                                :today::date, '1 month') AS m(month)
 CROSS JOIN LATERAL policy_on(:caller.tenant, m.month::date, :now) AS p
 ORDER BY m.month
-- rpc AdvanceRecalculations store
UPDATE recalculation SET state = :run.state, cursor = :run.cursor, seen = :run.seen, changed = :run.changed
 WHERE tenant = :caller.tenant AND id = :run.id::uuid

-- rpc EndGradualExits store
-- The places were taken as long as money was due: no member could get into another award beside it (RLF-15).
WITH ended AS (
	UPDATE award w SET state = 'STOPPED'
	 WHERE w.tenant = :caller.tenant AND w.state = 'GRADUAL_EXIT'
	   AND EXISTS (SELECT 1 FROM running_content k
	                WHERE k.tenant = w.tenant AND k.award_id = w.id AND :today::date <@ k.valid AND k.reason = 'GRADUAL_EXIT')
	RETURNING w.tenant, w.id
)
DELETE FROM dibao_household_claim c USING ended e WHERE c.tenant = e.tenant AND c.award_id = e.id

-- rpc TakePersonEvents load awards
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_on, k.until_on,
       k.newest
  FROM award w
  JOIN running_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.valid && daterange(:today::date, NULL)
 WHERE w.tenant = :caller.tenant AND w.state NOT IN ('STOPPED', 'ARCHIVED')
   AND w.programme IN ('DIBAO', 'TEKUN', 'EDGE', 'RIGID', 'JINGJIAN')
   AND w.id IN (SELECT award_id FROM award_share WHERE tenant = :caller.tenant AND person_id = ANY(:events.person_id::uuid[]))
 ORDER BY w.id, k.from_on FOR UPDATE OF w
-- rpc TakePersonEvents load links
SELECT DISTINCT s.person_id, s.award_id
  FROM award_share s
  JOIN current_content p ON p.tenant = s.tenant AND p.award_id = s.award_id AND p.version = s.version
       AND p.valid && daterange(:today::date, NULL)
 WHERE s.tenant = :caller.tenant AND s.person_id = ANY(:events.person_id::uuid[])
-- rpc TakePersonEvents store
-- rpc RemindBirthdays store
INSERT INTO award_change (tenant, id, award_id, award_version, division, kind, cause, state, rule, person_id, fact_id, fact_version,
	from_month, due_on, adverse, old_amount_fen, amount_fen, proposed_by, text, file, trace)
SELECT :caller.tenant, n.id, n.award_id, n.award_version, n.division, n.kind, n.cause, n.state, n.rule, n.person_id, n.fact_id,
       n.fact_version, n.from_on, n.due_on, n.adverse, n.old_amount_fen, n.amount_fen, :caller.id, n.text, n.file, n.trace
  FROM unnest(:rows.change.id::uuid[], :rows.change.award_id::uuid[], :rows.change.award_version::int4[], :rows.division::int8[],
	:rows.change.kind::text[], :rows.change.cause::text[], :rows.change.state::text[], :rows.change.rule::text[],
	:rows.change.person_id::uuid[], :rows.fact_id::uuid[], :rows.fact_version::int4[], :rows.from_on::date[],
	:rows.change.due_on::date[], :rows.change.adverse::bool[], :rows.change.old_amount_fen::int8[],
	:rows.change.amount_fen::int8[], :rows.change.text::text[], :rows.change.file::bytea[], :rows.change.trace::bytea[])
       AS n(id, award_id, award_version, division, kind, cause, state, rule, person_id, fact_id, fact_version, from_on, due_on,
            adverse, old_amount_fen, amount_fen, text, file, trace)
ON CONFLICT DO NOTHING
-- rpc TakePersonEvents store
UPDATE award SET state = 'ADJUSTING'
 WHERE tenant = :caller.tenant AND id = ANY(:adjusting::uuid[]) AND state = 'PAYING'
-- rpc RemindBirthdays load awards
-- Who turns 18 in this month is found by birth date; OFFSET 0 keeps the version's look-up by award behind it.
SELECT w.id, w.version, w.programme, w.unit, w.household_id, w.applicant_person_id, w.division, w.state, w.area, w.recheck_class,
       w.next_recheck_on, k.amount_fen, k.payee_person_id, k.account_id, k.award_id, k.file, k.rate, k.from_month AS from_on
  FROM award w
 CROSS JOIN LATERAL (SELECT p.version FROM current_content p
                      WHERE p.tenant = w.tenant AND p.award_id = w.id AND :today::date <@ p.valid OFFSET 0) p
  JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.version = p.version
 WHERE w.tenant = :caller.tenant AND w.programme = 'TEKUN' AND w.state = 'PAYING'
   AND EXISTS (SELECT 1 FROM registry.api_person b WHERE b.tenant = w.tenant AND b.person_id = w.applicant_person_id
                  AND b.born_on >= date_trunc('month', :today::date) - interval '18 years'
                  AND b.born_on < date_trunc('month', :today::date) - interval '18 years' + interval '1 month')
   AND NOT EXISTS (SELECT 1 FROM award_change c WHERE c.tenant = w.tenant AND c.award_id = w.id AND c.rule IN ('E-13', 'RLF-32'))
 FOR UPDATE OF w
-- rpc RemindBirthdays load schoolings
SELECT f.person_id, f.id AS fact_id, f.detail AS stage, upper(f.valid) - 1 AS until
  FROM registry.api_person b
  JOIN registry.api_person_fact f ON f.tenant = b.tenant AND f.person_id = b.person_id AND f.kind = 'SCHOOLING'
   AND :today::date <@ f.valid AND :now::timestamptz <@ f.known
 WHERE b.tenant = :caller.tenant AND cardinality(:caller.divisions::int8[]) >= 0
   AND b.born_on >= date_trunc('month', :today::date) - interval '18 years'
   AND b.born_on < date_trunc('month', :today::date) - interval '18 years' + interval '1 month'

-- == checks ===========================================================================================================

-- rpc OpenChecks load existing
SELECT id::text FROM economic_check
 WHERE tenant = :caller.tenant AND id = ANY(:checks.id::uuid[]) AND cardinality(:caller.divisions::int8[]) >= 0
-- rpc OpenChecks store
INSERT INTO economic_check (tenant, id, state, purpose, division, household_id, application_id, award_id, person_ids, sources,
	legal_basis, consent, opened_on, due_on, opened_by)
SELECT :caller.tenant, (n->>'id')::uuid, n->>'state', n->>'purpose', (n->>'division')::int8, nullif(n->>'household_id', '')::uuid,
       nullif(n->>'application_id', '')::uuid, nullif(n->>'award_id', '')::uuid,
       ARRAY(SELECT jsonb_array_elements_text(n->'person_ids')::uuid), ARRAY(SELECT jsonb_array_elements_text(n->'sources')),
       n->>'legal_basis', coalesce(n->>'consent', ''), :today, :due_on::date, :caller.id
  FROM jsonb_array_elements(:checks::jsonb) AS n
-- rpc RecordCheckResults load checks
SELECT id, person_ids::text[] AS person_ids, sources, state FROM economic_check
 WHERE tenant = :caller.tenant AND id = ANY(:results.check_id::uuid[]) AND division = ANY(:caller.divisions)
 ORDER BY id FOR UPDATE
-- rpc RecordCheckResults load has
SELECT r.check_id, r.person_id, r.source FROM check_result r
  JOIN economic_check k ON k.tenant = r.tenant AND k.id = r.check_id
 WHERE k.tenant = :caller.tenant AND k.id = ANY(:results.check_id::uuid[]) AND k.division = ANY(:caller.divisions)
-- rpc RecordCheckResults store
INSERT INTO check_result (tenant, check_id, person_id, source, outcome, found_fen, finding, recorded_on, recorded_by)
SELECT :caller.tenant, n.check_id, n.person_id, n.source, n.outcome, n.found_fen, n.finding, :today, :caller.id
  FROM unnest(:results.check_id::uuid[], :results.person_id::uuid[], :results.source::text[], :results.outcome::text[],
	:results.found_fen::int8[], :results.finding::bytea[]) AS n(check_id, person_id, source, outcome, found_fen, finding)
-- rpc RecordCheckResults store expect cardinality(:done::uuid[])
UPDATE economic_check SET state = 'DONE', done_on = :today WHERE tenant = :caller.tenant AND id = ANY(:done::uuid[])
-- rpc GetCheck reply
SELECT id, state, purpose, division, household_id, application_id, award_id, person_ids::text[] AS person_ids, sources, legal_basis,
       consent, opened_on, due_on, done_on
  FROM economic_check
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc GetCheck reply results
SELECT r.check_id, r.person_id, r.source, r.outcome, r.found_fen, r.finding, r.recorded_on
  FROM check_result r
  JOIN economic_check k ON k.tenant = r.tenant AND k.id = r.check_id
 WHERE k.tenant = :caller.tenant AND k.id = :id::uuid AND k.division = ANY(:caller.divisions)
 ORDER BY r.person_id, r.source
-- rpc ListChecks reply checks
SELECT id, state, purpose, division, household_id, application_id, award_id, person_ids::text[] AS person_ids, sources, legal_basis,
       consent, opened_on, due_on, done_on
  FROM economic_check
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (:state::text = 'STATE_UNSPECIFIED' OR state = :state)
   AND (:purpose::text = 'PURPOSE_UNSPECIFIED' OR purpose = :purpose)
   AND (:after.id::uuid IS NULL OR (due_on, id) > (:after.due_on, :after.id))
 ORDER BY due_on, id LIMIT :page.limit

-- == temporary aid, rescue, leads =====================================================================================

-- rpc GetTempAid reply
SELECT id, award_id, application_id, emergency_id, person_id, division, aid_type, fast, channel, cause, amount_fen, happened_on, granted_on, taken_over
  FROM temp_aid WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions)
-- rpc ListTempAids reply temp_aids
SELECT id, award_id, application_id, emergency_id, person_id, division, aid_type, fast, channel, cause, amount_fen, happened_on, granted_on, taken_over
  FROM temp_aid
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (:person_id::uuid IS NULL OR person_id = :person_id) AND (:emergency_id::uuid IS NULL OR emergency_id = :emergency_id)
   AND (:after.id::uuid IS NULL OR (granted_on, id) < (:after.granted_on, :after.id))
 ORDER BY granted_on DESC, id DESC LIMIT :page.limit

-- rpc GrantFastAid load alone
-- of no division: grants to one person wait for each other, so that the sum below sees all of them
SELECT true FROM (SELECT pg_advisory_xact_lock(:caller.tenant, hashtext(:person_id::text))) AS locked
-- rpc GrantFastAid load given_fen
-- of no division: the limit of an event is one, wherever the person asks
SELECT coalesce(sum(amount_fen), 0)::int8 FROM temp_aid
 WHERE tenant = :caller.tenant AND person_id = :person_id::uuid AND fast
   AND (happened_on = :happened_on::date OR emergency_id = :emergency_id::uuid)
-- rpc CreateFacility store expect 1
INSERT INTO facility (tenant, id, kind, name, division, opened_on, operator_uscc)
VALUES (:caller.tenant, :reply.id, :reply.kind, :reply.name, :reply.division, :reply.opened_on, :reply.operator_uscc)
-- rpc CloseFacility load facility
SELECT id, kind, name, division, opened_on, closed_on, operator_uscc FROM facility WHERE tenant = :caller.tenant AND id = :id::uuid FOR UPDATE
-- rpc CloseFacility store expect 1
UPDATE facility SET closed_on = :reply.closed_on WHERE tenant = :caller.tenant AND id = :reply.id
-- rpc ListFacilities reply facilities
SELECT id, kind, name, division, opened_on, closed_on, operator_uscc FROM facility
 WHERE tenant = :caller.tenant AND (:kind::text = 'KIND_UNSPECIFIED' OR kind = :kind)
   AND (:after.id::uuid IS NULL OR id > :after.id)
 ORDER BY id LIMIT :page.limit

-- rpc RecordDeparture load rescue
-- rpc RecordFollowUp load rescue
-- rpc IdentifyGuest load rescue
SELECT r.id, r.version, r.person_id, r.facility_id, r.operation, r.sex, r.received_by_woman, r.help, r.admitted_on, r.left_on, r.departure,
       r.destination, (SELECT count(*)::int4 FROM rescue_visit v WHERE v.tenant = r.tenant AND v.rescue_id = r.id) AS follow_ups
  FROM rescue r WHERE r.tenant = :caller.tenant AND r.id = :id::uuid FOR UPDATE
-- rpc AdmitGuest store expect 1
INSERT INTO rescue (tenant, id, person_id, facility_id, operation, sex, received_by_woman, help, admitted_on, recorded_by)
VALUES (:caller.tenant, :reply.id, :reply.person_id, :reply.facility_id, :reply.operation, :reply.sex, :reply.received_by_woman,
	:reply.help, :reply.admitted_on, :caller.id)
-- rpc RecordDeparture store expect 1
-- rpc RecordFollowUp store expect 1
-- rpc IdentifyGuest store expect 1
UPDATE rescue SET version = version + 1, person_id = :reply.person_id, left_on = :reply.left_on, departure = :reply.departure,
       destination = :reply.destination
 WHERE tenant = :caller.tenant AND id = :reply.id AND version = :reply.version::int4 - 1
-- rpc RecordFollowUp store expect 1
INSERT INTO rescue_visit (tenant, rescue_id, number, visited_on, findings, recorded_by)
VALUES (:caller.tenant, :reply.id, :reply.follow_ups, :visited_on, :findings, :caller.id)
-- rpc ListRescues reply rescues
SELECT r.id, r.version, r.person_id, r.facility_id, r.operation, r.sex, r.received_by_woman, r.help, r.admitted_on, r.left_on, r.departure,
       r.destination, (SELECT count(*)::int4 FROM rescue_visit v WHERE v.tenant = r.tenant AND v.rescue_id = r.id) AS follow_ups,
       CASE WHEN r.left_on IS NOT NULL THEN 'NONE'
            WHEN r.person_id IS NULL AND :today > r.admitted_on + make_interval(months => p.rescue_unidentified_months) THEN 'SETTLE'
            WHEN :today > r.admitted_on + p.rescue_days THEN 'REPORT_STAY' ELSE 'NONE' END AS duty
  FROM rescue r CROSS JOIN policy_on(:caller.tenant, :today, :now) AS p
 WHERE r.tenant = :caller.tenant AND (NOT :staying OR r.left_on IS NULL)
   AND (:after.id::uuid IS NULL OR (r.admitted_on, r.id) < (:after.admitted_on, :after.id))
 ORDER BY r.admitted_on DESC, r.id DESC LIMIT :page.limit

-- rpc ReportLead store expect 1
INSERT INTO lead (tenant, id, state, division, person_id, household_id, source, text, reported_on, due_on, reported_by)
VALUES (:caller.tenant, :reply.id, :reply.state, :reply.division, :reply.person_id, :reply.household_id, :reply.source, :reply.text,
	:today, :reply.due_on, :caller.id)
-- rpc ResolveLead load lead
SELECT id, version, state, division, person_id, household_id, source, text, reported_on, due_on, outcome, application_id, resolved_on
  FROM lead WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) FOR UPDATE
-- rpc ResolveLead store expect 1
UPDATE lead SET version = version + 1, state = :reply.state, outcome = :reply.outcome, application_id = :reply.application_id,
       resolved_on = :today
 WHERE tenant = :caller.tenant AND id = :reply.id AND version = :reply.version::int4 - 1
-- rpc ListLeads reply leads
SELECT id, version, state, division, person_id, household_id, source, text, reported_on, due_on, outcome, application_id, resolved_on
  FROM lead
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (:state::text = 'STATE_UNSPECIFIED' OR state = :state)
   AND (:after.id::uuid IS NULL OR (due_on, id) > (:after.due_on, :after.id))
 ORDER BY due_on, id LIMIT :page.limit

-- == insurance, care ==================================================================================================

-- rpc StreamEligible reply
SELECT DISTINCT ON (s.person_id) s.person_id, w.programme, w.id AS award_id
  FROM award w
  JOIN current_content p ON p.tenant = w.tenant AND p.award_id = w.id AND :as_of::date <@ p.valid
  JOIN award_share s ON s.tenant = w.tenant AND s.award_id = w.id AND s.version = p.version
 WHERE w.tenant = :caller.tenant AND w.programme IN ('DIBAO', 'TEKUN', 'EDGE') ORDER BY s.person_id, w.programme
-- rpc EnrolPersons load eligible
SELECT DISTINCT ON (s.person_id) s.person_id, w.programme, w.id AS award_id
  FROM award w
  JOIN current_content p ON p.tenant = w.tenant AND p.award_id = w.id AND :snapshot_on::date <@ p.valid
  JOIN award_share s ON s.tenant = w.tenant AND s.award_id = w.id AND s.version = p.version
 WHERE w.tenant = :caller.tenant AND w.programme IN ('DIBAO', 'TEKUN', 'EDGE') AND s.person_id = ANY(:person_ids::uuid[])
 ORDER BY s.person_id, w.programme
-- rpc EnrolPersons load enrolled
SELECT person_id::text FROM enrolment
 WHERE tenant = :caller.tenant AND policy_year = :policy_year AND person_id = ANY(:person_ids::uuid[])
-- rpc EnrolPersons store
INSERT INTO enrolment (tenant, policy_year, person_id, snapshot_on, programme, recorded_at)
SELECT :caller.tenant, :policy_year, n.person_id, :snapshot_on, n.programme, :now
  FROM unnest(:rows.person_id::uuid[], :rows.programme::text[]) AS n(person_id, programme)
-- rpc RecordClaims load existing
SELECT id::text FROM insurance_claim WHERE tenant = :caller.tenant AND id = ANY(:claims.id::uuid[])
-- rpc RecordClaims load enrolled
SELECT person_id, policy_year FROM enrolment WHERE tenant = :caller.tenant AND person_id = ANY(:claims.person_id::uuid[])
-- rpc RecordClaims store
INSERT INTO insurance_claim (tenant, id, person_id, policy_year, paid_on, amount_fen)
SELECT :caller.tenant, n.id, n.person_id, n.policy_year, n.paid_on, n.amount_fen
  FROM unnest(:rows.id::uuid[], :rows.person_id::uuid[], :rows.policy_year::int4[], :rows.paid_on::date[], :rows.amount_fen::int8[])
       AS n(id, person_id, policy_year, paid_on, amount_fen)
-- rpc ListEnrolments reply enrolments
SELECT person_id, policy_year, snapshot_on, programme FROM enrolment
 WHERE tenant = :caller.tenant AND (:policy_year::int4 = 0 OR policy_year = :policy_year)
   AND (:person_id::uuid IS NULL OR person_id = :person_id)
   AND (:after.person_id::uuid IS NULL OR (person_id, policy_year) > (:after.person_id, :after.policy_year))
 ORDER BY person_id, policy_year LIMIT :page.limit
-- rpc SignCareAgreements load existing
SELECT id::text FROM care_agreement
 WHERE tenant = :caller.tenant AND id = ANY(:agreements.id::uuid[]) AND cardinality(:caller.divisions::int8[]) >= 0
-- rpc SignCareAgreements load dispersed
SELECT w.applicant_person_id::text FROM award w
 WHERE w.tenant = :caller.tenant AND w.programme = 'TEKUN' AND w.care_mode = 'DISPERSED' AND w.state NOT IN ('STOPPED', 'ARCHIVED')
   AND w.applicant_person_id = ANY(:agreements.person_id::uuid[]) AND w.division = ANY(:caller.divisions)
-- rpc SignCareAgreements store
INSERT INTO care_agreement (tenant, id, person_id, division, carer, starts_on, ends_on)
SELECT :caller.tenant, n.id, n.person_id, n.division, n.carer, n.starts_on, n.ends_on
  FROM unnest(:rows.id::uuid[], :rows.person_id::uuid[], :rows.division::int8[], :rows.carer::text[], :rows.starts_on::date[],
	:rows.ends_on::date[]) AS n(id, person_id, division, carer, starts_on, ends_on)
-- rpc EndCareAgreement load agreement
SELECT id, person_id, division, carer, starts_on, ends_on FROM care_agreement
 WHERE tenant = :caller.tenant AND id = :id::uuid AND division = ANY(:caller.divisions) FOR UPDATE
-- rpc EndCareAgreement store expect 1
UPDATE care_agreement SET ends_on = :reply.ends_on WHERE tenant = :caller.tenant AND id = :reply.id
-- rpc ListCareAgreements reply agreements
SELECT id, person_id, division, carer, starts_on, ends_on FROM care_agreement
 WHERE tenant = :caller.tenant AND division = ANY(:caller.divisions)
   AND (NOT :running OR ends_on IS NULL OR ends_on >= :today::date)
   AND (:person_id::uuid IS NULL OR person_id = :person_id)
   AND (:after.id::uuid IS NULL OR id > :after.id)
 ORDER BY id LIMIT :page.limit

-- == batches ==========================================================================================================

-- rpc CreateGrantBatch store expect 1
INSERT INTO grant_batch (tenant, id, state, programme, title, basis, month, created_by)
VALUES (:caller.tenant, :reply.id, :reply.state, :reply.programme, :reply.title, :reply.basis, :month_on, :caller.id)
-- rpc AddGrants load batch
SELECT id, version, state, programme FROM grant_batch WHERE tenant = :caller.tenant AND id = :batch_id::uuid FOR UPDATE
-- rpc AddGrants load existing
SELECT person_id::text FROM grant_item
 WHERE tenant = :caller.tenant AND batch_id = :batch_id::uuid AND person_id = ANY(:items.person_id::uuid[])
-- rpc AddGrants store
INSERT INTO grant_item (tenant, batch_id, person_id, division, amount_fen, payee_person_id, account_id, category)
SELECT :caller.tenant, :batch_id::uuid, n.person_id, n.division, n.amount_fen, n.payee_person_id, n.account_id, n.category
  FROM unnest(:items.person_id::uuid[], :items.division::int8[], :items.amount_fen::int8[], :items.payee_person_id::uuid[],
	:items.account_id::uuid[], :items.category::text[])
       AS n(person_id, division, amount_fen, payee_person_id, account_id, category)
-- rpc ApproveGrantBatch load alone
-- Grants that are just being added are waited for, so that the sums below see all of them.
SELECT true FROM grant_batch WHERE tenant = :caller.tenant AND id = :id::uuid FOR UPDATE
-- rpc ApproveGrantBatch load batch
SELECT b.id, b.version, b.state, b.programme, b.title, b.basis, to_char(b.month, 'YYYY-MM') AS month,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS grants,
       (SELECT coalesce(sum(amount_fen), 0)::int8 FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS amount_fen,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id AND i.award_id IS NOT NULL) AS released,
       b.created_by, b.approved_by
  FROM grant_batch b WHERE b.tenant = :caller.tenant AND b.id = :id::uuid FOR UPDATE
-- rpc ApproveGrantBatch store expect 1
UPDATE grant_batch SET version = version + 1, state = :reply.state, approved_by = :caller.id
 WHERE tenant = :caller.tenant AND id = :reply.id AND version = :version
-- rpc GetGrantBatch reply
SELECT b.id, b.version, b.state, b.programme, b.title, b.basis, to_char(b.month, 'YYYY-MM') AS month,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS grants,
       (SELECT coalesce(sum(amount_fen), 0)::int8 FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS amount_fen,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id AND i.award_id IS NOT NULL) AS released,
       b.created_by, b.approved_by
  FROM grant_batch b WHERE b.tenant = :caller.tenant AND b.id = :id::uuid
-- rpc ListGrantBatches reply batches
SELECT b.id, b.version, b.state, b.programme, b.title, b.basis, to_char(b.month, 'YYYY-MM') AS month,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS grants,
       (SELECT coalesce(sum(amount_fen), 0)::int8 FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id) AS amount_fen,
       (SELECT count(*) FROM grant_item i WHERE i.tenant = b.tenant AND i.batch_id = b.id AND i.award_id IS NOT NULL) AS released,
       b.created_by, b.approved_by
  FROM grant_batch b WHERE b.tenant = :caller.tenant AND (:after.id::uuid IS NULL OR b.id > :after.id)
 ORDER BY b.id LIMIT :page.limit
-- rpc ReleaseGrants load batch
SELECT id, version, state, programme, title, basis, to_char(month, 'YYYY-MM') AS month, created_by, approved_by
  FROM grant_batch WHERE tenant = :caller.tenant AND state = 'APPROVED' ORDER BY id LIMIT 1 FOR UPDATE
-- rpc ReleaseGrants load items
SELECT person_id, division, amount_fen, payee_person_id, account_id, category FROM grant_item
 WHERE tenant = :caller.tenant AND award_id IS NULL
   AND batch_id = (SELECT id FROM grant_batch WHERE tenant = :caller.tenant AND state = 'APPROVED' ORDER BY id LIMIT 1)
 ORDER BY person_id LIMIT 500 FOR UPDATE
-- rpc ReleaseGrants store expect cardinality(:writes.heads.id::uuid[])
UPDATE grant_item i SET award_id = n.award_id
  FROM unnest(:writes.heads.id::uuid[], :writes.heads.applicant_person_id::uuid[]) AS n(award_id, person_id)
 WHERE i.tenant = :caller.tenant AND i.batch_id = :batch.id::uuid AND i.person_id = n.person_id AND i.award_id IS NULL
-- rpc ReleaseGrants store
UPDATE grant_batch SET state = 'RELEASED', version = version + 1
 WHERE tenant = :caller.tenant AND id = :batch.id::uuid AND :finished

-- == imports ==========================================================================================================

-- rpc ImportAwards load existing
SELECT id::text FROM award WHERE tenant = :caller.tenant AND id = ANY(:rows.award_id::uuid[])
-- rpc ImportAwards load claimed
-- Of the persons of these files, those who hold a place somewhere in the country.
SELECT person_id::text FROM (
	SELECT person_id, award_id FROM dibao_household_claim UNION ALL SELECT person_id, award_id FROM tekun_claim) AS c
 WHERE person_id IN (SELECT (m->>'person_id')::uuid
                       FROM jsonb_array_elements(:rows::jsonb) AS r, jsonb_array_elements(r->'file'->'members') AS m)
   AND NOT award_id = ANY(:rows.award_id::uuid[])
   AND :caller.tenant::int2 IS NOT NULL
-- rpc ImportTempAids load existing
SELECT id::text FROM temp_aid WHERE tenant = :caller.tenant AND id = ANY(:rows.id::uuid[])
-- rpc ImportTempAids store
INSERT INTO temp_aid (tenant, id, person_id, division, aid_type, channel, cause, amount_fen, granted_on, taken_over)
SELECT :caller.tenant, n.id, n.person_id, n.division, n.aid_type, n.channel, n.cause, n.amount_fen, n.granted_on, true
  FROM unnest(:temp_aids.id::uuid[], :temp_aids.person_id::uuid[], :temp_aids.division::int8[], :temp_aids.aid_type::text[],
	:temp_aids.channel::text[], :temp_aids.cause::bytea[], :temp_aids.amount_fen::int8[], :temp_aids.granted_on::date[])
       AS n(id, person_id, division, aid_type, channel, cause, amount_fen, granted_on)
-- rpc ImportTags load existing
SELECT person_id::text || ' ' || tag FROM person_tag
 WHERE tenant = :caller.tenant AND person_id = ANY(:rows.person_id::uuid[])
-- rpc ImportTags store
INSERT INTO person_tag (tenant, person_id, tag, starts_on, ends_on)
SELECT :caller.tenant, n.person_id, n.tag, n.starts_on, n.ends_on
  FROM unnest(:rows.person_id::uuid[], :rows.tag::text[], :rows.starts_on::date[], :rows.ends_on::date[])
       AS n(person_id, tag, starts_on, ends_on)

-- == work lists =======================================================================================================

-- rpc ListWork reply items
WITH work AS (
	SELECT id, 'SUBMITTED' AS kind, CASE state WHEN 'SUPPLEMENT' THEN '待申请人补正材料' ELSE '待受理的申请' END AS title, division, submitted_on + 3 AS due_on, maker
	  FROM application WHERE tenant = :caller.tenant AND state IN ('SUBMITTED', 'SUPPLEMENT')
	UNION ALL
	SELECT id, 'NOTICE', '公示期满待确认', division, notice_ends_on + 1, maker
	  FROM application WHERE tenant = :caller.tenant AND state = 'PUBLICISED'
	UNION ALL
	SELECT id, 'DECISION', CASE state WHEN 'ACCEPTED' THEN '待发起经济状况核对' WHEN 'CHECKING' THEN '待核对完成、入户调查'
	           WHEN 'SURVEY' THEN '待初审或民主评议' WHEN 'DEMOCRATIC_REVIEW' THEN '待初审' WHEN 'FIRST_OPINION' THEN '待公示'
	           WHEN 'OBJECTION' THEN '有异议，待核实' WHEN 'RECHECK' THEN '复核后待再次公示' ELSE '区县复查中，待确认' END,
	       division, due_on, maker
	  FROM application WHERE tenant = :caller.tenant
	   AND state IN ('ACCEPTED', 'CHECKING', 'SURVEY', 'DEMOCRATIC_REVIEW', 'FIRST_OPINION', 'OBJECTION', 'RECHECK', 'COUNTY_REVIEW')
	UNION ALL
	SELECT id, 'CHECK', '家庭经济状况核对', division, due_on, opened_by FROM economic_check WHERE tenant = :caller.tenant AND state = 'OPEN'
	UNION ALL
	SELECT id, 'RECHECK', '定期复核：' || CASE programme WHEN 'DIBAO' THEN '最低生活保障' WHEN 'TEKUN' THEN '特困人员救助供养'
	           WHEN 'EDGE' THEN '低保边缘家庭' WHEN 'RIGID' THEN '刚性支出困难家庭' ELSE '其他救助' END,
	       division, next_recheck_on, NULL FROM award
	 WHERE tenant = :caller.tenant AND state = 'PAYING' AND next_recheck_on <= :today::date + 7
	UNION ALL
	SELECT id, 'CHANGE', text, division, due_on, proposed_by FROM award_change WHERE tenant = :caller.tenant AND state IN ('PROPOSED', 'HEARD')
	UNION ALL
	SELECT id, 'LEAD', '主动发现线索', division, due_on, reported_by FROM lead WHERE tenant = :caller.tenant AND state = 'OPEN'
)
SELECT w.id, w.kind, w.title, w.division, w.due_on, w.due_on - :today::date AS days_left, w.maker,
       coalesce(t.name, '') || coalesce(v.name, '') AS place
  FROM work w
  LEFT JOIN registry.api_division v ON v.tenant = :caller.tenant AND v.division_id = w.division AND :today::date <@ v.valid
       AND :now::timestamptz <@ v.known
  LEFT JOIN registry.api_division t ON t.tenant = v.tenant AND t.division_id = v.parent_id AND t.level = 'TOWNSHIP'
       AND :today::date <@ t.valid AND :now::timestamptz <@ t.known
 WHERE w.division = ANY(:caller.divisions) AND w.due_on IS NOT NULL
   AND CASE :scope::text WHEN 'DUE_TODAY' THEN due_on = :today::date WHEN 'OVERDUE' THEN due_on < :today::date
            WHEN 'MINE' THEN maker IN (SELECT acts_as FROM identity.api_acting WHERE tenant = :caller.tenant AND account_id = :caller.id) ELSE true END
   AND (:after.id::uuid IS NULL OR (w.due_on, w.id) > (:after.due_on, :after.id))
 ORDER BY w.due_on, w.id LIMIT :page.limit
-- rpc StreamPublicList reply
SELECT w.division,
       CASE WHEN b.born_on + interval '18 years' > :today::date THEN left(b.name, 1) || repeat('*', char_length(b.name) - 1)
            ELSE b.name END AS name,
       (SELECT count(*)::int4 FROM award_share s WHERE s.tenant = w.tenant AND s.award_id = w.id AND s.version = p.version) AS members,
       k.amount_fen, w.programme
  FROM award w
  JOIN current_content p ON p.tenant = w.tenant AND p.award_id = w.id AND :today::date <@ p.valid
  JOIN award_content k ON k.tenant = w.tenant AND k.award_id = w.id AND k.version = p.version AND k.amount_fen > 0
  JOIN registry.api_person b ON b.tenant = w.tenant AND b.person_id = w.applicant_person_id
 WHERE w.tenant = :caller.tenant AND w.division = ANY(:caller.divisions) AND w.programme IN ('DIBAO', 'TEKUN')
   AND (:division::int8 = 0 OR w.division = :division)
 ORDER BY w.division, w.id
