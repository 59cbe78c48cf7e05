-- SPDX-License-Identifier: Apache-2.0
-- The reason of a refused constraint is the one that decisions give (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON application IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON award_change IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON grant_batch IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT dibao_household_claim_pkey ON dibao_household_claim IS
	'PLACE_HELD 家庭成员已在另一户或其他区县享受低保：请核实是否同一人，是的先由那里停发，不是的更正证件号码后再办';
COMMENT ON CONSTRAINT tekun_claim_pkey ON tekun_claim IS
	'PLACE_HELD 此人已在其他区县享受特困供养：请核实是否同一人，是的先由那里停发，不是的更正证件号码后再办';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON application IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON award_change IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON grant_batch IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT dibao_household_claim_pkey ON dibao_household_claim IS NULL;
COMMENT ON CONSTRAINT tekun_claim_pkey ON tekun_claim IS NULL;
