-- SPDX-License-Identifier: Apache-2.0
-- The law of a day, as known at an instant: registry's dated amounts and parameters as one row (ReliefPolicy).
-- migrate:up
CREATE FUNCTION policy_on(for_tenant smallint, day date, at timestamptz)
RETURNS TABLE (
	"on" date, dibao_urban_fen bigint, dibao_rural_fen bigint, tekun_fen bigint,
	care_self_fen bigint, care_half_fen bigint, care_full_fen bigint,
	increment_disabled_fen bigint, increment_illness_fen bigint, increment_elder_fen bigint, increment_child_fen bigint,
	edge_permille integer, disposable_urban_fen bigint, disposable_rural_fen bigint, rigid_permille integer,
	deposit_months integer, edge_deposit_months integer, max_vehicles integer, max_houses integer,
	first_month text, check_workdays integer, notice_days integer, renotice_days integer,
	total_days integer, total_workdays integer, total_special_workdays integer, refusal_workdays integer,
	clergy_years integer, gradual_exit_months integer, gradual_exit_permille integer,
	temp_township_limit_fen bigint, temp_max_fen bigint, temp_max_per_year integer,
	fast_aid boolean, fast_aid_days integer, hearing_required boolean, penalty_max_permille integer,
	class_a_months integer, class_b_months integer, class_c_urban_months integer, class_c_rural_months integer,
	rescue_days integer, rescue_unidentified_months integer, standard_since date)
LANGUAGE sql STABLE AS $$
	WITH a AS MATERIALIZED (
		SELECT kind, amount_fen, lower(valid) AS since FROM registry.api_policy_amount_known
		 WHERE tenant = for_tenant AND day <@ valid AND at <@ known
	), p AS MATERIALIZED (
		SELECT name, value FROM registry.api_parameter_known
		 WHERE tenant = for_tenant AND day <@ valid AND at <@ known
	), amounts AS (
		SELECT max(amount_fen) FILTER (WHERE kind = 'DIBAO_URBAN') AS dibao_urban,
		       max(amount_fen) FILTER (WHERE kind = 'DIBAO_RURAL') AS dibao_rural,
		       max(amount_fen) FILTER (WHERE kind = 'TEKUN_BASIC') AS tekun,
		       max(amount_fen) FILTER (WHERE kind = 'TEKUN_CARE_SELF') AS care_self,
		       max(amount_fen) FILTER (WHERE kind = 'TEKUN_CARE_HALF') AS care_half,
		       max(amount_fen) FILTER (WHERE kind = 'TEKUN_CARE_FULL') AS care_full,
		       max(amount_fen) FILTER (WHERE kind = 'DIBAO_INCREMENT_DISABLED') AS disabled,
		       max(amount_fen) FILTER (WHERE kind = 'DIBAO_INCREMENT_ILLNESS') AS illness,
		       max(amount_fen) FILTER (WHERE kind = 'DIBAO_INCREMENT_ELDER') AS elder,
		       max(amount_fen) FILTER (WHERE kind = 'DIBAO_INCREMENT_CHILD') AS child,
		       max(amount_fen) FILTER (WHERE kind = 'DISPOSABLE_INCOME_URBAN') AS disposable_urban,
		       max(amount_fen) FILTER (WHERE kind = 'DISPOSABLE_INCOME_RURAL') AS disposable_rural,
		       max(since) FILTER (WHERE kind IN ('DIBAO_URBAN', 'DIBAO_RURAL')) AS since
		  FROM a
	), parameters AS (
		SELECT jsonb_object_agg(name, value) AS v FROM p
	)
	SELECT day, dibao_urban, dibao_rural, tekun, care_self, care_half, care_full,
	       disabled, illness, elder, child,
	       (v->>'edge.ratio_percent')::integer * 10, disposable_urban, disposable_rural,
	       CASE WHEN disposable_rural IS NULL THEN 0 ELSE (v->>'rigid.spending_ratio_percent')::integer * 10 END,
	       (v->>'property.deposit_months')::integer, (v->>'property.edge_deposit_months')::integer,
	       (v->>'property.max_vehicles')::integer, (v->>'property.max_houses')::integer,
	       v->>'dibao.first_month', (v->>'check.start_workdays')::integer,
	       (v->>'notice.days')::integer, (v->>'notice.days_after_recheck')::integer,
	       (v->>'dibao.limit_days')::integer, (v->>'dibao.limit_workdays')::integer,
	       (v->>'dibao.limit_workdays_special')::integer, (v->>'refusal.notice_workdays')::integer,
	       (v->>'dibao.clergy_years')::integer, (v->>'gradual_exit.months')::integer,
	       (v->>'gradual_exit.ceiling_percent')::integer * 10,
	       (v->>'temp.township_limit_fen')::bigint, (v->>'temp.max_amount_fen')::bigint,
	       (v->>'temp.max_per_year')::integer,
	       v ? 'temp.quick_days', (v->>'temp.quick_days')::integer, v->>'hearing.required' = 'YES',
	       (v->>'fraud.max_multiple')::integer * 1000,
	       (v->>'dibao.recheck_months_a')::integer, (v->>'dibao.recheck_months_b')::integer,
	       (v->>'dibao.recheck_months_c_urban')::integer, (v->>'dibao.recheck_months_c_rural')::integer,
	       (v->>'rescue.stay_days')::integer, (v->>'rescue.unidentified_months')::integer, since
	  FROM amounts CROSS JOIN parameters
$$;

-- Days that differ from their weekday, and the first of each loaded year, for clocks that start on a day.
CREATE FUNCTION working_days(for_tenant smallint, since date) RETURNS TABLE (day date, working boolean)
LANGUAGE sql STABLE AS $$
	SELECT w.day, w.working FROM registry.api_workday w
	 WHERE w.tenant = for_tenant AND w.day BETWEEN since AND since + 140
	   AND w.working <> (extract(isodow FROM w.day) < 6)
	UNION
	SELECT w.day, w.working FROM registry.api_workday w
	 WHERE w.tenant = for_tenant
	   AND w.day IN (date_trunc('year', since)::date, (date_trunc('year', since) + interval '1 year')::date)
$$;

-- The content of an award that counts on a day, as known now.
CREATE VIEW current_content AS
	SELECT p.tenant, p.award_id, p.version, p.valid
	  FROM award_period p
	 WHERE upper_inf(p.known);
-- migrate:down
DROP VIEW current_content;
DROP FUNCTION working_days(smallint, date);
DROP FUNCTION policy_on(smallint, date, timestamptz);
