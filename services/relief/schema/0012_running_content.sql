-- SPDX-License-Identifier: Apache-2.0
-- The contents that count, as changes of awards want them; and awards put right that a change had left behind.
-- migrate:up
-- What counts and will count, as known now: the contents that a change of an award starts from. A column costs when it is asked for.
CREATE VIEW running_content AS
	SELECT p.tenant, p.award_id, p.version, p.valid, lower(p.valid) AS from_on, (upper(p.valid) - interval '1 month')::date AS until_on,
	       k.amount_fen, k.income_per_capita_fen, k.payee_person_id, k.account_id, k.care_grade, k.rate, k.reason, k.file, k.trace,
	       (SELECT max(x.version) FROM award_content x WHERE x.tenant = p.tenant AND x.award_id = p.award_id) AS newest,
	       coalesce((SELECT jsonb_agg(jsonb_build_object('person_id', s.person_id, 'amount_fen', s.amount_fen::text,
	                        'increment_fen', s.increment_fen::text) ORDER BY s.person_id)
	                   FROM award_share s WHERE s.tenant = p.tenant AND s.award_id = p.award_id AND s.version = p.version),
	                '[]') AS shares
	  FROM award_period p
	  JOIN award_content k ON k.tenant = p.tenant AND k.award_id = p.award_id AND k.version = p.version
	 WHERE upper_inf(p.known);

-- A change that was approved after another one of its award had been dismissed left the award's own version and state as they
-- were: the next change could not be stored.
UPDATE award w
   SET version = k.version, state = CASE WHEN k.reason IN ('STOPPED', 'DEATH') AND k.file IS NULL THEN 'STOPPED' ELSE w.state END
  FROM (SELECT DISTINCT ON (tenant, award_id) * FROM award_content ORDER BY tenant, award_id, version DESC) k
 WHERE k.tenant = w.tenant AND k.award_id = w.id AND w.version < k.version;
-- migrate:down
DROP VIEW running_content;
