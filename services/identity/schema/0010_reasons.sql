-- SPDX-License-Identifier: Apache-2.0
-- The reason of a refused constraint is the one that decisions give (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON account IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON rights_change IS 'MAKER_IS_CHECKER 经办人不能审批自己经办的事项，请换一人审批';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON account IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON rights_change IS '经办人不能审批自己经办的事项，请换一人审批';
