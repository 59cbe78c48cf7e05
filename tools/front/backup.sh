# SPDX-License-Identifier: Apache-2.0
# Backup and restore. A backup is a few lines of text (what it is, which keys its data need), an empty line, and a pg_dump.
# The keys themselves are never in it: whoever finds it cannot read an ID number. They are kept apart (README).

backup_head='minzheng-backup 1'

key_list() { as_service "$home/bin/mz" keys list "$home/keys/keys"; }

owner_tool() { # pg_dump or pg_restore, as the owner
	tool=$1
	shift
	as_service env PGPASSFILE="$home/keys/owner.pgpass" "$(pg_bin)/$tool" -h "$home/run" -p "$pg_port" -U owner "$@"
}

do_backup() {
	[ $# = 1 ] || die '用法：./minzheng backup 文件'
	prepare_home
	pg_running || die 'PostgreSQL 没有运行，请先 ./minzheng up'
	keys=$(key_list) || die '密钥文件读不出来，备份以后无法核对密钥；请先处理'
	new=$1.new
	trap 'rm -f "$new"' EXIT
	trap 'exit 130' INT TERM
	(
		umask 077
		{ printf '%s\n%s\n\n' "$backup_head" "$keys" && owner_tool pg_dump -Fc minzheng; } >"$new"
	) || die "备份没有完成，$1 未改动"
	mv "$new" "$1"
	say "已备份到 $1；密钥 $home/keys/keys 不在其中，请另行保存到别处"
}

# The keys that a backup needs are all here: otherwise its data could be loaded and never read.
check_backup() { # FILE
	exec 3<"$1"
	IFS= read -r line <&3 && [ "$line" = "$backup_head" ] || die "$1 不是 ./minzheng backup 写的文件，没有改动任何数据"
	mine=$(key_list) || die "密钥文件 $home/keys/keys 读不出来，没有改动任何数据"
	while IFS= read -r line <&3 && [ -n "$line" ]; do
		printf '%s\n' "$mine" | grep -qxF "$line" || {
			say "缺少密钥 ${line% *}（指纹 ${line##* }）"
			die "$home/keys/keys 不是这份备份的密钥文件，没有改动任何数据；请放回备份当时另存的那一份"
		}
	done
	exec 3<&-
}

# All of it goes into a database beside the one in use, which is replaced only when nothing is missing.
do_restore() {
	[ $# = 1 ] && [ -r "$1" ] || die '用法：./minzheng restore 文件（文件要读得到）'
	set -- "$(readlink -f "$1")" # building changes the folder
	prepare_programs
	[ -f "$home/keys/keys" ] ||
		die "请先把密钥文件放回 $home/keys/keys（属主 $(as_service id -un)，权限 0600）；没有它，备份里的密文解不开"
	check_backup "$1"
	pg_start
	make_roles
	owner_sql postgres -c 'DROP DATABASE IF EXISTS minzheng_restored' -c 'CREATE DATABASE minzheng_restored' 2>/dev/null
	LC_ALL=C sed '1,/^$/d' "$1" | owner_tool pg_restore -d minzheng_restored --exit-on-error 2>"$home/log/restore.log" &&
		owner_sql minzheng_restored -c ANALYZE || {
		owner_sql postgres -c 'DROP DATABASE minzheng_restored'
		tail -n 3 "$home/log/restore.log" >&2
		die "$1 不完整或已损坏，没有改动任何数据；请换一份备份"
	}
	for name in $(service_names); do stop_service "$name"; done
	owner_sql postgres -c 'DROP DATABASE minzheng WITH (FORCE)' -c 'ALTER DATABASE minzheng_restored RENAME TO minzheng'
	say '已恢复；执行 ./minzheng up --no-sample 启动服务'
}

# Roles are the cluster's, not the database's, so a dump does not bring them.
make_roles() {
	for role in minzheng minzheng_owner $(service_names); do
		case $role in
		minzheng*) login=NOLOGIN ;;
		*) login=LOGIN ;;
		esac
		owner_sql postgres -c "SELECT FROM pg_roles WHERE rolname = '$role'" | grep -q '(1 row)' ||
			owner_sql postgres -c "CREATE ROLE $role $login"
		[ $login = NOLOGIN ] || owner_sql postgres -c "GRANT minzheng TO $role" 2>/dev/null
	done
}
