-- SPDX-License-Identifier: Apache-2.0
-- All SQL of identity, by rpc (common/svc/queries.h). Sessions, locks and tokens go by the real clock.

-- == sessions =========================================================================================================

-- A login name ends in its division's code, so it says the tenant.
-- rpc Login load
SELECT tenant, password_hash, must_change, failures, coalesce(locked_until > :now_real, false) AS is_locked, id AS "account.id",
	login AS "account.login", name AS "account.name", state AS "account.state"
FROM account
WHERE login = :login
FOR UPDATE
-- rpc Login load
SELECT :now_real::timestamptz AS now_real
-- rpc Login store
UPDATE account SET failures = :failures, locked_until = :locked_until
WHERE tenant = :tenant AND id = :account_id
-- rpc Login store
INSERT INTO session (tenant, id, account_id, token_hash, kind, label, created_at, expires_at, absolute_until)
SELECT :tenant, :session.id, :account_id, :token_hash, 'SESSION', '', :session.created_at, :session.expires_at,
	:absolute_until
WHERE :session.id::uuid IS NOT NULL

-- rpc ExtendSession load session
SELECT id, kind, label, created_at, expires_at FROM session
WHERE tenant = :caller.tenant AND id = :id AND account_id = :caller.id AND revoked_at IS NULL AND expires_at > :now_real
FOR UPDATE
-- rpc ExtendSession load
SELECT absolute_until, :now_real::timestamptz AS now_real FROM session
WHERE tenant = :caller.tenant AND id = :id AND account_id = :caller.id
-- rpc ExtendSession store expect 1
UPDATE session SET expires_at = :reply.expires_at WHERE tenant = :caller.tenant AND id = :id

-- rpc Logout store
UPDATE session SET revoked_at = :now_real, revoked_by = :caller.id
WHERE tenant = :caller.tenant AND account_id = :caller.id AND revoked_at IS NULL AND (:id::uuid IS NULL OR id = :id)

-- rpc ListSessions reply sessions
SELECT id, kind, label, created_at, expires_at FROM session
WHERE tenant = :caller.tenant AND account_id = :caller.id AND revoked_at IS NULL AND expires_at > :now_real
	AND (:after.id::uuid IS NULL OR id < :after.id)
ORDER BY id DESC
LIMIT :page.limit

