/* SPDX-License-Identifier: Apache-2.0 */
#include "kinds.h"

#include <stddef.h>
#include <string.h>

static const struct column person_columns[] = {
    {"人员编号", "id", COLUMN_TEXT, false},
    {"身份证号", "id_number", COLUMN_TEXT, true},
    {"姓名", "name", COLUMN_TEXT, true},
    {"民族", "ethnicity", COLUMN_TEXT, false},
    {"村（社区）代码", "division_code", COLUMN_TEXT, true},
    {"联系电话", "phone", COLUMN_TEXT, false},
    {"地址", "address", COLUMN_TEXT, false},
    {0},
};

static const struct column household_columns[] = {
    {"家庭编号", "household_id", COLUMN_TEXT, false},
    {"户号", "number", COLUMN_TEXT, true},
    {"村（社区）代码", "division_code", COLUMN_TEXT, true},
    {"城乡", "area", COLUMN_TEXT, true},
    {"人员编号", "person_id", COLUMN_TEXT, false},
    {"身份证号", "id_number", COLUMN_TEXT, false},
    {"与户主关系", "relation", COLUMN_TEXT, true},
    {"加入日期", "joined_on", COLUMN_DATE, true},
    {0},
};

static const struct column account_columns[] = {
    {"账户编号", "id", COLUMN_TEXT, false},
    {"人员编号", "person_id", COLUMN_TEXT, false},
    {"身份证号", "id_number", COLUMN_TEXT, false},
    {"账号", "number", COLUMN_TEXT, true},
    {"开户行", "bank", COLUMN_TEXT, true},
    {"户名", "holder", COLUMN_TEXT, true},
    {0},
};

static const struct column aid_columns[] = {
    {"编号", "id", COLUMN_TEXT, true},
    {"人员编号", "person_id", COLUMN_TEXT, true},
    {"行政区划", "division", COLUMN_NUMBER, true},
    {"救助类型", "aid_type", COLUMN_TEXT, true},
    {"原因", "cause", COLUMN_TEXT, false},
    {"金额（元）", "amount_fen", COLUMN_YUAN, true},
    {"救助日期", "granted_on", COLUMN_DATE, true},
    {0},
};

static const struct column tag_columns[] = {
    {"人员编号", "person_id", COLUMN_TEXT, true},
    {"标签", "tag", COLUMN_TEXT, true},
    {"起始日期", "starts_on", COLUMN_DATE, true},
    {"截止日期", "ends_on", COLUMN_DATE, false},
    {0},
};

static const struct column other_award_columns[] = {
    {"待遇编号", "award_id", COLUMN_TEXT, true},
    {"版本", "award_version", COLUMN_NUMBER, true},
    {"待遇项目", "programme", COLUMN_TEXT, true},
    {"人员编号", "person_id", COLUMN_TEXT, true},
    {"账户编号", "account_id", COLUMN_TEXT, false},
    {"行政区划", "division", COLUMN_NUMBER, true},
    {"月标准（元）", "amount_fen", COLUMN_YUAN, true},
    {"起始月份", "from_month", COLUMN_TEXT, true},
    {"截止月份", "to_month", COLUMN_TEXT, false},
    {"原因", "reason", COLUMN_TEXT, true},
    {"档次", "rate", COLUMN_TEXT, false},
    {0},
};

#define REGISTRY_IMPORT(kind, uploads)                                                             \
	.service = "minzheng.registry.v1.RegistryImportService", .create = "CreateRegistryImport", \
	.create_fields = "\"kind\":\"" kind "\",", .upload = uploads,                              \
	.commit = "CommitRegistryImport", .problems = "ListRegistryImportProblems", .batch = 1000

static const struct kind kinds[] = {
    {"persons", "人员", REGISTRY_IMPORT("PERSONS", "UploadPersons"), .columns = person_columns},
    {"households", "家庭成员", REGISTRY_IMPORT("HOUSEHOLDS", "UploadHouseholds"),
     .columns = household_columns},
    {"bank_accounts", "银行账户", REGISTRY_IMPORT("BANK_ACCOUNTS", "UploadBankAccounts"),
     .columns = account_columns},
    {"awards", "已有救助待遇（JSON 行）", .service = "minzheng.relief.v1.ImportService",
     .upload = "ImportAwards", .batch = 200},
    {"temp_aids", "往年临时救助", .service = "minzheng.relief.v1.ImportService",
     .upload = "ImportTempAids", .columns = aid_columns, .batch = 500},
    {"tags", "脱贫户、监测户标签", .service = "minzheng.relief.v1.ImportService",
     .upload = "ImportTags", .columns = tag_columns, .batch = 1000},
    {"other_awards", "其他条线的待遇", .service = "minzheng.payment.v1.PaymentService",
     .create = "CreateAwardImport", .create_fields = "", .upload = "UploadAwardRows",
     .commit = "CommitAwardImport", .problems = "ListAwardImportProblems",
     .columns = other_award_columns, .batch = 1000},
    {0},
};

const struct kind *
kind_find(const char *name)
{
	for (const struct kind *kind = kinds; kind->name; kind++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}

const struct kind *
kind_at(int i)
{
	return kinds[i].name ? &kinds[i] : NULL;
}
