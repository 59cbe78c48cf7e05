-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- The money of a programme is moved by one transaction at a time. Each reads what is due, paid, returned and open before it writes,
-- and a row lock would not do: of what another has committed meanwhile a statement that waited for a row sees that row alone.
-- A transaction that takes turns of several programmes takes them in the order of their codes, and locks a run's row before them.
CREATE FUNCTION take_turn(of_tenant smallint, programme text) RETURNS boolean
LANGUAGE sql VOLATILE
RETURN (SELECT pg_advisory_xact_lock(of_tenant, hashtext('payment ' || programme)) IS NOT NULL);

-- migrate:down
DROP FUNCTION take_turn;
