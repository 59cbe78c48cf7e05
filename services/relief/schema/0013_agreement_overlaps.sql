-- SPDX-License-Identifier: Apache-2.0
-- What a refused constraint says to the caller (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT care_agreement_tenant_person_id_daterange_excl ON care_agreement IS
	'AGREEMENT_OVERLAPS 此人在这段时间已有照料协议，请先终止原协议，或更正起止日期';
-- migrate:down
COMMENT ON CONSTRAINT care_agreement_tenant_person_id_daterange_excl ON care_agreement IS NULL;