-- rpc GetSelf reply
SELECT a.id AS account_id, a.login, a.name, a.department, a.must_change AS must_change_password,
	ARRAY(SELECT DISTINCT g.role FROM acting x
		JOIN account_role g ON g.tenant = x.tenant AND g.account_id = x.acts_as
		WHERE x.tenant = a.tenant AND x.account_id = a.id ORDER BY g.role) AS roles,
	:caller.permissions::text[] AS permissions,
	ARRAY(SELECT DISTINCT d.division_id FROM acting x
		JOIN account_division d ON d.tenant = x.tenant AND d.account_id = x.acts_as
		WHERE x.tenant = a.tenant AND x.account_id = a.id ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND a.id = :caller.id

-- rpc ChangePassword load
SELECT login, password_hash FROM account WHERE tenant = :caller.tenant AND id = :caller.id FOR UPDATE
-- rpc ChangePassword store expect 1
UPDATE account SET password_hash = :password_hash, must_change = false, password_set_at = :now_real, version = version + 1
WHERE tenant = :caller.tenant AND id = :caller.id
-- rpc ChangePassword store
UPDATE session SET revoked_at = :now_real, revoked_by = :caller.id
WHERE tenant = :caller.tenant AND account_id = :caller.id AND kind = 'SESSION' AND revoked_at IS NULL

-- rpc CreateAccessToken load kind
SELECT kind FROM account WHERE tenant = :caller.tenant AND id = :caller.id
-- rpc CreateAccessToken load
SELECT :now_real::timestamptz AS now_real
-- rpc CreateAccessToken store expect 1
INSERT INTO session (tenant, id, account_id, token_hash, kind, label, created_at, expires_at, absolute_until)
VALUES (:caller.tenant, :session.id, :caller.id, :token_hash, 'ACCESS_TOKEN', :label, :session.created_at,
	:session.expires_at, :session.expires_at)

-- == accounts =========================================================================================================

-- rpc Bootstrap load n_accounts
SELECT count(*) FROM account WHERE tenant = :caller.tenant

-- rpc ProposeAccounts load existing
SELECT a.id, a.version, a.login, a.kind, a.duty, a.name, a.department, a.state,
	ARRAY(SELECT g.role FROM account_role g WHERE g.tenant = a.tenant AND g.account_id = a.id ORDER BY g.role) AS roles,
	ARRAY(SELECT d.division_id FROM account_division d WHERE d.tenant = a.tenant AND d.account_id = a.id
		ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND a.login = ANY(:rows.account.login::text[])
-- rpc ProposeAccounts load roles
-- rpc ProposeRights load roles
SELECT code, duty, name FROM role WHERE tenant = :caller.tenant
-- rpc ProposeAccounts load division_ids
-- rpc ProposeRights load division_ids
SELECT DISTINCT division_id FROM registry.api_division WHERE tenant = :caller.tenant
-- rpc ProposeAccounts store
INSERT INTO account (tenant, id, login, kind, duty, name, department, state, password_hash, must_change, proposed_by,
	proposed_at)
SELECT :caller.tenant, n.id, n.login, n.kind, n.duty, n.name, n.department, 'PROPOSED', n.password_hash, n.must_change,
	:caller.id, :now
FROM unnest(:accounts.id::uuid[], :accounts.login::text[], :accounts.kind::text[], :accounts.duty::text[],
	:accounts.name::text[], :accounts.department::text[], :accounts.password_hash::text[], :accounts.must_change::bool[])
	AS n(id, login, kind, duty, name, department, password_hash, must_change)
-- rpc Bootstrap store expect 3
INSERT INTO account (tenant, id, login, kind, duty, name, department, state, password_hash, must_change, proposed_at)
SELECT :caller.tenant, n.id, n.login, n.kind, n.duty, n.name, n.department, 'ACTIVE', n.password_hash, n.must_change, :now
FROM unnest(:accounts.id::uuid[], :accounts.login::text[], :accounts.kind::text[], :accounts.duty::text[],
	:accounts.name::text[], :accounts.department::text[], :accounts.password_hash::text[], :accounts.must_change::bool[])
	AS n(id, login, kind, duty, name, department, password_hash, must_change)

-- rpc ApproveAccounts load accounts
SELECT id, login, state, proposed_by FROM account
WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[])
ORDER BY id
FOR UPDATE
-- rpc ApproveAccounts store expect :approved::bigint
UPDATE account SET state = 'ACTIVE', approved_by = :caller.id, approved_at = :now, version = version + 1
WHERE tenant = :caller.tenant AND id = ANY(:ids::uuid[]) AND state = 'PROPOSED'

-- rpc GetAccount reply
SELECT a.id, a.version, a.login, a.kind, a.duty, a.name, a.department, a.state, a.locked_until,
	ARRAY(SELECT g.role FROM account_role g WHERE g.tenant = a.tenant AND g.account_id = a.id ORDER BY g.role) AS roles,
	ARRAY(SELECT d.division_id FROM account_division d WHERE d.tenant = a.tenant AND d.account_id = a.id
		ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND a.id = :id

-- rpc ListAccounts reply accounts
SELECT a.id, a.version, a.login, a.kind, a.duty, a.name, a.department, a.state, a.locked_until,
	ARRAY(SELECT g.role FROM account_role g WHERE g.tenant = a.tenant AND g.account_id = a.id ORDER BY g.role) AS roles,
	ARRAY(SELECT d.division_id FROM account_division d WHERE d.tenant = a.tenant AND d.account_id = a.id
		ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND starts_with(a.login, :prefix)
	AND (:state::text = 'STATE_UNSPECIFIED' OR a.state = :state) AND (:after.login::text IS NULL OR a.login > :after.login)
ORDER BY a.login
LIMIT :page.limit

-- rpc DisableAccount load account
-- rpc UnlockAccount load account
-- rpc ResetPassword load account
SELECT id, version, login, kind, duty, name, department, state, locked_until FROM account
WHERE tenant = :caller.tenant AND id = :id
FOR UPDATE
-- rpc ProposeRights load account
SELECT id, version, login, kind, duty, name, department, state FROM account
WHERE tenant = :caller.tenant AND id = :account_id
FOR UPDATE
-- rpc DisableAccount store expect 1
UPDATE account SET state = 'DISABLED', version = :reply.version
WHERE tenant = :caller.tenant AND id = :id AND version = :version
-- rpc UnlockAccount store expect 1
UPDATE account SET failures = 0, locked_until = NULL, version = :reply.version WHERE tenant = :caller.tenant AND id = :id
-- rpc ResetPassword store expect 1
UPDATE account SET password_hash = :password_hash, must_change = true, password_set_at = :now_real, failures = 0,
	locked_until = NULL, version = :reply.version
WHERE tenant = :caller.tenant AND id = :id
-- rpc DisableAccount store
-- rpc ResetPassword store
UPDATE session SET revoked_at = :now_real, revoked_by = :caller.id
WHERE tenant = :caller.tenant AND account_id = :id AND revoked_at IS NULL

-- == rights ===========================================================================================================

-- rpc ProposeRights load waiting_id
SELECT id FROM rights_change WHERE tenant = :caller.tenant AND account_id = :account_id AND state = 'PROPOSED'
-- rpc ProposeRights store expect 1
INSERT INTO rights_change (tenant, id, account_id, roles, divisions, reason, state, proposed_by, proposed_at)
VALUES (:caller.tenant, :reply.id, :account_id, :roles, :divisions, :reason, 'PROPOSED', :caller.id, :now)

-- rpc DecideRights load change
SELECT id, version, account_id, roles, divisions, reason, state, proposed_by, proposed_at, decided_by FROM rights_change
WHERE tenant = :caller.tenant AND id = :id
FOR UPDATE
-- rpc DecideRights load account
SELECT a.id, a.version, a.login, a.duty, a.state
FROM rights_change c
JOIN account a ON a.tenant = c.tenant AND a.id = c.account_id
WHERE c.tenant = :caller.tenant AND c.id = :id
FOR UPDATE OF a
-- rpc DecideRights store expect 1
UPDATE rights_change SET state = :reply.state, version = :reply.version, decided_by = :caller.id, decided_at = :now
WHERE tenant = :caller.tenant AND id = :id AND version = :version
-- rpc DecideRights store
DELETE FROM account_role WHERE tenant = :caller.tenant AND account_id = :replaced_id
-- rpc DecideRights store
DELETE FROM account_division WHERE tenant = :caller.tenant AND account_id = :replaced_id
-- rpc Bootstrap store
-- rpc ProposeAccounts store
-- rpc DecideRights store
INSERT INTO account_role (tenant, account_id, role, duty)
SELECT :caller.tenant, g.account_id, g.role, g.duty
FROM unnest(:grants.account_id::uuid[], :grants.role::text[], :grants.duty::text[]) AS g(account_id, role, duty)
-- rpc ProposeAccounts store
-- rpc DecideRights store
INSERT INTO account_division (tenant, account_id, division_id)
SELECT :caller.tenant, p.account_id, p.division_id
FROM unnest(:places.account_id::uuid[], :places.division_id::bigint[]) AS p(account_id, division_id)

-- rpc ListRightsChanges reply changes
SELECT id, version, account_id, roles, divisions, reason, state, proposed_by, proposed_at, decided_by FROM rights_change
WHERE tenant = :caller.tenant AND (NOT :open_only OR state = 'PROPOSED') AND (:after.id::uuid IS NULL OR id < :after.id)
ORDER BY id DESC
LIMIT :page.limit

-- rpc ListRoles reply roles
SELECT code, duty, name, permissions FROM role
WHERE tenant = :caller.tenant AND (:after.code::text IS NULL OR code > :after.code)
ORDER BY code
LIMIT :page.limit

-- == delegations ======================================================================================================

-- rpc CreateDelegation load from
SELECT a.id, a.login, a.duty, a.state,
	ARRAY(SELECT g.role FROM account_role g WHERE g.tenant = a.tenant AND g.account_id = a.id ORDER BY g.role) AS roles,
	ARRAY(SELECT d.division_id FROM account_division d WHERE d.tenant = a.tenant AND d.account_id = a.id
		ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND a.id = :caller.id
FOR UPDATE
-- rpc CreateDelegation load to
SELECT a.id, a.login, a.duty, a.state,
	ARRAY(SELECT g.role FROM account_role g WHERE g.tenant = a.tenant AND g.account_id = a.id ORDER BY g.role) AS roles,
	ARRAY(SELECT d.division_id FROM account_division d WHERE d.tenant = a.tenant AND d.account_id = a.id
		ORDER BY d.division_id) AS divisions
FROM account a
WHERE a.tenant = :caller.tenant AND a.id = :delegation.to_account_id
-- rpc CreateDelegation load overlapping_id
SELECT id FROM delegation
WHERE tenant = :caller.tenant AND from_account_id = :caller.id AND ended_at IS NULL
	AND valid && daterange(least(:delegation.valid_from::date, :delegation.valid_to::date), :delegation.valid_to, '[]')
LIMIT 1
-- rpc CreateDelegation store expect 1
INSERT INTO delegation (tenant, id, from_account_id, to_account_id, valid, reason, created_at)
VALUES (:caller.tenant, :reply.id, :caller.id, :reply.to_account_id,
	daterange(:reply.valid_from, :reply.valid_to, '[]'), :reply.reason, :now_real)

-- rpc EndDelegation load delegation
SELECT id, version, from_account_id, to_account_id, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason, ended_at
FROM delegation
WHERE tenant = :caller.tenant AND id = :id AND from_account_id = :caller.id
FOR UPDATE
-- rpc EndDelegation store expect 1
UPDATE delegation SET version = :reply.version, ended_at = :now_real
WHERE tenant = :caller.tenant AND id = :id AND version = :version

-- rpc ListDelegations reply delegations
SELECT id, version, from_account_id, to_account_id, lower(valid) AS valid_from, upper(valid) - 1 AS valid_to, reason, ended_at
FROM delegation
WHERE tenant = :caller.tenant AND (from_account_id = :caller.id OR to_account_id = :caller.id)
	AND (:after.id::uuid IS NULL OR id < :after.id)
ORDER BY id DESC
LIMIT :page.limit
