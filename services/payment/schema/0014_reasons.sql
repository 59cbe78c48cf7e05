-- SPDX-License-Identifier: Apache-2.0
-- migrate:up
-- The reason of a refused constraint is the one that decisions give (common/svc/failure.h).
ALTER TABLE payment_run RENAME CONSTRAINT payment_run_check1 TO maker_is_not_checker;
ALTER TABLE payment_run RENAME CONSTRAINT payment_run_check2 TO maker_is_not_approver;
ALTER TABLE recovery_case RENAME CONSTRAINT recovery_case_check TO maker_is_not_approver;
COMMENT ON CONSTRAINT maker_is_not_checker ON payment_run IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_approver ON payment_run IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_approver ON recovery_case IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';

-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON payment_run IS NULL;
COMMENT ON CONSTRAINT maker_is_not_approver ON payment_run IS NULL;
COMMENT ON CONSTRAINT maker_is_not_approver ON recovery_case IS NULL;
ALTER TABLE payment_run RENAME CONSTRAINT maker_is_not_checker TO payment_run_check1;
ALTER TABLE payment_run RENAME CONSTRAINT maker_is_not_approver TO payment_run_check2;
ALTER TABLE recovery_case RENAME CONSTRAINT maker_is_not_approver TO recovery_case_check;
