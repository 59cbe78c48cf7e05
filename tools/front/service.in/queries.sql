-- SPDX-License-Identifier: Apache-2.0
-- All SQL of example, by rpc (common/svc/queries.h).

-- rpc GetExampleFile reply
SELECT id, division_id, title, opened_at FROM file
WHERE tenant = :caller.tenant AND id = :id AND division_id = ANY(:caller.divisions)

-- rpc OpenExampleFile load division_id
SELECT division_id FROM registry.api_division
WHERE tenant = :caller.tenant AND division_id = :division_id AND division_id = ANY(:caller.divisions)
	AND :today::date <@ valid AND upper_inf(known)
-- rpc OpenExampleFile store expect 1
INSERT INTO file (tenant, id, division_id, title, opened_at)
VALUES (:caller.tenant, :reply.id, :reply.division_id, :reply.title, :now)
