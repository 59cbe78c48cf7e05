-- SPDX-License-Identifier: Apache-2.0
-- The reason of a refused constraint is the one that decisions give (common/svc/failure.h): of two who register a number at the
-- same moment the second is told what the later ones are told.
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON person_merge IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON bank_account IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT id_claim_pkey ON id_claim IS 'ID_TAKEN 该证件号码刚由他人登记：请用号码查询，是同一人的用那条记录办理，不是的请核对证件后更正号码';
COMMENT ON CONSTRAINT spouse_claim_pkey ON spouse_claim IS 'ALREADY_SO 其中一方已登记有配偶（可能在其他区县）：请先由那里登记离婚或配偶死亡，或更正登记错的婚姻';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON person_merge IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON bank_account IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT id_claim_pkey ON id_claim IS NULL;
COMMENT ON CONSTRAINT spouse_claim_pkey ON spouse_claim IS NULL;
