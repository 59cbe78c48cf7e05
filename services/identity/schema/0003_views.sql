-- SPDX-License-Identifier: Apache-2.0
-- What identity publishes. api_session is what every service authenticates with: a live token's account, and the
-- rights of its own roles and divisions and of those it stands in for today. Who must change the password first may do
-- nothing else.
-- migrate:up
CREATE VIEW acting AS
	SELECT tenant, id AS account_id, id AS acts_as FROM account
	UNION ALL
	SELECT tenant, to_account_id, from_account_id FROM delegation
	WHERE ended_at IS NULL AND (now() AT TIME ZONE 'Asia/Shanghai')::date <@ valid;

CREATE VIEW api_session AS
	SELECT s.token_hash, s.tenant, s.account_id, a.login AS account_name,
		CASE WHEN a.must_change THEN ARRAY['identity.self'] ELSE ARRAY(SELECT DISTINCT p
			FROM acting x
			JOIN account o ON o.tenant = x.tenant AND o.id = x.acts_as AND o.state = 'ACTIVE'
			JOIN account_role g ON g.tenant = x.tenant AND g.account_id = x.acts_as
			JOIN role r ON r.tenant = g.tenant AND r.code = g.role
			CROSS JOIN unnest(r.permissions) p
			WHERE x.tenant = s.tenant AND x.account_id = s.account_id
			ORDER BY p) END AS permissions,
		ARRAY(SELECT DISTINCT d.division_id
			FROM acting x
			JOIN account o ON o.tenant = x.tenant AND o.id = x.acts_as AND o.state = 'ACTIVE'
			JOIN account_division d ON d.tenant = x.tenant AND d.account_id = x.acts_as
			WHERE x.tenant = s.tenant AND x.account_id = s.account_id
			ORDER BY d.division_id) AS division_roots,
		false AS system, s.expires_at
	FROM session s
	JOIN account a ON a.tenant = s.tenant AND a.id = s.account_id
	WHERE s.revoked_at IS NULL AND s.expires_at > now() AND a.state = 'ACTIVE';

CREATE VIEW api_account AS
	SELECT tenant, id AS account_id, login, name, department, kind, duty, state FROM account;

GRANT SELECT ON api_session, api_account TO minzheng;
-- migrate:down
DROP VIEW api_account, api_session, acting;
