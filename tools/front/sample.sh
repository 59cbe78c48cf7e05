# SPDX-License-Identifier: Apache-2.0
# Loads the sample year through the services' own rpcs, once; then prints section 二 of its summary.

sample=$home/sample

# A step that is done is not done again: each leaves a mark. All of them may be repeated safely.
once() { # NAME WHAT command…
	mark=$sample/$1.done
	shift
	[ ! -e "$mark" ] || return 0
	say "样本年：$1"
	shift
	"$@" || die "样本年没有装完；改好后再执行 ./minzheng up，会接着做"
	: >"$mark"
}

as_service mkdir -p "$sample"

list_divisions() {
	token=''
	: >"$sample/divisions.json"
	while :; do
		page=$(mz call minzheng.registry.v1.DivisionService/ListDivisions "{\"pageSize\":200,\"pageToken\":\"$token\"}" --as importer@500114) || return 1
		printf '%s\n' "$page" >>"$sample/divisions.json"
		token=$(printf '%s' "$page" | sed -n 's/.*"nextPageToken":"\([^"]*\)".*/\1/p')
		[ -n "$token" ] || return 0
	done
}

make_password() {
	as_service sh -c 'umask 077; printf "Mz-%s\n" "$(od -An -N12 -tx1 /dev/urandom | tr -d " \n")" >"$1"' sh "$home/keys/sample-password"
}

# The first administrators are made by whoever may read the key file: the services' user.
load_accounts() {
	mz_as_service accounts bootstrap --sample &&
		mz accounts load "$top/services/identity/sample/accounts.tsv"
}

# Another sample than the one of the summary: MINZHENG_SAMPLE='--seed 7 --scale 110'. Its figures are not the summary's then.
# shellcheck disable=SC2086
make_files() { as_service "$home/bin/year2024" ${MINZHENG_SAMPLE:-} "$sample/divisions.json" "$sample/files"; }

load() { mz load "$1" "$sample/files/$2" --as importer@500114 --at 2024-01-02T09:00:00+08:00; }

once password 样本账号口令 make_password
once accounts 账号 load_accounts
once divisions 行政区划 list_divisions
once files 生成文件 make_files
once persons 人员 load persons persons.csv
# Two at a time, of those that need nothing of each other: each keeps one connection busy.
once households 家庭 load households households.csv &
once bank_accounts 银行账户 load bank_accounts bank_accounts.csv
wait $!
once other_awards 其他条线待遇 load other_awards other_lines.csv &
once awards 在享待遇 load awards awards.jsonl
once jingjian 精简退职 load awards jingjian.jsonl
once temp_aids 上年临时救助 load temp_aids temp_aids_2023.csv
once tags 标签 load tags tags.csv
wait $!
once analysed 统计信息 owner_sql minzheng -c ANALYZE
for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
	once "replay-$month" "2024年${month}月" mz replay "$sample/files/2024-$month.calls"
done
once published 总结原文 mz report 2024 --published "$top/tools/year2024/summary-2024.txt" --as policy@500114
mz report 2024 --section 2
