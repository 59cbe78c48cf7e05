-- SPDX-License-Identifier: Apache-2.0
-- What a refused constraint says to the caller (common/svc/failure.h).
-- migrate:up
COMMENT ON CONSTRAINT maker_is_not_checker ON application IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON award_change IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT maker_is_not_checker ON grant_batch IS '经办人不能审批自己经办的事项，请换一人审批';
COMMENT ON CONSTRAINT confirmed_has_award ON application IS '确认的申请必须有待遇，请先核定待遇再确认';
COMMENT ON CONSTRAINT one_version_a_day ON award_period IS '待遇的这一段时间已有另一版本，请刷新后再办';
COMMENT ON CONSTRAINT hearing_before_adverse_decision ON award_change IS '对救助对象不利的决定须先听取其陈述和申辩，请先登记听取的日期';
-- migrate:down
COMMENT ON CONSTRAINT maker_is_not_checker ON application IS NULL;
COMMENT ON CONSTRAINT maker_is_not_checker ON award_change IS NULL;
COMMENT ON CONSTRAINT maker_is_not_checker ON grant_batch IS NULL;
COMMENT ON CONSTRAINT confirmed_has_award ON application IS NULL;
COMMENT ON CONSTRAINT one_version_a_day ON award_period IS NULL;
COMMENT ON CONSTRAINT hearing_before_adverse_decision ON award_change IS NULL;
