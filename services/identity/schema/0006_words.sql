-- SPDX-License-Identifier: Apache-2.0
-- What a refused constraint says to the caller (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON account IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON rights_change IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT active_is_approved ON account IS '账号须经另一人批准后才能启用';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON account IS NULL;
COMMENT ON CONSTRAINT maker_is_not_checker ON rights_change IS NULL;
COMMENT ON CONSTRAINT active_is_approved ON account IS NULL;
