-- SPDX-License-Identifier: Apache-2.0
-- What must hold between the two ledgers (PAY-01). Each row that comes out is a fault.
SELECT 'an entitlement is not the sum of its shares: ' || id
  FROM payment.entitlement WHERE amount_fen <> (SELECT coalesce(sum(fen), 0) FROM unnest(share_fen) AS fen)
UNION ALL
SELECT programme || ': entitled ' || entitled || ', instructed ' || instructed || ', to be recovered ' || recovered
  FROM (SELECT programme, sum(amount_fen) AS entitled FROM payment.entitlement GROUP BY programme) AS e
  FULL JOIN (SELECT p.programme, sum(p.amount_fen) AS instructed
               FROM payment.payment p JOIN payment.payment_run r ON r.id = p.run_id AND r.state <> 'CANCELLED'
              WHERE p.kind = 'REGULAR' GROUP BY p.programme) AS i USING (programme)
 CROSS JOIN LATERAL (SELECT coalesce(sum(c.amount_fen), 0) AS recovered FROM payment.recovery_case c
                      WHERE c.programme = e.programme AND c.state <> 'CANCELLED') AS c
 WHERE coalesce(entitled, 0) <> coalesce(instructed, 0) - recovered
UNION ALL
SELECT 'booked with another amount than instructed: ' || p.instruction_no
  FROM payment.payment p JOIN payment.payment_result r ON r.payment_id = p.id WHERE r.amount_fen <> p.amount_fen
UNION ALL
SELECT 'paid twice: ' || p.instruction_no
  FROM payment.payment p JOIN payment.payment_result r ON r.payment_id = p.id AND r.outcome = 'SETTLED'
  JOIN payment.payment again ON again.repays_id = p.id
UNION ALL
SELECT 'of two dibao households in ' || to_char(month, 'YYYY-MM') || ': ' || person_id
  FROM (SELECT e.month, u.person_id, e.award_id FROM payment.entitlement e, unnest(e.person_ids, e.share_fen) AS u(person_id, fen)
         WHERE e.programme = 'DIBAO' GROUP BY e.month, u.person_id, e.award_id HAVING sum(u.fen) > 0) AS drawn
 GROUP BY month, person_id HAVING count(*) > 1;
