-- SPDX-License-Identifier: Apache-2.0
-- The roles of a bureau. A permission is service.resource.verb; `*` stands for any one word of it. What each rpc needs
-- is declared beside it in proto/ (minzheng.options.v1.method).
-- migrate:up
INSERT INTO role (tenant, code, duty, name, permissions)
SELECT 1, code, duty, name, string_to_array('identity.self ' || permissions, ' ')
FROM (VALUES
	('township_clerk', 'BUSINESS', '乡镇街道经办', 'identity.delegation.create registry.*.read registry.person.* registry.fact.record '
		'registry.household.* registry.bank_account.propose registry.merge.propose relief.*.read relief.application.accept '
		'relief.application.create relief.application.survey relief.application.opinion relief.application.publicise '
		'relief.application.object relief.check.* relief.award.propose relief.award.hear relief.lead.* relief.temp_aid.* '
		'relief.care.* relief.insurance.enrol relief.batch.create payment.run.read payment.recovery.read '
		'payment.recovery.plan svc.reason.read svc.indicator.*'),
	('bureau_clerk', 'BUSINESS', '区局经办', 'identity.delegation.create registry.*.read registry.person.* registry.fact.record '
		'registry.household.* registry.bank_account.propose registry.merge.propose relief.*.read relief.application.accept '
		'relief.application.archive relief.application.create relief.application.survey relief.application.opinion '
		'relief.application.publicise relief.application.object relief.check.* relief.award.propose relief.award.hear '
		'relief.award.recalculate relief.lead.* relief.temp_aid.* relief.care.* relief.insurance.* relief.batch.create '
		'relief.facility.create relief.rescue.* payment.run.read payment.run.create payment.hold.resolve '
		'payment.recovery.read payment.recovery.plan svc.reason.read svc.indicator.* report.summary.read'),
	('bureau_approver', 'BUSINESS', '区局审批', 'identity.delegation.create registry.*.read registry.merge.approve '
		'registry.bank_account.approve relief.*.read relief.application.decide relief.award.decide relief.award.hear '
		'relief.batch.approve relief.temp_aid.* payment.*.read payment.run.approve payment.recovery.write_off '
		'svc.reason.read svc.indicator.* report.summary.read'),
	('accountant', 'BUSINESS', '资金发放', 'identity.delegation.create registry.*.read relief.award.read payment.*.read '
		'payment.run.create payment.run.check payment.run.send payment.hold.resolve payment.bank.* payment.recovery.plan '
		'svc.reason.read svc.indicator.* report.summary.read'),
	('rescue_station', 'BUSINESS', '救助站', 'identity.delegation.create registry.*.read registry.person.create relief.rescue.* '
		'relief.facility.* relief.temp_aid.read svc.reason.read'),
	('policy_keeper', 'BUSINESS', '政策维护', 'registry.policy.* registry.division.* report.*.* svc.reason.read svc.indicator.*'),
	('data_importer', 'BUSINESS', '数据导入', 'registry.*.read registry.import.write relief.*.read relief.import.run '
		'payment.*.read payment.award.import svc.reason.read svc.indicator.*'),
	('report_reader', 'BUSINESS', '统计查阅', 'report.summary.read svc.indicator.* svc.reason.read'),
	('clear_text', 'BUSINESS', '明文查看（须写明事由）', 'identity.unmask registry.unmask relief.unmask payment.unmask report.unmask'),
	('department', 'BUSINESS', '部门共享接口', 'identity.token.create svc.event.read svc.reason.read registry.division.read '
		'registry.policy.read registry.person.read registry.fact.record relief.check.record relief.lead.report relief.public.read'),
	('sample_operator', 'BUSINESS', '样本年操作（只对测试时钟有效）', 'clock.set svc.job.run svc.event.read'),
	('system_admin', 'SYSTEM', '系统管理员', 'identity.account.propose identity.account.read identity.rights.propose '
		'identity.role.read svc.job.run svc.reason.read'),
	('security_admin', 'SECURITY', '安全管理员', 'identity.account.approve identity.account.read identity.role.read svc.reason.read'),
	('auditor', 'AUDIT', '审计管理员', 'svc.audit.read identity.account.read identity.role.read svc.reason.read svc.indicator.* report.summary.read')
) AS r(code, duty, name, permissions);
-- migrate:down
DELETE FROM role WHERE tenant = 1;
