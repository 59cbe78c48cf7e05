-- SPDX-License-Identifier: Apache-2.0
-- The figures of 2024 once more, without services/*/indicators.sql and without the services: sums over the tables. Who is
-- covered comes from the entitlement ledger, what was granted from the applications, what was checked from the results of the
-- lists, what was applied for from the journal; so a figure and its sum have little in common but the truth.
-- Columns: id, value, numerator, denominator.
WITH paid AS (
    SELECT p.programme, p.amount_fen
      FROM payment.payment p, payment.payment_result r
     WHERE r.tenant = p.tenant AND r.payment_id = p.id AND r.outcome = 'SETTLED' AND extract(year FROM r.booked_on) = 2024
), december AS (
    SELECT e.programme, e.award_id, u.person_id
      FROM payment.entitlement e, unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
     WHERE e.month = '2024-12-01'
     GROUP BY e.programme, e.award_id, u.person_id HAVING sum(u.fen) > 0
), edge AS (
    -- Recognised without money, so in no ledger: the newest version of the month, and the persons in it.
    SELECT newest.month, newest.award_id, s.person_id
      FROM (SELECT DISTINCT ON (m.month, k.award_id) m.month, k.award_id, k.version
              FROM (VALUES (date '2023-12-01'), (date '2024-12-01')) AS m(month), relief.award w, relief.award_content k
             WHERE w.programme = 'EDGE' AND k.award_id = w.id AND m.month BETWEEN k.from_month AND coalesce(k.to_month, 'infinity')
             ORDER BY m.month, k.award_id, k.version DESC) AS newest,
           relief.award_share s
     WHERE s.award_id = newest.award_id AND s.version = newest.version
), grants AS (
    SELECT extract(year FROM decided_on) AS year, amount_fen FROM relief.application WHERE kind = 'TEMPORARY' AND state = 'CONFIRMED'
     UNION ALL
    SELECT extract(year FROM granted_on), amount_fen FROM relief.temp_aid WHERE taken_over
), by_year AS (
    SELECT count(*) FILTER (WHERE year = 2024) AS n, sum(amount_fen) FILTER (WHERE year = 2024) AS fen,
           count(*) FILTER (WHERE year = 2023) AS n_before, sum(amount_fen) FILTER (WHERE year = 2023) AS fen_before FROM grants
), applied AS (
    SELECT a.channel, (array_agg(s.state ORDER BY s.version DESC))[1] AS now
      FROM relief.application_step s, relief.application a
     WHERE a.id = s.application_id
     GROUP BY a.id, a.channel HAVING extract(year FROM min(s.acted_on) FILTER (WHERE s.state = 'SUBMITTED')) = 2024
), checked AS (
    SELECT DISTINCT check_id, person_id FROM relief.check_result WHERE extract(year FROM recorded_on) = 2024
), value(id, value) AS (
    SELECT '11.amount_fen', sum(amount_fen) FROM paid
    UNION ALL SELECT '13.amount_fen', sum(amount_fen) FROM paid WHERE programme = 'ONE_OFF'
    UNION ALL SELECT '15.amount_fen', sum(amount_fen) FROM paid WHERE programme = 'DIBAO'
    UNION ALL SELECT '16.amount_fen', sum(amount_fen) FROM paid WHERE programme = 'TEKUN'
    UNION ALL SELECT '18.amount_fen', sum(amount_fen) FROM paid WHERE programme = 'TEMP_AID'
    UNION ALL SELECT '19.amount_fen', sum(amount_fen) FROM paid WHERE programme = 'JINGJIAN'
    UNION ALL SELECT '12.benefits', count(DISTINCT (d.programme, d.person_id)) FROM december d, payment.programme p
                                                                             WHERE p.code = d.programme AND p.recurring
    UNION ALL SELECT '12.persons', count(DISTINCT d.person_id) FROM december d, payment.programme p
                                                             WHERE p.code = d.programme AND p.recurring
    UNION ALL SELECT '13.month', max(extract(month FROM month)) FROM payment.entitlement WHERE programme = 'ONE_OFF'
    UNION ALL SELECT '14.household_times', count(DISTINCT check_id) FROM checked
    UNION ALL SELECT '14.person_times', count(*) FROM checked
    UNION ALL SELECT '14.leads', count(*) FROM relief.lead WHERE extract(year FROM resolved_on) = 2024
    UNION ALL SELECT '15.households', count(DISTINCT award_id) FROM december WHERE programme = 'DIBAO'
    UNION ALL SELECT '15.persons', count(DISTINCT person_id) FROM december WHERE programme = 'DIBAO'
    UNION ALL SELECT '16.persons', count(DISTINCT person_id) FROM december WHERE programme = 'TEKUN'
    UNION ALL SELECT '17.households', count(DISTINCT award_id) FROM edge WHERE month = '2024-12-01'
    UNION ALL SELECT '17.persons', count(DISTINCT person_id) FROM edge WHERE month = '2024-12-01'
    UNION ALL SELECT '18.grants', n FROM by_year
    UNION ALL SELECT '18.granted_fen', fen FROM by_year
    UNION ALL SELECT '18.grants_last_year', n_before FROM by_year
    UNION ALL SELECT '18.grown', (n > n_before)::int + (fen * n_before > fen_before * n)::int FROM by_year
    UNION ALL SELECT '19.persons', count(DISTINCT person_id) FROM december WHERE programme = 'JINGJIAN'
    UNION ALL SELECT '20.persons', count(DISTINCT d.person_id) FROM december d, relief.person_tag t
                                   WHERE d.programme IN ('DIBAO', 'TEKUN') AND t.person_id = d.person_id
                                     AND '2024-12-31' BETWEEN t.starts_on AND coalesce(t.ends_on, 'infinity')
    UNION ALL SELECT '21.enrolled', count(*) FROM relief.enrolment WHERE policy_year = 2024
    UNION ALL SELECT '21.claims', count(*) FROM relief.insurance_claim WHERE extract(year FROM paid_on) = 2024
    UNION ALL SELECT '21.claims_fen', sum(amount_fen) FROM relief.insurance_claim WHERE extract(year FROM paid_on) = 2024
    UNION ALL SELECT '22.alliances', count(*) FROM relief.facility WHERE kind = 'ALLIANCE' AND opened_on < '2025-01-01' AND closed_on IS NULL
    UNION ALL SELECT '23.persons', count(DISTINCT person_id) FROM relief.care_agreement
                                   WHERE daterange(starts_on, ends_on, '[]') @> date '2024-12-31'
    UNION ALL SELECT '24.applications', count(*) FROM applied
    UNION ALL SELECT '24.online', count(*) FROM applied WHERE channel = 'ONLINE'
    UNION ALL SELECT '24.handled', count(*) FROM applied WHERE channel = 'ONLINE' AND now IN ('CONFIRMED', 'REFUSED', 'WITHDRAWN')
    UNION ALL SELECT '25.points', count(*) FROM relief.facility WHERE kind = 'RESCUE_POINT' AND opened_on < '2025-01-01' AND closed_on IS NULL
    UNION ALL SELECT '26.person_times', count(*) FROM relief.rescue WHERE extract(year FROM admitted_on) = 2024
    UNION ALL SELECT '26.escorted', count(*) FROM relief.rescue WHERE departure = 'ESCORTED' AND extract(year FROM left_on) = 2024
    UNION ALL SELECT '26.visits', count(*) FROM relief.rescue_visit WHERE extract(year FROM visited_on) = 2024
), rate(id, numerator, denominator) AS (
    SELECT '17.share', (SELECT value FROM value WHERE id = '17.persons'), (SELECT value FROM value WHERE id = '15.persons')
    UNION ALL SELECT '17.growth', count(DISTINCT person_id) FILTER (WHERE month > '2024-01-01')
                                  - count(DISTINCT person_id) FILTER (WHERE month < '2024-01-01'),
                     count(DISTINCT person_id) FILTER (WHERE month < '2024-01-01') FROM edge
    UNION ALL SELECT '18.average', fen, n FROM by_year
    UNION ALL SELECT '18.average_last_year', fen_before, n_before FROM by_year
    UNION ALL SELECT '24.rate', count(*) FILTER (WHERE channel = 'ONLINE'), count(*) FROM applied
    UNION ALL SELECT '24.handled_rate', count(*) FILTER (WHERE now IN ('CONFIRMED', 'REFUSED', 'WITHDRAWN')), count(*)
                FROM applied WHERE channel = 'ONLINE'
)
SELECT id, value::int8, NULL::int8 AS numerator, NULL::int8 AS denominator FROM value
UNION ALL SELECT id, NULL, numerator::int8, denominator::int8 FROM rate ORDER BY id;
