-- SPDX-License-Identifier: Apache-2.0
-- What a refused constraint says to the caller (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON person_merge IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON bank_account IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT active_is_approved ON bank_account IS '银行账户须经另一人批准后才能启用';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON person_merge IS NULL;
COMMENT ON CONSTRAINT maker_is_not_checker ON bank_account IS NULL;
COMMENT ON CONSTRAINT active_is_approved ON bank_account IS NULL;
